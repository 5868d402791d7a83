// Two nodes on one database: what is changed on one holds on the other within seconds, also after its line was cut.
import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort, newFolder } from "../lib/city.mjs";
import { ask, OwnCity, ROOT, zhengtong } from "./city.mjs";
import { Client, filled, formsOf, ITEM, pause } from "./client.mjs";

const LIMIT = { timeout: 240_000 };
const SOON_SECONDS = 15;
let first;
let second;
let slow;
const kept = process.env.ZT_BAD_DATA;

/** A provider of logins that takes every line and says nothing. */
function silent() {
  const lines = new Set();
  let asked = 0;
  const server = net.createServer((line) => {
    asked += 1;
    lines.add(line);
    line.on("error", () => {});
    line.on("close", () => lines.delete(line));
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        asked: () => asked,
        close: () => (lines.forEach((line) => line.destroy()), server.close()),
      }),
    ),
  );
}

const config = (more) => `
[limits]
proxies = ["127.0.0.1"]
unlimited = []
[egress]
networks = ["127.0.0.0/8"]
[[signon.provider]]
id = "province"
title = { zh = "省统一认证", en = "Province" }
issuer = "${slow.url}"
client_id = "city"
secret = "secret"
${more}`;

before(async () => {
  slow = await silent();
  const folder = newFolder();
  writeFileSync(join(folder, "first.toml"), config(""));
  first = await new OwnCity(folder, await freePort()).start({ seconds: 300, more: ["--config", join(folder, "first.toml")] });
  process.env.ZT_BAD_DATA = first.data;
  for (let waited = 0; waited < 600; waited += 1) {
    const there = await ask("SELECT count(*) FROM party.account", first.data).catch(() => ["0"]);
    if (Number(there[0]) > 5) break;
    await pause(100);
  }
  // The second node: the database and the master key of the first, the same folder of files, nothing else.
  const url = `postgres://zhengtong@${join(first.data, "run").replaceAll("/", "%2F")}/zhengtong`;
  const other = newFolder();
  writeFileSync(join(other, "second.toml"), config(`[database]\nurl = "${url}"\n`));
  second = new OwnCity(other, await freePort());
  mkdirSync(second.data, { recursive: true });
  copyFileSync(join(first.data, "master.key"), join(second.data, "master.key"));
  symlinkSync(join(first.data, "files"), join(second.data, "files"));
  await second.start({ command: "serve", more: ["--config", join(other, "second.toml")] });
}, { timeout: 420_000 });
after(async () => {
  if (kept === undefined) delete process.env.ZT_BAD_DATA;
  else process.env.ZT_BAD_DATA = kept;
  await second?.end();
  await first?.end();
  slow?.close();
});

const from = (address) => ({ "x-forwarded-for": address });

/** How many of so many tries a node refuses as too often, from an address that it never saw. */
let address = 0;
async function refusals(node, tries) {
  const client = new Client(node.url);
  address += 1;
  const said = [];
  for (let number = 0; number < tries; number += 1) {
    said.push((await client.post("/login", { login: "x", password: "x" }, from(`203.0.113.${address}`))).status);
  }
  return said.filter((status) => status === 429).length;
}

async function until(what, is, seconds = SOON_SECONDS) {
  const end = Date.now() + seconds * 1000;
  const began = Date.now();
  while (!(await is())) {
    assert.ok(Date.now() < end, `${what} did not come within ${seconds} s`);
    await pause(200);
  }
  return Date.now() - began;
}

