// Builds crates/faces/ui/assets/icons.svg: one symbol for every icon that crates/faces/ui/src/icon.rs names,
// followed by our own drawings (glyphs.svg). `node icons.mjs --check` fails when the committed file is stale.
import { readFileSync, writeFileSync } from "node:fs";

const ui = new URL("../crates/faces/ui/", import.meta.url);
const source = readFileSync(new URL("src/icon.rs", ui), "utf8");
const names = [...source.matchAll(/^\s+[A-Z]\w* => "([a-z0-9-]+)",$/gm)].map((match) => match[1]).sort();
const { version } = JSON.parse(readFileSync(new URL("node_modules/lucide-static/package.json", import.meta.url), "utf8"));

const symbols = names.map((name) => {
  const svg = readFileSync(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url), "utf8");
  const body = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>")}</symbol>`;
});
const own = readFileSync(new URL("glyphs.svg", import.meta.url), "utf8").trim();
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">
<!-- Icons i-*: lucide-static ${version}, ISC licence, Copyright (c) Lucide Icons and Contributors; parts derived from Feather, MIT licence,
     Copyright (c) Cole Bemis. The full text is beside this file in icons.LICENSE. Symbols l-* are our own drawings. -->
${symbols.join("\n")}
${own}
</svg>
`;

const target = new URL("assets/icons.svg", ui);
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== sprite) {
    console.error("assets/icons.svg is stale: run `npm run icons`");
    process.exit(1);
  }
} else {
  writeFileSync(target, sprite);
  writeFileSync(new URL("assets/icons.LICENSE", ui), readFileSync(new URL("node_modules/lucide-static/LICENSE", import.meta.url)));
  console.log(`${names.length} icons`);
}
