// Every operation of the faces, and what policy is asked before it is done. A route that is missing here fails the proof.
//
//   over     the kind of thing of which each is tried; none: the operation has one place
//   path     where it is, for a thing
//   ask      [verb, thing, answer when refused] in the order in which the operation asks; "absent" hides that it is there
//   login    nothing is said to visitors but that they log in
//   hidden   a visitor is not led to the login: what is refused looks absent to everybody
//   staff    the workbench and the administration are for staff
//   body     what is sent; chosen so that who may gets as far as the check of the input, and nothing is changed
//   sole     only tried by those who are refused, because it could not be undone
import { caseThing, documentThing, draftThing, taskThing } from "./facts.mjs";

const own = (kind) => (who) => ({ kind, id: who.id, owner: who.person });
const platform = { kind: "platform", id: "" };
const ledger = { kind: "ledger", id: "" };
const mine = (kind) => (who) => ({ kind, id: "", owner: who.person, owner_organisation: who.behalf });
const inbox = (who) => ({ kind: "inbox", id: "mine", department: who.organisation });
const messages = (who) => ({ kind: "message", id: "", owner: who.person, owner_organisation: who.behalf, mine: true });
const nothing = { kind: "case", id: "none" };

const page = (path, more = {}) => ({ method: "GET", path: () => path, ask: () => [], ...more });
const open = (path, verb = "service.read") => page(path, { ask: () => [[verb, { kind: "item", id: "" }, "forbidden"]] });
const form = (path, more) => ({ method: "POST", path: () => path, ask: () => [], ...more });

