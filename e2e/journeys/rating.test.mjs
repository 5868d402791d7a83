// The results of ratings: open to everyone, in both widths and for the elderly, and reached from the guide of an item.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";

after(closeBrowser);

const url = process.env.ZT_URL;
const LIMIT = { timeout: 400_000 };
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "elder", screen: true, axe: true },
];

const done = async (one) => {
  assert.deepEqual(one.takeFaults(), []);
  await one.close();
};

test("the results are open to everyone and say what is too little to be shown", LIMIT, async () => {
  const one = await person({ url });
  await one.page.goto("/hall/ratings");
  assert.deepEqual(await checkPage(one.page, "ratings-results", LOOKS), []);
  const words = await one.page.locator("main").innerText();
  for (const rate of ["主动评价率", "好评率", "差评整改率", "差评回访率", "按期整改率"]) assert.ok(words.includes(rate), rate);
  assert.match(words, /评价不到 5 条的不显示数字/);
  assert.doesNotMatch(words, /SPJY-/);
  await one.page.goto("/hall/food-business-new");
  await one.page.getByRole("link", { name: "看全市评价结果" }).click();
  assert.equal(new URL(one.page.url()).pathname, "/hall/ratings");
  await done(one);
});
