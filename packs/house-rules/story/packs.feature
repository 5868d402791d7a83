# language: zh-CN
功能: 一个底座，一个系统就是一个业务包
  新系统只是新文件夹，没有自己的程序；装上、升级、比较、停用都不停机，在办的件沿用原来的规则。

  场景: 系统管理员看得到每个业务包和它的版本
    假如 系统管理员已登录
    当 打开"/admin/packs"
    那么 看到下列内容
      | 食品经营许可     |
      | 城市公共规则     |
      | 人口基础信息库   |
      | 法人单位基础信息库 |
      | 1.0.0            |

  场景: 不是系统管理员，看不到业务包的管理页
    假如 窗口人员已登录
    当 打开"/admin/packs"
    那么 状态码是403
    而且 看不到"城市公共规则"

  场景: 业务包里声明的事项，门户、搜索和接口同时有
    假如 以访客身份
    当 打开"/hall?event=open-shop"
    那么 看到"食品经营许可（新办）"
    当 打开"/hall?q=spjy"
    那么 看到"食品经营许可（新办）"
    当 打开"/api/v1/items/food-business-new"
    那么 状态码是200
    而且 看到"食品经营许可（新办）"

  场景: 装上一个新业务包，不停机，门户就有新事项
    假如 照业务包"food-business"做一个"night-market"
    而且 把业务包"night-market"的文件"service/new.toml"里的'食品经营许可（新办）'改成'夜市摊点许可（新办）'
    当 打开"/hall?q=夜市"
    那么 看到"夜市摊点许可（新办）"
    当 打开"/hall/night-market-new"
    那么 看到"夜市摊点许可（新办）"
    当 打开"/hall/food-business-new"
    那么 看到"食品经营许可（新办）"
    假如 系统管理员已登录
    当 打开"/admin/packs"
    那么 看到"night-market"

  场景: 升级以前先比较，看得到改了哪些文件
    假如 把业务包"food-business"的文件"service/new.toml"里的'promised = "5 working days"'改成'promised = "3 working days"'
    而且 在业务包"food-business"里新建文件"notice/more.toml"
      """
      [message.reminder]
      title = { zh = "提醒", en = "Reminder" }
      body = { zh = "还没有办完。", en = "Not finished yet." }
      """
    当 运行命令"pack diff 原来的包 现在的包"
    那么 命令的结束码是3
    而且 命令说'~ food-business/service/new.toml'
    而且 命令说'+ food-business/notice/more.toml'
    当 运行命令"pack check food-business"
    那么 命令的结束码是0

  场景: 写错一个键，业务包不生效，原来的照常用
    假如 把业务包"food-business"的文件"service/new.toml"里的'promised = "5 working days"'改成'promissed = "3 working days"'
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'food-business/service/new.toml'
    而且 命令说'不认识 promissed'
    而且 命令说'是不是 promised？'
    当 打开"/hall/food-business-new"
    那么 状态码是200
    而且 看到"食品经营许可（新办）"

  场景: 值写错了，说清在哪一行、应当写什么，全是中文
    假如 把业务包"food-business"的文件"service/new.toml"里的'minutes = 12'改成'minutes = "十二"'
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'值的类型不对：写的是文字 十二，应当是'

  场景: 不认识的文件夹和文件，一个都不放过
    假如 在业务包"food-business"里新建文件"froms/application.toml"
      """
      title = "放错地方了"
      """
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'不认识文件夹 froms'
    而且 命令说'是不是 form？'

  场景: 文书模板印不出来，检查时就知道
    假如 在业务包"food-business"的文件"document/licence.typ"末尾加上
      """
      #sys.inputs.no_such_thing
      """
    当 运行命令"pack check food-business"
    那么 命令的结束码是1
    而且 命令说'food-business/document/licence.typ'
