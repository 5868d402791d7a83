//! Values of elements: from what a person types to the one spelling that is kept, and back to words.

use serde_json::{Number, Value};
use time::{Date, Month};
use zhengtong_base::code::{CitizenNumber, canonical, half_width, mask as mask_code, parse_date};
use zhengtong_base::{Lang, Limits, Text};
use zhengtong_geometry::Geometry;

use crate::model::{Catalog, Element, ElementKind};

/// A JSON number keeps this many decimal digits exactly.
const DIGITS_MAX: usize = 15;
/// Decimal places of a decimal.
const PLACES_MAX: usize = 6;
/// Decimal places of an amount in yuan.
const MONEY_PLACES: usize = 2;
/// Codes of one value.
const CODES_MAX: usize = 100;
/// How much of an address a list shows, in characters.
const ADDRESS_SHOWN: usize = 6;

/// Reads what was typed into the value that is kept: a text, a number, `true` or `false`, a day as
/// `2026-11-23`, a code, a list of codes, or a geometry as GeoJSON text. `today` is the civil date on which it is read.
///
/// Outer spaces, marks that cannot be seen and full-width digits are put right; what is still wrong comes
/// back as words that say what to do.
pub fn validate(
    catalog: &Catalog,
    element: &Element,
    raw: &str,
    today: Date,
) -> Result<Value, Text> {
    if element.kind == ElementKind::Geometry && !raw.trim().is_empty() {
        return geometry(element, raw);
    }
    let plain = plain(element, raw)?;
    let text = plain.trim();
    if text.is_empty() {
        let title = &element.title;
        return Err(Text::new(
            format!("请填写{}", title.zh),
            format!("enter {}", lower(&title.en)),
        ));
    }
    if let Some(check) = element.check.as_deref().and_then(canonical) {
        let kept = check(text, today).map_err(|error| error.text())?;
        within_chars(element, &kept)?;
        return Ok(Value::String(kept));
    }
    match element.kind {
        ElementKind::Text | ElementKind::LongText | ElementKind::Address | ElementKind::File => {
            within_chars(element, text)?;
            Ok(Value::String(text.to_owned()))
        }
        ElementKind::Integer => number(element, text, 0),
        ElementKind::Decimal => number(element, text, PLACES_MAX),
        ElementKind::Money => number(element, text, MONEY_PLACES),
        ElementKind::Boolean => boolean(text),
        ElementKind::Date => {
            parse_date(text).map(|date| Value::String(iso(date))).map_err(|error| error.text())
        }
        ElementKind::Geometry => geometry(element, text),
        ElementKind::Code => code(catalog, element, text, today).map(Value::String),
        ElementKind::Codes => codes(catalog, element, text, today),
    }
}

/// Like [`validate`], for values that registers hold already: a citizen number of the old form of fifteen
/// digits becomes one of eighteen.
pub fn validate_held(
    catalog: &Catalog,
    element: &Element,
    raw: &str,
    today: Date,
) -> Result<Value, Text> {
    if element.check.as_deref() == Some("gb11643")
        && let Ok(number) = CitizenNumber::upgrade(raw, today)
    {
        return Ok(Value::String(number.as_str().to_owned()));
    }
    validate(catalog, element, raw, today)
}

/// A value in words: the name of a code, a day as people write it, an amount with its unit.
pub fn display(
    catalog: &Catalog,
    element: &Element,
    value: &Value,
    lang: Lang,
    on: Date,
) -> String {
    match (element.kind, value) {
        (_, Value::Null) => String::new(),
        (_, Value::Array(all)) => {
            let words: Vec<String> =
                all.iter().map(|one| display(catalog, element, one, lang, on)).collect();
            words.join(lang.pick("、", ", "))
        }
        (_, Value::Bool(yes)) => {
            if *yes { lang.pick("是", "Yes") } else { lang.pick("否", "No") }.to_owned()
        }
        (ElementKind::Date, Value::String(text)) => {
            parse_date(text).map_or_else(|_| text.clone(), |date| day(date, lang))
        }
        (ElementKind::Geometry, Value::String(text)) => Geometry::kept(text)
            .map_or_else(|_| text.clone(), |geometry| geometry.words().get(lang).to_owned()),
        (ElementKind::Code | ElementKind::Codes, Value::String(code)) => element
            .codes
            .as_ref()
            .and_then(|list| catalog.lists.get(list))
            .and_then(|list| list.entry(code, on))
            .map_or_else(|| code.clone(), |entry| entry.name.get(lang).to_owned()),
        (ElementKind::Money, Value::Number(number)) => money(number, element.unit.as_ref(), lang),
        (_, Value::Number(number)) => {
            let written = number.to_string();
            let plain = written.strip_suffix(".0").unwrap_or(&written);
            with_unit(plain, element.unit.as_ref(), lang)
        }
        (_, Value::String(text)) => text.clone(),
        (_, other @ Value::Object(_)) => other.to_string(),
    }
}

