//! A city with three departments and a case that goes through all of them: who has what, what others see, and what counts
//! when nobody answers.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use time::{Date, Duration, Month};
use uuid::Uuid;
use zhengtong_base::{Kind, Text};
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_pack::{Packs, Report};
use zhengtong_party::{
    AccountKind, IdKind, NewOrganisation, OrganisationKind, PersonPlain, Post, Seed, SeedAccount,
    SeedHolding, SeedOrganisation,
};

use crate::world::{
    OFFICE, agent, city_of_packs, decide, head, id, kind, officer, opening, reviewer, seen, window,
};

/// The fire brigade.
pub(crate) const FIRE: u128 = 300;
/// The city management.
pub(crate) const URBAN: u128 = 400;
/// Officers: number, department, role.
const STAFF: [(u128, u128, &str); 9] = [
    (11, OFFICE, "window"),
    (12, OFFICE, "reviewer"),
    (13, OFFICE, "inspector"),
    (14, OFFICE, "head"),
    (15, OFFICE, "reviewer"),
    (31, FIRE, "reviewer"),
    (32, FIRE, "head"),
    (41, URBAN, "reviewer"),
    (42, URBAN, "inspector"),
];

/// An officer of a department.
pub(crate) fn of(department: u128, number: u128, role: &str) -> Actor {
    Actor { organisation: Some(id(department)), ..officer(number, role) }
}

pub(crate) fn fireman() -> Actor {
    of(FIRE, 31, "reviewer")
}

pub(crate) fn urban() -> Actor {
    of(URBAN, 41, "reviewer")
}

/// The second reviewer of the office.
pub(crate) fn colleague() -> Actor {
    officer(15, "reviewer")
}

/// The city with the joint case type in place of that of the pack.
pub(crate) async fn joint_city() -> TestDb {
    joint_city_by(include_str!("../fixtures/joint.bpmn")).await
}

