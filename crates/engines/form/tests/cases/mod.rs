//! The city of these tests: a few elements, one form, and people.

mod drafts;
mod grammar;
mod pages;
mod way;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::code::{canonical, mask};
use zhengtong_base::{Behalf, Lang, Text};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Ctx, Shelf};
use zhengtong_form::{
    Answers, Catalog, Choice, ElementInfo, Elements, FieldKind, Form, Known, Knowns, PageRef,
    Sensitivity,
};
use zhengtong_pack::{Packs, Report};

/// A form with everything that a form can have.
const FORM: &str = include_str!("application.toml");

/// What the packs of a city say of drafts.
const POLICY: &str = r#"
permit(principal, action in [Action::"form.start", Action::"form.list"], resource)
when { principal.kind == "citizen" };
permit(principal, action in [Action::"form.read", Action::"form.write", Action::"form.finish", Action::"form.discard"], resource)
when { resource has owner && !(resource has owner_organisation) && principal has person
       && !(principal has behalf) && resource.owner == principal.person };
permit(principal, action in [Action::"form.read", Action::"form.write", Action::"form.finish", Action::"form.discard"], resource)
when { resource has owner_organisation && principal has behalf
       && resource.owner_organisation == principal.behalf };
"#;

/// A few elements, as a registry would give them.
#[derive(Debug)]
struct City;

impl Elements for City {
    fn element(&self, id: &str) -> Option<ElementInfo> {
        let (zh, en, kind, authority) = match id {
            "person.name" => ("姓名", "Name", FieldKind::Text, Some("base-population:resident")),
            "person.id_number" => {
                ("身份证号", "Citizen number", FieldKind::Text, Some("base-population:resident"))
            }
            "person.sex" => ("性别", "Sex", FieldKind::Choice, None),
            "org.credit_code" => (
                "统一社会信用代码",
                "Credit code",
                FieldKind::Text,
                Some("base-legal:organisation"),
            ),
            "contact.mobile" => ("手机号", "Mobile number", FieldKind::Text, None),
            _ => return None,
        };
        let personal = id.starts_with("person.") || id.starts_with("contact.");
        Some(ElementInfo {
            title: Text::new(zh, en),
            kind,
            hint: (id == "contact.mobile").then(|| Text::new("11 位", "11 digits")),
            unit: None,
            max: None,
            min: None,
            options: if kind == FieldKind::Choice { sexes() } else { Vec::new() },
            sensitivity: if personal { Sensitivity::Personal } else { Sensitivity::Public },
            authority: authority.map(str::to_owned),
        })
    }

    fn ids(&self) -> Vec<String> {
        ["contact.mobile", "org.credit_code", "person.id_number", "person.name", "person.sex"]
            .map(str::to_owned)
            .to_vec()
    }

    fn codes(&self, list: &str) -> Option<Vec<Choice>> {
        (list == "sex").then(sexes)
    }

    fn code_lists(&self) -> Vec<String> {
        vec!["sex".to_owned()]
    }

    fn validate(&self, id: &str, raw: &str, today: Date) -> Result<Value, Text> {
        let check = check_of(id);
        let Some(check) = check else {
            return if ["1", "2"].contains(&raw) {
                Ok(Value::from(raw))
            } else {
                Err(Text::new("请选择性别", "Choose the sex"))
            };
        };
        let read = canonical(check).unwrap();
        read(raw, today).map(Value::String).map_err(|error| error.text())
    }

    fn display(&self, _id: &str, value: &Value, lang: Lang) -> String {
        match value.as_str() {
            Some("1") => lang.pick("男", "male").to_owned(),
            Some("2") => lang.pick("女", "female").to_owned(),
            other => other.unwrap_or_default().to_owned(),
        }
    }

    fn mask(&self, id: &str, value: &Value, _lang: Lang) -> String {
        mask(check_of(id).unwrap_or_default(), value.as_str().unwrap_or_default())
    }
}

fn check_of(id: &str) -> Option<&'static str> {
    match id {
        "person.name" => Some("person-name"),
        "person.id_number" => Some("gb11643"),
        "org.credit_code" => Some("gb32100"),
        "contact.mobile" => Some("mobile"),
        _ => None,
    }
}

fn sexes() -> Vec<Choice> {
    [("1", "男", "male"), ("2", "女", "female")]
        .map(|(value, zh, en)| Choice {
            value: value.to_owned(),
            label: Text::new(zh, en),
            hint: None,
        })
        .to_vec()
}

/// Reads one form file of a pack named `p`.
fn catalog(form: &str) -> (Catalog, Report) {
    let manifest = "id = \"p\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
        title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let files = [("pack.toml", manifest), ("form/application.toml", form)];
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("p".to_owned(), files)]), &mut report);
    let catalog = zhengtong_form::read(&packs, Arc::new(City), &mut report);
    (catalog, report)
}

fn form() -> Arc<Form> {
    let (catalog, report) = catalog(FORM);
    assert_eq!(report.findings.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    catalog.form("p:application").unwrap()
}

async fn database() -> TestDb {
    let schemas = [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, zhengtong_form::SCHEMA];
    let (catalog, _) = catalog(FORM);
    TestDb::new(&schemas).await.with(POLICY, Shelf::default().with(catalog))
}

fn citizen(person: u128) -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(Uuid::from_u128(person + 1_000)),
        person: Some(Uuid::from_u128(person)),
        name: format!("市民{person}"),
        ..Actor::visitor()
    }
}

fn agent(person: u128, organisation: u128) -> Actor {
    Actor {
        behalf: Some(Behalf {
            organisation: Uuid::from_u128(organisation),
            credit_code: "91990100000000000J".to_owned(),
            name: "示例餐饮有限公司".to_owned(),
        }),
        ..citizen(person)
    }
}

/// What the city holds of a citizen whose name has characters of CJK extensions.
fn knowns() -> Knowns {
    let known = |value: &str| Known {
        value: Value::from(value),
        source: Text::new("人口基础库", "Population register"),
        dataset: "base-population:resident".to_owned(),
        updated: OffsetDateTime::from_unix_timestamp(1_760_000_000).unwrap(),
    };
    Knowns::from([
        ("person_name".to_owned(), known("\u{2ebf0}\u{30edd}\u{20bb7}")),
        ("person_id_number".to_owned(), known("11010519491231002X")),
    ])
}

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(name, raw)| ((*name).to_owned(), (*raw).to_owned())).collect()
}

fn today() -> Date {
    zhengtong_base::code::parse_date("2026-03-02").unwrap()
}

/// Answers as if pages had been saved one after another.
fn answered(form: &Form, known: &Knowns, pages: &[(PageRef, &[(&str, &str)])]) -> Answers {
    let mut answers = Answers::default();
    for (at, given) in pages {
        let input =
            zhengtong_form::read_page(form, at, &pairs(given), &answers, known, today()).unwrap();
        assert_eq!(input.errors, [], "{at:?}");
        answers.saved.insert(at.key(), 1);
        match at.entry {
            None => answers.values.extend(input.values),
            Some(number) => {
                let group = answers.groups.entry(at.page.clone()).or_default();
                group.last = group.last.max(number);
                group.entries.push(zhengtong_form::Entry { number, values: input.values });
            }
        }
    }
    answers
}

/// How many entries the record has of a verb.
async fn recorded(ctx: &mut Ctx, verb: &str) -> i64 {
    let search = zhengtong_ledger::Search {
        verb: Some(verb.to_owned()),
        ..zhengtong_ledger::Search::default()
    };
    let paging = zhengtong_base::Paging::new(1, 50);
    zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().total
}
