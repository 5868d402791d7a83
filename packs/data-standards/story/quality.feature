# language: zh-CN
功能: 数据质量评分和退回更正
  完整、一致、及时三个分数由记录和规则算出，随时能重算；违反规则的记录留着，退回来源单位，改好了分数回来。

  场景: 分数重新算一遍，还是一样
    假如 数据管理员现在检查"base-macro:indicator"的质量
    而且 数据管理员现在检查"base-macro:indicator"的质量
    那么 看到"历次检查"
    当 记住"[aria-label=历次检查] tbody tr:nth-child(1) td:nth-child(2)"为"完整"
    而且 记住"[aria-label=历次检查] tbody tr:nth-child(1) td:nth-child(3)"为"一致"
    而且 记住"[aria-label=历次检查] tbody tr:nth-child(1) td:nth-child(4)"为"及时"
    而且 按下"现在检查"
    那么 "[aria-label=历次检查] tbody tr:nth-child(1) td:nth-child(2)"的值是"${完整}"
    而且 "[aria-label=历次检查] tbody tr:nth-child(1) td:nth-child(3)"的值是"${一致}"
    而且 "[aria-label=历次检查] tbody tr:nth-child(1) td:nth-child(4)"的值是"${及时}"

  场景: 所有数据集都在评分之列
    假如 以"steward"登录
    当 打开"/desk/registry/quality"
    那么 看到下列内容
      | 常住人口登记 |
      | 法人单位登记 |
      | 地名         |
      | 统计指标目录 |
      | 完整         |
      | 一致         |
      | 及时         |

  场景: 违反规则的记录留着，退回来源单位更正，再查分数回来，退回的单位收到结果
    假如 "civil-steward"给"地名"加载文件"拼写有错.csv"，内容是
      """
      地名代码,标准地名,地名罗马字母拼写,地名类别,地名所在行政区划,地名状态
      PN30001,示例钟楼,shili-zhonglou,8,330105,1
      """
    当 数据管理员现在检查"base-geo:place_name"的质量
    而且 打开"/desk/registry/quality/base-geo:place_name?rule=pinyin-form"
    那么 看到"PN30001"
    而且 看到"shili-zhonglou"
    而且 看到"示例钟楼"
    当 按下"退回来源单位"
    那么 看到"核实中"
    而且 看到"按词分写，词首大写"
    当 记住".crumbs li:last-child"为"异议"
    而且 打开"/desk/registry/quality/base-geo:place_name?rule=pinyin-form"
    那么 看到"核实中"
    假如 以"civil-head"登录
    当 打开"/desk/sharing/objections/${异议}"
    而且 填写"更正为"为"Shili Zhonglou"
    而且 填写"核实情况"为"已按地名用字和拼写规则核对"
    而且 按下"更正并告知"
    那么 看到"已更正"
    当 数据管理员现在检查"base-geo:place_name"的质量
    而且 打开"/desk/registry/quality/base-geo:place_name?rule=pinyin-form"
    那么 看不到"PN30001"
    当 打开"/desk/sharing/objections/${异议}"
    那么 看到"已按地名用字和拼写规则核对"
    假如 以访客身份
    当 打开"/api/v1/datasets/base-geo:place_name/records?filter=name_no:PN30001"
    那么 看到"Shili Zhonglou"

  场景: 别的单位不能替来源单位更正
    假如 "civil-steward"给"地名"加载文件"又有错.csv"，内容是
      """
      地名代码,标准地名,地名罗马字母拼写,地名类别,地名所在行政区划,地名状态
      PN30002,示例鼓楼,SHILI GULOU,8,330105,1
      """
    当 数据管理员现在检查"base-geo:place_name"的质量
    而且 打开"/desk/registry/quality/base-geo:place_name?rule=pinyin-form"
    而且 按下"退回来源单位"
    而且 记住".crumbs li:last-child"为"异议"
    那么 没有"更正为"这一栏
    假如 以"water-head"登录
    当 打开"/desk/sharing/objections/${异议}"
    那么 状态码是404
    假如 以"civil-head"登录
    当 打开"/desk/sharing/objections/${异议}"
    而且 填写"理由"为"碑刻原文如此，予以保留"
    而且 按下"维持原记录"
    那么 看到"碑刻原文如此，予以保留"

  场景: 规则写错了字段，检查时指出来
    假如 把业务包"base-geo"的文件"registry/place_name.toml"里的'kind = "required"'改成'kind = "in_force"'
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'规则 pinyin-given 要写 field, last_day'