const HALL = [
  open("/"),
  open("/hall"),
  open("/hall?q=spjy"),
  open("/hall/food-business-new"),
  page("/verify"),
  page("/login"),
  page("/preferences"),
  page("/about/accessibility"),
  page("/about/privacy"),
  page("/design"),
  { over: "document", method: "GET", path: (paper) => `/verify/${paper.code}`, ask: () => [["document.verify", { kind: "document", id: "" }, "forbidden"]] },
  page("/hall/food-business-new/start", {
    login: true,
    ask: (_, who) => [["service.read", { kind: "item", id: "" }, "forbidden"], ["form.list", mine("draft")(who), "forbidden"], ["party.behalfs", own("account")(who), "forbidden"]],
  }),
  page("/my/cases", { login: true, ask: (_, who) => [["casework.mine", { ...mine("case")(who), id: "mine" }, "forbidden"]] }),
  page("/my/messages", { login: true, ask: (_, who) => [["notice.inbox", messages(who), "forbidden"]] }),
  page("/my/sessions", { login: true, ask: (_, who) => [["party.sessions", own("account")(who), "forbidden"]] }),
  page("/my/password", { login: true }),
  { over: "case", method: "GET", path: (row) => `/my/case/${row.no}`, login: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "case", method: "GET", path: (row) => `/my/case/${row.no}/receipt`, login: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "paper", method: "GET", path: (row) => `/my/case/${row.no}/paper/${row.seq}`, login: true, ask: (row) => [["casework.read", caseThing(row.case), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/my/case/${row.no}/withdraw`, login: true, body: { reason: "" },
    ask: (row) => [["casework.withdraw", caseThing(row), "absent"]], sole: (row) => !["closed", "declined", "withdrawn", "decided"].includes(row.state) },
  { over: "case", method: "POST", path: (row) => `/my/case/${row.no}/urge`, login: true, body: {}, ask: (row) => [["casework.urge", caseThing(row), "absent"]], sole: () => true },
  { over: "case", method: "POST", path: (row) => `/my/case/${row.no}/rate`, login: true, body: { contact: "none", level: "9" },
    ask: (row) => [["casework.read", caseThing(row), "absent"], ["rating.rate", { kind: "rating", id: row.no, owner: row.organisation ? null : row.person, owner_organisation: row.organisation }, "absent"]] },
  page("/my/ratings", { login: true, ask: (_, who) => [["rating.mine", { ...mine("rating")(who), id: "mine" }, "forbidden"]] }),
  page("/data?q=rk", { ask: () => [["catalog.read", { kind: "directory", id: "all" }, "forbidden"]] }),
  page("/hall/ratings", { ask: () => [["rating.read", { kind: "results", id: "all" }, "forbidden"]] }),
  open("/hall/mayor-mailbox-write/write"),
  open("/hall/mayor-mailbox-write/look"),
  open("/hall/mayor-mailbox-write/published"),
  form("/hall/mayor-mailbox-write/write", { open: true, body: { subject: "" }, ask: () => [["service.write", { kind: "item", id: "mayor-mailbox:write", unsigned: true }, "forbidden"]] }),
  form("/hall/mayor-mailbox-write/look", { open: true, body: { no: "SX-2020-999999", code: "0" }, ask: () => [["service.look", { kind: "item", id: "mayor-mailbox:write", unsigned: true }, "forbidden"]] }),
  { over: "case", method: "POST", path: (row) => `/my/case/${row.no}/bring`, login: true, body: { seen: "0" },
    ask: (row) => [["casework.read", caseThing(row), "absent"], ["casework.bring", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/my/case/${row.no}/undertake`, login: true, body: { kind: "deferral", "agree-deferral": "yes", seen: "0" },
    ask: (row) => [["casework.read", caseThing(row), "absent"], ["casework.undertake", caseThing(row), "absent"]] },
  { over: "asked", method: "POST", path: (row) => `/my/case/${row.no}/supply`, login: true, body: (row) => ({ todo: row.id, words: "" }),
    ask: (row) => [["casework.read", caseThing(row.case), "absent"], ["casework.supply", taskThing(row.case, row), "absent"]] },
  { over: "document", method: "GET", path: (row) => `/my/document/${row.id}`, login: true, ask: (row) => [["document.open", documentThing(row), "absent"]] },
  { over: "document", method: "GET", path: (row) => `/my/document/${row.id}/pdf`, login: true, ask: (row) => [["document.pdf", documentThing(row), "absent"]] },
  { over: "draft", method: "GET", path: (row) => `/my/draft/${row.id}`, login: true, ask: (row) => [["form.read", draftThing(row), "absent"]] },
  { over: "draft", method: "GET", path: (row) => `/my/draft/${row.id}/page/place`, login: true, ask: (row) => [["form.read", draftThing(row), "absent"]] },
  { over: "draft", method: "POST", path: (row) => `/my/draft/${row.id}/page/place`, login: true, body: { seen: "1" }, ask: (row) => [["form.write", draftThing(row), "absent"]] },
  { over: "draft", method: "POST", path: (row) => `/my/draft/${row.id}/submit`, login: true, body: {}, ask: (row) => [["form.read", draftThing(row), "absent"], ["form.finish", draftThing(row), "absent"]] },
  { over: "draft", method: "POST", path: (row) => `/my/draft/${row.id}/discard`, login: true, body: {}, ask: (row) => [["form.discard", draftThing(row), "absent"]], sole: () => true },
];

const task = (word, verb, body) => ({
  over: "task", method: "POST", path: (row) => `/desk/casework/${row.no}/${word}/${row.id}`, staff: true, body,
  ask: (row) => [[verb, taskThing(row.case, row), "absent"]],
});

const EFFECTS = { accept: "accept", accept_deferred: "accept", correct: "correct", decline: "decline", supply: "supply", reviewed: "pass", doubted: "pass", inspected: "pass", unfit: "pass", grant: "grant", refuse: "refuse" };

// The page of one act on a case, and its form from a page of long ago.
const act = (word, verbs, body) => [
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}/${word}`, staff: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/${word}`, staff: true, body: { ...body, seen: "0" },
    ask: (row) => verbs.map((verb) => [`casework.${verb}`, caseThing(row), "absent"]) },
];

const NO_RECORD = "00000000-0000-0000-0000-000000000000";
const addresses = { kind: "dataset", id: "base-geo:address", authority: "public-security", sharing: "unconditional", open: false, personal: false };
const divisions = { kind: "dataset", id: "base-geo:division", authority: "civil-affairs", sharing: "unconditional", open: true, personal: false };

