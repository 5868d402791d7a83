//! 上报: ordering a run, what each came to, what was left out and why, what the platform above says. No row of a case is
//! shown here: whoever runs the platform takes no part in cases.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::Date;
use time::macros::format_description;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fields, Uploads, Visit, clock_time, redirect};
use zhengtong_reporting::{Fault, Feedback, Run, table, unverified};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Input, Upload, Width, date, errors, form, text, upload};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, section, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, flush, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table as drawn};

use crate::bench::{Bench, Typed, acting, reading, staff_only};

/// Days that are offered to be reported.
const USUAL_DAYS: i64 = 7;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/reporting", get(shown).post(order))
        .route("/admin/reporting/feedback", post(feedback))
        .route("/admin/reporting/{run}", get(run))
}

async fn shown(visit: Visit) -> Answer {
    page_again(&visit, &Typed::default()).await
}

async fn page_again(visit: &Visit, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let runs = zhengtong_reporting::runs(&mut ctx).await?;
    let feedbacks = zhengtong_reporting::feedbacks(&mut ctx).await?;
    let (today, bench) = (china_date(ctx.now), Bench::of(&ctx));
    ctx.commit().await?;
    let lang = visit.lang();
    let mut frame = Bench::frame(visit, lang.pick("上报", "Reporting up"));
    let faulty = !typed.errors.is_empty();
    if faulty {
        frame.standing = Standing::Faulty;
    }
    let body = html! {
        (errors(lang, &typed.errors))
        (title(&Title::new(lang.pick("上报国家平台", "Reporting up")).lead(html! { (lang.pick(
            "事项、办件、评价按国家平台的表结构逐项核对后生成文件，放到数据目录，由前置机取走。这里看不到办件内容。",
            "Items, cases and ratings are checked field by field against the national tables and laid down in the data folder for the exchange. No content of a case is shown here.",
        )) })))
        (new_run(lang, &frame, typed, today))
        (section(&Heading::new("runs", lang.pick("报送记录", "Runs")), runs_table(lang, &runs)))
        (section(&Heading::new("feedback", lang.pick("上级平台反馈的问题", "What the platform above says")), html! {
            (feedback_table(lang, &feedbacks))
            (feedback_form(lang, &frame, typed))
        }))
        p.meta { (lang.pick("代码含义尚待与国家平台核对的：", "Code lists not confirmed yet: ")) (unverified().join(", ")) }
    };
    if faulty {
        return Ok(bench.refused(visit, &frame, body));
    }
    Ok(bench.page(visit, &frame, body))
}

fn new_run(lang: Lang, frame: &Frame<'_>, typed: &Typed, today: Date) -> Markup {
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let first = today.checked_sub(time::Duration::days(USUAL_DAYS)).unwrap_or(today);
    panel(
        &Panel::new(lang.pick("报送一次", "A new run")),
        form(
            frame,
            &Form::post("/admin/reporting"),
            html! {
                (date(lang, &field("from", "第一天", "First day"), &typed.value_or("from", &first.to_string())))
                (date(lang, &field("to", "最后一天", "Last day"), &typed.value_or("to", &today.to_string())))
                (text(lang, &field("reason", "为什么报送", "Why"), &Input::new(typed.value_or("reason", lang.pick("定期报送", "regular report"))).width(Width::Long)))
                (actions(html! {
                    (submit(&Button::new(lang.pick("开始报送", "Start"))))
                    span.meta { (lang.pick("报过又没变的不重复报", "what was sent and has not changed is not sent again")) }
                }))
            },
        ),
    )
}

async fn order(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let day = |name: &str| {
        Date::parse(fields.get(name).trim(), format_description!("[year]-[month]-[day]")).ok()
    };
    let (Some(from), Some(to)) = (day("from"), day("to")) else {
        drop(ctx);
        let missing = ["from", "to"].into_iter().filter(|name| day(name).is_none());
        let errors = missing.map(|name| {
            FieldError::new(name, "请写日期，例如 2026-11-22", "write a day, such as 2026-11-22")
        });
        let errors = errors.collect();
        return page_again(&visit, &Typed { fields, errors, said: None }).await;
    };
    match zhengtong_reporting::order(&mut ctx, from, to, fields.get("reason")).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect("/admin/reporting"))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            let errors = error.fields();
            page_again(&visit, &Typed { fields, errors, said: None }).await
        }
        Err(error) => Err(error.into()),
    }
}

