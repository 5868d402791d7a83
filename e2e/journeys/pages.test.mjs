// Pages that belong to no journey: each is opened, looked at in all widths and modes, and left.
import { after } from "node:test";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

// Name of the page, its address, and what stands there. An error page is a page like any other.
const PUBLIC = [
  ["hall", "/hall", []],
  ["login", "/login", ["账号", "密码"]],
  ["design", "/design", []],
  ["preferences", "/preferences", []],
  ["not-found", "/no-such-page", []],
];

const ADMIN = [
  ["admin-people", "/admin/people", []],
  ["admin-organisations", "/admin/organisations", []],
  ["admin-jobs", "/admin/jobs", []],
  ["admin-packs", "/admin/packs", []],
];

const visit = ([check, open, see]) => ({ open, see, check });

for (const page of PUBLIC) {
  journey(`the page ${page[1]}`, { ways: ["mouse", "plain", "english"], steps: [visit(page)] });
}
journey("the pages of the administrators", {
  ways: ["mouse", "plain"],
  steps: [{ as: "系统管理员" }, ...ADMIN.map(visit)],
});
