//! One value: read from what was typed, written as it would be typed, and shown in words. Pure.

use std::str::FromStr as _;

use serde_json::Value;
use time::Date;
use zhengtong_base::code::{self, half_width, parse_date};
use zhengtong_base::{Lang, Limits, Text};
use zhengtong_feel::{Decimal, Value as Feel};

use crate::elements::Elements;
use crate::model::{Choice, Field, FieldKind};

/// How much of a field that is wrong is kept, in characters.
pub(crate) const KEPT_CHARS: usize = 20_000;
/// Digits that a JSON number keeps exactly.
const DIGITS_MAX: usize = 15;
/// Decimal places of a decimal.
const PLACES_MAX: usize = 6;

/// Reads what was typed into one field.
pub(crate) fn read(
    elements: &dyn Elements,
    field: &Field,
    raw: &[String],
    today: Date,
) -> Result<Value, Text> {
    let chosen = if field.kind == FieldKind::Choices { raw.join(",") } else { one(raw).to_owned() };
    let text = clean(field, &chosen)?;
    if text.is_empty() {
        return if field.required { Err(missing(field)) } else { Ok(blank(field.kind)) };
    }
    if let Some(element) = &field.element {
        return elements.validate(element, &text, today);
    }
    match field.kind {
        FieldKind::Text | FieldKind::LongText | FieldKind::Address => {
            if let Some(canonical) = field.check.as_deref().and_then(code::canonical) {
                let kept = canonical(&text, today).map_err(|error| error.text())?;
                return Ok(Value::String(kept));
            }
            within_chars(field, &text)?;
            Ok(Value::String(text))
        }
        FieldKind::Integer => number(field, &text, 0),
        FieldKind::Decimal => number(field, &text, PLACES_MAX),
        FieldKind::Money => number(field, &text, 2),
        FieldKind::Boolean => boolean(field, &text),
        FieldKind::Date => {
            parse_date(&text).map(|date| Value::String(iso(date))).map_err(|error| error.text())
        }
        FieldKind::Choice => option(field, &text).map(|choice| choice.value.clone().into()),
        FieldKind::Choices => choices(field, &text),
        FieldKind::File => Ok(Value::Null),
    }
}

/// A value as it would be typed.
pub(crate) fn typed(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(typed).collect(),
        other => vec![other.to_string()],
    }
}

