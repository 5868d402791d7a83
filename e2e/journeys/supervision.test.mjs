// Supervision: the board whose numbers lead to their rows, a finding that becomes a card, the department that answers.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accounts, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { mouse } from "../lib/hands.mjs";

after(closeBrowser);

const LIMIT = { timeout: 400_000 };
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.desk, mode: "dark", axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
];
const PLACES = ["", "/rows?what=accepted", "/cards", "/rules", "/grades", "/samples", "/duty", "/find"];
const EVIDENCE = "窗口只收纸质材料，照片和笔录存监察室";

async function as(login) {
  const one = await person({ url: process.env.ZT_URL });
  await logIn(one.page, accounts().find(login), mouse);
  return one;
}

const done = async (one) => {
  assert.deepEqual(one.takeFaults(), []);
  await one.close();
};

test("every page of the board stands in both widths and is free of faults", LIMIT, async () => {
  const one = await as("supervisor");
  await one.page.goto("/desk");
  assert.equal(new URL(one.page.url()).pathname, "/board/supervision");
  for (const place of PLACES) {
    await one.page.goto(`/board/supervision${place}`);
    const name = `board-${place.replace(/\W+/g, "-") || "home"}`;
    assert.deepEqual(await checkPage(one.page, name, LOOKS), [], place);
  }
  await one.page.goto("/board/supervision/wall");
  assert.match(await one.page.locator("main").innerText(), /数据截至/);
  await done(one);
});

test("a number of the board is as many rows as it says", LIMIT, async () => {
  const one = await as("supervisor");
  const { page } = one;
  await page.goto("/board/supervision?of=year");
  const links = await page.locator('main a[href^="/board/supervision/rows?"]').evaluateAll((all) =>
    all.filter((a) => /^[\d\s\u00a0]+$/.test(a.innerText.trim())).slice(0, 6)
      .map((a) => [a.getAttribute("href"), a.innerText.replace(/\D/g, "")]));
  assert.ok(links.length > 0, "the demonstration has numbers");
  for (const [href, said] of links) {
    await page.goto(href);
    const told = (await page.locator("main").innerText()).match(/共 ([\d\s\u00a0]+) 件/)[1].replace(/\D/g, "");
    assert.equal(told, said, href);
    const words = await page.locator("main").innerText();
    assert.ok(!/示例餐饮|市民/.test(words), "no applicant stands in the rows");
  }
  await done(one);
});

test("a finding raises a card, the head answers, the supervisor closes", LIMIT, async () => {
  const watcher = await as("supervisor");
  const { page } = watcher;
  await page.goto("/board/supervision/find");
  await page.getByLabel("平台外办理").check();
  await page.getByLabel("责任单位").selectOption({ label: "示例市市场监督管理局" });
  await page.getByRole("textbox", { name: "哪一天" }).fill("2026-01-05");
  await page.getByRole("button", { name: "登记" }).click();
  assert.match(await page.locator("main").innerText(), /证据存在哪里/, "without evidence nothing is put down");
  await page.getByLabel("看到了什么、证据存在哪里").fill(EVIDENCE);
  await page.getByRole("button", { name: "登记" }).click();
  await page.getByRole("link", { name: "平台外办理" }).first().click();
  const card = new URL(page.url()).pathname;
  assert.match(await page.locator("main").innerText(), new RegExp(EVIDENCE));
  assert.deepEqual(await checkPage(page, "board-card", LOOKS), []);

  const head = await as("head");
  await head.page.goto(card);
  const words = await head.page.locator("main").innerText();
  assert.match(words, /平台外办理/);
  assert.ok(!words.includes(EVIDENCE), "the evidence is the supervisor's");
  await head.page.getByLabel("情况和理由").fill("已补录进平台，当事人已批评教育");
  await head.page.getByRole("button", { name: "提交答复" }).click();
  assert.match(await head.page.locator("main").innerText(), /已答复/);
  await head.page.goto("/desk/supervision");
  assert.deepEqual(await checkPage(head.page, "desk-supervision", LOOKS), []);
  const board = await head.page.goto("/board/supervision");
  assert.equal(board.status(), 403, "the board is not for the supervised");
  head.takeFaults();
  await head.close();

  const clerk = await as("clerk");
  assert.equal((await clerk.page.goto(card)).status(), 404, "whoever had no hand in it does not know of it");
  clerk.takeFaults();
  await clerk.close();

  await page.goto(card);
  await page.getByLabel("情况和理由").fill("已核实补录情况，整改到位");
  await page.getByRole("button", { name: "核实办结" }).click();
  assert.match(await page.locator("main").innerText(), /已办结/);
  await done(watcher);
});

test("a supervisor opens no case, and the course holds no applicant", LIMIT, async () => {
  const one = await as("supervisor");
  const { page } = one;
  await page.goto("/board/supervision/rows?what=accepted&from=2020-01-01&to=2030-12-31");
  const no = (await page.locator("tbody tr code, tbody tr .code").first().innerText()).trim();
  await page.goto(`/board/supervision/case/${no}`);
  const words = await page.locator("main").innerText();
  assert.match(words, /办理过程/);
  assert.ok(!/示例.{0,8}有限公司|受理员甲|审查员甲/.test(words), words.slice(0, 300));
  assert.deepEqual(await checkPage(page, "board-course", LOOKS), []);
  assert.equal((await page.goto(`/desk/casework/${no}`)).status(), 404);
  one.takeFaults();
  await one.close();
});
