//! Papers that the applicant is given at the acts of a case: what was handed in, what is missing, the decision. Each is
//! made from a template, has a number and a code to verify, and is kept with the case; opening it leaves a receipt.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{FieldError, Limits, Text};
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::Ctx;

use crate::act::{Input, known};
use crate::error::{Error, Result};
use crate::model::{Case, Event};
use crate::part::{CaseType, Effect, Moment, Outcome};
use crate::{clocks, delivery, flow, sealed, store};

/// Most lines of a notice of what is missing.
const LINES_MAX: usize = 50;
/// The first act after which asking again is an event for supervision.
pub const SECOND_CORRECTION: &str = "casework.second_correction";

/// One thing that is missing: which paper, what is wrong with it, how to mend it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The paper or the question.
    pub paper: String,
    /// What is wrong.
    pub wrong: String,
    /// How to mend it.
    pub mend: String,
}

/// A paper that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The moment, such as `correction`.
    pub kind: String,
    /// The document.
    pub document: Uuid,
    /// What people call it.
    pub title: Text,
    /// Its number.
    pub number: String,
    /// SM3 of what it says.
    pub contents: String,
    /// When it was given.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// When the applicant first opened it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub opened_at: Option<OffsetDateTime>,
}

/// Which paper is to be given.
pub(crate) struct Giving<'a> {
    pub(crate) moment: Moment,
    /// The template that an act names.
    pub(crate) named: Option<&'a str>,
    /// What it says besides what every paper says.
    pub(crate) facts: Value,
}

impl Line {
    /// The line as words of a message.
    fn words(&self) -> String {
        let parts = [&self.paper, &self.wrong, &self.mend];
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join("：")
    }
}

/// The lines of a notice: those of the form, or one for each line of the officer's words, such as
/// `布局图：看不清；请重新拍照上传`.
pub fn lines(given: &[Line], words: &str) -> Vec<Line> {
    let full = |line: &&Line| !line.words().is_empty();
    let given: Vec<Line> = given.iter().filter(full).cloned().collect();
    if !given.is_empty() {
        return given;
    }
    let rows = words.lines().map(str::trim).filter(|row| !row.is_empty());
    rows.map(|row| {
        let (paper, rest) = row.split_once(['：', ':']).unwrap_or(("", row));
        let (wrong, mend) = rest.split_once(['；', ';']).unwrap_or((rest, ""));
        Line {
            paper: paper.trim().to_owned(),
            wrong: wrong.trim().to_owned(),
            mend: mend.trim().to_owned(),
        }
    })
    .collect()
}

/// The lines as the words of a message and of the timeline.
pub(crate) fn in_words(lines: &[Line]) -> String {
    lines.iter().map(Line::words).collect::<Vec<_>>().join("；")
}

/// The lines of an act that asks for what is missing. They are its reason where none was written.
pub(crate) fn worded(input: &mut Input, effect: Effect) -> Vec<Line> {
    if effect != Effect::Correct {
        return Vec::new();
    }
    let lines = lines(&input.lines, &input.reason);
    if input.reason.trim().is_empty() {
        input.reason = in_words(&lines);
    }
    lines
}

/// Whether asking for papers is in order: everything is told once. Asking again is an event for supervision.
pub(crate) async fn admit(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    outcome: &Outcome,
    lines: &[Line],
) -> Result<()> {
    if outcome.effect != Effect::Correct {
        return Ok(());
    }
    let limit = Limits::default().text_chars;
    let long = |line: &Line| {
        [&line.paper, &line.wrong, &line.mend].iter().any(|part| part.chars().count() > limit)
    };
    if lines.len() > LINES_MAX || lines.iter().any(long) {
        return Err(Error::Invalid(vec![FieldError::new(
            "lines",
            format!("最多 {LINES_MAX} 条，每条不超过 {limit} 字"),
            format!("at most {LINES_MAX} lines of {limit} characters each"),
        )]));
    }
    let before = store::corrections(ctx.conn(), &case.no).await?;
    if before == 0 {
        return Ok(());
    }
    if !case_type.correct_again {
        return Err(Error::State(Text::new(
            "已经一次告知过，不能再要求补正。请受理，或者依法不予受理",
            "what is missing was told once already and is not asked for again; accept the case or decline it",
        )));
    }
    let news = json!({ "before": before, "by": ctx.actor.post });
    ctx.emit(SECOND_CORRECTION, &case.no, &news).await?;
    Ok(())
}

