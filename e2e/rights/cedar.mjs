// The policies of the packs, judged by Cedar itself (its WebAssembly build): not by the code under test.
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import cedar from "@cedar-policy/cedar-wasm/nodejs";

// Node 20 falls over when it has inlined a call into WebAssembly and must take that back.
v8.setFlagsFromString("--no-turbo-inline-js-wasm-calls");

const packs = join(dirname(fileURLToPath(import.meta.url)), "../../packs");

const texts = readdirSync(packs)
  .sort()
  .map((pack) => join(packs, pack, "access.cedar"))
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, "utf8"));

const parsed = cedar.preparsePolicySet("packs", { staticPolicies: texts.join("\n") });
if (parsed.type !== "success") throw new Error(`the policies do not parse: ${JSON.stringify(parsed.errors)}`);

const present = (attributes) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined));

/**
 * Whether `who` may do `verb` to `thing`. Attributes that are null are absent, as in the platform.
 * who: { id, kind, roles, person, organisation, unit, behalf, region }
 * thing: { kind, id, owner, owner_organisation, department, region, … }
 */
export function may(who, verb, thing) {
  const { id: _, ...what } = thing;
  const question = JSON.stringify([who, verb, what]);
  if (!answers.has(question)) answers.set(question, judged(who, verb, thing));
  return answers.get(question);
}

// No policy reads the name of a thing, so that things that are alike are judged once.
const answers = new Map();

function judged(who, verb, thing) {
  const { id, ...whose } = who;
  const { id: thingId, ...what } = thing;
  const principal = { type: "User", id: id || "nobody" };
  const resource = { type: "Thing", id: thingId || "any" };
  const answer = cedar.statefulIsAuthorized({
    principal,
    action: { type: "Action", id: verb },
    resource,
    context: {},
    preparsedPolicySetId: "packs",
    entities: [
      { uid: principal, attrs: present(whose), parents: [] },
      { uid: resource, attrs: present(what), parents: [] },
    ],
  });
  if (answer.type !== "success") throw new Error(`Cedar could not judge ${verb}: ${JSON.stringify(answer.errors)}`);
  return answer.response.decision === "allow";
}
