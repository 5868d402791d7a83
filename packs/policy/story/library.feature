# language: zh-CN
功能: 政策法规库
  法规有效力、有施行和失效日期、有修改沿革；条、款、项逐条编号，事项引用到条款。

  场景: 文件、条文、修改沿革、事项引用、解读各有数据集
    假如 系统管理员已登录
    当 打开"/admin/datasets"
    那么 看到下列内容
      | 法规政策文件 |
      | 法规条文     |
      | 修改沿革     |
      | 事项依据引用 |
      | 政策解读     |

  场景: 效力状态和修改方式是统一的代码
    假如 以访客身份
    当 打开"/api/v1/codes/policy_validity"
    那么 看到下列内容
      | 现行有效   |
      | 已被修改   |
      | 已废止     |
    当 打开"/api/v1/codes/amendment_action"
    那么 看到"条序调整"

  场景: 条文要属于登记过的文件，引用错了检查时指出来
    假如 把业务包"policy"的文件"registry/article.toml"里的'references = "document"'改成'references = "documents"'
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'references 指向的数据集 policy:documents 不存在'

  场景: 办事指南写明依据哪一条
    假如 以访客身份
    当 打开"/hall/food-business-new"
    那么 看到"《中华人民共和国食品安全法》第三十五条"
