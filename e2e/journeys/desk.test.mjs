// The desk: many tasks taken and put back, a filter kept under a name, a reason half written and found again, other
// ways than deciding, who has what in hand, and what a screen shows of each.
import assert from "node:assert/strict";
import { after } from "node:test";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

const MAIN = "main tbody th a";
/** Each way has conditions of its own: the same ones twice are one filter. */
const days = (key) => (key === "mouse" ? 60 : 45);

journey("desk", {
  ways: ["mouse", "plain"],
  // Both ways walk in one city: the names they keep differ.
  steps: (say, key) => [
    { as: "clerk", open: "/desk/inbox?filter=free", see: say("待领", "Free"), check: "desk-inbox" },
    { run: async ({ page }) => {
      await page.locator("main tbody input[type=checkbox]").first().check({ force: true });
    } },
    { press: say("领取选中的", "Take the ticked"), see: say("已领取 1 件", "1 taken"), check: "desk-taken" },
    { press: say("撤销", "Undo"), see: say("已撤销，1 件回到原处", "Undone: 1 are back where they were") },
    { open: `/desk/inbox?filter=all&within=${days(key)}`, see: say("更多条件", "More conditions"), check: "desk-conditions" },
    { fill: { [say("存成筛选，叫什么", "Keep as a filter named")]: `近期${key}` } },
    { press: say("存为筛选", "Keep filter"), see: `近期${key}` },
    { open: "/desk/inbox/filters", see: [`近期${key}`, say(`${days(key)} 天内到期`, `due within ${days(key)} days`)], check: "desk-filters" },
    { open: "/desk/inbox?filter=free" },
    { keep: { case: `${MAIN} @href` } },
    { open: "${case}", see: say("现在能做的", "Now:"), check: "desk-case" },
    { press: say("退回、转办、征求意见…", "Send back, pass on, ask …"), see: say("转办", "Pass on"), check: "desk-hand" },
    { open: "${case}" },
    { press: say("一次告知补正", "Ask for what is missing"), see: say("常用语", "Phrases"), check: "desk-reason" },
    { fill: { [say("理由", "Reason")]: `还缺平面图${key}` } },
    { press: say("先存着", "Keep for later"), see: say("已存好", "Kept:") },
    { open: "${case}", see: say("写了一半", "Half written") },
    { press: say("一次告知补正", "Ask for what is missing") },
    { run: async ({ page }) => {
      assert.equal(await page.locator("textarea[name=reason]").inputValue(), `还缺平面图${key}`);
    } },
    { press: say("预览申请人会收到的", "Preview what the applicant gets"), see: `还缺平面图${key}`, check: "desk-preview" },
    { as: "head", open: "/desk/handover", see: say("谁手上有多少件", "Who has what in hand"), check: "desk-handover" },
  ],
});

// What the script adds: phrases where one stands, words kept by themselves, keys.
journey("desk with its script", {
  steps: [
    { as: "clerk", open: "/desk/inbox?filter=free" },
    { run: async ({ page }) => {
      for (const letter of ["j", "x"]) await page.keyboard.press(letter);
      assert.equal(await page.locator("main tbody input:checked").count(), 1);
      await page.keyboard.press("o");
      await page.waitForURL(/desk\/casework/);
    } },
    { press: "一次告知补正" },
    { run: async ({ page }) => {
      const area = page.locator("textarea[name=reason]");
      await page.locator("details", { hasText: "常用语" }).getByRole("button", { name: /插入/ }).first().click();
      assert.match(await area.inputValue(), /布局平面图/);
      await page.getByText(/已自动保存/).waitFor({ timeout: 10_000 });
      await page.reload();
      assert.match(await area.inputValue(), /布局平面图/);
      await area.fill("");
      await page.getByText(/已自动保存/).waitFor({ timeout: 10_000 });
      await page.keyboard.press("Escape");
    } },
    { open: "/desk/inbox" },
    { run: async ({ page }) => {
      await page.keyboard.press("?");
      await page.waitForURL(/desk\/keys/);
    } },
  ],
});
