// Single sign-on as a department's system meets it: an unmodified OpenID Connect library, a real browser, the demo city.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { accounts, enter, logIn } from "../lib/accounts.mjs";
import { closeBrowser, person, WIDTHS } from "../lib/browser.mjs";
import { checkPage } from "../lib/checks.mjs";
import { begin, CLIENT, department, discover, SECRET } from "../lib/department.mjs";
import { mouse } from "../lib/hands.mjs";

const LIMIT = { timeout: 180_000 };
const URL_OF = () => process.env.ZT_URL;
const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: true },
  { width: WIDTHS.small, mode: "light", screen: false, axe: false },
];
let oa;

before(async () => (oa = await department()));
after(async () => {
  await oa.close();
  await closeBrowser();
});

/** Leaving for the department's system is what these pages are for; everything else must not happen. */
async function done(one) {
  const faults = one.takeFaults().filter((fault) => !fault.startsWith(`a foreign request: ${oa.base}/`));
  assert.deepEqual(faults, []);
  await one.close();
}

/** Walks a login to its end in a browser and gives what the library makes of it. */
async function walk(config, page, { more = {}, steps = async () => {} } = {}) {
  const { to, checks } = await begin(config, oa.base, more);
  await page.goto(to);
  await steps(page);
  await page.waitForURL(`${oa.base}/callback?*`);
  const { url } = await oa.next((one) => one.url.pathname === "/callback");
  return { url, checks, tokens: await oidc.authorizationCodeGrant(config, url, checks) };
}

for (const script of [true, false]) {
  const how = script ? "" : " (without JavaScript)";
  test(`a citizen logs in at a department's system, once with a question, then without${how}`, LIMIT, async () => {
    const config = await discover(URL_OF());
    const one = await person({ url: URL_OF(), script });
    const { page } = one;
    const who = accounts().find(script ? "citizen" : "agent");
    const first = await walk(config, page, {
      more: { scope: "openid profile phone" },
      steps: async () => {
        assert.match(new URL(page.url()).pathname, /^\/login/);
        await enter(page, who, mouse);
        const asked = await page.locator("main").innerText();
        for (const words of ["市场监管办公系统（演示）", "示例市市场监督管理局", "完整手机号", who.name]) {
          assert.ok(asked.includes(words), `${words} is not in: ${asked}`);
        }
        if (script) await checkPage(page, "signon-consent", LOOKS);
        await mouse.press(page, "同意并登录");
      },
    });
    const claims = first.tokens.claims();
    assert.equal(claims.iss, URL_OF());
    assert.deepEqual([claims.aud, claims.amr], [CLIENT, ["pwd"]]);
    assert.equal(claims.name, undefined, "the ID token says no name");
    const info = await oidc.fetchUserInfo(config, first.tokens.access_token, claims.sub);
    assert.equal(info.name, who.name);
    assert.match(info.phone_number, /^\d{11}$/);
    assert.equal(info.id_number, undefined);

    // Agreed is agreed, also without any page; more than was agreed is asked for.
    const silent = await walk(config, page, { more: { prompt: "none", scope: "openid phone" } });
    assert.equal(silent.tokens.claims().sub, claims.sub);
    const wider = await begin(config, oa.base, { prompt: "none", scope: "openid id_number" });
    await page.goto(wider.to);
    await page.waitForURL(`${oa.base}/callback?*`);
    const refused = await oa.next((one) => one.url.pathname === "/callback");
    await assert.rejects(oidc.authorizationCodeGrant(config, refused.url, wider.checks), { error: "consent_required" });

    // A system that wants a new login gets one.
    const anew = await walk(config, page, {
      more: { prompt: "login" },
      steps: async () => {
        assert.match(new URL(page.url()).pathname, /^\/login/);
        await enter(page, who, mouse);
      },
    });
    assert.ok(anew.tokens.claims().auth_time >= claims.auth_time);
    await done(one);
  });
}

