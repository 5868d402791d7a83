# language: zh-CN
功能: 代码对照和证照互认目录
  对方的代码、证照在本市是什么，查得到；互认有用途和期限，靠的协议快到期了，说出影响哪些互认。

  场景: 对方的代码对应本市哪个代码，只有等同的可以直接换
    假如 以访客身份
    当 打开"/api/v1/datasets/region-coop:code_mapping/records?filter=partner_code:330190;their_list:XB;their_code:M&fields=our_list,our_code,quality"
    那么 看到"sex"
    当 打开"/api/v1/codes/sex"
    那么 看到"男"
    当 打开"/api/v1/datasets/region-coop:code_mapping/records?filter=quality!:1&fields=mapping_no,our_list"
    那么 看到"medical_scheme"
    而且 看不到"DZ-002"

  场景: 对方的证照在本市算哪种，用途和期限写明
    假如 以访客身份
    当 打开"/api/v1/datasets/region-coop:licence_mapping/records?filter=partner_code:330190;their_kind:食品经营许可证"
    那么 看到"跨城开店告知承诺时核验"
    而且 看到"2028-02-29"
    当 打开"/dataset/region-coop-licence-mapping"
    那么 看到"证照互认目录.csv"
    而且 看到"社会保障卡"

  场景: 没有登记的城市，互认和代码对照都收不进来，说明为什么
    假如 "data-steward"给"证照互认目录"加载文件"新互认.csv"，内容是
      """
      互认编号,互认城市区划代码,对方证照类型,本市证照类型,互认用途,互认起始日期,互认依据
      HR-101,330190,不动产权证书,不动产权证书,办理落户时免交,2026-01-01,示例清单
      HR-102,330199,营业执照,营业执照,办理许可时免交,2026-01-01,示例清单
      """
    那么 "新增记录"的值是"1"
    而且 "没有收下的行"的值是"1"
    而且 看到"partner_code"
    而且 看到"协同城市"

  场景: 合作协议快到期了，靠它的互认都说出来
    假如 数据管理员现在检查"region-coop:licence_mapping"的质量
    当 打开"/desk/registry/quality/region-coop:licence_mapping?rule=agreement-in-force"
    那么 看不到"HR-003"
    假如 "data-steward"给"协同城市"加载文件"协议提前终止.csv"，内容是
      """
      协同方区划代码,协同方名称,所属协同圈,与本市关系,协同协议名称,协同协议签订日期,协同协议有效期至
      330191,示例邻市乙,CSJ,1,长三角政务服务一网通办合作协议,2025-05-01,2026-10-31
      """
    那么 "变更记录"的值是"1"
    当 数据管理员现在检查"region-coop:licence_mapping"的质量
    而且 打开"/desk/registry/quality/region-coop:licence_mapping?rule=agreement-in-force"
    那么 看到"HR-003"
    而且 看到"HR-005"
    而且 看不到"HR-001"
