//! The rows of a case, as far as it has come: acceptance, course, special procedures, materials, result.

use time::OffsetDateTime;
use time::macros::{format_description, offset};
use zhengtong_casework::{CaseView, Event, Procedure, State};
use zhengtong_db::Ctx;
use zhengtong_party::{IdKind, Matter, Organisation};

use crate::check::Values;
use crate::error::Result;
use crate::item::directory;
use crate::model::{ItemFacts, RatingFacts};
use crate::package::Row;

/// What the applicant does, which is no step of the office.
const APPLICANT: [&str; 3] = ["submit", "supply", "withdraw"];
/// What the person reads in the record of the use of their number.
const WHY: &str = "按国家规定向一体化政务服务平台报送办件 / reported to the national platform as the rules demand";
/// The contact whose rating stands with the result.
const RESULT: &str = "result";

/// Who applies, with the number that the table of acceptances demands.
pub(crate) struct Applicant {
    name: String,
    number: String,
    number_kind: &'static str,
    kind: &'static str,
}

/// What stands around a case.
pub(crate) struct Around<'a> {
    pub(crate) item: Option<&'a ItemFacts>,
    pub(crate) department: &'a Organisation,
    pub(crate) ratings: Vec<&'a RatingFacts>,
    pub(crate) procedures: Vec<Procedure>,
    /// Whether the result was sent by express mail.
    pub(crate) by_express: bool,
}

/// A moment as the tables write it.
pub(crate) fn moment(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.to_offset(offset!(+8)).format(format).unwrap_or_default()
}

/// Reads who applies. Looking at a person's number is an entry in the record.
pub(crate) async fn applicant(ctx: &mut Ctx, view: &CaseView) -> Result<Applicant> {
    let case = &view.case;
    if let Some(organisation) = &case.organisation {
        return Ok(Applicant {
            name: organisation.name.clone(),
            number: organisation.credit_code.clone(),
            number_kind: "001",
            kind: "2",
        });
    }
    let matter = Matter {
        person: case.person,
        department: case.department,
        case: case.no.clone(),
        role: None,
    };
    let person = zhengtong_party::reveal_contact(ctx, &matter, WHY).await?;
    Ok(Applicant {
        number_kind: match person.id_kind {
            IdKind::Citizen => "111",
            IdKind::Passport => "414",
            IdKind::HongKongMacao => "516",
            IdKind::Taiwan => "511",
            IdKind::PermanentResident => "554",
        },
        number: person.id_number.unwrap_or_default(),
        name: person.name,
        kind: "1",
    })
}

/// All rows of a case.
pub(crate) fn rows(
    view: &CaseView,
    around: &Around<'_>,
    applicant: Option<&Applicant>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    if let (Some(at), Some(applicant)) = (view.case.accepted_at, applicant) {
        rows.push(accepted(view, around, (at, applicant)));
    }
    rows.extend(course(view));
    rows.extend(procedures(view, &around.procedures));
    rows.extend(materials(view));
    if view.case.state.over() {
        rows.push(result(view, around));
    }
    rows.extend(around.ratings.iter().map(|rating| rated(rating)));
    rows
}

fn row(table: &'static str, view: &CaseView, key: &str, values: Values) -> Row {
    let no = &view.case.no;
    let mut values = values;
    values.insert("project_no", no.clone());
    Row::of(table, &format!("{no}/{key}"), no, values)
}

fn accepted(
    view: &CaseView,
    around: &Around<'_>,
    (at, applicant): (OffsetDateTime, &Applicant),
) -> Row {
    let case = &view.case;
    let officer = view.events.iter().find(|event| event.kind == "accept");
    let due = view.clocks.as_ref().and_then(|clocks| clocks.promised.due);
    let code = around.item.map_or("", |item| item.code.as_str());
    let values = [
        ("accept_date", moment(at)),
        ("apply_date", moment(case.submitted_at)),
        ("apply_type", "2".to_owned()),
        ("applyer_name", applicant.name.clone()),
        ("applyer_page_code", applicant.number.clone()),
        ("applyer_page_type", applicant.number_kind.to_owned()),
        ("applyer_type", applicant.kind.to_owned()),
        ("catalog_code", directory(code)),
        ("handle_user_name", officer.map(|event| event.actor.clone()).unwrap_or_default()),
        ("org_code", around.department.credit_code.clone().unwrap_or_default()),
        ("org_name", around.department.name.zh.clone()),
        ("project_name", case.title.zh.clone()),
        ("project_type", "2".to_owned()),
        ("promise_date", due.map(moment).unwrap_or_default()),
        ("task_code", code.to_owned()),
        ("task_name", around.item.map_or_else(|| case.title.zh.clone(), |item| item.name.clone())),
        ("task_version", case.item_version.clone()),
    ];
    row("up_pro_accept", view, "accept", values.into())
}

