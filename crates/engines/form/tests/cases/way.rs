//! The pure way through a form: pages, input, faults, facts, the task list.

use proptest::prelude::*;
use serde_json::json;
use zhengtong_base::Lang;
use zhengtong_form::{
    Answers, FileKind, Form, Group, Knowns, PageRef, StepStatus, check_all, facts, progress,
    read_page, visible_pages,
};

use super::{answered, form, knowns, pairs, today};

const BUSINESS: &[(&str, &str)] = &[
    ("kind", "restaurant"),
    ("items", "hot"),
    ("items", "drinks"),
    ("area", "１，２００．５０"),
    ("capital", "¥1234567.5"),
    ("opens-year", "2026"),
    ("opens-month", "3"),
    ("opens-day", "2"),
];

fn pages(form: &Form, answers: &Answers) -> Vec<String> {
    visible_pages(form, answers, &Knowns::new()).iter().map(PageRef::key).collect()
}

fn with_kind(form: &Form, kind: &str) -> Answers {
    let given: Vec<(&str, &str)> = [("kind", kind)]
        .into_iter()
        .chain(BUSINESS.iter().copied().filter(|(key, _)| *key != "kind"))
        .collect();
    answered(form, &Knowns::new(), &[(PageRef::page("business"), &given)])
}

#[test]
fn conditions_show_and_hide_pages_and_fields() {
    let form = form();
    assert_eq!(pages(&form, &Answers::default()), ["applicant", "business", "plan"]);
    let mut answers = with_kind(&form, "restaurant");
    let all = ["applicant", "business", "kitchen", "staff#1", "staff", "plan"];
    assert_eq!(pages(&form, &answers), all);
    assert_eq!(pages(&form, &with_kind(&form, "vending")), ["applicant", "business", "plan"]);

    let kitchen = PageRef::page("kitchen");
    let read = |given: &[(&str, &str)], answers: &Answers| {
        read_page(&form, &kitchen, &pairs(given), answers, &Knowns::new(), today()).unwrap()
    };
    // A field that the answer above it hides is neither asked nor kept.
    let input = read(&[("open_kitchen", "false"), ("cameras", "many")], &answers);
    assert_eq!((input.errors.len(), input.values.len()), (0, 1));
    let input = read(&[("open_kitchen", "是")], &answers);
    assert_eq!(input.errors[0].text.zh, "请填写摄像头数量");
    answers.groups.insert("staff".to_owned(), Group { last: 4, entries: Vec::new() });
    assert_eq!(pages(&form, &answers)[3], "staff#5");
}

#[test]
fn values_are_kept_in_one_spelling() {
    let answers = with_kind(&form(), "restaurant");
    assert_eq!(
        json!(answers.values),
        json!({
            "kind": "restaurant", "items": ["hot", "drinks"], "area": 1200.5,
            "capital": 1_234_567.5, "opens": "2026-03-02",
        })
    );
}

#[test]
fn bad_input_is_named_and_kept() {
    let form = form();
    let long = "长".repeat(350_000);
    let rows: &[(&str, &str, &str, &str)] = &[
        ("applicant", "person_name", "李明2", "第3"),
        ("applicant", "person_name", "李\u{0}明", "控制字符"),
        ("applicant", "person_name", "\u{1f600}", "第1"),
        ("applicant", "person_name", &long, "最多 200 个字，现有 350000 个"),
        ("applicant", "person_name", "", "请填写姓名"),
        ("applicant", "person_id_number", "110105194912310021", "校验码"),
        ("applicant", "contact_mobile", "12", "11"),
        ("business", "kind", "casino", "请从所列选项中选择"),
        ("business", "kind", "", "请选择主体业态"),
        ("business", "items", "hot,poison", "请从所列选项中选择"),
        ("business", "area", "许多", "只填数字"),
        ("business", "area", "1.", "只填数字"),
        ("business", "area", "0x10", "只填数字"),
        ("business", "area", "1e9", "只填数字"),
        ("business", "area", "NaN", "只填数字"),
        ("business", "area", "-5", "不能小于 1平方米"),
        ("business", "area", "10000.01", "不能大于 10000平方米"),
        ("business", "area", "1.1234567", "最多 6 位小数"),
        ("business", "area", "99999999999999999999999999999999999", "太大"),
        ("business", "capital", "1.234", "最多 2 位小数"),
        ("business", "opens", "2026-02-30", "日"),
        ("business", "opens", "明天", "日期"),
        ("business", "opens", "2026-03-01", "开业日期不能早于今天"),
        ("plan", "remarks", &long, "最多 4000 个字"),
        ("plan", "remarks", "\u{7}", "控制字符"),
        ("plan", "floor_plan", "x", "请上传布局平面图"),
    ];
    for (page, key, raw, expected) in rows {
        let at = PageRef::page(*page);
        let given = pairs(&[(key, raw)]);
        let input =
            read_page(&form, &at, &given, &Answers::default(), &Knowns::new(), today()).unwrap();
        let error = input.errors.iter().find(|error| error.field == *key);
        let error = error.unwrap_or_else(|| panic!("{key} {raw:.20} has no error"));
        assert!(error.text.zh.contains(expected), "{} should have {expected}", error.text.zh);
        assert!(!error.text.en.is_empty() && !input.values.contains_key(*key));
        let kept = input.raw.get(*key).cloned().unwrap_or_default();
        assert!(kept.chars().count() <= 20_000 && !kept.contains('\0'));
        if !raw.contains('\0') && *key != "floor_plan" {
            assert!(raw.replace(',', "\n").starts_with(&kept) || raw.starts_with(&kept));
            assert!(!kept.is_empty() || raw.is_empty());
        }
    }
}

