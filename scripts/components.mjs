// What the product is made of, and what is known against it. Nothing is asked over the internet.
//
//   node scripts/components.mjs sbom [FILE]        all locked components as CycloneDX 1.6
//   node scripts/components.mjs advisories FOLDER  which of them an advisory names; FOLDER holds OSV files (*.json) that the
//                                                  operator brought along: exports of the ecosystems crates.io and npm
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const NPM_LOCKS = ["web/package-lock.json", "e2e/package-lock.json"];

/** The components of a Cargo.lock that come from outside. */
export function fromCargo(text) {
  return text.split("[[package]]").slice(1).flatMap((block) => {
    const value = (key) => new RegExp(`^${key} = "([^"]*)"`, "m").exec(block)?.[1];
    if (!value("source")) return [];
    const checksum = value("checksum");
    const hashes = checksum ? [{ alg: "SHA-256", content: checksum }] : [];
    return [{ ecosystem: "crates.io", name: value("name"), version: value("version"), hashes }];
  });
}

/** The components of a package-lock.json. */
export function fromNpm(text) {
  return Object.entries(JSON.parse(text).packages).flatMap(([path, one]) => {
    const name = path.split("node_modules/").at(-1);
    if (!path || !one.version) return [];
    const sha512 = /^sha512-(.+)$/.exec(one.integrity ?? "")?.[1];
    const hashes = sha512 ? [{ alg: "SHA-512", content: Buffer.from(sha512, "base64").toString("hex") }] : [];
    return [{ ecosystem: "npm", name, version: one.version, hashes, dev: one.dev === true }];
  });
}

export function components(root = ROOT) {
  const all = [
    ...fromCargo(readFileSync(join(root, "Cargo.lock"), "utf8")),
    ...NPM_LOCKS.flatMap((path) => fromNpm(readFileSync(join(root, path), "utf8"))),
  ];
  const once = new Map(all.map((one) => [`${one.ecosystem} ${one.name} ${one.version}`, one]));
  return [...once.keys()].sort().map((key) => once.get(key));
}

const purl = (one) =>
  one.ecosystem === "npm" ? `pkg:npm/${one.name.replace(/^@/, "%40")}@${one.version}` : `pkg:cargo/${one.name}@${one.version}`;

/** The same components give the same document, byte for byte. */
export function sbom(list, version) {
  const digest = createHash("sha256").update(JSON.stringify([version, list])).digest("hex");
  const serial = [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`, digest.slice(20, 32)].join("-");
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: { component: { type: "application", "bom-ref": "zhengtong", name: "zhengtong", version } },
    components: list.map((one) => ({
      type: "library",
      "bom-ref": purl(one),
      name: one.name,
      version: one.version,
      purl: purl(one),
      ...(one.dev ? { scope: "excluded" } : { scope: "required" }),
      ...(one.hashes.length > 0 ? { hashes: one.hashes } : {}),
    })),
  };
}

/** Orders versions as semver.org does; what is built (+…) does not count. */
export function compare(one, other) {
  const read = (text) => {
    const [core, ...pre] = text.replace(/^v/, "").split("+")[0].split("-");
    return { core: core.split(".").map(Number), pre: pre.length > 0 ? pre.join("-").split(".") : null };
  };
  const [a, b] = [read(one), read(other)];
  for (let at = 0; at < 3; at += 1) {
    const differs = (a.core[at] ?? 0) - (b.core[at] ?? 0);
    if (differs !== 0) return Math.sign(differs);
  }
  if (!a.pre || !b.pre) return a.pre ? -1 : b.pre ? 1 : 0;
  for (let at = 0; at < Math.max(a.pre.length, b.pre.length); at += 1) {
    const [x, y] = [a.pre[at], b.pre[at]];
    if (x === y) continue;
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const numbers = [x, y].map((part) => /^\d+$/.test(part));
    if (numbers[0] && numbers[1]) return Math.sign(Number(x) - Number(y));
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

/** Whether a version lies in what an advisory says of one package. */
export function isAffected(version, affected) {
  if (affected.versions?.includes(version)) return true;
  return (affected.ranges ?? []).filter((range) => range.type === "SEMVER").some((range) => {
    const at = (event) => event.introduced ?? event.fixed ?? event.last_affected;
    const from = (text) => (text === "0" ? "0.0.0-0" : text);
    let is = false;
    for (const event of [...range.events].sort((a, b) => compare(from(at(a)), from(at(b))))) {
      if (event.introduced !== undefined && compare(version, from(event.introduced)) >= 0) is = true;
      if (event.fixed !== undefined && compare(version, event.fixed) >= 0) is = false;
      if (event.last_affected !== undefined && compare(version, event.last_affected) > 0) is = false;
    }
    return is;
  });
}

/** What advisories say against the components: [{ id, component, summary, fixed }]. */
export function against(list, advisories) {
  const named = new Map();
  for (const one of list) {
    const key = `${one.ecosystem} ${one.name}`;
    named.set(key, [...(named.get(key) ?? []), one]);
  }
  return advisories.filter((advisory) => !advisory.withdrawn).flatMap((advisory) =>
    (advisory.affected ?? []).flatMap((affected) => {
      const here = named.get(`${affected.package?.ecosystem} ${affected.package?.name}`) ?? [];
      const fixed = (affected.ranges ?? []).flatMap((range) => range.events.flatMap((event) => event.fixed ?? []));
      return here
        .filter((one) => isAffected(one.version, affected))
        .map((one) => ({ id: advisory.id, component: one, summary: advisory.summary ?? "", fixed }));
    }),
  );
}

export function advisoriesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith(".json"))
    .map((path) => JSON.parse(readFileSync(join(folder, path), "utf8")))
    .filter((one) => one.id && one.affected);
}

function main([command, argument]) {
  const list = components();
  if (command === "sbom") {
    const version = /^version = "([^"]*)"/m.exec(readFileSync(join(ROOT, "Cargo.toml"), "utf8"))?.[1] ?? "0";
    const text = `${JSON.stringify(sbom(list, version), null, 2)}\n`;
    if (argument) writeFileSync(argument, text);
    else process.stdout.write(text);
    console.error(`${list.length} components`);
    return 0;
  }
  if (command === "advisories" && argument) {
    const advisories = advisoriesOf(argument);
    if (advisories.length === 0) {
      console.error(`${argument} holds no advisories: it should hold the exports of crates.io and npm of an OSV database`);
      return 2;
    }
    const found = against(list, advisories);
    for (const { id, component, summary, fixed } of found) {
      console.log(`${id}  ${component.name} ${component.version}  ${summary}${fixed.length > 0 ? `  (mended in ${fixed.join(", ")})` : ""}`);
    }
    console.log(`${list.length} components, ${advisories.length} advisories, ${found.length} against them`);
    return found.length > 0 ? 1 : 0;
  }
  console.error("node scripts/components.mjs sbom [FILE] | advisories FOLDER");
  return 2;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(main(process.argv.slice(2)));
