// The proof of rights: every operation, asked by everybody about everything, answers as Cedar says; and every list
// shows the rows that a plain second reckoning finds, none more and none less.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCity } from "../lib/city.mjs";
import { may } from "./cedar.mjs";
import { database, people, things } from "./facts.mjs";
import { client, each, verdict } from "./http.mjs";
import { ELSEWHERE, OPERATIONS } from "./operations.mjs";
import { LISTS, LOADED } from "./rows.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const binary = process.env.ZT_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/zhengtong");
const out = process.env.ZT_OUT ?? join(root, "target/e2e");

let city, db, web, folk, facts;

before(async () => {
  // A city of its own: what others do in theirs changes no expectation here.
  const { RIGHTS_URL: url, RIGHTS_DATA: data } = process.env;
  city = url ? { url, data, stop: () => {}, remove: () => {} } : await startCity({ binary });
  db = database(city.data);
  web = client(city.url);
  const { all, owner, elsewhere } = people(db);
  folk = all;
  // One case of the owner is handled by another department, so that no right follows from the office alone.
  db.run(`UPDATE casework."case" SET department = '${elsewhere.id}' WHERE no = (
      SELECT c.no FROM casework."case" c JOIN casework.todo t ON t."case" = c.no AND t.closed_at IS NULL AND t.side = 'office'
      WHERE c.organisation IS DISTINCT FROM '${owner.organisation}' ORDER BY c.no DESC LIMIT 1);
    UPDATE casework.todo SET department = c.department FROM casework."case" c WHERE c.no = todo."case"`);
  await load(folk.steward);
  facts = known(things(db), owner.organisation);
});
after(async () => {
  await city?.stop();
  city?.remove();
});

