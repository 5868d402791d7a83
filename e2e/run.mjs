// Starts one browser and one demo city, runs the tests of this folder, leaves the results for machines.
//
//   node run.mjs                      all
//   node run.mjs licence              tests whose file name holds this word
//   ZT_URL=… ZT_DATA=… node run.mjs   against a running city
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchServer } from "./lib/browser.mjs";
import { startCity } from "./lib/city.mjs";
import { beginRecord, joinRecord, OUT } from "./lib/record.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
// The longest first: two files run at a time.
const files = ["journeys", "rights", "bad", "self"]
  .flatMap((folder) => readdirSync(join(here, folder)).sort().map((name) => join(folder, name)))
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
if (files.length === 0) {
  console.error("no test of that name");
  process.exit(2);
}

const target = process.env.CARGO_TARGET_DIR ?? join(here, "../target");
const binary = process.env.ZT_BINARY ?? join(target, "debug/zhengtong");
const needsCity = files.some((name) => !name.startsWith("self"));
let city = null;
let server = null;

async function cleanUp() {
  await server?.close();
  await city?.stop();
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => cleanUp().finally(() => process.exit(130)));
}

const tests = (env) =>
  new Promise((resolve) => {
    const flags = ["--test", "--test-reporter=spec", "--test-concurrency=2"];
    const child = spawn(process.execPath, [...flags, ...files], { cwd: here, env, stdio: "inherit" });
    child.on("exit", (code) => resolve(code ?? 1));
  });

let status = 1;
try {
  beginRecord();
  server = await launchServer();
  const env = { ...process.env, ZT_BROWSER: server.wsEndpoint(), ZT_OUT: OUT };
  if (needsCity && !env.ZT_URL) {
    city = await startCity({ binary });
    console.log(`demo city ready at ${city.url}, first page after ${city.seconds.toFixed(1)} s`);
    Object.assign(env, { ZT_URL: city.url, ZT_DATA: city.data });
  }
  status = await tests(env);
  const panics = city?.panics() ?? [];
  if (panics.length > 0) {
    console.error(`the server panicked:\n${panics.join("\n")}`);
    status = 1;
  }
  if (status !== 0 && city) console.error(`last words of the server:\n${city.lastWords()}`);
} catch (error) {
  console.error(error.message);
} finally {
  await cleanUp();
}
if (city) {
  // The city stands still now; whoever has its folder can prove what was done in it.
  const { code, words } = await city.verify();
  console.log(`zhengtong verify ended with ${code}: ${words.split("\n").at(-1)}`);
  if (code !== 0) status = 1;
}
city?.remove();

const { axe } = joinRecord();
const violations = axe.reduce((sum, row) => sum + row.violations, 0);
const pages = new Set(axe.map((row) => row.page));
const open = new Set(axe.flatMap((row) => row.incomplete.map((item) => item.id)));
console.log(`${pages.size} pages, ${axe.length} looks, ${violations} violations (${join(OUT, "axe.json")})`);
if (open.size > 0) console.log(`left to a person's eyes by axe: ${[...open].sort().join(", ")}`);
process.exit(status === 0 && violations > 0 ? 1 : status);
