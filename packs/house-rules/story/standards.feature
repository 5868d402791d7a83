# language: zh-CN
功能: 标准和代码表
  标准、代码表都有起止日期，任何人、任何程序都能查到某一天有效的是哪一版。

  场景: 查某一天有效的标准
    假如 以访客身份
    当 打开"/api/v1/standards?on=2026-11-20"
    那么 状态码是200
    而且 内容类型是"application/json"
    而且 看到"GB 32100-2015"

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
