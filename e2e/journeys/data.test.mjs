// Who used my data: an applicant finds every look at what is held about them, among them one in full with its reason.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accounts, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { mouse } from "../lib/hands.mjs";

after(closeBrowser);

const LIMIT = { timeout: 400_000 };
const WHY = "核对布局图上的联系电话";
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.desk, mode: "dark", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
  { width: WIDTHS.desk, mode: "elder", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "elder", screen: true, axe: true },
];

async function as(account, more = {}) {
  const one = await person({ url: process.env.ZT_URL, ...more });
  await logIn(one.page, account, mouse);
  return one;
}

const done = async (one) => {
  assert.deepEqual(one.takeFaults(), []);
  await one.close();
};

/** Applicants of the demonstration: the case that is looked at is of one of them. */
function applicants() {
  const first = accounts().find("agent");
  const others = Array.from({ length: 44 }, (_, at) => ({ ...first, account: `agent-${String(at + 1).padStart(2, "0")}` }));
  return [first, ...others];
}

/** The number of a case that an officer has in hand or may take. */
async function seenInFull() {
  const one = await as(accounts().find("clerk"));
  const { page } = one;
  await page.goto("/desk");
  const link = page.locator('a[href^="/desk/casework/"]').first();
  const address = await link.getAttribute("href");
  await page.goto(address);
  await page.locator("summary", { hasText: "要看全文" }).click();
  await page.getByLabel("为什么要看").fill(WHY);
  await page.getByRole("button", { name: "记入存证并显示" }).click();
  await page.getByText("正在显示全文").waitFor();
  await done(one);
  return decodeURIComponent(new URL(address, process.env.ZT_URL).pathname.split("/").at(-1));
}

test("a look in full stands first on the page of the one it is about, with unit, reason and fields", LIMIT, async () => {
  const no = await seenInFull();
  let found = false;
  for (const account of applicants()) {
    const one = await as(account).catch(() => null);
    if (!one) continue;
    const { page } = one;
    await page.goto("/my/data");
    const text = await page.locator("main").innerText();
    if (text.includes(WHY)) {
      found = true;
      const row = page.locator("tbody tr", { hasText: WHY }).first();
      const words = await row.innerText();
      for (const part of ["市场监督管理局", "窗口"]) assert.ok(words.includes(part), `${part}: ${words}`);
      assert.match(words, /证件号码|加密内容|全文/);
      assert.ok(!words.includes("sealed:"), words);
      assert.deepEqual(await checkPage(page, "my-data", LOOKS), []);
      await done(one);
      break;
    }
    await done(one);
  }
  assert.ok(found, `nobody found the look at ${no}`);
});
