// The list of components is whole, and an advisory against one of them is found by its version.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { against, compare, components, isAffected, sbom } from "../../scripts/components.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const run = (...words) => spawnSync(process.execPath, [join(ROOT, "scripts/components.mjs"), ...words], { encoding: "utf8" });

test("every locked component stands in the list of components", () => {
  const list = components();
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const outside = lock.split("[[package]]").filter((block) => block.includes("\nsource = ")).length;
  assert.equal(list.filter((one) => one.ecosystem === "crates.io").length, outside);
  assert.ok(list.some((one) => one.ecosystem === "npm" && one.name === "@axe-core/playwright"));
  const document = sbom(list, "1.0.0");
  assert.equal(document.components.length, list.length);
  assert.equal(new Set(document.components.map((one) => one["bom-ref"])).size, list.length);
  for (const one of document.components) {
    assert.match(one.purl, /^pkg:(cargo|npm)\/[^@]+@\d/);
    for (const hash of one.hashes ?? []) assert.match(hash.content, hash.alg === "SHA-256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{128}$/);
  }
  assert.deepEqual(document, sbom(components(), "1.0.0"), "the same components, another document");
});

test("versions are ordered as semver.org orders them", () => {
  const order = ["0.0.0-0", "0.1.0", "0.9.10", "0.10.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0"];
  for (const [at, one] of order.entries()) {
    for (const [other, two] of order.entries()) assert.equal(compare(one, two), Math.sign(at - other), `${one} ${two}`);
  }
  assert.equal(compare("1.0.0+a", "1.0.0+b"), 0);
});

test("an advisory is against the versions in its ranges and no other", () => {
  const semver = (...events) => ({ ranges: [{ type: "SEMVER", events }] });
  const rows = [
    ["1.4.9", semver({ introduced: "0.0.0-0" }, { fixed: "1.5.0" }), true],
    ["1.5.0", semver({ introduced: "0.0.0-0" }, { fixed: "1.5.0" }), false],
    ["1.5.0-rc.1", semver({ introduced: "0" }, { fixed: "1.5.0" }), true],
    ["2.1.0", semver({ introduced: "0" }, { fixed: "1.5.0" }, { introduced: "2.0.0" }, { fixed: "2.1.1" }), true],
    ["1.9.0", semver({ introduced: "0" }, { fixed: "1.5.0" }, { introduced: "2.0.0" }, { fixed: "2.1.1" }), false],
    ["3.0.0", semver({ introduced: "1.0.0" }, { last_affected: "3.0.0" }), true],
    ["3.0.1", semver({ introduced: "1.0.0" }, { last_affected: "3.0.0" }), false],
    ["9.9.9", semver({ introduced: "1.0.0" }), true],
    ["0.9.0", semver({ introduced: "1.0.0" }), false],
    ["4.2.0", { versions: ["4.2.0"] }, true],
    ["4.2.1", { versions: ["4.2.0"] }, false],
  ];
  for (const [version, affected, expected] of rows) assert.equal(isAffected(version, affected), expected, `${version} ${JSON.stringify(affected)}`);
});

test("a component with a known weakness fails the check, a mended one and a withdrawn advisory do not", () => {
  const folder = mkdtempSync(join(tmpdir(), "zhengtong-advisories-"));
  try {
    const tokio = components().find((one) => one.name === "tokio");
    const advisory = (id, fixed, more = {}) => ({
      id,
      summary: "a planted weakness",
      affected: [{ package: { ecosystem: "crates.io", name: "tokio" }, ranges: [{ type: "SEMVER", events: [{ introduced: "0.0.0-0" }, { fixed }] }] }],
      ...more,
    });
    mkdirSync(join(folder, "crates.io"));
    const put = (one) => writeFileSync(join(folder, "crates.io", `${one.id}.json`), JSON.stringify(one));
    put(advisory("TEST-0001", tokio.version));
    put(advisory("TEST-0002", "999.0.0", { withdrawn: "2026-01-01T00:00:00Z" }));
    const clean = run("advisories", folder);
    assert.equal(clean.status, 0, clean.stdout + clean.stderr);
    put(advisory("TEST-0003", "999.0.0"));
    const found = run("advisories", folder);
    assert.equal(found.status, 1);
    assert.match(found.stdout, /TEST-0003 {2}tokio .*mended in 999\.0\.0/);
    assert.doesNotMatch(found.stdout, /TEST-000[12]/);
    assert.equal(against(components(), [advisory("X", "999.0.0")]).length, components().filter((one) => one.name === "tokio").length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a folder without advisories is no clean bill", () => {
  const folder = mkdtempSync(join(tmpdir(), "zhengtong-advisories-"));
  try {
    assert.equal(run("advisories", folder).status, 2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
