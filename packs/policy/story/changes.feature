# language: zh-CN
功能: 法规修改沿革和受影响的事项
  全文可查，效力和沿革写明；事项引用到条款，条款要失效了，说出影响哪些事项，退回管事项的单位。

  场景: 一部法历次修改前后相接，每一版写明效力和起止日期
    假如 以访客身份
    当 打开"/api/v1/datasets/policy:document/records?filter=version_of:food-safety-law-2009&sort=effective_on&fields=document_id,validity,effective_on,repealed_on,successor"
    那么 看到下列内容
      | food-safety-law-2018 |
      | 2021-04-29           |
      | food-safety-law-2021 |
      | 2025-12-01           |
      | food-safety-law-2025 |
    当 打开"/api/v1/datasets/policy:document/records?filter=version_of:food-safety-law-2009;validity:1&fields=title"
    那么 看到"中华人民共和国食品安全法（2025年修正）"
    而且 看不到"2021年修正"
    当 打开"/api/v1/datasets/policy:amendment/records?filter=target:penalty-law-2017;article:38"
    那么 看到"penalty-law-2021"
    而且 看到"原第三十八条改为第五十七条"

  场景: 条文有全文，按字查得到，旧条文写明哪天失效
    假如 以访客身份
    当 打开"/api/v1/datasets/policy:article/records?filter=text~公共租赁住房"
    那么 看到"已享受公共租赁住房或者其他住房补贴的，不重复享受。"
    当 打开"/api/v1/datasets/policy:article/records?filter=article:3;text~租房补贴;valid_to:"
    那么 看到"E类人才1500元"
    而且 看不到"A类至C类人才2500元"
    当 打开"/api/v1/datasets/policy:article/records?filter=document_id:demo-rent-2024;article:3"
    那么 看到"A类至C类人才2500元"
    而且 看到"2026-03-31"

  场景: 法规和条文向社会公开，可以下载
    假如 以访客身份
    当 打开"/dataset/policy-document"
    那么 看到下列内容
      | 示例市司法局     |
      | 效力             |
      | 法规政策文件.csv |
    当 打开"/dataset/policy-article"
    那么 看到"法规条文.xlsx"

  场景: 事项引用到条款，现在引用的条款都有效
    假如 以访客身份
    当 打开"/api/v1/datasets/policy:citation/records?filter=item_name~食品经营许可（注销）"
    那么 看到"licensing-law-2019#70"
    假如 数据管理员现在检查"policy:citation"的质量
    当 打开"/desk/registry/quality/policy:citation?rule=clause-in-force"
    那么 看不到"食品经营许可（注销）"
    当 打开"/desk/registry/quality/policy:citation?rule=article_id.reference"
    那么 看不到"食品经营许可"

  场景: 条款要失效了，说出影响哪些事项，退回管事项的单位更正引用
    假如 "justice-steward"给"法规条文"加载文件"条文变动.csv"，内容是
      """
      条文编号,条文所属文件编号,条,条文要点,条文生效日期,条文失效日期
      licensing-law-2019#70,licensing-law-2019,70,许可注销的情形,2019-04-23,2026-10-31
      """
    那么 "变更记录"的值是"1"
    当 数据管理员现在检查"policy:citation"的质量
    那么 看到"引用的条款有效，且30天内不失效"
    当 打开"/desk/registry/quality/policy:citation?rule=clause-in-force"
    那么 看到"食品经营许可（注销）"
    而且 看到"licensing-law-2019#70"
    而且 看不到"食品经营许可（延续）"
    当 按下"退回来源单位"
    那么 看到"核实中"
    而且 看到"政务服务管理局"
    而且 看到"引用的条款有效，且30天内不失效"
    当 打开"/desk/registry/quality/policy:citation?rule=clause-in-force"
    那么 看到"核实中"

  场景: 引用没有登记的条款，收不进来，说明为什么
    假如 "services-steward"给"事项依据引用"加载文件"新引用.csv"，内容是
      """
      引用编号,引用事项编码,引用事项名称,所引条文编号,引用核对日期
      food-business-reissue:licensing-law-2019#999,1133010000249900122000131022004,食品经营许可（补办）,licensing-law-2019#999,2026-10-15
      food-business-reissue:licensing-law-2019#40,1133010000249900122000131022004,食品经营许可（补办）,licensing-law-2019#40,2026-10-15
      """
    那么 "新增记录"的值是"1"
    而且 "没有收下的行"的值是"1"
    而且 看到"article_id"
    而且 看到"法规条文"

  场景: 规则里的失效日期写错了，检查时指出来
    假如 把业务包"policy"的文件"registry/citation.toml"里的'last_day = "valid_to"'改成'last_day = "gist"'
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'规则 clause-in-force 的 last_day 要写 policy:article 的一个日期字段'