/// A value in words.
pub(crate) fn display(elements: &dyn Elements, field: &Field, value: &Value, lang: Lang) -> String {
    if value.is_null() {
        return String::new();
    }
    if let Some(element) = &field.element {
        return elements.display(element, value, lang);
    }
    match (field.kind, value) {
        (_, Value::Array(all)) => {
            let words: Vec<_> = all.iter().map(|one| display(elements, field, one, lang)).collect();
            words.join(lang.pick("、", ", "))
        }
        (_, Value::Bool(yes)) => {
            if *yes { lang.pick("是", "Yes") } else { lang.pick("否", "No") }.to_owned()
        }
        (FieldKind::Date, Value::String(text)) => {
            parse_date(text).map_or_else(|_| text.clone(), |date| day(date, lang))
        }
        (FieldKind::Choice | FieldKind::Choices, Value::String(code)) => field
            .options
            .iter()
            .find(|option| option.value == *code)
            .map_or_else(|| code.clone(), |option| option.label.get(lang).to_owned()),
        (FieldKind::Money, Value::Number(number)) => {
            let amount = in_thousands(&number.to_string(), 2);
            let unit = field.unit.as_ref().map_or(lang.pick("元", "yuan"), |unit| unit.get(lang));
            with_unit(&amount, unit)
        }
        (_, Value::Number(number)) => {
            let unit = field.unit.as_ref().map_or("", |unit| unit.get(lang));
            with_unit(&number.to_string(), unit)
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// A value as lists show it; none when it may be shown in full.
pub(crate) fn masked(
    elements: &dyn Elements,
    field: &Field,
    value: &Value,
    lang: Lang,
) -> Option<String> {
    let element = field.element.as_ref().filter(|_| field.sensitivity.is_masked())?;
    if value.is_null() { None } else { Some(elements.mask(element, value, lang)) }
}

/// A day as year-month-day.
pub(crate) fn iso(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// A day as people write it.
pub(crate) fn day(date: Date, lang: Lang) -> String {
    let (year, month, day) = date.to_calendar_date();
    match lang {
        Lang::Zh => format!("{year}年{}月{day}日", u8::from(month)),
        Lang::En => format!("{day} {month} {year}"),
    }
}

fn one(raw: &[String]) -> &str {
    raw.first().map_or("", String::as_str)
}

fn missing(field: &Field) -> Text {
    let label = &field.label;
    if field.kind.is_choice() || field.kind == FieldKind::Boolean {
        Text::new(format!("请选择{}", label.zh), format!("Choose: {}", label.en))
    } else {
        Text::new(format!("请填写{}", label.zh), format!("Enter: {}", label.en))
    }
}

fn blank(kind: FieldKind) -> Value {
    if kind == FieldKind::Choices { Value::Array(Vec::new()) } else { Value::Null }
}

/// Takes away outer spaces and marks that direct or hide text; refuses control characters and texts that are
/// far too long before anything else looks at them.
fn clean(field: &Field, raw: &str) -> Result<String, Text> {
    let lines = field.kind == FieldKind::LongText;
    let most = chars_max(field);
    // A byte count is quick; four bytes are the most that one character takes.
    if raw.len() > most.saturating_mul(4) && raw.chars().count() > most {
        return Err(too_long(field, most, raw.chars().count()));
    }
    let mut text = String::with_capacity(raw.len());
    for letter in raw.chars() {
        match letter {
            '\u{200b}'
            | '\u{feff}'
            | '\u{2060}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {}
            '\r' if lines => {}
            '\n' | '\t' if lines => text.push(letter),
            '\t' | '\u{a0}' => text.push(' '),
            _ if letter.is_control() || is_no_character(letter) => return Err(control(field)),
            _ => text.push(letter),
        }
    }
    let text = text.trim().to_owned();
    let count = text.chars().count();
    if count > most { Err(too_long(field, most, count)) } else { Ok(text) }
}

/// The most characters that are looked at at all; an element may set a lower limit itself.
fn chars_max(field: &Field) -> usize {
    let limits = Limits::default();
    let own = field.max.filter(|_| field.kind.is_text()).and_then(|max| usize::try_from(max).ok());
    match field.kind {
        FieldKind::LongText | FieldKind::Choices => own.unwrap_or(limits.text_chars),
        _ => own.unwrap_or(limits.line_chars),
    }
}

fn is_no_character(letter: char) -> bool {
    u32::from(letter) & 0xfffe == 0xfffe || matches!(letter, '\u{fdd0}'..='\u{fdef}')
}

fn control(field: &Field) -> Text {
    Text::new(
        format!("{}含有看不见的控制字符，请删去后重新输入", field.label.zh),
        format!("Type this again, it holds characters that cannot be seen: {}", field.label.en),
    )
}

fn too_long(field: &Field, most: usize, found: usize) -> Text {
    Text::new(
        format!("{}最多 {most} 个字，现有 {found} 个，请缩短", field.label.zh),
        format!("Shorten to {most} characters, there are {found}: {}", field.label.en),
    )
}

fn within_chars(field: &Field, text: &str) -> Result<(), Text> {
    let found = text.chars().count();
    match field.min.and_then(|min| usize::try_from(min).ok()).filter(|min| found < *min) {
        Some(min) => Err(Text::new(
            format!("{}至少 {min} 个字", field.label.zh),
            format!("Write at least {min} characters: {}", field.label.en),
        )),
        None => Ok(()),
    }
}

fn number(field: &Field, text: &str, places: usize) -> Result<Value, Text> {
    let plain: String = text
        .chars()
        .map(half_width)
        .filter(|letter| !matches!(letter, ',' | '，' | ' ' | '¥' | '￥'))
        .collect();
    let label = &field.label;
    let digits = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(part) || digits.ends_with('.') {
        return Err(Text::new(
            format!("{}只填数字，例如 120", label.zh),
            format!("Enter a number, such as 120: {}", label.en),
        ));
    }
    let part = part.trim_end_matches('0');
    if part.len() > places {
        return Err(if places == 0 {
            Text::new(
                format!("{}填整数，不要小数", label.zh),
                format!("Enter a whole number: {}", label.en),
            )
        } else {
            Text::new(
                format!("{}最多 {places} 位小数", label.zh),
                format!("Enter at most {places} decimal places: {}", label.en),
            )
        });
    }
    let too_large = || {
        Text::new(
            format!("{}的数字太大了，请核对", label.zh),
            format!("Check the number, it is too large: {}", label.en),
        )
    };
    if whole.trim_start_matches('0').len() + part.len() > DIGITS_MAX {
        return Err(too_large());
    }
    let value = Decimal::from_str(&plain).ok().ok_or_else(too_large)?;
    within_range(field, value)?;
    Ok(Feel::Number(value.normalize()).to_json())
}

fn within_range(field: &Field, value: Decimal) -> Result<(), Text> {
    let (label, unit) = (&field.label, field.unit.clone().unwrap_or_default());
    if let Some(max) = field.max.filter(|max| value > Decimal::from(*max)) {
        return Err(Text::new(
            format!("{}不能大于 {max}{}，请核对", label.zh, unit.zh),
            format!("Check this, it cannot be more than {max} {}: {}", unit.en, label.en),
        ));
    }
    match field.min.filter(|min| value < Decimal::from(*min)) {
        Some(min) => Err(Text::new(
            format!("{}不能小于 {min}{}，请核对", label.zh, unit.zh),
            format!("Check this, it cannot be less than {min} {}: {}", unit.en, label.en),
        )),
        None => Ok(()),
    }
}

fn boolean(field: &Field, text: &str) -> Result<Value, Text> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "是" | "有" => Ok(Value::Bool(true)),
        "false" | "no" | "off" | "0" | "否" | "无" => Ok(Value::Bool(false)),
        _ => Err(Text::new(
            format!("{}请选择“是”或“否”", field.label.zh),
            format!("Choose yes or no: {}", field.label.en),
        )),
    }
}

fn option<'a>(field: &'a Field, text: &str) -> Result<&'a Choice, Text> {
    field.options.iter().find(|option| option.value == text).ok_or_else(|| {
        Text::new(
            format!("{}请从所列选项中选择", field.label.zh),
            format!("Choose one of the options: {}", field.label.en),
        )
    })
}

fn choices(field: &Field, text: &str) -> Result<Value, Text> {
    let mut kept: Vec<Value> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let value = Value::String(option(field, part)?.value.clone());
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    Ok(Value::Array(kept))
}

fn with_unit(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_owned(),
        "%" => format!("{number}%"),
        _ => format!("{number} {unit}"),
    }
}

/// `1234567.5` becomes `1,234,567.50`.
fn in_thousands(number: &str, places: usize) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::with_capacity(number.len() + 8);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{part:0<places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_days_are_written_as_people_do() {
        assert_eq!(in_thousands("1234567.5", 2), "1,234,567.50");
        assert_eq!(in_thousands("-999", 2), "-999.00");
        assert_eq!(in_thousands("100000", 2), "100,000.00");
        let date = parse_date("2026-03-02").unwrap();
        assert_eq!(day(date, Lang::Zh), "2026年3月2日");
        assert_eq!(day(date, Lang::En), "2 March 2026");
    }
}
