// Bundles the designer into crates/faces/ui/assets: designer.js draws processes, tables.js writes decision tables, designer.css and
// two fonts are for both, and designer.LICENSE holds the licence of every package that went in. `node designer.mjs --check` fails when the committed files are stale.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "../crates/faces/ui/assets");
const modules = join(here, "node_modules");
const check = process.argv.includes("--check");
const read = (path) => readFileSync(path, "utf8");

// The editor of expressions would write its styles into the page, which our policy refuses; a constructed style sheet it admits.
const constructed = {
  name: "constructed style sheets",
  setup(building) {
    building.onLoad({ filter: /style-mod[\\/](src|dist)[\\/]/ }, ({ path }) => {
      const contents = read(path);
      const changed = contents.replace("!root.head && root.adoptedStyleSheets", "root.adoptedStyleSheets");
      if (changed === contents) throw new Error(`${path} is not what it was: look at how it mounts its styles`);
      return { contents: changed, loader: "js" };
    });
  },
};

// The walker of nodes would make a function of a text, which nobody here asks of it and our policy refuses.
const named = {
  name: "no functions from texts",
  setup(building) {
    building.onLoad({ filter: /selection-ranges[\\/]dist[\\/]index\.js$/ }, ({ path }) => {
      const contents = read(path);
      const changed = contents.replace(/return new Function\('node'[^\n]*;/, "throw new TypeError('an expression is a function or a type of node');");
      if (changed === contents) throw new Error(`${path} is not what it was: look at what it compiles`);
      return { contents: changed, loader: "js" };
    });
  },
};

const bundle = await build({
  entryPoints: [join(here, "src/designer.ts"), join(here, "src/tables.ts")],
  plugins: [constructed, named],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020"],
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  outdir: "out",
  absWorkingDir: here,
  write: false,
});

// The styles of the drawing, then ours. The font is one file whose address the server fills in.
const vendor = [
  "bpmn-js/dist/assets/diagram-js.css",
  "bpmn-js/dist/assets/bpmn-js.css",
  "bpmn-js/dist/assets/bpmn-font/css/bpmn.css",
  "dmn-js/dist/assets/dmn-js-shared.css",
  "dmn-js/dist/assets/dmn-js-decision-table.css",
  "dmn-js/dist/assets/dmn-js-decision-table-controls.css",
  "dmn-js/dist/assets/dmn-font/css/dmn.css",
]
  .map((name) => read(join(modules, name)))
  .join("\n")
  .replace(/\/\*[\s\S]*?\*\//g, "")
  .replace(/@charset[^;]*;/g, "")
  .replace(/@font-face\s*{[^}]*}/g, "");
const face = (name) => `@font-face { font-family: "${name}"; src: url("${name.toUpperCase()}_FONT") format("woff2"); }\n`;
const font = face("bpmn") + face("dmn");
const styles = await build({
  stdin: { contents: font + vendor + read(join(here, "src/designer/designer.css")), loader: "css", resolveDir: here },
  bundle: false,
  minify: true,
  charset: "utf8",
  write: false,
});

/** Name, version and licence of every package a file of which is in the bundle. */
function licences() {
  const packages = new Set(["bpmn-font", "dmn-font"]);
  for (const path of Object.keys(bundle.metafile.inputs)) {
    const inside = path.split("node_modules/").at(-1);
    if (!path.includes("node_modules/")) continue;
    packages.add(inside.split("/").slice(0, inside.startsWith("@") ? 2 : 1).join("/"));
  }
  const parts = [...packages].sort().map((name) => {
    if (name.endsWith("-font")) return `${name} (the icons in a .woff2 file): SIL Open Font License 1.1, https://openfontlicense.org`;
    const folder = join(modules, name);
    const { version, license } = JSON.parse(read(join(folder, "package.json")));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const words = typeof license === "string" ? license : "see below";
    return `${name} ${version}: ${words}\n\n${file && existsSync(join(folder, file)) ? read(join(folder, file)).trim() : `The package names this licence and brings no text.`}`;
  });
  return [
    "What designer.js, tables.js, designer.css, bpmn.woff2 and dmn.woff2 are made of, besides our own files.\n",
    "The mark of bpmn.io in the corner of every drawing and table is part of the licence of bpmn-js and dmn-js: it stays, it\nstays visible, and it is not covered.\n",
    parts.join(`\n\n${"-".repeat(79)}\n\n`),
    "",
  ].join("\n");
}

const output = (name) => Buffer.from(bundle.outputFiles.find((file) => file.path.endsWith(name)).contents);

// The mark of dmn-js brings its styles in markup that its licence lets nobody change. The page of tables admits exactly these,
// by their digests, and no other.
function admitted() {
  const source = read(join(modules, "dmn-js-shared/lib/util/PoweredByUtil.js"));
  const lists = [...source.matchAll(/css\(\[([^\]]*)\]\)/g)].map(([, list]) => [...list.matchAll(/'([^']*)'/g)].map(([, one]) => one).join(";"));
  const plain = [...source.matchAll(/style="([^"'+]+)"/g)].map(([, one]) => one);
  const split = [...source.matchAll(/style="([^"']+)' \+ '">/g)].map(([, one]) => one);
  // An unseen picture under the hand that moves a row.
  const drag = read(join(modules, "dmn-js-decision-table/lib/features/drag-and-drop/DragAndDrop.js"));
  plain.push(...[...drag.matchAll(/style="(\s+visibility[^"]*)"/g)].map(([, one]) => one));
  const digest = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [...new Set([...plain, ...split, ...lists].map(digest))].sort().join(" ") + "\n";
}

const files = [
  ["designer.js", output("designer.js")],
  ["tables.js", output("tables.js")],
  ["tables.styles", Buffer.from(admitted())],
  ["dmn.woff2", readFileSync(join(modules, "dmn-js/dist/assets/dmn-font/font/dmn.woff2"))],
  ["designer.css", Buffer.from(styles.outputFiles[0].contents)],
  ["bpmn.woff2", readFileSync(join(modules, "bpmn-js/dist/assets/bpmn-font/font/bpmn.woff2"))],
  ["designer.LICENSE", Buffer.from(licences())],
];
for (const [name, bytes] of files) {
  const path = join(assets, name);
  if (!check) writeFileSync(path, bytes);
  else if (!existsSync(path) || !readFileSync(path).equals(bytes)) {
    console.error(`assets/${name} is stale: run \`npm run designer\``);
    process.exit(1);
  }
}
if (!check) console.log(files.map(([name, bytes]) => `${name} ${bytes.length}`).join(", "));
