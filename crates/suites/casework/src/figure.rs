//! Figures of a case: read from what an officer typed, taken over from what rules gave, kept with the answers and
//! shown among the facts.

use serde_json::{Map, Number, Value};
use time::Date;
use zhengtong_base::code::parse_date;
use zhengtong_base::{FieldError, Limits, Text};
use zhengtong_db::Ctx;

use crate::error::{Error, Result};
use crate::model::{Case, Fact, FactSection};
use crate::part::{CaseType, Figure, FigureKind, Outcome};
use crate::{sealed, store};

/// What stands before the name of a figure in the fields of a form.
pub const FIELD: &str = "figure.";
/// Digits that a number keeps exactly.
const DIGITS_MAX: usize = 15;
/// Decimal places of a number that is not money.
const PLACES_MAX: usize = 6;
/// The figures that an outcome asks for, read from what was typed.
pub(crate) fn read(
    case_type: &CaseType,
    outcome: &Outcome,
    typed: &[(String, String)],
) -> Result<Map<String, Value>> {
    let mut errors = Vec::new();
    let mut values = Map::new();
    for name in &outcome.ask {
        let Some(figure) = case_type.figure.get(name) else { continue };
        let field = format!("{FIELD}{name}");
        let text = typed.iter().find(|(key, _)| *key == field).map_or("", |(_, text)| text.trim());
        if text.is_empty() {
            if !figure.optional {
                let (zh, en) = (&figure.title.zh, &figure.title.en);
                errors.push(FieldError::new(field, format!("请填写{zh}"), format!("Enter: {en}")));
            }
            continue;
        }
        match value(figure, text) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(said) => errors.push(FieldError { field, text: said }),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(Error::Invalid(errors)) }
}

fn value(figure: &Figure, text: &str) -> std::result::Result<Value, Text> {
    match figure.kind {
        FigureKind::Integer => number(figure, text, 0),
        FigureKind::Decimal => number(figure, text, PLACES_MAX),
        FigureKind::Money => number(figure, text, 2),
        FigureKind::Date => {
            parse_date(text).map(|date| Value::String(iso(date))).map_err(|_unread| {
                Text::new("日期写成 2026-07-01 这样", "write a date like 2026-07-01")
            })
        }
        FigureKind::Choice => {
            let known = figure.options.iter().any(|option| option.value == text);
            let refused = || Text::new("请从列出的选项里选", "choose one of the options");
            known.then(|| Value::from(text)).ok_or_else(refused)
        }
        FigureKind::Words => words(figure, text),
    }
}

fn words(figure: &Figure, text: &str) -> std::result::Result<Value, Text> {
    let count = text.chars().count();
    let limit = Limits::default().text_chars;
    let most = figure.max.and_then(|max| usize::try_from(max).ok()).unwrap_or(limit).min(limit);
    let fewest = figure.min.and_then(|min| usize::try_from(min).ok()).unwrap_or(0);
    if (fewest..=most).contains(&count) {
        return Ok(Value::from(text));
    }
    Err(Text::new(
        format!("写 {fewest} 到 {most} 个字，现有 {count} 个"),
        format!("write {fewest} to {most} characters; there are {count}"),
    ))
}

/// A number as it was typed, also in full-width digits and with commas.
fn number(figure: &Figure, text: &str, places: usize) -> std::result::Result<Value, Text> {
    let plain: String = text
        .chars()
        .filter(|letter| !matches!(letter, ',' | '，' | ' ' | '元'))
        .map(|letter| match letter {
            '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0'))
                .unwrap_or(letter),
            '．' => '.',
            other => other,
        })
        .collect();
    let wrong = || {
        Text::new(
            format!("只写数字，最多 {places} 位小数"),
            format!("a number with at most {places} decimal places"),
        )
    };
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let only = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = fraction.trim_end_matches('0').len();
    if !only(whole) || !only(fraction) || decimals > places || whole.len() + decimals > DIGITS_MAX {
        return Err(wrong());
    }
    let value: f64 = plain.parse().map_err(|_unread| wrong())?;
    let bound = |limit: i64| Number::from(limit).as_f64().unwrap_or(value);
    if figure.min.is_some_and(|min| value < bound(min))
        || figure.max.is_some_and(|max| value > bound(max))
    {
        let (min, max) = (figure.min.unwrap_or(0), figure.max);
        return Err(match max {
            Some(max) => {
                Text::new(format!("应在 {min} 到 {max} 之间"), format!("from {min} to {max}"))
            }
            None => Text::new(format!("不能小于 {min}"), format!("not less than {min}")),
        });
    }
    let kept = if decimals == 0 { plain.split('.').next().unwrap_or("0") } else { plain.as_str() };
    serde_json::from_str::<Number>(kept).map(Value::Number).map_err(|_unread| wrong())
}

