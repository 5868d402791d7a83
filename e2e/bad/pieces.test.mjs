// Files in pieces: a cut line costs nothing, nobody continues another's upload, and nothing false is taken.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileNamed } from "../lib/files.mjs";
import { agent, ANSWERS, Client, discard, fillDraft, filled, newDraft } from "./client.mjs";

const PDF = fileNamed("plan.pdf").buffer;
const PAPERS = "/my/uploads";

let me;
let draft;
before(async () => {
  me = await agent(process.env.ZT_URL);
  draft = await newDraft(me);
  const { business, trade, products, officer, staff, system } = ANSWERS;
  await fillDraft(me, draft, {
    business, place: { same_address: "true", premises: "owned" }, size: { area: "120", water: "tap" },
    trade, products, officer, staff, system,
  });
});
after(() => discard(me, draft));

const token = async (client = me) => {
  const page = await client.get(`${draft}/page/papers`);
  return /data-csrf="([^"]*)"/.exec(page.text)?.[1] ?? "";
};

async function begin(name, size, csrf) {
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  return me.send("POST", PAPERS, { headers, body: JSON.stringify({ name, size, type: "application/pdf" }) });
}

const piece = (client, place, at, bytes, csrf) =>
  client.send("PATCH", place, { headers: { "upload-offset": String(at), "x-csrf-token": csrf }, body: bytes });

test("a file that was cut off goes on where it stopped, and is attached by the form", async () => {
  const csrf = await token();
  const begun = await begin("平面图.pdf", PDF.length, csrf);
  assert.equal(begun.status, 201, begun.words);
  const half = Math.floor(PDF.length / 2);
  const first = await piece(me, begun.location, 0, PDF.subarray(0, half), csrf);
  assert.equal(first.status, 204);
  // The line was cut: the client asks how far it is, and a piece at the wrong place is refused.
  const asked = await me.send("HEAD", begun.location);
  assert.equal(asked.headers["upload-offset"], String(half));
  const wrong = await piece(me, begun.location, 0, PDF.subarray(0, half), csrf);
  assert.equal(wrong.status, 409);
  // Not whole yet: the form does not take it, and says so.
  const form = await me.form(`${draft}/page/papers`);
  const early = await me.post(form.action, [...form.fields, ["layout", begun.location]]);
  assert.ok(early.status >= 400 && early.status < 500, `${early.status}`);
  const last = await piece(me, begun.location, half, PDF.subarray(half), csrf);
  assert.equal(last.headers["upload-offset"], String(PDF.length));
  const again = await me.form(`${draft}/page/papers`);
  const kept = await me.post(again.action, [...again.fields, ["layout", begun.location]]);
  assert.equal(kept.status, 303, kept.words.slice(0, 300));
  assert.ok((await me.get(`${draft}/page/papers`)).text.includes("平面图.pdf"));
});

test("nobody sees or continues another person's upload", async () => {
  const csrf = await token();
  const begun = await begin("a.pdf", PDF.length, csrf);
  const other = await new Client(process.env.ZT_URL).logIn("citizen");
  assert.equal((await other.send("HEAD", begun.location)).status, 404);
  const page = await other.get("/my");
  const theirs = /data-csrf="([^"]*)"/.exec(page.text)?.[1] ?? "";
  assert.equal((await piece(other, begun.location, 0, PDF, theirs)).status, 404);
});

test("an upload without the token of the session, too large, or of no size at all is refused", async () => {
  const csrf = await token();
  assert.equal((await begin("a.pdf", PDF.length, "false.token")).status, 403);
  assert.equal((await begin("a.pdf", 1 << 30, csrf)).status, 413);
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  for (const body of ["{", "{}", '{"name":"a","size":-1}', '{"name":"a","size":"x"}']) {
    const said = await me.send("POST", PAPERS, { headers, body });
    assert.ok(said.status >= 400 && said.status < 500, `${body}: ${said.status}`);
  }
});

test("a finished upload that is no document is refused in words", async () => {
  const csrf = await token();
  const bytes = Buffer.from("MZ\x90\x00 this program cannot be run", "latin1");
  const begun = await begin("plan.pdf", bytes.length, csrf);
  assert.equal((await piece(me, begun.location, 0, bytes, csrf)).status, 204);
  const form = await me.form(`${draft}/page/papers`);
  const said = await me.post(form.action, filled({ fields: [...form.fields, ["layout", begun.location]] }, {}));
  assert.equal(said.status, 422);
  assert.match(said.words, /只收 PDF/);
});
