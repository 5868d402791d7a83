// A department's own system, as its developers would build it: an unmodified OpenID Connect library and a small server
// on this machine.
import http from "node:http";
import * as oidc from "openid-client";

export const CLIENT = "demo-oa";
export const SECRET = "zhengtong-demo-2026-oa";

/** Listens on a free port of this machine; keeps what came. */
export async function department({ status = 200 } = {}) {
  const came = [];
  const waiting = [];
  let answer = status;
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const url = new URL(request.url, `http://127.0.0.1:${server.address().port}`);
      const one = { method: request.method, url, body: Buffer.concat(parts).toString() };
      came.push(one);
      for (const waiter of waiting.splice(0)) waiter();
      const failing = request.method === "POST" ? answer : 200;
      response.writeHead(failing, { "content-type": "text/html; charset=utf-8" });
      response.end(`<!doctype html><title>oa</title><p>${url.pathname}</p>`);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  return {
    base,
    came,
    answerWith: (next) => (answer = next),
    /** The next request that fits, or the one that is there already. */
    async next(fits, seconds = 30) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        const at = came.findIndex(fits);
        if (at >= 0) return came.splice(at, 1)[0];
        if (Date.now() > end) throw new Error(`nothing came: ${came.map((one) => `${one.method} ${one.url}`).join(", ")}`);
        await Promise.race([
          new Promise((resolve) => waiting.push(resolve)),
          new Promise((resolve) => setTimeout(resolve, 200)),
        ]);
      }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** What the library finds out by itself. */
export const discover = (issuer, { id = CLIENT, secret = SECRET } = {}) =>
  oidc.discovery(new URL(issuer), id, secret, undefined, { execute: [oidc.allowInsecureRequests] });

/** The beginning of a login: where the browser is sent, and what is checked when it comes back. */
export async function begin(config, base, more = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const to = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${base}/callback`,
    scope: "openid profile",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    ...more,
  });
  return { to: to.href, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}
