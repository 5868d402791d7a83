// A new decision is begun, written in its table, found wrong, mended, approved by another administrator, and in force.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accounts, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { mouse } from "../lib/hands.mjs";

after(closeBrowser);

const LIMIT = { timeout: 300_000 };
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
];

/** The looks at a page; the mark of the makers of the table is as they made it, and its licence lets nobody change it. */
const looks = async (page, name) =>
  (await checkPage(page, name, LOOKS)).filter((fault) => !/: an inline style on |a "" is /.test(fault));

async function as(who) {
  const one = await person({ url: process.env.ZT_URL });
  await logIn(one.page, accounts().find(who), mouse);
  return one;
}

let design = "";

test("a new decision is begun, checked in its table and submitted", LIMIT, async () => {
  const { page, close } = await as("system");
  await page.goto("/admin/process");
  assert.deepEqual(await looks(page, "decisions-list"), []);
  await page.getByRole("link", { name: "新建流程或决策" }).click();
  await page.getByLabel("决策：按表算出结果").check();
  await page.getByLabel("属于哪个包").selectOption("food-business");
  await page.getByLabel("代号").fill("Area");
  await page.getByLabel("名称").fill("面积分档");
  await page.getByRole("button", { name: "开始起草" }).click();
  await page.getByText("用小写字母开头").first().waitFor();
  assert.deepEqual(await looks(page, "decision-new"), []);
  await page.getByLabel("代号").fill("area-grade");
  await page.getByRole("button", { name: "开始起草" }).click();
  await page.locator(".designer-table .dmn-decision-table-container").waitFor();
  design = new URL(page.url()).pathname;
  await page.locator(".designer-found", { hasText: "没有发现问题" }).waitFor();
  assert.deepEqual(await looks(page, "decision-edit"), []);
  // A cell that is no expression is said at once, with the rule.
  const write = async (text) => {
    await page.locator(".designer-table td.input-cell").first().click();
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
    await page.locator(".designer-table .decision-table-name, .designer-table h3").first().click();
  };
  await write(">= 250 250");
  await page.locator(".designer-found .designer-finding-error").first().waitFor();
  await write(">= 250");
  await page.waitForFunction(() => document.querySelector("#xml").value.includes("&gt;= 250<"));
  await page.locator(".designer-found", { hasText: "没有发现问题" }).waitFor();
  await page.getByLabel("改了什么、为什么改").fill("按面积分两档");
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await page.locator("#valid_from").fill(today);
  await page.getByRole("button", { name: "保存并提交审批" }).click();
  await page.getByText("等另一位管理员批准").first().waitFor();
  await close();
});

test("another administrator sees the rules that changed and approves; the table is in force", LIMIT, async () => {
  const { page, close } = await as("security");
  await page.goto(design);
  await page.locator("td p", { hasText: ">= 100 → >= 250" }).waitFor();
  assert.deepEqual(await looks(page, "decision-review"), []);
  await page.getByLabel("意见").fill("同意，今天起用");
  await page.getByRole("button", { name: "批准，到日子生效" }).click();
  await page.getByText("已批准").first().waitFor();
  await page.goto("/admin/process/food-business/area-grade.dmn");
  await page.getByText("在用").first().waitFor();
  assert.deepEqual(await looks(page, "decision-page"), []);
  await close();
});
