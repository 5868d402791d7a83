// Other ways to log in, in a city of its own that has a name: passkeys with Chromium's virtual authenticator, and an
// outside provider, which is the unmodified package oidc-provider.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Provider } from "oidc-provider";
import { accounts, enter, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { freePort, newFolder, startCity } from "../lib/city.mjs";
import { begin, department, discover } from "../lib/department.mjs";
import { mouse } from "../lib/hands.mjs";
import * as oidc from "openid-client";

const LIMIT = { timeout: 240_000 };
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
  { width: WIDTHS.small, mode: "light", screen: false, axe: false },
];
const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../target", import.meta.url));
const binary = process.env.ZT_BINARY ?? join(target, "debug/zhengtong");

let city;
let url;
let province;
const known = new Map();

/** An outside provider with two kinds of people: those it knows by number, and those it does not. */
async function outside(port, back) {
  const issuer = `http://127.0.0.1:${port}`;
  const client = (id) => ({ client_id: id, client_secret: `secret-of-${id}`, redirect_uris: [`${back}/login/from/${id}`] });
  const provider = new Provider(issuer, {
    clients: [client("province"), client("works")],
    scopes: ["openid", "profile", "id_number"],
    claims: { openid: ["sub"], profile: ["name"], id_number: ["id_number"] },
    conformIdTokenClaims: true,
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...known.get(id) }) }),
  });
  const server = http.createServer(provider.callback());
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { issuer, close: () => new Promise((resolve) => server.close(resolve)) };
}

before(async () => {
  const [port, other] = [await freePort(), await freePort()];
  url = `http://localhost:${port}`;
  province = await outside(other, url);
  const folder = newFolder();
  const provider = (id, zh, en, real) => `
[[signon.provider]]
id = "${id}"
title = { zh = "${zh}", en = "${en}" }
issuer = "${province.issuer}"
client_id = "${id}"
secret = "secret-of-${id}"
real_name = ${real}
`;
  const config = join(folder, "zhengtong.toml");
  const text = [
    `[server]\npublic_url = "${url}"\n`,
    provider("province", "省统一身份", "the province", true),
    provider("works", "示例单位账号", "a works account", false),
  ];
  writeFileSync(config, text.join(""), { mode: 0o644 });
  city = await startCity({ binary, folder, port, more: ["--config", config] });
}, LIMIT);

after(async () => {
  await closeBrowser();
  await city?.stop();
  await province?.close();
  assert.deepEqual(city?.panics(), []);
  city?.remove();
});

const who = (role) => accounts(city.data).find(role);

async function someone() {
  const one = await person({ url });
  await one.page.route(/^https:/, (route) => route.abort());
  return one;
}

/** A device that holds keys and verifies its owner; `user` says whether the owner is the right one. */
async function device(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    owner: (right) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: right }),
    keys: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

async function done(one) {
  const kept = one.takeFaults().filter((fault) => !/a foreign request|ERR_FAILED|the console/.test(fault));
  assert.deepEqual(kept, []);
  await one.close();
}

async function addPasskey(page, name) {
  await page.goto("/my/passkeys");
  await mouse.fill(page, "给它起个名字", name);
  await page.getByRole("button", { name: "添加通行密钥" }).click();
  await page.getByText(name, { exact: true }).waitFor();
}

async function byPasskey(page) {
  await page.goto("/login");
  await page.getByRole("button", { name: "用通行密钥登录" }).click();
  await page.waitForURL((now) => !now.pathname.startsWith("/login"));
}

test("staff add a passkey, and log in with it alone, with both factors", LIMIT, async () => {
  const one = await someone();
  const { page } = one;
  const phone = await device(page);
  await logIn(page, who("reviewer"), mouse);
  await page.goto("/my/passkeys");
  await checkPage(page, "my-passkeys-none", LOOKS);
  await addPasskey(page, "我的手机");
  assert.equal((await phone.keys()).length, 1);
  await checkPage(page, "my-passkeys", LOOKS);
  await one.context.clearCookies();
  await page.goto("/login");
  await checkPage(page, "login-passkey", LOOKS);
  await byPasskey(page);
  await page.goto("/desk");
  assert.equal(new URL(page.url()).pathname.startsWith("/desk"), true);

  // A department's system hears that it was a key.
  const oa = await department();
  const config = await discover(url);
  const { to, checks } = await begin(config, oa.base);
  await page.goto(to);
  await mouse.press(page, "同意并登录");
  await page.waitForURL(`${oa.base}/callback?*`);
  const came = await oa.next((request) => request.url.pathname === "/callback");
  const claims = (await oidc.authorizationCodeGrant(config, came.url, checks)).claims();
  assert.equal(claims.acr, "urn:zhengtong:acr:cryptographic");
  assert.ok(claims.amr.includes("hwk") && claims.amr.includes("mfa"), claims.amr);
  await oa.close();

  // The same device is not registered twice, and the last used moment is told.
  await page.goto(`${url}/my/passkeys`);
  assert.ok((await page.locator("main").innerText()).includes("最近用过"));
  await page.getByRole("button", { name: "添加通行密钥" }).click();
  await page.getByText("这台设备上已经有本账号的通行密钥了").waitFor();
  await mouse.press(page, "删除“我的手机”");
  assert.ok((await page.locator("main").innerText()).includes("还没有通行密钥"));
  await page.goto("/logout").catch(() => {});
  await done(one);
});

