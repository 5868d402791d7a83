// What is wrong before the server runs: packs, processes, settings, ports, folders. Each ends with 1 and says
// where, what, and what was probably meant, in both languages.
import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ROOT, zhengtong } from "./city.mjs";

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "zhengtong-bad-"));
  chmodSync(folder, 0o755);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const FORM = "food-business/form/application.toml";
const PROCESS = "food-business/process/licence.bpmn";

let round = 0;
/** Checks the shipped packs with one file changed: (text) => text, or new text. */
async function check(path, change) {
  const packs = join(folder, `packs-${(round += 1)}`);
  cpSync(join(ROOT, "packs"), packs, { recursive: true });
  const file = join(packs, path);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  mkdirSync(join(file, ".."), { recursive: true });
  const text = typeof change === "function" ? change(before) : change;
  assert.notEqual(text, before, "the file was not changed");
  writeFileSync(file, text);
  return zhengtong(["pack", "check", "--packs", packs]);
}

/** The line and column of the first place of a text, as an editor counts. */
function place(text, needle) {
  const before = text.slice(0, text.indexOf(needle)).split("\n");
  return `${before.length}:${[...before.at(-1)].length + 1}`;
}

async function faulty(path, change, ...told) {
  const { code, said } = await check(path, change);
  assert.equal(code, 1, said);
  assert.match(said, new RegExp(`${path.replaceAll(".", "\\.")}:\\d+:\\d+: .*\\p{Script=Han}.* / .*[a-z]`, "u"), "place and both languages");
  for (const one of told) assert.ok(said.includes(one), `no "${one}" in:\n${said.slice(0, 1000)}`);
}

test("the shipped packs have no fault", async () => {
  const { code, said } = await zhengtong(["pack", "check", "--packs", join(ROOT, "packs")]);
  assert.equal(code, 0, said);
});

test("a misspelt key: file, line, column and what was meant", async () => {
  const text = readFileSync(join(ROOT, "packs", FORM), "utf8");
  await faulty(FORM, (text) => text.replace(/^minutes/m, "minuts"), `${FORM}:${place(text, "minutes")}: `, "did you mean minutes?", "是不是 minutes？");
});

test("a value of the wrong type", async () => {
  await faulty(FORM, (text) => text.replace(/^minutes.*$/m, 'minutes = "x"'), "5:11");
});

test("a file that is cut off", async () => {
  await faulty(FORM, (text) => `${text}\n[[page`);
});

test("a data element that is not there", async () => {
  await faulty(FORM, (text) => text.replace("org.credit_code", "org.credit_cod"), "did you mean org.credit_code?");
});

test("a condition that is no FEEL", async () => {
  await faulty(FORM, (text) => text.replace("same_address = false", "same_address = = false"));
});

test("a folder and a file that are not known", async () => {
  await faulty("food-business/forms/x.toml", "title = 1\n", "did you mean form?");
});

test("a pack that builds on one that is not there", async () => {
  await faulty("food-business/pack.toml", (text) => text.replace("base-legal", "base-legl"));
});

test("a file that is far too large", async () => {
  await faulty(FORM, (text) => text + "#".repeat(1 << 20));
});

test("a policy that is cut off", async () => {
  await faulty("house-rules/access.cedar", (text) => `${text}\npermit(principal, action`);
});

test("a process that is no XML", async () => {
  await faulty(PROCESS, (text) => text.slice(0, 500));
  await faulty(PROCESS, "not a process at all");
  await faulty(PROCESS, "");
});

