// What is true in the city, read from the database past the platform: who can act as what, and which things there are.
// People who are missing in the demonstration (other departments and districts, a leave to look) are added here.
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The folder of the socket of the city's own database. */
function socketFolder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".s.PGSQL.") && !entry.name.endsWith(".lock")) return folder;
    if (entry.isDirectory() && !["data", "files", "base"].includes(entry.name)) {
      const found = socketFolder(path);
      if (found) return found;
    }
  }
  return null;
}

function psqlPath() {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").sort().reverse() : [];
  const found = versions.map((version) => `/usr/lib/postgresql/${version}/bin/psql`).find((path) => existsSync(path));
  return found ?? "psql";
}

/** Opens the database of a city. */
export function database(data) {
  const socket = socketFolder(data);
  if (!socket) throw new Error(`no database socket below ${data}`);
  const base = ["-h", socket, "-U", "zhengtong", "-d", "zhengtong", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1"];
  const psql = psqlPath();
  const run = (sql) => execFileSync(psql, [...base, "-c", sql], { encoding: "utf8", maxBuffer: 1 << 28 }).trim();
  return {
    run,
    /** The rows of a statement as objects. */
    rows: (sql) => JSON.parse(run(`SELECT coalesce(json_agg(t), '[]') FROM (${sql}) t`)),
  };
}

const quote = (text) => `'${String(text).replaceAll("'", "''")}'`;

/** Gives an account a session and returns its token; the platform stores the hash alone. */
export function openSession(db, { account, post = null, behalf = null, strong = true }) {
  const token = `${randomUUID()}${randomUUID()}`.replaceAll("-", "").slice(0, 43);
  const hash = createHash("sha256").update(token).digest("hex");
  const value = (id) => (id === null ? "NULL" : quote(id));
  db.run(`INSERT INTO party.session (id, token_hash, account, post, behalf, created, last_seen, expires, ip, agent, means, strong)
    VALUES (gen_random_uuid(), '\\x${hash}', ${quote(account)}, ${value(post)}, ${value(behalf)}, now(), now(),
      now() + interval '6 hours', '127.0.0.1', 'rights', 'password', ${strong})`);
  return token;
}

/** Adds a person of the city as holder of a new post. */
function appoint(db, organisation, role, spare) {
  const [person] = spare.splice(0, 1);
  if (!person) throw new Error("the demonstration has too few people");
  const [account, post] = [randomUUID(), randomUUID()];
  const login = `rights-${role}-${account.slice(0, 6)}`;
  db.run(`INSERT INTO party.account (id, login, login_key, kind, person, created)
      VALUES (${quote(account)}, ${quote(login)}, ${quote(login)}, 'staff', ${quote(person)}, now());
    INSERT INTO party.post (id, organisation, title_zh, title_en, roles)
      VALUES (${quote(post)}, ${quote(organisation)}, ${quote(role)}, ${quote(role)}, ARRAY[${quote(role)}]);
    INSERT INTO party.holding (id, post, person, starts) VALUES (gen_random_uuid(), ${quote(post)}, ${quote(person)}, current_date - 30);`);
  return { account, post };
}

const own = (db, login) =>
  db.rows(`SELECT account.id AS account, account.person, account.kind, post.id AS post, post.organisation, post.roles, organisation.region, organisation.short AS unit
    FROM party.account
    LEFT JOIN party.holding ON holding.person = account.person AND account.kind = 'staff'
      AND holding.starts <= current_date AND (holding.ends IS NULL OR holding.ends > current_date)
    LEFT JOIN party.post ON post.id = holding.post
    LEFT JOIN party.organisation ON organisation.id = post.organisation
    WHERE account.login = ${quote(login)}`)[0];

const scopes = (roles) => ["citizen-agent", ...roles.map((role) => `citizen-agent:${role}`)];

/** Everybody who asks, each with a session: name → { who, token }. `who` is what policies see. */
export function people(db) {
  const all = {};
  const add = (name, facts, session) => {
    const token = openSession(db, session);
    const who = { id: session.account, kind: facts.kind, roles: [], person: facts.person, ...facts.more };
    all[name] = { name, who, token, account: session.account, post: session.post ?? null };
  };
  all.visitor = { name: "visitor", who: { id: "anonymous:", kind: "anonymous", roles: [] }, token: null };
  const citizen = own(db, "citizen");
  const agent = own(db, "agent");
  add("citizen", { kind: "citizen", person: citizen.person }, { account: citizen.account });
  add("agent-alone", { kind: "citizen", person: agent.person }, { account: agent.account });

  // Who acts for companies: one with a licence, one who is asked for papers, one whose case is new. Each is a
  // stranger to what the others have.
  const acting = (organisation, roles) => ({ behalf: organisation, roles: scopes(roles) });
  const found = {};
  for (const [name, condition] of [["owner", "c.document IS NOT NULL"], ["asked-owner", "c.state = 'correcting'"], ["new-owner", "c.state = 'submitted'"]]) {
    const [facts] = db.rows(`SELECT c.organisation, account.id AS account, account.person
      FROM casework."case" c
      JOIN party.organisation o ON o.id = c.organisation AND o.representative = c.person
      JOIN party.account ON account.person = c.person AND account.kind = 'citizen'
      WHERE ${condition} ORDER BY c.no LIMIT 1`);
    if (!facts) throw new Error(`nobody in the demonstration has a case where ${condition}`);
    found[name] = facts;
    add(name, { kind: "citizen", person: facts.person, more: acting(facts.organisation, ["admin", "apply", "view"]) },
      { account: facts.account, behalf: facts.organisation });
  }
  const { owner } = found;
  add("owner-alone", { kind: "citizen", person: owner.person }, { account: owner.account });
  // A leave to look, and one that has ended.
  for (const [name, roles, ends] of [["looker", ["view"], "+"], ["former", ["apply"], "-"]]) {
    const expires = ends === "+" ? "now() + interval '1 day'" : "now() - interval '1 day'";
    const person = ends === "+" ? citizen : agent;
    db.run(`INSERT INTO party.delegation (id, organisation, person, scope, granted, expires, granted_by)
      VALUES (gen_random_uuid(), ${quote(owner.organisation)}, ${quote(person.person)}, ARRAY[${roles.map(quote).join(",")}],
        now() - interval '9 days', ${expires}, ${quote(owner.person)})`);
    const session = { account: person.account, behalf: owner.organisation };
    add(name, { kind: "citizen", person: person.person, more: acting(owner.organisation, roles) }, session);
    // With the leave its session has ended.
    if (ends === "-") all[name].who = { id: "anonymous:", kind: "anonymous", roles: [] };
  }

  const office = (facts) => ({ organisation: facts.organisation, unit: facts.unit, roles: facts.roles, region: facts.region });
  for (const login of ["clerk", "reviewer", "inspector", "head", "system", "security", "audit"]) {
    const facts = own(db, login);
    add(login, { kind: "staff", person: facts.person, more: office(facts) }, { account: facts.account, post: facts.post });
  }
  const market = own(db, "clerk").organisation;
  // Whoever has no post yet gets one beside being a citizen.
  const taken = Object.values(all).map((person) => quote(person.who.person ?? ""));
  const spare = db.rows(`SELECT person.id FROM party.person
    WHERE NOT EXISTS (SELECT FROM party.account WHERE account.person = person.id AND account.kind = 'staff')
      AND NOT EXISTS (SELECT FROM party.holding WHERE holding.person = person.id)
      AND person.id::text NOT IN (${taken.join(",")}) ORDER BY 1 LIMIT 20`).map((row) => row.id);
  const unit = (condition) =>
    db.rows(`SELECT id, region, short AS unit FROM party.organisation WHERE ${condition} AND id <> ${quote(market)} ORDER BY id LIMIT 1`)[0];
  const elsewhere = unit(`kind = 'department'`);
  // An office of the same trade in a district: the same roles, another region.
  const [below] = db.rows(`SELECT code FROM party.region WHERE parent IS NOT NULL ORDER BY code DESC LIMIT 1`);
  const district = { id: randomUUID(), region: below.code };
  db.run(`INSERT INTO party.organisation (id, parent, region, kind, name_zh, name_en)
    VALUES (${quote(district.id)}, ${quote(market)}, ${quote(district.region)}, 'department', '示例区市场监督管理局', 'District office')`);
  const places = [
    ["elsewhere-window", elsewhere, "window"],
    ["elsewhere-reviewer", elsewhere, "reviewer"],
    ["elsewhere-head", elsewhere, "head"],
    ["district-window", district, "window"],
    ["district-head", district, "head"],
    ["steward", unit(`short = 'statistics'`), "steward"],
    ["elsewhere-steward", unit(`short = 'civil-affairs'`), "steward"],
    ["supervisor", elsewhere, "supervisor"],
  ];
  for (const [name, place, role] of places) {
    const { account, post } = appoint(db, place.id, role, spare);
    const facts = db.rows(`SELECT person FROM party.account WHERE id = ${quote(account)}`)[0];
    const more = { organisation: place.id, unit: place.unit, roles: [role], region: place.region };
    add(name, { kind: "staff", person: facts.person, more }, { account, post });
  }
  // An officer who has not proven a second factor holds no role yet.
  const clerk = own(db, "clerk");
  add("clerk-weak", { kind: "staff", person: clerk.person }, { account: clerk.account, post: clerk.post, strong: false });
  return { all, owner, elsewhere };
}

/** The case as policies see it. */
export const caseThing = (row) => ({
  kind: "case",
  id: row.no,
  owner: row.organisation ? null : row.person,
  owner_organisation: row.organisation,
  department: row.department,
  state: row.state,
});

/** A task of a case as policies see it. */
export const taskThing = (row, task) => ({
  ...caseThing(row),
  role: task.role,
  side: task.side,
  ...(task.assignee ? { assignee: task.assignee } : {}),
});

export const documentThing = (row) => ({
  kind: "document",
  id: row.id,
  owner: row.holder_person,
  owner_organisation: row.holder_organisation,
  department: row.issuer,
  template: row.template,
  paper: row.kind,
});

export const draftThing = (row) => ({
  kind: "draft",
  id: row.id,
  owner: row.owner,
  owner_organisation: row.owner_organisation,
  form: row.form,
  item: row.item,
});

/** All things of the kinds that are asked about. */
export function things(db) {
  return {
    cases: db.rows(`SELECT no, person, organisation, department, state, document, submitted_at FROM casework."case" ORDER BY no`),
    tasks: db.rows(`SELECT id, "case" AS no, role, side, department, assignee, outcomes, due_day FROM casework.todo WHERE closed_at IS NULL ORDER BY id`),
    papers: db.rows(`SELECT "case" AS no, seq, digest FROM casework.material ORDER BY "case", seq`),
    documents: db.rows(`SELECT id, holder_person, holder_organisation, issuer, template, kind, code, case_no FROM document.document ORDER BY id`),
    drafts: db.rows(`SELECT id, owner, owner_organisation, form, item, submitted_case FROM form.draft ORDER BY id`),
    messages: db.rows(`SELECT * FROM notice.message ORDER BY id`),
    organisations: db.rows(`SELECT id, parent, kind, region, closed FROM party.organisation ORDER BY id`),
    posts: db.rows(`SELECT id, organisation, roles FROM party.post ORDER BY id`),
    holdings: db.rows(`SELECT id, post, person FROM party.holding ORDER BY id`),
    accounts: db.rows(`SELECT id, person, kind, login FROM party.account ORDER BY id`),
    jobs: db.rows(`SELECT id FROM db.job ORDER BY id LIMIT 3`),
    entries: db.rows(`SELECT id FROM ledger.entry ORDER BY id LIMIT 3`),
  };
}
