// How the application for a food business licence is filled in: the same for every journey that needs one.

export const ITEM = ["食品经营许可（新办）", "Food business licence (new)"];
export const COMPANY = ["示例餐饮有限公司", "示例餐饮有限公司"];

/** Whoever comes as the agent acts for the company. */
export const actFor = (say) => [{ open: "/my", pressIf: say(`切换到 ${COMPANY[0]}`, "Act for"), see: COMPANY[0] }];

/** From the page of the start to the first page of questions. */
export const begin = (say) => [
  { press: say("开始填写", "Begin"), at: "/my/draft/*", see: say("办理清单", "Your tasks") },
  { press: say("先核对您的单位", "Check your organisation") },
];

/** Every page, each with its answer; `look(name)` says where a page is looked at. */
export function pages(say, look = () => ({})) {
  const lately = new Date(Date.now() - 30 * 86_400_000);
  const go = { press: say("保存并继续", "Save and continue") };
  return [
    {
      see: [
        say("我们已经知道的，不用再填", "What we know already"),
        COMPANY[0],
        say("来自 法人单位登记", "From Register of organisations"),
        say("更新", "as of"),
      ],
      ...look("wizard-known"),
      ...go,
    },
    {
      see: say("在哪里经营", "Where is the business"),
      fill: {
        [say("就在上面的住所经营吗 > 是", "Is the business at the registered address > Yes")]: true,
        [say("店面是怎么来的 > 自己的房产", "How do you hold the premises > Our own")]: true,
      },
      ...look("wizard-choices"),
      ...go,
    },
    {
      see: say("地方多大，用什么水", "How large, and which water"),
      ...go,
    },
    {
      see: say("地方多大，用什么水", "How large, and which water"),
      ...look("wizard-errors"),
      fill: {
        [say("经营面积", "Area of the business")]: "120",
        [say("用水来自哪里 > 自来水", "Where does your water come from > The city's supply")]: true,
      },
      ...go,
    },
    { fill: { [say("餐饮服务经营者", "Catering business")]: true }, ...go },
    { fill: { [say("热食类食品制售", "Hot food, made and sold")]: true }, ...look("wizard-many"), ...go },
    {
      see: say("谁管食品安全", "Who is in charge of food safety"),
      fill: {
        [say("食品安全管理人员姓名", "Name of the food safety officer")]: "市民丙",
        [say("食品安全管理员手机号码", "Mobile number of the officer")]: "10012345678",
      },
      ...look("wizard-text"),
      ...go,
    },
    { see: say("接触入口食品的人员", "Staff who handle food"), ...look("wizard-entries"), press: say("添加从业人员", "Add: staff member") },
    {
      fill: {
        [say("从业人员姓名", "Name of the staff member")]: "市民丁",
        [say("年", "Year")]: String(lately.getFullYear()),
        [say("月", "Month")]: String(lately.getMonth() + 1),
        [say("日", "Day")]: String(lately.getDate()),
      },
      ...look("wizard-entry"),
      ...go,
    },
    { see: say("从业人员", "staff"), press: say("删除", "Remove") },
    { miss: "市民丁", ...go },
    {
      see: say("食品安全制度", "Food safety rules"),
      fill: {
        [say("食品安全自查", "Self-checks")]: true,
        [say("从业人员健康管理", "Health of the staff")]: true,
        [say("进货查验记录", "Records of purchases")]: true,
        [say("食品安全事故处置", "Handling of incidents")]: true,
      },
      ...go,
    },
    {
      upload: { [say("设备布局和操作流程图", "Plan of equipment and work flow")]: "平面图.pdf" },
      ...look("wizard-files"),
      ...go,
    },
  ];
}

/** The list is complete: agree and hand in. */
export const handIn = (say) => ({
  fill: {
    [say("同意为办这件事", "I agree that")]: true,
    [say("以上内容属实", "Everything above is true")]: true,
  },
  press: say("提交食品经营许可申请", "Hand in: Food business licence (new)"),
});
