// Plays a journey: a list of steps as data, once for each way of walking it.
//
//   { as: "citizen" }                     this person from here on ("visitor": nobody); logs in when needed
//   { open: "/hall" }                     opens an address
//   { fill: { "名称": "值", … } }           fills fields by label (true/false ticks, a text chooses)
//   { upload: { "布局平面图": "plan.pdf" } }  chooses a file made by lib/files.mjs
//   { press: "继续" }                      presses a button or follows a link, by its text
//   { pressIf: "…" }                      the same when it is there
//   { see: "受理号" } { miss: "…" }         text on the page (a list: all of it)
//   { at: "/hall/apply/*" }               the address
//   { status: 404 }                       how the last `open` was answered
//   { keep: { no: ".receipt-no" } }       remembers a text by selector, or with "x @y" an attribute; "${no}" recalls it anywhere
//   { check: "receipt" }                  all checks of a page under this name, with pictures
//   { file: { "打开证照": "%PDF" } }         follows a link to a file, which begins so and is larger than 5 KB
//   { run: async (scene) => … }           anything else
// One step may hold several keys; they are done in the order they are written. Steps that are read in two languages
// are a function of `say(zh, en)`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accounts, logIn } from "./accounts.mjs";
import { closeBrowser, person, WIDTHS } from "./browser.mjs";
import { checkPage, LOOKS, weigh } from "./checks.mjs";
import { fileNamed } from "./files.mjs";
import { keyboard, mouse, press as pressable } from "./hands.mjs";

const PLAIN = LOOKS.slice(0, 1).map((look) => ({ ...look, axe: false, screen: false }));
const WAYS = {
  mouse: { title: "", hands: mouse, script: true, looks: LOOKS },
  keyboard: { title: " (keyboard only)", hands: keyboard, script: true, looks: [] },
  plain: { title: " (without JavaScript)", hands: mouse, script: false, looks: PLAIN },
  phone: { title: " (phone)", hands: mouse, script: true, looks: [], width: WIDTHS.phone },
  english: { title: " (English)", hands: mouse, script: true, lang: "en", looks: PLAIN },
};

// Codes of the second factor are given once in half a minute, so a session of staff serves the ways after the first.
// Each of these ways still logs one of them in with its own hands.
const OWN_LOGIN = { keyboard: "clerk", plain: "head", phone: "reviewer", english: "inspector" };
const sessions = new Map();

const deeds = {
  as: (scene, who) => scene.become(who),
  open: async (scene, path) => {
    scene.status = (await scene.page.goto(path))?.status();
  },
  fill: async (scene, fields) => {
    for (const [label, value] of Object.entries(fields)) await scene.way.hands.fill(scene.page, label, value);
  },
  upload: async (scene, files) => {
    for (const [label, name] of Object.entries(files)) await scene.way.hands.upload(scene.page, label, fileNamed(name));
  },
  press: (scene, text) => scene.way.hands.press(scene.page, text),
  pressIf: async (scene, text) => {
    const found = scene.page.getByRole("button", { name: text }).or(scene.page.getByRole("link", { name: text }));
    if ((await found.count()) > 0) await scene.way.hands.press(scene.page, text);
  },
  see: async (scene, texts) => {
    const shown = await scene.text();
    for (const text of [texts].flat()) assert.ok(shown.includes(bare(text)), `no "${text}" at ${scene.page.url()}`);
  },
  miss: async (scene, texts) => {
    const shown = await scene.text();
    for (const text of [texts].flat()) assert.ok(!shown.includes(bare(text)), `"${text}" at ${scene.page.url()}`);
  },
  at: (scene, path) => {
    const { pathname } = new URL(scene.page.url());
    const fits = path.endsWith("*") ? pathname.startsWith(path.slice(0, -1)) : pathname === path;
    assert.ok(fits, `at ${pathname}, not at ${path}`);
  },
  status: (scene, wanted) => assert.equal(scene.status, wanted),
  keep: async (scene, wanted) => {
    for (const [name, selector] of Object.entries(wanted)) {
      const [path, attribute] = selector.split(" @");
      const place = scene.page.locator(path).first();
      scene.kept[name] = (attribute ? await place.getAttribute(attribute) : await place.innerText()).trim();
    }
  },
  check: async (scene, name) => {
    const mouse = scene.way === WAYS.mouse;
    // The catalogue is as long as twenty pages: its pictures are taken once at each width.
    const looks = scene.way.looks.map((look) => (name === "design" ? { ...look, screen: look.screen && look.mode === "light" } : look));
    if (mouse) scene.faults.push(...(await weigh(scene.page, name)));
    scene.faults.push(...(await checkPage(scene.page, mouse ? name : `${name}-${scene.key}`, looks)));
  },
  file: async (scene, links) => {
    for (const [text, begins] of Object.entries(links)) {
      const link = await pressable(scene.page, text);
      const answer = await scene.page.context().request.get(await link.getAttribute("href"));
      const bytes = await answer.body();
      assert.equal(bytes.subarray(0, begins.length).toString("latin1"), begins);
      assert.ok(bytes.length > 5000, `only ${bytes.length} bytes`);
    }
  },
  run: (scene, work) => work(scene),
};

