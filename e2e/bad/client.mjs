// A client without manners: it sends what a browser never would, and shows what came back.
// It keeps cookies as a browser does and reads forms out of pages.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { accounts } from "../lib/accounts.mjs";
import { code, STEP_SECONDS } from "../lib/totp.mjs";

export const ITEM = "food-business-new";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'" };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (sign) => ENTITIES[sign]);

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found ? plain(found[1]) : new RegExp(`\\s${name}(\\s|>|/)`).test(tag) ? "" : null;
};

/** The forms of a page: { action, method, fields: [[name, value]] }, with what is filled in already. */
export function formsOf(html) {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([text]) => {
    const [head] = /<form\b[^>]*>/.exec(text);
    const fields = [];
    for (const [tag] of text.matchAll(/<input\b[^>]*>/g)) {
      const [name, type] = [attribute(tag, "name"), attribute(tag, "type") ?? "text"];
      const picked = !["radio", "checkbox"].includes(type) || attribute(tag, "checked") !== null;
      if (name && picked && type !== "file") fields.push([name, attribute(tag, "value") ?? ""]);
    }
    for (const [, tag, value] of text.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
      fields.push([attribute(`<a${tag}>`, "name"), plain(value).replace(/^\n/, "")]);
    }
    return { action: attribute(head, "action"), method: attribute(head, "method") ?? "get", fields, text };
  });
}

