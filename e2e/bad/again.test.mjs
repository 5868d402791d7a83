// The same thing twice: a double click, the back button, two windows, a form of another login, a session that
// ended. One act is done once, and what was typed is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accounts } from "../lib/accounts.mjs";
import { agent, Client, discard, fillDraft, filled, formsOf, handIn, newDraft, numberOf, ready } from "./client.mjs";
import { ask } from "./city.mjs";

const url = process.env.ZT_URL;
const count = async (draft) => (await ask(`select count(*) from form.draft where id = '${draft.split("/").at(-1)}' and submitted_case is not null`))[0];
const values_of = (page) => formsOf(page.text).flatMap((form) => form.fields.map(([, value]) => value));

test("the same form ten times at once is one case", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const [before] = await ask(`select count(*) from casework."case"`);
  const { path, fields } = await ready(me, draft);
  const all = await Promise.all(Array.from({ length: 10 }, () => me.post(path, fields)));
  const numbers = new Set(all.map(numberOf));
  assert.deepEqual(all.map((said) => said.status), Array(10).fill(303));
  assert.equal(numbers.size, 1, [...numbers].join());
  assert.ok([...numbers][0]);
  const mine = await ask(`select count(*) from casework."case" where no = '${[...numbers][0]}'`);
  assert.deepEqual(mine, ["1"]);
  assert.equal(await count(draft), "1");
  assert.ok(Number((await ask(`select count(*) from casework."case"`))[0]) >= Number(before) + 1);
});

test("two windows that hand in the same draft get the same number", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const [one, two] = [await ready(me, draft), await ready(me.twin(), draft)];
  assert.notDeepEqual(one.fields, two.fields, "each window has a token of its own");
  const all = await Promise.all([me.post(one.path, one.fields), me.twin().post(two.path, two.fields)]);
  const numbers = all.map(numberOf);
  assert.ok(numbers.every((no) => no === numbers[0] && no), JSON.stringify(all.map((said) => [said.status, said.location, said.words.slice(0, 150)])));
});

test("the back button after handing in leads to the same number", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const { path, fields } = await ready(me, draft);
  const no = numberOf(await me.post(path, fields));
  assert.equal(numberOf(await me.post(path, fields)), no, "the page of before sent again");
  assert.equal((await me.get(draft)).location, `/my/case/${no}/receipt`);
  const page = await me.get(`${draft}/page/officer`);
  assert.ok(page.status < 500, `${page.status}`);
});

test("a page of a draft that was handed in changes nothing any more", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const form = await me.form(`${draft}/page/officer`);
  const no = await handIn(me, draft);
  const said = await me.post(form.action, filled(form, { officer_name: "后来的人" }));
  assert.ok(said.status < 500 && said.status !== 200, `${said.status}`);
  const [row] = await ask(`select answers::text from casework."case" where no = '${no}'`);
  assert.ok(!row.includes("后来的人"));
});

test("the same start twice is one draft", async () => {
  const me = await agent(url);
  const form = await me.form("/hall/food-business-new/start");
  const all = await Promise.all([1, 2, 3].map(() => me.post(form.action, form.fields)));
  assert.equal(new Set(all.map((said) => said.location)).size, 1, all.map((said) => said.location).join());
  await discard(me, all[0].location);
});

test("the token of one form does not do another thing", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const { path, fields } = await ready(me, draft);
  const token = fields.find(([name]) => name === "csrf");
  const first = await me.post(`/hall/food-business-new/start`, [token]);
  assert.equal(first.status, 303);
  const second = await me.post(path, fields);
  assert.ok([409, 422].includes(second.status), `${second.status}: the key was used for another thing`);
  const other = await ready(me, draft);
  assert.ok(numberOf(await me.post(other.path, other.fields)), "a fresh form works");
  await discard(me, first.location);
});

test("two windows on one page: the later answer is kept, and the other is told", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const place = `${draft}/page/officer`;
  const [one, two] = [await me.form(place), await me.form(place)];
  assert.equal((await me.post(place, filled(one, { officer_name: "窗口一" }))).status, 303);
  const said = await me.post(place, filled(two, { officer_name: "窗口二" }));
  assert.equal(said.status, 200);
  assert.match(said.words, /另一个窗口也改了这一页/);
  assert.ok(said.words.includes("窗口一") && said.words.includes("窗口二"), "both are shown");
  assert.ok(values_of(await me.get(place)).includes("窗口二"));
  await discard(me, draft);
});

test("two windows on two pages: both are kept", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const [officer, trade] = [await me.form(`${draft}/page/officer`), await me.form(`${draft}/page/trade`)];
  const all = await Promise.all([
    me.post(officer.action, filled(officer, { officer_name: "同时填的" })), me.post(trade.action, filled(trade, { kind: "1" })),
  ]);
  assert.deepEqual(all.map((said) => said.status), [303, 303]);
  assert.ok(values_of(await me.get(`${draft}/page/officer`)).includes("同时填的"));
  await discard(me, draft);
});

