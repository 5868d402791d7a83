// Joins what the conformance examples printed into one file and judges it.
// Kept apart from scripts/conformance because a shell is no place to read JSON.
import { readFileSync, readdirSync, writeFileSync, existsSync } from "node:fs";

const [suites, printed, knownFile, out] = process.argv.slice(2);

// Suites that wait for an engine which does not exist yet.
const COMES_WITH = {
  open311: "faces/api (open311)",
  "dcat-ap": "pySHACL, which could not be installed",
};

const results = readFileSync(printed, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line));
const known = existsSync(knownFile) ? JSON.parse(readFileSync(knownFile, "utf8")) : {};
const judged = new Set(results.map((result) => result.suite));
let bad = 0;

for (const result of results) {
  const reasons = known[result.suite] ?? {};
  const failures = result.failures ?? [];
  const names = new Set(failures.map((failure) => failure.name));
  const surprises = failures.filter((failure) => !(failure.name in reasons));
  const mended = Object.keys(reasons).filter((name) => !names.has(name));
  result.total = result.passed + failures.length;
  result.failing = failures.map((failure) => ({ ...failure, reason: reasons[failure.name] ?? null }));
  delete result.failed;
  delete result.failures;
  console.log(`${result.suite}: ${result.passed} of ${result.total} passed`);
  for (const failure of surprises.slice(0, 20)) {
    console.log(`  ${failure.name}: ${failure.why}`);
  }
  for (const name of mended) {
    console.log(`  ${name} passes now: take it out of ${knownFile}`);
  }
  if (surprises.length > 0 || mended.length > 0) {
    bad += 1;
  }
}
for (const suite of Object.keys(known).filter((suite) => !judged.has(suite))) {
  console.log(`${suite}: listed in ${knownFile}, but nothing runs it`);
  bad += 1;
}
const folders = readdirSync(suites, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const isJudged = (folder) => [...judged].some((suite) => suite === folder || suite.startsWith(`${folder}-`));
for (const { name } of folders.filter((entry) => !isJudged(entry.name))) {
  console.log(`${name}: not judged yet, comes with ${COMES_WITH[name] ?? "an engine not named yet"}`);
}
writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const total = results.reduce((sum, result) => sum + result.total, 0);
console.log(
  results.length === 0
    ? "no suite is judged yet"
    : `${results.length} suites: ${passed} of ${total} passed`,
);
process.exit(bad === 0 ? 0 : 1);
