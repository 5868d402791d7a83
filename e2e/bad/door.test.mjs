// What is wrong with the request itself: methods, addresses, hosts, other sites. And what every answer carries.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { agent, Client, discard, filled, formsOf, newDraft, wire } from "./client.mjs";

const url = process.env.ZT_URL;
const PAGES = [
  "/", "/hall", "/hall/food-business-new", "/login", "/verify", "/preferences", "/about/accessibility", "/about/privacy",
  "/design", "/api", "/my", "/my/cases", "/my/messages", "/my/sessions", "/my/password", "/version", "/healthz", "/readyz", "/metrics",
];
const POSTS = ["/logout", "/my/act-for", "/my/sessions/others", "/session/extend"];

let visitor;
let me;
before(async () => {
  visitor = new Client(url);
  me = await agent(url);
});

const declared = async () => {
  const { paths } = JSON.parse((await visitor.get("/openapi.json")).text);
  return Object.entries(paths).map(([path, methods]) => [path.replace(/\{[^}]+\}/g, "x"), Object.keys(methods).map((name) => name.toUpperCase())]);
};

test("a method that a route does not declare is 405 with Allow, on every route of the interface", async () => {
  const routes = await declared();
  assert.ok(routes.length > 5);
  for (const [path, methods] of routes) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"].filter((one) => !methods.includes(one))) {
      const said = await me.send(method, path);
      assert.equal(said.status, 405, `${method} ${path}`);
      const expected = new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
      assert.deepEqual(new Set(said.headers.allow?.split(",").map((one) => one.trim())), expected, path);
      if (path.startsWith("/api/v1")) {
        assert.equal(said.headers["content-type"], "application/problem+json", path);
        assert.equal(JSON.parse(said.text).status, 405);
      }
    }
  }
});

test("a method that a page does not take is 405 with Allow and a page in plain words", async () => {
  for (const path of [...PAGES, ...POSTS]) {
    for (const method of ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", POSTS.includes(path) ? "GET" : "QUERY"]) {
      const said = await me.send(method, path);
      assert.equal(said.status, 405, `${method} ${path}`);
      assert.ok(said.headers.allow, `${method} ${path} without Allow`);
      if (said.headers["content-type"]?.startsWith("text/html")) assert.match(said.words, /这个地址不能这样/, path);
    }
  }
});

test("TRACE gives nothing back", async () => {
  const said = await me.send("TRACE", "/my", { headers: { "x-secret": "tell-nobody" } });
  assert.equal(said.status, 405);
  assert.ok(!said.text.includes("tell-nobody") && !said.text.includes(me.cookies.zt_session));
});

test("OPTIONS tells the methods and nothing else; no other site is let in", async () => {
  for (const path of ["/", "/my", "/api/v1/items", "/logout"]) {
    const said = await visitor.send("OPTIONS", path, { headers: { origin: "https://evil.example", "access-control-request-method": "POST" } });
    assert.equal(said.status, 204, path);
    assert.match(said.headers.allow, /GET|POST/);
    assert.equal(said.headers["access-control-allow-origin"], undefined);
    assert.equal(said.bytes.length, 0);
  }
});

test("HEAD is GET without its body", async () => {
  for (const path of ["/", "/hall", "/my", "/api/v1/items", "/nosuch"]) {
    const [head, get] = [await me.send("HEAD", path), await me.get(path)];
    assert.equal(head.status, get.status, path);
    assert.equal(head.bytes.length, 0);
    assert.equal(head.headers["content-type"], get.headers["content-type"], path);
  }
});

