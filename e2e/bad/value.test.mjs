// What is typed into a field: of the wrong kind, missing, too long, unknown, with a wrong check digit,
// with rare signs. Each is told in words, kept as it was typed, and never an error of ours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { agent, ANSWERS, discard, fillDraft, formsOf, handIn, newDraft } from "./client.mjs";
import { ask } from "./city.mjs";

// Beyond the basic plane: extensions I, G and B.
const RARE = "\u{2EBF0}\u{30EDD}\u{20BB7}";

let me;
let draft;
before(async () => {
  me = await agent(process.env.ZT_URL);
  draft = await newDraft(me);
});
after(() => discard(me, draft));

const summary = (page) => /class="error-summary"[\s\S]*?<\/ul>/.exec(page.text)?.[0].replace(/<[^>]*>/g, " ") ?? "";

/** Sends a page with a fault and sees: refused in words, the words typed are there again, also later. */
async function refused(page, values, told, kept = Object.values(values).flat()) {
  const said = await me.fill(`${draft}/page/${page}`, values);
  assert.equal(said.status, 422, said.words.slice(0, 300));
  assert.match(summary(said), told);
  const later = await me.get(`${draft}/page/${page}`);
  for (const text of kept.filter(Boolean)) {
    for (const shown of [said, later]) assert.ok(values_of(shown).includes(text), `"${text.slice(0, 40)}" is not shown again`);
  }
}

const values_of = (page) => formsOf(page.text).flatMap((form) => form.fields.map(([, value]) => value));

test("a text where one of the choices belongs is refused and told", async () => {
  await refused("place", { same_address: "true", premises: "bogus" }, /店面是怎么来的请从所列选项中选择/, []);
});

test("a word where yes or no belongs is refused and told", async () => {
  await refused("place", { same_address: "maybe", premises: "online" }, /请选择“是”或“否”/, []);
});

test("words where a number belongs are refused, shown again, and may be mended", async () => {
  await me.fill(`${draft}/page/place`, { same_address: "true", premises: "owned" });
  for (const area of ["八十", "1e9", "NaN", "-5", "0x10", "99999999999999999999", "1.2.3"]) {
    await refused("size", { area, water: "tap" }, /面积|数字|不能/);
  }
  const said = await me.fill(`${draft}/page/size`, { area: "８０", water: "tap" });
  assert.equal(said.status, 303, "digits of full width are digits");
});

test("days that do not exist are refused and told", async () => {
  const added = await me.fill(`${draft}/page/staff`, {}, `${draft}/page/staff/add`);
  const place = added.location.replace(draft, "").replace("/page/", "");
  for (const [year, month, day] of [["2026", "2", "30"], ["2025", "13", "1"], ["", "5", "1"], ["二零", "1", "1"]]) {
    const name = "health_checked_on";
    const values = { staff_name: "市民丙", [`${name}-year`]: year, [`${name}-month`]: month, [`${name}-day`]: day };
    await refused(place, values, /./, ["市民丙", year, month, day]);
  }
  await me.fill(`${draft}/page/staff`, {}, `${draft}/page/staff/remove/1`);
});

test("a missing field is named, and the other fields of the page are kept", async () => {
  await refused("officer", { officer_name: "", officer_mobile: "10012345678" }, /请填写食品安全管理人员姓名/);
  const said = await me.post(`${draft}/page/officer`, (await me.form(`${draft}/page/officer`)).fields.filter(([name]) => name === "csrf"));
  assert.equal(said.status, 422, "no field at all");
});

test("a text that is too long is refused with its length, and nothing of it is cut away", async () => {
  for (const length of [51, 500, 20_000]) {
    await refused("officer", { officer_name: "王".repeat(length), officer_mobile: "10012345678" }, new RegExp(`最多 50 个字，现有 ${length} 个`));
  }
});

test("a megabyte in a field is refused in words, and what was saved before is still there", async () => {
  await me.fill(`${draft}/page/officer`, ANSWERS.officer);
  for (const sign of ["a", "王"]) {
    const said = await me.fill(`${draft}/page/officer`, { officer_name: sign.repeat(1 << 20) });
    assert.equal(said.status, 413);
    assert.match(said.words, /太大|缩短/);
    const shown = values_of(await me.get(`${draft}/page/officer`));
    assert.ok(shown.includes("市民丙") && shown.includes("10012345678"), "what was saved is gone");
  }
});

test("a field that nobody asked for is not taken", async () => {
  const said = await me.fill(`${draft}/page/officer`, { ...ANSWERS.officer, is_admin: "true", owner: "x", "__proto__": "y", "answers[officer]": "z" });
  assert.equal(said.status, 303);
  const [row] = await ask(`select answers::text || inputs::text as all from form.draft where id = '${draft.split("/").at(-1)}'`);
  for (const name of ["is_admin", "__proto__", "answers["]) assert.ok(!row.includes(name), `${name} was kept`);
});

test("the same field twice is one answer", async () => {
  const said = await me.fill(`${draft}/page/trade`, { kind: ["1", "2"] });
  assert.ok([303, 422].includes(said.status), `${said.status}`);
  assert.equal((await me.fill(`${draft}/page/trade`, { kind: "1" })).status, 303);
});

