// A plain second reckoning of what each list shows to whom, in SQL and without Cedar, and how the list itself is read.
import { caseThing, documentThing } from "./facts.mjs";

const PAGES_MAX = 60;
const quote = (text) => (text === null || text === undefined ? "NULL" : `'${String(text).replaceAll("'", "''")}'`);
const words = (list) => `ARRAY[${list.map(quote).join(",")}]::text[]`;

/** Reads a list page by page: what `pattern` finds in each, until a page brings nothing new. Null: it was refused. */
const pages = (path, pattern) => async (web, person, verdict) => {
  const seen = new Set();
  for (let number = 1; number <= PAGES_MAX; number += 1) {
    const answer = await web.send(person, "GET", `${path}${path.includes("?") ? "&" : "?"}page=${number}`);
    if (verdict(answer) !== "allowed") return null;
    // Only the list itself: the frame around it names no rows.
    const main = answer.text.split("<main")[1] ?? answer.text;
    const before = seen.size;
    for (const match of main.matchAll(pattern)) seen.add(match[1]);
    if (seen.size === before) break;
  }
  return [...seen];
};

const CASE = /\/(?:my\/case|desk\/casework)\/([A-Z]+-\d{4}-\d+)"/g;
const inbox = (who) => ({ kind: "inbox", id: "mine", department: who.organisation });

/** Tasks of the office that are free for one of the roles or in the hands of the account, at most one for a row. */
const tasks = (condition) => (db, who, person) =>
  db.rows(`SELECT DISTINCT t."case" AS id, c.no, c.person, c.organisation, c.department, c.state
    FROM casework.todo t JOIN casework."case" c ON c.no = t."case"
    WHERE t.closed_at IS NULL AND t.department = ${quote(who.organisation)} AND (${condition(who, person)})`);
const forMe = (who, person) =>
  `t.side = 'office' AND (t.assignee = ${quote(person.account)} OR (t.assignee IS NULL AND t.role = ANY (${words(who.roles)})))`;

const inboxList = (name, filter, condition) => ({
  name,
  staff: true,
  ask: (who) => [["casework.inbox", inbox(who)]],
  rows: tasks(condition),
  seen: pages(`/desk/inbox?filter=${filter}`, CASE),
  each: (row) => ["casework.read", caseThing(row)],
});

const mine = (who) => (who.behalf ? `organisation = ${quote(who.behalf)}` : `person = ${quote(who.person)} AND organisation IS NULL`);

/** The dataset of which a unit loads a file that is not taken in. */
export const LOADED = { path: "/api/v1/datasets/base-macro:indicator/loads", file: { type: "text/csv", key: "rights", text: "indicator,name\n,甲\n,乙\n,丙\n" } };
const loadNumber = (db) => db.rows(`SELECT number FROM registry.load WHERE dataset = 'base-macro:indicator' ORDER BY number DESC LIMIT 1`)[0].number;

