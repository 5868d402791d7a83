# language: zh-CN
功能: 单位之间共享交换
  登记、批准、查日志、管通道各有其人；每条消息、每个批次都能查到。

  场景: 系统管理员登记，安全管理员批准
    假如 以"system"登录
    当 打开"/desk/exchange"
    那么 看到"人口管理系统"
    当 填写"单位简称，例如 civil-affairs"为"no-such-unit"
    而且 按下"登记，等批准"
    那么 看到"没有这个简称的单位"
    当 点击链接"人口管理系统"
    那么 看到"居民身份核验"
    而且 看到"办事时核对身份"
    而且 看不到"授权它调用"
    假如 以"security"登录
    当 打开"/desk/exchange"
    而且 点击链接"人口管理系统"
    那么 看到"授权它调用"

  场景: 审计管理员查到一次调用的签名和存证
    假如 以"audit"登录
    当 打开"/desk/exchange/log?issue=YS-2026-000001"
    那么 看到"YS-2026-000001"
    而且 看到"person-check"

  场景: 单位负责人看本单位的，看不到别人的
    假如 审批负责人已登录
    当 打开"/desk/exchange/log"
    那么 看到"registration"
    而且 看不到"/relief/relief-list"
    当 打开"/desk/exchange/channels/E17"
    那么 60秒内看到"不一致"
    而且 看到"已入库"
    当 打开"/desk/exchange"
    那么 状态码是403
    当 打开"/desk/exchange/channels/E16"
    那么 状态码是404

  场景: 没有岗位的市民进不来
    假如 以"citizen"登录
    当 打开"/desk/exchange/log"
    那么 状态码是403
