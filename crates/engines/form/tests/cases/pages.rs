//! One page of a draft: what is kept, two windows, entries, files.

use uuid::Uuid;
use zhengtong_base::{Failure, Kind};
use zhengtong_db::Ctx;
use zhengtong_db::testing::TestDb;
use zhengtong_form::{
    Error, FileKind, FileMeta, PageRef, Saved, add_entry, asked, attach, detach, open,
    remove_entry, save_page, start,
};

use super::{citizen, database, form, knowns, pairs, today};

async fn begun(db: &TestDb) -> (Ctx, Uuid) {
    let mut ctx = db.ctx(citizen(1)).await;
    let draft = start(&mut ctx, "p:application", "p:new", knowns()).await.unwrap();
    (ctx, draft.id)
}

async fn save(ctx: &mut Ctx, id: Uuid, at: &PageRef, given: &[(&str, &str)], seen: i64) -> Saved {
    save_page(ctx, id, at, &pairs(given), seen).await.unwrap()
}

#[tokio::test]
async fn what_is_wrong_is_kept_as_typed() {
    let db = database().await;
    let (mut ctx, id) = begun(&db).await;
    let at = PageRef::page("applicant");
    let long = "字".repeat(1024 * 1024 / 3);
    let given = [
        ("person_name", "李\u{0}明"),
        ("person_id_number", "110105194912310021"),
        ("contact_mobile", long.as_str()),
        ("emergency_contact", "王五"),
    ];
    let saved = save(&mut ctx, id, &at, &given, 1).await;
    let wrong: Vec<&str> = saved.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(wrong, ["person_name", "person_id_number", "contact_mobile"]);
    assert_eq!((saved.draft.version, saved.next), (2, Some(PageRef::page("business"))));

    let draft = open(&mut ctx, id).await.unwrap();
    assert_eq!(draft.answers, saved.draft.answers);
    assert_eq!(draft.answers.values["emergency_contact"], "王五");
    assert_eq!(draft.answers.input(&at, "person_name"), Some("李\u{fffd}明"));
    assert_eq!(draft.answers.input(&at, "contact_mobile").unwrap().chars().count(), 20_000);

    let form = form();
    let shown = asked(&form, &at, &draft.answers, &draft.known, today()).unwrap();
    let row = |key: &str| shown.iter().find(|asked| asked.field.key == key).unwrap();
    assert_eq!(row("person_id_number").input, ["110105194912310021"]);
    assert!(row("person_id_number").error.is_some() && row("person_id_number").source.is_none());
    assert!(row("emergency_contact").error.is_none());

    let right = [
        ("person_name", "李明"),
        ("person_id_number", "11010519491231002X"),
        ("contact_mobile", "13812345678"),
    ];
    let saved = save(&mut ctx, id, &at, &right, 2).await;
    assert!(saved.errors.is_empty() && saved.draft.answers.inputs.is_empty());
    let shown = asked(&form, &at, &saved.draft.answers, &saved.draft.known, today()).unwrap();
    assert!(shown.iter().all(|asked| asked.error.is_none()));
    assert!(shown[0].source.is_none() && shown[1].source.is_some());
    assert_eq!(saved.draft.answers.values["emergency_contact"], serde_json::Value::Null);
}

#[tokio::test]
async fn two_windows_report_what_they_replace() {
    let db = database().await;
    let (mut ctx, id) = begun(&db).await;
    let (business, plan) = (PageRef::page("business"), PageRef::page("plan"));
    let first = [("kind", "vending"), ("items", "hot"), ("area", "80"), ("opens", "2026-04-01")];
    let second = [("kind", "vending"), ("items", "hot"), ("area", "八十"), ("opens", "2026-05-01")];
    let saved = save(&mut ctx, id, &business, &first, 1).await;
    assert!(saved.clashes.is_empty());
    // The other window was opened before, and saves another page: nothing clashes.
    assert!(save(&mut ctx, id, &plan, &[("remarks", "无")], 1).await.clashes.is_empty());
    let saved = save(&mut ctx, id, &business, &second, 1).await;
    let clashes: Vec<(&str, &str, &str)> = saved
        .clashes
        .iter()
        .map(|clash| (clash.key.as_str(), clash.earlier.as_str(), clash.later.as_str()))
        .collect();
    assert_eq!(clashes, [("area", "80", "八十"), ("opens", "2026-04-01", "2026-05-01")]);
    assert_eq!(saved.draft.answers.values["opens"], "2026-05-01");
    // Having seen this version, the next save replaces nothing unseen; the same again clashes never.
    let seen = saved.draft.version;
    assert!(save(&mut ctx, id, &business, &first, seen).await.clashes.is_empty());
    assert!(save(&mut ctx, id, &business, &first, 1).await.clashes.is_empty());
}

