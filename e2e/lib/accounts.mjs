// The demo accounts the server wrote down, and how one logs in.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code, STEP_SECONDS } from "./totp.mjs";

/** Reads DATA/demo-accounts.json: [{ role, account, password, totp_secret?, name }]. */
export function accounts(folder = process.env.ZT_DATA) {
  const list = JSON.parse(readFileSync(join(folder, "demo-accounts.json"), "utf8"));
  const words = (one) => [one.account, one.role, one.name, one.organisation].filter(Boolean);
  return {
    list,
    find: (wanted) => {
      const found =
        list.find((one) => words(one).includes(wanted)) ??
        list.find((one) => words(one).some((word) => word.includes(wanted)));
      if (!found) throw new Error(`no demo account "${wanted}"; known: ${list.map((one) => words(one).join("/")).join(", ")}`);
      return found;
    },
  };
}

const used = new Map();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A code the server has not seen yet from this process: it takes each only once. */
async function freshCode(account) {
  const window = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);
  while (used.get(account.account) >= window()) await pause(500);
  used.set(account.account, window());
  return code(account.totp_secret);
}

export async function logIn(page, account, hands) {
  for (let attempt = 0; ; attempt += 1) {
    await page.goto("/login");
    await hands.fill(page, "账号", account.account);
    await hands.fill(page, "密码", account.password);
    await hands.press(page, "登录");
    const asked = page.getByLabel("动态码");
    if ((await asked.count()) > 0) {
      await hands.fill(page, "动态码", await freshCode(account));
      const button = page.locator("form").filter({ has: asked }).getByRole("button").first();
      await hands.press(page, (await button.innerText()).trim());
    }
    if (!new URL(page.url()).pathname.startsWith("/login")) return;
    // Another test may have used the code of this half minute: once more with the next.
    if (!account.totp_secret || attempt > 0) {
      const told = (await page.locator("main").innerText()).slice(0, 200);
      throw new Error(`${account.account} cannot log in: ${told}`);
    }
  }
}
