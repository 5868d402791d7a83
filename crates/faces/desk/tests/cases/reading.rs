//! Papers read beside the acts, and papers that the office adds itself.

use axum::http::{StatusCode, header};

use crate::world::{City, PDF, Seen};

fn policy(seen: &Seen) -> String {
    let value = seen.headers.get("content-security-policy");
    value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// The first address on a page that holds these letters.
fn link(page: &str, part: &str) -> String {
    let mut all = page.split("href=\"").filter_map(|rest| rest.split('"').next());
    all.find(|href| href.contains(part)).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_paper_opens_in_a_frame_of_the_case_once_it_is_chosen() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    let plain = city.page("window", &case).await;
    assert!(!plain.contains("<iframe"), "nothing is opened unasked: the look is recorded");
    let open = link(&plain, "?paper=1");
    let seen = city.get("window", open.split('#').next().unwrap()).await;
    assert!(policy(&seen).contains("frame-src 'self'"), "{}", policy(&seen));
    assert!(policy(&seen).contains("frame-ancestors 'none'"));
    let page = seen.page();
    assert!(page.contains(&format!("<iframe class=\"reader-frame\" src=\"{case}/paper/1\"")));
    assert!(page.contains(&format!("href=\"{case}/paper/1\"")), "a plain link opens it too");
    let file = city.get("window", &format!("{case}/paper/1")).await;
    assert!(policy(&file).contains("sandbox") && policy(&file).contains("frame-ancestors 'self'"));
    assert_eq!(file.headers.get(header::X_FRAME_OPTIONS).unwrap(), "SAMEORIGIN");
    // A number that is not there opens nothing.
    let odd = city.page("window", &format!("{case}?paper=99")).await;
    assert!(!odd.contains("<iframe"));
}

#[tokio::test]
async fn papers_are_read_beside_what_is_written() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = city.way("window", &no, "correct").await;
    let page = city.page("window", &way).await;
    assert!(
        page.contains("边看材料边写") && !page.contains("<details class=\"beside-papers\" open")
    );
    assert!(page.contains(&format!("href=\"/desk/casework/{no}/paper/1\" target=\"reader\"")));
    let seen = city.get("window", &format!("{way}?paper=1")).await;
    assert!(policy(&seen).contains("frame-src 'self'"));
    let page = seen.page();
    assert!(
        page.contains("<details class=\"beside-papers\" open") && page.contains("aria-current")
    );
    assert!(page.contains("name=\"reason\""), "the form stands beside it");
    // Refused, it still has its papers.
    let refused = city.decide("window", &no, "correct", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(policy(&refused).contains("frame-src 'self'"));
    assert!(refused.page().contains("边看材料边写"));
}

#[tokio::test]
async fn an_officer_adds_a_paper_at_a_step() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    let way = link(&city.page("window", &case).await, "/attach/");
    assert!(way.starts_with(&case), "{way}");
    assert!(city.page("window", &way).await.contains("加了就不能删"));
    assert!(link(&city.page("reviewer", &case).await, "/attach/").is_empty(), "not their step");
    let name = [("name", "现场照片"), ("words", "后厨排烟口")];
    let refused = [
        (vec![("name", ""), ("words", "看得见")], vec![("files", PDF)], "请写这是什么材料"),
        (name.to_vec(), Vec::new(), "请选择文件"),
        (name.to_vec(), vec![("files", &b"<html>"[..])], "只收 PDF"),
    ];
    for (fields, files, said) in refused {
        let seen = city.upload("window", &way, &fields, &files).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let page = seen.page();
        assert!(page.contains(said), "{said}");
        assert!(page.contains(fields[1].1), "what was typed is still there");
    }
    for (who, status) in [
        ("reviewer", StatusCode::NOT_FOUND),
        ("other-window", StatusCode::NOT_FOUND),
        ("agent", StatusCode::FORBIDDEN),
        ("nobody", StatusCode::UNAUTHORIZED),
    ] {
        let seen = city.upload(who, &way, &name, &[("files", PDF)]).await;
        assert_eq!(seen.status, status, "{who}");
    }
    let files = [("files", PDF), ("files", PDF)];
    let added = city.upload("window", &way, &name, &files).await;
    assert_eq!(added.location, format!("{case}#papers"));
    let page = city.page("reviewer", &format!("{case}?paper=2")).await;
    assert!(page.contains("本单位加入") && page.contains("示例window11 · "), "{page}");
    assert!(page.contains("后厨排烟口") && page.contains("加入材料“现场照片”"));
    assert!(page.contains("?paper=3#papers"), "the next one is a key away");
    let file = city.get("reviewer", &format!("{case}/paper/2")).await;
    assert_eq!((file.status, file.bytes.as_slice()), (StatusCode::OK, PDF));
    // The step is done meanwhile: nothing is lost in silence.
    city.decide("window", &no, "accept", "").await;
    let late = city.upload("window", &way, &name, &[("files", PDF)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.page().contains("后厨排烟口") || late.page().contains("已经办过"));
}
