// The whole service, from the portal to the licence and the rating, through the hands of five persons.
// The words are those of the pages; the steps are data (see lib/journey.mjs).
import { after } from "node:test";
import { actFor, begin, COMPANY, handIn, ITEM, pages } from "../lib/application.mjs";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

const look = (name) => ({ check: name });

const find = (say) => [
  { open: "/", check: "home" },
  { fill: { [say("搜索事项", "Search services")]: say("食品经营许可", "Food business licence") } },
  { press: say("搜索", "Search"), at: "/hall", see: say(...ITEM), check: "search" },
  { press: say(...ITEM), at: "/hall/*" },
  { see: [say("5 个工作日", "5 working days"), say("3 份材料，2 份免提交", "3 papers, 2 need not")], check: "guide" },
  {
    fill: {
      [say("您卖什么 > 现做现卖的饭菜、饮料", "What will you sell > Meals and drinks made on the spot")]: true,
      [say("店面是 > 租的", "Your premises are > Rented")]: true,
      [say("用水来自 > 自备水源（如井水）", "Where does your water come from > Our own source, such as a well")]: true,
    },
    press: say("更新材料清单", "Update the list"),
    see: [say("5 份材料，2 份免提交", "5 papers, 2 need not"), say("水质检测报告", "Water test report")],
    check: "guide-answered",
  },
  { press: say("开始办理", "Start"), at: "/login" },
];

const apply = (say) => [
  { as: "agent" },
  ...actFor(say),
  { open: "/" },
  { fill: { [say("搜索事项", "Search services")]: say("开饭馆", "restaurant") }, press: say("搜索", "Search") },
  { press: say(...ITEM) },
  { press: say("开始办理", "Start"), see: COMPANY[0], check: "start" },
  ...begin(say),
  ...pages(say, look),
  { see: [say("提交前请核对", "Check your answers"), "平面图.pdf", "120"], check: "check-answers" },
  { press: say("提交食品经营许可申请", "Hand in: Food"), see: say("错误", "Error"), check: "check-refused" },
  handIn(say),
  { see: [say("受理号", "Number"), "SPJY-"], keep: { no: "[data-receipt] @data-receipt" }, check: "receipt" },
  { press: say("看办理进度", "Follow the case"), see: ["${no}", say("窗口先看材料", "The window first looks")], check: "case-new" },
];

const decision = (say, who, act, name) => [
  { as: who, open: "/desk/casework/${no}", see: COMPANY[0], ...(name ? { check: `${name}-case` } : {}) },
  { press: act, at: "/desk/casework/*", see: say("申请人会得到什么", "What the applicant will get"), ...(name ? { check: `${name}-decide` } : {}) },
  { press: act, at: "/desk/casework/${no}" },
];

const decide = (say) => [
  { as: "clerk", open: "/desk/inbox", see: "${no}", check: "inbox" },
  ...decision(say, "clerk", say("受理", "Accept"), "window"),
  { as: "agent", open: "/my/case/${no}", see: [say("承诺 5 个工作日，已用", "5 working days promised"), say("办完", "decided by")], check: "case-accepted" },
  ...decision(say, "reviewer", say("审查通过", "Review passed")),
  ...decision(say, "inspector", say("核查通过", "Site visit passed")),
  { as: "agent", open: "/my/case/${no}", see: [say("书面审查通过", "Review on paper passed"), say("现场核查通过", "Site visit passed")] },
  ...decision(say, "head", say("准予许可", "Grant"), "head"),
];

const receive = (say) => [
  { as: "agent", open: "/my", see: ["${no}", say("食品经营许可证", "Food business licence")], check: "my" },
  { open: "/my/messages", see: [say("${no} 准予许可，证已发", "${no} is granted")], check: "messages" },
  { open: "/my/case/${no}", see: [say("已办结", "Closed"), say("证照已经办好", "Your licence is ready")], check: "case-done" },
  { press: say("打开证照", "Open the licence"), see: COMPANY[0], check: "licence" },
  { file: { [say("打开电子证（PDF）", "Open the licence (PDF)")]: "%PDF" } },
  { press: say("查验页", "Verification page"), see: [say("有效", "Valid"), COMPANY[0]], check: "verified" },
  { open: "/my/case/${no}", fill: { [say("非常满意", "Very satisfied")]: true, [say("想说的话", "Your words")]: "ok" } },
  { press: say("提交评价", "Send rating"), see: say("谢谢", "Thank you"), check: "rated" },
];

journey("a licence from the portal to the rating", {
  ways: ["mouse", "keyboard", "plain", "phone", "english"],
  steps: (say) => [...find(say), ...apply(say), ...decide(say), ...receive(say)],
});
