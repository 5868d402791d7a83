// schemathesis over /openapi.json of a running city, once for each kind of person: 0 failures of any check.
//
//   scripts/with-server node scripts/interface.mjs SCHEMATHESIS
//
// The seed and the number of examples are fixed, so that a run repeats and ends within four minutes.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../e2e/bad/client.mjs";

const PEOPLE = [null, "citizen", "clerk", "steward", "system"];
const EXAMPLES = process.env.ZT_EXAMPLES ?? "25";
const SECONDS = process.env.ZT_SECONDS ?? "40";

const url = process.env.ZT_URL;
const program = process.argv[2];
const out = join(process.env.ZT_ROOT ?? ".", "target/interface");
mkdirSync(out, { recursive: true });

// Conditions name the fields of the dataset in the path, which no description can say: what it refuses there is right.
const BY_DATASET = `[[operations]]
include-path-regex = "^/api/v1/datasets/"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429", "5xx"]
`;

/** The session goes in as the scheme of the description, so that requests without it are tried as well. */
async function settings(name, folder) {
  const file = join(folder, "schemathesis.toml");
  const session = name === null ? null : (await new Client(url).logIn(name)).cookies.zt_session;
  writeFileSync(file, `${session === null ? "" : `[auth.openapi.session]\napi_key = "${session}"\n`}${BY_DATASET}`, { mode: 0o600 });
  return file;
}

async function run(name) {
  const folder = join(out, name ?? "visitor");
  mkdirSync(folder, { recursive: true });
  const file = await settings(name, folder);
  const flags = [
    "--config-file", file, "run", `${url}/openapi.json`, "--phases=examples,coverage,fuzzing,stateful", "--max-examples", EXAMPLES,
    "--workers", "1", "--seed", "1", "--generation-deterministic", "--max-time", SECONDS, "--checks", "all", "--continue-on-failure",
    "--report", "junit", "--report-dir", folder, "--no-color",
  ];
  return new Promise((resolve) => {
    execFile(program, flags, { maxBuffer: 64 << 20, timeout: 150_000 }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`;
      writeFileSync(join(folder, "said.txt"), said);
      resolve({ name: name ?? "visitor", code: error ? (error.code ?? 1) : 0, said });
    });
  });
}

let failed = false;
for (const name of PEOPLE) {
  const { code, said, name: who } = await run(name);
  const count = /(\d[\d,]*) generated/.exec(said)?.[1] ?? /(\d+) test cases?/i.exec(said)?.[1] ?? "?";
  const tested = /Operations:\s*([^\n]*)/.exec(said)?.[1]?.trim() ?? said.trim().split("\n").at(-1);
  console.log(`${who.padEnd(8)} ${code === 0 ? "passed" : "FAILED"}  ${count} cases  ${tested}`);
  if (code !== 0) {
    failed = true;
    console.log(said.split("\n").slice(-120).join("\n"));
  }
}
process.exit(failed ? 1 : 0);
