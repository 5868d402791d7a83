// Papers read beside the acts and beside what is written; a paper of the office's own; a limit changed from a day on.
import assert from "node:assert/strict";
import { after } from "node:test";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

const DAY = 86_400_000;
const MAIN = "main tbody th a";

journey("reading papers", {
  ways: ["mouse", "plain"],
  steps: (say, key) => [
    { as: "clerk", open: "/desk/inbox?filter=free" },
    { keep: { case: `${MAIN} @href` } },
    { open: "${case}", press: say("加入材料（现场照片、笔录…）", "Add a paper (site photographs, records …)"), see: say("加了就不能删", "What is added stays"), check: "attach" },
    { press: say("加入这件的材料", "Add to the case"), see: say("请写这是什么材料", "say what it is"), check: "attach-refused" },
    {
      fill: { [say("这是什么材料", "What it is")]: `现场照片${key}`, [say("说明", "What it shows")]: "后厨排烟口" },
      upload: { [say("文件", "Files")]: "site.png" },
      press: say("加入这件的材料", "Add to the case"),
      see: `现场照片${key}`,
    },
    { press: `现场照片${key}`, see: [say("本单位加入", "Added by the office"), "后厨排烟口"], check: "reading-picture" },
    { run: async ({ page }) => {
      const wide = await page.locator(".reader img").evaluate((one) => one.complete && one.naturalWidth > 0);
      assert.ok(wide, "the picture is shown");
    } },
    { run: async ({ page }) => {
      // To the first paper that is a document, as a link and by the key beside it.
      const here = page.url();
      await page.getByRole("link", { name: say("上一份", "Previous") }).first().click();
      assert.notEqual(page.url(), here);
    } },
    { open: "${case}", press: say("一次告知补正", "Ask for what is missing"), see: say("边看材料边写", "Read the papers beside it") },
    { run: async ({ page }) => {
      const area = page.locator("textarea[name=reason]");
      await area.fill(`照片不清楚${key}`);
      await page.locator("details.beside-papers > summary").click();
      await page.locator("a[target=reader]", { hasText: `现场照片${key}` }).click();
      const frame = page.frame({ name: "reader" });
      await frame.waitForURL(/\/paper\/\d+$/);
      assert.equal(await area.inputValue(), `照片不清楚${key}`, "what was written stays");
    }, check: "reading-beside" },
  ],
});

journey("reading by keys", {
  steps: [
    { as: "clerk", open: "/desk/inbox?filter=free" },
    { keep: { case: `${MAIN} @href` } },
    { open: "${case}", press: "一次告知补正" },
    { run: async ({ page }) => {
      const open = () => page.locator("a[target=reader][aria-current]").count();
      assert.equal(await open(), 0);
      await page.locator("h1").click();
      await page.keyboard.press("]");
      assert.equal(await open(), 1, "the first opens");
      const area = page.locator("textarea[name=reason]");
      await area.focus();
      await page.keyboard.press("]");
      assert.ok((await area.inputValue()).includes("]"), "where one writes the key is a letter");
    } },
  ],
});

const tomorrow = () => new Date(Date.now() + DAY + 8 * 3_600_000).toISOString().slice(0, 10);

journey("limits", {
  steps: (say) => [
    { as: "system", open: "/admin/calendars", press: say("改办理时限", "Change time limits"), see: say("各类事项的时限", "Limits of all kinds of case"), check: "limits" },
    { press: say("生效并重新推算", "Put in force"), see: say("请选哪类事项的哪个时限", "choose the clock"), check: "limits-refused" },
    { run: async ({ page }) => {
      await page.locator("select[name=clock]").selectOption("food-business:licence|promised");
      await page.locator("input[name=limit]").fill("4");
      await page.locator("input[name=from]").fill(tomorrow());
      await page.locator("input[name=reason]").fill("示例〔2026〕9 号");
      await page.getByRole("button", { name: "生效并重新推算" }).click();
    }, see: ["示例〔2026〕9 号", "4 个工作日"] },
  ],
});
