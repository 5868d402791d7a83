// What goes wrong at home: a session that ends, an impatient finger, the back button, two windows.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accounts, enter, logIn } from "../lib/accounts.mjs";
import { COMPANY, pages } from "../lib/application.mjs";
import { closeBrowser, person } from "../lib/browser.mjs";
import { mouse } from "../lib/hands.mjs";
import { play, sceneOf } from "../lib/journey.mjs";

after(closeBrowser);

const LIMIT = { timeout: 180_000 };
const zh = (words) => words;
const SLUG = "/hall/food-business-new";
const agent = () => accounts().find("agent");

/** The agent of a company with a new draft; `ready` fills it to the last page. */
async function applicant({ script = true, ready = false } = {}) {
  const one = await person({ url: process.env.ZT_URL, script });
  const { page } = one;
  await logIn(page, agent(), mouse);
  await page.goto("/my");
  if ((await page.getByRole("button", { name: `切换到 ${COMPANY[0]}` }).count()) > 0) {
    await mouse.press(page, `切换到 ${COMPANY[0]}`);
  }
  await page.goto(`${SLUG}/start`);
  await mouse.press(page, "开始填写");
  const draft = new URL(page.url()).pathname;
  if (ready) {
    await mouse.press(page, "先核对您的单位");
    await play(sceneOf(one), pages(zh));
    await page.goto(draft);
    await mouse.fill(page, "同意为办这件事", true);
    await mouse.fill(page, "以上内容属实", true);
  }
  return { ...one, draft };
}

const cases = async (page) => {
  await page.goto("/my/cases");
  return page.getByText(/SPJY-\d{4}-\d{6}/).count();
};

async function done(one) {
  assert.deepEqual(one.takeFaults(), []);
  await one.close();
}

for (const script of [true, false]) {
  const how = script ? "" : " (without JavaScript)";
  test(`a session ends while a page is filled in, and nothing typed is lost${how}`, LIMIT, async () => {
    const one = await applicant({ script });
    const { page, context, draft } = one;
    await page.goto(`${draft}/page/officer`);
    await mouse.fill(page, "食品安全管理人员姓名", "市民戊");
    await mouse.fill(page, "食品安全管理员手机号码", "10012345679");

    const other = await context.newPage();
    await other.goto("/my");
    await mouse.press(other, "退出");
    await other.close();

    await mouse.press(page, "保存并继续");
    assert.match(new URL(page.url()).pathname, /^\/login/);
    await enter(page, agent(), mouse);
    // Who acts for whom is chosen anew with each login.
    const kept = await page.content();
    assert.ok(kept.includes("市民戊") && kept.includes("10012345679"), `what was typed is gone at ${page.url()}`);
    await mouse.press(page, "继续提交");
    await page.goto(`${draft}/page/officer`);
    assert.equal(await page.getByLabel("食品安全管理人员姓名").inputValue(), "市民戊");
    await done(one);
  });
}

test("two presses on the same button hand in once", LIMIT, async () => {
  const one = await applicant({ ready: true });
  const { page, draft, context } = one;
  const posts = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  const other = await context.newPage();
  const before = await cases(other);
  await Promise.all([page.waitForURL("**/receipt"), page.getByRole("button", { name: "提交食品经营许可申请" }).dblclick()]);
  assert.equal(posts.filter((url) => url.endsWith("/submit")).length, 1);
  assert.equal(await cases(other), Math.min(before + 1, 20));
  await other.close();

  // The back button leads to the receipt again, never to a second case.
  const receipt = page.url();
  await page.goBack();
  assert.equal(page.url(), receipt);
  await page.goto(`${draft}/page/officer`);
  assert.ok(!(await page.locator("body").innerText()).includes("系统出错"));
  assert.equal(await cases(page), Math.min(before + 1, 20));
  await done(one);
});

test("two windows on the same page: the second is told what it changed, and both answers are seen", LIMIT, async () => {
  const one = await applicant();
  const { page, context, draft } = one;
  const other = await context.newPage();
  for (const window of [page, other]) await window.goto(`${draft}/page/officer`);
  await mouse.fill(page, "食品安全管理人员姓名", "市民戊");
  await mouse.fill(page, "食品安全管理员手机号码", "10012345679");
  await mouse.press(page, "保存并继续");

  await mouse.fill(other, "食品安全管理人员姓名", "市民己");
  await mouse.fill(other, "食品安全管理员手机号码", "10012345679");
  await mouse.press(other, "保存并继续");
  const told = await other.locator("main").innerText();
  assert.ok(told.includes("您在另一个窗口也改了这一页"), told);
  assert.ok(told.includes("市民戊") && told.includes("市民己"), told);
  await done(one);
});
