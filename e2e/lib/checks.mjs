// What must hold on every page, at every width, in every mode. Each check returns faults as sentences.
import axeCore from "axe-core";
import { WIDTHS } from "./browser.mjs";
import { inPage } from "./inpage.mjs";
import { picture, record } from "./record.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Width and mode of each look at a page; axe judges and a picture is taken where it is said so.
export const LOOKS = [
  { width: WIDTHS.desk, mode: "light", screen: true, axe: true },
  { width: WIDTHS.desk, mode: "dark", screen: true, axe: true },
  { width: WIDTHS.desk, mode: "contrast", screen: false, axe: true },
  { width: WIDTHS.phone, mode: "light", screen: true, axe: false },
  { width: WIDTHS.phone, mode: "elder", screen: true, axe: true },
  { width: WIDTHS.small, mode: "light", screen: false, axe: false },
  { width: WIDTHS.tablet, mode: "light", screen: false, axe: false },
];

// Names of the invented city: they are not translated, so an English page may show them.
const DATA = [
  "[\\p{Script=Han}·]*示例[\\p{Script=Han}]*(\\d+号)?",
  "(市民|受理员|审查员|核查员|负责人|系统员|安全员|审计员|监察员|评价员|目录员)[甲乙丙丁]|数据员[甲乙丙丁戊己庚]",
  "(城管|民政|环保|消防|规划|政府办|住建|人社|水利|水务|财政|卫健|统计|数据局)[长员][甲乙丙丁]",
  // Papers are numbered as offices number them; a filter is named by whoever keeps it.
  "\\p{Script=Han}〔\\d{4}〕[\\d-]+号",
  "近期(mouse|plain)",
  "[\\p{Script=Han}]{2,5}(省|市|区|县)",
  "市\\*+",
  "平面图\\.pdf",
  // The name of a part into which a case was split.
  "二号店",
];

/** Sets the mode as the server would by the person's choice; staff pages have no elder mode. */
async function setMode(page, mode) {
  await page.evaluate((mode) => {
    const root = document.documentElement;
    const theme = { light: "light", dark: "dark", contrast: "contrast", elder: "light" }[mode];
    root.dataset.theme = theme;
    if (mode === "elder" && document.body.classList.contains("hall")) root.dataset.mode = "elder";
    else delete root.dataset.mode;
  }, mode);
}

async function restore(page, before) {
  await page.evaluate((before) => {
    const root = document.documentElement;
    for (const key of ["theme", "mode"]) {
      if (before[key] === undefined) delete root.dataset[key];
      else root.dataset[key] = before[key];
    }
  }, before);
}

async function axe(page, name, width, mode) {
  // Brought in once for each page: there are no frames in ours, so nothing has to be joined.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeCore.source);
  const result = await page.evaluate((tags) => {
    const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"] };
    return globalThis.axe.run(document, options);
  }, TAGS);
  const details = result.violations.map(({ id, impact, nodes }) => ({
    id,
    impact,
    nodes: nodes.slice(0, 5).map((node) => node.target.join(" ")),
  }));
  record("axe", {
    page: name,
    width,
    mode,
    violations: details.length,
    details,
    // Not judged by the machine: to be looked at by a person.
    incomplete: result.incomplete.map(({ id, nodes }) => ({ id, nodes: nodes.length })),
    passes: result.passes.length,
  });
  return details.map(({ id, impact, nodes }) => `axe ${id} (${impact}): ${nodes.join(" | ")}`);
}

/** One look at the page as it is: structure, layout, sizes, axe (which needs JavaScript itself). */
export async function lookAt(page, name, { width, mode, axe: judged = true }) {
  const faults = await page.evaluate(inPage, { width, mode, data: DATA });
  if (judged) faults.push(...(await axe(page, name, width, mode)));
  return faults.map((fault) => `${name} at ${width} ${mode}: ${fault}`);
}

/** All looks at the page, without a new request. Returns faults. */
export async function checkPage(page, name, looks = LOOKS) {
  const size = page.viewportSize();
  const before = await page.evaluate(() => ({ ...document.documentElement.dataset }));
  const faults = [];
  for (const look of looks) {
    await page.setViewportSize({ width: look.width, height: size.height });
    await setMode(page, look.mode);
    faults.push(...(await lookAt(page, name, look)));
    if (look.screen) await picture(page, name, look.width, look.mode);
  }
  await restore(page, before);
  await page.setViewportSize(size);
  return faults;
}

const HTML_KB_MAX = 60;
const SCRIPT_KB_MAX = 30;
// What is called good by the measure of the web itself; a busy machine draws a page in pieces.
const SHIFT_MAX = 0.1;

/** Weight and speed of the last navigation. Times are noted, weights are judged. */
export async function weigh(page, name) {
  const found = await page.evaluate(async () => {
    const entries = (type) =>
      new Promise((resolve) => {
        const list = [];
        const observer = new PerformanceObserver((batch) => list.push(...batch.getEntries()));
        observer.observe({ type, buffered: true });
        setTimeout(() => resolve((observer.disconnect(), list)), 100);
      });
    const [navigation] = performance.getEntriesByType("navigation");
    const scripts = performance.getEntriesByType("resource").filter((entry) => entry.initiatorType === "script");
    const paints = await entries("largest-contentful-paint");
    const shifts = await entries("layout-shift");
    return {
      html: navigation.encodedBodySize / 1024,
      script: scripts.reduce((sum, entry) => sum + entry.encodedBodySize, 0) / 1024,
      lcp: paints.at(-1)?.startTime ?? null,
      shift: shifts.reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0),
    };
  });
  record("weight", { page: name, ...found });
  const citizen = await page.evaluate(() => document.body.classList.contains("hall"));
  const faults = [];
  if (found.html > HTML_KB_MAX) faults.push(`${name}: ${found.html.toFixed(0)} KB of HTML`);
  if (citizen && found.script > SCRIPT_KB_MAX) faults.push(`${name}: ${found.script.toFixed(0)} KB of script`);
  if (found.shift > SHIFT_MAX) faults.push(`${name}: the layout shifts by ${found.shift.toFixed(3)}`);
  return faults;
}
