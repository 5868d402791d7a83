// What the run leaves for machines: target/e2e/axe.json, weight.json and pictures.
// Test files run as processes of their own, so rows are appended as lines and joined at the end.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const OUT = process.env.ZT_OUT ?? join(dirname(fileURLToPath(import.meta.url)), "../../target/e2e");
const SCREENS = join(OUT, "screens");
const LISTS = ["axe", "weight"];

export function beginRecord() {
  rmSync(SCREENS, { recursive: true, force: true });
  mkdirSync(SCREENS, { recursive: true });
  for (const list of LISTS) {
    rmSync(join(OUT, `${list}.lines`), { force: true });
    rmSync(join(OUT, `${list}.json`), { force: true });
  }
}

export function record(list, row) {
  mkdirSync(OUT, { recursive: true });
  appendFileSync(join(OUT, `${list}.lines`), `${JSON.stringify(row)}\n`);
}

export function joinRecord() {
  const joined = {};
  for (const list of LISTS) {
    const lines = join(OUT, `${list}.lines`);
    const text = existsSync(lines) ? readFileSync(lines, "utf8") : "";
    joined[list] = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    writeFileSync(join(OUT, `${list}.json`), `${JSON.stringify(joined[list], null, 1)}\n`);
    rmSync(lines, { force: true });
  }
  return joined;
}

export async function picture(page, name, width, mode) {
  mkdirSync(SCREENS, { recursive: true });
  const path = join(SCREENS, `${name}-${width}${mode === "light" ? "" : `-${mode}`}.png`);
  await page.screenshot({ path, fullPage: true, animations: "disabled", caret: "initial" });
}