const DESK = [
  page("/desk", { staff: true }),
  page("/desk/inbox", { staff: true, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  page("/desk/inbox?filter=correcting", { staff: true, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  form("/desk/inbox", { staff: true, body: { act: "claim" }, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  page("/desk/inbox/filters", { staff: true, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  form("/desk/inbox/filters", { staff: true, body: { filter: "all", name: "" }, ask: (_, who) => [["casework.arrange", inbox(who), "forbidden"]] }),
  form("/desk/inbox/columns", { staff: true, body: { rows: "99999" }, ask: (_, who) => [["casework.arrange", inbox(who), "forbidden"]] }),
  page("/desk/keys", { staff: true, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  page("/desk/handover", { staff: true, ask: (_, who) => [["casework.hand_over", inbox(who), "forbidden"]] }),
  page("/desk/find?q=x", { staff: true }),
  page("/desk/catalog", { staff: true, ask: (_, who) => [["catalog.list", { kind: "resource", id: "own", department: who.organisation }, "forbidden"]] }),
  page("/desk/catalog/lists", { staff: true, ask: (_, who) => [["catalog.list", { kind: "resource", id: "own", department: who.organisation }, "forbidden"]] }),
  page("/desk/catalog/new", { staff: true, ask: (_, who) => [["catalog.compile", { kind: "resource", id: "new", department: who.organisation }, "forbidden"]] }),
  page("/desk/catalog/sheet", { staff: true, ask: (_, who) => [["catalog.import", { kind: "resource", id: "sheet", department: who.organisation }, "forbidden"]] }),
  page("/desk/registry/loads", { staff: true, ask: () => [["registry.loads", { kind: "dataset", id: "all" }, "forbidden"]] }),
  page("/desk/registry/records", { staff: true, ask: () => [["registry.search", { kind: "dataset", id: "all" }, "forbidden"]] }),
  page(`/desk/registry/records/base-geo:address/${NO_RECORD}/strike?version=1`, { staff: true, never: true,
    ask: () => [["registry.search", addresses, "absent"], ["registry.strike", addresses, "forbidden"]] }),
  form(`/desk/registry/records/base-geo:address/${NO_RECORD}/strike`, { staff: true, never: true, body: { version: "1", valid_from: "2026-01-01", since: "2026-01-01T00:00:00Z", reason: "" },
    ask: () => [["registry.search", addresses, "absent"], ["registry.strike", addresses, "forbidden"]] }),
  form(`/desk/registry/records/base-geo:division/${NO_RECORD}/strike`, { staff: true, never: true, body: { version: "1", valid_from: "2026-01-01", since: "2026-01-01T00:00:00Z", reason: "" },
    ask: () => [["registry.strike", divisions, "forbidden"]] }),
  page("/desk/registry/feeds", { staff: true, ask: () => [["registry.loads", { kind: "dataset", id: "all" }, "forbidden"]] }),
  page("/desk/sharing", { staff: true, ask: (_, who) => [["sharing.list", { kind: "sharing", id: "own", department: who.organisation, asked_by: who.organisation ?? "" }, "forbidden"]] }),
  page("/desk/sharing/grants", { staff: true, ask: (_, who) => [["sharing.list", { kind: "sharing", id: "own", department: who.organisation, asked_by: who.organisation ?? "" }, "forbidden"]] }),
  page("/desk/sharing/objections", { staff: true, ask: (_, who) => [["sharing.list", { kind: "sharing", id: "own", department: who.organisation, asked_by: who.organisation ?? "" }, "forbidden"]] }),
  page("/desk/ratings/words", { staff: true, ask: () => [["rating.review", { kind: "rating", id: "all" }, "forbidden"]] }),
  form("/desk/ratings/code", { staff: true, body: {}, ask: (_, who) => [["rating.invite", { kind: "visit", id: "new", department: who.organisation }, "forbidden"]], sole: () => true }),
  page("/desk/messages", { staff: true, ask: (_, who) => [["notice.inbox", messages(who), "forbidden"]] }),
  page("/desk/supervision", { staff: true, ask: (_, who) => [["supervision.own", { kind: "card", id: "own", department: who.organisation }, "forbidden"]] }),
  page("/desk/me", { staff: true, ask: (_, who) => [["party.my_posts", own("account")(who), "forbidden"]] }),
  page("/desk/casework/SPJY-1999-999999", { staff: true, ask: () => [["casework.read", nothing, "absent"]], never: true }),
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}`, staff: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "paper", method: "GET", path: (row) => `/desk/casework/${row.no}/paper/${row.seq}`, staff: true, ask: (row) => [["casework.read", caseThing(row.case), "absent"]] },
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}/revoke`, staff: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/revoke`, staff: true, body: { reason: "" },
    ask: (row) => [["casework.read", caseThing(row), "absent"], ...(row.paper ? [["document.revoke", documentThing(row.paper), "absent"]] : [])] },
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}/presence`, staff: true, ask: (row) => [["casework.note", caseThing(row), "absent"]] },
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}/hand`, staff: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/related`, staff: true, body: { why_related: "" }, ask: (row) => [["casework.related", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/note`, staff: true, body: { text: "" }, ask: (row) => [["casework.note", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/suspend`, staff: true, body: { kind: "none", reason: "" }, ask: (row) => [["casework.suspend", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/resume`, staff: true, body: {}, ask: (row) => [["casework.resume", caseThing(row), "absent"]], sole: (row) => row.stopped },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/extend`, staff: true, body: { clock: "none", days: "1", why_longer: "" }, ask: (row) => [["casework.extend", caseThing(row), "absent"]] },
  ...act("delivery", ["dispatch"], { way: "express", words: "" }),
  ...act("charge", ["charge"], { item: "off-list", amount: "", receipt: "", on: "" }),
  ...act("archive", ["archive"], {}),
  ...act("merge", ["merge"], { reason: "" }),
  ...act("split", ["split"], { parts: "1", "title-1": "x", reason: "" }),
  ...act("procedure", ["suspend"], { kind: "none", reason: "" }),
  ...act("end", ["end"], { reason: "" }),
  ...act("undertake/deferral", ["read", "undertake"], {}),
  ...act("bring", ["read", "bring"], {}),
  { over: "task", method: "POST", path: (row) => `/desk/casework/${row.no}/attach/${row.id}`, staff: true, body: { name: "", words: "" },
    ask: (row) => [["casework.read", caseThing(row.case), "absent"], ["casework.attach", taskThing(row.case, row), "absent"]] },
  task("claim", "casework.claim", {}),
  task("release", "casework.release", {}),
  { over: "outcome", method: "GET", path: (row) => `/desk/casework/${row.no}/decide/${row.id}/${row.outcome}`, staff: true, ask: (row) => [["casework.read", caseThing(row.case), "absent"]] },
  { over: "outcome", method: "POST", path: (row) => `/desk/casework/${row.no}/decide/${row.id}/${row.outcome}`, staff: true, body: { seen: "0", reason: "" },
    ask: (row) => [["casework.read", caseThing(row.case), "absent"], [`casework.${EFFECTS[row.outcome]}`, taskThing(row.case, row), "absent"]] },
];

const watched = { kind: "supervision", id: "board" };
const watch = (path, verb = "board") => page(`/board/supervision${path}`, { staff: true, ask: () => [[`supervision.${verb}`, watched, "forbidden"]] });
const report = (path, verb, body) => form(`/board/supervision/${path}`, { staff: true, body, ask: () => [[`supervision.${verb}`, watched, "forbidden"]] });

const BOARD = [
  watch(""),
  watch("/wall"),
  watch("/rows?what=red"),
  watch("/cards", "cards"),
  watch("/rules"),
  watch("/grades"),
  watch("/samples"),
  report("samples", "draw", { seed: "", size: "0" }),
  watch("/duty", "duty"),
  report("duty", "duty", { kind: "", words: "" }),
  watch("/find"),
  report("find", "find", { kind: "" }),
  report("export", "export", { reason: "" }),
];

const ADMIN = [
  page("/admin", { staff: true, ask: () => [["admin.overview", platform, "forbidden"]] }),
  page("/admin/calendars", { staff: true, ask: () => [["casework.calendars", { kind: "platform", id: "calendar" }, "forbidden"]] }),
  form("/admin/calendars", { staff: true, body: { calendar: "cn", rows: "", reason: "" }, ask: () => [["casework.set_days", { kind: "platform", id: "calendar" }, "forbidden"]] }),
  page("/admin/calendars/limits", { staff: true, ask: () => [["casework.calendars", { kind: "platform", id: "calendar" }, "forbidden"]] }),
  form("/admin/calendars/limits", { staff: true, body: { clock: "", limit: "", from: "", reason: "" }, ask: () => [["casework.calendars", { kind: "platform", id: "calendar" }, "forbidden"]] }),
  page("/admin/standards", { staff: true, ask: () => [["admin.standards", platform, "forbidden"]] }),
  page("/admin/packs", { staff: true, ask: () => [["admin.packs", platform, "forbidden"]] }),
  page("/admin/incidents", { staff: true, ask: () => [["process.incidents", platform, "forbidden"]] }),
  page("/admin/channels", { staff: true, ask: () => [["notice.outside", platform, "forbidden"]] }),
  form("/admin/channels", { staff: true, body: { way: "sms", sms: "" }, ask: () => [["notice.try_out", platform, "forbidden"]] }),
  page("/admin/reporting", { staff: true, ask: () => [["reporting.read", { kind: "report", id: "run" }, "forbidden"]] }),
  form("/admin/reporting", { staff: true, body: { from: "2026-01-02", to: "2026-01-01", reason: "x" }, ask: () => [["reporting.order", { kind: "report", id: "run" }, "forbidden"]] }),
  page("/admin/jobs", { staff: true, ask: () => [["admin.jobs", platform, "forbidden"]] }),
  page("/admin/datasets", { staff: true, ask: () => [["registry.count", { kind: "dataset", id: "all" }, "forbidden"]] }),
  page("/admin/people", { staff: true, ask: () => [["party.people", { kind: "person", id: "" }, "forbidden"]] }),
  page("/admin/people?q=市民", { staff: true, ask: () => [["party.people", { kind: "person", id: "" }, "forbidden"]] }),
  page("/admin/people/new", { staff: true, ask: () => [["party.create_person", { kind: "person", id: "" }, "forbidden"]] }),
  form("/admin/people/new", { staff: true, body: { name: "" }, ask: () => [["party.create_person", { kind: "person", id: "" }, "forbidden"]] }),
  { over: "person", method: "GET", path: (row) => `/admin/people/${row.person}`, staff: true,
    ask: (row) => [["party.person", { kind: "person", id: row.person, owner: row.person }, "absent"], ["party.people", { kind: "person", id: row.person, owner: row.person }, "forbidden"]] },
  page("/admin/organisations", { staff: true, ask: () => [["party.tree", { kind: "region", id: "" }, "forbidden"], ["party.organisations", { kind: "organisation", id: "" }, "forbidden"]] }),
  form("/admin/organisations", { staff: true, body: { name_zh: "" }, ask: () => [["party.create_organisation", { kind: "organisation", id: "", public: true }, "forbidden"]] }),
  page("/admin/record", { staff: true, ask: () => [["ledger.search", ledger, "forbidden"]] }),
  page("/admin/record?verb=casework.read", { staff: true, ask: () => [["ledger.search", ledger, "forbidden"]] }),
  { over: "entry", method: "GET", path: (row) => `/admin/record/${row.id}`, staff: true, ask: () => [["ledger.read", ledger, "forbidden"]] },
];

const portal = { kind: "portal", id: "open-data" };
const indicators = { kind: "dataset", id: "base-macro:indicator", authority: "statistics", sharing: "unconditional", open: true, personal: false };
const residents = { kind: "dataset", id: "base-population:resident", authority: "public-security", sharing: "conditional", open: false, personal: true };
const loaded = (who) => ({ kind: "dataset", id: "own", authority: who.unit });
// The identifier of a table follows from its dataset.
const DIVISIONS_TABLE = "954218f9-bfb2-85af-8e47-2305cfb3a8b7";
const API = [
  page("/dataset", { ask: () => [["portal.read", portal, "forbidden"]] }),
  page(`/dataset/base-geo-division/resource/${DIVISIONS_TABLE}?sort=code&by=level`, { ask: () => [["portal.read", portal, "forbidden"]] }),
  page("/dataset/base-geo-division/version/1/data.csv", { ask: () => [["portal.read", portal, "forbidden"]] }),
  page("/catalog.ttl", { ask: () => [["portal.read", portal, "forbidden"]] }),
  page("/api/keys", { login: true, ask: (_, who) => [["portal.keys", { kind: "key", id: "", owner: who.person, department: who.organisation }, "forbidden"]] }),
  page("/api"),
  page("/openapi.json"),
  page("/api/v1/catalog/resources?q=rk", { ask: () => [["catalog.read", { kind: "directory", id: "all" }, "forbidden"]] }),
  page("/api/v1/datasets"),
  page("/api/v1/datasets/base-macro:indicator", { ask: () => [["registry.read", indicators, "absent"]] }),
  page("/api/v1/datasets/base-macro:indicator/records?sort=-indicator&rows=3", { ask: () => [["registry.read", indicators, "absent"]] }),
  page("/api/v1/datasets/base-macro:indicator/records?rows=3&valid_on=2026-01-01&known_at=2026-01-02T00:00:00Z", { hidden: true, ask: () => [["registry.search", indicators, "absent"]] }),
  page(`/api/v1/datasets/base-macro:indicator/records/${NO_RECORD}`, { never: true, ask: () => [["registry.read", indicators, "absent"]] }),
  page(`/api/v1/datasets/base-macro:indicator/records/${NO_RECORD}/history`, { hidden: true, never: true, ask: () => [["registry.search", indicators, "absent"]] }),
  page(`/api/v1/datasets/base-population:resident/records/${NO_RECORD}`, { hidden: true, never: true, ask: () => [["registry.search", residents, "absent"]] }),
  page(`/api/v1/datasets/base-population:resident/records/${NO_RECORD}/history`, { hidden: true, never: true, ask: () => [["registry.search", residents, "absent"]] }),
  page("/api/v1/datasets/base-macro:indicator/totals?by=class", { ask: () => [["registry.read", indicators, "absent"]] }),
  form("/api/v1/datasets/base-macro:indicator/loads", { login: true, body: {}, ask: (_, who) => [["registry.loads", loaded(who), "forbidden"], ["registry.load", indicators, "forbidden"]] }),
  page("/api/v1/datasets/base-macro:indicator/loads/999999", { login: true, never: true, ask: (_, who) => [["registry.loads", loaded(who), "forbidden"]] }),
  page("/api/v1/datasets/base-macro:indicator/loads/999999/faults", { login: true, never: true, ask: (_, who) => [["registry.loads", loaded(who), "forbidden"]] }),
  page("/api/v1/datasets/base-population:resident", { hidden: true, ask: () => [["registry.search", residents, "absent"]] }),
  page("/api/v1/datasets/base-population:resident/records?rows=1&format=csv", { hidden: true, ask: () => [["registry.search", residents, "absent"]] }),
  page("/api/v1/datasets/base-population:resident/totals", { hidden: true, ask: () => [["registry.search", residents, "absent"]] }),
  open("/api/v1/items"),
  open("/api/v1/items/food-business-new"),
  page("/api/v1/standards"),
  page("/api/v1/elements?q=name"),
  page("/api/v1/codes/food_business_kind"),
  page("/api/v1/me", { login: true, ask: (_, who) => [["party.my_identity", own("person")(who), "forbidden"]] }),
  page("/api/v1/cases", { login: true, ask: (_, who) => [["casework.mine", { ...mine("case")(who), id: "mine" }, "forbidden"]] }),
  { over: "case", method: "GET", path: (row) => `/api/v1/cases/${row.no}`, login: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "document", method: "GET", path: (row) => `/api/v1/verify/${row.code}`, ask: () => [["document.verify", { kind: "document", id: "" }, "forbidden"]] },
];

export const OPERATIONS = [
  ...HALL.map((row) => ({ face: "hall", ...row })),
  ...DESK.map((row) => ({ face: "desk", ...row })),
  ...BOARD.map((row) => ({ face: "desk", ...row })),
  ...ADMIN.map((row) => ({ face: "admin", ...row })),
  ...API.map((row) => ({ face: "api", ...row })),
];

// Routes that are proven elsewhere, with where and why.
export const ELSEWHERE = [
  [/^\/desk\/registry\/feeds\/\{id\}$/, "crates/engines/registry/tests/cases/feeds.rs"],
  [/^\/r1\/|^\/x1\/|^\/listClients/, "systems with signatures, no sessions: tests of the exchange against real providers"],
  [/^\/desk\/exchange/, "the register, the log and the channels, by role and by the organisations of both sides: tests of the exchange, and its story"],
  [/^\/login|^\/logout|^\/invite|^\/session/, "asks who one is: tests of the people's engine and the browser tests"],
  [/^\/oauth|^\/\.well-known|^\/my\/systems/, "the provider of log-ins: its own tests with an unmodified client"],
  [/^\/api\/(3\/)?action\//, "programs with keys, no sessions: tests of the portal, and its own clients"],
  [/^\/api\/keys\/\{id\}/, "one's own keys alone: tests of the portal"],
  [/^\/catalog(\.|$)|^\/dataset\/\{id\}/, "the same right as the list; what is private is absent: tests of the portal"],
  [/^\/my\/(passkeys|certificates|security|level|delegations|data|links|act-for|uploads)/, "one's own account alone, no thing of others is named: tests of the faces"],
  [/^\/my\/(sessions|messages|password)\//, "one's own account alone"],
  [/^\/my$/, "a redirect for staff and the same lists as below for citizens: rows.test"],
  [/^\/my\/draft\/\{id\}\/page\/\{page\}\/(add|remove)/, "the same right as saving the page"],
  [/^\/my\/(ratings\/|case\/\{no\}\/rate)|^\/rate\/|^\/desk\/ratings/, "who rated is hidden from the rated: tests of the ratings"],
  [/^\/data\/\{code\}|^\/api\/v1\/catalog\/resources\/\{code\}/, "the same right as the list; what was never published is absent: tests of the directory"],
  [/^\/desk\/catalog\/(new|sheet|lists|\{id\})/, "one's own unit and the directory's office: tests of the directory"],
  [/^\/desk\/sharing\/|^\/api\/v1\/shared\//, "requests, grants and objections of the two units by number: tests of sharing"],
  [/^\/admin\/reporting\/./, "counts and faults alone: tests of reporting up"],
  [/^\/desk\/supervision\/|^\/board\/supervision\/(case|samples\/)/, "cards, courses and samples by number: tests of supervision"],
  [/^\/desk\/registry\/(matches|entities)/, "pairs and entities of stewards, by number: tests of the registry"],
  [/^\/desk\/(counter|recoveries|substitutes|messages|me)/, "tests of the workbench"],
  [/^\/desk\/casework\/\{no\}\/reveal/, "tests of sealed fields"],
  [/^\/desk\/inbox\/(undo|assign|filters\/\{id\})|^\/desk\/handover\/\{from\}/, "one's own acts and filters, and the head's department alone: tests of the desk"],
  [/^\/desk\/casework\/\{no\}\/(hand\/\{todo\}|given)|\/decide\/\{todo\}\/\{outcome\}\/(words|sample)|^\/my\/case\/\{no\}\/given/, "the rights of the case and of the task, asked by their verbs: tests of casework"],
  [/^\/desk\/casework\/\{no\}\/((delivery|procedure|charge)\/\{seq\}|archive\/|approve\/|late\/)/, "one sending, procedure, charge, file or task of a case, which may not be there: tests of the desk"],
  [/^\/api\/v1\/processes\//, "other systems with tokens of their own, no account: tests of the JSON face"],
  [/^\/desk\/registry\/(loads|quality|records)/, "loads, quality and records of a dataset, for stewards alone: tests of the registry"],
  [/^\/my\/channels/, "one's own addresses alone: tests of the engine of messages"],
  [/^\/admin\/(backups|clients|health|process|settings)/, "tests of the administration"],
  [/^\/admin\/(jobs|incidents|people|organisations|record)\/./, "tests of the administration"],
  [/^\/hall\/\{slug\}\/start/, "beginning is the same right as the page before it"],
];