fn runs_table(lang: Lang, runs: &[Run]) -> Markup {
    let row = |run: &Run| {
        let sent: usize = run.tables.iter().map(|one| one.sent).sum();
        let same: usize = run.tables.iter().map(|one| one.same).sum();
        let fine = run.left_out == 0;
        let words = if fine {
            lang.pick("全部合格", "all sound")
        } else {
            lang.pick("有不合格的", "some left out")
        };
        Row::new(vec![
            html! { a href={ "/admin/reporting/" (run.id) } { (run.batch) } },
            html! { (run.from) (lang.pick(" 至 ", " to ")) (run.to) },
            html! { (clock_time(run.at)) " · " (run.by) },
            html! { (sent) },
            html! { (same) },
            html! { (lamp(if fine { Light::Ok } else { Light::Near }, words)) @if !fine { " " (run.left_out) } },
        ])
    };
    let listed = Table {
        caption: lang.pick("报送记录", "Runs").into(),
        columns: vec![
            Column::head(lang.pick("批次", "Batch")),
            Column::new(lang.pick("时间段", "Period")),
            Column::new(lang.pick("何时何人", "When and who")),
            Column::number(lang.pick("报送行数", "Rows sent")),
            Column::number(lang.pick("未变", "Unchanged")),
            Column::new(lang.pick("核对", "Check")),
        ],
        rows: runs.iter().map(row).collect(),
        ..Table::default()
    };
    html! {
        @if runs.is_empty() { p.soft { (lang.pick("还没有报送过。", "None yet.")) } }
        @else { (flush(&Panel::default(), drawn(lang, &listed))) }
    }
}

async fn run(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let runs = zhengtong_reporting::runs(&mut ctx).await?;
    let faults = zhengtong_reporting::faults(&mut ctx, id).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let found = runs.into_iter().find(|run| run.id == id);
    let Some(run) = found else { return Err(zhengtong_http::Fault::absent()) };
    let lang = visit.lang();
    let frame = Bench::frame(&visit, lang.pick("上报", "Reporting up"));
    let up = Link::new(lang.pick("上报", "Reporting up"), "/admin/reporting");
    let body = html! {
        (crumbs(lang, &[up], &run.batch))
        (title(&Title::new(run.batch.clone()).meta(html! { (run.from) (lang.pick(" 至 ", " to ")) (run.to) " · " (run.by) " · " (clock_time(run.at)) })))
        (section(&Heading::new("tables", lang.pick("各表", "Tables")), tables(lang, &run)))
        (section(&Heading::new("faults", lang.pick("没有报的和怎么改", "What was left out and how to mend it")), faults_table(lang, &faults)))
        p.meta { (lang.pick("清单摘要（SM3）：", "Digest of the manifest (SM3): ")) code { (run.manifest) } }
    };
    Ok(bench.page(&visit, &frame, body))
}

fn tables(lang: Lang, run: &Run) -> Markup {
    let row = |one: &zhengtong_reporting::TableCount| {
        let name = table(&one.table).map_or("", |table| table.title);
        Row::new(vec![
            html! { code { (one.table) } br; span.soft { (name) } },
            html! { (one.sent) },
            html! { (one.same) },
            html! { (one.left_out) },
        ])
    };
    let listed = Table {
        caption: lang.pick("各表", "Tables").into(),
        columns: vec![
            Column::head(lang.pick("表", "Table")),
            Column::number(lang.pick("报送", "Sent")),
            Column::number(lang.pick("未变", "Unchanged")),
            Column::number(lang.pick("没报", "Left out")),
        ],
        rows: run.tables.iter().map(row).collect(),
        ..Table::default()
    };
    flush(&Panel::default(), drawn(lang, &listed))
}

