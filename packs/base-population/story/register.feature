# language: zh-CN
功能: 人口基础信息库
  一人一条，一数一源；代码按日期有效；登记里有的不再问；谁都不能绕过来源另建一份。

  场景: 代码按日期有效，户口性质统一以前和以后的名称都查得到
    假如 以访客身份
    当 打开"/api/v1/codes/register_kind?on=2015-12-31"
    那么 看到"农业户口"
    而且 看不到"居民户口"
    当 打开"/api/v1/codes/register_kind?on=2016-01-01"
    那么 看到"居民户口"
    而且 看不到"农业户口"

  场景: 新增的代码到生效日才能用
    假如 以访客身份
    当 打开"/api/v1/codes/driving_class?on=2022-03-31"
    那么 看不到"轻型牵引挂车"
    当 打开"/api/v1/codes/driving_class?on=2022-04-01"
    那么 看到"轻型牵引挂车"

  场景: 十二个部门的数据集都在，系统管理员看得到条数，看不到内容
    假如 系统管理员已登录
    当 打开"/admin/datasets"
    那么 看到下列内容
      | 常住人口登记     |
      | 出生医学证明     |
      | 婚姻登记         |
      | 社会保险参保     |
      | 学籍             |
      | 不动产登记（个人） |
      | 个人纳税登记     |
      | 残疾人           |
      | 医疗保险参保     |
      | 退役军人         |
      | 住房公积金       |
      | 含个人信息       |
    而且 看不到"市民乙"

  场景: 市民打不开数据集管理页
    假如 居民已登录
    当 打开"/admin/datasets"
    那么 状态码是403

  场景: 本人办事，登记里有的带出来，写明取自哪里
    假如 居民已登录
    当 他开始办理"最低生活保障"
    而且 点击链接"先核对您家的情况"
    那么 看到"市民乙"
    而且 看到"常住人口登记"

  场景: 别的部门再声明一个来源，检查时说出两个来源是谁
    假如 在业务包"restaurant-bundle"的文件"registry/elements.toml"末尾加上
      """

      [element."person.former_name"]
      title = { zh = "曾用名", en = "Former name of a person" }
      type = "text"
      max = 50
      sensitivity = "personal"
      authority = "restaurant-bundle:result"
      """
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'数据元 person.former_name 有两个来源'
    而且 命令说'一数只能一源'

  场景: 表单重复收集登记里已有的内容，检查时指出应当带出
    假如 在业务包"welfare-grant"的文件"form/application.toml"末尾加上
      """

      [[page]]
      id = "again"
      title = { zh = "再问一次", en = "Asked again" }

      [[page.field]]
      name = "again"
      type = "text"
      label = { zh = "残疾人证号", en = "Number on the card" }
      max = 30
      """
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'市里已有这项信息（base-population:disability）'
    而且 命令说'disability.certificate_number'

  场景: 来源数据集里删掉了字段，检查时指出哪个数据元没有了来源
    假如 把业务包"base-population"的文件"registry/disability.toml"里的'element = "disability.grade"'改成'element = "disability.device"'
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'来源数据集 base-population:disability 里没有 disability.grade'

  场景: 数据集的规则写错了字段名，检查时指出来
    假如 把业务包"base-population"的文件"registry/birth.toml"里的'issued_on >= born_on'改成'issued_on >= bron_on'
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'规则里的 bron_on 不是本数据集的字段'
    而且 命令说'是不是 born_on？'