test("no is an answer", LIMIT, async () => {
  const config = await discover(URL_OF());
  const one = await person({ url: URL_OF() });
  const { page } = one;
  await logIn(page, accounts().find("citizen"), mouse);
  const { to, checks } = await begin(config, oa.base, { scope: "openid id_number" });
  await page.goto(to);
  await mouse.press(page, "不同意");
  await page.waitForURL(`${oa.base}/callback?*`);
  const { url } = await oa.next((came) => came.url.pathname === "/callback");
  await assert.rejects(oidc.authorizationCodeGrant(config, url, checks), { error: "access_denied" });
  await done(one);
});

test("tokens are renewed once each, a stolen one ends all, and a person takes the agreement back", LIMIT, async () => {
  const config = await discover(URL_OF());
  const one = await person({ url: URL_OF() });
  const { page } = one;
  await logIn(page, accounts().find("citizen"), mouse);
  const agree = async () => {
    await page.waitForLoadState("load");
    if (new URL(page.url()).pathname === "/oauth/authorize") await mouse.press(page, "同意并登录");
  };
  const { tokens, url, checks } = await walk(config, page, { steps: agree });
  const { sub } = tokens.claims();
  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  assert.equal((await oidc.fetchUserInfo(config, second.access_token, sub)).sub, sub);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), { error: "invalid_grant" });
  await assert.rejects(oidc.fetchUserInfo(config, second.access_token, sub));
  // The code of the first login is used up as well.
  await assert.rejects(oidc.authorizationCodeGrant(config, url, checks), { error: "invalid_grant" });

  const third = await walk(config, page);
  await oidc.tokenRevocation(config, third.tokens.refresh_token);
  await assert.rejects(oidc.fetchUserInfo(config, third.tokens.access_token, sub));

  const fourth = await walk(config, page);
  await page.goto("/my");
  await mouse.press(page, "授权过的系统");
  await checkPage(page, "my-systems", LOOKS);
  await mouse.press(page, "收回给“市场监管办公系统（演示）”的授权");
  await assert.rejects(oidc.fetchUserInfo(config, fourth.tokens.access_token, sub));
  const { to } = await begin(config, oa.base);
  await page.goto(to);
  assert.ok((await page.locator("main").innerText()).includes("同意并登录"));
  await done(one);
});

/** The security administrator at the page of the demonstration's system. */
async function security() {
  const one = await person({ url: URL_OF() });
  await logIn(one.page, accounts().find("security"), mouse);
  await one.page.goto("/admin/clients");
  return one;
}

test("keys change, and those who knew the old ones go on", LIMIT, async () => {
  const admin = await security();
  await checkPage(admin.page, "admin-clients", LOOKS);
  const config = await discover(URL_OF());
  const one = await person({ url: URL_OF() });
  const { page } = one;
  await logIn(page, accounts().find("agent"), mouse);
  const agree = async () => {
    await page.waitForLoadState("load");
    if (new URL(page.url()).pathname === "/oauth/authorize") await mouse.press(page, "同意并登录");
  };
  const before = await walk(config, page, { steps: agree });
  await mouse.press(admin.page, "马上换新密钥");
  const now = await walk(await discover(URL_OF()), page);
  const kid = (tokens) => decodeProtectedHeader(tokens.id_token).kid;
  assert.notEqual(kid(before.tokens), kid(now.tokens));
  // A token of before is still proven by what is published now.
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const options = { issuer: URL_OF(), audience: CLIENT, algorithms: ["RS256"] };
  for (const { tokens } of [before, now]) await jwtVerify(tokens.id_token, keys, options);
  await done(one);
  await done(admin);
});

