// Who one is, walked in a real browser in a city of its own: second factors and the way back, recovery codes, sessions,
// a recovery by two officials, leave to act for a company, certificates behind a balancer, limits that are changed.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as oidc from "openid-client";
import { accounts, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { authority, balancer } from "../lib/certificates.mjs";
import { checkPage } from "../lib/checks.mjs";
import { newFolder, startCity } from "../lib/city.mjs";
import { CLIENT, discover, SECRET } from "../lib/department.mjs";
import { mouse } from "../lib/hands.mjs";
import { code, STEP_SECONDS } from "../lib/totp.mjs";
import { OPERATIONS } from "../rights/operations.mjs";

const LIMIT = { timeout: 300_000 };
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
  { width: WIDTHS.small, mode: "light", screen: false, axe: false },
];
const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../../target", import.meta.url));
const binary = process.env.ZT_BINARY ?? join(target, "debug/zhengtong");
const PASSWORD = "three white herons";

let city;
let url;
const ours = authority("示例市政务根证书");

before(async () => {
  const folder = newFolder();
  const config = join(folder, "zhengtong.toml");
  const lines = [
    '[limits]\nproxies = ["127.0.0.2"]',
    "[identity]\nrecovery_wait_hours = 0",
    `[signon]\ncertificate_authorities = ["${ours.pem}"]\ncertificate_revoked = ["${ours.crl}"]`,
  ];
  writeFileSync(config, `${lines.join("\n\n")}\n`, { mode: 0o644 });
  city = await startCity({ binary, folder, more: ["--config", config] });
  ({ url } = city);
}, LIMIT);

after(async () => {
  await closeBrowser();
  await city?.stop();
  assert.deepEqual(city?.panics(), []);
  assert.equal((await city.verify()).code, 0);
  city?.remove();
});

const who = (role) => accounts(city.data).find(role);
const someone = (at = url) => person({ url: at });
const words = (page) => page.locator("main").innerText();
const pathOf = (page) => new URL(page.url()).pathname;

async function as(role, at = url) {
  const one = await someone(at);
  await logIn(one.page, who(role), mouse);
  return one;
}

async function done(one) {
  assert.deepEqual(one.takeFaults(), []);
  await one.close();
}

async function looked(page, name) {
  assert.deepEqual(await checkPage(page, name, LOOKS), []);
}

/** The pages of staff that need no thing. */
const STAFF = OPERATIONS.filter((row) => row.staff && row.method === "GET" && !row.over).map((row) => row.path());

async function passwordOnly(login, password) {
  const asked = await fetch(`${url}/login`);
  const csrf = (await asked.text()).match(/name="csrf" value="([^"]+)"/)[1];
  const body = new URLSearchParams({ csrf, login, password });
  const answer = await fetch(`${url}/login`, { method: "POST", body, redirect: "manual" });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(";")[0]).find((one) => one.startsWith("zt_pending="));
  return { answer, cookie };
}

test("with the second step outstanding every page of staff leads to it, and from it back", LIMIT, async () => {
  const { answer, cookie } = await passwordOnly("reviewer", who("reviewer").password);
  assert.equal(answer.status, 303);
  assert.ok(cookie, "the password is proven");
  assert.ok(STAFF.length > 15, `${STAFF.length} pages`);
  for (const path of STAFF) {
    const got = await fetch(`${url}${path}`, { headers: { cookie }, redirect: "manual" });
    const to = new URL(got.headers.get("location") ?? "/nowhere", url);
    assert.deepEqual([got.status, to.pathname, to.searchParams.get("back")], [303, "/login/code", encodeURI(path)], path);
    // Without the cookie the password comes first.
    const bare = await fetch(`${url}${path}`, { redirect: "manual" });
    assert.equal(new URL(bare.headers.get("location"), url).pathname, "/login", path);
  }
  const one = await someone();
  const { page } = one;
  await page.goto("/desk/messages");
  await mouse.fill(page, "账号", "reviewer");
  await mouse.fill(page, "密码", who("reviewer").password);
  await mouse.press(page, "登录");
  assert.equal(pathOf(page), "/login/code");
  await looked(page, "login-code");
  // A page of staff in between leads to the second step again, and that one leads to the page.
  await page.goto("/desk/me");
  assert.equal(pathOf(page), "/login/code");
  for (let tries = 0; pathOf(page) === "/login/code" && tries < 3; tries += 1) {
    const step = Math.floor(Date.now() / 1000 / STEP_SECONDS) + Math.min(tries, 1);
    await mouse.fill(page, "动态码", code(who("reviewer").totp_secret, step * STEP_SECONDS));
    await mouse.press(page, "继续");
  }
  assert.equal(pathOf(page), "/desk/me");
  await done(one);
});

