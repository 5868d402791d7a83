//! The spreadsheet template: choose a file, look at the difference, then do exactly that.

use axum::extract::Path;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Limits};
use zhengtong_catalog::{Import, Plan};
use zhengtong_db::Thing;
use zhengtong_http::{Answer, Fields, Uploads, Visit, clock_time, redirect};
use zhengtong_ui::field::{Field, Form, Upload, form, upload};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Heading, Title, section, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::HOME;
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

pub(super) async fn choose(visit: Visit) -> Answer {
    chooser(&visit, Typed::default()).await
}

pub(super) async fn read(visit: Visit, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&sent.fields).await?;
    let Some(file) = sent.files.iter().find(|file| !file.bytes.is_empty()) else {
        let errors = vec![FieldError::new("file", "请选一个文件", "choose a file")];
        let kind = Some(zhengtong_base::Kind::Invalid);
        return chooser(&visit, Typed { errors, kind, ..Typed::default() }).await;
    };
    match zhengtong_catalog::read_sheet(&mut ctx, &file.name, &file.bytes).await {
        Ok(id) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/sheet/{id}")))
        }
        Err(error) => {
            drop(ctx);
            chooser(&visit, Typed::of(Fields::default(), error)?).await
        }
    }
}

async fn chooser(visit: &Visit, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let thing = Thing::new("resource", "sheet").handled_by(ctx.actor.organisation);
    ctx.allow("catalog.import", &thing)?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("导入编制模板", "Import the template");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let field =
        Field::new("file", lang.pick("模板文件", "Spreadsheet")).errors(&typed.errors, lang);
    let place = Upload {
        accept: ".csv,.xlsx".into(),
        limits: lang
            .pick("CSV 或 XLSX，不超过 20 MB、2 万行", "CSV or XLSX, at most 20 MB and 20,000 rows")
            .into(),
        bytes_max: Limits::default().file_bytes,
        ..Upload::default()
    };
    let columns = zhengtong_catalog::COLUMNS
        .iter()
        .map(|(_, name, required)| if *required { format!("{name}*") } else { (*name).to_owned() });
    let columns = columns.collect::<Vec<_>>().join("、");
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据目录", "Directory of data"), HOME)], heading))
        (typed.above(lang))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "先看差异，什么都不会改；确认后，只做列出来的那些。",
            "The difference is shown first and nothing changes; then exactly that is done.",
        )) })))
        (form(&frame, &Form::post(format!("{HOME}/sheet")).files(), html! {
            (upload(lang, &field, &place))
            (actions(submit(&Button::new(lang.pick("看差异", "Show the difference")))))
        }))
        p.soft { (lang.pick("第一行是列名（带 * 的必须有）：", "The first row names the columns (those with * are needed): ")) span lang="zh-CN" { (columns) } }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

pub(super) async fn shown(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    show(&visit, id, Typed::default()).await
}

pub(super) async fn apply(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_catalog::apply(&mut ctx, id).await {
        Ok(_done) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}?show=draft")))
        }
        Err(error) => {
            drop(ctx);
            show(&visit, id, Typed::of(fields, error)?).await
        }
    }
}

async fn show(visit: &Visit, id: Uuid, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let import = zhengtong_catalog::sheet(&mut ctx, id).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("导入差异", "Difference of the import");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let plan = &import.plan;
    let some = !plan.new.is_empty() || !plan.changed.is_empty();
    let up = [
        Link::new(lang.pick("数据目录", "Directory of data"), HOME),
        Link::new(lang.pick("导入", "Import"), "/desk/catalog/sheet"),
    ];
    let body = html! {
        (crumbs(lang, &up, heading))
        (typed.above(lang))
        (title(&Title::new(heading).lead(html! { (sums(lang, plan)) }).meta(html! { (import.name) " · " (clock_time(import.at)) " · " (import.by) })))
        (standing(lang, &import, some))
        @if import.applied.is_none() && some {
            (form(&frame, &Form::post(format!("{HOME}/sheet/{id}")), actions(submit(&Button::new(lang.pick("就按这些做", "Do exactly this"))))))
        }
        (faulty(lang, plan))
        (changed(lang, plan))
        (new(lang, plan))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn sums(lang: Lang, plan: &Plan) -> String {
    let (new, changed) = (plan.new.len(), plan.changed.len());
    let (same, faulty) = (plan.unchanged.len(), plan.faulty.len());
    match lang {
        Lang::Zh => format!(
            "新增 {new} 个，修改 {changed} 个，没变 {same} 个，有错 {faulty} 处。有错的不导入。"
        ),
        Lang::En => format!(
            "{new} new, {changed} changed, {same} unchanged, {faulty} faults. What is faulty is left out."
        ),
    }
}

fn standing(lang: Lang, import: &Import, some: bool) -> Markup {
    match import.applied {
        Some(at) => notice(
            &Notice::new(Mood::Done, lang.pick("已经导入为草稿", "Imported as drafts"))
                .body(html! { p { (clock_time(at)) } }),
        ),
        None if !some => {
            notice(&Notice::new(Mood::Info, lang.pick("没有要做的", "There is nothing to do")))
        }
        None => html! {},
    }
}

fn faulty(lang: Lang, plan: &Plan) -> Markup {
    if plan.faulty.is_empty() {
        return html! {};
    }
    let shown = Table {
        caption: lang.pick("有错的行", "Faulty rows").into(),
        columns: vec![
            Column::head(lang.pick("第几行", "Row")).tight(),
            Column::new(lang.pick("为什么", "Why")),
        ],
        rows: plan
            .faulty
            .iter()
            .map(|fault| Row::new(vec![html! { (fault.row) }, html! { (fault.text.get(lang)) }]))
            .collect(),
        ..Table::default()
    };
    section(
        &Heading::new("faulty", lang.pick("有错的行", "Faulty rows")),
        flush(&Panel::default(), table(lang, &shown)),
    )
}

fn changed(lang: Lang, plan: &Plan) -> Markup {
    if plan.changed.is_empty() {
        return html! {};
    }
    let rows = plan.changed.iter().flat_map(|changed| {
        changed.fields.iter().map(move |field| {
            Row::new(vec![
                html! { (changed.body.title.zh) br; span.meta { (changed.row) } },
                html! { (field.field.get(lang)) },
                html! { span lang="zh-CN" { (field.before) } },
                html! { span lang="zh-CN" { (field.after) } },
            ])
        })
    });
    let shown = Table {
        caption: lang.pick("修改", "Changed").into(),
        columns: vec![
            Column::head(lang.pick("资源和行", "Resource and row")),
            Column::new(lang.pick("项目", "Field")),
            Column::new(lang.pick("现在", "Now")),
            Column::new(lang.pick("改为", "New")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    section(
        &Heading::new("changed", lang.pick("修改", "Changed")),
        flush(&Panel::default(), table(lang, &shown)),
    )
}

fn new(lang: Lang, plan: &Plan) -> Markup {
    if plan.new.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> = plan
        .new
        .iter()
        .map(|new| {
            Entry::new(html! { (new.body.title.zh) }).note(html! {
                (lang.pick("第 ", "row ")) (new.row) (lang.pick(" 行 · ", " · "))
                (new.body.class) " · " (new.body.items.len()) (lang.pick(" 个信息项", " items"))
                @if let Some(code) = &new.code { " · " (code) }
            })
        })
        .collect();
    section(&Heading::new("new", lang.pick("新增", "New")), list(&entries))
}
