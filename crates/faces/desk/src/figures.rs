//! The figures that a decision asks for, as fields of its form.

use maud::{Markup, html};
use zhengtong_base::{FieldError, Lang, Limits};
use zhengtong_casework::{Choice, FIGURE_FIELD, Figure, FigureKind};
use zhengtong_http::Fields;
use zhengtong_ui::field::{
    Area, Field, Input, Kind, Layout, Pick, Width, radios, select, text, textarea,
};

/// Up to so many options stand as radios; more are a list to choose from.
const RADIOS_MAX: usize = 8;

/// What was typed into figures, for the verb and for the page that comes back.
pub(crate) fn typed(fields: &Fields) -> Vec<(String, String)> {
    fields.inputs().into_iter().filter(|(name, _)| name.starts_with(FIGURE_FIELD)).collect()
}

/// The fields of a choice, with what was typed before.
pub(crate) fn fields(
    lang: Lang,
    choice: &Choice,
    typed: &[(String, String)],
    errors: &[FieldError],
) -> Markup {
    html! { @for (name, figure) in &choice.ask { (one(lang, name, figure, typed, errors)) } }
}

fn one(
    lang: Lang,
    name: &str,
    figure: &Figure,
    typed: &[(String, String)],
    errors: &[FieldError],
) -> Markup {
    let key = format!("{FIGURE_FIELD}{name}");
    let value = typed.iter().find(|(field, _)| *field == key).map_or("", |(_, value)| value);
    let mut field = Field::new(key.clone(), figure.title.get(lang)).errors(errors, lang);
    if let Some(hint) = &figure.hint {
        field = field.hint(hint.get(lang));
    }
    if figure.optional {
        field = field.optional();
    }
    match figure.kind {
        FigureKind::Words => {
            let most = figure.max.and_then(|max| u32::try_from(max).ok());
            let most = most.or_else(|| u32::try_from(Limits::default().text_chars).ok());
            textarea(
                lang,
                &field,
                &Area { value: value.into(), rows: 8, length_max: most, ..Area::default() },
            )
        }
        FigureKind::Choice => {
            let picks: Vec<Pick<'_>> = figure
                .options
                .iter()
                .map(|option| Pick::new(option.value.as_str(), option.label.get(lang)))
                .collect();
            if picks.len() > RADIOS_MAX {
                select(lang, &field, &picks, value)
            } else {
                radios(lang, &field, &picks, value, Layout::Down)
            }
        }
        FigureKind::Date => {
            if figure.hint.is_none() {
                field = field.hint(lang.pick("写成 2026-07-01 这样", "Such as 2026-07-01"));
            }
            text(lang, &field, &Input::new(value).width(Width::Short).length_max(10))
        }
        FigureKind::Integer | FigureKind::Decimal | FigureKind::Money => {
            let kind = if figure.kind == FigureKind::Integer { Kind::Whole } else { Kind::Decimal };
            let mut input = Input::new(value).kind(kind).width(Width::Short);
            let money = (figure.kind == FigureKind::Money).then(|| lang.pick("元", "yuan"));
            if let Some(unit) = figure.unit.as_ref().map(|unit| unit.get(lang)).or(money) {
                input = input.unit(unit);
            }
            text(lang, &field, &input)
        }
    }
}
