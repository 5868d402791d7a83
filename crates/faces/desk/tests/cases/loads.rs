//! Files that become records: offered, taken and shown in full to the unit whose data it is.

use axum::http::StatusCode;

use crate::world::City;

const LOADS: &str = "/desk/registry/loads";
const FILE: &[u8] = "统一社会信用代码,name,kind\n91330106MA0000001X,示例一,10\n".as_bytes();

#[tokio::test]
async fn the_page_offers_what_the_unit_loads() {
    let city = City::new().await;
    for (who, own, others) in [
        ("steward", "base-legal:organisation", "base-macro:indicator"),
        ("other-steward", "base-macro:indicator", "base-legal:organisation"),
    ] {
        let page = city.page(who, LOADS).await;
        assert!(page.contains(&format!("value=\"{own}\"")), "{who}");
        assert!(!page.contains(&format!("value=\"{others}\"")), "{who}");
    }
    for (who, status) in [
        ("window", StatusCode::FORBIDDEN),
        ("agent", StatusCode::FORBIDDEN),
        ("nobody", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(city.get(who, LOADS).await.status, status, "{who}");
    }
}

#[tokio::test]
async fn a_load_of_another_unit_is_seen_and_not_touched() {
    let city = City::new().await;
    let fields = [("dataset", "base-legal:organisation")];
    let refused = city.upload("other-steward", LOADS, &fields, &[("file", FILE)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let taken = city.upload("steward", LOADS, &fields, &[("file", FILE)]).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    let load = taken.location;
    let own = city.page("steward", &load).await;
    assert!(own.contains("确认，开始加载") && own.contains("不加载了"));
    let seen = city.page("other-steward", &load).await;
    assert!(seen.contains("这个数据集由示例市市场监督管理局加载"), "{seen}");
    for kept in ["确认，开始加载", "不加载了", "示例一", "停止加载"] {
        assert!(!seen.contains(kept), "{kept}");
    }
    for (path, fields) in [
        (load.clone(), vec![("column-0", "credit_code"), ("mode", "full")]),
        (format!("{load}/cancel"), Vec::new()),
    ] {
        let refused = city.post("other-steward", &path, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    let faults = city.get("other-steward", &format!("{load}/faults.csv")).await;
    assert_eq!(faults.status, StatusCode::FORBIDDEN);
    let stopped = city.post("steward", &format!("{load}/cancel"), &[]).await;
    assert_eq!(stopped.status, StatusCode::SEE_OTHER);
}