/// The same with another course.
pub(crate) async fn joint_city_by(course: &str) -> TestDb {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let shipped = Packs::from_folder(&folder, &mut Report::default());
    let files =
        ["house-rules", "base-legal", "base-population", "food-business", "casework-papers"]
            .map(|pack| (pack.to_owned(), shipped.get(pack).unwrap().files().clone()));
    let mut files = BTreeMap::from(files);
    let own = files.get_mut("food-business").unwrap();
    own.insert("process/licence.bpmn".to_owned(), course.as_bytes().to_vec());
    own.insert(
        "casework/licence.toml".to_owned(),
        include_bytes!("../fixtures/joint.toml").to_vec(),
    );
    let mut report = Report::default();
    let packs = Packs::from_files(files, &mut report);
    let test = city_of_packs(&packs, &mut report, &[zhengtong_party::SCHEMA]).await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    zhengtong_party::seed(&mut ctx, &people()).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn people() -> Seed {
    let departments = [
        (OFFICE, "示例市场监管局", "market-regulation"),
        (FIRE, "示例消防救援支队", "fire-rescue"),
        (URBAN, "示例城市管理局", "urban-management"),
    ];
    Seed {
        persons: STAFF
            .iter()
            .map(|(number, ..)| PersonPlain {
                id: id(*number),
                name: format!("示例{number}"),
                id_kind: IdKind::Passport,
                id_number: Some(format!("E{number:08}")),
                phone: None,
                region: None,
                level: 2,
            })
            .collect(),
        organisations: departments
            .iter()
            .map(|(number, name, short)| SeedOrganisation {
                id: id(*number),
                organisation: NewOrganisation {
                    parent: None,
                    region: None,
                    kind: OrganisationKind::Department,
                    name: Text::same(*name),
                    short: Some((*short).to_owned()),
                    credit_code: None,
                    representative: None,
                },
            })
            .collect(),
        posts: STAFF
            .iter()
            .map(|(number, department, role)| Post {
                id: id(1000 + number),
                organisation: id(*department),
                title: Text::same(*role),
                roles: vec![(*role).to_owned()],
            })
            .collect(),
        holdings: STAFF
            .iter()
            .map(|(number, ..)| SeedHolding {
                post: id(1000 + number),
                person: id(*number),
                starts: Date::from_calendar_date(2026, Month::January, 1).unwrap(),
            })
            .collect(),
        accounts: STAFF
            .iter()
            .map(|(number, ..)| SeedAccount {
                id: id(2000 + number),
                login: format!("officer{number}"),
                kind: AccountKind::Staff,
                person: id(*number),
                password: "three white herons".to_owned(),
                totp_secret: None,
            })
            .collect(),
        ..Seed::default()
    }
}

/// Opens a case that asks three departments, with these lesser papers missing.
pub(crate) async fn filed(test: &TestDb, missing: &[&str]) -> String {
    let mut ctx = test.ctx(agent()).await;
    let mut opening = opening();
    opening.answers.insert(
        "offices".to_owned(),
        json!(["fire-rescue", "urban-management", "market-regulation"]),
    );
    opening.deferrable = missing.iter().map(|name| Text::same(*name)).collect();
    let no = open(&mut ctx, opening).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

/// A case that was accepted and is with all three departments.
pub(crate) async fn joint(test: &TestDb) -> String {
    let no = filed(test, &[]).await;
    decide(test, window(), &no, "accept", "").await.unwrap();
    no
}

/// The open task of a step as this officer sees it, in the officer's department.
pub(crate) async fn at(test: &TestDb, actor: &Actor, no: &str, node: &str) -> (Todo, i64) {
    let view = seen(test, actor.clone(), no).await;
    let here =
        |todo: &&Todo| todo.node == node && Some(todo.place.department) == actor.organisation;
    let todo = view.tasks.iter().map(|task| &task.todo).find(here).unwrap().clone();
    (todo, view.case.version)
}

/// Decides the task of a step in the officer's department.
pub(crate) async fn step(test: &TestDb, actor: Actor, no: &str, node: &str, word: &str) -> Case {
    let (todo, version) = at(test, &actor, no, node).await;
    let mut ctx = test.ctx(actor).await;
    let reason = if ["object", "doubted", "unfit", "refuse", "broken", "revoke"].contains(&word) {
        "有理由"
    } else {
        ""
    };
    let case =
        act(&mut ctx, no, todo.id, crate::world::input(word, reason, version)).await.unwrap();
    ctx.commit().await.unwrap();
    case
}

/// The nodes of all open tasks, with the short names of their departments.
async fn open_nodes(test: &TestDb, no: &str) -> Vec<(String, Uuid)> {
    let view = seen(test, head(), no).await;
    let mut nodes: Vec<(String, Uuid)> = view
        .tasks
        .iter()
        .map(|task| (task.todo.node.clone(), task.todo.place.department))
        .collect();
    nodes.sort();
    nodes
}

/// Brings a case to the desk of the head.
pub(crate) async fn at_the_head(test: &TestDb, no: &str) {
    step(test, fireman(), no, "fire_check", "agree").await;
    step(test, fireman(), no, "consult", "agree").await;
    step(test, urban(), no, "consult", "agree").await;
    step(test, reviewer(), no, "review", "reviewed").await;
    step(test, officer(13, "inspector"), no, "visit", "inspected").await;
}

#[tokio::test]
async fn each_department_has_its_own_task_clock_and_answer() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let mut expected = vec![
        ("consult".to_owned(), id(OFFICE)),
        ("consult".to_owned(), id(FIRE)),
        ("consult".to_owned(), id(URBAN)),
        ("fire_check".to_owned(), id(FIRE)),
        ("review".to_owned(), id(OFFICE)),
    ];
    expected.sort();
    assert_eq!(open_nodes(&test, &no).await, expected);
    let (fire, _) = at(&test, &fireman(), &no, "fire_check").await;
    assert!(!fire.place.lead && fire.due_day.is_some());
    assert_eq!(
        (fire.place.department_name.as_str(), fire.place.by_default.as_deref()),
        ("示例消防救援支队", Some("agree"))
    );
    let (own, _) = at(&test, &reviewer(), &no, "review").await;
    assert!(own.place.lead && own.due_day < fire.due_day);

    // Another department's task is not one's own, however one's role is called.
    let view = seen(&test, reviewer(), &no).await;
    let mut ctx = test.ctx(reviewer()).await;
    let input = crate::world::input("agree", "", view.case.version);
    assert_eq!(kind(act(&mut ctx, &no, fire.id, input).await), Kind::NotFound);
    drop(ctx);
    // Two of three agree: the third is not asked any more. An objection counts beside it.
    step(&test, urban(), &no, "consult", "object").await;
    assert_eq!(open_nodes(&test, &no).await.len(), 4);
    step(&test, fireman(), &no, "consult", "agree").await;
    step(&test, reviewer(), &no, "consult", "agree").await;
    assert_eq!(
        open_nodes(&test, &no).await,
        [("fire_check".to_owned(), id(FIRE)), ("review".to_owned(), id(OFFICE))]
    );
}

#[tokio::test]
async fn an_assisting_department_sees_the_case_from_its_task_on_and_no_other_does() {
    let test = joint_city().await;
    let no = filed(&test, &[]).await;
    let mut ctx = test.ctx(urban()).await;
    assert_eq!(kind(view(&mut ctx, &no).await), Kind::NotFound);
    drop(ctx);
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let shown = seen(&test, urban(), &no).await;
    assert!(shown.materials.is_empty() && shown.case.facts.is_empty(), "the case type says so");
    assert!(!seen(&test, reviewer(), &no).await.materials.is_empty());
    step(&test, urban(), &no, "consult", "agree").await;
    // Its task is done, and what became of the case it still sees.
    assert_eq!(seen(&test, urban(), &no).await.case.state, State::Accepted);
    let stranger = of(500, 51, "reviewer");
    let mut ctx = test.ctx(stranger).await;
    assert_eq!(kind(view(&mut ctx, &no).await), Kind::NotFound);
    // To suspend, to end and to decide remain with the department in charge.
    drop(ctx);
    let version = seen(&test, head(), &no).await.case.version;
    let mut ctx = test.ctx(of(FIRE, 32, "head")).await;
    assert_eq!(kind(end(&mut ctx, (&no, version), "不办了").await), Kind::NotFound);
    assert_eq!(
        kind(suspend(&mut ctx, &no, Suspending::new("notice", "公示七日")).await),
        Kind::NotFound
    );
}

#[tokio::test]
async fn whoever_does_not_answer_in_time_has_agreed_by_rule() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let mut ctx = test.ctx(Actor::system("due")).await;
    assert!(!lapse_next(&mut ctx).await.unwrap());
    ctx.now += Duration::days(20);
    assert!(lapse_next(&mut ctx).await.unwrap());
    assert!(!lapse_next(&mut ctx).await.unwrap());
    ctx.commit().await.unwrap();
    let view = seen(&test, head(), &no).await;
    assert!(view.tasks.iter().all(|task| task.todo.node != "fire_check"));
    let last = view.events.iter().find(|event| event.text.zh.contains("到期未答复")).unwrap();
    assert_eq!((last.actor.as_str(), last.public), ("政通", true));
}

