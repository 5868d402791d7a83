# language: zh-CN
功能: 位置是真的几何：登记时检查，按范围能找，开放的能下载、能看图
  点、线、面都用2000国家大地坐标系的经纬度；写错的退回并说明错在哪里；范围里的找得到，差一点的找不到。

  场景: 写错的宗地范围不收，每一条都说出错在哪里
    假如 "planning-steward"给"宗地"加载文件"宗地范围.csv"，内容是
      """
      宗地代码,宗地坐落,宗地所在行政区划,宗地范围,土地用途,土地权属性质
      330105001GB09001,示例地块甲,330105,"POLYGON((120.30 30.30, 120.31 30.30, 120.31 30.31, 120.30 30.31, 120.30 30.30))",07,2
      330105001GB09002,示例地块乙,330105,"POLYGON((120.30 30.30, 120.31 30.31, 120.31 30.30, 120.30 30.31, 120.30 30.30))",07,2
      330105001GB09003,示例地块丙,330105,"POLYGON((120.30 30.30, 120.31 30.30, 120.31 30.31))",07,2
      330105001GB09004,示例地块丁,330105,"POLYGON((30.30 120.30, 30.30 120.31, 30.31 120.31, 30.30 120.30))",07,2
      330105001GB09005,示例地块戊,330105,"120.30,30.30",07,2
      330105001GB09006,示例地块己,330105,"SRID=3857;POLYGON((0 0, 1 0, 1 1, 0 0))",07,2
      """
    那么 "新增记录"的值是"1"
    而且 "没有收下的行"的值是"5"
    而且 看到下列内容
      | 自己相交     |
      | 没有闭合     |
      | 先写经度     |
      | 这里要登记面 |
      | SRID=3857    |

  场景: 按范围框正好找到框里的两个地名，紧挨着的不算
    假如 以访客身份
    当 打开"/api/v1/datasets/base-geo:place_name/records?bbox=120.119,30.219,120.1399,30.2399&fields=name,location"
    那么 看到下列内容
      | 示例湖 |
      | 示例山 |
      | Point  |
    而且 看不到"示例河"
    当 打开"/api/v1/datasets/base-geo:place_name/records?near=120.12,30.22&within=500&fields=name"
    那么 看到"示例湖"
    而且 看不到"示例山"
    当 打开"/api/v1/datasets/base-geo:place_name/records?bbox=120.2,30.2,120.1,30.3"
    那么 状态码是422
    而且 看到"从西到东"
    当 打开"/api/v1/datasets/base-geo:place_name/records?near=30.22,120.12&within=500"
    那么 状态码是422
    而且 看到"先写经度"
    当 打开"/api/v1/datasets/base-geo:map_product/records?bbox=120.1,30.2,120.2,30.3"
    那么 状态码是422
    而且 看到"没有几何字段"

  场景: 开放的地名能下载 GeoJSON，页面上看得到示意图
    假如 以访客身份
    当 打开"/dataset/base-geo-place-name"
    那么 看到下列内容
      | 地名.geojson |
      | 前几行的位置 |
      | 点 120.12    |
    而且 看到"示意图，不作划界依据"
    当 打开"/dataset/base-geo-place-name/download/data.geojson"
    那么 看到下列内容
      | FeatureCollection |
      | 示例湖            |
    当 打开"/api/v1/datasets/base-geo:road/records?format=geojson&rows=1"
    那么 看到"LineString"
    当 打开"/api/v1/datasets/base-geo:map_product/records?format=geojson"
    那么 状态码是422

  场景: 不公开的宗地和地址，按范围问也看不到
    假如 以访客身份
    当 打开"/api/v1/datasets/base-geo:land_parcel/records?bbox=120.1,30.2,120.2,30.3"
    那么 状态码是404
    假如 以"steward"登录
    当 打开"/api/v1/datasets/base-geo:address/records?near=120.1,30.2&within=10&fields=full"
    那么 看到"示例一苑1幢"
    而且 看不到"示例二苑"