/// A value as lists show it: in full where the element is open, else in part or not at all.
pub fn mask(catalog: &Catalog, element: &Element, value: &Value, lang: Lang, on: Date) -> String {
    if !element.sensitivity.is_masked() || value.is_null() {
        return display(catalog, element, value, lang, on);
    }
    match (element.kind, value) {
        (ElementKind::Date, Value::String(text)) => mask_code("date", text),
        (ElementKind::Address, Value::String(text)) => {
            let rest = text.chars().count().saturating_sub(ADDRESS_SHOWN);
            if rest == 0 {
                return mask_code("", text);
            }
            text.chars().take(ADDRESS_SHOWN).chain("*".repeat(rest).chars()).collect()
        }
        (kind, Value::String(text)) if kind.is_text() => {
            mask_code(element.check.as_deref().unwrap_or_default(), text)
        }
        _ => "***".to_owned(),
    }
}

/// The text of a value as it was typed or would be: for columns, and for reading a value again.
pub(crate) fn raw(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => Some(all.iter().filter_map(raw).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    }
}

/// A day as year-month-day.
pub(crate) fn iso(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn plain(element: &Element, raw: &str) -> Result<String, Text> {
    let lines = element.kind == ElementKind::LongText;
    let limits = Limits::default();
    let most = if lines { limits.text_chars } else { limits.line_chars.max(ceiling(element)) };
    let mut plain = String::with_capacity(raw.len().min(most * 4));
    for (count, letter) in raw.chars().enumerate() {
        if count > most * 2 {
            return Err(too_long(most));
        }
        match letter {
            '\u{feff}'
            | '\u{200b}'
            | '\u{2060}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {}
            '\n' | '\t' if lines => plain.push(letter),
            '\r' if lines => {}
            '\t' | '\u{a0}' => plain.push(' '),
            _ if letter.is_control() => {
                return Err(Text::new(
                    "含有看不见的控制字符，请删去后重新输入",
                    "it holds control characters that cannot be seen; type it again",
                ));
            }
            _ => plain.push(letter),
        }
    }
    if plain.trim().chars().count() > most { Err(too_long(most)) } else { Ok(plain) }
}

fn ceiling(element: &Element) -> usize {
    element
        .max
        .filter(|_| element.kind.is_text())
        .and_then(|max| usize::try_from(max).ok())
        .unwrap_or(0)
}

fn within_chars(element: &Element, text: &str) -> Result<(), Text> {
    let found = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    if let Some(max) = element.max.filter(|max| found > *max) {
        return Err(too_long(usize::try_from(max).unwrap_or(0)));
    }
    match element.min.filter(|min| found < *min) {
        Some(min) => Err(Text::new(
            format!("太短了，至少要 {min} 个字"),
            format!("too short; give at least {min} characters"),
        )),
        None => Ok(()),
    }
}

fn too_long(most: usize) -> Text {
    Text::new(
        format!("太长了，最多 {most} 个字，请缩短"),
        format!("too long; at most {most} characters"),
    )
}

fn number(element: &Element, text: &str, places: usize) -> Result<Value, Text> {
    let text: String = text
        .chars()
        .map(half_width)
        .filter(|letter| !matches!(letter, ',' | '，' | ' ' | '¥' | '￥'))
        .collect();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(part) || digits.ends_with('.') {
        return Err(not_a_number());
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    if part.len() > places {
        return Err(if places == 0 {
            Text::new("请填整数，不要小数", "give a whole number")
        } else {
            Text::new(
                format!("小数最多 {places} 位"),
                format!("give at most {places} decimal places"),
            )
        });
    }
    if whole.len() + part.len() > DIGITS_MAX {
        return Err(Text::new("数字太大了，请核对", "the number is too large; check it"));
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let written = match (part, whole) {
        ("", "0") => "0".to_owned(),
        ("", _) => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{part}"),
    };
    within_range(element, &written)?;
    match written.parse::<Number>() {
        Ok(number) => Ok(Value::Number(number)),
        Err(_) => Err(not_a_number()),
    }
}

fn not_a_number() -> Text {
    Text::new("请只填数字，例如 120", "give a number, such as 120")
}

fn within_range(element: &Element, written: &str) -> Result<(), Text> {
    let (whole, part) = written.split_once('.').unwrap_or((written, ""));
    let whole = whole.parse::<i64>().unwrap_or(i64::MAX);
    let negative = written.starts_with('-');
    let above = |max: i64| whole > max || (whole == max && !part.is_empty() && !negative);
    let below = |min: i64| whole < min || (whole == min && !part.is_empty() && negative);
    if let Some(max) = element.max.filter(|max| above(*max)) {
        return Err(Text::new(
            format!("不能大于 {max}，请核对"),
            format!("it cannot be more than {max}; check it"),
        ));
    }
    match element.min.filter(|min| below(*min)) {
        Some(min) => Err(Text::new(
            format!("不能小于 {min}，请核对"),
            format!("it cannot be less than {min}; check it"),
        )),
        None => Ok(()),
    }
}

fn geometry(element: &Element, text: &str) -> Result<Value, Text> {
    let read = Geometry::read(text).and_then(|geometry| geometry.of_shape(element.shape));
    read.map(|geometry| Value::String(geometry.text())).map_err(|fault| fault.text())
}

fn boolean(text: &str) -> Result<Value, Text> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "是" | "有" => Ok(Value::Bool(true)),
        "false" | "no" | "off" | "0" | "否" | "无" => Ok(Value::Bool(false)),
        _ => Err(Text::new("请选择“是”或“否”", "choose yes or no")),
    }
}

fn code(catalog: &Catalog, element: &Element, text: &str, today: Date) -> Result<String, Text> {
    let list = element.codes.as_ref().and_then(|codes| catalog.lists.get(codes));
    let wanted: String = text.chars().map(half_width).collect();
    list.and_then(|list| list.on(today).find(|entry| entry.code.eq_ignore_ascii_case(&wanted)))
        .map(|entry| entry.code.clone())
        .ok_or_else(|| {
            let title = list.map_or(&element.title, |list| &list.title);
            Text::new(
                format!("请从“{}”的列表里选一项", title.zh),
                format!("choose one from the list “{}”", title.en),
            )
        })
}

fn codes(catalog: &Catalog, element: &Element, text: &str, today: Date) -> Result<Value, Text> {
    let mut chosen: Vec<String> = Vec::new();
    for part in text.split([',', '，', '、', ';', '；']).map(str::trim) {
        if part.is_empty() {
            continue;
        }
        let code = code(catalog, element, part, today)?;
        if !chosen.contains(&code) {
            chosen.push(code);
        }
        if chosen.len() > CODES_MAX {
            return Err(too_many(i64::try_from(CODES_MAX).unwrap_or(i64::MAX)));
        }
    }
    let found = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    if let Some(max) = element.max.filter(|max| found > *max) {
        return Err(too_many(max));
    }
    if let Some(min) = element.min.filter(|min| found < *min).or((found == 0).then_some(1)) {
        return Err(Text::new(format!("请至少选 {min} 项"), format!("choose at least {min}")));
    }
    Ok(Value::Array(chosen.into_iter().map(Value::String).collect()))
}

fn too_many(max: i64) -> Text {
    Text::new(format!("最多选 {max} 项"), format!("choose at most {max}"))
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), title.chars().nth(1)) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => title.to_owned(),
    }
}