test("the form of another session is refused, and what was typed is given back with a way to send it", async () => {
  const [me, other] = [await agent(url), await agent(url)];
  const draft = await fillDraft(me, await newDraft(me));
  const place = `${draft}/page/officer`;
  const strange = await other.form(place);
  const said = await me.post(place, filled(strange, { officer_name: "别的登录" }));
  assert.equal(said.status, 409);
  assert.match(said.words, /没有提交/);
  assert.ok(!values_of(await me.get(place)).includes("别的登录"), "it was done all the same");
  const kept = formsOf(said.text).find((form) => form.action === place);
  assert.ok(kept, "what was typed is not given back");
  assert.equal((await me.post(place, kept.fields)).status, 303);
  assert.ok(values_of(await me.get(place)).includes("别的登录"));
  await discard(me, draft);
});

test("a form without a token, with half of one or with an invented one does nothing", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const place = `${draft}/page/officer`;
  const right = (await me.form(place)).fields.find(([name]) => name === "csrf")[1];
  const [key, seal] = right.split(".");
  for (const csrf of [undefined, "", ".", key, `${key}.`, `.${seal}`, `${key}.${"0".repeat(32)}`, `x${key}.${seal}`, "\0", "a".repeat(10_000)]) {
    const fields = [["officer_name", "没有口令"], ["officer_mobile", "10012345678"], ...(csrf === undefined ? [] : [["csrf", csrf]])];
    const said = await me.post(place, fields);
    assert.equal(said.status, 409, `${csrf?.slice(0, 50)}: ${said.status}`);
  }
  assert.ok(!values_of(await me.get(place)).includes("没有口令"));
  await discard(me, draft);
});

/** Walks from a refused form through the login back to what was typed, and sends it. */
async function throughLogin(me, said, body) {
  assert.equal(said.status, 307, said.words.slice(0, 300));
  assert.match(said.location, /^\/login\/kept\?back=/);
  const asked = await me.post(said.location, body);
  assert.equal(asked.status, 200, asked.words.slice(0, 300));
  assert.match(asked.words, /填的都在/);
  const login = formsOf(asked.text).find((form) => form.action === "/login");
  const account = accounts().find("agent");
  const wrong = await me.post("/login", filled(login, { login: account.account, password: "不对的密码" }));
  assert.equal(wrong.status, 422);
  const again = formsOf(wrong.text).find((form) => form.action === "/login");
  const entered = await me.post("/login", filled(again, { login: account.account, password: account.password }));
  assert.equal(entered.status, 200, entered.words.slice(0, 300));
  const place = decodeURIComponent(said.location.split("back=")[1]);
  const kept = formsOf(entered.text).find((form) => form.action === place);
  assert.ok(kept, "what was typed is not given back");
  return me.post(place, kept.fields);
}

test("a session that ended while someone typed: after the login it goes on, nothing is lost", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const place = `${draft}/page/officer`;
  const form = await me.form(place);
  const body = filled(form, { officer_name: "写了很久的", officer_mobile: "10012345679" });
  const gone = me.twin();
  const out = formsOf((await gone.get("/my")).text).find((form) => form.action === "/logout");
  await gone.post("/logout", out.fields);
  const said = await throughLogin(me, await me.post(place, body), body);
  assert.equal(said.status, 303, said.words.slice(0, 300));
  const shown = values_of(await me.get(place));
  assert.ok(shown.includes("写了很久的") && shown.includes("10012345679"));
  await discard(me, draft);
});

test("a session that ended in this very browser: the same", async () => {
  const me = await agent(url);
  const draft = await fillDraft(me, await newDraft(me));
  const place = `${draft}/page/officer`;
  const form = await me.form(place);
  const body = filled(form, { officer_name: "另一页退出了" });
  const out = formsOf((await me.get("/my")).text).find((form) => form.action === "/logout");
  await me.post("/logout", out.fields);
  const said = await throughLogin(me, await me.post(place, body), body);
  assert.equal(said.status, 303, said.words.slice(0, 300));
  assert.ok(values_of(await me.get(place)).includes("另一页退出了"));
  await discard(me, draft);
});

test("a session that nobody used for a quarter of an hour, and one of half a day, have ended", async () => {
  for (const [name, change] of [["idle", "last_seen = last_seen - interval '15 minutes 1 second'"], ["old", "expires = now() - interval '1 second'"]]) {
    const me = new Client(url);
    me.name = `bad-${name}-${process.pid}`;
    await me.logIn("citizen");
    assert.equal((await me.get("/my")).status, 200);
    await ask(`update party.session set ${change} where agent = '${me.name}'`);
    assert.equal((await me.get("/my")).status, 303, name);
  }
});

test("a page after the session ended leads to the login and back", async () => {
  const said = await new Client(url, { zt_session: "x".repeat(43) }).get("/my/cases?page=1");
  assert.equal(said.status, 303);
  assert.equal(said.location, `/login?back=${encodeURIComponent("/my/cases?page=1")}`.replaceAll("%2F", "/"));
});

test("a login leads back into this site only", async () => {
  const account = accounts().find("citizen");
  for (const back of ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example", "javascript:alert(1)", "/\r\nSet-Cookie: a=b"]) {
    const me = new Client(url);
    const said = await me.fill("/login", { login: account.account, password: account.password, back });
    assert.equal(said.status, 303);
    assert.match(said.location, /^\/my$/, JSON.stringify(back));
  }
});
