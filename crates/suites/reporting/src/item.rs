//! The rows of an item: the directory, what it is, its papers, questions about it. Pure but for the department.

use zhengtong_calendar::Unit;
use zhengtong_party::Organisation;

use crate::check::Values;
use crate::model::ItemFacts;
use crate::package::{Row, guid};

/// Tables of the basic facts, the papers and the questions of a kind of item; kinds without a table of papers have none.
const FAMILIES: [(&[&str], &str, Option<&str>, &str); 4] = [
    (&["02"], "up_task_punish_basic", None, "up_task_punish_questions"),
    (&["03", "06"], "up_task_check_basic", None, "up_task_check_questions"),
    (&["04"], "up_task_handle_basic", Some("up_task_handle_material"), "up_task_handle_questions"),
    (&["20"], "up_task_public_basic", Some("up_task_public_material"), "up_task_public_questions"),
];
const GENERAL: (&str, Option<&str>, &str) =
    ("up_task_general_basic", Some("up_task_general_material"), "up_task_general_questions");
/// Characters of the directory code at the end of the implementation code.
const DIRECTORY_CHARS: usize = 12;
/// A city, by GB/T 39046-2020 A.2.
const CITY_LEVEL: &str = "3";

/// The directory code of an item: the last characters of its implementation code.
pub(crate) fn directory(code: &str) -> String {
    let skip = code.chars().count().saturating_sub(DIRECTORY_CHARS);
    code.chars().skip(skip).collect()
}

/// The code of a unit of time.
fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::WorkingDay => "1",
        Unit::NaturalDay => "2",
        Unit::StatutoryDay => "3",
        Unit::WorkingHour => "4",
        Unit::UrgentHour => "5",
    }
}

/// All rows of an item.
pub(crate) fn rows(item: &ItemFacts, department: &Organisation, site: &str) -> Vec<Row> {
    let family = FAMILIES.iter().find(|(kinds, ..)| kinds.contains(&item.kind.as_str()));
    let (basic, papers, questions) =
        family.map_or(GENERAL, |(_, basic, papers, questions)| (*basic, *papers, *questions));
    let whole = guid(basic, &item.id);
    let mut rows = vec![
        row("up_task_directory", &item.id, &item.id, facts(item, department, site)),
        row(basic, &item.id, &item.id, facts(item, department, site)),
    ];
    for (place, paper) in (1..).zip(&item.papers).filter(|_| papers.is_some()) {
        let need = match (paper.deferrable, paper.always) {
            (true, _) => "3",
            (false, true) => "1",
            (false, false) => "2",
        };
        let mut values = of_item(item, &whole, place);
        values.extend([
            ("material_name", paper.name.clone()),
            ("is_need", need.to_owned()),
            ("fill_explain", paper.note.clone()),
            ("source_type", if paper.brought { "10" } else { "20" }.to_owned()),
            ("material_format", "2".to_owned()),
        ]);
        let table = papers.unwrap_or_default();
        rows.push(row(table, &format!("{}/{place}", item.id), &item.id, values));
    }
    for (place, (question, answer)) in (1..).zip(&item.questions) {
        let mut values = of_item(item, &whole, place);
        values.extend([("question", question.clone()), ("answer", answer.clone())]);
        rows.push(row(questions, &format!("{}/{place}", item.id), &item.id, values));
    }
    rows
}

fn of_item(item: &ItemFacts, whole: &str, place: u32) -> Values {
    [
        ("task_code", item.code.clone()),
        ("task_guid", whole.to_owned()),
        ("order_num", place.to_string()),
    ]
    .into()
}

fn facts(item: &ItemFacts, department: &Organisation, site: &str) -> Values {
    let yes = |is: bool| if is { "1" } else { "0" }.to_owned();
    let objects: &[&str] = match (item.natural, item.legal) {
        (true, false) => &["1"],
        (false, true) => &["2", "3", "4", "5", "6"],
        _ => &["1", "2", "3", "4", "5", "6"],
    };
    let procedures =
        if item.procedures.is_empty() { "无".to_owned() } else { item.procedures.join("、") };
    [
        ("task_name", item.name.clone()),
        ("task_code", item.code.clone()),
        ("catalog_code", directory(&item.code)),
        ("task_type", item.kind.clone()),
        ("task_version", item.version.clone()),
        ("task_state", "1".to_owned()),
        ("by_law", item.basis.join("；")),
        ("use_level", CITY_LEVEL.to_owned()),
        ("power_source", "1".to_owned()),
        ("plan_effective_date", format!("{} 00:00:00", item.valid_from)),
        ("dept_name", department.name.zh.clone()),
        ("dept_code", department.credit_code.clone().unwrap_or_default()),
        ("dept_type", "1".to_owned()),
        ("accept_condition", item.applicants.clone()),
        ("anticipate_day", item.statutory.0.to_string()),
        ("anticipate_type", unit(item.statutory.1).to_owned()),
        ("promise_day", item.promised.0.to_string()),
        ("promise_type", unit(item.promised.1).to_owned()),
        ("handle_flow", item.steps.join("→")),
        ("handle_type", "2".to_owned()),
        ("is_fee", yes(!item.fee.contains("不收费"))),
        ("fee_basis", if item.fee.contains("不收费") { String::new() } else { item.fee.clone() }),
        ("is_single_login", yes(true)),
        ("app_is_single_login", yes(true)),
        ("limit_scene_num", item.visits.to_string()),
        ("link_addr", format!("{site}{}", item.link)),
        ("mobile_terminal_url", format!("{site}{}", item.link)),
        ("link_way", item.phone.clone()),
        ("supervise_way", "12345".to_owned()),
        ("project_type", "2".to_owned()),
        ("server_type", objects.join(",")),
        ("special_procedure", procedures),
        ("transact_addr", item.place.clone()),
        ("transact_time", item.hours.clone()),
        ("local_task_code", item.code.clone()),
        ("punishment_method", item.punishment.clone()),
    ]
    .into()
}

/// A row of a table: of what is known, what the table asks for.
fn row(table: &'static str, key: &str, subject: &str, values: Values) -> Row {
    Row::of(table, key, subject, values)
}
