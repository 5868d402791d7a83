//! Papers as files: what they are, and who may open them.

use axum::http::{StatusCode, header};
use zhengtong_base::Paging;

use crate::world::City;

#[tokio::test]
async fn a_paper_is_sent_as_what_it_is_and_the_look_is_recorded() {
    let city = City::new().await;
    let no = city.opened().await;
    let page = city.page("window", &format!("/desk/casework/{no}?paper=1")).await;
    assert!(page.contains("平面图.pdf") && page.contains("打开会留下记录"));
    let path = format!("/desk/casework/{no}/paper/1");
    let file = city.get("window", &path).await;
    assert_eq!((file.status, file.bytes.as_slice()), (StatusCode::OK, &b"%PDF-1.7 plan"[..]));
    let header = |name| file.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header(header::CONTENT_TYPE), "application/pdf");
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(
        header(header::CONTENT_DISPOSITION),
        "inline; filename*=UTF-8''%E5%B9%B3%E9%9D%A2%E5%9B%BE.pdf"
    );
    let mut ctx = city.test.ctx(zhengtong_db::Actor::system("test")).await;
    let thing = format!("{no}/1");
    let looks = zhengtong_ledger::by_thing(ctx.conn(), "material", &thing, Paging::new(1, 5))
        .await
        .unwrap();
    assert_eq!(looks.total, 1);
}

#[tokio::test]
async fn papers_are_for_those_who_may_read_the_case() {
    let city = City::new().await;
    let no = city.opened().await;
    let rows = [
        ("agent", "1", StatusCode::FORBIDDEN),
        ("nobody", "1", StatusCode::UNAUTHORIZED),
        ("system-admin", "1", StatusCode::NOT_FOUND),
        ("window", "9", StatusCode::NOT_FOUND),
        ("window", "x", StatusCode::BAD_REQUEST),
    ];
    for (who, seq, status) in rows {
        let path = format!("/desk/casework/{no}/paper/{seq}");
        assert_eq!(city.get(who, &path).await.status, status, "{who} {seq}");
    }
}
