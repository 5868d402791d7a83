# language: zh-CN
功能: 三员分立和责任认定
  三种管理员互相排斥，谁也不能一人说了算；每一步都追得到人、岗位和代谁办。

  场景: 一个岗位不能放两种管理员
    假如 安全管理员已登录
    当 打开"/admin/people?q=system"
    而且 打开"/admin/organisations?region=330100"
    而且 点击链接"示例市数据局"
    而且 填写"岗位名称"为"兼任"
    而且 填写"英文名称"为"Both"
    而且 勾选"系统管理员"
    而且 勾选"审计管理员"
    而且 按下"设立"
    那么 状态码是422
    而且 看到"三员分立"

  场景大纲: 每位管理员只有自己的那一部分
    假如 以"<管理员>"登录
    当 打开"<能开>"
    那么 状态码是200
    当 打开"<不能开>"
    那么 状态码是403

    例子:
      | 管理员   | 能开             | 不能开         |
      | system   | /admin/people    | /admin/record  |
      | security | /admin/people    | /admin/jobs    |
      | audit    | /admin/record    | /admin/people  |

  场景: 结束任职之前，看得到有多少件事等着
    假如 安全管理员已登录
    当 打开"/admin/organisations?region=330100"
    而且 点击链接"示例市市场监督管理局"
    而且 点击链接"结束任职"
    那么 看到"岗位给的权限马上失效"

  场景: 每个行为都追得到人
    假如 审计管理员已登录
    当 打开"/admin/record?verb=party.log_in"
    那么 看到"party.log_in"
