//! PDFs: what stands in them, who may have them, and that they are the same every time.

use serde_json::json;
use time::macros::datetime;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::jobs::{self, Work};
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_document::{
    Error, Loose, NewDocument, Settings, attach_render, issue, loose, open, pdf, preview, render,
};

use crate::kit::{self, City, POLICY, citizen, qr_codes, solid, staff, words};

#[tokio::test]
async fn the_job_prints_a_licence_and_the_holder_fetches_it() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let document = issue(&mut ctx, city.licence()).await.unwrap();
    ctx.commit().await.unwrap();
    jobs::drain(&city.test.db, &attach_render(Work::default()), 5).await.unwrap();

    let mut ctx = city.test.ctx(city.agent()).await;
    let kept = open(&mut ctx, document.id).await.unwrap().blob;
    assert!(kept.is_some());
    let bytes = pdf(&mut ctx, document.id).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    let words = words(&bytes);
    for expected in [
        &document.number,
        "示例餐饮有限公司",
        "西湖区文一路 1 号",
        "热食类食品制售、冷食类食品制售",
        "2026年3月2日 至 2031年3月1日",
        "示例市市场监督管理局",
        document.identifier.as_deref().unwrap(),
    ] {
        assert!(solid(&words).contains(&solid(expected)), "{expected} in {words}");
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("https://city.example/verify/{}", document.code);
    assert_eq!(qr_codes(&bytes, folder.path()), [url]);
    let verbs = ["document.issue", "document.render", "document.open", "document.pdf"];
    assert_eq!(city.verbs().await, verbs);
}

#[tokio::test]
async fn a_reader_does_not_wait_for_the_job_and_the_bytes_are_the_same() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let document = issue(&mut ctx, city.licence()).await.unwrap();
    ctx.commit().await.unwrap();
    let (mut first, mut second) =
        (city.test.ctx(city.agent()).await, city.test.ctx(city.agent()).await);
    let one = pdf(&mut first, document.id).await.unwrap();
    // The first is given up, so the second makes it again.
    drop(first);
    let two = pdf(&mut second, document.id).await.unwrap();
    second.commit().await.unwrap();
    assert!(one == two, "the same paper must give the same bytes");
    jobs::drain(&city.test.db, &attach_render(Work::default()), 5).await.unwrap();
    assert_eq!(city.verbs().await, ["document.issue", "document.render", "document.pdf"]);
}

#[tokio::test]
async fn a_lost_file_is_made_again() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let document = issue(&mut ctx, city.licence()).await.unwrap();
    let first = pdf(&mut ctx, document.id).await.unwrap();
    let blobs = zhengtong_blob::Blobs::open(city.files.path()).await.unwrap();
    let digest = blobs.list().await.unwrap()[0];
    let hex = digest.to_string();
    let mut folders = vec![city.files.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if hex.ends_with(&*path.file_name().unwrap().to_string_lossy()) {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
    assert!(blobs.list().await.unwrap().is_empty());
    assert!(pdf(&mut ctx, document.id).await.unwrap() == first);
    assert_eq!(blobs.list().await.unwrap(), [digest]);
}

#[tokio::test]
async fn characters_outside_the_basic_plane_come_out_as_themselves() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let name = "\u{20bb7}野\u{20164}";
    let new = city.decision(name, "准予\u{3447}。");
    let document = issue(&mut ctx, new).await.unwrap();
    let words = words(&pdf(&mut ctx, document.id).await.unwrap());
    for expected in [name, "\u{3447}", "杭市监〔2026〕1号"] {
        assert!(solid(&words).contains(&solid(expected)), "{expected} in {words}");
    }
}

