//! Papers of the office's own: who may add them, what is kept of it, who sees them.

use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;

use crate::world::{
    accepted, agent, city, decide, fields, head, id, inspector, kind, officer, opened, reviewer,
    seen, task, window,
};

fn photograph(number: u8) -> MaterialFile {
    MaterialFile {
        digest: format!("{number:064x}"),
        name: "示例丙家门口.jpg".to_owned(),
        size: 2_048,
        mime: "image/jpeg".to_owned(),
    }
}

fn photographs() -> OwnPaper {
    OwnPaper {
        name: " 现场照片 ".to_owned(),
        words: "后厨排烟口，三月二日上午".to_owned(),
        files: vec![photograph(1), photograph(2)],
    }
}

async fn add(test: &TestDb, actor: Actor, no: &str, todo: Uuid, paper: &OwnPaper) -> Result<()> {
    let mut ctx = test.ctx(actor).await;
    ctx.key = Some("form".to_owned());
    may_attach(&mut ctx, no, todo).await?;
    attach(&mut ctx, no, todo, paper).await?;
    ctx.commit().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn an_officer_adds_papers_at_a_step_and_who_when_and_where_stays_with_them() {
    let test = city().await;
    let no = accepted(&test).await;
    let view = seen(&test, reviewer(), &no).await;
    let todo = task(&view, "reviewed");
    assert!(view.tasks.iter().any(|open| open.todo.id == todo.id && open.may_attach));
    // Sent twice, it is kept once.
    for _ in 0..2 {
        add(&test, reviewer(), &no, todo.id, &photographs()).await.unwrap();
    }
    let view = seen(&test, head(), &no).await;
    let own: Vec<&Material> =
        view.materials.iter().filter(|paper| paper.paper.source == OFFICE).collect();
    assert_eq!(own.len(), 2);
    let added = own[0].added.as_ref().unwrap();
    assert_eq!((added.by.as_str(), added.department), ("示例reviewer12", id(100)));
    assert_eq!((added.node.as_str(), &added.step), (todo.node.as_str(), &todo.title));
    assert_eq!(own[0].paper.name.zh, "现场照片");
    assert_eq!(own[1].paper.source_note.as_deref(), Some("后厨排烟口，三月二日上午"));
    let event = view.events.iter().find(|event| event.kind == "attach").unwrap();
    assert!(!event.public && event.at == own[0].at);
    let kept: Vec<(String, String)> = sqlx::query_as(
        "SELECT thing, after FROM ledger.entry WHERE verb = 'casework.attach' ORDER BY id",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    let expected: Vec<(String, String)> = own
        .iter()
        .map(|paper| {
            let file = paper.paper.file.as_ref().unwrap();
            (format!("{no}/{}", paper.seq), file.digest.clone())
        })
        .collect();
    assert_eq!(kept, expected, "each file is one entry with its digest");
}

#[tokio::test]
async fn the_names_in_it_stand_sealed_and_the_applicant_sees_none_of_it() {
    let test = city().await;
    let no = accepted(&test).await;
    let todo = task(&seen(&test, reviewer(), &no).await, "reviewed").id;
    add(&test, reviewer(), &no, todo, &photographs()).await.unwrap();
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT file_name, source_note, added_by FROM casework.material WHERE source = 'office'",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    assert_eq!(rows.len(), 2);
    for (file, note, by) in rows {
        assert!([&file, &note, &by].iter().all(|text| text.starts_with("sealed:")), "{file}");
    }
    let seq = seen(&test, head(), &no).await.materials.last().unwrap().seq;
    let view = seen(&test, agent(), &no).await;
    assert!(view.materials.iter().all(|paper| paper.paper.source != OFFICE));
    assert!(view.events.iter().all(|event| event.kind != "attach"));
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(material(&mut ctx, &no, seq).await), Kind::NotFound);
    let mut ctx = test.ctx(inspector()).await;
    assert_eq!(material(&mut ctx, &no, seq).await.unwrap().paper.source, OFFICE);
}

#[tokio::test]
async fn only_who_has_the_step_adds_papers_while_it_is_open() {
    let test = city().await;
    let no = accepted(&test).await;
    let view = seen(&test, reviewer(), &no).await;
    let todo = task(&view, "reviewed").id;
    let elsewhere = Actor { organisation: Some(id(500)), ..reviewer() };
    for (actor, expected) in [
        (window(), Kind::NotFound),
        (elsewhere, Kind::NotFound),
        (agent(), Kind::NotFound),
        (officer(30, "system-admin"), Kind::NotFound),
        (Actor::visitor(), Kind::Unauthenticated),
    ] {
        let name = actor.name.clone();
        let said = add(&test, actor, &no, todo, &photographs()).await;
        assert_eq!(kind(said), expected, "{name}");
    }
    assert!(seen(&test, window(), &no).await.tasks.iter().all(|open| !open.may_attach));
    // A colleague has it in hand.
    let mut ctx = test.ctx(officer(22, "reviewer")).await;
    claim(&mut ctx, todo).await.unwrap();
    ctx.commit().await.unwrap();
    let said = add(&test, reviewer(), &no, todo, &photographs()).await.unwrap_err();
    assert!(said.kind() == Kind::Conflict && said.text().zh.contains("示例reviewer22"), "{said}");
    decide(&test, officer(22, "reviewer"), &no, "reviewed", "").await.unwrap();
    let late = add(&test, officer(22, "reviewer"), &no, todo, &photographs()).await;
    assert_eq!(kind(late), Kind::Conflict, "the step is done");
}

#[tokio::test]
async fn a_paper_has_a_name_and_a_file_and_a_case_has_not_too_many() {
    let test = city().await;
    let no = accepted(&test).await;
    let todo = task(&seen(&test, reviewer(), &no).await, "reviewed").id;
    let paper = |name: &str, words: &str, count: u8| OwnPaper {
        name: name.to_owned(),
        words: words.to_owned(),
        files: (0..count).map(photograph).collect(),
    };
    let rows = [
        (paper("  ", "", 1), "name"),
        (paper(&"长".repeat(NAME_CHARS_MAX + 1), "", 1), "name"),
        (paper("照\n片", "", 1), "name"),
        (paper("照片", &"长".repeat(5_000), 1), "words"),
        (paper("照片", "", 0), "files"),
    ];
    for (paper, field) in rows {
        let wrong = add(&test, reviewer(), &no, todo, &paper).await.unwrap_err();
        assert_eq!(fields(&wrong), [field]);
    }
    let full = "INSERT INTO casework.material (\"case\", seq, name_zh, name_en, source, at)
                SELECT $1, 100 + n, 'x', 'x', 'applicant', now() FROM generate_series(1, 498) n";
    sqlx::query(full).bind(&no).execute(test.db.pool()).await.unwrap();
    let wrong = add(&test, reviewer(), &no, todo, &photographs()).await.unwrap_err();
    assert_eq!(fields(&wrong), ["files"]);
    assert!(seen(&test, reviewer(), &no).await.materials.iter().all(|one| one.added.is_none()));
}

#[tokio::test]
async fn what_the_office_added_goes_with_the_case_when_its_time_is_over() {
    let test = city().await;
    let no = opened(&test).await;
    let todo = task(&seen(&test, window(), &no).await, "accept").id;
    add(&test, window(), &no, todo, &photographs()).await.unwrap();
    decide(&test, window(), &no, "decline", "不归我们办").await.unwrap();
    test.clock.advance(time::Duration::days(365 * 40));
    let mut ctx = test.ctx(Actor::system("retire")).await;
    retire(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let left: Vec<(Option<String>, Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT digest, file_name, nullif(added_by, '') FROM casework.material WHERE source = 'office'",
    )
    .fetch_all(test.db.pool())
    .await
    .unwrap();
    assert_eq!(left, vec![(None, None, None); 2]);
}