/// The receipt of what was handed in.
pub(crate) async fn receipt(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<()> {
    let giving =
        Giving { moment: Moment::Receipt, named: case_type.receipt.as_deref(), facts: Value::Null };
    give(ctx, case, case_type, giving).await.map(drop)
}

/// The paper of an act that was carried out.
pub(crate) async fn on_outcome(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    outcome: &Outcome,
    (reason, lines): (Option<&str>, &[Line]),
) -> Result<()> {
    let moment = Moment::of(outcome.effect);
    if moment == Moment::Other && outcome.paper.is_none() {
        return Ok(());
    }
    let mut facts = json!({
        "title": outcome.title.zh,
        "basis": outcome.basis.zh,
        "reason": reason,
        "official": ctx.actor.name,
        "lines": lines,
        "remedy": outcome.effect.adverse(),
    });
    if outcome.effect == Effect::Correct
        && let Some(until) = applicant_until(ctx, case, case_type).await?
    {
        put(&mut facts, "until", until.to_string());
    }
    let giving = Giving { moment, named: outcome.paper.as_deref(), facts };
    give(ctx, case, case_type, giving).await?;
    if matches!(outcome.effect, Effect::Grant | Effect::Refuse) {
        delivery::by_rule(ctx, case, case_type).await?;
    }
    Ok(())
}

/// Gives the applicant the paper of a moment, where the case type has one.
pub(crate) async fn give(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    giving: Giving<'_>,
) -> Result<Option<Given>> {
    let Some(template) = case_type.paper(&case.kind, giving.moment, giving.named) else {
        return Ok(None);
    };
    let kind = giving.moment.word();
    let mut facts = common(ctx, case, case_type).await?;
    if let Value::Object(own) = giving.facts {
        for (name, value) in own {
            put(&mut facts, &name, value);
        }
    }
    let contents = digest_of(&facts);
    put(&mut facts, "contents", contents.clone());
    let before = store::voucher_count(ctx.conn(), &case.no, kind).await?;
    let new = zhengtong_document::NewDocument {
        template,
        holder_person: case.organisation.is_none().then_some(case.person),
        holder_organisation: case.organisation.as_ref().map(|holder| holder.id),
        holder_name: case.applicant().to_owned(),
        issuer: case.department,
        issuer_name: case.department_name.clone(),
        data: facts,
        case_no: Some(case.no.clone()),
        region: Some(case.region.clone()),
        once: Some(format!("{}/paper/{kind}/{before}", case.no)),
        ..zhengtong_document::NewDocument::default()
    };
    let document =
        flow::as_platform(ctx, async |ctx| zhengtong_document::issue(ctx, new).await).await?;
    let given = Given {
        kind: kind.to_owned(),
        document: document.id,
        title: document.title,
        number: document.number,
        contents,
        at: ctx.now,
        opened_at: None,
    };
    store::add_voucher(ctx.conn(), &case.no, &given).await?;
    let news = json!({ "kind": kind, "document": given.document, "number": given.number });
    ctx.emit("casework.paper_given", &case.no, &news).await?;
    Ok(Some(given))
}

/// The papers of a case, oldest first, for whoever may read the case.
pub async fn papers(ctx: &mut Ctx, no: &str) -> Result<Vec<Given>> {
    known(ctx, "casework.read", no).await?;
    store::vouchers(ctx.conn(), no).await
}

/// Opens a paper of a case as a PDF. The first opening by the applicant is the receipt of reading.
pub async fn open_paper(ctx: &mut Ctx, no: &str, document: Uuid) -> Result<Vec<u8>> {
    let case = known(ctx, "casework.read", no).await?;
    let all = store::vouchers(ctx.conn(), no).await?;
    let paper = all
        .into_iter()
        .find(|paper| paper.document == document)
        .ok_or_else(|| zhengtong_db::Error::absent("paper", document.to_string()))?;
    if applicant(ctx, &case) && paper.opened_at.is_none() {
        let (now, by) = (ctx.now, ctx.actor.person);
        if store::set_opened(ctx.conn(), document, now, by).await? {
            let news = json!({ "kind": paper.kind, "document": document });
            ctx.emit("casework.paper_opened", no, &news).await?;
            let act = ctx
                .act("casework.read", "paper", format!("{no}/{}", paper.number))
                .about(Some(case.person))
                .because(paper.title.zh.clone());
            zhengtong_ledger::append(ctx.conn(), &act).await?;
        }
    }
    Ok(zhengtong_document::pdf(ctx, document).await?)
}

/// What a paper would say, as a sample, before the act: nothing is issued and nothing recorded with the case.
pub async fn preview(
    ctx: &mut Ctx,
    no: &str,
    outcome: &str,
    reason: &str,
    given: &[Line],
) -> Result<Option<Vec<u8>>> {
    let case = known(ctx, "casework.note", no).await?;
    let case_type = crate::act::case_type(ctx, &case)?;
    let Some(outcome) = case_type.outcome.get(outcome) else { return Ok(None) };
    let moment = Moment::of(outcome.effect);
    let Some(template) = case_type.paper(&case.kind, moment, outcome.paper.as_deref()) else {
        return Ok(None);
    };
    let mut facts = common(ctx, &case, &case_type).await?;
    let own = [
        ("title", json!(outcome.title.zh)),
        ("basis", json!(outcome.basis.zh)),
        ("reason", json!(reason)),
        ("official", json!(ctx.actor.name)),
        ("lines", json!(lines(given, reason))),
        ("remedy", json!(outcome.effect.adverse())),
    ];
    for (name, value) in own {
        put(&mut facts, name, value);
    }
    let bytes = flow::as_platform(ctx, async |ctx| {
        zhengtong_document::preview(ctx, &template, &facts).await
    });
    Ok(Some(bytes.await?))
}

/// Whether the actor is the applicant, or acts for the organisation that applies.
fn applicant(ctx: &Ctx, case: &Case) -> bool {
    let behalf = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    match &case.organisation {
        Some(organisation) => behalf == Some(organisation.id),
        None => ctx.actor.person == Some(case.person),
    }
}

/// What every paper says of the case.
async fn common(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<Value> {
    let day = |moment: OffsetDateTime| china_date(moment).to_string();
    let organisation = case.organisation.as_ref();
    let mut facts = json!({
        "case_no": case.no,
        "matter": case.title.zh,
        "holder": case.applicant(),
        "credit_code": organisation.map(|organisation| organisation.credit_code.as_str()),
        "person": case.person_name,
        "department": case.department_name,
        "submitted": day(case.submitted_at),
        "accepted": case.accepted_at.map(day),
        "promised_days": case.promised_days,
        "statutory_days": case.statutory_days,
    });
    let materials = store::materials(ctx, &case.no).await?.into_iter();
    let rows: Vec<Value> = materials
        .filter(|material| material.paper.source != crate::attach::OFFICE)
        .map(|material| {
            json!({ "name": material.paper.name.zh, "source": material.paper.source,
                    "file": material.paper.file.map(|file| file.name) })
        })
        .collect();
    put(&mut facts, "materials", rows);
    let clocks = clocks::of_case(ctx, case, case_type).await?;
    if let Some(main) = clocks.main {
        put(&mut facts, "promised", main.promised.due.map(last_day));
        put(&mut facts, "statutory", main.statutory.due.map(last_day));
    }
    Ok(facts)
}

/// The last day of the applicant's own time.
async fn applicant_until(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<Option<Date>> {
    let clocks = clocks::of_case(ctx, case, case_type).await?;
    let open = clocks
        .all
        .into_iter()
        .rev()
        .find(|clock| clock.ended.is_none() && clock.side == crate::part::Whose::Applicant);
    Ok(open.and_then(|clock| clock.due).map(|due| china_date(due - Duration::seconds(1))))
}

/// The last day in time before the first moment that is late.
fn last_day(due: OffsetDateTime) -> String {
    china_date(due - Duration::seconds(1)).to_string()
}

pub(crate) fn put(facts: &mut Value, name: &str, value: impl Serialize) {
    if let (Value::Object(fields), Ok(value)) = (facts, serde_json::to_value(value)) {
        fields.insert(name.to_owned(), value);
    }
}

/// SM3 of a value with its keys in order.
pub(crate) fn digest_of(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    Digest::of(value.to_string().as_bytes()).to_string()
}

/// An event of the case that the platform itself caused.
pub(crate) fn by_platform(ctx: &Ctx, kind: &str, text: Text) -> Event {
    let mut event = Event::public(ctx, kind, text);
    flow::PLATFORM.clone_into(&mut event.actor);
    event
}

/// A text of a case for the column it stands in.
pub(crate) fn hide(ctx: &Ctx, place: &str, plain: &str) -> Result<String> {
    sealed::hide(&*ctx.keyring()?, sealed::WORDS, place, plain)
}

/// The same, read.
pub(crate) fn show(ctx: &Ctx, place: &str, stored: String) -> Result<String> {
    sealed::read(&*ctx.keyring()?, sealed::WORDS, place, stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(paper: &str, wrong: &str, mend: &str) -> Line {
        Line { paper: paper.to_owned(), wrong: wrong.to_owned(), mend: mend.to_owned() }
    }

    #[test]
    fn words_of_an_officer_become_lines() {
        let words = "布局图：看不清；请重新拍照上传\n\n 缺健康证 ";
        let expected = [line("布局图", "看不清", "请重新拍照上传"), line("", "缺健康证", "")];
        assert_eq!(lines(&[], words), expected);
        assert_eq!(in_words(&expected), "布局图：看不清：请重新拍照上传；缺健康证");
        // Lines of the form come first; empty ones are none.
        let given = [line(" ", "", ""), line("营业执照", "过期", "")];
        assert_eq!(lines(&given, words), [line("营业执照", "过期", "")]);
        assert!(lines(&[], " \n").is_empty());
    }
}
