// Joins what the conformance examples printed into one file and judges it.
// Kept apart from scripts/conformance because a shell is no place to read JSON.
import { readFileSync, readdirSync, writeFileSync, existsSync } from "node:fs";

const [suites, printed, knownFile, out] = process.argv.slice(2);

// Suites that wait for an engine which does not exist yet.
const COMES_WITH = {
  "bpmn-miwg": "ground/bpmn",
  "bpmn-execution": "ground/bpmn",
  "dmn-tck": "engines/rule",
  open311: "faces/api (open311)",
  "dcat-ap": "faces/api (catalogue as DCAT)",
};

const results = readFileSync(printed, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line));
const known = existsSync(knownFile) ? JSON.parse(readFileSync(knownFile, "utf8")) : {};
const judged = new Set(results.map((result) => result.suite));
let bad = 0;

for (const result of results) {
  const allowed = known[result.suite] ?? 0;
  console.log(`${result.suite}: ${result.passed} passed, ${result.failed} failed`);
  for (const failure of (result.failures ?? []).slice(0, 20)) {
    console.log(`  ${failure.name}: ${failure.why}`);
  }
  if (result.failed > allowed) {
    console.log(`  more failures than the ${allowed} known`);
    bad += 1;
  } else if (result.failed < allowed) {
    console.log(`  fewer failures than the ${allowed} known: lower the figure in ${knownFile}`);
    bad += 1;
  }
}
for (const suite of Object.keys(known).filter((suite) => !judged.has(suite))) {
  console.log(`${suite}: listed in ${knownFile}, but nothing runs it`);
  bad += 1;
}
const folders = readdirSync(suites, { withFileTypes: true }).filter((entry) => entry.isDirectory());
for (const { name } of folders.filter((entry) => !judged.has(entry.name))) {
  console.log(`${name}: not judged yet, comes with ${COMES_WITH[name] ?? "an engine not named yet"}`);
}
writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(
  results.length === 0
    ? "no suite is judged yet"
    : `${results.length} suites: ${passed} passed, ${failed} failed`,
);
process.exit(bad === 0 ? 0 : 1);