test("staff without a second factor can do nothing but set one up, and come back to where they were", LIMIT, async () => {
  const system = await as("system");
  const login = "newcomer";
  await system.page.goto("/admin/people/new");
  await mouse.fill(system.page, "姓名", "新来者甲");
  await mouse.fill(system.page, "证件号码", "330101199003072317");
  await mouse.fill(system.page, "账号", login);
  await system.page.locator("main form").last().getByRole("button", { name: /登记/ }).click();
  await system.page.waitForLoadState("load");
  const link = await system.page.locator("[data-one-time]").innerText();
  await done(system);

  const one = await someone();
  const { page } = one;
  await page.goto(link);
  await mouse.fill(page, "新密码", PASSWORD);
  await mouse.press(page, "设定密码");
  await logIn(page, { account: login, password: PASSWORD }, mouse);
  const cookie = (await one.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  for (const path of STAFF.filter((path) => !["/desk", "/desk/me", "/desk/find?q=x"].includes(path))) {
    const got = await fetch(`${url}${path}`, { headers: { cookie }, redirect: "manual" });
    // What may not even be known to be there looks absent.
    if (got.status === 404) continue;
    const to = new URL(got.headers.get("location") ?? "/nowhere", url);
    assert.deepEqual([got.status, to.pathname, to.searchParams.get("back")], [303, "/desk/me", encodeURI(path)], path);
  }
  await page.goto("/desk/messages");
  assert.equal(pathOf(page), "/desk/me");
  await looked(page, "desk-me-no-factor");
  await mouse.press(page, "开通动态码");
  await looked(page, "desk-me-enrolment");
  const secret = (await page.locator("main dd span.code").allInnerTexts()).join("").replaceAll(" ", "");
  await mouse.fill(page, "6 位数字", "000000");
  await mouse.press(page, "开通");
  assert.ok((await words(page)).includes("动态码"));
  await mouse.fill(page, "6 位数字", code(secret));
  await mouse.press(page, "开通");
  assert.equal(pathOf(page), "/desk/messages", "back to where one was");
  await page.goto("/desk/me");
  for (const entry of ["通行密钥", "数字证书", "恢复码和账号安全"]) assert.ok((await words(page)).includes(entry), entry);
  await looked(page, "desk-me");
  await done(one);
});

test("a citizen sets up a second factor and recovery codes, and each code opens once", LIMIT, async () => {
  const one = await as("citizen");
  const { page } = one;
  await page.goto("/my/security");
  await looked(page, "my-security");
  await mouse.press(page, "开通动态码");
  await looked(page, "my-factor");
  await mouse.press(page, "显示密钥");
  await looked(page, "my-factor-key");
  const secret = (await page.locator("main dd span.code").allInnerTexts()).join("").replaceAll(" ", "");
  await mouse.fill(page, "验证器显示的 6 位数字", code(secret));
  await mouse.press(page, "开通");
  assert.equal(pathOf(page), "/my/security");
  await mouse.press(page, "生成恢复码");
  await looked(page, "my-recovery-codes");
  const codes = await page.locator("main ol span.code").allInnerTexts();
  assert.equal(codes.length, 10);
  await mouse.press(page, "我保存好了");
  assert.ok((await words(page)).includes("还剩 10 个"));

  const byCode = async (given) => {
    const other = await someone();
    await other.page.goto("/login");
    await mouse.fill(other.page, "账号", "citizen");
    await mouse.fill(other.page, "密码", who("citizen").password);
    await mouse.press(other.page, "登录");
    await mouse.press(other.page, "手机不在身边？用恢复码");
    await mouse.fill(other.page, "恢复码", given);
    await mouse.press(other.page, "继续");
    return other;
  };
  const first = await byCode(codes[3]);
  assert.equal(pathOf(first.page), "/my/security");
  assert.ok((await words(first.page)).includes("还剩 9 个"));
  await done(first);
  const again = await byCode(codes[3]);
  assert.equal(pathOf(again.page), "/login/recovery-code");
  await looked(again.page, "login-recovery-code-refused");
  await done(again);

  // New ones end the old; a forgotten password is set with one, and ends every session.
  await mouse.press(page, "重新生成，旧的作废");
  const fresh = await page.locator("main ol span.code").allInnerTexts();
  const old = await byCode(codes[5]);
  assert.equal(pathOf(old.page), "/login/recovery-code");
  await done(old);
  const lost = await someone();
  await lost.page.goto("/login/recover");
  await looked(lost.page, "login-recover");
  await mouse.fill(lost.page, "账号", "citizen");
  await mouse.fill(lost.page, "恢复码", fresh[0]);
  await mouse.fill(lost.page, "新密码", PASSWORD);
  await mouse.press(lost.page, "设定新密码");
  assert.ok((await words(lost.page)).includes("所有设备都已退出登录"));
  await looked(lost.page, "login-recovered");
  await done(lost);
  await page.goto("/my/security");
  assert.equal(pathOf(page), "/login", "the old session is over");
  await done(one);
});

test("a device that one does not know is signed out from another one", LIMIT, async () => {
  const [mine, stolen] = [await as("agent"), await as("agent")];
  await mine.page.goto("/my/sessions");
  await looked(mine.page, "my-sessions");
  assert.ok((await words(mine.page)).includes("就是这台"));
  await mouse.press(mine.page, "退出其他所有设备");
  await stolen.page.goto("/my/cases");
  assert.equal(pathOf(stolen.page), "/login");
  await mine.page.goto("/my/cases");
  assert.equal(pathOf(mine.page), "/my/cases");
  await done(stolen);
  await done(mine);
});

test("leave to act for a company is given, used, and taken back", LIMIT, async () => {
  const boss = await as("agent");
  await boss.page.goto("/my/delegations");
  await looked(boss.page, "my-delegations");
  if ((await boss.page.getByRole("button", { name: "授权", exact: true }).count()) === 0) {
    await boss.page.locator("main form[action='/my/act-for'] button").first().click();
    await boss.page.waitForLoadState("load");
    await boss.page.goto("/my/delegations");
  }
  await mouse.press(boss.page, "授权");
  await looked(boss.page, "my-delegations-refused");
  await mouse.fill(boss.page, "姓名", who("reviewer").name);
  await mouse.fill(boss.page, "证件号码或账号", "nobody-here");
  await mouse.press(boss.page, "授权");
  assert.equal((await boss.page.locator("main").innerText()).includes("处要改"), true, "nobody fits");
  const { name } = who("citizen");
  await mouse.fill(boss.page, "姓名", name);
  await mouse.fill(boss.page, "证件号码或账号", "citizen");
  await mouse.press(boss.page, "授权");
  assert.ok((await words(boss.page)).includes(name));
  await looked(boss.page, "my-delegations-given");
  await boss.page.locator("main").getByRole("button", { name: "收回" }).first().click();
  await boss.page.waitForLoadState("load");
  assert.ok((await words(boss.page)).includes("已收回"));
  await done(boss);
});

test("an account is given back by two officials, and not by one", LIMIT, async () => {
  const [system, security] = [await as("system"), await as("security")];
  await system.page.goto("/admin/people?q=inspector");
  await system.page.locator("main tbody a").first().click();
  await system.page.waitForLoadState("load");
  await looked(system.page, "admin-person-system");
  await mouse.press(system.page, "找回账号（密码或验证器丢了）");
  await mouse.fill(system.page, "为什么找回", "手机丢失，本人到场");
  await mouse.fill(system.page, "核对了哪种证件", "工作证和身份证原件");
  await mouse.fill(system.page, "手机上的验证器也丢了，连同恢复码一起作废", true);
  await looked(system.page, "desk-recovery-begin");
  await mouse.press(system.page, "发起找回");
  assert.ok((await words(system.page)).includes("等另一人确认"));
  assert.equal(await system.page.getByRole("button", { name: "生成一次性链接" }).count(), 0);
  assert.equal(await system.page.getByRole("button", { name: "我已核实，确认找回" }).count(), 0, "not the same one");
  await looked(system.page, "desk-recovery-waits");
  await security.page.goto("/desk/recoveries");
  await mouse.press(security.page, "我已核实，确认找回");
  // Who confirms does not get the link as well.
  await mouse.press(security.page, "生成一次性链接");
  assert.ok(!(await security.page.content()).includes("/invite/"));
  await system.page.goto("/desk/recoveries");
  await mouse.press(system.page, "生成一次性链接");
  await looked(system.page, "desk-recovery-link");
  const link = (await system.page.locator("main span.code").allInnerTexts()).find((text) => text.includes("/invite/"));
  await done(security);
  await done(system);

  const one = await someone();
  const { page } = one;
  await page.goto(link);
  await looked(page, "invite");
  await mouse.fill(page, "新密码", PASSWORD);
  await mouse.press(page, "设定密码");
  await page.goto(link);
  assert.ok((await words(page)).includes("这个链接已经用过或过期了"));
  // The old factor is gone: the first thing is a new one.
  await logIn(page, { account: "inspector", password: PASSWORD }, mouse);
  await page.goto("/desk/inbox");
  assert.equal(pathOf(page), "/desk/me");
  await done(one);
});

test("a certificate counts behind the balancer, for its own account, until it is taken back", LIMIT, async () => {
  const leaf = ours.client("reviewer");
  const direct = await fetch(`${url}/login/code`, { headers: { "client-cert": `:${leaf.toString("base64")}:` } });
  assert.ok(!(await direct.text()).includes("用数字证书继续"), "anybody can write a header");
  const [front, stranger] = [await balancer(url, { shown: leaf }), await balancer(url, { shown: leaf, from: "127.0.0.3" })];

  const away = await as("reviewer", stranger.url);
  await away.page.goto("/my/certificates");
  assert.ok((await words(away.page)).includes("证书不是由本站的负载均衡转来的"));
  await looked(away.page, "my-certificates-distrusted");
  await done(away);

  const one = await as("reviewer", front.url);
  const { page } = one;
  await page.goto("/my/certificates");
  await looked(page, "my-certificates-offer");
  await mouse.press(page, "登记为第二重验证");
  assert.ok((await words(page)).includes("还没用过"));
  await looked(page, "my-certificates");
  await done(one);

  const password = async (at) => {
    const next = await someone(at);
    await next.page.goto("/login?back=/desk/messages");
    await mouse.fill(next.page, "账号", "reviewer");
    await mouse.fill(next.page, "密码", who("reviewer").password);
    await mouse.press(next.page, "登录");
    return next;
  };
  const entered = await password(front.url);
  assert.equal(pathOf(entered.page), "/desk/messages", "the certificate was the second step");
  await done(entered);
  const without = await password(url);
  assert.equal(pathOf(without.page), "/login/code");
  await done(without);

  const bad = {
    "不是本市认可的机构发的": authority("别处").client("other"),
    "没有登记在这个账号上": ours.client("not-enrolled"),
    "已经过期": ours.client("old", ["-startdate", "20250101000000Z", "-enddate", "20250201000000Z"]),
    "还没到生效时间": ours.client("early", ["-startdate", "20400101000000Z", "-enddate", "20410101000000Z"]),
    "读不出来": Buffer.from("nothing"),
  };
  for (const [why, shown] of Object.entries(bad)) {
    const wrong = await balancer(url, { shown });
    const refused = await password(wrong.url);
    assert.ok((await words(refused.page)).includes(why), `${why}: ${await words(refused.page)}`);
    if (why === "已经过期") await looked(refused.page, "login-certificate-refused");
    await done(refused);
    await wrong.close();
  }
  // The authority takes it back: within seconds it opens nothing.
  ours.revoke("reviewer");
  for (let waited = 0; ; waited += 1) {
    const late = await password(front.url);
    const told = await words(late.page);
    await done(late);
    if (told.includes("已被发证机构吊销")) break;
    assert.ok(waited < 15, told);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const admin = await as("security");
  await admin.page.goto("/admin/people?q=reviewer");
  await admin.page.locator("main tbody a").first().click();
  await admin.page.waitForLoadState("load");
  await looked(admin.page, "admin-person-certificate");
  await mouse.fill(admin.page, "为什么去掉这张证书", "介质丢失");
  await mouse.press(admin.page, "去掉这张证书");
  assert.ok(!(await words(admin.page)).includes("去掉这张证书"));
  await done(admin);
  await front.close();
  await stranger.close();
});

test("a device is registered, acts for itself, is looked at, and is switched off", LIMIT, async () => {
  const admin = await as("security");
  const { page } = admin;
  await page.goto("/admin/clients");
  await mouse.press(page, "登记设备");
  await mouse.press(page, "登记设备");
  assert.ok((await words(page)).includes("处要改"));
  await looked(page, "admin-device-new");
  const next = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
  const fields = {
    "标识（client_id）": "kiosk-1",
    "设备名称（中文）": "一号自助机",
    "设备名称（英文）": "Kiosk 1",
    "管理单位的简称": "market-regulation",
    "负责岗位": "没有这个岗位",
    "可以做什么": "kiosk.print\nkiosk.read",
    "用到哪一天": next,
  };
  for (const [label, value] of Object.entries(fields)) await mouse.fill(page, label, value);
  await mouse.press(page, "登记设备");
  const told = await words(page);
  const post = told.match(/有人的岗位：([^、\n]+)/)[1];
  await mouse.fill(page, "负责岗位", post);
  await mouse.press(page, "登记设备");
  const secret = await page.locator("[data-one-time]").innerText();

  const device = await discover(url, { id: "kiosk-1", secret });
  assert.ok(device.serverMetadata().introspection_endpoint.endsWith("/oauth/introspect"));
  assert.ok(device.serverMetadata().revocation_endpoint.endsWith("/oauth/revoke"));
  const tokens = await oidc.clientCredentialsGrant(device, { scope: "kiosk.print" });
  assert.equal(tokens.refresh_token, undefined);
  const office = await discover(url, { id: CLIENT, secret: SECRET });
  const seen = await oidc.tokenIntrospection(office, tokens.access_token);
  assert.deepEqual([seen.active, seen.client_id, seen.scope], [true, "kiosk-1", "kiosk.print"]);
  await assert.rejects(oidc.clientCredentialsGrant(device, { scope: "openid" }), { error: "invalid_scope" });
  await assert.rejects(oidc.clientCredentialsGrant(office, {}), { error: "unauthorized_client" });
  const guess = await discover(url, { id: "kiosk-1", secret: "guess" });
  await assert.rejects(oidc.clientCredentialsGrant(guess, {}), { error: "invalid_client" });
  await assert.rejects(oidc.tokenIntrospection(guess, tokens.access_token), { error: "invalid_client" });
  await oidc.tokenRevocation(device, tokens.access_token);
  assert.equal((await oidc.tokenIntrospection(office, tokens.access_token)).active, false);

  // Another one proves itself with a key of its own.
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  await page.goto("/admin/clients/new-device");
  for (const [label, value] of Object.entries({ ...fields, "标识（client_id）": "sensor-1", "负责岗位": post, "设备的公钥": JSON.stringify({ kty, crv, x, y }) })) {
    await mouse.fill(page, label, value);
  }
  await mouse.press(page, "登记设备");
  assert.equal(await page.locator("[data-one-time]").count(), 0, "it has no secret");
  const signing = await oidc.discovery(new URL(url), "sensor-1", undefined, oidc.PrivateKeyJwt(keys.privateKey), {
    execute: [oidc.allowInsecureRequests],
  });
  const signed = await oidc.clientCredentialsGrant(signing, {});
  assert.equal((await oidc.tokenIntrospection(office, signed.access_token)).client_id, "sensor-1");

  await page.goto("/admin/clients");
  await looked(page, "admin-clients-devices");
  await mouse.press(page, "一号自助机");
  await looked(page, "admin-device");
  const last = await oidc.clientCredentialsGrant(device, {});
  await mouse.press(page, "停用这个系统");
  assert.equal((await oidc.tokenIntrospection(office, last.access_token)).active, false);
  await assert.rejects(oidc.clientCredentialsGrant(device, {}), { error: "invalid_client" });
  await done(admin);
});

test("a limit of identity is changed with a reason, holds at once, and is taken back", LIMIT, async () => {
  const admin = await as("security");
  const { page } = admin;
  await page.goto("/admin/settings");
  await looked(page, "admin-settings");
  await page.goto("/admin/settings/identity.pair_failures");
  await looked(page, "admin-setting-identity");
  const tries = async (count) => {
    const told = [];
    for (let time = 0; time < count; time += 1) {
      const { answer } = await passwordOnly("nobody-at-all", "wrong wrong wrong");
      told.push((await answer.text()).includes("输错次数太多"));
    }
    return told;
  };
  await mouse.fill(page, "新的值", "2");
  await mouse.press(page, "改，所有节点立即生效");
  assert.ok((await words(page)).includes("处要改"), "a reason is asked for");
  await mouse.fill(page, "为什么改", "有人在猜密码，先收紧");
  await mouse.press(page, "改，所有节点立即生效");
  assert.ok((await words(page)).includes("有人在猜密码"));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const told = await tries(3);
  assert.deepEqual(told, [false, false, true], `two failures, then a ban: ${told}`);
  await page.getByText("退回到这之前").click();
  await page.locator("main form[action*='/revert/'] input[name=reason]").fill("猜密码的人走了");
  await mouse.press(page, "退回");
  assert.ok((await words(page)).includes("猜密码的人走了"));
  await done(admin);
  // The system administrator sees it and does not change it.
  const system = await as("system");
  await system.page.goto("/admin/settings/identity.pair_failures");
  assert.equal(await system.page.getByRole("button", { name: "改，所有节点立即生效" }).count(), 0);
  await done(system);
});
