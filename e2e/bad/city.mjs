// The city under test, seen from behind: its database, and servers of its own for tests that kill them.
import { execFile, spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(here, "../..");
export const BINARY = process.env.ZT_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/zhengtong");

const HOME = "/usr/lib/postgresql";
const psql = () => join(HOME, readdirSync(HOME).sort((a, b) => Number(a) - Number(b)).at(-1), "bin/psql");

/** The rows of a query, each as text. */
export async function ask(query, data = process.env.ZT_DATA) {
  const { stdout } = await run(psql(), ["-h", join(data, "run"), "-U", "zhengtong", "-d", "zhengtong", "-At", "-c", query]);
  return stdout.split("\n").filter(Boolean);
}

/** Runs the program to its end: { code, said }. */
export async function zhengtong(args, { env = {}, cwd = ROOT, timeout = 60_000 } = {}) {
  try {
    const { stdout, stderr } = await run(BINARY, args, { env: { ...process.env, ...env }, cwd, timeout });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    if (typeof error.code !== "number") throw error;
    return { code: error.code, said: error.stdout + error.stderr };
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server of one test's own: killed and started again on the same folder and port. */
export class OwnCity {
  constructor(folder, port) {
    this.folder = folder;
    this.data = join(folder, "city");
    this.listen = `127.0.0.1:${port}`;
    this.url = `http://${this.listen}`;
  }

  async start({ seconds = 120, command = "demo", more = [] } = {}) {
    const size = command === "demo" ? ["--residents", "300"] : [];
    this.child = spawn(BINARY, [command, "--data", this.data, "--listen", this.listen, ...size, ...more], { stdio: ["ignore", "pipe", "pipe"], cwd: ROOT });
    this.said = "";
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (part) => (this.said = (this.said + part).slice(-20_000)));
    this.ended = new Promise((resolve) => this.child.on("exit", (code, signal) => resolve({ code, signal })));
    const started = performance.now();
    while ((await status(`${this.url}/readyz`)) !== 200) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`the server ended\n${this.said}`);
      if (performance.now() - started > seconds * 1000) throw new Error(`not ready after ${seconds} s\n${this.said}`);
      await pause(100);
    }
    return this;
  }

  kill(signal) {
    this.child.kill(signal);
    return this.ended;
  }

  /** The process id of this city's database, or null while it is away. */
  database() {
    try {
      const pid = Number(readFileSync(join(this.data, "postgres/postmaster.pid"), "utf8").split("\n")[0]);
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return line.includes(join(this.data, "postgres")) ? pid : null;
    } catch {
      return null;
    }
  }

  killDatabase() {
    const pid = this.database();
    if (pid) process.kill(pid, "SIGKILL");
    return pid;
  }

  async end() {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      const late = setTimeout(() => this.child.kill("SIGKILL"), 40_000);
      await this.ended;
      clearTimeout(late);
    }
    const left = this.database();
    if (left) process.kill(left, "SIGQUIT");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }
}

const status = (url) => fetch(url).then((said) => said.status, () => 0);
