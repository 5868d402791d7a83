//! One setting: its value, changing it with a reason, its history, and taking a change back.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Failure as _, Kind, Lang, Page, Paging};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_setting::{Change, Definition, Present, Shape, Typed as TypedValue, Value};
use zhengtong_ui::field::{
    Area, Field, Form, Input, Kind as InputKind, Width, errors, form, hidden, text, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, reveal};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::words::kept;
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, Typed, acting, reading};
use crate::console::Console;
use crate::settings::{in_force, value_words};

/// Changes that one page shows.
const ROWS: u32 = 20;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/settings/{key}", get(shown).post(change))
        .route("/admin/settings/{key}/revert/{number}", post(revert))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    page: u32,
}

/// One setting as the page shows it.
struct Opened {
    present: Present,
    history: Page<Change>,
    changes: bool,
    console: Arc<Console>,
    bench: Bench,
}

impl Opened {
    async fn load(visit: &Visit, key: &str, page: u32) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let paging = Paging::new(page, ROWS);
        let (present, history) = zhengtong_setting::open(&mut ctx, key, paging).await?;
        let changes = ctx.may("setting.change", &zhengtong_setting::thing(present.definition));
        let console = ctx.defs::<Console>()?;
        let opened = Self { present, history, changes, console, bench: Bench::of(&ctx) };
        ctx.commit().await?;
        Ok(opened)
    }

    fn name(&self, lang: Lang) -> &'static str {
        let name = self.present.definition.name;
        lang.pick(name.0, name.1)
    }
}

async fn shown(visit: Visit, Path(key): Path<String>, Query(wanted): Query<Wanted>) -> Answer {
    let opened = Opened::load(&visit, &key, wanted.page).await?;
    let frame = Bench::frame(&visit, opened.name(visit.lang()));
    Ok(opened.bench.page(&visit, &frame, page(&frame, &opened, &Typed::default())))
}

async fn change(visit: Visit, Path(key): Path<String>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let typed = TypedValue {
        value: fields.get("value").to_owned(),
        english: fields.get("english").to_owned(),
    };
    // A number that is none was not ours; it is then not the one in force.
    let seen = fields.get("seen").parse().unwrap_or(-1);
    let done = zhengtong_setting::change(&mut ctx, &key, &typed, seen, fields.get("reason")).await;
    match done {
        Ok(_number) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/settings/{key}")))
        }
        Err(error) => {
            drop(ctx);
            again(&visit, &key, fields, error).await
        }
    }
}

async fn revert(visit: Visit, Path((key, number)): Path<(String, i64)>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    match zhengtong_setting::revert(&mut ctx, &key, number, fields.get("reason")).await {
        Ok(_number) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/settings/{key}")))
        }
        Err(error) => {
            drop(ctx);
            again(&visit, &key, Fields(Vec::new()), error).await
        }
    }
}

/// The page once more, with what was wrong.
async fn again(
    visit: &Visit,
    key: &str,
    fields: Fields,
    error: zhengtong_setting::Error,
) -> Answer {
    if !matches!(error.kind(), Kind::Invalid | Kind::Conflict) {
        return Err(error.into());
    }
    let opened = Opened::load(visit, key, 1).await?;
    let errors = error.fields();
    let said = errors.is_empty().then(|| error.text());
    let mut frame = Bench::frame(visit, opened.name(visit.lang()));
    frame.standing = Standing::Faulty;
    let body = page(&frame, &opened, &Typed { fields, errors, said });
    Ok(opened.bench.refused(visit, &frame, body))
}

fn page(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let definition = opened.present.definition;
    let links = [Link::new(lang.pick("设置", "Settings"), "/admin/settings")];
    let preset = Present { definition, change: None };
    html! {
        (crumbs(lang, &links, opened.name(lang)))
        (title(&Title::new(opened.name(lang)).lead(html! { (lang.pick(definition.meaning.0, definition.meaning.1)) })))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (boxed(&Panel::new(lang.pick("现在", "Now")), pairs([
            (lang.pick("值", "Value").into(), html! { strong { (in_force(lang, &opened.present, &opened.console.settings)) } }),
            (lang.pick("默认", "Default").into(), html! { (in_force(lang, &preset, &opened.console.settings)) }),
            (lang.pick("名称", "Key").into(), code(definition.key)),
        ])))
        @if opened.changes {
            (boxed(&Panel::new(lang.pick("改这一项", "Change it")), change_form(frame, opened, typed)))
        }
        @if !opened.history.rows.is_empty() {
            (flush(&Panel::new(lang.pick("历史", "History")), table(lang, &history(frame, opened))))
            (pager(lang, Pager { page: opened.history.page, pages: opened.history.pages(), href: &format!("/admin/settings/{}?page=", definition.key) }))
        }
    }
}

/// What a field shows before anything is typed.
fn usual(present: &Present) -> (String, String) {
    match present.value() {
        Some(Value::Words(text)) => (text.zh, text.en),
        Some(value) => (value.show(Lang::Zh), String::new()),
        None => (String::new(), String::new()),
    }
}