/** Loads a file of which no row is taken in, so that there is something to be denied. */
async function load(steward) {
  const sent = await web.send(steward, "POST", LOADED.path, null, LOADED.file);
  assert.equal(sent.status, 202, sent.text);
  const place = `${LOADED.path}/${JSON.parse(sent.text).load}`;
  for (let tries = 0; tries < 60; tries += 1) {
    const { text } = await web.send(steward, "GET", place);
    if (JSON.parse(text).state === "done") return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail("the load did not end");
}

/** The things that are asked about, each with what belongs to it: of every owner, department and state some. */
function known(rows, owner) {
  const cases = new Map(rows.cases.map((row) => [row.no, row]));
  const papers = new Map(rows.documents.map((row) => [row.id, row]));
  const stopped = new Set(db.rows(`SELECT DISTINCT "case" AS no FROM casework.suspension WHERE to_day IS NULL`).map((row) => row.no));
  for (const row of rows.cases) {
    row.paper = papers.get(row.document) ?? null;
    row.stopped = stopped.has(row.no);
  }
  const kinds = new Map();
  const sample = rows.cases.filter((row) => {
    const kind = `${row.organisation === owner} ${row.department} ${row.state}`;
    const count = (kinds.get(kind) ?? 0) + 1;
    kinds.set(kind, count);
    return count <= 1;
  });
  const chosen = new Set(sample.map((row) => row.no));
  const tasks = rows.tasks.filter((row) => chosen.has(row.no)).map((row) => ({ ...row, case: cases.get(row.no) }));
  const office = tasks.filter((row) => row.side === "office");
  return {
    ...rows,
    over: {
      case: sample,
      paper: rows.papers.filter((row) => chosen.has(row.no) && row.digest).slice(0, 6).map((row) => ({ ...row, case: cases.get(row.no) })),
      task: office,
      asked: tasks.filter((row) => row.side === "applicant"),
      outcome: office.flatMap((row) => row.outcomes.slice(0, 2).map((outcome) => ({ ...row, outcome }))),
      document: [...rows.documents.filter((row) => row.holder_organisation === owner).slice(0, 1), ...rows.documents.filter((row) => row.holder_organisation !== owner).slice(0, 2)],
      draft: rows.drafts.filter((row) => !row.submitted_case).slice(0, 6),
      person: rows.accounts.slice(0, 4),
      entry: rows.entries,
    },
  };
}

/** What must be answered, by policy alone and by what a face is for. */
function expected(person, operation, thing) {
  const { who } = person;
  const visitor = who.kind === "anonymous";
  if (visitor && (operation.login || operation.staff)) return "login";
  if (operation.staff && who.kind !== "staff") return "forbidden";
  for (const [verb, asked, refused] of operation.ask(thing, who)) {
    if (!may(who, verb, asked)) return visitor && !operation.hidden ? "login" : refused;
  }
  return operation.never ? "absent" : "allowed";
}

function cells() {
  const all = [];
  for (const operation of OPERATIONS) {
    for (const thing of operation.over ? facts.over[operation.over] : [null]) {
      for (const person of Object.values(folk)) {
        // The form of an ended session is nobody's: it leads to the login, which keeps what was typed.
        const want = person.name === "former" && operation.open ? "login" : expected(person, operation, thing);
        if (want === "allowed" && operation.sole?.(thing)) continue;
        all.push({ operation, thing, person, want });
      }
    }
  }
  return all;
}

test("every operation answers everybody as policy says", { timeout: 600_000 }, async () => {
  // Drafts are begun here, so that there is somebody's unfinished application to be denied.
  const begun = await web.send(folk.owner, "POST", "/hall/food-business-new/start", {});
  assert.equal(verdict(begun), "allowed", `the owner cannot begin: ${begun.status} ${begun.text.slice(0, 300)}`);
  facts.over.draft = things(db).drafts.filter((row) => !row.submitted_case).slice(0, 6);
  assert.ok(facts.over.draft.length > 0 && facts.over.asked !== undefined);

  const table = cells();
  const faults = [];
  await each(table, async (cell) => {
    const { operation, thing, person } = cell;
    const path = operation.path(thing);
    const body = typeof operation.body === "function" ? operation.body(thing) : operation.body;
    const answer = await web.send(person, operation.method, path, body);
    cell.got = verdict(answer);
    // Staff who have not proven a second factor are led to do that first, and are refused whatever policy says.
    const led = answer.status >= 300 && answer.status < 400;
    if (person.name === "clerk-weak" && (led || ["forbidden", "absent"].includes(cell.got))) cell.got = cell.want;
    if (cell.got !== cell.want) faults.push(`${person.name}: ${operation.method} ${path} is ${cell.got} (${answer.status}), policy says ${cell.want}`);
  });
  mkdirSync(out, { recursive: true });
  const lines = table.map(({ operation, thing, person, want, got }) => [operation.face, operation.method, operation.path(thing), person.name, want, got].join("\t"));
  writeFileSync(join(out, "rights.tsv"), `face\tmethod\tpath\twho\texpected\tanswered\n${lines.join("\n")}\n`);
  const allowed = table.filter((cell) => cell.want === "allowed").length;
  console.log(`${table.length} cells: ${allowed} allowed, ${table.length - allowed} refused; ${Object.keys(folk).length} people, ${OPERATIONS.length} operations`);
  assert.ok(table.length > 2_000, `only ${table.length} cells`);
  assert.equal(faults.length, 0, `${faults.length} answers differ from policy:\n${faults.slice(0, 60).join("\n")}`);
});

test("every list shows what a plain second reckoning finds", { timeout: 300_000 }, async () => {
  const faults = [];
  let rows = 0;
  for (const list of LISTS) {
    await each(Object.values(folk), async (person) => {
      if (person.name === "clerk-weak" || person.who.kind === "anonymous") return;
      if (list.staff && person.who.kind !== "staff") return;
      const refused = list.ask(person.who).some(([verb, asked]) => !may(person.who, verb, asked));
      const wanted = list.rows(db, person.who, person);
      const seen = await list.seen(web, person, verdict, db);
      if (refused || seen === null) {
        if (!refused) faults.push(`${list.name} for ${person.name}: refused, though policy allows it`);
        if (seen !== null && seen.length > 0) faults.push(`${list.name} for ${person.name}: ${seen.length} rows, though policy refuses it`);
        return;
      }
      rows += seen.length;
      const [want, got] = [new Set(wanted.map((row) => row.id)), new Set(seen)];
      for (const id of got) if (!want.has(id)) faults.push(`${list.name} for ${person.name}: shows ${id}`);
      for (const id of want) if (!got.has(id)) faults.push(`${list.name} for ${person.name}: does not show ${id}`);
      for (const row of wanted.filter((row) => got.has(row.id))) {
        const check = list.each?.(row, person.who);
        if (check && !may(person.who, check[0], check[1])) faults.push(`${list.name} for ${person.name}: policy denies ${row.id}`);
      }
    }, 4);
  }
  console.log(`${LISTS.length} lists, ${rows} rows compared`);
  assert.ok(rows > 100, `only ${rows} rows were compared`);
  assert.equal(faults.length, 0, `${faults.length} rows differ:\n${faults.slice(0, 60).join("\n")}`);
});

test("every route of the faces is in the table, or it is said where it is proven", () => {
  const faults = [];
  const places = OPERATIONS.map((operation) => [operation.face, operation]);
  const sources = ["hall", "desk", "admin", "api"].flatMap((face) =>
    readdirSync(join(root, "crates/faces", face, "src")).filter((name) => name.endsWith(".rs")).map((name) => [face, join(root, "crates/faces", face, "src", name)]),
  );
  let routes = 0;
  for (const [face, file] of sources) {
    const text = readFileSync(file, "utf8");
    const found = [...text.matchAll(/\.route\(\s*"([^"]+)"/g), ...text.matchAll(/path = "(\/[^"]*)", operation_id/g)].map((match) => match[1]);
    for (const route of found) {
      routes += 1;
      if (ELSEWHERE.some(([pattern]) => pattern.test(route))) continue;
      const shape = new RegExp(`^${route.replaceAll(".", "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`);
      const sample = (operation) => operation.path(facts.over[operation.over]?.[0] ?? { id: "x", no: "x", code: "x", person: "x", outcome: "x", seq: 1, case: {} }).split("?")[0];
      if (!places.some(([where, operation]) => where === face && shape.test(sample(operation)))) faults.push(`${face}: ${route}`);
    }
  }
  assert.ok(routes > 60, `only ${routes} routes were found`);
  assert.deepEqual(faults, [], "routes without a proof: name them in operations.mjs");
});
