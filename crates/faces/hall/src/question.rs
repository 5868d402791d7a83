//! The questions of one page, drawn by their kind.

use std::collections::HashMap;

use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::{FieldError, Lang, Limits};
use zhengtong_form::{Asked, Draft, FieldKind, Page, PageRef, Source};
use zhengtong_http::{Visit, month_day};
use zhengtong_ui::field::{
    Area, DateParts, Field, Input, Kind, Layout, Pick, Upload, Uploaded, Width, checkboxes,
    date_parts, radios, select, text, textarea, upload,
};
use zhengtong_ui::known::{Known, known};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{FileEntry, files};
use zhengtong_ui::press::{Button, Size, actions, link_button, post};
use zhengtong_ui::{Frame, Icon};

use crate::apply::address;

/// Up to so many options stand as boxes; more are a list to choose from.
const BOXES_MAX: usize = 8;

/// The errors to show: those of this answer, or else those found when the page was sent before.
pub(crate) fn errors(
    asked: &[Asked<'_>],
    sent: &[FieldError],
    lang: Lang,
) -> Vec<(String, String)> {
    if !sent.is_empty() {
        let words = |error: &FieldError| (error.field.clone(), error.text.get(lang).to_owned());
        return sent.iter().map(words).collect();
    }
    asked
        .iter()
        .filter_map(|asked| {
            let text = asked.error.as_ref()?;
            Some((asked.field.key.clone(), text.get(lang).to_owned()))
        })
        .collect()
}

/// What the questions of a page are drawn with.
pub(crate) struct Shown<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) draft: &'a Draft,
    pub(crate) at: &'a PageRef,
    /// The known value that the person wants to change.
    pub(crate) change: Option<&'a str>,
    pub(crate) errors: &'a [(String, String)],
    /// Elements of which somebody says that what the city holds is wrong.
    pub(crate) disputed: &'a std::collections::BTreeSet<String>,
}

/// The page's questions: what the city knows as facts on top, then what must be typed.
pub(crate) fn fields(frame: &Frame<'_>, shown: &Shown<'_>, asked: &[Asked<'_>]) -> Markup {
    let Shown { visit, draft, at, change, errors: shown, disputed } = *shown;
    let lang = frame.lang;
    let is_fact = |asked: &Asked<'_>| {
        asked.source.is_some()
            && change != Some(asked.field.key.as_str())
            && !shown.iter().any(|(field, _)| *field == asked.field.key)
    };
    let now = visit.app.db.clock().now();
    let words = fact_words(visit, draft);
    let facts: Vec<Known<'_>> = asked
        .iter()
        .filter(|asked| is_fact(asked))
        .filter_map(|asked| {
            let source = asked.source.as_ref()?;
            Some(Known {
                label: asked.field.label.get(lang).into(),
                value: words.get(&asked.field.key).cloned().unwrap_or_default().into(),
                source: source.title.get(lang).into(),
                as_of: {
                    let mut words = as_of(lang, source, now);
                    if asked.field.element.as_ref().is_some_and(|one| disputed.contains(one)) {
                        words.push_str(
                            lang.pick("；有异议，核实中", "; disputed, being looked into"),
                        );
                    }
                    words.into()
                },
            })
        })
        .collect();
    let first = asked.iter().find(|asked| is_fact(asked)).map(|asked| asked.field.key.as_str());
    html! {
        @if let Some(first) = first {
            section.flow-s {
                h2.label { (lang.pick("我们已经知道的，不用再填", "What we know already")) }
                (known(lang, &facts, &dispute(draft, at, first)))
            }
        }
        @for asked in asked.iter().filter(|asked| !is_fact(asked)) {
            (one(lang, asked, shown))
        }
    }
}

fn as_of(lang: Lang, source: &Source, now: OffsetDateTime) -> String {
    let day = month_day(lang, source.updated, now);
    match lang {
        Lang::Zh => format!("{day}更新"),
        Lang::En => format!("as of {day}"),
    }
}