/** What a person reads on a page. */
export const words = (html) =>
  plain(html.replace(/<(script|style)[\s\S]*?<\/\1>/g, "").replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ");

/** A page without what differs between two looks at the same page: request id, nonce, form tokens. */
export const constant = (response) =>
  response.text
    .replaceAll(response.headers["x-request-id"], "ID")
    .replace(/nonce="[^"]*"/g, "")
    .replace(/name="csrf" value="[^"]*"|data-csrf="[^"]*"/g, "");

export const urlencoded = (fields) => {
  const rows = Array.isArray(fields) ? fields : Object.entries(fields);
  return rows.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
};

/** A body with files: files is [{ field, name, type, bytes }]. */
export function multipart(fields, files) {
  const edge = "zhengtong-edge-7d1f";
  const rows = Array.isArray(fields) ? fields : Object.entries(fields);
  const parts = rows.map(([name, value]) =>
    Buffer.from(`--${edge}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  for (const file of files) {
    const head = `--${edge}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${file.name}"\r\nContent-Type: ${file.type ?? "application/pdf"}\r\n\r\n`;
    parts.push(Buffer.from(head), file.bytes, Buffer.from("\r\n"));
  }
  parts.push(Buffer.from(`--${edge}--\r\n`));
  return { body: Buffer.concat(parts), type: `multipart/form-data; boundary=${edge}` };
}

export class Client {
  constructor(url, cookies = {}) {
    this.url = new URL(url);
    this.cookies = { ...cookies };
  }

  /** The same browser in a second window, or one whose cookies go their own way from here. */
  twin() {
    return new Client(this.url, this.cookies);
  }

  send(method, path, { headers = {}, body } = {}) {
    const cookie = Object.entries(this.cookies).map(([name, value]) => `${name}=${value}`).join("; ");
    const all = { ...(cookie ? { cookie } : {}), ...(this.name ? { "user-agent": this.name } : {}), ...headers };
    if (body !== undefined && !("content-length" in all)) all["content-length"] = Buffer.byteLength(body);
    return new Promise((resolve, reject) => {
      const options = { host: this.url.hostname, port: this.url.port, method, path, headers: all, agent: false, timeout: 60_000 };
      const request = http.request(options, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => resolve(this.#received(response, Buffer.concat(parts))));
      });
      request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer within 60 s`)));
      // An answer that came before the whole body was read is an answer all the same.
      request.on("error", (error) => (request.res ? null : reject(error)));
      request.end(body);
    });
  }

  #received(response, bytes) {
    for (const line of response.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === "") delete this.cookies[name];
      else this.cookies[name] = value;
    }
    const whole = response.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
    const text = whole.toString("utf8");
    const said = { status: response.statusCode, headers: response.headers, bytes: whole, text };
    return { ...said, words: words(text), location: response.headers.location };
  }

  get(path, headers) {
    return this.send("GET", path, { headers });
  }

  post(path, fields, headers = {}) {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    return this.send("POST", path, { headers: { ...type, ...headers }, body: urlencoded(fields) });
  }

  upload(path, fields, files, headers = {}) {
    const { body, type } = multipart(fields, files);
    return this.send("POST", path, { headers: { "content-type": type, ...headers }, body });
  }

  /** The form of a page that leads to `action` (a path, its beginning, or a pattern). */
  async form(path, action = path) {
    const page = await this.get(path);
    assert.equal(page.status, 200, `${path}: ${page.words.slice(0, 200)}`);
    const fits = (form) => (action instanceof RegExp ? action.test(form.action) : form.action?.split("?")[0] === action.split("?")[0]);
    const form = formsOf(page.text).find((form) => form.method === "post" && fits(form));
    assert.ok(form, `${path} has no form to ${action}`);
    return form;
  }

  /** Opens a page, fills its form (values replace what is there) and sends it. */
  async fill(path, values, action = path) {
    const form = await this.form(path, action);
    return this.post(form.action, filled(form, values));
  }

  async logIn(name) {
    const account = (await people()).find(name);
    for (let attempt = 0; ; attempt += 1) {
      let said = await this.fill("/login", { login: account.account, password: account.password });
      assert.equal(said.status, 303, said.words.slice(0, 300));
      if (said.location.startsWith("/login/code")) {
        said = await this.fill(said.location, { code: code(account.totp_secret) }, "/login/code");
      }
      if (said.status === 303) return this;
      // A code is taken once; another test may have used the one of this half minute. Not all at the same moment again.
      assert.ok(attempt < 4, said.words.slice(0, 300));
      await pause(STEP_SECONDS * 1000 - (Date.now() % (STEP_SECONDS * 1000)) + 200 + Math.random() * 9000);
    }
  }
}

/** The accounts of the demonstration; it writes them down a moment after it begins to serve. */
async function people() {
  const folder = process.env.ZT_BAD_DATA ?? process.env.ZT_DATA;
  for (let waited = 0; waited < 600 && !existsSync(join(folder, "demo-accounts.json")); waited += 1) await pause(100);
  return accounts(folder);
}

/** The fields of a form as they would be sent after a person typed `values`. */
export function filled(form, values) {
  const rows = Object.entries(values).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return [...form.fields.filter(([name]) => !(name in values)), ...rows];
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Bytes on the wire, nothing tidied; answers with the bytes that came back. */
export function wire(url, text) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: hostname, port }, () => socket.write(text));
    let said = "";
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("data", (part) => (said += part.toString("latin1")));
    socket.on("error", (error) => (said === "" ? reject(error) : null));
    socket.on("close", () => resolve(said));
  });
}

/** Somebody who acts for the demonstration's company. */
export async function agent(url) {
  const client = await new Client(url).logIn("agent");
  const my = await client.get("/my");
  const form = formsOf(my.text).find((form) => form.action === "/my/act-for" && form.text.includes("切换到 示例餐饮有限公司"));
  if (form) {
    const organisation = /name="organisation"[^>]*value="([^"]*)"/.exec(form.text) ?? /value="([^"]*)"[^>]*name="organisation"/.exec(form.text);
    const said = await client.post("/my/act-for", filled(form, { organisation: organisation[1] }));
    assert.equal(said.status, 303, said.words.slice(0, 300));
  }
  return client;
}

/** A new draft of the food licence; its path. */
export async function newDraft(client) {
  const said = await client.fill(`/hall/${ITEM}/start`, {});
  assert.equal(said.status, 303, said.words.slice(0, 300));
  assert.match(said.location, /^\/my\/draft\/[0-9a-f-]{36}$/);
  return said.location;
}

/** Right answers of every page for a business that only sells on the internet. */
export const ANSWERS = {
  business: {},
  place: { same_address: "true", premises: "online" },
  trade: { kind: "1" },
  products: { items: "11" },
  officer: { officer_name: "市民丙", officer_mobile: "10012345678" },
  staff: {},
  system: { rules: ["self_check", "health", "purchase", "incident"] },
};

/** Fills a draft page by page until it can be handed in. */
export async function fillDraft(client, draft, change = {}) {
  const answers = { ...ANSWERS, ...change };
  for (const [page, values] of Object.entries(answers)) {
    const said = await client.fill(`${draft}/page/${page}`, values);
    assert.equal(said.status, 303, `${page}: ${said.words.slice(0, 600)}`);
  }
  return draft;
}

/** The form that hands a whole draft in. */
export async function ready(client, draft) {
  const form = await client.form(draft, `${draft}/submit`);
  return { path: form.action, fields: filled(form, { sharing: "yes", truth: "yes" }) };
}

/** Hands in a whole draft; the number of the case. */
export async function handIn(client, draft) {
  const { path, fields } = await ready(client, draft);
  const said = await client.post(path, fields);
  assert.equal(said.status, 303, said.words.slice(0, 600));
  return numberOf(said);
}

export const numberOf = (said) => /^\/my\/case\/([^/]+)\/receipt$/.exec(said.location ?? "")?.[1];

/** Takes a draft away again, so that the city looks as before. */
export async function discard(client, draft) {
  const page = await client.get(draft);
  const form = formsOf(page.text).find((form) => form.action === `${draft}/discard`);
  if (form) await client.post(form.action, form.fields);
}
