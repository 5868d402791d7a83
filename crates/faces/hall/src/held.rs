//! What the city holds of me, dataset by dataset, and saying that a value is wrong.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Text};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect, see};
use zhengtong_registry::Catalog;
use zhengtong_sharing::{Held, HeldValue, MyUse, NewObjection, Objection, ObjectionState};
use zhengtong_ui::field::{Area, Field, Form, Input, Width, errors, form, hidden, text, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, back, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Icon, Place, hall};

/// Uses of shared data that are shown on the page of all uses.
const USES: usize = 10;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/data/held", get(held))
        .route("/my/data/object", get(ask).post(object))
        .route("/my/data/objections/{no}", get(objection))
}

async fn held(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let held = zhengtong_sharing::held_of_me(&mut ctx).await?;
    let raised = zhengtong_sharing::my_objections(&mut ctx).await?;
    let catalog = ctx.defs::<Catalog>()?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("全市登记了我的什么", "What the city holds of me");
    let frame = visit.frame(heading, Place::Mine);
    let body = page(html! {
        (back(lang.pick("谁用过我的数据", "Who used my data"), "/my/data"))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "哪个单位登记、登记了什么、什么时候更新的，都在这里。有错的点“不对”，登记单位会在期限内核实。",
            "Which unit holds what, as of when. If a value is wrong, say so; the unit that holds it looks into it in time.",
        )) })))
        @if !raised.is_empty() { (objections(lang, &raised, &catalog)) }
        @if held.is_empty() {
            (empty(&Empty { icon: Icon::Check, title: lang.pick("没有查到登记您的数据", "Nothing is held of you").into(), body: None }))
        }
        @for one in &held { (record(lang, one)) }
    });
    Ok(see(hall(&frame, body)))
}

fn record(lang: Lang, one: &Held) -> Markup {
    let row = |value: &HeldValue| {
        let href = format!(
            "/my/data/object?dataset={}&record={}&field={}",
            one.dataset, one.record, value.field
        );
        Row::new(vec![
            html! { (value.title.get(lang)) },
            html! {
                (value.words.get(lang))
                @if value.disputed { " " (tag(Tone::Warn, lang.pick("有异议，核实中", "Being looked into"))) }
            },
            html! {
                @if value.may_object && !value.disputed {
                    a href=(href) aria-label={ (value.title.get(lang)) (lang.pick("：不对", ": this is wrong")) } {
                        (lang.pick("不对", "Wrong"))
                    }
                }
            },
        ])
    };
    let id = format!("held-{}", one.record);
    let note = format!("{} · {}", one.unit.get(lang), clock_time(one.updated));
    section(
        &Heading::new(id, one.title.get(lang).to_owned()),
        html! {
            p.meta { (note) }
            (flush(&Panel::default(), table(lang, &Table {
                caption: one.title.get(lang).to_owned().into(),
                columns: vec![
                    Column::head(lang.pick("项目", "What")),
                    Column::new(lang.pick("登记的内容", "What is held")),
                    Column::new(lang.pick("有错吗", "Is it wrong")).tight(),
                ],
                rows: one.values.iter().map(row).collect(),
                ..Table::default()
            })))
        },
    )
}

fn objections(lang: Lang, raised: &[Objection], catalog: &Catalog) -> Markup {
    let entries: Vec<Entry> = raised
        .iter()
        .map(|one| {
            let (dataset, field) = names(lang, one, catalog);
            Entry::link(&format!("{dataset} · {field}"), &format!("/my/data/objections/{}", one.no))
                .note(html! { (one.no) @if let Some(due) = one.due { " · " (lang.pick("最晚 ", "until ")) (due) } })
                .end(state(lang, one.state))
        })
        .collect();
    section(&Heading::new("raised", lang.pick("我提的异议", "What I objected to")), list(&entries))
}

fn names(lang: Lang, one: &Objection, catalog: &Catalog) -> (String, String) {
    let dataset = catalog.dataset(&one.dataset);
    let field = dataset.and_then(|dataset| dataset.field(&one.field));
    let title = |text: Option<&Text>, other: &str| {
        text.map_or_else(|| other.to_owned(), |text| text.get(lang).to_owned())
    };
    let dataset = title(dataset.map(|dataset| &dataset.title), &one.dataset);
    (dataset, title(field.map(|field| &field.title), &one.field))
}

fn state(lang: Lang, state: ObjectionState) -> Markup {
    let tone = match state {
        ObjectionState::Open => Tone::Warn,
        ObjectionState::Corrected => Tone::Good,
        ObjectionState::Kept => Tone::Plain,
    };
    tag(tone, state.title().get(lang))
}

#[derive(Deserialize)]
struct Wanted {
    dataset: String,
    record: Uuid,
    field: String,
}

async fn ask(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    visit.known()?;
    show(&visit, &wanted, &Fields::default(), &[]).await
}

