// A citizen chooses where to hear of messages; the code is read in the simulator; the paper of a case is opened.
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { accounts, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { mouse } from "../lib/hands.mjs";

const url = process.env.ZT_URL;
after(closeBrowser);

test("a mobile number is proven by the code that came, and messages say how they went out", async () => {
  const known = accounts();
  const faults = [];
  const citizen = await person({ url });
  await logIn(citizen.page, known.find("citizen"), mouse);
  await citizen.page.goto("/my/channels");
  faults.push(...(await checkPage(citizen.page, "my-channels")));
  const texts = citizen.page.locator("form", { has: citizen.page.locator('input[name="way"][value="sms"]') });
  await texts.locator('input[name="sms"]').fill("1380000");
  await texts.getByRole("button").click();
  await citizen.page.getByText("请填 11 位手机号码").first().waitFor();
  const again = citizen.page.locator("form", { has: citizen.page.locator('input[name="way"][value="sms"]') });
  await again.locator('input[name="sms"]').fill("13800001234");
  await again.getByRole("button").click();
  await citizen.page.getByText("138****1234").first().waitFor();
  faults.push(...(await checkPage(citizen.page, "my-channels-code")));

  const admin = await person({ url });
  await logIn(admin.page, known.find("system"), mouse);
  let code = "";
  for (let attempt = 0; attempt < 40 && !code; attempt += 1) {
    await admin.page.goto("/admin/channels");
    const words = await admin.page.locator("main").innerText();
    assert.ok(!words.includes("13800001234"), "numbers are masked");
    code = /验证码 (\d{6})/.exec(words)?.[1] ?? "";
    if (!code) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.match(code, /^\d{6}$/);
  faults.push(...(await checkPage(admin.page, "admin-channels")));

  await citizen.page.locator('input[name="code"]').fill(code);
  await citizen.page.locator('input[name="code"]').press("Enter");
  await citizen.page.getByText("已打开").waitFor();
  faults.push(...(await checkPage(citizen.page, "my-channels-on")));
  await citizen.page.getByRole("button", { name: "关闭" }).click();
  await citizen.page.getByRole("button", { name: "发验证码" }).first().waitFor();
  assert.deepEqual(faults, []);
});
