//! Putting down what a supervisor found, with the evidence; the rules decide whether a card follows.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, FieldError, Kind};
use zhengtong_casework::fen;
use zhengtong_http::{Answer, App, Fields, Uploads, Visit, redirect};
use zhengtong_party::Organisation;
use zhengtong_supervision::{Catalog, NewFinding};
use zhengtong_ui::Frame;
use zhengtong_ui::Icon;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Layout, Pick, date, errors, form, radios, select, text, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, actions, submit};

use super::read_day;
use crate::bench::{Bench, reading, staff_only};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/board/supervision/find", get(shown).post(find))
}

async fn shown(visit: Visit) -> Answer {
    drawn(&visit, &Fields::default(), &[], None).await
}

async fn drawn(
    visit: &Visit,
    fields: &Fields,
    wrong: &[FieldError],
    refused: Option<Kind>,
) -> Answer {
    let mut ctx = reading(visit).await?;
    let catalog = zhengtong_supervision::rules(&mut ctx)?;
    let departments = zhengtong_party::departments(&mut ctx).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let mut frame = bench.frame(visit, visit.lang().pick("登记线索", "Put down a finding"));
    if refused.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = page(&frame, &catalog, &departments, fields, wrong);
    match refused {
        None => Ok(bench.page(visit, &frame, body)),
        Some(kind) => Ok(bench.refused(visit, &frame, body, kind)),
    }
}

async fn find(visit: Visit, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let fields = &sent.fields;
    let new = NewFinding {
        kind: fields.get("kind").to_owned(),
        case: fields.get("case").to_owned(),
        department: fields.get("department").parse().ok(),
        happened_on: read_day(fields.get("day")),
        charged: fen(fields.get("charged")),
        listed: fen(fields.get("listed")),
        evidence: fields.get("evidence").to_owned(),
    };
    let mut ctx = visit.act(fields).await?;
    let files = crate::supervision::files(&sent);
    match zhengtong_supervision::find_with(&mut ctx, new, &files).await {
        Ok(_raised) => {
            ctx.commit().await?;
            Ok(redirect("/board/supervision/cards"))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            let wrong = error.fields();
            drop(ctx);
            drawn(&visit, fields, &wrong, Some(Kind::Invalid)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn page(
    frame: &Frame<'_>,
    catalog: &Catalog,
    departments: &[Organisation],
    fields: &Fields,
    wrong: &[FieldError],
) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(wrong, lang)
    };
    let kinds: Vec<Pick<'_>> = catalog
        .findings()
        .iter()
        .map(|kind| Pick::new(kind.id.as_str(), kind.title.get(lang)).hint(kind.hint.get(lang)))
        .collect();
    let units: Vec<Pick<'_>> =
        departments.iter().map(|one| Pick::new(one.id.to_string(), one.name.get(lang))).collect();
    let entry = |name: &str| Input::new(fields.get(name).to_owned());
    let area = Area {
        value: fields.get("evidence").to_owned().into(),
        rows: 5,
        length_max: Some(4_000),
        ..Area::default()
    };
    let case = field("case", "办件号", "Case number").optional().hint(lang.pick(
        "在平台上的件写办件号，没有就选责任单位",
        "If it is about a case of the platform; else choose the department",
    ));
    let listed = field("listed", "收费清单写的金额（元）", "Amount of the list (yuan)")
        .optional()
        .hint(lang.pick("清单上没有这一项的留空", "Leave it empty if it is not on the list"));
    let ask = form(
        frame,
        &Form::post("/board/supervision/find").files(),
        html! {
            (radios(lang, &field("kind", "是哪一类情况", "What kind"), &kinds, fields.get("kind"), Layout::Down))
            (text(lang, &case, &entry("case")))
            (select(lang, &field("department", "责任单位", "Department").optional(), &units, fields.get("department")))
            (date(lang, &field("day", "哪一天", "On which day"), fields.get("day")))
            (text(lang, &field("charged", "实收金额（元）", "Charged (yuan)").optional(), &entry("charged")))
            (text(lang, &listed, &entry("listed")))
            (textarea(lang, &field("evidence", "看到了什么、证据存在哪里", "What was seen, and where the evidence is"), &area))
            (crate::supervision::files_field(lang, wrong, lang.pick("照片、收据、笔录等", "Photographs, receipts, records")))
            (actions(submit(&Button::new(lang.pick("登记", "Put down")).icon(Icon::FileCheck))))
        },
    );
    let aside = panel(
        &Panel::new(lang.pick("登记以后", "What follows")),
        html! { p { (lang.pick(
            "登记的内容和您的姓名改不掉。符合规则的，平台自动发牌并通知责任单位；不符合的只留记录。不要写申请人的姓名和证件号。",
            "What is put down stays, with your name. Where a rule is met a card is raised and the department is told. Do not write names or numbers of applicants.",
        )) } },
    );
    html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &frame.title))
        (title(&Title::new(frame.title.as_ref())))
        (errors(lang, wrong))
        (split(panel(&Panel::default(), ask), aside))
    }
}
