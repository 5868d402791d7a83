// Packs are read again while the city runs: a right change shows at once, a broken one changes nothing.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort, newFolder } from "../lib/city.mjs";
import { OwnCity, ROOT } from "./city.mjs";
import { ITEM, pause } from "./client.mjs";

test("an edited pack is in force within seconds, a broken one is not", { timeout: 240_000 }, async () => {
  const folder = newFolder();
  const packs = join(folder, "packs");
  cpSync(join(ROOT, "packs"), packs, { recursive: true });
  const city = await new OwnCity(folder, await freePort()).start({ more: ["--packs", packs] });
  try {
    const guide = async () => (await fetch(`${city.url}/hall/${ITEM}`)).text();
    const until = async (words) => {
      for (let waited = 0; waited < 200; waited += 1) {
        if ((await guide()).includes(words)) return true;
        await pause(100);
      }
      return false;
    };
    const file = join(packs, "food-business/service/new.toml");
    const before = readFileSync(file, "utf8");
    assert.ok(await until("食品经营许可（新办）"));
    const renamed = before.replaceAll("食品经营许可（新办）", "食品经营许可（改名试验）");
    assert.notEqual(renamed, before);
    writeFileSync(file, renamed);
    assert.ok(await until("食品经营许可（改名试验）"), "the change did not come into force");
    writeFileSync(file, renamed.replace("promised =", "promise ="));
    await pause(3_000);
    assert.ok((await guide()).includes("食品经营许可（改名试验）"), "a broken pack came into force");
    assert.match(city.said, /promise/, "the log does not name the fault");
    writeFileSync(file, before);
    assert.ok(await until("食品经营许可（新办）"));
  } finally {
    await city.end();
  }
});
