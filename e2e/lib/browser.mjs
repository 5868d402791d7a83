// One browser for the whole run, many contexts. run.mjs starts it; tests connect to it.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export const LAUNCH = {
  executablePath: process.env.ZT_CHROMIUM ?? CANDIDATES.find((path) => existsSync(path)),
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export const launchServer = () => chromium.launchServer(LAUNCH);

let shared = null;

/** The browser of the run, or one of its own for a test that is run alone. */
export async function browser() {
  shared ??= process.env.ZT_BROWSER
    ? await chromium.connect(process.env.ZT_BROWSER)
    : await chromium.launch(LAUNCH);
  return shared;
}

/** To be called after the last test of a file. */
export async function closeBrowser() {
  await shared?.close();
  shared = null;
}

export const WIDTHS = { small: 320, phone: 390, tablet: 768, desk: 1280 };
const HEIGHT = 900;

/**
 * A person's own context with one page. Collects what the page must not do: foreign requests,
 * errors of scripts, refusals of the content security policy.
 */
export async function person({ url, width = WIDTHS.desk, script = true, lang = "zh-CN" }) {
  const context = await (await browser()).newContext({
    baseURL: url,
    viewport: { width, height: HEIGHT },
    javaScriptEnabled: script,
    locale: lang,
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  context.setDefaultTimeout(15_000);
  const faults = [];
  context.on("request", (request) => {
    const target = request.url();
    // The viewer of documents is a part of the browser itself.
    const own = target.startsWith(`${url}/`) || /^(data|blob|about|chrome|chrome-extension):/.test(target);
    if (!own) faults.push(`a foreign request: ${target}`);
  });
  context.on("console", (message) => {
    // A page that answers 404 on purpose says so here as well.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      faults.push(`the console: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => faults.push(`a script: ${error.error().message}`));
  context.on("response", (response) => {
    const kind = response.request().resourceType();
    if (response.status() >= 400 && kind !== "document" && kind !== "fetch" && kind !== "xhr") {
      faults.push(`${response.status()} for ${response.url()}`);
    }
    if (response.status() >= 500 && response.status() !== 503) {
      faults.push(`${response.status()} for ${response.url()}`);
    }
  });
  const page = await context.newPage();
  return { context, page, faults, takeFaults: () => faults.splice(0), close: () => context.close() };
}
