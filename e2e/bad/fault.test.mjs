// The database dies, the server dies, the server is told to stop. Nothing that was acknowledged is lost or done
// twice, people read a plain page meanwhile, and it all comes back by itself.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { freePort, newFolder } from "../lib/city.mjs";
import { agent, fillDraft, filled, formsOf, handIn, newDraft, numberOf, pause, ready } from "./client.mjs";
import { ask, OwnCity, zhengtong } from "./city.mjs";

const RECOVERED_SECONDS_MAX = 30;

let city;
let me;
before(async () => {
  city = await new OwnCity(newFolder(), await freePort()).start();
  process.env.ZT_BAD_DATA = city.data;
  me = await agent(city.url);
});
after(() => city.end());

const values_of = (page) => formsOf(page.text).flatMap((form) => form.fields.map(([, value]) => value));
const gently = (promise) => promise.catch((error) => ({ status: 0, words: error.message, headers: {}, text: "" }));

/** Writes counted names into a draft until told to stop; remembers the last that was acknowledged. */
function writer(draft, name) {
  const place = `${draft}/page/officer`;
  const state = { place, acknowledged: -1, statuses: new Map(), stopped: false };
  state.done = (async () => {
    for (let number = 0; !state.stopped; number += 1) {
      const page = await gently(me.get(place));
      const form = page.status === 200 ? formsOf(page.text).find((form) => form.action === place) : null;
      const values = { officer_name: `${name}${"零一二三四五六七八九"[number % 10]}`, officer_mobile: `1${String(number).padStart(10, "0")}` };
      const said = form ? await gently(me.post(place, filled(form, values))) : page;
      // The page is kept with a fault of the number too: what counts is that it was kept.
      if (form && [303, 422].includes(said.status)) state.acknowledged = number;
      state.statuses.set(said.status, (state.statuses.get(said.status) ?? 0) + 1);
      if (said.status === 503) {
        assert.ok(Number(said.headers["retry-after"]) > 0, "503 without Retry-After");
        assert.match(said.words, /过一会儿/);
        state.refused = said;
      }
      if (said.status !== 303 && said.status !== 422) await pause(50);
    }
  })();
  return state;
}

async function kept({ place, acknowledged }) {
  const page = await me.get(place);
  assert.equal(page.status, 200);
  const number = values_of(page).find((value) => /^1\d{10}$/.test(value));
  assert.ok(number && Number(number.slice(1)) >= acknowledged, `acknowledged ${acknowledged}, kept ${number}`);
}

/** Waits until a page is whole again. */
async function whole() {
  const started = performance.now();
  while ((await gently(me.get("/my"))).status !== 200) {
    assert.ok(performance.now() - started < RECOVERED_SECONDS_MAX * 1000, `not back after ${RECOVERED_SECONDS_MAX} s`);
    await pause(200);
  }
}

test("the database is killed among requests: 503 in plain words, then all is back and nothing is lost", { timeout: 180_000 }, async () => {
  const no = await handIn(me, await fillDraft(me, await newDraft(me)));
  const pending = await fillDraft(me, await newDraft(me));
  const { path, fields } = await ready(me, pending);
  const writers = [];
  for (const name of ["市民", "演示", "示例"]) writers.push(writer(await newDraft(me), name));
  await pause(1500);
  assert.ok(city.killDatabase(), "the database runs");
  const down = performance.now();
  const refused = [];
  // It is killed again whenever it comes back, for long enough that requests give up waiting.
  while (performance.now() - down < 8000) {
    city.killDatabase();
    if (refused.length < 2 && performance.now() - down > 300) refused.push(await gently(me.post(path, fields)));
    await pause(100);
  }
  const alive = await gently(me.get("/healthz"));
  assert.equal(alive.status, 200, "the process itself is alive");
  await whole();
  await pause(1000);
  for (const one of writers) {
    one.stopped = true;
    await one.done;
    assert.ok(!one.statuses.has(500), `500 among ${JSON.stringify([...one.statuses])}`);
    assert.ok(!one.statuses.has(0), "a connection was dropped");
    await kept(one);
  }
  assert.ok(writers.some((one) => one.refused) || refused.some((said) => said.status === 503), "nobody was told");
  for (const said of refused.filter((said) => said.status === 503)) {
    assert.match(said.words, /现在办不了|过一会儿/);
    assert.ok(!/sqlx|postgres|panick|error:/i.test(said.text), "the page tells secrets");
  }
  assert.equal((await me.get(`/my/case/${no}`)).status, 200, "the case of before");
  const answers = [await me.post(path, fields), await me.post(path, fields)].map(numberOf);
  assert.ok(answers[0] && answers[0] === answers[1], "sent again it is one case");
  const stored = await ask(`select count(*) from casework."case" where no = '${answers[0]}'`, city.data);
  assert.deepEqual(stored, ["1"]);
});