/// Those that a process may see: no words.
pub(crate) fn for_process(case_type: &CaseType, values: &Map<String, Value>) -> Map<String, Value> {
    let plain = |name: &str| {
        case_type.figure.get(name).is_some_and(|figure| figure.kind != FigureKind::Words)
    };
    values
        .iter()
        .filter(|(name, _)| plain(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Takes over what rules of the process gave under the names of figures.
pub(crate) async fn follow(ctx: &mut Ctx, case: &mut Case, case_type: &CaseType) -> Result<()> {
    if case_type.figure.is_empty() {
        return Ok(());
    }
    let vars = zhengtong_process::variables(ctx, case.instance).await?;
    let news = case_type.figure.iter().filter(|(_, figure)| figure.kind != FigureKind::Words);
    let news = news.filter_map(|(name, _)| {
        let value = vars.get(name).filter(|value| !value.is_null() && !value.is_object())?;
        (case.answers.get(name) != Some(value)).then(|| (name.clone(), value.clone()))
    });
    let news: Map<String, Value> = news.collect();
    keep(ctx, case, case_type, news).await
}

/// Keeps figures with the answers, and shows them among the facts.
pub(crate) async fn keep(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    values: Map<String, Value>,
) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for (name, value) in &values {
        let Some(figure) = case_type.figure.get(name) else { continue };
        let shown = shown(figure, value);
        rows.push(Fact {
            key: name.clone(),
            label: figure.title.clone(),
            value: shown,
            source: None,
        });
    }
    let title = section_title();
    let place = case.facts.iter().position(|section| section.title == title);
    let mut section = match place {
        Some(place) => case.facts.remove(place),
        None => FactSection { title, rows: Vec::new() },
    };
    section.rows.retain(|row| rows.iter().all(|new| new.key != row.key));
    section.rows.extend(rows);
    case.facts.push(section);
    case.answers.extend(values.clone());
    let typed = case_type.figure.iter().filter(|(_, figure)| figure.kind == FigureKind::Words);
    let typed = typed.map(|(name, _)| name.clone()).collect();
    let ring = ctx.keyring()?;
    let secret = sealed::Keys { sealed: &std::collections::BTreeSet::new(), typed: &typed };
    let sealed = sealed::seal(&ring, &case.no, &values, secret)?;
    let facts = sealed::hide_facts(&ring, &case.no, &case.facts)?;
    store::keep_figures(ctx.conn(), &case.no, &Value::Object(sealed), &facts).await
}

fn section_title() -> Text {
    Text::new("办理中认定的", "Found in the course of the case")
}

/// A figure in words.
fn shown(figure: &Figure, value: &Value) -> Text {
    match (figure.kind, value) {
        (FigureKind::Choice, Value::String(word)) => figure
            .options
            .iter()
            .find(|option| option.value == *word)
            .map_or_else(|| Text::same(word), |option| option.label.clone()),
        (FigureKind::Money, Value::Number(number)) => {
            let amount = amount(&number.to_string());
            Text::new(format!("{amount} 元"), format!("{amount} yuan"))
        }
        (_, Value::Number(number)) => match &figure.unit {
            Some(unit) => {
                Text::new(format!("{number} {}", unit.zh), format!("{number} {}", unit.en))
            }
            None => Text::same(number.to_string()),
        },
        (_, Value::String(words)) => Text::same(words),
        (_, other) => Text::same(other.to_string()),
    }
}

/// An amount with two decimals and a comma before every three digits.
fn amount(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let cents: String = fraction.chars().chain("00".chars()).take(2).collect();
    format!("{sign}{grouped}.{cents}")
}

fn iso(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(kind: FigureKind) -> Figure {
        Figure {
            title: Text::new("金额", "Amount"),
            kind,
            hint: None,
            unit: None,
            options: Vec::new(),
            min: Some(0),
            max: Some(1_000_000),
            optional: false,
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them_and_refused_with_a_word_on_how() {
        let money = figure(FigureKind::Money);
        for (typed, kept) in
            [("1,200.5", "1200.5"), ("１２００", "1200"), ("3.00", "3"), ("0", "0")]
        {
            assert_eq!(value(&money, typed).unwrap().to_string(), kept, "{typed}");
        }
        for wrong in ["1.234", "-1", "一百", "1e5", "1000001", "", ".", "9999999999999999"] {
            assert!(value(&money, wrong).is_err(), "{wrong}");
        }
        assert!(value(&figure(FigureKind::Integer), "1.5").is_err());
    }

    #[test]
    fn amounts_have_two_decimals_and_commas() {
        for (number, words) in
            [("1234567.5", "1,234,567.50"), ("12", "12.00"), ("-1000", "-1,000.00")]
        {
            assert_eq!(amount(number), words);
        }
    }

    #[test]
    fn dates_and_words_keep_to_their_form() {
        assert_eq!(value(&figure(FigureKind::Date), "2026-07-01").unwrap(), "2026-07-01");
        assert!(value(&figure(FigureKind::Date), "2026-02-30").is_err());
        let short = Figure { min: Some(2), max: Some(4), ..figure(FigureKind::Words) };
        assert!(value(&short, "好").is_err());
        assert!(value(&short, "好的好的好").is_err());
        assert_eq!(value(&short, "同意").unwrap(), "同意");
    }
}