test("a passkey that was removed, an answer that comes twice, a wrong owner, a wrong site: nobody comes in", LIMIT, async () => {
  const one = await someone();
  const { page } = one;
  const phone = await device(page);
  await logIn(page, who("citizen"), mouse);
  await addPasskey(page, "甲");
  await one.context.clearCookies();

  // What the browser sends is kept, and sent once more.
  let sent = null;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/login/passkey")) sent = request.postData();
  });
  await byPasskey(page);
  assert.ok(sent);
  const values = new URLSearchParams(sent);
  const again = async (changes = {}) => {
    await one.context.clearCookies();
    await page.goto("/login");
    const csrf = await page.locator("form[data-passkey] input[name=csrf]").getAttribute("value");
    const fields = { csrf, back: "", token: values.get("token"), answer: values.get("answer"), ...changes };
    const answer = await page.request.post("/login/passkey", { form: fields, headers: { origin: url }, maxRedirects: 0 });
    assert.equal(answer.status(), 422, JSON.stringify(changes).slice(0, 80));
    assert.equal((await one.context.cookies()).some((cookie) => cookie.name === "zt_session"), false);
  };
  await again();
  const begun = async () => {
    await page.goto("/login");
    const csrf = await page.locator("form[data-passkey] input[name=csrf]").getAttribute("value");
    const answer = await page.request.post("/login/passkey/begin", { form: { csrf }, headers: { origin: url } });
    return answer.json();
  };
  // An old answer to a new challenge, a forged origin, and no answer at all.
  await again({ token: (await begun()).token });
  const { token, publicKey } = await begun();
  const old = JSON.parse(values.get("answer"));
  const client = { type: "webauthn.get", challenge: publicKey.challenge, origin: "https://evil.example", crossOrigin: false };
  old.response.clientDataJSON = Buffer.from(JSON.stringify(client)).toString("base64url");
  await again({ token, answer: JSON.stringify(old) });
  await again({ token: (await begun()).token, answer: "{}" });
  await again({ token: "unknown" });

  // Whoever holds the device and is not its owner.
  await phone.owner(false);
  await page.goto("/login");
  await page.getByRole("button", { name: "用通行密钥登录" }).click();
  await page.getByText("没有完成验证").waitFor();
  await phone.owner(true);

  await byPasskey(page);
  await page.goto("/my/passkeys");
  await mouse.press(page, "删除“甲”");
  await one.context.clearCookies();
  await page.goto("/login");
  await page.getByRole("button", { name: "用通行密钥登录" }).click();
  await page.getByText("这个通行密钥没有通过验证").waitFor();
  await done(one);
});

test("without a script there is no button that does nothing", LIMIT, async () => {
  const one = await person({ url, script: false });
  await one.page.goto("/login");
  assert.equal(await one.page.getByRole("button", { name: "用通行密钥登录" }).count(), 0);
  await logIn(one.page, who("citizen"), mouse);
  await one.page.goto("/my/passkeys");
  assert.ok((await one.page.locator("main").innerText()).includes("密码和动态码照常可用"));
  await one.close();
});

/** The pages of the outside provider: any name is let in. Who is known there already comes straight back. */
async function atProvider(page, login) {
  const onTheWay = (now) => /^\/(login\/with|my\/links)\/\w+$/.test(now.pathname) && now.href.startsWith(url);
  for (let step = 0; step < 5; step += 1) {
    await page.waitForURL((now) => !onTheWay(now));
    await page.waitForLoadState("domcontentloaded");
    if (page.url().startsWith(url)) return;
    if ((await page.locator("input[name=login]").count()) > 0) {
      await page.fill("input[name=login]", login);
      await page.fill("input[name=password]", "x");
    }
    const before = page.url();
    await page.click("button[type=submit]");
    await page.waitForURL((now) => now.href !== before);
  }
}

