// Every operation of the faces, and what policy is asked before it is done. A route that is missing here fails the proof.
//
//   over     the kind of thing of which each is tried; none: the operation has one place
//   path     where it is, for a thing
//   ask      [verb, thing, answer when refused] in the order in which the operation asks; "absent" hides that it is there
//   login    nothing is said to visitors but that they log in
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
  { over: "case", method: "POST", path: (row) => `/my/case/${row.no}/rate`, login: true, body: { score: "9" },
    ask: (row) => [["casework.read", caseThing(row), "absent"], ["service.rate", { kind: "rating", id: row.no, owner: row.organisation ? null : row.person, owner_organisation: row.organisation }, "absent"]] },
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

const EFFECTS = { accept: "accept", correct: "correct", decline: "decline", supply: "supply", reviewed: "pass", doubted: "pass", inspected: "pass", unfit: "pass", grant: "grant", refuse: "refuse" };

const DESK = [
  page("/desk", { staff: true }),
  page("/desk/inbox", { staff: true, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  page("/desk/inbox?filter=correcting", { staff: true, ask: (_, who) => [["casework.inbox", inbox(who), "forbidden"]] }),
  form("/desk/inbox", { staff: true, body: { act: "claim" } }),
  page("/desk/find?q=x", { staff: true }),
  page("/desk/messages", { staff: true, ask: (_, who) => [["notice.inbox", messages(who), "forbidden"]] }),
  page("/desk/me", { staff: true, ask: (_, who) => [["party.my_posts", own("account")(who), "forbidden"]] }),
  page("/desk/casework/SPJY-1999-999999", { staff: true, ask: () => [["casework.read", nothing, "absent"]], never: true }),
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}`, staff: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "paper", method: "GET", path: (row) => `/desk/casework/${row.no}/paper/${row.seq}`, staff: true, ask: (row) => [["casework.read", caseThing(row.case), "absent"]] },
  { over: "case", method: "GET", path: (row) => `/desk/casework/${row.no}/revoke`, staff: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/revoke`, staff: true, body: { reason: "" },
    ask: (row) => [["casework.read", caseThing(row), "absent"], ...(row.paper ? [["document.revoke", documentThing(row.paper), "absent"]] : [])] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/note`, staff: true, body: { text: "" }, ask: (row) => [["casework.note", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/suspend`, staff: true, body: { kind: "none", reason: "" }, ask: (row) => [["casework.suspend", caseThing(row), "absent"]] },
  { over: "case", method: "POST", path: (row) => `/desk/casework/${row.no}/resume`, staff: true, body: {}, ask: (row) => [["casework.resume", caseThing(row), "absent"]], sole: (row) => row.stopped },
  task("claim", "casework.claim", {}),
  task("release", "casework.release", {}),
  { over: "outcome", method: "GET", path: (row) => `/desk/casework/${row.no}/decide/${row.id}/${row.outcome}`, staff: true, ask: (row) => [["casework.read", caseThing(row.case), "absent"]] },
  { over: "outcome", method: "POST", path: (row) => `/desk/casework/${row.no}/decide/${row.id}/${row.outcome}`, staff: true, body: { seen: "0", reason: "" },
    ask: (row) => [["casework.read", caseThing(row.case), "absent"], [`casework.${EFFECTS[row.outcome]}`, taskThing(row.case, row), "absent"]] },
];

const ADMIN = [
  page("/admin", { staff: true, ask: () => [["admin.overview", platform, "forbidden"]] }),
  page("/admin/standards", { staff: true, ask: () => [["admin.standards", platform, "forbidden"]] }),
  page("/admin/packs", { staff: true, ask: () => [["admin.packs", platform, "forbidden"]] }),
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

const API = [
  page("/api"),
  page("/openapi.json"),
  open("/api/v1/items"),
  open("/api/v1/items/food-business-new"),
  page("/api/v1/standards"),
  page("/api/v1/codes/food_business_kind"),
  page("/api/v1/me", { login: true, ask: (_, who) => [["party.my_identity", own("person")(who), "forbidden"]] }),
  page("/api/v1/cases", { login: true, ask: (_, who) => [["casework.mine", { ...mine("case")(who), id: "mine" }, "forbidden"]] }),
  { over: "case", method: "GET", path: (row) => `/api/v1/cases/${row.no}`, login: true, ask: (row) => [["casework.read", caseThing(row), "absent"]] },
  { over: "document", method: "GET", path: (row) => `/api/v1/verify/${row.code}`, ask: () => [["document.verify", { kind: "document", id: "" }, "forbidden"]] },
];

export const OPERATIONS = [
  ...HALL.map((row) => ({ face: "hall", ...row })),
  ...DESK.map((row) => ({ face: "desk", ...row })),
  ...ADMIN.map((row) => ({ face: "admin", ...row })),
  ...API.map((row) => ({ face: "api", ...row })),
];

// Routes that are proven elsewhere, with where and why.
export const ELSEWHERE = [
  [/^\/login|^\/logout|^\/invite|^\/session/, "asks who one is: tests of the people's engine and the browser tests"],
  [/^\/oauth|^\/\.well-known|^\/my\/systems/, "the provider of log-ins: its own tests with an unmodified client"],
  [/^\/my\/(passkeys|security|level|delegations|data|links|act-for|uploads)/, "one's own account alone, no thing of others is named: tests of the faces"],
  [/^\/my\/(sessions|messages|password)\//, "one's own account alone"],
  [/^\/my$/, "a redirect for staff and the same lists as below for citizens: rows.test"],
  [/^\/my\/draft\/\{id\}\/page\/\{page\}\/(add|remove)/, "the same right as saving the page"],
  [/^\/desk\/(counter|recoveries|substitutes|messages|me)/, "tests of the workbench"],
  [/^\/desk\/casework\/\{no\}\/reveal/, "tests of sealed fields"],
  [/^\/admin\/(backups|clients|health|settings)/, "tests of the administration"],
  [/^\/admin\/(jobs|people|organisations|record)\/./, "tests of the administration"],
  [/^\/hall\/\{slug\}\/start/, "beginning is the same right as the page before it"],
];