const bare = (text) => text.replace(/\s+/g, "");

/** Texts with "${name}" filled from what was kept; anything else as it is. */
function recalled(value, kept) {
  if (typeof value === "string") {
    return value.replace(/\$\{(\w+)\}/g, (_, name) => kept[name] ?? assert.fail(`nothing kept as ${name}`));
  }
  if (Array.isArray(value)) return value.map((item) => recalled(item, kept));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recalled(item, kept)]));
  }
  return value;
}

async function come(scene, who) {
  const account = accounts().find(who);
  const kept = account.totp_secret && OWN_LOGIN[scene.key] !== who && sessions.get(who);
  if (kept) {
    await scene.page.context().addCookies(kept);
    return;
  }
  await logIn(scene.page, account, scene.way.hands, scene.way.lang);
  const cookies = await scene.page.context().cookies();
  if (account.totp_secret) sessions.set(who, cookies.filter((cookie) => cookie.name === "zt_session"));
}

function newScene(url, key) {
  const way = WAYS[key];
  const people = new Map();
  const scene = { url, key, way, people, page: null, kept: {}, faults: [] };
  scene.become = async (who) => {
    if (!people.has(who)) {
      people.set(who, await person({ url, script: way.script, width: way.width, lang: way.lang === "en" ? "en-GB" : "zh-CN" }));
      scene.page = people.get(who).page;
      if (who !== "visitor") await come(scene, who);
    }
    scene.page = people.get(who).page;
  };
  scene.text = async () => bare(await scene.page.locator("body").innerText());
  scene.close = async () => {
    for (const one of people.values()) {
      scene.faults.push(...one.takeFaults());
      await one.close();
    }
  };
  return scene;
}

/** A scene with one person who is there already. */
export function sceneOf(one, key = "mouse") {
  return { key, way: { ...WAYS[key], looks: [] }, page: one.page, kept: {}, faults: [], text: async () => bare(await one.page.locator("body").innerText()) };
}

/** Does the steps with the person who is there. */
export async function play(scene, steps) {
  for (const [number, step] of steps.entries()) {
    for (const [deed, value] of Object.entries(step)) {
      if (!(deed in deeds)) throw new Error(`step ${number + 1}: there is no deed "${deed}"`);
      try {
        await deeds[deed](scene, recalled(value, scene.kept));
      } catch (error) {
        const title = await scene.page.title().catch(() => "");
        const where = `at ${scene.page.url()}, "${title}"`;
        const seen = await scene.page.locator("main").innerText().catch(() => "");
        const told = [error.message, where, seen.slice(0, 1500), ...scene.faults];
        throw new Error(`step ${number + 1}, ${deed} ${JSON.stringify(value)}: ${told.join("\n")}`);
      }
    }
  }
}

/** Declares a journey as tests, one for each way: mouse, keyboard, plain, phone, english. */
export function journey(name, { ways = ["mouse"], steps }, address = () => process.env.ZT_URL) {
  for (const key of ways) {
    test(`${name}${WAYS[key].title}`, { timeout: 600_000 }, async () => {
      const url = address();
      assert.ok(url, "no server: run `node run.mjs`");
      const scene = newScene(url, key);
      try {
        const say = (zh, en) => (scene.way.lang === "en" ? en : zh);
        await scene.become("visitor");
        await play(scene, typeof steps === "function" ? steps(say, key) : steps);
      } finally {
        await scene.close();
      }
      assert.deepEqual(scene.faults, [], scene.faults.join("\n"));
    });
  }
}

export { closeBrowser };
