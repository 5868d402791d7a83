# language: zh-CN
功能: 空间地理成果登记和按权限提供
  成果写明元数据、坐标系、比例尺和版本；公开的谁都能取，不公开的申请了才能用，用一次记一次。

  场景大纲: 每种成果的比例尺、坐标系、时相、版本和覆盖面积都查得到
    假如 以访客身份
    当 打开"/api/v1/datasets/base-geo:map_product/records?filter=product_no:<编号>"
    那么 看到"<名称>"
    而且 看到"CGCS2000"
    而且 看到"<时相>"
    而且 看到"<版本>"
    当 打开"/api/v1/datasets/base-geo:map_product/totals?of=coverage&filter=product_no:<编号>"
    那么 看到"<面积>"

    例子:
      | 编号          | 名称                   | 时相       | 版本   | 面积 |
      | KZW-2025      | 示例市平面和高程控制网 | 2025-05-01 | 2025版 | 473  |
      | DLG500-2025   | 示例市1:500线划图      | 2025-06-01 | 2025版 | 42   |
      | DLG1000-2024  | 示例市1:1000线划图     | 2024-06-01 | 2024版 | 31   |
      | DLG2000-2024  | 示例市1:2000线划图     | 2024-06-01 | 2024版 | 112  |
      | DOM02-2025    | 示例市0.2米正射影像    | 2025-04-01 | 2025版 | 185  |
      | DLG10000-2023 | 示例市1:10000线划图    | 2023-06-01 | 2023版 | 1800 |
      | DEM5-2024     | 示例市5米格网高程模型  | 2024-04-01 | 2024版 | 1800 |

  场景: 成果目录向社会公开，代码写成名称，密级写明，可以下载
    假如 以访客身份
    当 打开"/dataset/base-geo-map-product"
    那么 看到下列内容
      | 2000国家大地坐标系 |
      | 1985国家高程基准   |
      | 数字正射影像       |
      | 数字高程模型       |
      | 测量控制网         |
      | 比例尺分母         |
      | 秘密               |
      | 测绘成果目录.csv   |

  场景: 新一版成果登记以后，两个版本都在；停用的、写错的坐标系收不进来
    假如 "planning-steward"给"测绘成果目录"加载文件"新成果.csv"，内容是
      """
      成果编号,成果名称,成果类型,比例尺分母,成果坐标系,投影方式,成果时相,覆盖面积,成果版本,成果密级
      DLG500-2026,示例市1:500线划图,数字线划图,500,2000国家大地坐标系,高斯-克吕格3度带,2026-06-01,44,2026版,2
      DLG500-1999,示例市1:500旧图,数字线划图,500,BJ54,高斯-克吕格3度带,1999-06-01,20,1999版,2
      DLG500-0000,示例市坐标系写错的图,数字线划图,500,WGS72,高斯-克吕格3度带,2026-06-01,20,2026版,2
      """
    那么 "新增记录"的值是"1"
    而且 "没有收下的行"的值是"2"
    而且 看到"datum"
    假如 以访客身份
    当 打开"/api/v1/datasets/base-geo:map_product/records?filter=scale:500&sort=-surveyed_on&fields=product_no,datum,edition,surveyed_on"
    那么 看到下列内容
      | DLG500-2026 |
      | 2026版      |
      | DLG500-2025 |
      | 2025版      |
    而且 看不到"BJ54"
    而且 看不到"WGS72"

  场景: 地名谁都能查，地址、控制点、管线不公开
    假如 以访客身份
    当 打开"/api/v1/datasets/base-geo:place_name/records?filter=name:示例湖"
    那么 看到"Shili Hu"
    当 打开"/api/v1/datasets/base-geo:address/records"
    那么 状态码是404
    当 打开"/api/v1/datasets/base-geo:control_point/records"
    那么 状态码是404
    当 打开"/api/v1/datasets/base-geo:pipeline/records"
    那么 状态码是404
    假如 以"steward"登录
    当 打开"/api/v1/datasets/base-geo:address/records?filter=road:R330102001&rows=1"
    那么 看到"示例一东路"
    当 打开"/api/v1/datasets/base-geo:pipeline/records?filter=kind:RQ;pipe_no:GX00002"
    那么 看到"GX00002"

  场景: 控制点有条件共享，提供单位同意以后按编号一次查一条，没申请的信息项看不到
    假如 以"housing-head"登录
    当 打开"/desk/sharing/new?dataset=base-geo:control_point"
    而且 勾选"控制点点名"
    而且 勾选"控制点等级"
    而且 填写"用途"为"施工放样核对控制点"
    而且 填写"法律依据"为"测绘法第三十六条"
    而且 填写"用在什么事项"为"建筑工程施工许可"
    而且 按下"提交申请"
    那么 看到"待合规审核"
    假如 以"cataloguer"登录
    当 打开"/desk/sharing?show=check"
    而且 点击链接"测量控制点"
    而且 按下"审核通过"
    那么 看到"待提供单位答复"
    假如 以"planning-head"登录
    当 打开"/desk/sharing?show=reply"
    而且 点击链接"测量控制点"
    而且 按下"同意"
    那么 看到"已授权"
    假如 以"housing-head"登录
    当 打开"/desk/sharing/grants"
    而且 点击链接"测量控制点"
    而且 填写"控制点点号"为"SL0001"
    而且 按下"查询"
    那么 看到"示例点01"
    而且 看不到"2018年7月1日"
    假如 以"water-head"登录
    当 打开"/desk/sharing/grants"
    那么 看不到"测量控制点"
