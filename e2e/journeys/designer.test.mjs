// A process is drawn, found wrong, mended, tried, submitted, approved by another administrator, and run by the next case.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accounts, logIn } from "../lib/accounts.mjs";
import { actFor, begin, handIn, pages } from "../lib/application.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { mouse } from "../lib/hands.mjs";
import { play, sceneOf } from "../lib/journey.mjs";
import { picture } from "../lib/record.mjs";

after(closeBrowser);

const LIMIT = { timeout: 300_000 };
const PLACE = "/admin/process/food-business/licence";
// Behind the correction, which no other journey goes through: nobody else's case changes.
const NAME = "核对补正材料";

const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.desk, mode: "dark", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
];

/**
 * The looks at a page. The drawing sets styles by script, element by element, which the policy of the page admits and judges; the
 * mark of its makers is as small as they made it, and its licence lets nobody change it.
 */
const looks = async (page, name) =>
  (await checkPage(page, name, LOOKS)).filter((fault) => !/: an inline style on |a "" is 53 × 21/.test(fault));

async function as(who, more = {}) {
  const one = await person({ url: process.env.ZT_URL, ...more });
  await logIn(one.page, accounts().find(who), mouse);
  return one;
}

async function done(one) {
  assert.deepEqual(one.takeFaults(), []);
  await one.close();
}

const tab = (page, name) => page.getByRole("tab", { name }).click();
const type = async (page, label, value) => {
  await page.locator("#panel-properties").getByLabel(label, { exact: true }).fill(value);
  await page.keyboard.press("Tab");
};
const shape = (page, id) => page.locator(`.designer-edit g[data-element-id="${id}"]`);
/** A number of what the check finds, once it has answered to the last change. */
const checked = async (page, text) => {
  await page.locator("#tab-check", { hasText: text }).waitFor();
};

async function choose(page, name) {
  await tab(page, "清单");
  await page.locator("#panel-outline").getByRole("button", { name }).click();
  await page.locator("#tab-properties[aria-selected=true]").waitFor();
}

let design = "";

test("a process is drawn, checked while it is drawn, tried and submitted", LIMIT, async () => {
  const one = await as("system");
  const { page } = one;
  await page.goto("/admin/process");
  assert.deepEqual(await looks(page, "process-list"), []);
  await mouse.press(page, "食品经营许可");
  assert.deepEqual(await looks(page, "process"), []);
  await page.getByRole("button", { name: "从这一版起草" }).first().click();
  await page.locator(".designer-canvas .djs-container").waitFor();
  design = new URL(page.url()).pathname;
  await checked(page, "✓");
  // The mark of those who made the drawing is there and is not covered.
  const mark = page.locator(".bjs-powered-by");
  await mark.waitFor({ state: "visible" });
  assert.ok(await mark.evaluate((node) => {
    node.scrollIntoView({ block: "center" });
    const { x, y, width, height } = node.getBoundingClientRect();
    return node.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  }));
  assert.deepEqual(await looks(page, "process-edit"), []);

  // A task behind the correction: the check says what is missing and where.
  await choose(page, "人员任务 补正");
  await page.locator("#panel-properties").getByRole("button", { name: "人员任务", exact: true }).click();
  await tab(page, /检查/);
  const fault = page.locator("#panel-check").getByRole("button", { name: /缺少办理角色/ });
  await fault.waitFor();
  assert.deepEqual(await looks(page, "process-edit-faulty"), []);
  const id = await fault.getAttribute("data-element");
  assert.match(await shape(page, id).getAttribute("class"), /designer-error/);
  // The finding leads to the place: it is selected, and lies in the middle of the drawing.
  await page.mouse.move(5, 5);
  await fault.click();
  assert.match(await shape(page, id).getAttribute("class"), /selected/);
  const off = await shape(page, id).evaluate((node) => {
    const own = node.querySelector(".djs-hit").getBoundingClientRect();
    const all = document.querySelector(".designer-canvas").getBoundingClientRect();
    return Math.hypot(own.x + own.width / 2 - all.x - all.width / 2, own.y + own.height / 2 - all.y - all.height / 2);
  });
  assert.ok(off < 40, `${off} px from the middle`);

  await tab(page, "属性");
  await type(page, "名称", NAME);
  await type(page, "说明", "Check the papers that were added");
  await type(page, "办理角色", "window");
  await type(page, "办理时限（工作日）", "1");
  // The form that a task names is seen as people will see it.
  await type(page, "表单", "food-business:application");
  await page.mouse.click(5, 5);
  await page.locator("#tab-properties").click();
  await choose(page, `人员任务 ${NAME}`);
  await page.getByRole("button", { name: "看这张表单" }).click();
  const dialog = page.locator("dialog.designer-dialog");
  await dialog.getByText("在哪里经营").first().waitFor();
  assert.deepEqual(await looks(page, "process-form"), []);
  await dialog.getByRole("button", { name: "关上" }).click();
  await type(page, "表单", "");
  await page.locator("#panel-properties").getByLabel("连到").selectOption({ label: "人员任务 受理" });
  await page.locator("#panel-properties").getByRole("button", { name: "连线" }).click();
  // The old way around it goes.
  await choose(page, "补正 → 受理");
  await page.locator("#panel-properties").getByRole("button", { name: "删除" }).click();
  await checked(page, "✓");

  await tab(page, "试跑");
  await page.getByRole("button", { name: "从头试跑" }).click();
  const steps = page.locator("#panel-trial .designer-step");
  await steps.filter({ hasText: "收件登记" }).getByRole("button", { name: "办完" }).click();
  await steps.filter({ hasText: "受理" }).getByRole("button", { name: "correct" }).click();
  await steps.filter({ hasText: "补正" }).getByRole("button", { name: "supply" }).click();
  await steps.filter({ hasText: NAME }).waitFor();
  assert.match(await shape(page, id).getAttribute("class"), /designer-token/);
  await picture(page, "process-trial", WIDTHS.desk, "light");
  await page.getByRole("button", { name: "退一步" }).click();
  await steps.filter({ hasText: "补正" }).waitFor();

  await mouse.fill(page, "改了什么、为什么改", "补正材料先由窗口核对，再受理");
  await page.getByRole("button", { name: "保存草稿" }).click();
  await page.waitForLoadState("load");
  await checked(page, "✓");
  await page.getByRole("button", { name: "保存并提交审批" }).click();
  await page.getByText("等批准").first().waitFor();
  assert.equal(await page.getByLabel("意见").count(), 0, "the author is not asked to decide");
  await done(one);
});

