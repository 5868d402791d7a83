// The script in a real browser: a second press sends nothing twice, keys walk a list, the session bar appears in time and
// a file that is cut off goes on where it stopped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const script = readFileSync(new URL("../crates/faces/ui/assets/ui.js", import.meta.url));
const log = [];
let server, browser, base, received, failures;
const page = (body, attributes = "") => `<!doctype html><html lang="zh-CN"><title>x</title><script defer src="/ui.js"></script><body ${attributes}>${body}`;
const PAGES = {
  "/form": page('<form method="post" action="/slow" data-once><button class="button" type="submit" name="act" value="send">提交</button></form>'),
  "/list": page('<input type="search" data-slash><table data-keys><tbody><tr><td><input type="checkbox"></td><th><a href="#a">甲</a></th></tr><tr><td><input type="checkbox"></td><th><a href="#b">乙</a></th></tr></tbody></table>'),
  "/session": page("<p>正文</p>", 'data-session-ends="60" data-session-extend="/extend" data-csrf="t"'),
  "/upload": page('<form method="post"><div class="drop"><input type="file" name="report" data-upload="/files" data-bytes-max="9000000"><div class="drop-progress"></div></div></form>', 'data-csrf="t"'),
};

function answer(request, response) {
  const { method, url } = request;
  log.push(`${method} ${url}`);
  if (PAGES[url]) return response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'" }).end(PAGES[url]);
  if (url === "/ui.js") return response.writeHead(200, { "Content-Type": "text/javascript" }).end(script);
  if (url === "/slow") return setTimeout(() => response.writeHead(204).end(), 400);
  if (url === "/extend") return response.writeHead(204).end();
  if (url === "/files" && method === "POST") return response.writeHead(201, { Location: "/files/1" }).end();
  if (url === "/files/1" && method === "HEAD") return response.writeHead(200, { "Upload-Offset": received.length }).end();
  if (url === "/files/1" && method === "PATCH") {
    if (request.headers["x-csrf-token"] !== "t") return response.writeHead(403).end();
    if (received.length > 0 && failures-- > 0) return request.socket.destroy();
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      if (Number(request.headers["upload-offset"]) !== received.length) return response.writeHead(409).end();
      received = Buffer.concat([received, ...parts]);
      response.writeHead(204, { "Upload-Offset": received.length }).end();
    });
    return undefined;
  }
  return response.writeHead(404).end();
}

before(async () => {
  server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
});
after(async () => {
  await browser.close();
  server.close();
});

async function open(path) {
  log.length = 0;
  const tab = await browser.newPage();
  await tab.goto(base + path);
  return tab;
}

test("a second press sends nothing twice", async () => {
  const tab = await open("/form");
  await tab.evaluate(() => {
    const button = document.querySelector("button");
    button.click();
    button.click();
    button.click();
  });
  await tab.waitForTimeout(700);
  assert.equal(log.filter((line) => line === "POST /slow").length, 1);
  assert.equal(await tab.locator("button").getAttribute("aria-busy"), "true");
  await tab.close();
});

test("keys walk the rows, choose and find", async () => {
  const tab = await open("/list");
  for (const key of ["j", "j", "x"]) await tab.keyboard.press(key);
  assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll("[type=checkbox]")].map((box) => box.checked)), [false, true]);
  await tab.keyboard.press("k");
  await tab.keyboard.press("o");
  assert.equal(new URL(tab.url()).hash, "#a");
  await tab.keyboard.press("/");
  await tab.keyboard.type("jx");
  assert.equal(await tab.inputValue("[data-slash]"), "jx");
  await tab.close();
});

test("the session bar comes before the end and can be answered", async () => {
  const tab = await open("/session");
  await tab.getByRole("button", { name: "继续用" }).click();
  await tab.waitForFunction(() => !document.querySelector(".session-bar p")?.textContent.includes("没连上"));
  assert.ok(log.includes("POST /extend"));
  await tab.close();
});

test("a file goes on where it was cut off", async () => {
  received = Buffer.alloc(0);
  failures = 1;
  const tab = await open("/upload");
  const content = Buffer.alloc(2_500_000, "政通");
  await tab.setInputFiles("input[type=file]", { name: "报告.pdf", mimeType: "application/pdf", buffer: content });
  await tab.waitForFunction(() => document.querySelector(".drop-progress")?.textContent.includes("已上传"), undefined, { timeout: 20_000 });
  assert.ok(received.equals(content));
  assert.equal(await tab.locator("input[type=hidden][name=report]").inputValue(), "/files/1");
  await tab.setInputFiles("input[type=file]", { name: "大.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(9_000_001) });
  await tab.getByText("文件太大").waitFor();
  await tab.close();
});
