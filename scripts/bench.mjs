// Drives one demo city and measures it. See scripts/bench for what each figure means.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import http from "node:http";
import { startCity, freePort, newFolder } from "../e2e/lib/city.mjs";

const [binary, profile, out] = process.argv.slice(2);
const RESIDENTS = Number(process.env.ZT_RESIDENTS ?? 2000);
const SECONDS = Number(process.env.ZT_BENCH_SECONDS ?? 10);
const CONNECTIONS = 4;

const folder = newFolder();
const results = [];
const note = (name, value, unit) => {
  results.push({ name, value: Math.round(value * 10) / 10, unit });
  console.log(`${name}: ${results.at(-1).value} ${unit}`);
};

const memory = (pid) => {
  const line = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+) kB/);
  return Number(line[1]) / 1024;
};

const get = (agent, url) =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let bytes = 0;
      response.on("data", (chunk) => (bytes += chunk.length));
      response.on("end", () => resolve({ status: response.statusCode, bytes }));
    });
    request.on("error", reject);
  });

async function loop(url) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const times = [];
  const until = performance.now() + SECONDS * 1000;
  const worker = async () => {
    while (performance.now() < until) {
      const started = performance.now();
      const { status } = await get(agent, url);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  times.sort((a, b) => a - b);
  return { rate: times.length / SECONDS, p99: times[Math.floor(times.length * 0.99)] };
}

async function guidePage(url) {
  const home = await (await fetch(`${url}/hall`)).text();
  const link = home.match(/href="(\/hall\/[^"?#]+)"/);
  return link ? link[1] : "/hall";
}

const options = { binary, folder, residents: RESIDENTS };
let city = await startCity({ ...options, port: await freePort() });
note("cold start to first page", city.seconds, "s");
await city.stop();

city = await startCity({ ...options, port: await freePort() });
try {
  note("warm start to first page", city.seconds, "s");
  note("memory of the idle server", memory(city.pid), "MiB");
  const path = await guidePage(city.url);
  const guide = await loop(`${city.url}${path}`);
  note(`requests of ${path}`, guide.rate, "1/s");
  note(`99th percentile of ${path}`, guide.p99, "ms");
  note("memory after the load", memory(city.pid), "MiB");
} finally {
  await city.stop();
  city.remove();
}
const machine = { cpus: cpus().length, model: cpus()[0]?.model, profile, residents: RESIDENTS };
writeFileSync(out, `${JSON.stringify({ machine, results }, null, 2)}\n`);