test("a process with a way to nowhere", async () => {
  await faulty(PROCESS, (text) => text.replace(/targetRef="[^"]*"/, 'targetRef="nosuch"'), "nosuch");
});

test("a process whose file would unfold other files or itself", async () => {
  const types = '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;"><!ENTITY e SYSTEM "file:///etc/passwd">]>';
  await faulty(PROCESS, (text) => text.replace(/^<\?xml[^>]*\?>/, (head) => `${head}${types}`), "DOCTYPE");
});

test("a process that is nested without end", async () => {
  const { code, said } = await check(PROCESS, "<a>".repeat(100_000));
  assert.equal(code, 1, said.slice(-500));
  assert.ok(!said.includes("overflow"), "the stack ran over");
});

test("a setting that is not known: file, line, column and what was meant", async () => {
  const file = join(folder, "z.toml");
  writeFileSync(file, '[server]\nlisten = "127.0.0.1:1"\nlisen = "x"\n');
  for (const command of [["config", "check"], ["serve"], ["doctor"]]) {
    const { code, said } = await zhengtong([...command, "--config", file]);
    assert.equal(code, 1, said);
    assert.match(said, /z\.toml:3:1: 不认识 lisen.*是不是 listen？\/ did you mean listen\?/);
  }
});

test("settings of the wrong type, cut off, or of nonsense", async () => {
  const file = join(folder, "y.toml");
  for (const text of ['[server]\ndrain_seconds = "x"\n', "[server\n", '[server]\nlisten = "nonsense"\n', '[log]\nformat = "yaml"\n', "\0", "[server]\ndrain_seconds = -1\n"]) {
    writeFileSync(file, text);
    const { code, said } = await zhengtong(["config", "check", "--config", file]);
    assert.equal(code, 1, `${JSON.stringify(text)}: ${said}`);
    assert.ok(said.length > 10 && !said.includes("panicked"), said);
  }
  const absent = await zhengtong(["config", "check", "--config", join(folder, "nosuch.toml")]);
  assert.equal(absent.code, 1);
  assert.ok(absent.said.includes("nosuch.toml"));
});

test("a setting of the environment that is not known", async () => {
  const { code, said } = await zhengtong(["config", "check"], { env: { ZHENGTONG__SERVER__LISEN: "x" } });
  assert.equal(code, 1);
  assert.match(said, /ZHENGTONG__SERVER__LISEN.*server\.lisen.*did you mean server\.listen\?/);
});

test("a port that is in use is said before anything is made", async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const data = join(folder, "never");
  const listen = `127.0.0.1:${other.address().port}`;
  for (const command of ["demo", "serve"]) {
    const { code, said } = await zhengtong([command, "--data", data, "--listen", listen]);
    assert.equal(code, 1, said);
    assert.ok(said.includes(`${listen} 用不了`) && said.includes(`${listen} is not free`), said);
  }
  assert.ok(!existsSync(data), "a folder was made all the same");
  await new Promise((resolve) => other.close(resolve));
});

test("a data folder of another PostgreSQL is refused in words, and left as it is", async () => {
  const data = join(folder, "old");
  mkdirSync(join(data, "postgres"), { recursive: true });
  writeFileSync(join(data, "postgres/PG_VERSION"), "9.6\n");
  for (const command of ["serve", "demo", "migrate"]) {
    const { code, said } = await zhengtong([command, "--data", data, "--listen", "127.0.0.1:0"]);
    assert.equal(code, 1, said);
    assert.match(said, /是 PostgreSQL 9\.6 建的/);
    assert.match(said, /was made by PostgreSQL 9\.6/);
    assert.ok(!said.includes("panicked"));
  }
  assert.equal(readFileSync(join(data, "postgres/PG_VERSION"), "utf8"), "9.6\n");
});

test("a folder that cannot be made is said", async () => {
  const { code, said } = await zhengtong(["serve", "--data", "/proc/nosuch", "--listen", "127.0.0.1:0"]);
  assert.equal(code, 1);
  assert.match(said, /\/proc\/nosuch 建不了.*cannot be made/);
});

test("a record that is no record is refused", async () => {
  const file = join(folder, "record");
  for (const text of ["", "nonsense\n", "{}\n", "\0\0\0"]) {
    writeFileSync(file, text);
    const { code, said } = await zhengtong(["verify", file]);
    assert.notEqual(code, 0, `${JSON.stringify(text)}: ${said}`);
    assert.ok(!said.includes("panicked"), said);
  }
});

test("a command that is not known is told with the nearest", async () => {
  const { code, said } = await zhengtong(["srve"]);
  assert.equal(code, 2);
  assert.match(said, /serve/);
});
