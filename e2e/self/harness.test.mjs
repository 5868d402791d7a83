// The harness against a small site with planted faults: a check that finds nothing is no check.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The planted faults must not count among those of the platform.
const out = mkdtempSync(join(tmpdir(), "zhengtong-self-"));
process.env.ZT_OUT = out;
const { closeBrowser, person } = await import("../lib/browser.mjs");
const { checkPage, LOOKS } = await import("../lib/checks.mjs");
const { fileNamed } = await import("../lib/files.mjs");
const { journey } = await import("../lib/journey.mjs");
const { keyboard, mouse } = await import("../lib/hands.mjs");
const { code } = await import("../lib/totp.mjs");

const LIMIT = { timeout: 120_000 };

const frame = (main, { title = "页 – 政通", css = "", head = "", lang = "zh-CN" } = {}) => `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{font:16px/1.5 sans-serif;margin:0;color:#000;background:#fff}
button,input,select{min-height:64px;font:inherit} :focus{outline:3px solid #00f} main{padding:8px}
a{display:inline-block;min-height:24px;min-width:24px;color:#00c} ${css}</style>${head}</head>
<body class="hall"><a class="skip" href="#main">跳到正文</a><header><p>政通</p></header>
<main id="main">${main}</main><footer><p>帮助 12345</p></footer></body></html>`;

const FORM = `<h1>表</h1><form method="get" action="/done">
<p><label for="n">名称</label> <input id="n" name="n" autocomplete="off"></p>
<fieldset><legend>方式</legend><label><input type="radio" name="w" value="a"> 堂食</label>
<label><input type="radio" name="w" value="b"> 外卖</label></fieldset>
<p><label for="s">区县</label> <select id="s" name="s"><option>上城区</option><option>西湖区</option></select></p>
<p><label><input type="checkbox" name="c"> 已阅读</label></p>
<p><label for="f">附件</label> <input type="file" id="f"></p>
<p><button>继续</button></p></form>`;

const PAGES = {
  "/good": frame("<h1>好页</h1><p>没有毛病。</p>"),
  "/form": frame(FORM),
  "/done": frame("<h1>完成</h1>"),
  "/title": frame("<h1>好页</h1>", { title: "页" }),
  "/heads": frame("<h1>一</h1><h1>二</h1>"),
  "/wide": frame('<h1>宽</h1><p class="w">宽</p>', { css: ".w{width:900px}" }),
  "/low": frame("<h1>低</h1><button>低</button><button>低</button>", { css: "button{display:block;min-height:12px;font-size:8px;padding:0;border:0}" }),
  "/style": frame('<h1>样</h1><p style="margin:0">样</p>'),
  "/contrast": frame("<h1>淡</h1><p class=p>看不清的字</p>", { css: ".p{color:#ccc}" }),
  "/label": frame("<h1>表</h1><input name=x>"),
  "/foreign": frame("<h1>外</h1>", { head: '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">' }),
  "/english": frame("<h1>Page</h1><p>混 in</p>", { lang: "en", title: "Page – Zhengtong" }),
  "/nofocus": frame(FORM, { css: ":focus{outline:none}" }),
};

const server = http.createServer((request, response) => {
  const html = PAGES[new URL(request.url, "http://x").pathname];
  response.writeHead(html ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
  response.end(html ?? frame("<h1>没有</h1>"));
});
let url;

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(async () => {
  await closeBrowser();
  server.close();
  rmSync(out, { recursive: true, force: true });
});

async function faultsOf(path, looks) {
  const one = await person({ url });
  await one.page.goto(path);
  const faults = await checkPage(one.page, path.slice(1), looks);
  faults.push(...one.takeFaults());
  await one.close();
  return faults;
}

test("a good page has no faults in any look", LIMIT, async () => {
  assert.deepEqual(await faultsOf("/good", LOOKS), []);
});

const planted = {
  "/title": "the title is",
  "/heads": "2 headings",
  "/low": "at least 24 high",
  "/style": "an inline style",
  "/contrast": "axe color-contrast",
  "/label": "axe label",
  "/foreign": "a foreign request",
  "/english": "Chinese on an English page",
};
for (const [path, part] of Object.entries(planted)) {
  test(`the fault of ${path} is found`, LIMIT, async () => {
    const faults = await faultsOf(path, LOOKS.slice(0, 1));
    assert.ok(faults.some((fault) => fault.includes(part)), `${part} in ${JSON.stringify(faults)}`);
  });
}

test("sideways scroll is found at small widths only", LIMIT, async () => {
  const faults = await faultsOf("/wide", LOOKS.filter((look) => look.mode === "light"));
  const wide = faults.filter((fault) => fault.includes("sideways scroll"));
  assert.deepEqual(wide.map((fault) => Number(fault.match(/at (\d+)/)[1])), [390, 320, 768]);
});

const forms = { mouse: [mouse, true], keyboard: [keyboard, true], "a mouse without JavaScript": [mouse, false] };
for (const [name, [hands, script]] of Object.entries(forms)) {
  test(`a form is filled by ${name}`, LIMIT, async () => {
    const one = await person({ url, script });
    await one.page.goto("/form");
    await hands.fill(one.page, "名称", "甲");
    await hands.fill(one.page, "外卖", true);
    await hands.fill(one.page, "区县", "西湖区");
    await hands.fill(one.page, "已阅读", true);
    await hands.upload(one.page, "附件", fileNamed("图.pdf"));
    await hands.press(one.page, "继续");
    const sent = Object.fromEntries(new URL(one.page.url()).searchParams);
    assert.deepEqual(sent, { n: "甲", w: "b", s: "西湖区", c: "on" });
    const looks = LOOKS.slice(0, 1).map((look) => ({ ...look, axe: script }));
    assert.deepEqual(await checkPage(one.page, "done", looks), []);
    await one.close();
  });
}

const steps = [
  { open: "/form", see: ["名称", "附件"], keep: { head: "h1" }, check: "form" },
  { fill: { 名称: "${head}一", 堂食: true, 区县: "西湖区" }, upload: { 附件: "图.png" }, pressIf: "没有" },
  { press: "继续", at: "/done", see: "完成", miss: "名称", check: "done" },
  { run: ({ page }) => assert.equal(new URL(page.url()).searchParams.get("n"), "表一") },
];
journey("a journey is walked", { ways: ["mouse", "keyboard", "plain"], steps }, () => url);

test("a focus that does not show is found", LIMIT, async () => {
  const one = await person({ url });
  await one.page.goto("/nofocus");
  await assert.rejects(keyboard.fill(one.page, "名称", "甲"), /the focus does not show/);
  await one.close();
});

test("one-time codes equal the standard", () => {
  assert.equal(code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59), "287082");
  assert.equal(code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1111111109), "081804");
});
