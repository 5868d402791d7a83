// A city whose door is narrow: who comes too often waits, who goes first goes first, who is slow is cut off.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort, newFolder } from "../lib/city.mjs";
import { OwnCity } from "./city.mjs";
import { Client, pause, wire } from "./client.mjs";

const LIMITS = `
[server]
head_seconds = 3
stall_seconds = 3
[limits]
in_flight = 6
address_in_flight = 400
queue_ms = 2000
anonymous_writes = 40
anonymous_reads = 100000
proxies = ["127.0.0.1"]
unlimited = []
admin_from = ["203.0.113.0/24"]
`;

let city;
const kept = process.env.ZT_BAD_DATA;
before(async () => {
  const folder = newFolder();
  const config = join(folder, "narrow.toml");
  writeFileSync(config, LIMITS);
  city = await new OwnCity(folder, await freePort()).start({ seconds: 300, more: ["--config", config] });
  process.env.ZT_BAD_DATA = city.data;
}, { timeout: 320_000 });
after(async () => {
  if (kept === undefined) delete process.env.ZT_BAD_DATA;
  else process.env.ZT_BAD_DATA = kept;
  await city?.end();
});

test("a client that comes too often is told to wait", async () => {
  const from = (address) => ({ "x-forwarded-for": address });
  const client = new Client(city.url);
  const said = [];
  for (let number = 0; number < 45; number += 1) said.push(await client.post("/login", { login: "x", password: "x" }, from("203.0.113.7")));
  const refused = said.filter((one) => one.status === 429);
  assert.ok(refused.length >= 4 && refused.length <= 6, `${refused.length} of 45 were refused`);
  const last = refused.at(-1);
  assert.ok(Number(last.headers["retry-after"]) >= 1);
  assert.match(last.words, /操作太频繁/);
  const machine = await client.send("POST", "/api/v1/items", { headers: { accept: "application/json", ...from("203.0.113.7") } });
  assert.equal(machine.headers["content-type"], "application/problem+json");
  assert.equal(JSON.parse(machine.text).status, 429);
  // Reading goes on, and so does everybody else.
  assert.equal((await client.get("/hall", from("203.0.113.7"))).status, 200);
  assert.notEqual((await client.post("/login", { login: "x", password: "x" }, from("203.0.113.8"))).status, 429);
  // What the client claims itself before the proxy adds the truth is not heard.
  const claimed = await client.post("/login", { login: "x", password: "x" }, from("198.51.100.1, 203.0.113.7"));
  assert.equal(claimed.status, 429);
});

test("the pages of administration are there from their network only", async () => {
  const from = (address) => ({ "x-forwarded-for": address });
  const client = new Client(city.url);
  for (const path of ["/admin", "/admin/people", "/admin/settings"]) {
    assert.equal((await client.get(path, from("198.51.100.9"))).status, 404, path);
    const inside = await client.get(path, from("203.0.113.9"));
    assert.equal(inside.status, 303, path);
    assert.match(inside.location, /^\/login/);
  }
  assert.equal((await client.get("/hall", from("198.51.100.9"))).status, 200);
});

test("while crawlers flood the door officers get through", { timeout: 120_000 }, async () => {
  const clerk = await new Client(city.url).logIn("clerk");
  await clerk.get("/desk");
  assert.ok(clerk.cookies.zt_lane, "no mark");
  let on = true;
  const counts = { crawler: {}, citizen: {}, officer: {} };
  const count = (kind, status) => (counts[kind][status] = (counts[kind][status] ?? 0) + 1);
  // Each asks for something else, so that no page that was just drawn serves them all.
  let asked = 0;
  const loop = async (kind, client) => {
    while (on) {
      const said = await client.get(`/hall?q=${asked += 1}`).catch(() => ({ status: 0 }));
      count(kind, said.status);
      if (said.status === 503) await pause(20);
    }
  };
  const named = (name) => Object.assign(new Client(city.url), { name });
  const crowd = [
    ...Array.from({ length: 60 }, () => loop("crawler", named("Mozilla/5.0 (compatible; SomeBot/2.0)"))),
    ...Array.from({ length: 12 }, () => loop("citizen", named("Mozilla/5.0"))),
  ];
  await pause(1000);
  const times = [];
  for (let number = 0; number < 40; number += 1) {
    const began = performance.now();
    const said = await clerk.get("/desk/inbox");
    times.push(performance.now() - began);
    count("officer", said.status);
  }
  on = false;
  await Promise.all(crowd);
  times.sort((a, b) => a - b);
  console.log(JSON.stringify(counts), `officer median ${times[20].toFixed(0)} ms, slowest ${times.at(-1).toFixed(0)} ms`);
  assert.deepEqual(counts.officer, { 200: 40 });
  assert.ok((counts.crawler[503] ?? 0) > (counts.crawler[200] ?? 0), "crawlers were not sent away");
  assert.ok((counts.citizen[200] ?? 0) > 0, "no citizen got in");
  const began = performance.now();
  assert.equal((await new Client(city.url).get("/")).status, 200);
  assert.ok(performance.now() - began < 2000, "not over when it was over");
});

test("slow and half-dead clients are cut off, and cost the others nothing", { timeout: 60_000 }, async () => {
  const { hostname, port } = new URL(city.url);
  const dripping = net.connect({ host: hostname, port });
  const ended = new Promise((resolve) => dripping.on("close", resolve).on("error", resolve));
  dripping.resume();
  dripping.write("GET / HTTP/1.1\r\nHost: x\r\n");
  const drip = setInterval(() => dripping.writable && dripping.write("X-A: b\r\n"), 500);
  const stalled = wire(city.url, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin=");
  const began = Date.now();
  assert.equal((await new Client(city.url).get("/")).status, 200);
  await ended;
  clearInterval(drip);
  assert.ok(Date.now() - began < 15_000);
  assert.match(await stalled, /^HTTP\/1\.1 408[\s\S]*connection: close/i);
  assert.equal((await new Client(city.url).get("/")).status, 200);
});