test("an account elsewhere leads here once its owner has linked it", LIMIT, async () => {
  const one = await someone();
  const { page } = one;
  await page.goto("/login");
  await mouse.press(page, "用示例单位账号登录");
  await atProvider(page, "works-1");
  await page.getByText("还没有绑定本站账号").waitFor();
  await checkPage(page, "login-not-linked", LOOKS);

  await logIn(page, who("citizen"), mouse);
  await page.goto("/my/links");
  await checkPage(page, "my-links", LOOKS);
  await mouse.press(page, "绑定示例单位账号");
  await atProvider(page, "works-1");
  assert.equal(new URL(page.url()).pathname, "/my/links");
  assert.ok((await page.locator("main").innerText()).includes("绑定于"));

  const other = await someone();
  await other.page.goto("/login?back=/my/cases");
  await mouse.press(other.page, "用示例单位账号登录");
  await atProvider(other.page, "works-1");
  assert.equal(new URL(other.page.url()).pathname, "/my/cases");
  assert.ok((await other.page.content()).includes(who("citizen").name));
  await other.page.goto("/my/links");
  await mouse.press(other.page, "解除示例单位账号");
  await done(other);
  await done(one);
});

test("a provider of real names leads to the person with that name and number, and to nobody else", LIMIT, async () => {
  // What our own city says of the citizen, as a system with leave for it reads it.
  const one = await someone();
  const { page } = one;
  await logIn(page, who("agent"), mouse);
  const oa = await department();
  const config = await discover(url);
  const { to, checks } = await begin(config, oa.base, { scope: "openid profile id_number" });
  await page.goto(to);
  await mouse.press(page, "同意并登录");
  await page.waitForURL(`${oa.base}/callback?*`);
  const came = await oa.next((request) => request.url.pathname === "/callback");
  const tokens = await oidc.authorizationCodeGrant(config, came.url, checks);
  const { name, id_number } = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  await oa.close();
  known.set("right", { name, id_number });
  known.set("wrong-name", { name: "市民癸", id_number });
  known.set("no-number", { name });
  await done(one);

  for (const login of ["wrong-name", "no-number"]) {
    const stranger = await someone();
    await stranger.page.goto(`${url}/login`);
    await mouse.press(stranger.page, "用省统一身份登录");
    await atProvider(stranger.page, login);
    await stranger.page.getByText("还没有绑定本站账号").waitFor();
    await done(stranger);
  }
  const right = await someone();
  await right.page.goto(`${url}/login`);
  await mouse.press(right.page, "用省统一身份登录");
  await atProvider(right.page, "right");
  assert.equal(new URL(right.page.url()).pathname, "/my");
  assert.ok((await right.page.content()).includes(name));
  await done(right);
});

test("the answer of a provider counts once, in the browser that asked, and under its own name", LIMIT, async () => {
  const one = await someone();
  const { page } = one;
  // The provider knows this browser from a first login, so that it answers at once from now on.
  await page.goto(`${url}/login`);
  await mouse.press(page, "用省统一身份登录");
  await atProvider(page, "right");
  await one.context.clearCookies({ name: "zt_session" });
  const asked = async () => {
    await page.goto(`${url}/login`);
    const form = page.locator("form[action='/login/with/province']");
    const csrf = await form.locator("input[name=csrf]").getAttribute("value");
    const begun = await page.request.post("/login/with/province", { form: { csrf, back: "" }, headers: { origin: url } });
    const to = begun.headers().refresh.replace("0; url=", "");
    const answer = await page.request.get(to, { maxRedirects: 0 });
    return new URL(answer.headers().location);
  };
  const refused = async (address, cookie) => {
    const got = await fetch(address, { redirect: "manual", headers: { cookie } });
    assert.equal(got.status, 422, address.href);
    assert.ok(!(got.headers.get("set-cookie") ?? "").includes("zt_session="), address.href);
  };
  const cookies = async () =>
    (await one.context.cookies(url)).map((cookie) => `${cookie.name}=${cookie.value}`).join("; ");

  await refused(await asked(), ""); // another browser
  const mixed = await asked();
  mixed.searchParams.set("iss", "https://evil.example");
  await refused(mixed, await cookies());
  const twice = await asked();
  const first = await fetch(twice, { redirect: "manual", headers: { cookie: await cookies() } });
  assert.equal(first.status, 303);
  await refused(twice, await cookies());
  const other = await asked();
  other.pathname = "/login/from/works";
  await refused(other, await cookies());
  await one.close();
});
