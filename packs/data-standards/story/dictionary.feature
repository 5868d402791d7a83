# language: zh-CN
功能: 数据元词典、代码表和转换规则
  一个数据元全市只定义一次；代码按日期有效；别的系统怎么写，对应哪个代码，登记在册。

  场景: 数据元的类型、代码表、依据、以谁为准、哪里用到，一次查清
    假如 以访客身份
    当 打开"/api/v1/elements?q=placename.class"
    那么 看到下列内容
      | 地名类别                  |
      | place_name_class          |
      | GB/T 18521-2001           |
      | base-geo:place_name       |
      | base-geo:place_name.class |
    当 打开"/api/v1/elements?q=person.id_number"
    那么 看到"公民身份号码"
    而且 看到"gb11643"
    而且 看到"sensitive"
    而且 看到"base-population:resident.id_number"
    当 打开"/api/v1/elements?q=没有这样的数据元"
    那么 看不到"sensitivity"

  场景: 代码表按日期有效，依据的标准一起给出
    假如 以访客身份
    当 打开"/api/v1/codes/datum?on=2018-06-30"
    那么 看到"1980西安坐标系"
    而且 看到"GB 22021-2008"
    当 打开"/api/v1/codes/datum?on=2018-07-01"
    那么 看不到"1980西安坐标系"

  场景: 转换规则登记以后谁都查得到，一种写法不能有两个意思
    假如 "data-steward"给"代码转换规则"加载文件"人口系统写法.csv"，内容是
      """
      来源系统,本市代码表,来源写法,本市代码,转换依据,转换规则生效日期
      示例人口系统,sex,M,1,示例人口系统数据字典,2025-01-01
      示例人口系统,sex,F,2,示例人口系统数据字典,2025-01-01
      示例人口系统,sex,F,9,写重了,2025-01-01
      """
    那么 "新增记录"的值是"2"
    而且 "没有收下的行"的值是"1"
    假如 以访客身份
    当 打开"/api/v1/datasets/data-standards:conversion/records?filter=source:示例人口系统;written:F&fields=code,basis"
    那么 看到"示例人口系统数据字典"
    而且 看不到"写重了"

  场景: 两个包定义同一个数据元，检查时说出是谁
    假如 在业务包"talent"的文件"registry/elements.toml"末尾加上
      """

      [element."placename.name"]
      title = { zh = "地名", en = "Place name" }
      type = "text"
      max = 60
      sensitivity = "public"
      """
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'placename.name'