#[tokio::test]
async fn entries_come_and_go() {
    let db = database().await;
    let (mut ctx, id) = begun(&db).await;
    let restaurant =
        [("kind", "restaurant"), ("items", "hot"), ("area", "80"), ("opens", "2026-04-01")];
    save(&mut ctx, id, &PageRef::page("business"), &restaurant, 1).await;
    let entry = |number| PageRef::entry("staff", number);
    let list = PageRef::page("staff");

    // The first entry is asked for by the form itself; adding gives that one until it is saved.
    let (_, first) = add_entry(&mut ctx, id, "staff").await.unwrap();
    assert_eq!(first, entry(1));
    let saved = save(&mut ctx, id, &list, &[], 9).await;
    assert_eq!(saved.errors[0].field, "staff");
    let saved = save(&mut ctx, id, &entry(1), &[("staff_name", "甲")], 9).await;
    assert_eq!(saved.next, Some(list.clone()));
    for number in [2, 3] {
        let (_, next) = add_entry(&mut ctx, id, "staff").await.unwrap();
        let (_, same) = add_entry(&mut ctx, id, "staff").await.unwrap();
        assert_eq!((&next, &same), (&entry(number), &entry(number)), "a double click adds one");
        save(&mut ctx, id, &next, &[("staff_name", "乙")], 9).await;
    }
    let error = add_entry(&mut ctx, id, "staff").await.unwrap_err();
    assert!(matches!(error, Error::Full { max: 3, .. }) && error.kind() == Kind::Conflict);

    attach(&mut ctx, id, "health_card", Some(2), file(FileKind::Jpeg)).await.unwrap();
    let draft = remove_entry(&mut ctx, id, "staff", 2).await.unwrap();
    let numbers: Vec<u32> =
        draft.answers.groups["staff"].entries.iter().map(|e| e.number).collect();
    assert_eq!((numbers.as_slice(), draft.answers.files.len()), ([1, 3].as_slice(), 0));
    assert_eq!(open(&mut ctx, id).await.unwrap().answers, draft.answers);
    assert!(remove_entry(&mut ctx, id, "staff", 2).await.is_ok());

    // Another window still has it open and saves it: what was typed there is not lost.
    let saved = save(&mut ctx, id, &entry(2), &[("staff_name", "乙二")], 9).await;
    let group = &saved.draft.answers.groups["staff"];
    assert_eq!(group.entries[1].values["staff_name"], "乙二");
    for at in [entry(4), entry(0), PageRef::entry("business", 1), PageRef::page("no")] {
        let error = save_page(&mut ctx, id, &at, &[], 9).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{at:?}");
    }
    assert!(add_entry(&mut ctx, id, "business").await.is_err());
}

fn file(kind: FileKind) -> FileMeta {
    FileMeta { digest: "cd".repeat(32), name: "图.pdf".to_owned(), size: 10, kind }
}

#[tokio::test]
async fn files_are_checked_and_attached_once() {
    let db = database().await;
    let (mut ctx, id) = begun(&db).await;
    let good = file(FileKind::Pdf);
    let first = attach(&mut ctx, id, "floor_plan", None, good.clone()).await.unwrap();
    let again = attach(&mut ctx, id, "floor_plan", None, good.clone()).await.unwrap();
    assert_eq!(first, again);
    let other = |digest: &str| FileMeta { digest: digest.repeat(32), ..good.clone() };
    let rows = [
        (FileMeta { kind: FileKind::Jpeg, ..other("01") }, Kind::Unsupported, "pdf、png"),
        (FileMeta { size: 5 * 1_048_576 + 1, ..other("02") }, Kind::TooLarge, "5 MB"),
        (FileMeta { size: 0, ..other("03") }, Kind::Invalid, "空的"),
    ];
    for (meta, kind, expected) in rows {
        let error = attach(&mut ctx, id, "floor_plan", None, meta).await.unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_str()), (kind, "floor_plan"));
        assert!(error.text().zh.contains(expected));
    }
    attach(&mut ctx, id, "floor_plan", None, FileMeta { name: "\u{7}".to_owned(), ..other("04") })
        .await
        .unwrap();
    let error = attach(&mut ctx, id, "floor_plan", None, other("05")).await.unwrap_err();
    assert!(error.text().zh.contains("最多上传 2 个"));
    for (field, entry) in
        [("remarks", None), ("no", None), ("floor_plan", Some(1)), ("health_card", None)]
    {
        let error = attach(&mut ctx, id, field, entry, other("06")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{field}");
    }
    let draft = open(&mut ctx, id).await.unwrap();
    let names: Vec<&str> = draft.answers.files.iter().map(|f| f.file.name.as_str()).collect();
    assert_eq!(names, ["图.pdf", "file.pdf"]);
    let draft = detach(&mut ctx, id, first.id).await.unwrap();
    assert_eq!(draft.answers.files.len(), 1);
    assert_eq!(open(&mut ctx, id).await.unwrap().answers.files, draft.answers.files);
    assert!(detach(&mut ctx, id, first.id).await.is_ok());
}

#[tokio::test]
async fn two_devices_save_at_once() {
    let db = database().await;
    let (ctx, id) = begun(&db).await;
    ctx.commit().await.unwrap();
    let one = async |page: &'static str, given: &'static [(&'static str, &'static str)]| {
        let mut ctx = db.ctx(citizen(1)).await;
        let saved = save(&mut ctx, id, &PageRef::page(page), given, 1).await;
        ctx.commit().await.unwrap();
        saved
    };
    let (left, right) = tokio::join!(
        one("plan", &[("remarks", "无")]),
        one(
            "business",
            &[("kind", "vending"), ("items", "hot"), ("area", "8"), ("opens", "2026-04-01")]
        ),
    );
    assert!(left.clashes.is_empty() && right.clashes.is_empty());
    let mut ctx = db.ctx(citizen(1)).await;
    let draft = open(&mut ctx, id).await.unwrap();
    assert_eq!(draft.version, 3);
    assert_eq!(
        (&draft.answers.values["remarks"], &draft.answers.values["kind"]),
        (&"无".into(), &"vending".into())
    );
}
