//! A small process, a database, and hands that move it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, ActorKind, Ctx, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_process::{Catalog, News, SCHEMA, complete, read, start};

/// Accept, then review and inspect side by side, then issue; declined cases end at once.
pub(crate) const LICENCE: &str = include_str!("../fixtures/licence.bpmn");

pub(crate) const NAME: &str = "city:licence";

/// The pack of the test with these files in its folder `process`.
pub(crate) fn read_files(files: &[(&str, &str)]) -> (Catalog, Report) {
    let manifest = "id = \"city\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
                    title = { zh = \"城\", en = \"City\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let mut inside = BTreeMap::from([("pack.toml".to_owned(), manifest.as_bytes().to_vec())]);
    for (name, text) in files {
        inside.insert(format!("process/{name}"), text.as_bytes().to_vec());
    }
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("city".to_owned(), inside)]), &mut report);
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

/// A pack of a test: id, what it needs, the files in its folder `process`.
type PackOf<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

/// Reads packs of a test.
pub(crate) fn read_packs(packs: &[PackOf<'_>]) -> (Catalog, Report) {
    let mut folders = BTreeMap::new();
    for (id, needs, files) in packs {
        let needs: Vec<String> = needs.iter().map(|need| format!("\"{need}\"")).collect();
        let manifest = format!(
            "id = \"{id}\"\nowner = \"data\"\nversion = \"1.0.0\"\nneeds = [{}]\n\
             title = {{ zh = \"城\", en = \"City\" }}\nsummary = {{ zh = \"样\", en = \"Sample\" }}\n",
            needs.join(", ")
        );
        let mut inside = BTreeMap::from([("pack.toml".to_owned(), manifest.into_bytes())]);
        for (name, text) in *files {
            inside.insert(format!("process/{name}"), text.as_bytes().to_vec());
        }
        folders.insert((*id).to_owned(), inside);
    }
    let mut report = Report::default();
    let packs = Packs::from_files(folders, &mut report);
    let catalog = read(&packs, &mut report);
    (catalog, report)
}

/// A process of a few elements, from what stands in it.
pub(crate) fn process(inside: &str) -> String {
    format!(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:zt=\"https://zhengtong.dev/bpmn\">\n\
         <message id=\"m\" name=\"report\"/><signal id=\"g\" name=\"alarm\"/>\n\
         <process id=\"p\" name=\"样\" isExecutable=\"true\">\n{inside}\n</process></definitions>"
    )
}

/// Flows from one element to the next.
pub(crate) fn flows(ids: &[&str]) -> String {
    let pairs = ids.iter().zip(ids.iter().skip(1));
    pairs.fold(String::new(), |all, (a, b)| {
        format!("{all}<sequenceFlow id=\"{a}-{b}\" sourceRef=\"{a}\" targetRef=\"{b}\"/>\n")
    })
}

/// Tables of the engine with a shelf.
pub(crate) async fn with_shelf(shelf: Shelf) -> TestDb {
    TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(PERMIT_ALL, shelf)
}

/// A shelf with one version of the process.
pub(crate) fn shelf(xml: &str) -> Shelf {
    let (catalog, report) = read_files(&[("licence.bpmn", xml)]);
    assert!(report.usable(), "{:#?}", report.findings);
    Shelf::default().with(catalog)
}

pub(crate) async fn database(policies: &str) -> TestDb {
    TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(policies, shelf(LICENCE))
}

pub(crate) async fn open_to_all() -> TestDb {
    database(PERMIT_ALL).await
}

pub(crate) fn officer(name: &str) -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(1)),
        name: name.to_owned(),
        ..Actor::visitor()
    }
}

pub(crate) fn vars(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

pub(crate) fn outcome(word: &str) -> Map<String, Value> {
    vars(&json!({ "outcome": word }))
}

/// Starts an instance and commits.
pub(crate) async fn begun(test: &TestDb) -> (Uuid, Vec<News>) {
    let mut ctx = test.ctx(officer("示例甲")).await;
    let begun = start(&mut ctx, NAME, "case/1", vars(&json!({ "kind": "restaurant" }))).await;
    let begun = begun.unwrap();
    ctx.commit().await.unwrap();
    begun
}

/// Completes a task and commits.
pub(crate) async fn done(test: &TestDb, id: Uuid, task: &str, word: &str) -> Vec<News> {
    let mut ctx = test.ctx(officer("示例乙")).await;
    let news = complete(&mut ctx, id, task, outcome(word)).await.unwrap();
    ctx.commit().await.unwrap();
    news
}

/// The task that opened at a node.
pub(crate) fn task(news: &[News], at: &str) -> String {
    opened(news).into_iter().find(|(node, _)| node == at).map(|(_, task)| task).unwrap()
}

/// Node and task of everything that opened, in order.
pub(crate) fn opened(news: &[News]) -> Vec<(String, String)> {
    news.iter()
        .filter_map(|piece| match piece {
            News::Opened(opened) => Some((opened.node.clone(), opened.task.clone())),
            _ => None,
        })
        .collect()
}

pub(crate) fn nodes(news: &[News]) -> Vec<String> {
    opened(news).into_iter().map(|(node, _)| node).collect()
}

/// The acts in the record, in order.
pub(crate) async fn verbs(ctx: &mut Ctx) -> Vec<String> {
    sqlx::query_scalar("SELECT verb FROM ledger.entry ORDER BY id")
        .fetch_all(ctx.conn())
        .await
        .unwrap()
}
