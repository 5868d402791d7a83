// Durable steps of bpmn-engine: after each step the whole state is saved in PostgreSQL and committed.
// engine.mjs SECONDS WORKERS, with the address of the database in ZT_URL; prints one line of JSON for each model.
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { Engine } from "bpmn-engine";
import BpmnModdle from "bpmn-moddle";
import pg from "pg";

const MODELS = JSON.parse(readFileSync(new URL("models.json", import.meta.url)));
const HEAD =
  '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:d"><process id="p" isExecutable="true">';
const PROCESSES = 2;
const [seconds, workers] = process.argv.slice(2).map(Number);
const url = new URL(process.env.ZT_URL);
const place = {
  user: decodeURIComponent(url.username) || url.searchParams.get("user") || undefined,
  database: url.pathname.slice(1) || undefined,
  host: url.searchParams.get("host") || decodeURIComponent(url.hostname) || undefined,
  port: Number(url.port || url.searchParams.get("port")) || undefined,
};

/** Goes through one instance; resolves with how many steps were saved. */
async function walk(pool, moddleContext, until) {
  const id = randomUUID();
  const listener = new EventEmitter();
  const waiting = [];
  listener.on("activity.wait", (api) => waiting.push(api));
  const engine = Engine({ name: id, moddleContext });
  const execution = await engine.execute({ listener });
  const state = async () => JSON.stringify(await execution.getState());
  await pool.query("INSERT INTO peer_state VALUES ($1, $2)", [id, await state()]);
  let steps = 1;
  while (waiting.length > 0 && performance.now() < until) {
    waiting.pop().signal();
    await pool.query("UPDATE peer_state SET state = $2 WHERE id = $1", [id, await state()]);
    steps += 1;
  }
  if (execution.state === "running") execution.stop();
  return steps;
}

async function work() {
  const pool = new pg.Pool({ ...place, max: workers });
  for (const [name, body] of Object.entries(MODELS)) {
    // Read once, as anybody would who starts many.
    const model = await new BpmnModdle().fromXML(`${HEAD}${body}</process></definitions>`);
    const until = performance.now() + seconds * 1000;
    const hand = async () => {
      let steps = 0;
      while (performance.now() < until) steps += await walk(pool, model, until);
      return steps;
    };
    const hands = await Promise.all(Array.from({ length: Math.ceil(workers / PROCESSES) }, hand));
    process.send({ name, steps: hands.reduce((sum, steps) => sum + steps, 0) });
  }
  await pool.end();
  process.disconnect();
}

async function lead() {
  const pool = new pg.Pool({ ...place, max: 1 });
  await pool.query("CREATE TABLE IF NOT EXISTS peer_state (id uuid PRIMARY KEY, state text NOT NULL)");
  await pool.end();
  const sums = {};
  const hands = Array.from({ length: PROCESSES }, () => cluster.fork());
  await Promise.all(
    hands.map((hand) => {
      hand.on("message", ({ name, steps }) => (sums[name] = (sums[name] ?? 0) + steps));
      return new Promise((resolve) => hand.on("exit", resolve));
    }),
  );
  for (const [name, steps] of Object.entries(sums)) {
    const line = { peer: "bpmn-engine 25.0.1", figure: name, steps_per_second: Math.round(steps / seconds) };
    console.log(JSON.stringify(line));
  }
}

await (cluster.isPrimary ? lead() : work());
