// What is sent as a file: programs, bombs, nothing, too much, under false names. Each is refused in words, and
// the files that were there before stay.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deflateRawSync, deflateSync } from "node:zlib";
import { fileNamed } from "../lib/files.mjs";
import { agent, ANSWERS, constant, discard, fillDraft, newDraft } from "./client.mjs";
import { ask } from "./city.mjs";

const PDF = fileNamed("plan.pdf").buffer;
const MB = 1 << 20;

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
  assert.equal((await send("原来的.pdf", PDF)).status, 303);
});
after(() => discard(me, draft));

async function send(name, bytes, type = "application/pdf", field = "layout") {
  const form = await me.form(`${draft}/page/papers`);
  const { fields } = form;
  return me.upload(form.action, fields, [{ field, name, type, bytes }]);
}

const files = async () => ask(`select count(*) from form.file where draft = '${draft.split("/").at(-1)}'`);

async function refused(said, told, status = 422) {
  assert.equal(said.status, status, said.words.slice(0, 400));
  assert.match(said.words, told);
  assert.deepEqual(await files(), ["1"], "the files of the draft changed");
  assert.ok((await me.get(`${draft}/page/papers`)).text.includes("原来的.pdf"), "the file of before is gone");
}

/** A zip whose one entry says it holds a terabyte; and one of many layers of zeros. */
function bomb() {
  const name = Buffer.from("a");
  const data = deflateRawSync(Buffer.alloc(16 * MB));
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(data.length, 18);
  head.writeUInt32LE(0xfffffffe, 22);
  head.writeUInt16LE(1, 26);
  return Buffer.concat([head, name, data]);
}

test("a program with the name of a document is refused in words", async () => {
  await refused(await send("plan.pdf", Buffer.from("MZ\x90\x00\x03\x00\x00\x00\x04\x00", "latin1")), /只收 PDF/);
  await refused(await send("plan.pdf", Buffer.from("\x7fELF\x02\x01\x01\x00", "latin1")), /只收 PDF/);
  await refused(await send("plan.png", Buffer.from("#!/bin/sh\nrm -rf /\n"), "image/png"), /只收 PDF/);
});

test("a zip bomb is refused in words, under its own and under a false name", async () => {
  await refused(await send("a.zip", bomb(), "application/zip"), /只收 PDF/);
  await refused(await send("a.pdf", bomb()), /只收 PDF/);
});

test("a document that unpacks to very much is taken as it is, and nothing unpacks it", async () => {
  const stream = deflateSync(Buffer.alloc(64 * MB));
  const bytes = Buffer.concat([
    Buffer.from(`%PDF-1.4\n1 0 obj\n<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`), stream, Buffer.from("\nendstream\nendobj\n%%EOF\n"),
  ]);
  const started = performance.now();
  const said = await send("a.pdf", bytes);
  assert.ok(said.status < 500, `${said.status}`);
  assert.ok(performance.now() - started < 10_000, "somebody unpacked it");
  const form = await me.form(`${draft}/page/papers`);
  const ids = [...form.text.matchAll(/name="remove" value="([^"]+)"/g)].map(([, id]) => id);
  if (ids.length > 1) await me.upload(form.action, [...form.fields, ["remove", ids.at(-1)]], []);
});

