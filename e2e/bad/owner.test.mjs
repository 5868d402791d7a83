// What belongs to somebody else looks exactly as if it were not there.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileNamed } from "../lib/files.mjs";
import { agent, Client, constant, discard, fillDraft, formsOf, handIn, newDraft, pause } from "./client.mjs";
import { ask } from "./city.mjs";

const url = process.env.ZT_URL;
const NOBODY = "00000000-0000-7000-8000-000000000000";

let other;
let me;
let visitor;
let draft;
let no;
before(async () => {
  const owner = await agent(url);
  draft = await newDraft(owner);
  const whole = await newDraft(owner);
  await fillDraft(owner, whole, { place: { same_address: "true", premises: "owned" }, size: { area: "120", water: "tap" } });
  const form = await owner.form(`${whole}/page/papers`);
  await owner.upload(form.action, form.fields, [{ field: "layout", name: "图.pdf", bytes: fileNamed("a.pdf").buffer }]);
  no = await handIn(owner, whole);
  other = owner;
  me = await new Client(url).logIn("citizen");
  visitor = new Client(url);
});

/** The two answers are the same but for the id that was asked for. */
function alike(there, absent, one, two) {
  assert.equal(there.status, 404, there.words.slice(0, 200));
  assert.equal(absent.status, 404);
  const bare = (said, id) => constant(said).replaceAll(encodeURIComponent(id), "X").replaceAll(id, "X");
  assert.equal(bare(there, one), bare(absent, two));
  const names = (said) => Object.keys(said.headers).sort().join();
  assert.equal(names(there), names(absent));
}

const nextNo = () => no.replace(/\d{6}$/, "999999");

for (const rest of ["", "/receipt", "/withdraw", "/paper/1", "/paper/2"]) {
  test(`another person's case${rest} looks absent`, async () => {
    assert.notEqual((await other.get(`/my/case/${no}`)).status, 404, "its owner sees it");
    alike(await me.get(`/my/case/${no}${rest}`), await me.get(`/my/case/${nextNo()}${rest}`), no, nextNo());
  });
}

test("another person's case looks absent in the interface for machines", async () => {
  const [there, absent] = [await me.get(`/api/v1/cases/${no}`), await me.get(`/api/v1/cases/${nextNo()}`)];
  alike(there, absent, no, nextNo());
  assert.ok(!(await me.get("/api/v1/cases")).text.includes(no));
});

test("another person's draft and its pages look absent", async () => {
  const id = draft.split("/").at(-1);
  for (const rest of ["", "/page/officer", "/page/nosuch"]) {
    alike(await me.get(`/my/draft/${id}${rest}`), await me.get(`/my/draft/${NOBODY}${rest}`), id, NOBODY);
  }
});

test("another person's licence looks absent", async () => {
  let id;
  // The demonstration goes on to decide cases for a while after it begins to serve.
  for (let waited = 0; waited < 60 && !id; waited += 1) {
    [id] = await ask("select id from document.document order by id limit 1");
    if (!id) await pause(1000);
  }
  assert.ok(id, "the city has licences");
  for (const rest of ["", "/pdf"]) {
    alike(await me.get(`/my/document/${id}${rest}`), await me.get(`/my/document/${NOBODY}${rest}`), id, NOBODY);
  }
});

test("a visitor learns nothing either: the login, for what is there and what is not", async () => {
  const id = draft.split("/").at(-1);
  for (const [one, two] of [[`/my/case/${no}`, `/my/case/${nextNo()}`], [`/my/draft/${id}`, `/my/draft/${NOBODY}`]]) {
    const [there, absent] = [await visitor.get(one), await visitor.get(two)];
    assert.equal(there.status, 303);
    assert.equal(absent.status, 303);
    assert.equal(there.location.replace(one, "X"), absent.location.replace(two, "X"));
  }
});

test("nobody acts on another person's things", async () => {
  const id = draft.split("/").at(-1);
  const acts = [
    [`/my/draft/${id}/page/officer`, `/my/draft/${NOBODY}/page/officer`, { officer_name: "别人", officer_mobile: "10012345678" }],
    [`/my/draft/${id}/submit`, `/my/draft/${NOBODY}/submit`, { sharing: "yes", truth: "yes" }],
    [`/my/draft/${id}/discard`, `/my/draft/${NOBODY}/discard`, {}],
    [`/my/draft/${id}/page/staff/add`, `/my/draft/${NOBODY}/page/staff/add`, {}],
    [`/my/case/${no}/withdraw`, `/my/case/${nextNo()}/withdraw`, { reason: "别人" }],
    [`/my/case/${no}/rate`, `/my/case/${nextNo()}/rate`, { score: "5" }],
    [`/my/case/${no}/supply`, `/my/case/${nextNo()}/supply`, { todo: NOBODY }],
  ];
  const state = () => ask(`select state, version from casework."case" where no = '${no}'`);
  const before = await state();
  for (const [one, two, fields] of acts) {
    const token = async () => formsOf((await me.get("/my")).text).find((form) => form.action === "/logout").fields[0];
    const there = await me.post(one, [...Object.entries(fields), await token()]);
    const absent = await me.post(two, [...Object.entries(fields), await token()]);
    assert.equal(there.status, absent.status, one);
    assert.ok([404, 422].includes(there.status), `${one}: ${there.status} ${there.words.slice(0, 200)}`);
    assert.equal(there.words.replace(/[0-9a-f]{4}-[0-9a-f]{4}/g, ""), absent.words.replace(/[0-9a-f]{4}-[0-9a-f]{4}/g, ""), one);
  }
  assert.deepEqual(await state(), before);
  assert.equal((await other.get(draft)).status, 200, "the draft is still there");
  await discard(other, draft);
});

test("a citizen finds no way into the desk", async () => {
  const seen = [];
  for (const path of ["/desk", "/desk/inbox", `/desk/casework/${no}`, `/desk/casework/${nextNo()}`, "/desk/me", "/desk/messages", `/desk/find?no=${no}`]) {
    const said = await me.get(path);
    assert.ok([403, 404].includes(said.status), `${path}: ${said.status}`);
    if (path.includes("casework")) seen.push(said.words.replace(/[0-9a-f]{4}-[0-9a-f]{4}/g, ""));
  }
  assert.equal(seen[0], seen[1], "a case that is there and one that is not");
});
