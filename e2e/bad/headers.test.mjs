// What every route in the tree answers with, found by reading the tree: a new route is looked at without being told.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { ROOT } from "./city.mjs";
import { Client, formsOf } from "./client.mjs";

const url = process.env.ZT_URL;
const CHARSET = /charset=utf-8/i;

/** Paths of all routes, with an x where something is to be filled in. */
function routes() {
  const found = new Set();
  const files = ["crates/faces", "crates/app/zhengtong/src"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map((name) => join(ROOT, folder, name)));
  for (const file of files.filter((name) => name.endsWith(".rs") && !name.includes("/tests/"))) {
    const text = readFileSync(file, "utf8");
    const names = Object.fromEntries([...text.matchAll(/const ([A-Z_]+): &str = "(\/[^"]*)"/g)].map(([, name, path]) => [name, path]));
    for (const [, literal, name] of text.matchAll(/\.route\(\s*(?:"([^"]+)"|([A-Z_]+))/g)) {
      const path = literal ?? names[name];
      if (path) found.add(path.replace(/\{[^}]+\}/g, "x"));
    }
  }
  return [...found].sort();
}

let people;
before(async () => {
  people = [new Client(url), await new Client(url).logIn("citizen"), await new Client(url).logIn("clerk")];
});

test("every route in the tree answers with its headers", async () => {
  const paths = [...routes(), "/nosuch", "/api/v1/nosuch", "/assets/nosuch"];
  assert.ok(paths.length > 60, `only ${paths.length} routes were found`);
  let answers = 0;
  for (const path of paths) {
    for (const [index, who] of people.entries()) {
      for (const method of index === 0 ? ["GET", "POST", "DELETE"] : ["GET"]) {
        const { headers, status, bytes } = await who.send(method, path);
        const name = `${method} ${path} (${status})`;
        assert.ok(status < 500 || status === 503, name);
        assert.match(headers["content-security-policy"] ?? "", /default-src 'none'.*frame-ancestors 'none'/, name);
        assert.equal(headers["x-content-type-options"], "nosniff", name);
        assert.equal(headers["referrer-policy"], "same-origin", name);
        assert.equal(headers["x-frame-options"], "DENY", name);
        assert.equal(headers["cross-origin-opener-policy"], "same-origin", name);
        assert.ok(headers["cross-origin-resource-policy"], name);
        assert.match(headers["permissions-policy"] ?? "", /camera=\(\)/, name);
        assert.ok(headers["cache-control"], name);
        assert.equal(headers.server, undefined, name);
        assert.equal(headers["x-powered-by"], undefined, name);
        assert.equal(headers["access-control-allow-credentials"], undefined, name);
        if (bytes.length > 0) assert.ok(headers["content-type"], `${name}: a body without its type`);
        if (/^text\/html/.test(headers["content-type"] ?? "")) {
          assert.match(headers["content-type"], CHARSET, name);
          assert.equal(headers["cache-control"], "no-store", `${name}: a page that may be kept`);
        }
        answers += 1;
      }
    }
  }
  console.log(`${paths.length} routes, ${answers} answers looked at`);
});

test("leaving tells the browser to forget", async () => {
  const client = await new Client(url).logIn("citizen");
  const out = formsOf((await client.get("/my")).text).find((form) => form.action === "/logout");
  const said = await client.post("/logout", out.fields);
  assert.equal(said.status, 303);
  assert.equal(said.headers["clear-site-data"], '"cache", "storage"');
  assert.equal((await client.get("/hall")).headers["clear-site-data"], undefined);
});

test("who goes first is told by a mark of one's own session only", async () => {
  const clerk = await new Client(url).logIn("clerk");
  await clerk.get("/desk");
  const mark = clerk.cookies.zt_lane;
  assert.match(mark, /^\d+\.[0-9a-f]{32}$/);
  const again = await clerk.get("/desk");
  assert.ok(!(again.headers["set-cookie"] ?? []).some((cookie) => cookie.startsWith("zt_lane")), "given once");
  const citizen = await new Client(url).logIn("citizen");
  await citizen.get("/my");
  assert.equal(citizen.cookies.zt_lane, undefined);
  // A mark opens nothing.
  const thief = new Client(url, { zt_lane: mark });
  assert.equal((await thief.get("/desk")).status, 303);
});