test("while the database is away, machines are told as machines read it", { timeout: 60_000 }, async () => {
  const started = performance.now();
  let told = null;
  while (performance.now() - started < 15_000 && !told) {
    city.killDatabase();
    const said = await gently(me.get("/api/v1/items"));
    if (said.status === 503) told = said;
    else await pause(20);
  }
  await whole();
  // A wait that ends well before the database is missed is as good an answer.
  if (!told) return;
  assert.equal(told.headers["content-type"], "application/problem+json");
  assert.ok(Number(told.headers["retry-after"]) > 0);
  assert.equal(JSON.parse(told.text).status, 503);
});

test("the server is killed among requests and started again on the same folder", { timeout: 180_000 }, async () => {
  const draft = await fillDraft(me, await newDraft(me));
  const place = `${draft}/page/officer`;
  const form = await me.form(place);
  const sent = await ready(me, draft);
  const writers = [writer(await newDraft(me), "重启"), writer(await newDraft(me), "再来")];
  await pause(1500);
  const { signal } = await city.kill("SIGKILL");
  assert.equal(signal, "SIGKILL");
  for (const one of writers) {
    one.stopped = true;
    await one.done;
  }
  await city.start({ seconds: 60 });
  assert.equal((await me.get("/my")).status, 200, "the session goes on");
  for (const one of writers) await kept(one);
  const said = await me.post(place, filled(form, { officer_name: "开着的页" }));
  if (said.status === 409) {
    const again = formsOf(said.text).find((form) => form.action === place);
    assert.ok(again, "what was typed before the restart is not given back");
    assert.equal((await me.post(place, again.fields)).status, 303);
  } else assert.equal(said.status, 303);
  assert.ok(values_of(await me.get(place)).includes("开着的页"));
  const first = await me.post(sent.path, sent.fields);
  assert.ok([303, 409].includes(first.status), `${first.status}`);
  assert.ok(numberOf(first) ?? (await handIn(me, draft)), "it can be handed in");
});

test("both are killed at once", { timeout: 120_000 }, async () => {
  const one = writer(await newDraft(me), "一起");
  await pause(1000);
  city.killDatabase();
  await city.kill("SIGKILL");
  one.stopped = true;
  await one.done;
  await city.start({ seconds: 60 });
  await kept(one);
});

test("a second server on the same folder is refused, and the first goes on", async () => {
  const { code, said } = await zhengtong(["demo", "--data", city.data, "--listen", `127.0.0.1:${await freePort()}`]);
  assert.equal(code, 1, said);
  assert.match(said, /正被另一个 zhengtong 使用/);
  assert.match(said, /is used by another zhengtong/);
  assert.equal((await me.get("/my")).status, 200);
});

test("told to stop, it answers what it has begun, stops its database and ends with 0", { timeout: 90_000 }, async () => {
  const { hostname, port } = new URL(city.url);
  const body = "login=agent&password=x&csrf=";
  const socket = net.connect({ host: hostname, port });
  let said = "";
  socket.on("data", (part) => (said += part));
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(`POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
  await pause(500);
  const ended = city.kill("SIGTERM");
  await pause(700);
  socket.write(body.slice(5));
  await closed;
  assert.match(said, /^HTTP\/1\.1 (409|422)/, "the request in flight was not answered");
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.equal(city.database(), null, "the database was left behind");
  assert.ok(!city.said.includes("panicked"), city.said);
});

test("after all of it the record verifies", { timeout: 120_000 }, async () => {
  const { code, said } = await zhengtong(["verify", "--data", city.data]);
  assert.equal(code, 0, said);
});