#[tokio::test]
async fn a_hearing_keeps_the_rule_from_counting() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let mut ctx = test.ctx(head()).await;
    suspend(&mut ctx, &no, Suspending::new("hearing", "利害关系人申请听证")).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::system("due")).await;
    ctx.now += Duration::days(20);
    assert!(!lapse_next(&mut ctx).await.unwrap());
}

#[tokio::test]
async fn a_department_that_is_not_there_leaves_the_task_with_the_one_in_charge() {
    let test = joint_city().await;
    let mut ctx = test.ctx(agent()).await;
    let mut opening = opening();
    opening.answers.insert("offices".to_owned(), json!(["no-such-office", 7]));
    let no = open(&mut ctx, opening).await.unwrap();
    ctx.commit().await.unwrap();
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let view = seen(&test, head(), &no).await;
    let consulted = view.tasks.iter().filter(|task| task.todo.node == "consult");
    assert!(consulted.clone().all(|task| task.todo.place.lead) && consulted.count() == 2);
    assert_eq!(view.events.iter().filter(|event| event.kind == "astray").count(), 2);
}

#[tokio::test]
async fn a_process_is_told_the_words_of_its_course_and_nothing_else() {
    let test = joint_city().await;
    let no = joint(&test).await;
    let instance = seen(&test, head(), &no).await.case.instance;
    let mut ctx = test.ctx(Actor::system("look")).await;
    let vars = zhengtong_process::variables(&mut ctx, instance).await.unwrap();
    let mut names: Vec<&str> = vars.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "applicant_kind", "deferrable", "offices", "outcome", "outcomes"]);
}
