//! Fills an application as a person would, page by page: what the city knows is left as it is, everything else gets an
//! invented answer that the form accepts.

use anyhow::{Result, bail};
use time::{Date, Duration};
use zhengtong_base::code::CitizenNumber;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_form::{Draft, Field, FieldKind, Form, PageRef, asked, save_page, visible_pages};
use zhengtong_service::{Consent, Sent};

use super::Applicant;
use super::dice::Dice;
use crate::wire::failed;

/// How often a page is tried with other answers until all its rules hold.
const TRIES: u32 = 20;
/// Pages of one application at most.
const PAGES_MAX: usize = 100;

/// What a restaurant answers to questions that have a usual answer; everything else is thrown.
const USUAL: [(&str, &[&str]); 4] = [
    ("same_address", &["true"]),
    ("premises", &["rented", "rented", "owned"]),
    ("water", &["tap", "tap", "tap", "own"]),
    ("kind", &["2"]),
];

/// Applies for an item and gives the number of the case.
pub(crate) async fn apply(
    ctx: &mut Ctx,
    item: &str,
    applicant: &Applicant,
    dice: &mut Dice,
) -> Result<String> {
    let mut draft = zhengtong_service::begin(ctx, item).await.map_err(|error| failed(&error))?;
    let forms = ctx.defs::<zhengtong_form::Catalog>().map_err(|error| failed(&error))?;
    let Some(form) = forms.form(&draft.form) else { bail!("there is no form {}", draft.form) };
    let mut next = visible_pages(&form, &draft.answers, &draft.known).into_iter().next();
    for _ in 0..PAGES_MAX {
        let Some(place) = next else { break };
        (draft, next) = page(ctx, &form, draft, &place, applicant, dice).await?;
    }
    let consent = Consent { sharing: true, truth: true };
    zhengtong_service::submit(ctx, draft.id, consent).await.map_err(|error| failed(&error))
}

/// Answers one page, and says which one comes next.
async fn page(
    ctx: &mut Ctx,
    form: &Form,
    mut draft: Draft,
    place: &PageRef,
    applicant: &Applicant,
    dice: &mut Dice,
) -> Result<(Draft, Option<PageRef>)> {
    let today = china_date(ctx.now);
    let mut wrong: Vec<(String, String)> = Vec::new();
    for attempt in 0..TRIES {
        let questions = asked(form, place, &draft.answers, &draft.known, today);
        let mut given = Vec::new();
        for question in questions.unwrap_or_default() {
            let field = question.field;
            if field.kind == FieldKind::File {
                if question.files.is_empty() {
                    upload(ctx, &draft, place, field, applicant).await?;
                }
                continue;
            }
            let keep = attempt == 0 && !question.input.is_empty();
            let values = if keep || question.source.is_some() {
                question.input
            } else {
                answer(field, applicant, today, attempt, dice)
            };
            given.extend(values.into_iter().map(|value| (field.key.clone(), value)));
        }
        let saved = save_page(ctx, draft.id, place, &given, draft.version);
        let saved = saved.await.map_err(|error| failed(&error))?;
        draft = saved.draft;
        // A question may have appeared with an answer of this very page: it is asked on the next try.
        let unseen = visible(form, place, &draft, today)
            .into_iter()
            .any(|key| given.iter().all(|(known, _)| *known != key));
        if saved.errors.is_empty() && !unseen {
            return Ok((draft, saved.next));
        }
        wrong = saved.errors.into_iter().map(|error| (error.field, error.text.en)).collect();
    }
    bail!("no answer fits page {} of {}: {wrong:?}", place.page, form.id)
}

/// The keys of the questions of a place that have no answer yet, files left out.
fn visible(form: &Form, place: &PageRef, draft: &Draft, today: Date) -> Vec<String> {
    asked(form, place, &draft.answers, &draft.known, today)
        .unwrap_or_default()
        .into_iter()
        .filter(|question| question.field.kind != FieldKind::File && question.input.is_empty())
        .filter(|question| question.field.required)
        .map(|question| question.field.key.clone())
        .collect()
}

async fn upload(
    ctx: &mut Ctx,
    draft: &Draft,
    place: &PageRef,
    field: &Field,
    applicant: &Applicant,
) -> Result<()> {
    let name = format!("{}.pdf", field.label.zh);
    let bytes = paper(&format!("{} {}", applicant.credit_code, field.key));
    let sent = Sent { name: &name, bytes: &bytes };
    zhengtong_service::attach(ctx, draft.id, &field.key, place.entry, sent)
        .await
        .map_err(|error| failed(&error))?;
    Ok(())
}

