# language: zh-CN
功能: 标准和代码表
  标准、代码表都有起止日期，任何人、任何程序都能查到某一天有效的是哪一版；业务包和数据集不合标准，检查时就指出来。

  场景: 查某一天有效的标准
    假如 以访客身份
    当 打开"/api/v1/standards?on=2026-11-20"
    那么 状态码是200
    而且 内容类型是"application/json"
    而且 看到"GB 32100-2015"

  场景: 标准换版，当天起就是新的，旧的那天以前还查得到
    假如 以访客身份
    当 打开"/api/v1/standards?on=2026-02-28"
    那么 看到下列内容
      | "replaced_by":"GB 3095-2026","source":{"zh":"据公开报道","en":"from public reports"},"verified":false,"checks":[],"current":true |
    当 打开"/api/v1/standards?on=2026-03-01"
    那么 看到下列内容
      | "replaced_by":"GB 3095-2026","source":{"zh":"据公开报道","en":"from public reports"},"verified":false,"checks":[],"current":false |

  场景: 同一个代码在不同的日子有不同的名称
    假如 以访客身份
    当 打开"/api/v1/codes/food_business_kind?on=2023-11-30"
    那么 看到"单位食堂"
    而且 看不到"集中用餐单位食堂"
    当 打开"/api/v1/codes/food_business_kind?on=2023-12-01"
    那么 看到"集中用餐单位食堂"

  场景: 没有的代码表就说没有
    假如 以访客身份
    当 打开"/api/v1/codes/no_such_list"
    那么 状态码是404
    而且 内容类型是"application/problem+json"

  场景: 管理员看得到每个标准从哪天起有效、被谁代替、核实过没有
    假如 系统管理员已登录
    当 打开"/admin/standards"
    那么 看到下列内容
      | 统一社会信用代码编码规则 |
      | 已废止                   |
      | GB 3095-2026             |
      | 2026-03-01               |
      | 待核实                   |

  场景: 校验规则和标准的样本对不上，检查指出是哪个标准的哪个样本
    假如 把业务包"house-rules"的文件"registry/standards.toml"里的'value = "91350100M000100Z43"'改成'value = "91350100M000100Y43"'
    当 运行命令"pack check house-rules"
    那么 命令的结束码是1
    而且 命令说'GB 32100-2015 的样本 91350100M000100Y43 应不通过校验，实际通过了'

  场景: 代码表依据的标准没有登记，检查指出来，并说最像的是哪个
    假如 在业务包"food-business"里新建文件"registry/codes.toml"
      """
      [list.stall_kind]
      title = { zh = "摊点类别", en = "Kind of stall" }
      standard = "GB 32100-2051"
      valid_from = "2026-01-01"
      verified = false

      [[list.stall_kind.entry]]
      code = "1"
      name = { zh = "夜市摊点", en = "Night market stall" }
      """
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'没有标准 GB 32100-2051'
    而且 命令说'是不是 GB 32100-2015？'

  场景: 一个代码同一天有两个名称，不让生效
    假如 在业务包"food-business"里新建文件"registry/codes.toml"
      """
      [list.stall_kind]
      title = { zh = "摊点类别", en = "Kind of stall" }
      valid_from = "2026-01-01"
      verified = false

      [[list.stall_kind.entry]]
      code = "1"
      name = { zh = "夜市摊点", en = "Night market stall" }

      [[list.stall_kind.entry]]
      code = "1"
      name = { zh = "早市摊点", en = "Morning market stall" }
      valid_from = "2026-06-01"
      """
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'代码 1 在同一天有两个名称'

  场景: 数据集用了没有的数据元，检查指出来，并说最像的是哪个
    假如 把业务包"food-business"的文件"registry/food_licence.toml"里的'element = "place.address"'改成'element = "place.adress"'
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'没有数据元 place.adress'
    而且 命令说'是不是 place.address？'