fn day(date: Date, lang: Lang) -> String {
    let (year, month, day) = date.to_calendar_date();
    match lang {
        Lang::Zh => format!("{year}年{}月{day}日", u8::from(month)),
        Lang::En => format!("{day} {} {year}", month_name(month)),
    }
}

fn month_name(month: Month) -> &'static str {
    match month {
        Month::January => "January",
        Month::February => "February",
        Month::March => "March",
        Month::April => "April",
        Month::May => "May",
        Month::June => "June",
        Month::July => "July",
        Month::August => "August",
        Month::September => "September",
        Month::October => "October",
        Month::November => "November",
        Month::December => "December",
    }
}

fn money(number: &Number, unit: Option<&Text>, lang: Lang) -> String {
    let written = number.to_string();
    let (sign, digits) = written.strip_prefix('-').map_or(("", written.as_str()), |r| ("-", r));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let amount = format!("{sign}{grouped}.{part:0<2}");
    match (unit, lang) {
        (None, Lang::Zh) => format!("{amount} 元"),
        (None, Lang::En) => format!("CNY {amount}"),
        (Some(_), _) => with_unit(&amount, unit, lang),
    }
}

fn with_unit(number: &str, unit: Option<&Text>, lang: Lang) -> String {
    unit.map_or_else(|| number.to_owned(), |unit| format!("{number} {}", unit.get(lang)))
}
