// The whole service, from the portal to the licence and the rating, through the hands of five persons.
// The words are those of the pages; the steps are data (see lib/journey.mjs).
import { after } from "node:test";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

const ITEM = "食品经营许可";

const find = [
  { open: "/", check: "home" },
  { fill: { 搜索: ITEM }, press: "搜索", see: ITEM, check: "search" },
  { press: `${ITEM}（新办）`, see: ["承诺", "材料"], check: "item" },
];

const apply = [
  { as: "企业经办人", open: "/hall", fill: { 搜索: ITEM }, press: "搜索" },
  { press: `${ITEM}（新办）` },
  { press: "开始办理", check: "wizard-begin" },
  { press: "继续", check: "wizard-known" },
  { upload: { 布局平面图: "平面图.pdf" }, press: "继续", check: "wizard-files" },
  { see: "核对", check: "check-answers" },
  { press: "提交申请", see: "受理号", keep: { no: "[data-receipt]" }, check: "receipt" },
];

const decide = [
  { as: "窗口", open: "/desk", check: "inbox" },
  { open: "/desk/casework/${no}", check: "case", press: "受理" },
  { as: "书面审查", open: "/desk/casework/${no}", press: "审查通过" },
  { as: "现场核查", open: "/desk/casework/${no}", press: "核查通过" },
  { as: "负责人", open: "/desk/casework/${no}", press: "准予许可" },
];

const receive = [
  { as: "企业经办人", open: "/my", see: "${no}", check: "my" },
  { press: "食品经营许可证", see: "有效", check: "licence" },
  { open: "/my/cases/${no}", check: "timeline", press: "评价" },
  { fill: { 非常满意: true }, press: "提交评价", see: "谢谢", check: "rated" },
];

journey("a licence from the portal to the rating", {
  ways: ["mouse", "keyboard", "plain"],
  steps: [...find, ...apply, ...decide, ...receive],
});

journey("an item is found and read", { ways: ["phone", "english"], steps: [{ open: "/", check: "home" }] });