test("an address that cannot be read is a page that is not there", async () => {
  const odd = [
    "/my/draft/xx", "/my/draft/%FF", "/hall/%FF", "/hall/%00", "/my/case/%00", "/verify/%00", "/my/document/x", "/my/case/x/paper/abc",
    "/my/case/x/paper/99999999999", "/my/cases?page=abc", "/my/cases?page=-1", "/my/cases?page=99999999999", "/hall?q=%00", "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2fetc/passwd", "/assets/", "//evil.example/", "/hall/../../../etc/passwd", "/hall;x=y", `/my/draft/${"a".repeat(5000)}`, "/\u{2028}".replace("\u{2028}", "%E2%80%A8"),
  ];
  for (const path of odd) {
    const said = await me.get(path);
    assert.equal(said.status, 404, `${path.slice(0, 60)}: ${said.status}`);
  }
});

test("strange queries do no harm", async () => {
  const odd = ["?", "?=", "?&&&", "?q=%FF", "?q=%", "?q[]=1", `?q=${"a".repeat(5000)}`, `?q=${"%F0%9F%98%80".repeat(300)}`, "?page=4294967295", "?page=0", "?q=a&q=b", "?theme=x&lang=y"];
  for (const path of ["/", "/hall", "/hall/food-business-new", "/my/cases", "/my/messages", "/verify", "/login", "/preferences", "/api/v1/items", "/api/v1/cases", "/api/v1/standards"]) {
    for (const query of odd) {
      const said = await me.get(`${path}${query}`);
      assert.ok(said.status < 500, `${path}${query.slice(0, 40)}: ${said.status}`);
    }
  }
});