test("a page or a picture with scripts is no document", async () => {
  await refused(await send("a.pdf", Buffer.from("<html><script>alert(1)</script></html>"), "text/html"), /只收 PDF/);
  await refused(await send("a.svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), "image/svg+xml"), /只收 PDF/);
});

test("what a file is says its content, not what the sender calls it", async () => {
  const said = await send("plan.exe", Buffer.concat([PDF, Buffer.from("% another")]), "application/x-msdownload");
  assert.equal(said.status, 303);
  assert.deepEqual(await ask(`select distinct kind from form.file where draft = '${draft.split("/").at(-1)}'`).catch(() => ["pdf"]), ["pdf"]);
  const form = await me.form(`${draft}/page/papers`);
  const id = [...form.text.matchAll(/name="remove" value="([^"]+)"/g)].map(([, id]) => id).at(-1);
  await me.upload(form.action, [...form.fields, ["remove", id]], []);
  assert.deepEqual(await files(), ["1"]);
});

test("an empty file is refused in words", async () => {
  await refused(await send("empty.pdf", Buffer.alloc(0)), /空的/);
});

test("no file chosen is no fault", async () => {
  assert.equal((await send("", Buffer.alloc(0), "application/octet-stream")).status, 303);
  assert.deepEqual(await files(), ["1"]);
});

test("a file that is too large is refused in words, whatever its size", async () => {
  await refused(await send("large.pdf", Buffer.concat([PDF, Buffer.alloc(11 * MB), PDF])), /不能超过 10 MB/);
  await refused(await send("larger.pdf", Buffer.concat([PDF, Buffer.alloc(21 * MB), PDF])), /太大/, 413);
});

test("too many files at once are refused in words", async () => {
  const form = await me.form(`${draft}/page/papers`);
  const many = Array.from({ length: 12 }, (_, at) => ({ field: "layout", name: `${at}.pdf`, bytes: PDF }));
  await refused(await me.upload(form.action, form.fields, many), /太大|分开|最多/, 413);
  const six = many.slice(0, 6).map((file, at) => ({ ...file, bytes: Buffer.concat([PDF, Buffer.from(`${at}`)]) }));
  const said = await me.upload(form.action, (await me.form(`${draft}/page/papers`)).fields, six);
  assert.equal(said.status, 422, said.words.slice(0, 300));
  const kept = Number((await files())[0]);
  assert.ok(kept <= 5, `${kept} files in a field for five`);
});

test("the name of a file is only a name", async () => {
  const fresh = await newDraft(me);
  await fillDraft(me, fresh, { place: { same_address: "true", premises: "owned" }, size: { area: "120", water: "tap" } });
  const form = await me.form(`${fresh}/page/papers`);
  const name = `../../../etc/<b>${"名".repeat(300)}.pdf`;
  const said = await me.upload(form.action, form.fields, [{ field: "layout", name, bytes: PDF }]);
  assert.equal(said.status, 303, said.words.slice(0, 300));
  const page = await me.get(`${fresh}/page/papers`);
  assert.ok(!page.text.includes("../..") && !page.text.includes("<b>名"), "the name went through");
  await discard(me, fresh);
});

test("a file for a field that is not there changes nothing", async () => {
  const count = await files();
  const said = await send("a.pdf", PDF, "application/pdf", "nosuch");
  assert.ok([404, 422].includes(said.status), `${said.status}`);
  assert.deepEqual(await files(), count);
});

test("a body that ends too soon or has no boundary is refused in words", async () => {
  const place = `${draft}/page/papers`;
  for (const [type, body] of [
    ["multipart/form-data; boundary=x", "--x\r\nContent-Disp"],
    ["multipart/form-data; boundary=x", ""],
    ["multipart/form-data", "--x\r\n"],
    ["multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nabc'],
  ]) {
    const said = await me.send("POST", place, { headers: { "content-type": type }, body });
    assert.ok([409, 422].includes(said.status), `${type}: ${said.status}`);
  }
});

test("a body that is no form is refused: 415", async () => {
  for (const type of ["application/json", "text/plain", "application/xml", "image/png", "application/x-www-form-urlencodedx/y"]) {
    const said = await me.send("POST", `${draft}/page/officer`, { headers: { "content-type": type }, body: "{}" });
    assert.ok([409, 415].includes(said.status), `${type}: ${said.status}`);
  }
});

test("removing a file that is not there changes nothing", async () => {
  const before = constant(await me.get(`${draft}/page/papers`));
  const form = await me.form(`${draft}/page/papers`);
  const said = await me.upload(form.action, [...form.fields, ["remove", "00000000-0000-7000-8000-000000000000"]], []);
  assert.ok(said.status < 500, `${said.status}`);
  assert.equal(constant(await me.get(`${draft}/page/papers`)).match(/name="remove"/g)?.length, before.match(/name="remove"/g)?.length);
});
