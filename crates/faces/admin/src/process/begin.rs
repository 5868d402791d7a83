//! A definition that is not there yet: which pack, what it is called, a process or decisions.

use maud::{Markup, html};
use zhengtong_base::{Failure as _, Kind, Lang};
use zhengtong_http::{Answer, Fields, Visit, redirect};
use zhengtong_process::{Catalog, New, thing};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Field, Form, Input, Layout, Pick, Width, errors, form, radios, select, text,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed};
use zhengtong_ui::press::{Button, actions, submit};

use super::drawing::place;
use crate::bench::{Bench, Typed, acting, reading};

/// The page on which it begins.
pub(super) const PAGE: &str = "/admin/process/new";
const DECISIONS: &str = "dmn";

pub(super) async fn shown(visit: Visit) -> Answer {
    asked(&visit, &Typed::default()).await
}

pub(super) async fn begun(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let new = New {
        pack: fields.get("pack"),
        file: fields.get("file").trim(),
        title: fields.get("title"),
        decides: fields.get("language") == DECISIONS,
    };
    match zhengtong_process::create(&mut ctx, &new).await {
        Ok(design) => {
            ctx.commit().await?;
            Ok(redirect(&place(&design)))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let errors = error.fields();
            let said = errors.is_empty().then(|| error.text());
            asked(&visit, &Typed { fields, errors, said }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn asked(visit: &Visit, typed: &Typed) -> Answer {
    let ctx = reading(visit).await?;
    ctx.allow("process.draw", &thing("", None))?;
    let packs: Vec<String> = ctx.defs::<Catalog>()?.packs().map(str::to_owned).collect();
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let mut frame = Bench::frame(visit, visit.lang().pick("新建流程或决策", "A new definition"));
    if typed.errors.is_empty() && typed.said.is_none() {
        return Ok(bench.page(visit, &frame, page(&frame, &packs, typed)));
    }
    frame.standing = Standing::Faulty;
    Ok(bench.refused(visit, &frame, page(&frame, &packs, typed)))
}

fn page(frame: &Frame<'_>, packs: &[String], typed: &Typed) -> Markup {
    let lang = frame.lang;
    let links = [Link::new(lang.pick("流程", "Processes"), "/admin/process")];
    let heading = lang.pick("新建流程或决策", "A new definition");
    let meta = lang.pick(
        "先起草，检查通过后提交，另一位管理员批准，从生效日起使用",
        "It is drafted, checked, approved by another administrator, and in force from its day",
    );
    html! {
        (crumbs(lang, &links, heading))
        (title(&Title::new(heading).meta(html! { (meta) })))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (boxed(&Panel::new(lang.pick("新的定义", "The new definition")), form(frame, &Form::post(PAGE), html! {
            (fields(lang, packs, typed))
            (actions(submit(&Button::new(lang.pick("开始起草", "Begin the draft")))))
        })))
    }
}

fn fields(lang: Lang, packs: &[String], typed: &Typed) -> Markup {
    let kinds = [
        Pick::new(
            "bpmn",
            lang.pick("流程：一步步由人和平台办", "A process: steps of people and of the platform"),
        ),
        Pick::new(DECISIONS, lang.pick("决策：按表算出结果", "Decisions: results by a table")),
    ];
    let kind =
        Field::new("language", lang.pick("要建什么", "What it is")).errors(&typed.errors, lang);
    let pack = Field::new("pack", lang.pick("属于哪个包", "The pack it belongs to"))
        .hint(lang.pick(
            "它能用这个包和它依赖的包里的流程和决策",
            "It may use what this pack and those it needs have",
        ))
        .errors(&typed.errors, lang);
    let picks: Vec<Pick<'_>> =
        packs.iter().map(|pack| Pick::new(pack.as_str(), pack.as_str())).collect();
    let file = Field::new("file", lang.pick("代号", "Its short name"))
        .hint(lang.pick(
            "小写字母、数字和连字符，以后不能改，例如 nightly-check",
            "Small letters, digits and hyphens; it stays, such as nightly-check",
        ))
        .errors(&typed.errors, lang);
    let name = Field::new("title", lang.pick("名称", "Its name"))
        .hint(lang.pick("大家看到的中文名称", "The Chinese name that people see"))
        .errors(&typed.errors, lang);
    html! {
        (radios(lang, &kind, &kinds, &typed.value_or("language", "bpmn"), Layout::Down))
        (select(lang, &pack, &picks, &typed.value("pack")))
        (text(lang, &file, &Input::new(typed.value("file")).width(Width::Long)))
        (text(lang, &name, &Input::new(typed.value("title"))))
    }
}