/// An answer as it would be typed; several for choices.
fn answer(
    field: &Field,
    applicant: &Applicant,
    today: Date,
    attempt: u32,
    dice: &mut Dice,
) -> Vec<String> {
    let usual = USUAL.iter().find(|(key, _)| *key == field.key).filter(|_| attempt < TRIES / 2);
    if let Some(word) = usual.and_then(|(_, words)| dice.one(words)) {
        return vec![(*word).to_owned()];
    }
    match field.kind {
        FieldKind::Boolean => vec![(!dice.once_in(2)).to_string()],
        FieldKind::Choice => {
            dice.one(&field.options).map(|option| option.value.clone()).into_iter().collect()
        }
        FieldKind::Choices => choices(field, attempt, dice),
        FieldKind::Integer | FieldKind::Decimal | FieldKind::Money => {
            let low = field.min.unwrap_or(1).max(1);
            let high = field.max.unwrap_or(low + 200).min(low + 200);
            let span = u64::try_from(high - low + 1).unwrap_or(1);
            vec![(low + i64::try_from(dice.below(span)).unwrap_or(0)).to_string()]
        }
        FieldKind::Date => {
            let days = i64::try_from(dice.below(300)).unwrap_or(0) + 1;
            let ahead = attempt % 2 == 1;
            vec![(today + Duration::days(if ahead { days } else { -days })).to_string()]
        }
        FieldKind::Address => vec![applicant.address.clone()],
        FieldKind::Text | FieldKind::LongText => vec![text(field, applicant, today, dice)],
        FieldKind::File => Vec::new(),
    }
}

/// A few options at first, then all, then one.
fn choices(field: &Field, attempt: u32, dice: &mut Dice) -> Vec<String> {
    let all = || field.options.iter().map(|option| option.value.clone());
    match attempt % 3 {
        0 => {
            let some: Vec<String> = all().filter(|_| dice.once_in(3)).collect();
            if some.is_empty() { all().take(1).collect() } else { some }
        }
        1 => all().collect(),
        _ => dice.one(&field.options).map(|option| option.value.clone()).into_iter().collect(),
    }
}

fn text(field: &Field, applicant: &Applicant, today: Date, dice: &mut Dice) -> String {
    let words = match field.check.as_deref().or_else(|| check_of(field)) {
        Some("person-name") => format!("示例员工{}", dice.word(&["甲", "乙", "丙", "丁"])),
        Some("mobile") => format!("100{:08}", dice.below(100_000_000)),
        Some("email") => "sample@city.example".to_owned(),
        Some("postcode") => "310000".to_owned(),
        Some("gb32100") => applicant.credit_code.clone(),
        Some("gb11643") => {
            let birth = today - Duration::days(12_000);
            CitizenNumber::compose("330190", birth, 0)
                .map_or_else(|_| String::new(), |n| n.as_str().to_owned())
        }
        _ => format!("示例{}", field.label.zh),
    };
    let longest = field.max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX);
    words.chars().take(longest).collect()
}

/// The elements of the house whose check the form does not repeat.
fn check_of(field: &Field) -> Option<&'static str> {
    match field.element.as_deref()? {
        "food.safety_officer" | "contact.name" | "person.name" => Some("person-name"),
        "contact.mobile" => Some("mobile"),
        "contact.email" => Some("email"),
        "contact.postcode" => Some("postcode"),
        "org.credit_code" => Some("gb32100"),
        "person.id_number" => Some("gb11643"),
        _ => None,
    }
}

/// A paper of one page that says it is a sample: a whole PDF, so that it can be opened and printed.
pub(crate) fn paper(words: &str) -> Vec<u8> {
    let safe: String = words.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
    let drawn =
        format!("BT /F1 24 Tf 72 720 Td (SAMPLE PAPER) Tj 0 -36 Td /F1 14 Tf ({safe}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(format!("{:010} 00000 n \n", file.len()));
        let body = format!("{number} 0 obj\n{object}\nendobj\n");
        file.push_str(&body);
    }
    let (table, count, places) = (file.len(), objects.len() + 1, places.concat());
    let tail = format!(
        "xref\n0 {count}\n0000000000 65535 f \n{places}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    );
    file.push_str(&tail);
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_a_whole_pdf() {
        let bytes = paper("91330199 (layout)");
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            zhengtong_form::FileKind::sniff(text.as_bytes()),
            Some(zhengtong_form::FileKind::Pdf)
        );
        assert!(text.contains("(91330199 layout) Tj"));
        let (_, tail) = text.split_once("xref\n").unwrap();
        for (number, line) in (1..=5).zip(tail.lines().skip(2)) {
            let place: usize = line[..10].parse().unwrap();
            assert!(text[place..].starts_with(&format!("{number} 0 obj\n")), "{line}");
        }
        let table: usize = text.lines().rev().nth(1).unwrap().parse().unwrap();
        assert!(text[table..].starts_with("xref\n"));
    }
}
