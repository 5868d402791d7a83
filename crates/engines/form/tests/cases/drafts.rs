//! Whole drafts: begin, open, finish, and who may not.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure, Kind};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_form::{
    DRAFTS_MAX, Draft, Error, FileKind, FileMeta, KEPT_DAYS, PageRef, attach, discard, finish,
    mine, open, save_page, set_case, start, sweep_expired,
};

use super::{agent, catalog, citizen, database, knowns, pairs, recorded};

async fn begun(db: &TestDb, actor: Actor) -> Draft {
    let mut ctx = db.ctx(actor).await;
    let draft = start(&mut ctx, "p:application", "p:new", knowns()).await.unwrap();
    ctx.commit().await.unwrap();
    draft
}

async fn save(db: &TestDb, actor: Actor, id: Uuid, at: PageRef, given: &[(&str, &str)]) -> Draft {
    let mut ctx = db.ctx(actor).await;
    let saved = save_page(&mut ctx, id, &at, &pairs(given), i64::MAX).await.unwrap();
    assert_eq!(saved.errors, [], "{at:?}");
    ctx.commit().await.unwrap();
    saved.draft
}

/// Fills everything for a restaurant.
async fn filled(db: &TestDb, actor: &Actor, id: Uuid) {
    let pages: &[(PageRef, &[(&str, &str)])] = &[
        (
            PageRef::page("applicant"),
            &[
                ("person_name", "\u{2ebf0}\u{30edd}\u{20bb7}"),
                ("person_id_number", "11010519491231002X"),
                ("contact_mobile", "13812345678"),
            ],
        ),
        (
            PageRef::page("business"),
            &[("kind", "restaurant"), ("items", "hot"), ("area", "80"), ("opens", "2026-04-01")],
        ),
        (PageRef::page("kitchen"), &[("open_kitchen", "true"), ("cameras", "2")]),
        (PageRef::entry("staff", 1), &[("staff_name", "李明"), ("staff_sex", "1")]),
    ];
    for (at, given) in pages {
        save(db, actor.clone(), id, at.clone(), given).await;
    }
    let mut ctx = db.ctx(actor.clone()).await;
    attach(&mut ctx, id, "floor_plan", None, plan()).await.unwrap();
    attach(&mut ctx, id, "health_card", Some(1), plan()).await.unwrap();
    ctx.commit().await.unwrap();
    save(db, actor.clone(), id, PageRef::page("plan"), &[("remarks", "无")]).await;
}

fn plan() -> FileMeta {
    FileMeta {
        digest: "ab".repeat(32),
        name: "C:\\图纸\\平面图\u{202e}.pdf".to_owned(),
        size: 1_000,
        kind: FileKind::Pdf,
    }
}

#[tokio::test]
async fn a_form_is_filled_on_two_devices_and_becomes_a_case() {
    let db = database().await;
    let draft = begun(&db, citizen(1)).await;
    assert_eq!(draft.known.len(), 2);
    filled(&db, &citizen(1), draft.id).await;

    let mut ctx = db.ctx(citizen(1)).await;
    let other_device = open(&mut ctx, draft.id).await.unwrap();
    assert_eq!(other_device.answers.values["person_name"], "\u{2ebf0}\u{30edd}\u{20bb7}");
    assert_eq!(other_device.known, knowns());
    assert_eq!(other_device.answers.files[0].file.name, "平面图.pdf");
    assert_eq!(mine(&mut ctx).await.unwrap().len(), 1);

    let finished = finish(&mut ctx, draft.id).await.unwrap();
    assert_eq!(finished.answers.groups["staff"].entries[0].values["staff_name"], "李明");
    assert_eq!(finished.answers.files.len(), 2);
    assert!(finished.answers.inputs.is_empty() && finished.answers.saved.is_empty());
    let kept = serde_json::to_value(&finished).unwrap();
    let back: zhengtong_form::Finished = serde_json::from_value(kept).unwrap();
    assert_eq!(back, finished);
    set_case(&mut ctx, draft.id, "330100-A1-2026-000001").await.unwrap();
    ctx.commit().await.unwrap();

    let mut ctx = db.ctx(citizen(1)).await;
    let error = finish(&mut ctx, draft.id).await.unwrap_err();
    assert!(matches!(&error, Error::Submitted { case } if case.ends_with("000001")));
    assert_eq!(error.kind(), Kind::Conflict);
    let at = PageRef::page("plan");
    let error = save_page(&mut ctx, draft.id, &at, &[], 0).await.unwrap_err();
    assert!(matches!(error, Error::Submitted { .. }));
    assert!(mine(&mut ctx).await.unwrap().is_empty());
    assert!(open(&mut ctx, draft.id).await.unwrap().submitted_case.is_some());
    for (verb, count) in
        [("form.start", 1), ("form.write", 7), ("form.finish", 1), ("form.submit", 1)]
    {
        assert_eq!(recorded(&mut ctx, verb).await, count, "{verb}");
    }
}

#[tokio::test]
async fn hidden_answers_are_dropped_at_the_end_and_not_before() {
    let db = database().await;
    let draft = begun(&db, citizen(1)).await;
    filled(&db, &citizen(1), draft.id).await;
    let vending =
        [("kind", "vending"), ("items", "drinks"), ("area", "2"), ("opens", "2026-04-01")];
    let now = save(&db, citizen(1), draft.id, PageRef::page("business"), &vending).await;
    assert!(now.answers.values.contains_key("cameras"), "a changed mind loses nothing");
    let mut ctx = db.ctx(citizen(1)).await;
    let finished = finish(&mut ctx, draft.id).await.unwrap();
    assert!(!finished.answers.values.contains_key("cameras"));
    assert!(finished.answers.groups.is_empty());
    let files: Vec<&str> = finished.answers.files.iter().map(|file| file.field.as_str()).collect();
    assert_eq!(files, ["floor_plan"]);
}

