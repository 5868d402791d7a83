// A demo city of its own for a run: started from the built binary, stopped by its id.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_SECONDS_MAX = 180;
const STOP_SECONDS_MAX = 30;

export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

// The database server runs as another user than root, so the folder must be open to walk through.
export function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), "zhengtong-e2e-"));
  chmodSync(folder, 0o755);
  return folder;
}

const status = (url) =>
  new Promise((resolve) => {
    const request = http.get(url, { timeout: 5000 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    request.on("error", () => resolve(0));
    request.on("timeout", () => request.destroy());
  });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const proved = (binary, data) =>
  new Promise((resolve) => {
    execFile(binary, ["verify", "--data", data], { timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 1) : 0, words: `${stdout}${stderr}`.trim() }),
    );
  });

/**
 * Starts `zhengtong demo` and waits until it is ready.
 * `seconds` is the time to the first whole page.
 */
export async function startCity({ binary, folder = newFolder(), port, residents = 300, more = [] }) {
  const data = join(folder, "city");
  const logFile = join(folder, "server.log");
  const listen = `127.0.0.1:${port ?? (await freePort())}`;
  const url = `http://${listen}`;
  const started = performance.now();
  // A new city takes its secret of form tokens from this file and removes it; the copy is for tests that make tokens.
  if (!existsSync(data)) {
    const secret = randomBytes(32).toString("hex");
    mkdirSync(data, { recursive: true });
    for (const place of [data, folder]) writeFileSync(join(place, "form.key"), secret, { mode: 0o600 });
  }
  const child = spawn(binary, ["demo", "--data", data, "--listen", listen, "--residents", `${residents}`, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(logFile, { flags: "a" });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  let ended = null;
  child.on("error", (error) => (ended = error.message));
  child.on("exit", (code, signal) => (ended ??= `ended with ${code ?? signal}`));

  const lastWords = () => (existsSync(logFile) ? readFileSync(logFile, "utf8").split("\n").slice(-30).join("\n") : "");
  const stop = async () => {
    if (ended === null) child.kill("SIGTERM");
    for (let waited = 0; ended === null && waited < STOP_SECONDS_MAX * 10; waited += 1) await pause(100);
    if (ended === null) child.kill("SIGKILL");
  };

  let seconds = null;
  for (;;) {
    if (ended !== null) throw new Error(`the server ${ended}\n${lastWords()}`);
    if (seconds === null && (await status(`${url}/`)) === 200) seconds = (performance.now() - started) / 1000;
    const filled = existsSync(join(data, "demo-accounts.json"));
    if (seconds !== null && filled && (await status(`${url}/readyz`)) === 200) break;
    if ((performance.now() - started) / 1000 > READY_SECONDS_MAX) {
      await stop();
      throw new Error(`the server was not ready after ${READY_SECONDS_MAX} s\n${lastWords()}`);
    }
    await pause(50);
  }
  return {
    url,
    data,
    pid: child.pid,
    seconds,
    stop,
    panics: () => readFileSync(logFile, "utf8").split("\n").filter((line) => line.includes("panicked at")),
    lastWords,
    /** After the end: whether the record of all acts still proves itself. */
    verify: () => proved(binary, data),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
