// Requests as a browser of a person would send them: the cookie of the session, and forms with their token.
import http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });

/** Speaks to the city at `url`. */
export function client(url) {
  // The token of forms, read from a page as a browser would: one for each person, because what is refused uses none up.
  const tokens = new Map();
  const formToken = (person) => {
    if (!tokens.has(person.name)) {
      const page = person.token ? (person.who.kind === "staff" ? "/desk/me" : "/my/password") : "/login";
      tokens.set(person.name, send(person, "GET", page).then(({ text }) => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? ""));
    }
    return tokens.get(person.name);
  };

  const send = async (person, method, path, fields, file = null) => {
    const csrf = fields ? await formToken(person) : "";
    return new Promise((resolve, reject) => {
      const headers = { host: new URL(url).host, accept: "text/html,application/json" };
      if (person.token) headers.cookie = `zt_session=${person.token}`;
      let body = null;
      if (fields) {
        body = new URLSearchParams({ csrf, ...fields }).toString();
        headers["content-type"] = "application/x-www-form-urlencoded";
        headers["content-length"] = Buffer.byteLength(body);
        headers.origin = url;
      }
      if (file) {
        body = file.text;
        Object.assign(headers, { "content-type": file.type, "content-length": Buffer.byteLength(body), "idempotency-key": file.key, origin: url });
      }
      const request = http.request(`${url}${encodeURI(path)}`, { method, headers, agent, timeout: 60_000 }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode, location: response.headers.location ?? "", text: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      request.on("error", reject);
      request.on("timeout", () => request.destroy(new Error(`${method} ${path} took too long`)));
      request.end(body);
    });
  };
  return { send };
}

/** What an answer says of the right: login, forbidden, absent, allowed, or broken. */
export function verdict({ status, location }) {
  if (status >= 500) return `broken ${status}`;
  if (status === 429) return "broken 429";
  if (status === 401 || (status >= 300 && status < 400 && location.startsWith("/login"))) return "login";
  if (status === 403) return "forbidden";
  if (status === 404) return "absent";
  return "allowed";
}

/** Does the work for each piece, some at a time, in order of the pieces. */
export async function each(pieces, work, atOnce = 6) {
  let next = 0;
  const hand = async () => {
    while (next < pieces.length) {
      const piece = pieces[next];
      next += 1;
      await work(piece);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
}