/// Where a value comes from and how old it is, in one line.
pub(crate) fn sourced(lang: Lang, source: &Source, now: OffsetDateTime) -> String {
    format!("{} · {}", source.title.get(lang), as_of(lang, source, now))
}

fn dispute(draft: &Draft, at: &PageRef, key: &str) -> String {
    let href = address(draft.id, at);
    format!("{href}{}change={key}", if href.contains('?') { "&" } else { "?" })
}

/// All values of the draft in words by their key, personal parts masked.
fn fact_words(visit: &Visit, draft: &Draft) -> HashMap<String, String> {
    let lang = visit.lang();
    let forms = visit.app.db.defs::<zhengtong_form::Catalog>();
    let form = forms.ok().and_then(|forms| forms.form(&draft.form));
    let Some(form) = form else { return HashMap::new() };
    zhengtong_form::facts(&form, &draft.answers, &draft.known, lang)
        .into_iter()
        .flat_map(|section| section.rows)
        .map(|fact| (fact.key, fact.masked.unwrap_or(fact.value)))
        .collect()
}

/// One question as a field.
pub(crate) fn one(lang: Lang, asked: &Asked<'_>, shown: &[(String, String)]) -> Markup {
    let def = asked.field;
    let mut field = Field::new(def.key.as_str(), def.label.get(lang));
    if let Some(hint) = &def.hint {
        field = field.hint(hint.get(lang));
    }
    if !def.required {
        field = field.optional();
    }
    if let Some((_, words)) = shown.iter().find(|(key, _)| *key == def.key) {
        field = field.error(words.as_str());
    }
    let value = asked.input.first().map(String::as_str).unwrap_or_default();
    match def.kind {
        FieldKind::Text | FieldKind::Address => {
            let limits = Limits::default();
            let length = def.max.and_then(|max| u32::try_from(max).ok());
            let length = length.unwrap_or(u32::try_from(limits.line_chars).unwrap_or(200));
            let mut input = Input::new(value).length_max(length);
            if matches!(def.check.as_deref(), Some("mobile")) {
                input = input.kind(Kind::Phone).width(Width::Short).autocomplete("tel");
            } else if length <= 30 {
                input = input.width(Width::Long);
            }
            text(lang, &field, &input)
        }
        FieldKind::LongText => {
            textarea(lang, &field, &Area { value: value.into(), rows: 5, ..Area::default() })
        }
        FieldKind::Integer | FieldKind::Decimal | FieldKind::Money => {
            let kind = if def.kind == FieldKind::Integer { Kind::Whole } else { Kind::Decimal };
            let mut input = Input::new(value).kind(kind).width(Width::Tiny);
            if let Some(unit) = &def.unit {
                input = input.unit(unit.get(lang));
            }
            text(lang, &field, &input)
        }
        FieldKind::Boolean => radios(
            lang,
            &field,
            &[Pick::new("true", lang.pick("是", "Yes")), Pick::new("false", lang.pick("否", "No"))],
            value,
            Layout::Across,
        ),
        FieldKind::Date => date_parts(lang, &field, &DateParts::split(value)),
        FieldKind::Choice if def.options.len() > BOXES_MAX => {
            select(lang, &field, &picks(lang, asked), value)
        }
        FieldKind::Choice => radios(lang, &field, &picks(lang, asked), value, Layout::Down),
        FieldKind::Choices => {
            let chosen: Vec<&str> = asked.input.iter().map(String::as_str).collect();
            checkboxes(lang, &field, &picks(lang, asked), &chosen, Layout::Down)
        }
        FieldKind::File => file(lang, &field, asked),
    }
}

fn picks<'a>(lang: Lang, asked: &'a Asked<'_>) -> Vec<Pick<'a>> {
    asked
        .field
        .options
        .iter()
        .map(|option| {
            let pick = Pick::new(option.value.as_str(), option.label.get(lang));
            match &option.hint {
                Some(hint) => pick.hint(hint.get(lang)),
                None => pick,
            }
        })
        .collect()
}