test("a logout here is heard there, even when the system is away at first", LIMIT, async () => {
  const admin = await security();
  await mouse.press(admin.page, "市场监管办公系统（演示）");
  await checkPage(admin.page, "admin-client", LOOKS);
  await mouse.fill(admin.page, "退出通知地址", `${oa.base}/ended`);
  await mouse.press(admin.page, "保存");
  await done(admin);

  const config = await discover(URL_OF());
  const one = await person({ url: URL_OF() });
  const { page } = one;
  await logIn(page, accounts().find("citizen"), mouse);
  const agree = async () => {
    await page.waitForLoadState("load");
    if (new URL(page.url()).pathname === "/oauth/authorize") await mouse.press(page, "同意并登录");
  };
  const { tokens } = await walk(config, page, { steps: agree });
  const claims = tokens.claims();
  oa.answerWith(503);
  const leave = oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: `${oa.base}/bye`,
    state: "left",
  });
  await page.goto(leave.href);
  assert.equal(page.url(), `${oa.base}/bye?state=left`);
  const told = (came) => came.method === "POST" && came.url.pathname === "/ended";
  await oa.next(told);
  oa.answerWith(200);
  const { body } = await oa.next(told);
  const notice = new URLSearchParams(body).get("logout_token");
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(notice, keys, { issuer: URL_OF(), audience: CLIENT, typ: "logout+jwt" });
  assert.deepEqual([payload.sid, payload.sub], [claims.sid, claims.sub]);
  assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, claims.sub));
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
  await page.goto(`${URL_OF()}/my`);
  assert.match(new URL(page.url()).pathname, /^\/login/);

  // Without a proof the person is asked, and nobody is led anywhere that is not registered.
  await enter(page, accounts().find("citizen"), mouse);
  await page.goto(`${URL_OF()}/oauth/logout?post_logout_redirect_uri=https://evil.example/&client_id=${CLIENT}`);
  await checkPage(page, "signon-logout", LOOKS);
  await page.locator("main").getByRole("button", { name: "退出" }).click();
  await page.waitForURL(`${URL_OF()}/`);
  await done(one);
});

test("a new system is registered, and its secret is shown once", LIMIT, async () => {
  const admin = await security();
  const { page } = admin;
  await mouse.press(page, "登记系统");
  await mouse.press(page, "登记系统");
  await checkPage(page, "admin-client-new", LOOKS);
  assert.ok((await page.locator("main").innerText()).includes("处要改"));
  const id = `test-${Date.now().toString(36)}`;
  await mouse.fill(page, "标识（client_id）", id);
  await mouse.fill(page, "系统名称（中文）", "测试系统");
  await mouse.fill(page, "系统名称（英文）", "Test system");
  await mouse.fill(page, "管理单位的简称", "market-regulation");
  await mouse.fill(page, "登录后回到的地址", "http://127.0.0.1/callback");
  await mouse.fill(page, "给谁用 > 工作人员", true);
  await page.locator("main form").last().getByRole("button", { name: "登记系统" }).click();
  await page.waitForLoadState("load");
  await checkPage(page, "admin-client-secret", LOOKS);
  const secret = await page.locator("[data-one-time]").innerText();
  assert.match(secret, /^[\w-]{43}$/);
  await page.goto(`/admin/clients/${id}`);
  assert.ok(!(await page.content()).includes(secret));

  // Only staff log in there: a citizen is told so, and not led on.
  const config = await discover(URL_OF(), { id, secret });
  const one = await person({ url: URL_OF() });
  await logIn(one.page, accounts().find("citizen"), mouse);
  const { to } = await begin(config, oa.base, { scope: "openid" });
  await one.page.goto(to);
  assert.ok((await one.page.locator("main").innerText()).includes("这个系统不给您现在登录的这类账号用"));
  await checkPage(one.page, "signon-broken", LOOKS);
  await done(one);
  // The administrator does, with two factors.
  const own = await begin(config, oa.base, { scope: "openid" });
  await page.goto(own.to);
  await mouse.press(page, "同意并登录");
  await page.waitForURL(`${oa.base}/callback?*`);
  const { url } = await oa.next((came) => came.url.pathname === "/callback");
  const tokens = await oidc.authorizationCodeGrant(config, url, own.checks);
  assert.equal(tokens.claims().acr, "urn:zhengtong:acr:two-factors");
  await done(admin);
});

// ── what must not work, over plain HTTP ──

const plain = (path, options = {}) => fetch(`${URL_OF()}${path}`, { redirect: "manual", ...options });
const form = (fields) => ({ method: "POST", body: new URLSearchParams(fields) });
const REQUEST = {
  client_id: CLIENT,
  redirect_uri: "http://127.0.0.1:1/callback",
  response_type: "code",
  scope: "openid",
  state: "s",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};
