// What goes with a case beside its steps: a part taken out of it, cases that go on together, the decision sent and
// received, the archive made, checked and downloaded.
import assert from "node:assert/strict";
import { after } from "node:test";
import { closeBrowser, journey } from "../lib/journey.mjs";

after(closeBrowser);

const FREE = "/desk/inbox?filter=free&kind=food-business%3Alicence";
const CASE = "main tbody th a @href";
const ONE_STEP = (say) => say("不写意见，按第一项直接办", "Do the first, without a word");

journey("beside the steps", {
  ways: ["mouse", "plain"],
  steps: (say) => [
    // 拆分
    { as: "clerk", open: FREE, keep: { case: CASE } },
    { open: "${case}", see: say("现在能做的", "Now:") },
    { run: async ({ page }) => {
      await page.locator("summary", { hasText: say("更多", "More") }).last().click();
    } },
    { see: [say("合并办件", "Merge cases"), say("拆分办件", "Split the case")], check: "beside-case" },
    { press: say("拆分办件", "Split the case"), see: say("拆出的第 1 件", "Part 1"), check: "beside-split" },
    { fill: { [say("这一件叫什么", "What it is called")]: "二号店" } },
    { press: say("再拆一件", "One more part"), see: say("拆出的第 2 件", "Part 2") },
    { run: async ({ page }) => {
      assert.equal(await page.locator("input[name=title-1]").inputValue(), "二号店");
      await page.locator("input[name=title-2]").fill("三号店");
    } },
    { press: say("拆分", "Split"), see: say("请写明理由", "say why"), check: "beside-split-refused" },
    { fill: { [say("理由", "Reason")]: "三个场所，分别许可" } },
    { press: say("拆分", "Split"), see: say("从本件拆出", "Was taken out of this case") },
    { keep: { second: "#beside a @href" }, check: "beside-parts" },
    // 合并
    { open: "${second}/merge", see: say("哪几件并到这一件", "Which cases follow this one"), check: "beside-merge" },
    { run: async ({ page }) => {
      const boxes = page.locator("input[name=cases]");
      assert.ok((await boxes.count()) >= 2, "the case itself and the other part are offered");
      await boxes.last().check({ force: true });
    } },
    { fill: { [say("理由", "Reason")]: "两处相邻，一起核查" } },
    { press: say("合并", "Merge"), see: say("并入本件一起办", "Follows this case"), check: "beside-merged" },
    // 送达
    { open: "${case}/delivery", see: say("还没有作出决定", "no decision to send yet"), check: "beside-delivery-early" },
    { open: "${case}" },
    { press: ONE_STEP(say), see: say("承诺时钟", "Promised") },
    { as: "reviewer", open: "${case}" },
    { press: ONE_STEP(say) },
    { as: "inspector", open: "${case}" },
    { press: ONE_STEP(say) },
    { as: "head", open: "${case}" },
    { press: say("准予许可", "Grant"), see: say("申请人会得到什么", "What the applicant will get") },
    { press: say("准予许可", "Grant"), see: say("随件事项", "Beside the steps"), check: "beside-decided" },
    { as: "clerk", open: "${case}/delivery", see: [say("电子送达", "electronic delivery"), say("已送达", "Arrived")], check: "beside-delivery" },
    { fill: { [say("怎么送 > 邮政快递", "How > express mail")]: true } },
    { press: say("送出决定", "Send the decision"), see: say("请写快递单号", "write the number of the parcel") },
    { fill: { [say("单号、公告处或领取人", "Number, place or who comes")]: "EMS 1234567890" } },
    { press: say("送出决定", "Send the decision"), see: [say("在途", "On its way"), "EMS 1234567890"] },
    { press: say("登记签收", "Record the arrival"), see: "EMS 1234567890", check: "beside-arrival" },
    { fill: { [say("谁签收的，或怎么知道送到了", "Who signed, or how it is known")]: "本人签收" } },
    { press: say("登记已送达", "Record it as delivered"), see: "本人签收", miss: say("在途", "On its way") },
    // 归档
    { open: "${case}" },
    { press: say("归档", "Archive"), see: say("现在归档", "Archive it now"), check: "beside-archive-before" },
    { press: say("现在归档", "Archive it now"), see: [say("档案里的文件", "Papers of the archive"), say("封存", "Seal")], check: "beside-archive" },
    { press: say("核验档案", "Check the archive"), see: say("档案完好", "The archive is whole"), check: "beside-archive-checked" },
    { file: { [say("下载目录（PDF）", "Catalogue (PDF)")]: "%PDF" } },
    { open: "${case}", see: say("已归档", "Archived"), check: "beside-over" },
  ],
});
