//! The words of packs, and what is said of faults in them.

use std::collections::BTreeMap;

use zhengtong_notice::{Catalog, catalog};
use zhengtong_pack::{Packs, Report};

pub(crate) const MESSAGES: &str = r#"
[message.accepted]
title = { zh = "已受理：{item}", en = "Accepted: {item}" }
body = { zh = "受理号 {no}。我们承诺在 {promised} 前办结。", en = "Case {no}. Promised by {promised}." }
vars = ["item", "no", "promised"]

[message.todo]
title = { zh = "有新的待办", en = "A new task" }
body = { zh = "请尽快办理。", en = "Please see to it." }
"#;

pub(crate) fn read(messages: &str) -> (Catalog, Vec<String>) {
    let manifest = "id = \"food\"\nowner = \"x\"\nversion = \"1.0.0\"\n\
                    title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let files = [("pack.toml", manifest), ("README.md", "页"), ("notice/messages.toml", messages)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let folders = BTreeMap::from([("food".to_owned(), BTreeMap::from(files))]);
    let mut report = Report::default();
    let packs = Packs::from_files(folders, &mut report);
    let catalog = catalog(&packs, &mut report);
    (catalog, report.findings.iter().map(ToString::to_string).collect())
}

fn check(messages: &str, expected: &[&str]) {
    let (_, said) = read(messages);
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said} should start with {expected}");
    }
}

#[test]
fn faults_have_a_place_and_a_suggestion() {
    check(MESSAGES, &[]);
    let one = |title: &str, vars: &str| {
        format!(
            "[message.a]\ntitle = {{ zh = \"{title}\", en = \"A\" }}\n\
             body = {{ zh = \"乙\", en = \"B\" }}\nvars = [{vars}]\n"
        )
    };
    check(
        &one("已受理 {itme}", "\"item\""),
        &[
            "food/notice/messages.toml:2:21: vars 里没有声明 itme / itme is not declared in vars \
             (是不是 item？",
            "food/notice/messages.toml:4:9: item 没有用到",
        ],
    );
    check(
        &one("{no", "\"no\""),
        &["food/notice/messages.toml:2:17: 缺少 }", "food/notice/messages.toml:4:9: no 没有用到"],
    );
    check(&one(" ", ""), &["food/notice/messages.toml:2:1: 中英文都要写"]);
    let unknown = MESSAGES.replacen("body", "bodi", 1);
    check(&unknown, &["food/notice/messages.toml:4:1: 不认识 bodi"]);
}

#[test]
fn messages_are_found_by_reference() {
    let (catalog, _) = read(MESSAGES);
    assert_eq!(catalog.find("food", "accepted").unwrap().0, "food:accepted");
    assert_eq!(catalog.iter().count(), 2);
    assert!(catalog.find("other", "accepted").is_none() && catalog.get("food:no").is_err());
}