fn file(lang: Lang, field: &Field<'_>, asked: &Asked<'_>) -> Markup {
    let Some(rule) = &asked.field.files else { return html! {} };
    let accept: Vec<String> = rule.accept.iter().map(|kind| format!(".{}", kind.word())).collect();
    let names: Vec<String> = rule.accept.iter().map(|kind| kind.word().to_uppercase()).collect();
    let limits = match lang {
        Lang::Zh => format!("{}，每份不超过 {} MB", names.join("、"), rule.mb_max),
        Lang::En => format!("{}, at most {} MB each", names.join(", "), rule.mb_max),
    };
    let uploaded: Vec<Uploaded<'_>> = asked
        .files
        .iter()
        .map(|attached| Uploaded {
            name: attached.file.name.as_str().into(),
            size: size(attached.file.size).into(),
            href: "".into(),
            remove: attached.id.to_string().into(),
        })
        .collect();
    upload(
        lang,
        field,
        &Upload {
            accept: accept.join(",").into(),
            limits: limits.into(),
            endpoint: crate::upload::ENDPOINT.into(),
            bytes_max: u64::from(rule.mb_max) << 20,
            files: uploaded,
            several: rule.count_max > 1,
        },
    )
}

/// A size in words.
pub(crate) fn size(bytes: u64) -> String {
    if bytes < 1 << 20 {
        return format!("{} KB", bytes.div_ceil(1024).max(1));
    }
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// The entries of a repeated page, with a way to add one.
pub(crate) fn entries(frame: &Frame<'_>, draft: &Draft, page: &Page, at: &PageRef) -> Markup {
    let lang = frame.lang;
    let token = || zhengtong_ui::frame::token(frame);
    let numbers = draft.answers.entry_numbers(page);
    let item = page.repeat.as_ref().map_or("", |repeat| repeat.item.get(lang));
    let max = page.repeat.as_ref().map_or(0, |repeat| repeat.max);
    let base = format!("/my/draft/{}/page/{}", draft.id, page.id);
    let rows: Vec<FileEntry<'_>> = numbers
        .iter()
        .enumerate()
        .map(|(order, number)| FileEntry {
            name: html! { a href={ (base) "?entry=" (number) } { (item) " " (order + 1) " " (entry_words(draft, page, *number)) } },
            note: "".into(),
            end: Some(post(&format!("{base}/remove/{number}"), token(), &Button::quiet(lang.pick("删除", "Remove")))),
        })
        .collect();
    let next = address(draft.id, at);
    html! { div.flow-l {
        (title(&Title::new(page.title.get(lang))))
        @if rows.is_empty() {
            p.soft { (lang.pick("还没有添加。没有就直接继续。", "None added. If there is none, just continue.")) }
        } @else { (files(&rows)) }
        @if numbers.len() < max {
            (post(&format!("{base}/add"), token(), &Button::secondary(match lang {
                Lang::Zh => format!("添加{item}"),
                Lang::En => format!("Add: {item}"),
            }).icon(Icon::Plus)))
        }
        form.form method="post" action=(next) data-once {
            (token())
            (zhengtong_ui::field::hidden("seen", &draft.version.to_string()))
            (actions(html! {
                (zhengtong_ui::press::submit(&Button::new(lang.pick("保存并继续", "Save and continue")).size(Size::Large)))
                (link_button(&Button::quiet(lang.pick("回到办理清单", "Back to the tasks")), &format!("/my/draft/{}", draft.id)))
            }))
        }
    } }
}

/// An entry is called by the answer to its first question in words, usually a name.
fn entry_words(draft: &Draft, page: &Page, number: u32) -> String {
    let group = draft.answers.groups.get(&page.id);
    let Some(entry) = group.and_then(|group| group.entry(number)) else { return String::new() };
    let words = |field: &zhengtong_form::Field| entry.values.get(&field.key)?.as_str();
    page.fields.iter().find_map(words).unwrap_or_default().to_owned()
}