test("very long addresses and headers are refused by what they are", async () => {
  const head = "Host: x\r\nConnection: close\r\n";
  assert.match(await wire(url, `GET /${"a".repeat(100_000)} HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 414/);
  assert.match(await wire(url, `GET / HTTP/1.1\r\n${head}X-Long: ${"a".repeat(1 << 20)}\r\n\r\n`), /^HTTP\/1\.1 431|^$/);
  assert.match(await wire(url, `GET / HTTP/1.1\r\n${head}Cookie: ${"a=b; ".repeat(2000)}\r\n\r\n`), /^HTTP\/1\.1 200/);
});

test("bytes that are no request are refused", async () => {
  for (const text of ["GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"]) {
    const said = await wire(url, Buffer.from(text, "latin1"));
    assert.match(said, /^HTTP\/1\.1 4\d\d|^$/, JSON.stringify(text.slice(0, 40)));
  }
});

test("a request with two lengths is never read as two requests", async () => {
  const text = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const said = await wire(url, text);
  assert.ok(!said.startsWith("HTTP/1.1 2") && !/HTTP\/1\.1 500/.test(said), said.slice(0, 100));
});

test("exactly one host, and one that can be read", async () => {
  const get = (hosts) => wire(url, `GET / HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
  for (const hosts of ["", "Host: \r\n", "Host: a b\r\n", "Host: a\r\nHost: b\r\n", "Host: \xff\r\n", "Host: a/b\r\n", "Host: <script>\r\n"]) {
    assert.match(await get(hosts), /^HTTP\/1\.1 4\d\d/, JSON.stringify(hosts));
  }
  const strange = await get("Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\n");
  assert.match(strange, /^HTTP\/1\.1 200/);
  assert.ok(!strange.includes("evil.example"), "the host is put into the page");
});

test("an address of another site in the request line leads nowhere else", async () => {
  const said = await wire(url, "GET http://evil.example/my HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
  assert.match(said, /^HTTP\/1\.1 303/);
  assert.match(said, /\r\nlocation: \/login\?back=/);
  assert.ok(!/location:[^\r]*evil/.test(said));
});

test("a form of another site is refused, by either header, and nothing is done", async () => {
  const draft = await newDraft(me);
  const place = `${draft}/page/officer`;
  const rows = [
    { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { "sec-fetch-site": "nonsense" },
    { origin: "https://evil.example" }, { origin: "null" }, { origin: `${url}.evil.example` }, { origin: "http://127.0.0.1:1" },
    { origin: url, "sec-fetch-site": "cross-site" },
  ];
  for (const headers of rows) {
    const form = await me.form(place);
    const said = await me.post(place, filled(form, { officer_name: "别的网站", officer_mobile: "10012345678" }), headers);
    assert.equal(said.status, 403, JSON.stringify(headers));
    assert.match(said.words, /别的网站/);
  }
  const shown = (await me.form(place)).fields.map(([, value]) => value);
  assert.ok(!shown.includes("别的网站"), "it was done all the same");
  const form = await me.form(place);
  const own = await me.post(place, filled(form, { officer_name: "市民丙", officer_mobile: "10012345678" }), { origin: url, "sec-fetch-site": "same-origin" });
  assert.equal(own.status, 303, "our own page");
  await discard(me, draft);
});

test("another site cannot log anybody in or out", async () => {
  const form = await new Client(url).form("/login");
  const login = await visitor.post("/login", filled(form, { login: "agent", password: "x" }), { origin: "https://evil.example" });
  assert.equal(login.status, 403);
  const out = formsOf((await me.get("/my")).text).find((form) => form.action === "/logout");
  assert.equal((await me.post("/logout", out.fields, { "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await me.get("/my")).status, 200);
});

test("the login takes any nonsense and says the same to all of it", async () => {
  const said = [];
  for (const fields of [{ login: "nosuch", password: "x" }, { login: "agent", password: "wrong" }, { login: "\0", password: "\0" }, { login: "\u{2EBF0}", password: "😀" }, {}, { login: "x".repeat(100_000), password: "y".repeat(100_000) }]) {
    const answer = await new Client(url).fill("/login", fields);
    assert.equal(answer.status, 422);
    said.push(/class="error-summary"[\s\S]*?<\/ul>/.exec(answer.text)[0].replace(/<[^>]*>/g, "").trim());
  }
  assert.equal(new Set(said).size, 1, said.join("\n"));
});

test("a stolen look of a session cookie is worth nothing", async () => {
  for (const zt_session of ["", "x", "x".repeat(43), "x".repeat(5000), "%00", "../../", '"quoted"']) {
    const said = await new Client(url, { zt_session }).get("/my");
    assert.equal(said.status, 303, JSON.stringify(zt_session.slice(0, 20)));
  }
});

test("a cookie of the display holds nothing but a choice", async () => {
  for (const zt_display of ["<script>", "en.dark", "....", "%00.%00", "zh".repeat(2000)]) {
    const said = await new Client(url, { zt_display }).get("/");
    assert.equal(said.status, 200);
    assert.ok(!said.text.includes("<script>alert") && !said.text.includes(`"${zt_display}"`));
  }
});

test("every kind of answer carries the headers that protect it", async () => {
  const clerk = await new Client(url).logIn("clerk");
  const draft = await newDraft(me);
  const rows = [
    ...PAGES.slice(0, 15).map((path) => [me, "GET", path]), [me, "GET", draft], [me, "GET", `${draft}/page/officer`], [clerk, "GET", "/desk"],
    [clerk, "GET", "/desk/inbox"], [visitor, "GET", "/nosuch"], [me, "GET", "/desk"], [me, "PUT", "/"], [me, "POST", draft], [visitor, "GET", "/my"],
    [visitor, "GET", "/api/v1/items"], [visitor, "GET", "/api/v1/nosuch"], [me, "GET", "/openapi.json"],
  ];
  const nonces = new Set();
  for (const [who, method, path] of rows) {
    const { headers, text, status } = await who.send(method, path);
    const policy = headers["content-security-policy"];
    const name = `${method} ${path} (${status})`;
    assert.match(policy, /script-src 'nonce-[0-9a-f]{32}'/, name);
    assert.ok(!/unsafe-inline|unsafe-eval|https?:|\*/.test(policy), `${name}: ${policy}`);
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "style-src 'self'"]) assert.ok(policy.includes(rule), `${name}: ${rule}`);
    const nonce = /nonce-([0-9a-f]+)/.exec(policy)[1];
    assert.ok(!nonces.has(nonce), "a nonce came twice");
    nonces.add(nonce);
    for (const tag of text.match(/<script\b[^>]*>/g) ?? []) assert.ok(tag.includes(`nonce="${nonce}"`), `${name}: ${tag}`);
    assert.ok(!/<[a-z][^>]*\s(style|on[a-z]+)="/.test(text) && !text.includes("<style"), `${name} has an inline style or handler`);
    assert.equal(headers["x-content-type-options"], "nosniff", name);
    assert.equal(headers["x-frame-options"], "DENY", name);
    assert.equal(headers["cache-control"], "no-store", name);
    assert.equal(headers["referrer-policy"], "same-origin", name);
    assert.match(headers["x-request-id"], /^[0-9a-f]{4}-[0-9a-f]{4}$/, name);
    assert.equal(headers.server, undefined, name);
    assert.equal(headers["x-powered-by"], undefined, name);
  }
  await discard(me, draft);
});

test("files of the look may be kept, and are what they say", async () => {
  const page = await visitor.get("/");
  const files = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map(([, path]) => path);
  assert.ok(files.length > 1);
  for (const path of new Set(files)) {
    const said = await visitor.get(path);
    assert.equal(said.status, 200, path);
    assert.equal(said.headers["x-content-type-options"], "nosniff");
    assert.match(said.headers["cache-control"], /immutable|no-cache/);
  }
});

test("cookies are not for scripts, and not for other sites", async () => {
  const client = new Client(url);
  const form = await client.form("/login");
  const entered = await client.post("/login", filled(form, { login: "citizen", password: "zhengtong-demo-2026" }));
  const shown = await client.get("/preferences?mode=elder&back=/");
  for (const cookie of [...entered.headers["set-cookie"], ...shown.headers["set-cookie"]]) {
    assert.match(cookie, /; HttpOnly/i, cookie);
    assert.match(cookie, /; SameSite=(Lax|Strict)/i, cookie);
    assert.match(cookie, /; Path=\//, cookie);
    assert.ok(!/Domain=/i.test(cookie), cookie);
  }
});

test("the token of a session changes with the login, and dies with the logout", async () => {
  const client = new Client(url, { zt_session: "x".repeat(43) });
  await client.logIn("citizen");
  assert.notEqual(client.cookies.zt_session, "x".repeat(43));
  const stolen = client.twin();
  const out = formsOf((await client.get("/my")).text).find((form) => form.action === "/logout");
  await client.post("/logout", out.fields);
  assert.equal((await stolen.get("/my")).status, 303);
});

test("a page comes packed when asked for, and says the same", async () => {
  const [plain, packed] = [await visitor.get("/hall"), await visitor.get("/hall", { "accept-encoding": "gzip" })];
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.equal(packed.words.replace(/[0-9a-f]{4}-[0-9a-f]{4}/, ""), plain.words.replace(/[0-9a-f]{4}-[0-9a-f]{4}/, ""));
  for (const coding of ["gzip;q=0", "nonsense", ""]) {
    assert.equal((await visitor.get("/hall", { "accept-encoding": coding })).status, 200, coding);
  }
});

test("what a machine asks for wrongly is told as a machine reads it", async () => {
  for (const [path, status] of [["/api/v1/nosuch", 404], ["/api/v1/items/nosuch", 404], ["/api/v1/cases?page=abc", 422], ["/api/v1/cases?page=99999999999", 422], ["/api/v1/items?nosuch=1", 422], ["/api/v1/codes/nosuch", 404]]) {
    const said = await me.get(path);
    assert.equal(said.status, status, path);
    assert.equal(said.headers["content-type"], "application/problem+json", path);
    const problem = JSON.parse(said.text);
    assert.equal(problem.status, status);
    assert.ok(problem.title && problem.instance, path);
  }
});