#[tokio::test]
async fn an_incomplete_form_is_refused_with_all_faults() {
    let db = database().await;
    let draft = begun(&db, citizen(1)).await;
    let mut ctx = db.ctx(citizen(1)).await;
    let error = finish(&mut ctx, draft.id).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    let fields: Vec<String> = error.fields().into_iter().map(|error| error.field).collect();
    assert_eq!(fields, ["contact_mobile", "kind", "items", "area", "opens", "floor_plan"]);
}

#[tokio::test]
async fn one_key_one_draft() {
    let db = database().await;
    let again = |form: &'static str, item: &'static str| {
        let db = &db;
        async move {
            let mut ctx = db.ctx(citizen(1)).await;
            ctx.key = Some("click".to_owned());
            let outcome = start(&mut ctx, form, item, knowns()).await;
            ctx.commit().await.unwrap();
            outcome
        }
    };
    let first = again("p:application", "p:new").await.unwrap();
    let second = again("p:application", "p:new").await.unwrap();
    assert_eq!(first, second);
    let error = again("p:application", "p:other").await.unwrap_err();
    assert!(matches!(error, Error::Store(zhengtong_db::Error::KeyReused)));
    let mut ctx = db.ctx(citizen(1)).await;
    assert_eq!(mine(&mut ctx).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_persons_draft_looks_absent() {
    let db = database().await;
    let draft = begun(&db, citizen(1)).await;
    let company = begun(&db, agent(1, 9)).await;
    let absent = |error: Error| assert_eq!(error.kind(), Kind::NotFound, "{error}");

    for (actor, id) in [(citizen(2), draft.id), (agent(2, 8), company.id), (citizen(1), company.id)]
    {
        let mut ctx = db.ctx(actor).await;
        let at = PageRef::page("plan");
        absent(open(&mut ctx, id).await.unwrap_err());
        absent(save_page(&mut ctx, id, &at, &[], 1).await.unwrap_err());
        absent(finish(&mut ctx, id).await.unwrap_err());
        absent(discard(&mut ctx, id).await.unwrap_err());
        absent(attach(&mut ctx, id, "floor_plan", None, plan()).await.unwrap_err());
        absent(open(&mut ctx, Uuid::from_u128(7)).await.unwrap_err());
    }
    let mut ctx = db.ctx(Actor::visitor()).await;
    assert_eq!(open(&mut ctx, draft.id).await.unwrap_err().kind(), Kind::Unauthenticated);
    assert_eq!(open(&mut ctx, Uuid::from_u128(7)).await.unwrap_err().kind(), Kind::Unauthenticated);

    // A colleague who acts for the same organisation goes on with its draft.
    let mut ctx = db.ctx(agent(3, 9)).await;
    assert_eq!(open(&mut ctx, company.id).await.unwrap().owner, Uuid::from_u128(1));
    assert_eq!(mine(&mut ctx).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_begun_without_policy_person_or_form() {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("job")).await;
    let error = start(&mut ctx, "p:application", "p:new", knowns()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let mut ctx = db.ctx(citizen(1)).await;
    let error = start(&mut ctx, "p:no", "p:new", knowns()).await.unwrap_err();
    assert!(matches!(&error, Error::NoForm(_)) && error.kind() == Kind::NotFound);

    let (catalog, _) = catalog(super::FORM);
    let db = db.with(PERMIT_ALL, Shelf::default().with(catalog));
    let mut ctx = db.ctx(Actor::system("job")).await;
    let error = start(&mut ctx, "p:application", "p:new", knowns()).await.unwrap_err();
    assert!(matches!(error, Error::NoPerson));

    for person in 0..DRAFTS_MAX {
        let mut ctx = db.ctx(citizen(1)).await;
        start(&mut ctx, "p:application", &format!("p:{person}"), knowns()).await.unwrap();
        ctx.commit().await.unwrap();
    }
    let mut ctx = db.ctx(citizen(1)).await;
    let error = start(&mut ctx, "p:application", "p:new", knowns()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TooMany);
}

#[tokio::test]
async fn drafts_end_by_hand_or_by_time() {
    let db = database().await;
    let one = begun(&db, citizen(1)).await;
    let mut ctx = db.ctx(citizen(1)).await;
    discard(&mut ctx, one.id).await.unwrap();
    assert_eq!(open(&mut ctx, one.id).await.unwrap_err().kind(), Kind::NotFound);
    ctx.commit().await.unwrap();

    let old = begun(&db, citizen(1)).await;
    db.clock.advance(Duration::days(KEPT_DAYS));
    let mut ctx = db.ctx(citizen(1)).await;
    assert_eq!(open(&mut ctx, old.id).await.unwrap_err().kind(), Kind::NotFound);
    assert!(mine(&mut ctx).await.unwrap().is_empty());
    let now = ctx.now;
    assert_eq!(sweep_expired(ctx.conn(), now, 10).await.unwrap(), 1);
    assert_eq!(sweep_expired(ctx.conn(), now, 10).await.unwrap(), 0);
    assert_eq!(recorded(&mut ctx, "form.sweep").await, 1);
}

#[tokio::test]
async fn every_statement_is_sound() {
    let db = database().await;
    let mut ctx = db.ctx(citizen(1)).await;
    for (name, text) in zhengtong_form::SCHEMA.statements {
        let prepare = format!("PREPARE s AS {text}");
        sqlx::raw_sql(zhengtong_db::sql::trusted(prepare))
            .execute(&mut *ctx.conn())
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        sqlx::raw_sql("DEALLOCATE s").execute(&mut *ctx.conn()).await.unwrap();
    }
}