test("a telephone number with a digit too few or too many is refused and told", async () => {
  for (const officer_mobile of ["1001234567", "100123456789", "abcdefghijk", "+8610012345678901"]) {
    await refused("officer", { officer_name: "市民丙", officer_mobile }, /手机号/);
  }
});

test("a credit code with a wrong check digit is refused, and the right one taken back", async () => {
  const form = await me.form(`${draft}/page/business?change=org_credit_code`, `${draft}/page/business`);
  const right = form.fields.find(([name]) => name === "org_credit_code")[1];
  assert.match(right, /^[0-9A-Z]{18}$/);
  const wrong = right.slice(0, -1) + (right.endsWith("1") ? "2" : "1");
  await refused("business", { org_credit_code: wrong }, /统一社会信用代码/);
  await refused("business", { org_credit_code: "91330199" }, /18位，现有8位/);
  assert.equal((await me.fill(`${draft}/page/business`, { org_credit_code: right })).status, 303);
});

test("a picture sign in a name is refused by its sign, in an address it is kept", async () => {
  await refused("officer", { officer_name: "张😀三", officer_mobile: "10012345678" }, /U\+1F600|不能是/);
  await me.fill(`${draft}/page/place`, { same_address: "false", premises: "online" });
  const address = "示例区江边路 88 号 😀👨‍👩‍👧 1 层";
  const said = await me.fill(`${draft}/page/address`, { place_address: address });
  assert.ok([303, 422].includes(said.status), `${said.status}`);
  assert.ok(values_of(await me.get(`${draft}/page/address`)).includes(address), "the address is not shown again");
});

test("markup is text", async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`;
  await me.fill(`${draft}/page/place`, { same_address: "false", premises: "online" });
  await me.fill(`${draft}/page/address`, { place_address: evil });
  const page = await me.get(`${draft}/page/address`);
  assert.ok(!page.text.includes("<script>alert") && !page.text.includes("<img src=x"), "markup went through");
  assert.ok(values_of(page).includes(evil), "the text is not shown again");
  const found = await me.get(`/hall?q=${encodeURIComponent(evil)}`);
  assert.equal(found.status, 200);
  assert.ok(!found.text.includes("<script>alert"), "the search shows markup");
});

test("a NUL and other signs that cannot be seen are refused in words", async () => {
  for (const name of ["李\0四", "李\u0007四", "李\u{fdd0}四"]) {
    await refused("officer", { officer_name: name, officer_mobile: "10012345678" }, /姓名|控制字符/, ["10012345678"]);
  }
  for (const path of ["/hall?q=", "/verify?code=", "/desk/find?no="]) {
    const said = await me.get(`${path}%00`);
    assert.ok(said.status < 500, `${path}: ${said.status}`);
  }
});

test("bytes that are no text are refused in words", async () => {
  for (const body of ["csrf=%FF", "csrf=a&officer_name=%C3%28", "%ED%A0%80=x", "=&&=%", "%", "a=%zz"]) {
    const said = await me.send("POST", `${draft}/page/officer`, { headers: { "content-type": "application/x-www-form-urlencoded" }, body });
    assert.ok([409, 422].includes(said.status), `${body}: ${said.status}`);
  }
});

test("rare signs of names go through form, database and the page of the case", async () => {
  const whole = await newDraft(me);
  await fillDraft(me, whole, { officer: { officer_name: RARE, officer_mobile: "10012345678" } });
  assert.ok(values_of(await me.get(`${whole}/page/officer`)).includes(RARE), "not in the form");
  const no = await handIn(me, whole);
  const [stored] = await ask(`select answers::text from casework."case" where no = '${no}'`);
  assert.ok(!stored.includes(RARE) && stored.length > 10, "a name stands in the clear");
  const page = await me.get(`/my/case/${no}`);
  assert.equal(page.status, 200);
  // The rest of a name is masked there.
  assert.ok(page.text.includes("\u{2EBF0}"), "not on the page of the case");
  assert.ok(!page.text.includes("\ufffd"));
});

test("no error of ours, whatever is typed into any field of any page", async () => {
  const inputs = ["", " ", "0", "-1", "null", "undefined", "{}", "[]", "'; drop table form.draft; --", "%s%n", "../../etc/passwd", "${7*7}", "{{7*7}}", "\u202Eabc", "\u{10FFFF}", RARE];
  for (const page of Object.keys(ANSWERS)) {
    const form = await me.form(`${draft}/page/${page}`);
    const names = [...new Set([...form.text.matchAll(/name="([^"]+)"/g)].map(([, name]) => name))].filter((name) => name !== "csrf");
    for (const input of inputs) {
      const values = names.map((name) => [name, input]);
      const token = (await me.form(`${draft}/page/${page}`)).fields.filter(([name]) => name === "csrf");
      const said = await me.post(`${draft}/page/${page}`, [...token, ...values]);
      assert.ok(said.status < 500, `${page} ${JSON.stringify(input)}: ${said.status}`);
    }
  }
});