#[tokio::test]
async fn a_character_without_a_glyph_is_named_and_never_a_box() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    // U+2FFFE is no character: no font can have it. U+2EBF0, of Extension I, few fonts have.
    for (letter, must_fail) in [('\u{2fffd}', true), ('\u{2ebf0}', false)] {
        let new = city.decision(&format!("王{letter}"), "准予。");
        let document = issue(&mut ctx, new).await.unwrap();
        match pdf(&mut ctx, document.id).await {
            Err(Error::Glyphs(missing)) => assert_eq!(missing, [letter]),
            Ok(bytes) => assert!(!must_fail && words(&bytes).contains(letter)),
            Err(other) => panic!("{other}"),
        }
    }
    let error = Error::Glyphs(vec!['\u{2ebf0}']);
    assert!(error.text().en.contains("U+2EBF0"));
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[tokio::test]
async fn hostile_words_stay_words() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let words_given = "#read(\"/etc/passwd\") *粗* $x$ </script> \\";
    let new = city.decision("#panic()", words_given);
    let document = issue(&mut ctx, new).await.unwrap();
    let words = words(&pdf(&mut ctx, document.id).await.unwrap());
    for expected in ["#panic()", "#read(\"/etc/passwd\") *粗* $x$ </script> \\"] {
        assert!(solid(&words).contains(&solid(expected)), "{expected} in {words}");
    }
}

#[tokio::test]
async fn a_receipt_needs_no_row() {
    let (catalog, _) = kit::catalog();
    let definition = catalog.get("food:receipt").unwrap();
    let receipt = Loose {
        number: "330106-FB-2026-000001".to_owned(),
        holder_name: "示例餐饮有限公司".to_owned(),
        facts: json!({"words": "材料齐全"}),
        ..Loose::default()
    };
    let paper = loose(definition, &receipt, datetime!(2026-03-02 01:00 UTC));
    let words = words(&render(&kit::settings(), definition, paper).await.unwrap());
    assert!(solid(&words).contains("示例餐饮有限公司：330106-FB-2026-000001材料齐全"), "{words}");
}

#[tokio::test]
async fn a_preview_says_that_it_is_a_sample() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(staff()).await;
    let facts = json!({"address": "下城区"});
    let words = words(&preview(&mut ctx, "food:licence", &facts).await.unwrap());
    for expected in ["SAMPLE", "下城区", "热食类食品制售"] {
        assert!(solid(&words).contains(&solid(expected)), "{expected} in {words}");
    }
    let mut ctx = city.test.ctx(citizen(city.holder)).await;
    let refused = preview(&mut ctx, "food:licence", &json!({})).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Denied);
}

#[tokio::test]
async fn a_broken_template_fails_the_job_and_says_where() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let new = NewDocument { template: "broken:unknown".to_owned(), ..city.licence() };
    issue(&mut ctx, new).await.unwrap();
    ctx.commit().await.unwrap();
    jobs::drain(&city.test.db, &attach_render(Work::default()), 1).await.unwrap();
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let waiting = jobs::waiting(ctx.conn(), 5).await.unwrap();
    let error = waiting[0].error.as_deref().unwrap();
    assert!(error.starts_with("broken/document/unknown.typ:4:16: "), "{error}");
}

#[tokio::test]
async fn without_fonts_nothing_is_printed() {
    let (catalog, _) = kit::catalog();
    let definition = catalog.get("food:receipt").unwrap();
    let empty = tempfile::tempdir().unwrap();
    let settings = Settings::new("", vec![empty.path().to_owned()]);
    let paper = loose(definition, &Loose::default(), datetime!(2026-03-02 01:00 UTC));
    let error = render(&settings, definition, paper).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[test]
fn the_code_on_a_page_leads_to_the_same_place_as_the_one_on_paper() {
    let settings = Settings::new("https://city.example/", Vec::new());
    let code = "0123456789ABCDEFGHJKMNPQRS";
    let svg = zhengtong_document::qr(&settings, code).unwrap();
    assert!(!svg.contains("style") && !svg.contains("<script") && svg.starts_with("<svg "));
    // The dark modules as a camera sees them, ten pixels each.
    let dark: std::collections::BTreeSet<(usize, usize)> = svg
        .split(['M', '"'])
        .filter_map(|piece| piece.strip_suffix("h1v1h-1z")?.split_once(' '))
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect();
    let side = dark.iter().map(|(x, _)| x + 1).max().unwrap() + 8;
    let seen = |x: usize, y: usize| {
        let at = (x / 10).checked_sub(4).zip((y / 10).checked_sub(4));
        if at.is_some_and(|at| dark.contains(&at)) { 0 } else { 255 }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 10, side * 10, seen);
    let (_, text) = image.detect_grids()[0].decode().unwrap();
    assert_eq!(text, format!("https://city.example/verify/{code}"));
}