fn course(view: &CaseView) -> Vec<Row> {
    let office = |event: &&Event| event.public && !APPLICANT.contains(&event.kind.as_str());
    let mut begun = view.case.submitted_at;
    let mut rows = Vec::new();
    for event in view.events.iter().filter(office) {
        let action = match event.kind.as_str() {
            "accept" | "pass" | "grant" => "1",
            "correct" | "return" | "decline" | "refuse" => "2",
            _ => "9",
        };
        let said = event.reason.clone().unwrap_or_else(|| event.text.zh.clone());
        let values = [
            ("event_name", action.to_owned()),
            ("event_start_time", moment(begun)),
            ("event_end_time", moment(event.at)),
            ("handle_explain", said),
            ("handle_user_name", event.actor.clone()),
            ("process_name", event.text.zh.clone()),
        ];
        rows.push(row("up_pro_process", view, &format!("event/{}", event.seq), values.into()));
        begun = event.at;
    }
    rows
}

/// Special procedures that have ended, whether or not they stopped a clock, and more time that was given.
fn procedures(view: &CaseView, held: &[Procedure]) -> Vec<Row> {
    let ended = held.iter().filter_map(|one| Some((one, one.begun_at?, one.ended_at?)));
    let mut rows: Vec<Row> = ended
        .map(|(one, begun, until)| {
            let values = [
                ("special_type", one.code.to_string()),
                ("special_name", one.title.zh.clone()),
                ("special_reason", one.reason.clone()),
                ("special_time", moment(begun)),
                ("end_time", moment(until)),
                ("applyer_user_name", one.requested_by.clone()),
                ("handle_user", one.ended_by.clone().unwrap_or_default()),
                ("result", one.result.clone().unwrap_or_default()),
                ("special_explain", one.opinion.clone().unwrap_or_default()),
            ];
            let key = format!("procedure/{}", one.seq);
            row("up_pro_special_procedure", view, &key, values.into())
        })
        .collect();
    let more = view.clock_acts.iter().filter(|act| act.more.is_some());
    for (place, act) in (1_u32..).zip(more) {
        let values = [
            ("special_type", "1".to_owned()),
            ("special_name", act.title.zh.clone()),
            ("special_reason", act.reason.clone()),
            ("special_time", moment(act.at)),
            ("end_time", moment(act.until.unwrap_or(act.at))),
            ("applyer_user_name", act.by.clone()),
            ("handle_user", act.by.clone()),
        ];
        let key = format!("extension/{place}");
        rows.push(row("up_pro_special_procedure", view, &key, values.into()));
    }
    rows
}

fn materials(view: &CaseView) -> Vec<Row> {
    let rows = view.materials.iter().map(|material| {
        let paper = &material.paper;
        let way = match (&paper.file, paper.source.as_str()) {
            (_, source) if source != "applicant" => "3",
            (Some(_), _) => "2",
            (None, _) => "1",
        };
        let values = [
            ("material_name", paper.name.zh.clone()),
            ("get_type", way.to_owned()),
            ("get_num", "1".to_owned()),
        ];
        row("up_pro_material", view, &format!("material/{}", material.seq), values.into())
    });
    rows.collect()
}

fn result(view: &CaseView, around: &Around<'_>) -> Row {
    let case = &view.case;
    let decided = view
        .events
        .iter()
        .rev()
        .find(|event| ["grant", "refuse", "decline"].contains(&event.kind.as_str()));
    let kind = match (case.state, case.decision.as_deref()) {
        (State::Declined, _) => "3",
        (State::Withdrawn, _) => "4",
        (_, Some("granted")) => "1",
        (_, Some("refused")) => "2",
        _ => "9",
    };
    let rating = around.ratings.iter().rev().find(|rating| rating.contact == RESULT);
    let licence = view.licence.as_ref();
    let end = case.closed_at.or(case.decided_at).unwrap_or(case.submitted_at);
    let values = [
        ("result_date", moment(end)),
        ("result_type", kind.to_owned()),
        ("handle_user_name", decided.map(|event| event.actor.clone()).unwrap_or_default()),
        ("is_delivery_results", if around.by_express { "1" } else { "0" }.to_owned()),
        ("result_cetr_name", licence.map(|paper| paper.title.zh.clone()).unwrap_or_default()),
        ("result_cetr_no", licence.map(|paper| paper.number.clone()).unwrap_or_default()),
        ("result_explain", decided.map_or_else(|| case.state.title().zh, |e| e.text.zh.clone())),
        ("satisfaction", rating.map(|rating| rating.level.to_string()).unwrap_or_default()),
    ];
    row("up_pro_result", view, "result", values.into())
}

/// Who rated and what was written stay here: the table does not demand them.
fn rated(rating: &RatingFacts) -> Row {
    let values = [
        ("project_no", rating.case.clone()),
        ("evaluation_channel", rating.channel.clone()),
        ("evaluated_at", format!("{} 00:00:00", rating.day)),
        ("evaluation_count", rating.nth.to_string()),
        ("satisfaction_name", rating.level_title.clone()),
        ("satisfaction_code", rating.level.to_string()),
        ("region_code", rating.region.clone()),
    ];
    let key = format!("{}/{}", rating.case, rating.contact);
    Row::of("evaluation", &key, &rating.case, values.into())
}