async fn object(visit: Visit, fields: Fields) -> Answer {
    visit.known()?;
    let record = fields.get("record").parse().map_err(|_bad| Fault::absent())?;
    let wanted = Wanted {
        dataset: fields.get("dataset").to_owned(),
        record,
        field: fields.get("field").to_owned(),
    };
    let new = NewObjection {
        dataset: wanted.dataset.clone(),
        record,
        field: wanted.field.clone(),
        claimed: fields.get("claimed").to_owned(),
        why: fields.get("why").to_owned(),
    };
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_sharing::object(&mut ctx, new).await {
        Ok(raised) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/my/data/objections/{}", raised.no())))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            show(&visit, &wanted, &fields, &error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn show(visit: &Visit, wanted: &Wanted, fields: &Fields, faults: &[FieldError]) -> Answer {
    let mut ctx = visit.ctx().await?;
    let held = zhengtong_sharing::held_of_me(&mut ctx).await?;
    ctx.commit().await?;
    let one = held.iter().find(|one| one.record == wanted.record && one.dataset == wanted.dataset);
    let one = one.ok_or_else(Fault::absent)?;
    let value = one.values.iter().find(|value| value.field == wanted.field && value.may_object);
    let value = value.ok_or_else(Fault::absent)?;
    let lang = visit.lang();
    let heading = lang.pick("这一项不对", "This value is wrong");
    let mut frame = visit.frame(heading, Place::Mine);
    if !faults.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let claimed = Field::new("claimed", lang.pick("应当是", "It should be")).errors(faults, lang);
    let why = Field::new("why", lang.pick("为什么", "Why"))
        .hint(lang.pick(
            "写明依据，例如证件、时间、经过",
            "Say on what it rests: a document, a day, what happened",
        ))
        .errors(faults, lang);
    let rows = [
        (lang.pick("登记单位", "Held by").into(), html! { (one.unit.get(lang)) }),
        (value.title.get(lang).to_owned().into(), html! { strong { (value.words.get(lang)) } }),
    ];
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("全市登记了我的什么", "What the city holds of me"), "/my/data/held")], heading))
        (errors(lang, faults))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "提出后，这条记录马上标注“有异议”；登记单位 5 个工作日内核实，需要的可以延长到 10 个工作日。",
            "The record is marked at once; the unit looks into it within 5 working days, extendable to 10.",
        )) })))
        (panel(&Panel::new(one.title.get(lang).to_owned()), pairs(rows)))
        (panel(&Panel::default(), form(&frame, &Form::post("/my/data/object"), html! {
            (hidden("dataset", &wanted.dataset))
            (hidden("record", &wanted.record.to_string()))
            (hidden("field", &wanted.field))
            (text(lang, &claimed, &Input::new(fields.get("claimed").to_owned()).width(Width::Full).length_max(200)))
            (textarea(lang, &why, &Area { value: fields.get("why").to_owned().into(), rows: 3, ..Area::default() }))
            (actions(submit(&Button::new(lang.pick("提出异议", "Object")))))
        })))
    });
    let mut response = see(hall(&frame, body));
    if !faults.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn objection(visit: Visit, Path(no): Path<String>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let seen = zhengtong_sharing::objection(&mut ctx, &no).await?;
    let source = zhengtong_party::organisation(&mut ctx, seen.objection.source).await?.name;
    let catalog = ctx.defs::<Catalog>()?;
    ctx.commit().await?;
    let lang = visit.lang();
    let (dataset, field) = names(lang, &seen.objection, &catalog);
    let frame = visit.frame(&field, Place::Mine);
    let mut rows = vec![
        (lang.pick("登记单位", "Held by").into(), html! { (source.get(lang)) }),
        (
            lang.pick("您说应当是", "You said").into(),
            html! { span lang="zh-CN" { (seen.claimed) } },
        ),
    ];
    if let Some(held) = &seen.held {
        rows.push((lang.pick("现在登记的", "Held now").into(), html! { (held.get(lang)) }));
    }
    if let Some(due) = seen.objection.due {
        rows.push((lang.pick("最晚答复", "Answer until").into(), html! { (due) }));
    }
    let steps: Vec<Entry> = seen
        .steps
        .iter()
        .map(|step| {
            Entry::new(html! {
                strong { (step.kind.title().get(lang)) }
                @if !step.words.is_empty() { br; span lang="zh-CN" { (step.words) } }
            })
            .note(html! { (clock_time(step.at)) })
        })
        .collect();
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("全市登记了我的什么", "What the city holds of me"), "/my/data/held")], &no))
        (title(&Title::new(field.as_str()).beside(state(lang, seen.objection.state)).meta(html! { (dataset) " · " (no) })))
        @if seen.objection.state == ObjectionState::Open {
            (notice(&Notice::new(Mood::Info, lang.pick("记录已标注有异议，用它的单位看得到", "The record is marked, and those who use it see that"))))
        }
        (panel(&Panel::default(), pairs(rows)))
        (section(&Heading::new("course", lang.pick("办理过程", "Course")), list(&steps)))
    });
    Ok(see(hall(&frame, body)))
}

/// What other units read of me under grants, for the page of all uses.
pub(crate) fn shared(lang: Lang, uses: &[(MyUse, Text)]) -> Markup {
    if uses.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> = uses
        .iter()
        .take(USES)
        .map(|(one, unit)| {
            let fields: Vec<&str> = one.fields.iter().map(|field| field.get(lang)).collect();
            Entry::new(html! {
                strong { (unit.get(lang)) } " · " (one.dataset.get(lang))
                br; span lang="zh-CN" { (one.purpose) }
            })
            .note(html! {
                (clock_time(one.at)) " · " (one.way.title().get(lang)) " · " (fields.join(lang.pick("、", ", ")))
            })
        })
        .collect();
    section(
        &Heading::new("shared", lang.pick("按共享授权使用的", "Used under grants between units")),
        panel(&Panel::default(), list(&entries)),
    )
}