#[test]
fn good_input_that_others_refuse() {
    let form = form();
    let name = "\u{2ebf0}\u{30edd}\u{20bb7}";
    let given = pairs(&[
        ("person_name", name),
        ("person_id_number", " 11010519491231002x"),
        ("contact_mobile", "１３８ 1234 5678"),
        ("csrf", "unknown names are passed over"),
    ]);
    let at = PageRef::page("applicant");
    let input =
        read_page(&form, &at, &given, &Answers::default(), &Knowns::new(), today()).unwrap();
    assert_eq!(input.errors, []);
    assert_eq!(input.values["person_name"], name);
    assert_eq!(input.values["person_id_number"], "11010519491231002X");
    assert_eq!(input.values["contact_mobile"], "13812345678");
    assert_eq!(input.values["emergency_contact"], json!(null));
    assert!(!input.values.contains_key("csrf"));

    let text = "好👨‍👩‍👧\u{fe0f}\r\n第二行\u{202e}\t\u{2ebf0}";
    let at = PageRef::page("plan");
    let given = pairs(&[("remarks", text)]);
    let input =
        read_page(&form, &at, &given, &Answers::default(), &Knowns::new(), today()).unwrap();
    assert_eq!(input.values["remarks"], "好👨‍👩‍👧\u{fe0f}\n第二行\t\u{2ebf0}");
    assert!(
        read_page(&form, &PageRef::page("no"), &[], &Answers::default(), &knowns(), today())
            .is_none()
    );
}

#[test]
fn what_the_city_held_counts_until_it_is_changed() {
    let form = form();
    let known = knowns();
    let faults = |answers: &Answers| -> Vec<String> {
        let all = check_all(&form, answers, &known, today());
        all.into_iter().map(|(at, error)| format!("{} {}", at.key(), error.field)).collect()
    };
    let expected = [
        "applicant contact_mobile",
        "business kind",
        "business items",
        "business area",
        "business opens",
        "plan floor_plan",
    ];
    assert_eq!(faults(&Answers::default()), expected);

    let fact = |answers: &Answers, key: &str| {
        let sections = facts(&form, answers, &known, Lang::Zh);
        sections.into_iter().flat_map(|section| section.rows).find(|row| row.key == key).unwrap()
    };
    let held = fact(&Answers::default(), "person_id_number");
    assert_eq!(held.value, "11010519491231002X");
    assert_eq!(held.masked.as_deref(), Some("1101**********002X"));
    assert_eq!(held.source.unwrap().title.zh, "人口基础库");
    assert_eq!(held.held, None);

    // Left blank on purpose: what the city held does not come back by itself.
    let mut answers = Answers::default();
    answers.values.insert("person_name".to_owned(), json!("张三"));
    let changed = fact(&answers, "person_name");
    assert_eq!((changed.value.as_str(), changed.source), ("张三", None));
    assert_eq!(changed.held.as_deref(), Some("\u{2ebf0}\u{30edd}\u{20bb7}"));
    answers
        .inputs
        .entry("applicant".to_owned())
        .or_default()
        .insert("person_name".to_owned(), String::new());
    assert_eq!(faults(&answers)[0], "applicant person_name");
}

