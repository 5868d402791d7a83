// The demo accounts the server wrote down, and how one logs in.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code, STEP_SECONDS } from "./totp.mjs";

/** Reads DATA/demo-accounts.json: [{ role, title, account, password, totp_secret?, name, organisation? }]. */
export function accounts(folder = process.env.ZT_DATA) {
  const list = JSON.parse(readFileSync(join(folder, "demo-accounts.json"), "utf8"));
  return {
    list,
    find: (wanted) => {
      const found = list.find((one) => [one.account, one.role].includes(wanted));
      if (!found) throw new Error(`no demo account "${wanted}"; known: ${list.map((one) => one.account).join(", ")}`);
      return found;
    },
  };
}

const used = new Map();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A code the server has not seen yet from this process: it takes each only once, and the next one early. */
async function freshCode(account) {
  const window = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);
  const last = used.get(account.account) ?? 0;
  while (last > window()) await pause(500);
  const step = Math.max(window(), last + 1);
  used.set(account.account, step);
  return code(account.totp_secret, step * STEP_SECONDS);
}

const WORDS = {
  zh: { account: "账号", password: "密码", enter: "登录", code: "动态码", go: "继续" },
  en: { account: "Account", password: "Password", enter: "Sign in", code: "One-time code", go: "Continue" },
};

/** Fills in the page of the login, wherever it was opened from. */
export async function enter(page, account, hands, lang = "zh") {
  const words = WORDS[lang];
  await hands.fill(page, words.account, account.account);
  await hands.fill(page, words.password, account.password);
  await hands.press(page, words.enter);
  if (!account.totp_secret) return;
  await hands.fill(page, words.code, await freshCode(account));
  await hands.press(page, words.go);
}

export async function logIn(page, account, hands, lang = "zh") {
  for (let attempt = 0; ; attempt += 1) {
    await page.goto("/login");
    await enter(page, account, hands, lang);
    if (!new URL(page.url()).pathname.startsWith("/login")) return;
    // Other tests may have used the code of this half minute, and of the next: once more with the one after.
    if (!account.totp_secret || attempt > 2) {
      const told = (await page.locator("main").innerText()).slice(0, 200);
      throw new Error(`${account.account} cannot log in: ${told}`);
    }
  }
}
