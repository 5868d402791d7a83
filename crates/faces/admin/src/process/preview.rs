//! A form as it stands in its pack, drawn with nothing to send: what a task will ask.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_form::{Catalog, Field as Asked, FieldKind, Form, Page};
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_process::thing;
use zhengtong_ui::field::{
    Area, DateParts, Field, Input, Layout, Pick, Width, checkboxes, date_parts, radios, select,
    text, textarea,
};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed};

use crate::bench::{Bench, reading};

/// Up to so many options stand as boxes; more are a list to choose from.
const BOXES_MAX: usize = 8;

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    id: String,
}

pub(super) async fn shown(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let ctx = reading(&visit).await?;
    ctx.allow("process.designs", &thing("", None))?;
    let form = ctx.defs::<Catalog>()?.form(&wanted.id).ok_or_else(Fault::absent)?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = Bench::frame(&visit, form.title.get(lang));
    let links = [Link::new(lang.pick("流程", "Processes"), "/admin/process")];
    let body = html! {
        (crumbs(lang, &links, form.title.get(lang)))
        (preview(lang, &form))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn preview(lang: Lang, form: &Form) -> Markup {
    let meta = lang.pick("只看样子，什么也不会提交", "To look at only; nothing is sent");
    html! {
        (title(&Title::new(form.title.get(lang)).meta(html! { (meta) })))
        div.flow-l data-preview {
            @for page in &form.pages { (page_of(lang, page)) }
        }
    }
}

fn page_of(lang: Lang, page: &Page) -> Markup {
    let mut notes = Vec::new();
    if page.show_if.is_some() {
        notes.push(lang.pick("有条件才问", "Asked on a condition"));
    }
    if page.repeat.is_some() {
        notes.push(lang.pick("可填多份", "Asked for each entry"));
    }
    let note = html! { span.meta { (notes.join(lang.pick("，", ", "))) } };
    boxed(
        &Panel::new(page.title.get(lang)).note(note),
        html! {
            fieldset.fieldset disabled {
                legend.unseen { (page.title.get(lang)) }
                div.flow-l { @for field in &page.fields { (field_of(lang, field)) } }
            }
        },
    )
}

fn field_of(lang: Lang, asked: &Asked) -> Markup {
    let mut field = Field::new(asked.key.as_str(), asked.label.get(lang));
    if let Some(hint) = &asked.hint {
        field = field.hint(hint.get(lang));
    }
    if !asked.required {
        field = field.optional();
    }
    let picks: Vec<Pick<'_>> = asked
        .options
        .iter()
        .map(|option| Pick::new(option.value.as_str(), option.label.get(lang)))
        .collect();
    match asked.kind {
        FieldKind::Text | FieldKind::Address => text(lang, &field, &Input::new("")),
        FieldKind::LongText => textarea(lang, &field, &Area { rows: 3, ..Area::default() }),
        FieldKind::Integer | FieldKind::Decimal | FieldKind::Money => {
            let mut input = Input::new("").width(Width::Tiny);
            if let Some(unit) = &asked.unit {
                input = input.unit(unit.get(lang));
            }
            text(lang, &field, &input)
        }
        FieldKind::Boolean => {
            let both = [
                Pick::new("true", lang.pick("是", "Yes")),
                Pick::new("false", lang.pick("否", "No")),
            ];
            radios(lang, &field, &both, "", Layout::Across)
        }
        FieldKind::Date => date_parts(lang, &field, &DateParts::split("")),
        FieldKind::Choice if picks.len() > BOXES_MAX => select(lang, &field, &picks, ""),
        FieldKind::Choice => radios(lang, &field, &picks, "", Layout::Down),
        FieldKind::Choices => checkboxes(lang, &field, &picks, &[], Layout::Down),
        FieldKind::File => {
            let words = lang.pick("上传文件", "Files are handed in here");
            text(lang, &field.hint(words), &Input::new(""))
        }
    }
}
