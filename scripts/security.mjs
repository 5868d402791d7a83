// sqlmap over every parameter that searches, filters, pages or exports: scripts/security.
//
// Each target is tried with the session of somebody who may ask it. A target that does not answer 200 is a fault of this
// list, so that nothing is passed over in silence.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../e2e/bad/client.mjs";

const url = process.env.ZT_URL;
const program = process.argv[2];
const out = join(process.env.ZT_ROOT ?? ".", "target/security");
mkdirSync(out, { recursive: true });
const LEVEL = process.env.ZT_LEVEL ?? "2";
const RISK = process.env.ZT_RISK ?? "2";

/** Who, path with every parameter filled in. */
const TARGETS = [
  [null, "/hall?q=food&event=start&page=1"], [null, "/api/v1/items?q=food&page=1"], [null, "/api/v1/standards?on=2026-11-21&page=1"], [null, "/api/v1/elements?q=name&page=1"],
  [null, "/api/v1/codes/sex?on=2026-11-21&page=1"], [null, "/verify?code=abcd"], [null, "/hall/food-business-new?kind=1"],
  [null, "/hall/ratings?over=items"], [null, "/hall/mayor-mailbox-write/published?q=x&page=1"],
  ["citizen", "/my/cases?page=1"], ["citizen", "/api/v1/cases?page=1"], ["citizen", "/my/messages?page=1"], ["citizen", "/my/data?page=1"],
  ["clerk", "/desk/inbox?filter=mine&page=1"], ["clerk", "/desk/messages?page=1"],
  ["clerk", "/desk/find?q=x"], ["clerk", "/desk/supervision?pile=open&page=1"], ["clerk", "/desk/ratings?show=open&page=1"],
  ["head", "/board/supervision?of=day&day=2026-11-21&from=2026-11-01"], ["head", "/board/supervision/grades?day=2026-11-21"],
  ["head", "/board/supervision/rows?what=accepted&from=2020-01-01&to=2030-12-31&page=1"],
  ["head", "/board/supervision/cards?pile=open&level=red&page=1"], ["head", "/board/supervision/case?q=x"],
  ["system", "/admin/people?q=x&page=1"], ["system", "/admin/organisations?region=330100&page=1"], ["system", "/admin/jobs?kind=x"],
  ["audit", "/admin/record?from=2026-11-01&to=2026-11-30&account=x&verb=x&kind=x&thing=x&request=x&before=999"],
];

const sessions = new Map();
async function session(name) {
  if (name === null) return new Client(url);
  if (!sessions.has(name)) sessions.set(name, await new Client(url).logIn(name));
  return sessions.get(name);
}

function attack(path, cookies) {
  const cookie = Object.entries(cookies).map(([key, value]) => `${key}=${value}`).join("; ");
  const flags = [
    "-u", `${url}${path}`, "--batch", "--flush-session", "--level", LEVEL, "--risk", RISK, "--dbms", "PostgreSQL", "--technique", "BEUSTQ",
    "--threads", "4", "--time-sec", "3", "--output-dir", out, "--disable-coloring", "--ignore-code", "404,422", "--skip", "cookie,user-agent,referer,host",
  ];
  if (cookie) flags.push("--cookie", cookie, "--drop-set-cookie");
  return new Promise((resolve) => {
    execFile(program, flags, { maxBuffer: 64 << 20, timeout: 900_000 }, (error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
}

let failed = false;
let parameters = 0;
for (const [name, path] of TARGETS) {
  const client = await session(name);
  const first = await client.get(path);
  if (first.status !== 200) {
    console.log(`skipped ${path} as ${name ?? "visitor"}: answers ${first.status}`);
    if (first.status !== 404) failed = true;
    continue;
  }
  const began = Date.now();
  const said = await attack(path, client.cookies);
  writeFileSync(join(out, `${path.replace(/\W+/g, "_")}.txt`), said);
  const tested = [...said.matchAll(/parameter '([^']+)' does not seem to be injectable/g)].length;
  const found = /is vulnerable|sqlmap identified the following injection/.test(said);
  const done = tested > 0 || /all tested parameters do not appear to be injectable/.test(said);
  parameters += tested;
  console.log(`${found ? "FOUND" : done ? "nothing" : "UNCLEAR"}  ${String(tested).padStart(2)} parameters  ${((Date.now() - began) / 1000).toFixed(0)} s  ${name ?? "visitor"}  ${path}`);
  if (found || !done) failed = true;
}
console.log(`${TARGETS.length} targets, ${parameters} parameters found not injectable`);
process.exit(failed ? 1 : 0);
