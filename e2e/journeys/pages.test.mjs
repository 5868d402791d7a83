// Pages that belong to no journey: each is opened, looked at in all widths and modes, and left.
import { after } from "node:test";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

// Name of the page, its address, what stands there in both languages. An error page is a page like any other.
const PUBLIC = [
  ["hall", "/hall", ["找事项", "Find a service"]],
  ["hall-nothing", "/hall?q=zzzz", ["没有找到这件事", "Nothing found"]],
  ["login", "/login", ["账号", "Account"]],
  ["login-code", "/login/code", ["动态码", "One-time code"]],
  ["verify", "/verify", ["查验码", "Verification code"]],
  ["verify-unknown", "/verify/nothing", ["查不到这张证照", "There is no such licence"]],
  ["preferences", "/preferences", ["显示方式", "Display"]],
  ["accessibility", "/about/accessibility", ["无障碍说明", "Accessibility"]],
  ["privacy", "/about/privacy", ["您的数据怎么用", "How your data is used"]],
  ["design", "/design", []],
  ["api", "/api", []],
  ["directory", "/data", ["信息资源目录", "Directory"]],
  ["directory-found", "/data?q=rk", []],
  ["open-data", "/dataset", ["开放数据", "Open data"]],
  ["open-data-one", "/dataset/base-geo-division", ["版本", "Versions"]],
  ["open-data-map", "/dataset/base-geo-road", ["前几行的位置", "Where the first rows lie"]],
  ["open-data-table", "/dataset/base-geo-division/resource/954218f9-bfb2-85af-8e47-2305cfb3a8b7?by=level", ["统计图", "Chart"]],
  ["open-data-sought", "/dataset/base-geo-division/resource/954218f9-bfb2-85af-8e47-2305cfb3a8b7?field=area&value=x&sort=-name", []],
  ["open-data-suggest", "/hall/open-data-suggest/write", ["不登录提建议", "Suggest without a login"]],
  ["open-data-answers", "/hall/open-data-suggest/published", ["建议和答复", "Suggestions and answers"]],
  ["open-data-reuse", "/hall/open-data-reuse/published", ["应用案例", "Reuse gallery"]],
  ["not-found", "/no-such-page", [], 404],
  ["not-allowed", "/logout", [], 405],
];

const CITIZEN = [
  ["my-citizen", "/my", ["您好", "Hello"]],
  ["my-cases", "/my/cases", ["全部办件", "All cases"]],
  ["my-sessions", "/my/sessions", ["登录的设备", "Signed-in devices"]],
  ["my-password", "/my/password", ["改密码", "Change password"]],
  ["forbidden", "/desk/inbox", ["工作台只给在岗人员用", "The workbench is for staff"], 403],
  ["not-mine", "/my/case/SPJY-2026-999999", [], 404],
];

const STAFF = {
  reviewer: [
    ["desk-messages", "/desk/messages", ["消息", "Messages"]],
    ["desk-me", "/desk/me", ["我的岗位", "My posts"]],
    ["desk-keys", "/desk/keys", ["快捷键", "Keyboard shortcuts"]],
    ["desk-filters", "/desk/inbox/filters", ["我的筛选", "My filters"]],
    ["desk-unit", "/desk/inbox?filter=unit&within=60", ["更多条件", "More conditions"]],
    ["portal-keys", "/api/keys", []],
  ],
  head: [["desk-handover", "/desk/handover", ["谁手上有多少件", "Who has what in hand"]]],
  system: [
    ["admin", "/admin", []],
    ["admin-jobs", "/admin/jobs", []],
    ["admin-incidents", "/admin/incidents", []],
    ["admin-packs", "/admin/packs", ["food-business", "food-business"]],
    ["admin-standards", "/admin/standards", []],
    ["admin-datasets", "/admin/datasets", []],
    ["admin-people-new", "/admin/people/new", []],
    ["exchange", "/desk/exchange", []],
    ["exchange-channels", "/desk/exchange/channels", []],
  ],
  steward: [
    ["registry-loads", "/desk/registry/loads", []],
    ["registry-feeds", "/desk/registry/feeds", []],
    ["registry-records", "/desk/registry/records?dataset=base-geo:address", ["登记记录", "Records"]],
    ["registry-quality", "/desk/registry/quality", []],
    ["registry-quality-one", "/desk/registry/quality/base-macro:indicator", []],
    ["registry-matches", "/desk/registry/matches", []],
    ["catalog-mine", "/desk/catalog", []],
    ["catalog-new", "/desk/catalog/new", []],
    ["catalog-sheet", "/desk/catalog/sheet", []],
    ["sharing-new", "/desk/sharing/new?q=licence", []],
    ["sharing-new-all", "/desk/sharing/new", []],
  ],
  cataloguer: [
    ["catalog-office", "/desk/catalog", []],
    ["catalog-lists", "/desk/catalog/lists", []],
    ["sharing", "/desk/sharing", []],
    ["sharing-grants", "/desk/sharing/grants", []],
    ["sharing-objections", "/desk/sharing/objections", []],
  ],
  security: [
    ["admin-people", "/admin/people", []],
    ["admin-organisations", "/admin/organisations", []],
  ],
  audit: [
    ["admin-record", "/admin/record", []],
    ["exchange-log", "/desk/exchange/log", []],
  ],
};

const firstRow = async ({ page }) => {
  await page.goto(await page.locator("main tbody a").first().getAttribute("href"));
};

// From a list to one of its rows.
const FURTHER = {
  security: [
    { open: "/admin/people", press: "负责人甲", at: "/admin/people/*", check: "admin-person" },
    { open: "/admin/organisations", run: firstRow, at: "/admin/organisations/*", check: "admin-organisation" },
  ],
};

const visits = (pages) => (say) =>
  pages.map(([check, open, words, status = 200]) => ({
    open,
    status,
    see: words.length > 0 ? [say(...words)] : [],
    check,
  }));

for (const page of PUBLIC) {
  const ways = page[0] === "design" ? ["mouse"] : ["mouse", "plain", "english"];
  journey(`the page ${page[1]}`, { ways, steps: visits([page]) });
}
journey("the pages of a citizen", {
  ways: ["mouse", "plain", "english"],
  steps: (say) => [{ as: "citizen" }, ...visits(CITIZEN)(say)],
});
for (const [who, pages] of Object.entries(STAFF)) {
  journey(`the pages of ${who}`, {
    ways: ["mouse", "plain", "english"],
    steps: (say) => [{ as: who }, ...visits(pages)(say), ...(FURTHER[who] ?? [])],
  });
}
