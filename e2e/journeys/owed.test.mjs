// 容缺受理: the applicant has no lease and no water report at hand, undertakes on the page of the case to bring them, the
// window accepts, and the papers are brought one after the other.
import { after } from "node:test";
import { actFor, begin, handIn, ITEM, pages } from "../lib/application.mjs";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

const LEASE = (say) => say("房屋租赁合同", "Lease");
const WATER = (say) => say("水质检测报告", "Water test report");
const UNDERTAKING = (say) => say("本单位承诺：暂缺的材料自受理之日起10个工作日内补齐", "We undertake to bring what is missing within 10 working days");

/** The usual pages, of somebody who rents and has a well: two more papers, which may come later. */
function lacking(say) {
  const other = {
    [say("店面是怎么来的 > 自己的房产", "How do you hold the premises > Our own")]: say("店面是怎么来的 > 租的", "How do you hold the premises > Rented"),
    [say("用水来自哪里 > 自来水", "Where does your water come from > The city's supply")]: say("用水来自哪里 > 自备水源", "Where does your water come from > Our own source"),
  };
  const chosen = (fill) => Object.fromEntries(Object.entries(fill).map(([label, value]) => [other[label] ?? label, value]));
  return [
    ...pages(say).map((step) => (step.fill ? { ...step, fill: chosen(step.fill) } : step)),
    {
      see: [say("缺的材料以后补", "What is missing may follow"), UNDERTAKING(say)],
      fill: { [say("是否承诺按期补齐 > 否", "Do you undertake to bring them in time > No")]: true },
      press: say("保存并继续", "Save and continue"),
    },
  ];
}

const apply = (say) => [
  { as: "agent" },
  ...actFor(say),
  { open: "/hall/food-business-new", see: say(...ITEM) },
  { press: say("开始办理", "Start") },
  ...begin(say),
  ...lacking(say),
  handIn(say),
  { keep: { no: "[data-receipt] @data-receipt" } },
];

const undertake = (say) => [
  { open: "/my/case/${no}", see: [say("缺的材料可以后补", "What is missing may come later"), LEASE(say), WATER(say), UNDERTAKING(say)], check: "owed-undertake" },
  { press: say("承诺按期补齐", "Undertake to bring it in time"), see: say("请勾选", "tick the box"), check: "owed-undertake-refused" },
  { fill: { [UNDERTAKING(say)]: true } },
  { press: say("承诺按期补齐", "Undertake to bring it in time"), at: "/my/case/${no}", miss: say("请勾选", "tick the box") },
];

const accept = (say) => [
  { as: "clerk", open: "/desk/casework/${no}", see: [say("缺，可以后补", "Missing, may come later"), say("已承诺", "Undertaken")] },
  { press: say("容缺受理", "Accept, papers to follow"), at: "/desk/casework/*" },
  { press: say("容缺受理", "Accept, papers to follow"), at: "/desk/casework/${no}", see: say("欠交", "Owed") },
];

const bring = (say) => [
  { as: "agent", open: "/my/case/${no}", see: [say("补齐容缺材料", "Bring the papers that are owed"), say("证照不发", "the licence waits")], check: "owed-bring" },
  { press: say("补交这些", "Hand these in"), see: say("错误", "Error"), check: "owed-bring-refused" },
  { upload: { [LEASE(say)]: "lease.pdf" } },
  { press: say("补交这些", "Hand these in"), at: "/my/case/${no}", see: ["lease.pdf", say("补齐容缺材料", "Bring the papers that are owed")], check: "owed-half" },
  { upload: { [WATER(say)]: "report.png" } },
  { press: say("补交这些", "Hand these in"), see: ["report.png", say("容缺材料已补齐", "Everything that was owed has come")], miss: say("补交这些", "Hand these in"), check: "owed-brought" },
  { as: "clerk", open: "/desk/casework/${no}", see: say("已补齐", "Brought"), miss: say("欠交", "Owed") },
];

journey("papers that come later", {
  ways: ["mouse", "keyboard", "plain", "phone", "english"],
  steps: (say) => [...apply(say), ...undertake(say), ...accept(say), ...bring(say)],
});
