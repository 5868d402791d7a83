//! Files come with findings, answers, appeals and decisions: looked at first, kept for good, opened by whoever may read
//! the card, and on record each time.

use time::macros::date;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_supervision::{
    Deed, Evidence, FILES_MAX, NewFinding, Result, Said, Sent, act, card, find_with, open,
};

use crate::world::{
    OFFICE, accepted, agent, all_cards, city_with, head, id, inspector, supervisor, window,
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n";

fn turned_away() -> NewFinding {
    NewFinding {
        kind: "turned-away".to_owned(),
        case: String::new(),
        department: Some(id(OFFICE)),
        happened_on: Some(date!(2026 - 03 - 02)),
        charged: None,
        listed: None,
        evidence: "当场看到材料齐全，窗口说不收".to_owned(),
    }
}

async fn city_with_files() -> (TestDb, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = zhengtong_blob::Blobs::open(folder.path().to_owned()).await.unwrap();
    (city_with(blobs).await, folder)
}

async fn put_down(test: &TestDb, files: &[Sent<'_>]) -> Result<usize> {
    let mut ctx = test.ctx(supervisor()).await;
    let raised = find_with(&mut ctx, turned_away(), files).await?;
    ctx.commit().await.unwrap();
    Ok(raised)
}

async fn files(test: &TestDb, actor: Actor, no: &str) -> Vec<Evidence> {
    let mut ctx = test.ctx(actor).await;
    card(&mut ctx, no).await.unwrap().files
}

fn sent<'a>(name: &'a str, bytes: &'a [u8]) -> Sent<'a> {
    Sent { name, bytes }
}

#[tokio::test]
async fn the_photographs_of_a_finding_are_for_supervisors() {
    let (test, _folder) = city_with_files().await;
    let both = [sent("窗口.pdf", PDF), sent("收据.pdf", PDF)];
    assert_eq!(put_down(&test, &both).await.unwrap(), 1);
    let no = all_cards(&test).await.pop().unwrap().no;
    let found = files(&test, supervisor(), &no).await;
    let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["窗口.pdf", "收据.pdf"]);
    assert!(found.iter().all(|file| file.step.is_none() && file.mime == "application/pdf"));
    let mut ctx = test.ctx(supervisor()).await;
    let (file, bytes) = open(&mut ctx, &no, found[1].id).await.unwrap();
    assert_eq!((file.name.as_str(), bytes.as_slice()), ("收据.pdf", PDF));
    ctx.commit().await.unwrap();
    // The department sees the card, not who was seen on the photographs.
    assert!(files(&test, head(), &no).await.is_empty());
    for actor in [head(), agent(), Actor::visitor()] {
        let mut ctx = test.ctx(actor).await;
        let refused = open(&mut ctx, &no, found[0].id).await.unwrap_err().kind();
        assert!(matches!(refused, Kind::NotFound | Kind::Unauthenticated), "{refused:?}");
    }
    let mut ctx = test.ctx(Actor::system("test")).await;
    let read: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT after FROM ledger.entry WHERE verb = 'supervision.read' AND after IS NOT NULL",
    )
    .fetch_all(ctx.conn())
    .await
    .unwrap();
    assert_eq!(read, [Some(found[1].digest.clone())]);
}

#[tokio::test]
async fn an_appeal_brings_its_proof_and_both_sides_open_it() {
    let (test, _folder) = city_with_files().await;
    accepted(&test).await;
    put_down(&test, &[]).await.unwrap();
    let no = all_cards(&test).await.pop().unwrap().no;
    let proof = [sent("当天取号记录.pdf", PDF)];
    let said = Said { words: "当天没有这位办事人取号，请看记录", files: &proof };
    // The same form sent twice is one appeal with one file.
    for _ in 0..2 {
        let mut ctx = test.ctx(head()).await;
        ctx.key = Some("form-1".to_owned());
        act(&mut ctx, &no, Deed::Appeal, said).await.unwrap();
        ctx.commit().await.unwrap();
    }
    for reader in [head(), supervisor()] {
        let found = files(&test, reader.clone(), &no).await;
        let [one] = found.as_slice() else { panic!("{found:?}") };
        let mut ctx = test.ctx(reader).await;
        let view = card(&mut ctx, &no).await.unwrap();
        let step = view.steps.iter().find(|step| Some(step.seq) == one.step).unwrap();
        assert_eq!(step.kind, "appealed");
        assert_eq!(open(&mut ctx, &no, one.id).await.unwrap().1, PDF);
    }
    // Who has nothing to do with the card opens nothing of it, and who may not appeal leaves no file.
    let file = files(&test, head(), &no).await.pop().unwrap();
    for actor in [inspector(), window(), agent()] {
        let mut ctx = test.ctx(actor.clone()).await;
        assert_eq!(open(&mut ctx, &no, file.id).await.unwrap_err().kind(), Kind::NotFound);
        assert!(act(&mut ctx, &no, Deed::Answer, said).await.is_err());
    }
    // Nothing of it is ever changed.
    let mut conn = test.db.pool().acquire().await.unwrap();
    for statement in [
        "UPDATE supervision.evidence SET name = 'x'",
        "DELETE FROM supervision.evidence",
        "TRUNCATE supervision.evidence",
    ] {
        assert!(sqlx::query(statement).execute(&mut *conn).await.is_err(), "{statement}");
    }
    let sealed: String = sqlx::query_scalar("SELECT name FROM supervision.evidence")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    assert!(!sealed.contains("取号"), "{sealed}");
}

#[tokio::test]
async fn what_is_no_picture_and_no_paper_is_refused_and_nothing_is_put_down() {
    let (test, _folder) = city_with_files().await;
    let many = [sent("一.pdf", PDF); FILES_MAX + 1];
    let rows: [&[Sent<'_>]; 5] = [
        &[sent("程序.pdf", b"MZ\x90\x00 a program")],
        &[sent("网页.png", b"<html><script>alert(1)</script>")],
        &[sent("空.pdf", b"")],
        &[sent("好.pdf", PDF), sent("坏.pdf", b"x")],
        &many,
    ];
    for files in rows {
        let error = put_down(&test, files).await.unwrap_err();
        let fields: Vec<String> = error.fields().into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["files"], "{error}");
    }
    let large = vec![0_u8; 21 * 1024 * 1024];
    let error = put_down(&test, &[sent("大.pdf", &large)]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert!(all_cards(&test).await.is_empty());
}