const authorize = (changes) => {
  const all = Object.entries({ ...REQUEST, ...changes }).filter(([, value]) => value !== null);
  return plain(`/oauth/authorize?${new URLSearchParams(all)}`);
};

test("nobody is led to an address that is not registered", LIMIT, async () => {
  const addresses = [
    "https://evil.example/",
    "//evil.example/",
    "http://127.0.0.1:1/callback/../evil",
    "http://127.0.0.1:1/callback#x",
    "http://127.0.0.1@evil.example/callback",
    "http://localhost:1/callback",
    "javascript:alert(1)",
    "",
  ];
  for (const redirect_uri of addresses) {
    for (const more of [{}, { prompt: "none" }, { response_type: "token" }]) {
      const answer = await authorize({ redirect_uri, ...more });
      assert.equal(answer.status, 400, `${redirect_uri} ${JSON.stringify(more)}`);
      assert.equal(answer.headers.get("location"), null);
      assert.equal(answer.headers.get("refresh"), null);
    }
  }
  for (const client_id of ["nobody", "", null]) assert.equal((await authorize({ client_id })).status, 400);
});

test("only the code flow with PKCE, and every error says whose it is", LIMIT, async () => {
  const rows = [
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ response_type: "code id_token" }, "unsupported_response_type"],
    [{ code_challenge: null }, "invalid_request"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ scope: "profile" }, "invalid_scope"],
    [{ request_uri: "https://evil.example/r" }, "request_uri_not_supported"],
    [{ prompt: "none" }, "login_required"],
  ];
  for (const [changes, error] of rows) {
    const answer = await authorize(changes);
    assert.equal(answer.status, 303, JSON.stringify(changes));
    const to = new URL(answer.headers.get("location"));
    assert.equal(to.searchParams.get("error"), error);
    assert.deepEqual([to.searchParams.get("state"), to.searchParams.get("iss")], ["s", URL_OF()]);
  }
});

test("the token endpoint believes only its clients", LIMIT, async () => {
  const rows = [
    [{ grant_type: "authorization_code", code: "x", client_id: CLIENT, client_secret: "guess" }, 401, "invalid_client"],
    [{ grant_type: "authorization_code", code: "x", client_id: CLIENT }, 401, "invalid_client"],
    [{ grant_type: "authorization_code", code: "x", client_id: "nobody", client_secret: "x" }, 401, "invalid_client"],
    [{ grant_type: "authorization_code", code: "x", client_id: CLIENT, client_secret: SECRET }, 400, "invalid_grant"],
    [{ grant_type: "refresh_token", refresh_token: "x", client_id: CLIENT, client_secret: SECRET }, 400, "invalid_grant"],
    [{ grant_type: "password", username: "citizen", password: "x", client_id: CLIENT, client_secret: SECRET }, 400, "unsupported_grant_type"],
    [{ client_id: CLIENT, client_secret: SECRET }, 400, "invalid_request"],
  ];
  for (const [fields, status, error] of rows) {
    const answer = await plain("/oauth/token", form(fields));
    assert.equal(answer.status, status, JSON.stringify(fields));
    assert.equal((await answer.json()).error, error);
    assert.match(answer.headers.get("cache-control"), /no-store/);
  }
  assert.equal((await plain("/oauth/token")).status, 405);
  const json = await plain("/oauth/token", { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  assert.deepEqual([json.status, (await json.json()).error], [400, "invalid_request"]);
  const bare = await plain("/oauth/userinfo");
  assert.deepEqual([bare.status, bare.headers.get("www-authenticate")], [401, "Bearer"]);
  const wrong = await plain("/oauth/userinfo", { headers: { authorization: "Bearer x" } });
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers.get("www-authenticate"), /error="invalid_token"/);
  const inAddress = await plain("/oauth/userinfo?access_token=x");
  assert.equal(inAddress.status, 401);
  const jwks = await (await plain("/oauth/jwks.json")).json();
  for (const key of jwks.keys) assert.equal(key.d, undefined);
});