#[test]
fn facts_are_words() {
    let form = form();
    let staff: &[(&str, &str)] = &[("staff_name", "\u{20bb7}山"), ("staff_sex", "2")];
    let answers = answered(
        &form,
        &Knowns::new(),
        &[
            (PageRef::page("business"), BUSINESS),
            (PageRef::page("kitchen"), &[("open_kitchen", "true"), ("cameras", "3")]),
            (PageRef::entry("staff", 1), staff),
            (PageRef::entry("staff", 3), staff),
        ],
    );
    let said = |lang: Lang| -> Vec<String> {
        facts(&form, &answers, &Knowns::new(), lang)
            .iter()
            .filter(|section| section.page.page != "applicant" && section.page.page != "plan")
            .map(|section| {
                let rows: Vec<&str> = section.rows.iter().map(|row| row.value.as_str()).collect();
                format!("{}: {}", section.title.get(lang), rows.join(" | "))
            })
            .collect()
    };
    assert_eq!(
        said(Lang::Zh),
        [
            "经营情况: 餐饮 | 热食、饮品 | 1200.5 平方米 | 1,234,567.50 元 | 2026年3月2日",
            "厨房: 是 | 3",
            "从业人员 1: \u{20bb7}山 | 女 | ",
            "从业人员 2: \u{20bb7}山 | 女 | ",
        ]
    );
    assert_eq!(
        said(Lang::En)[0],
        "The business: Restaurant | Hot food, Drinks | 1200.5 m² | 1,234,567.50 yuan | 2 March 2026"
    );
}

#[test]
fn the_task_list_tells_where_one_is() {
    let form = form();
    let steps = |answers: &Answers| -> Vec<(String, StepStatus)> {
        progress(&form, answers, &knowns(), today())
            .into_iter()
            .map(|step| (step.page.key(), step.status))
            .collect()
    };
    let at = |page: &str| page.to_owned();
    assert_eq!(
        steps(&Answers::default()),
        [
            (at("applicant"), StepStatus::NotStarted),
            (at("business"), StepStatus::NotStarted),
            (at("kitchen"), StepStatus::CannotStart),
            (at("staff"), StepStatus::CannotStart),
            (at("plan"), StepStatus::NotStarted),
        ]
    );
    let mut answers = with_kind(&form, "vending");
    answers.saved.insert(at("applicant"), 2);
    assert_eq!(
        steps(&answers),
        [
            (at("applicant"), StepStatus::InProgress),
            (at("business"), StepStatus::Done),
            (at("plan"), StepStatus::NotStarted),
        ]
    );
    let answers = with_kind(&form, "restaurant");
    assert_eq!(steps(&answers)[3], (at("staff#1"), StepStatus::NotStarted));
    let staff: &[(&str, &str)] = &[("staff_name", "李明")];
    let answers = answered(
        &form,
        &knowns(),
        &[(PageRef::page("business"), BUSINESS), (PageRef::entry("staff", 1), staff)],
    );
    assert_eq!(steps(&answers)[3], (at("staff"), StepStatus::Done));
}

#[test]
fn files_are_known_by_their_bytes() {
    let rows: &[(&[u8], Option<FileKind>)] = &[
        (b"%PDF-1.7", Some(FileKind::Pdf)),
        (b"\n\n%PDF-1.4", Some(FileKind::Pdf)),
        (b"\x89PNG\r\n\x1a\n....", Some(FileKind::Png)),
        (b"\xff\xd8\xff\xe0", Some(FileKind::Jpeg)),
        (b"PK\x03\x04 a zip bomb", None),
        (b"MZ", None),
        (b"", None),
    ];
    for (head, expected) in rows {
        assert_eq!(FileKind::sniff(head), *expected);
    }
}

proptest! {
    /// Whatever is typed, a page is read; what becomes a value is read back as the same value.
    #[test]
    fn what_is_kept_is_read_back(text in any::<String>(), number in "[-+]?[0-9,]{1,18}(\\.[0-9]{0,3})?") {
        let form = form();
        let (answers, known) = (Answers::default(), Knowns::new());
        let rows = [("plan", "remarks", &text), ("applicant", "emergency_contact", &text),
            ("business", "kind", &text), ("business", "items", &text), ("business", "opens", &text),
            ("business", "area", &number), ("business", "capital", &number)];
        for (page, key, raw) in rows {
            let at = PageRef::page(page);
            let read = |raw: &str| {
                let given = pairs(&[(key, raw)]);
                read_page(&form, &at, &given, &answers, &known, today()).unwrap().values.remove(key)
            };
            let Some(value) = read(raw) else { continue };
            let typed = match &value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Array(_) => continue,
                other => other.to_string(),
            };
            prop_assert_eq!(read(&typed), Some(value));
        }
    }
}