fn change_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let definition = opened.present.definition;
    let (value, english) = usual(&opened.present);
    let seen = opened.present.number().to_string();
    form(
        frame,
        &Form::post(format!("/admin/settings/{}", definition.key)),
        html! {
            (fields(lang, definition, typed, &typed.value_or("value", &value), &typed.value_or("english", &english)))
            (reason_field(lang, typed, "reason"))
            (hidden("seen", &seen))
            (actions(html! { (submit(&Button::new(lang.pick("改，所有节点立即生效", "Change it on all nodes now")))) }))
        },
    )
}

fn fields(
    lang: Lang,
    definition: &Definition,
    typed: &Typed,
    value: &str,
    english: &str,
) -> Markup {
    let field = |name: &'static str, label: &'static str| {
        Field::new(name, label).errors(&typed.errors, lang)
    };
    match definition.shape {
        Shape::Number { least, most, unit } => {
            let hint = match lang {
                Lang::Zh => format!("{least} 到 {most}；不填就是默认"),
                Lang::En => format!("{least} to {most}; empty is the default"),
            };
            let input = Input::new(value.to_owned())
                .kind(InputKind::Whole)
                .width(Width::Short)
                .unit(lang.pick(unit.0, unit.1));
            text(lang, &field("value", lang.pick("新的值", "New value")).hint(hint), &input)
        }
        Shape::Words { .. } => html! {
            (text(lang, &field("value", lang.pick("中文", "Chinese")).hint(lang.pick("两种语言都写；都不写就没有", "Both languages, or neither for none")), &Input::new(value.to_owned())))
            (text(lang, &field("english", lang.pick("英文", "English")), &Input::new(english.to_owned())))
        },
        Shape::Paths => {
            let hint = lang.pick(
                "以 / 开头，用逗号分开；不填就按配置文件",
                "Each begins with a slash, with commas between; empty is as configured",
            );
            let input = Input::new(value.to_owned()).kind(InputKind::Code);
            text(lang, &field("value", lang.pick("新的值", "New value")).hint(hint), &input)
        }
        Shape::Filter => {
            let hint = lang.pick(
                "级别 error、warn、info、debug、trace，或 部分=级别，用逗号分开；不填就按配置文件",
                "A level error, warn, info, debug, trace, or part=level, with commas; empty is as configured",
            );
            let input = Input::new(value.to_owned()).kind(InputKind::Code);
            text(lang, &field("value", lang.pick("新的值", "New value")).hint(hint), &input)
        }
    }
}

fn reason_field(lang: Lang, typed: &Typed, name: &str) -> Markup {
    let field = Field::new(name.to_owned(), lang.pick("为什么改", "Why"))
        .hint(lang.pick(
            "写进存证记录，审计管理员看得到",
            "It goes into the record of acts, where the audit administrator reads it",
        ))
        .errors(&typed.errors, lang);
    let area =
        Area { value: typed.value(name).into(), rows: 2, length_max: Some(500), ..Area::default() };
    textarea(lang, &field, &area)
}

fn history<'a>(frame: &Frame<'_>, opened: &Opened) -> Table<'a> {
    let lang = frame.lang;
    let definition = opened.present.definition;
    let rows = opened.history.rows.iter().map(|change| {
        let value = Present { definition, change: Some(change.clone()) };
        let from = change.reverts.map(|number| match lang {
            Lang::Zh => format!("退回第 {number} 次改动"),
            Lang::En => format!("takes change {number} back"),
        });
        let back = if opened.changes {
            take_back(frame, definition, change.number)
        } else {
            html! {}
        };
        Row::new(vec![
            html! { (change.number) },
            html! { (clock_time(change.at)) },
            html! { (change.name) },
            html! { (value_words(lang, &value)) @if let Some(from) = &from { p.meta { (from) } } },
            kept(&change.reason),
            back,
        ])
    });
    Table {
        caption: lang.pick("改动的历史", "History of changes").into(),
        columns: vec![
            Column::head(lang.pick("第几次", "Number")).tight(),
            Column::new(lang.pick("时间", "Time")).tight(),
            Column::new(lang.pick("谁", "Who")).tight(),
            Column::new(lang.pick("改成", "Changed to")),
            Column::new(lang.pick("理由", "Reason")),
            Column::new(lang.pick("退回", "Take back")).quiet().tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// A fold with the reason for taking a change back.
fn take_back(frame: &Frame<'_>, definition: &Definition, number: i64) -> Markup {
    let lang = frame.lang;
    let id = format!("reason-{number}");
    reveal(
        lang.pick("退回到这之前", "Back to before this"),
        form(
            frame,
            &Form::post(format!("/admin/settings/{}/revert/{number}", definition.key)),
            html! {
                div.field {
                    label.label for=(id) { (lang.pick("为什么退回", "Why")) }
                    input.input id=(id) name="reason" maxlength="500" autocomplete="off";
                }
                (actions(submit(&Button::secondary(lang.pick("退回", "Take it back")).icon(Icon::CornerUpLeft))))
            },
        ),
    )
}
