// Bundles src/ui.ts into crates/faces/ui/assets/ui.js. `node script.mjs --check` fails when the committed file is stale.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const target = fileURLToPath(new URL("../crates/faces/ui/assets/ui.js", import.meta.url));
const check = process.argv.includes("--check");
const result = await build({
  entryPoints: [fileURLToPath(new URL("src/ui.ts", import.meta.url))],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  legalComments: "none",
  charset: "utf8",
  outfile: target,
  write: !check,
});
if (check && result.outputFiles[0].text !== readFileSync(target, "utf8")) {
  console.error("assets/ui.js is stale: run `npm run script`");
  process.exit(1);
}