export const LISTS = [
  inboxList("inbox", "all", forMe),
  inboxList("inbox, mine", "mine", (who, person) => `t.assignee = ${quote(person.account)}`),
  inboxList("inbox, free", "free", (who, person) => `${forMe(who, person)} AND t.assignee IS NULL`),
  inboxList("inbox, late", "over", (who, person) => `${forMe(who, person)} AND t.due_day < (now() AT TIME ZONE 'Asia/Shanghai')::date
      AND NOT EXISTS (SELECT FROM casework.suspension s WHERE s."case" = t."case" AND s.to_day IS NULL)`),
  inboxList("inbox, waiting for papers", "correcting", () => `t.side = 'applicant'`),
  {
    name: "my cases",
    ask: (who) => [["casework.mine", { kind: "case", id: "mine", owner: who.person, owner_organisation: who.behalf }]],
    rows: (db, who) => db.rows(`SELECT no AS id, no, person, organisation, department, state FROM casework."case" WHERE ${mine(who)}`),
    seen: pages("/my/cases", CASE),
    each: (row) => ["casework.read", caseThing(row)],
  },
  {
    name: "my cases, for machines",
    ask: (who) => [["casework.mine", { kind: "case", id: "mine", owner: who.person, owner_organisation: who.behalf }]],
    rows: (db, who) => db.rows(`SELECT no AS id, no, person, organisation, department, state FROM casework."case" WHERE ${mine(who)}`),
    seen: pages("/api/v1/cases", /"([A-Z]+-\d{4}-\d{6})"/g),
    each: (row) => ["casework.read", caseThing(row)],
  },
  {
    // My space shows the latest twenty licences: those of the person and of the organisation acted for.
    name: "my licences",
    ask: (who) => (who.kind === "citizen" ? [["document.mine", { kind: "document", id: "", owner: who.person, owner_organisation: who.behalf }]] : [["never", { kind: "none", id: "" }]]),
    rows: (db, who) =>
      db.rows(`SELECT id, holder_person, holder_organisation, issuer, template, kind FROM document.document
        WHERE kind = 'licence' AND (holder_person = ${quote(who.person)} OR holder_organisation = ${quote(who.behalf)})
        ORDER BY issued_at DESC, id LIMIT 20`),
    seen: async (web, person, verdict) => {
      const answer = await web.send(person, "GET", "/my");
      if (verdict(answer) !== "allowed" || answer.status !== 200) return null;
      return [...new Set([...answer.text.matchAll(/\/my\/document\/([0-9a-f-]{36})/g)].map((match) => match[1]))];
    },
    each: (row) => ["document.open", documentThing(row)],
  },
  {
    name: "my drafts",
    ask: (who) => (who.kind === "citizen" ? [["form.list", { kind: "draft", id: "", owner: who.person, owner_organisation: who.behalf }]] : [["never", { kind: "none", id: "" }]]),
    rows: (db, who) =>
      db.rows(`SELECT id, owner, owner_organisation, form, item FROM form.draft WHERE submitted_case IS NULL AND expires > now()
        AND ${who.behalf ? `owner_organisation = ${quote(who.behalf)}` : `owner = ${quote(who.person)} AND owner_organisation IS NULL`}`),
    seen: async (web, person, verdict) => {
      const answer = await web.send(person, "GET", "/my");
      if (verdict(answer) !== "allowed" || answer.status !== 200) return null;
      return [...new Set([...answer.text.matchAll(/\/my\/draft\/([0-9a-f-]{36})/g)].map((match) => match[1]))];
    },
    each: (row) => ["form.read", { kind: "draft", id: row.id, owner: row.owner, owner_organisation: row.owner_organisation, form: row.form, item: row.item }],
  },
  {
    // Messages have no number on the page; their titles name the case.
    name: "my messages",
    ask: (who) => [["notice.inbox", { kind: "message", id: "", owner: who.person, owner_organisation: who.behalf, mine: true }]],
    rows: (db, who, person) =>
      db.rows(`SELECT DISTINCT substring(link FROM '[A-Z]+-[0-9]+-[0-9]+$') AS id FROM notice.message
        WHERE (person = ${quote(who.person)} OR organisation = ${quote(who.behalf)} OR post = ${quote(person.post)}) AND link LIKE '/my/case/%'`),
    seen: pages("/my/messages", CASE),
  },
  {
    name: "rows that a load did not take in",
    ask: () => [["registry.faults", { kind: "dataset", id: "base-macro:indicator", authority: "statistics" }]],
    rows: (db) => db.rows(`SELECT f.line::text AS id FROM registry.load_fault f JOIN registry.load l ON l.id = f.load WHERE l.number = ${loadNumber(db)}`),
    seen: async (web, person, verdict, db) => {
      const seen = [];
      for (let after = 0; after !== null; ) {
        const answer = await web.send(person, "GET", `${LOADED.path}/${loadNumber(db)}/faults?rows=2&after=${after}`);
        if (verdict(answer) !== "allowed") return null;
        const page = JSON.parse(answer.text);
        seen.push(...page.entries.map((entry) => String(entry.line)));
        after = page.next;
      }
      return seen;
    },
  },
  {
    // There is no list of all people: staff, and whoever is searched by login.
    name: "people with a post",
    staff: true,
    ask: () => [["party.people", { kind: "person", id: "" }]],
    rows: (db) => db.rows(`SELECT DISTINCT person AS id FROM party.account WHERE kind = 'staff'`),
    seen: pages("/admin/people", /\/admin\/people\/([0-9a-f-]{36})"/g),
    each: (row) => ["party.person", { kind: "person", id: row.id, owner: row.id }],
  },
  {
    name: "people, searched",
    staff: true,
    ask: () => [["party.people", { kind: "person", id: "" }]],
    rows: (db) => db.rows(`SELECT DISTINCT person AS id FROM party.account WHERE login LIKE 'agent-0%'`),
    seen: pages("/admin/people?q=agent-0", /\/admin\/people\/([0-9a-f-]{36})"/g),
    each: (row) => ["party.person", { kind: "person", id: row.id, owner: row.id }],
  },
  {
    name: "organisations",
    staff: true,
    ask: () => [["party.tree", { kind: "region", id: "" }], ["party.organisations", { kind: "organisation", id: "" }]],
    rows: (db) => db.rows(`SELECT id FROM party.organisation WHERE parent IS NULL`),
    seen: pages("/admin/organisations", /\/admin\/organisations\/([0-9a-f-]{36})"/g),
  },
  {
    name: "record of acts",
    staff: true,
    ask: () => [["ledger.search", { kind: "ledger", id: "" }]],
    rows: (db) => db.rows(`SELECT id::text AS id FROM ledger.entry WHERE verb = 'document.issue'`),
    // Older entries are behind a link, not behind a number.
    seen: async (web, person, verdict) => {
      const seen = new Set();
      let path = "/admin/record?verb=document.issue";
      for (let number = 1; path && number <= PAGES_MAX; number += 1) {
        const answer = await web.send(person, "GET", path);
        if (verdict(answer) !== "allowed") return null;
        for (const match of answer.text.matchAll(/\/admin\/record\/(\d+)"/g)) seen.add(match[1]);
        path = answer.text.match(/href="(\/admin\/record\?[^"]*before=\d+)"/)?.[1].replaceAll("&amp;", "&");
      }
      return [...seen];
    },
    each: () => ["ledger.read", { kind: "ledger", id: "" }],
  },
];