fn faults_table(lang: Lang, faults: &[Fault]) -> Markup {
    let row = |fault: &Fault| {
        Row::new(vec![
            html! { (fault.subject) },
            html! { code { (fault.table) } },
            html! { code { (fault.field) } @if !fault.title.is_empty() { br; span.soft { (fault.title) } } },
            html! { (rule(lang, &fault.rule)) },
            html! { (fault.mend.get(lang)) },
        ])
    };
    let listed = Table {
        caption: lang.pick("没有报的", "What was left out").into(),
        columns: vec![
            Column::head(lang.pick("办件或事项", "Case or item")),
            Column::new(lang.pick("表", "Table")),
            Column::new(lang.pick("字段", "Field")),
            Column::new(lang.pick("规则", "Rule")).tight(),
            Column::new(lang.pick("怎么改", "What to mend")),
        ],
        rows: faults.iter().map(row).collect(),
        ..Table::default()
    };
    html! {
        @if faults.is_empty() { p.soft { (lang.pick("没有。", "Nothing.")) } }
        @else { (flush(&Panel::default(), drawn(lang, &listed))) }
    }
}

fn rule(lang: Lang, word: &str) -> &'static str {
    match word {
        "required" => lang.pick("必填", "required"),
        "length" => lang.pick("长度", "length"),
        "type" => lang.pick("类型", "type"),
        "code" => lang.pick("代码", "code list"),
        _ => lang.pick("表结构", "table"),
    }
}

fn feedback_table(lang: Lang, feedbacks: &[Feedback]) -> Markup {
    let row = |one: &Feedback| {
        let subject = one.subject.clone();
        let state = if one.mended {
            tag(Tone::Good, lang.pick("已重报", "sent anew"))
        } else {
            tag(Tone::Warn, lang.pick("待改", "to be mended"))
        };
        Row::new(vec![
            html! { (subject.unwrap_or_else(|| lang.pick("不是本市报的", "not sent from here").to_owned())) },
            html! { code { (one.table) } },
            html! { strong { (one.kind) } @if !one.remark.is_empty() { br; span lang="zh-CN" { (one.remark) } } },
            html! { (clock_time(one.at)) },
            state,
        ])
    };
    let listed = Table {
        caption: lang.pick("反馈", "Feedback").into(),
        columns: vec![
            Column::head(lang.pick("办件或事项", "Case or item")),
            Column::new(lang.pick("表", "Table")),
            Column::new(lang.pick("问题", "What is wrong")),
            Column::new(lang.pick("读入", "Read")).tight(),
            Column::new(lang.pick("进展", "Stands")).tight(),
        ],
        rows: feedbacks.iter().map(row).collect(),
        ..Table::default()
    };
    html! {
        @if feedbacks.is_empty() { p.soft { (lang.pick("没有。", "Nothing.")) } }
        @else { (flush(&Panel::default(), drawn(lang, &listed))) }
    }
}

fn feedback_form(lang: Lang, frame: &Frame<'_>, typed: &Typed) -> Markup {
    let field = Field::new(
        "file",
        lang.pick(
            "反馈文件（dn_audit_abnormal，CSV）",
            "File of feedback (dn_audit_abnormal, CSV)",
        ),
    );
    panel(
        &Panel::new(lang.pick("读入反馈", "Read feedback")),
        form(
            frame,
            &Form::post("/admin/reporting/feedback").files(),
            html! {
                (upload(lang, &field.errors(&typed.errors, lang), &Upload {
                    accept: ".csv".into(),
                    limits: lang.pick("UTF-8，第一行是列名，最多 5000 行", "UTF-8, names of columns in the first line, at most 5000 rows").into(),
                    endpoint: "".into(),
                    bytes_max: 4 << 20,
                    files: Vec::new(),
                    several: false,
                }))
                (actions(submit(&Button::secondary(lang.pick("读入", "Read it")))))
            },
        ),
    )
}

async fn feedback(visit: Visit, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&sent.fields).await?;
    let bytes = sent.files.first().map(|file| file.bytes.clone()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    match zhengtong_reporting::feedback(&mut ctx, &text).await {
        Ok(_new) => {
            ctx.commit().await?;
            Ok(redirect("/admin/reporting#feedback"))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            let errors = error.fields();
            page_again(&visit, &Typed { fields: sent.fields, errors, said: None }).await
        }
        Err(error) => Err(error.into()),
    }
}
