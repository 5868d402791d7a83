// Looks at the sample pages in a real browser: `npm run look -- SITE OUT [name…]`. SITE is what the example `catalogue` of
// zhengtong-ui wrote. Each page is opened in several widths and looks; a picture goes to OUT, and the run fails on any
// axe violation, sideways scroll, request to elsewhere, small target or console error.
import { createServer } from "node:http";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const [site, out, ...only] = process.argv.slice(2);
if (!site || !out) {
  console.error("usage: node look.mjs SITE OUT [name…]");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'";
const server = createServer((request, response) => {
  try {
    const path = join(site, new URL(request.url, "http://x").pathname.replace(/\.\./g, ""));
    const body = readFileSync(path);
    response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Content-Security-Policy": POLICY });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;

const LOOKS = [
  { suffix: "", width: 1280 },
  { suffix: "", width: 390 },
  { suffix: "", width: 320, quiet: true },
  { suffix: "-dark", width: 1280 },
  { suffix: "-dark", width: 390 },
  { suffix: "-contrast", width: 1280 },
  { suffix: "-elder", width: 1280 },
  { suffix: "-elder", width: 390 },
];
const names = readdirSync(site)
  .filter((file) => file.endsWith(".html") && !/-(dark|contrast|elder)\.html$/.test(file))
  .map((file) => file.slice(0, -5))
  .filter((name) => only.length === 0 || only.includes(name));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const results = [];
let bad = 0;
for (const name of names) {
  for (const { suffix, width, quiet } of LOOKS) {
    if (suffix && name === "design-en") continue;
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
    const page = await context.newPage();
    const problems = [];
    page.on("request", (request) => request.url().startsWith(base) || problems.push(`request to ${request.url()}`));
    page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
    await page.goto(`${base}/${name}${suffix}.html`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) problems.push(`${overflow} px of sideways scroll`);
    problems.push(...(await page.evaluate(smallTargets)));
    const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    for (const violation of axe.violations) {
      problems.push(`axe ${violation.id}: ${violation.nodes.length}× ${violation.nodes[0]?.html.slice(0, 140)} ${violation.nodes[0]?.any[0]?.message ?? ""}`);
    }
    if (!quiet) await page.screenshot({ path: join(out, `${name}${suffix}-${width}.png`), fullPage: true });
    results.push({ page: name, look: suffix.slice(1) || "light", width, violations: axe.violations.length, incomplete: axe.incomplete.map((one) => `${one.id}×${one.nodes.length}`), problems });
    for (const problem of new Set(problems)) console.log(`${name}${suffix} ${width}: ${problem}`);
    bad += problems.length;
    await context.close();
  }
}
writeFileSync(join(out, "look.json"), JSON.stringify(results, null, 1));
console.log(`${results.length} pages looked at, ${bad} problems`);
await browser.close();
server.close();
process.exit(bad > 0 ? 1 : 0);

// Runs in the page: what can be pressed and is smaller than 24 × 24 px and not part of a sentence.
function smallTargets() {
  const found = [];
  for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || getComputedStyle(element).clipPath !== "none") continue;
    if (element.matches(".skip") || element.closest("label")) continue;
    const inline = getComputedStyle(element).display === "inline";
    if (!inline && (box.height < 23.5 || box.width < 23.5)) found.push(`target of ${Math.round(box.width)}×${Math.round(box.height)}: ${element.outerHTML.slice(0, 90)}`);
  }
  return found.slice(0, 5);
}