test("another administrator sees what changes, and publishes it", LIMIT, async () => {
  const one = await as("security");
  const { page } = one;
  await page.goto(design);
  await page.locator(".designer-half .djs-container").nth(1).waitFor();
  const row = page.locator("tr", { hasText: NAME }).first();
  await row.getByText("新增").waitFor();
  assert.ok((await page.locator(".designer-half g.designer-added").count()) > 0);
  assert.ok((await page.locator(".designer-half g.designer-removed").count()) > 0);
  assert.deepEqual(await looks(page, "process-review"), []);
  await mouse.fill(page, "意见", "核对过，可以用");
  await mouse.press(page, "批准，到日子生效");
  await page.getByText("已批准").first().waitFor();
  await page.goto(PLACE);
  await page.getByText("设计第").first().waitFor();
  assert.deepEqual(await looks(page, "process-published"), []);
  await done(one);
});

test("the next case begins with it, and its page shows where it stands", LIMIT, async () => {
  const zh = (words) => words;
  const agent = await as("agent");
  const scene = sceneOf(agent);
  await play(scene, [
    ...actFor(zh),
    { open: "/hall/food-business-new/start" },
    ...begin(zh),
    ...pages(zh),
    handIn(zh),
    { see: ["受理号"], keep: { no: "[data-receipt] @data-receipt" } },
  ]);
  await done(agent);
  const one = await as("clerk");
  await one.page.goto(`/desk/casework/${scene.kept.no}`);
  const { page } = one;
  const drawing = page.locator("svg.strip-drawing");
  await drawing.waitFor();
  assert.ok((await drawing.locator(".strip-now").count()) >= 1, "a token is drawn");
  assert.match(await drawing.locator("text").allTextContents().then((all) => all.join("")), new RegExp(NAME));
  await done(one);
});

test("without JavaScript the source, the check and the steps are there", LIMIT, async () => {
  const one = await as("system", { script: false });
  const { page } = one;
  await page.goto(PLACE);
  await page.getByRole("button", { name: "从这一版起草" }).first().click();
  await page.getByText("源文件（BPMN XML）和上传").click();
  const xml = await page.getByLabel("源文件", { exact: true }).inputValue();
  await page.getByLabel("源文件", { exact: true }).fill(xml.replace('zt:role="reviewer"', ""));
  await mouse.press(page, "保存草稿");
  await page.getByText("缺少办理角色").waitFor();
  await page.getByText("放弃这份草稿").click();
  await mouse.press(page, "放弃草稿");
  await page.getByText("食品经营许可").first().waitFor();
  await done(one);
});

test("a decision table is written, checked and tried", LIMIT, async () => {
  const one = await as("system");
  const { page } = one;
  await page.goto("/admin/process/table");
  await page.locator(".designer-table table").waitFor();
  await page.locator(".designer-found", { hasText: "没有发现问题" }).waitFor();
  await page.locator(".bjs-powered-by").waitFor({ state: "visible" });
  assert.deepEqual(await looks(page, "decision-table"), []);
  // A cell is written with the keyboard; what stands in the table stands in the source.
  const cell = page.locator(".designer-table td.input-cell").first();
  await cell.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("> 500");
  await page.locator(".designer-table .decision-table-name, .designer-table h3").first().click();
  await page.waitForFunction(() => document.querySelector("#xml").value.includes("500"));
  await mouse.fill(page, "样例数据", '{ "area": 20, "times": 1 }');
  await mouse.press(page, "检查并试算");
  await page.locator("td strong", { hasText: "从轻" }).waitFor();
  await done(one);
});