/** Cuts every line on which a node listens, as a network does. */
const cut = async () => Number((await ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'", first.data))[0]);

async function setting(client, key, value) {
  const page = `/admin/settings/${key}`;
  const said = await client.fill(page, { value, reason: "表单被灌，先收紧" }, page);
  assert.equal(said.status, 303, said.words.slice(0, 400));
}

test("a rate that the security administrator changes on one node holds on both, and the old one after it was taken back", LIMIT, async () => {
  assert.deepEqual([await refusals(first, 15), await refusals(second, 15)], [0, 0]);
  const security = await new Client(first.url).logIn("security");
  await setting(security, "limits.anonymous_writes", "10");
  for (const node of [first, second]) await until("the new rate", async () => (await refusals(node, 13)) >= 2);
  const page = "/admin/settings/limits.anonymous_writes";
  const shown = await new Client(second.url, security.cookies).get(page);
  assert.match(shown.words, /10 次/);
  assert.match(shown.words, /表单被灌，先收紧/);
  const back = formsOf((await security.get(page)).text).find((form) => form.action.includes("/revert") || form.fields.some(([name]) => name === "number"));
  assert.ok(back, "nothing to take it back with");
  const said = await security.post(back.action, filled(back, { reason: "风头过了，退回原来的" }));
  assert.equal(said.status, 303, said.words.slice(0, 400));
  for (const node of [first, second]) await until("the old rate", async () => (await refusals(node, 13)) === 0);
  const record = await ask("SELECT count(*) FROM ledger.entry WHERE verb = 'setting.change' AND thing = 'limits.anonymous_writes'", first.data);
  assert.equal(record[0], "2");
});

test("the system administrator does not change rates, nor the security administrator places", LIMIT, async () => {
  const system = await new Client(first.url).logIn("system");
  const page = await system.get("/admin/settings/limits.anonymous_writes");
  assert.equal(page.status, 200);
  assert.equal(formsOf(page.text).filter((form) => form.fields.some(([name]) => name === "seen")).length, 0);
  await setting(system, "limits.queue", "77");
});

test("a node whose line to the database was cut hears of what was changed meanwhile", LIMIT, async () => {
  const system = await new Client(first.url).logIn("system");
  const shows = async (node, words) => (await new Client(node.url).get("/")).text.includes(words);
  for (const words of ["今晚十点停机", "改到明晚停机"]) {
    assert.ok((await cut()) >= 2, "nobody listened");
    const said = await system.fill("/admin/settings/portal.notice", { value: words, english: `Notice ${words}`, reason: "机房检修" }, "/admin/settings/portal.notice");
    assert.equal(said.status, 303, said.words.slice(0, 400));
    for (const node of [first, second]) await until(words, () => shows(node, words));
    await pause(1500);
  }
});

test("a pack that is put in on one node is in force on both, is replaced on both, and is gone from both", LIMIT, async () => {
  const folder = join(newFolder(), "food-business");
  cpSync(join(ROOT, "packs/food-business"), folder, { recursive: true });
  const file = join(folder, "service/new.toml");
  const before = readFileSync(file, "utf8");
  const guide = (node) => async () => (await new Client(node.url).get(`/hall/${ITEM}`)).text;
  const shows = (node, words) => async () => (await guide(node)()).includes(words);
  const install = (...words) => zhengtong(["pack", ...words, "--data", first.data], { timeout: 120_000 });
  for (const name of ["食品经营许可（甲版）", "食品经营许可（乙版）"]) {
    writeFileSync(file, before.replaceAll("食品经营许可（新办）", name));
    if (name.includes("乙")) await cut();
    const { code, said } = await install("install", folder, "--reason", "名称调整");
    assert.equal(code, 0, said);
    for (const node of [first, second]) await until(name, shows(node, name));
  }
  const same = await install("install", folder, "--reason", "再装一次");
  assert.notEqual(same.code, 0);
  assert.match(same.said, /这个包装着的就是这一版/);
  writeFileSync(file, before.replace("promised =", "promise ="));
  const broken = await install("install", folder, "--reason", "写错了");
  assert.notEqual(broken.code, 0);
  assert.match(broken.said, /promise/);
  for (const node of [first, second]) assert.ok(await shows(node, "食品经营许可（乙版）")(), "a broken pack changed something");
  const gone = await install("remove", "food-business", "--reason", "恢复原名");
  assert.equal(gone.code, 0, gone.said);
  for (const node of [first, second]) await until("the pack of the program", shows(node, "食品经营许可（新办）"));
  const acts = await ask("SELECT verb FROM ledger.entry WHERE verb LIKE 'setting.%pack' ORDER BY id", first.data);
  assert.deepEqual(acts, ["setting.install_pack", "setting.install_pack", "setting.remove_pack"]);
});

test("while a provider of logins says nothing citizens go on, and after some tries nobody waits for it", LIMIT, async () => {
  const tries = Array.from({ length: 24 }, async (_, number) => {
    const client = new Client(second.url);
    const began = Date.now();
    const said = await client.fill("/login", {}, "/login/with/province");
    return { status: said.status, words: said.words, ms: Date.now() - began, number };
  });
  await pause(1000);
  const times = [];
  for (let number = 0; number < 10; number += 1) {
    const began = Date.now();
    assert.equal((await new Client(second.url).get(`/hall/${ITEM}`)).status, 200);
    times.push(Date.now() - began);
  }
  const citizen = await new Client(second.url).logIn("citizen");
  assert.equal((await citizen.get("/my")).status, 200);
  assert.ok(Math.max(...times) < 5000, `a page took ${Math.max(...times)} ms while the provider was silent`);
  const said = await Promise.all(tries);
  for (const one of said) {
    assert.equal(one.status, 503, one.words.slice(0, 200));
    assert.match(one.words, /对方系统没有按约定回应/);
    assert.ok(one.ms < 30_000, `${one.ms} ms`);
  }
  assert.ok(slow.asked() <= 8 + 5, `${slow.asked()} lines were opened to a silent provider`);
  // The circuit is open: the next one is told at once, and nobody is called.
  const asked = slow.asked();
  const began = Date.now();
  const next = await new Client(second.url).fill("/login", {}, "/login/with/province");
  assert.equal(next.status, 503);
  assert.ok(Date.now() - began < 3000, "it waited for a provider that is left alone");
  assert.equal(slow.asked(), asked);
});
