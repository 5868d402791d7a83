//! One resource at the workbench: what it says, what changes, what can be done with it now.

use axum::extract::Path;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_catalog::{
    Body, Resource, Result, State, Version, differences, sensitivity_title, sharing_title,
};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, Form, form, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Heading, Title, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, link_button, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::uses::Uses;
use super::{HOME, state_tag};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

pub(super) async fn open(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    show(&visit, id, Typed::default()).await
}

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match done(&mut ctx, id, &fields).await {
        Ok(place) => {
            ctx.commit().await?;
            Ok(redirect(&place))
        }
        Err(error) => {
            drop(ctx);
            show(&visit, id, Typed::of(fields, error)?).await
        }
    }
}

/// Does what the form asks for; where to go then.
async fn done(ctx: &mut Ctx, id: Uuid, fields: &Fields) -> Result<String> {
    let reason = fields.get("reason");
    let here = format!("{HOME}/{id}");
    match fields.get("do") {
        "submit" => zhengtong_catalog::submit(ctx, id).await?,
        "pass" => zhengtong_catalog::review(ctx, id, None).await?,
        "refuse" => zhengtong_catalog::review(ctx, id, Some(reason)).await?,
        "publish" => {
            zhengtong_catalog::publish(ctx, id).await?;
        }
        "change" => {
            zhengtong_catalog::change(ctx, id).await?;
            return Ok(format!("{here}/edit"));
        }
        "discard" => {
            zhengtong_catalog::discard(ctx, id).await?;
            return Ok(HOME.to_owned());
        }
        _ => zhengtong_catalog::withdraw(ctx, id, reason).await?,
    }
    Ok(here)
}

async fn show(visit: &Visit, id: Uuid, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let resource = zhengtong_catalog::open(&mut ctx, id).await?;
    let due = zhengtong_catalog::due_day(&mut ctx, &resource).await?;
    let provider = zhengtong_party::organisation(&mut ctx, resource.provider).await?;
    let Some(version) = resource.open().or_else(|| resource.versions.first()) else {
        return Err(zhengtong_db::Error::absent("resource", id).into());
    };
    let uses = Uses::load(&mut ctx, &version.body).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let name = version.body.title.get(lang);
    let mut frame = bench.frame(visit, name);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let meta = format!("{} · {}", provider.name.get(lang), resource.code.as_deref().unwrap_or("–"));
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据目录", "Directory of data"), HOME)], name))
        (typed.above(lang))
        (title(&Title::new(name).beside(state_tag(lang, version.state)).meta(html! { (meta) })))
        @if let Some(refusal) = &version.refusal {
            (notice(&Notice::new(Mood::Warning, lang.pick("审核退回", "Sent back by the review")).body(html! { p lang="zh-CN" { (refusal) } })))
        }
        (split(html! {
            (changes(lang, &resource, version))
            (metadata(lang, &version.body))
            (items(lang, &version.body))
            @if let Some(uses) = &uses { (uses.users(lang)) }
        }, html! {
            @if let Some(due) = due { p { (lang.pick("审核期限：", "Review until: ")) strong { (due) } } }
            (panels(visit, &frame, &resource, version, &typed))
            @if let Some(uses) = &uses { (uses.quality(lang)) }
            (course(lang, &resource))
        }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

/// What the open version says differently from the one in force.
fn changes(lang: Lang, resource: &Resource, version: &Version) -> Markup {
    let before = resource.in_force().filter(|before| before.number != version.number);
    let Some(before) = before else { return html! {} };
    let rows = differences(&before.body, &version.body);
    let shown = Table {
        caption: lang.pick("和在用版本的差别", "Changes").into(),
        columns: vec![
            Column::head(lang.pick("项目", "Field")).tight(),
            Column::new(lang.pick("现在", "In force")),
            Column::new(lang.pick("改为", "New")),
        ],
        rows: rows
            .iter()
            .map(|one| {
                Row::new(vec![
                    html! { (one.field.get(lang)) },
                    html! { span lang="zh-CN" { (one.before) } },
                    html! { span lang="zh-CN" { (one.after) } },
                ])
            })
            .collect(),
        ..Table::default()
    };
    section(
        &Heading::new(
            "changes",
            lang.pick("和在用版本的差别", "Changes against the version in force"),
        ),
        html! {
            @if rows.is_empty() { p.soft { (lang.pick("还没有差别。", "No difference yet.")) } }
            @else { (flush(&Panel::default(), table(lang, &shown))) }
        },
    )
}

fn metadata(lang: Lang, body: &Body) -> Markup {
    let text = |words: &str| html! { @if words.is_empty() { "–" } @else { span lang="zh-CN" { (words) } } };
    let rows = [
        (lang.pick("分类", "Class"), html! { (body.class) }),
        (lang.pick("摘要", "Summary"), html! { (body.summary.get(lang)) }),
        (lang.pick("格式", "Format"), html! { (body.format.title().get(lang)) }),
        (lang.pick("共享类型", "Sharing"), html! { (sharing_title(body.sharing.kind).get(lang)) }),
        (lang.pick("共享条件", "Condition"), text(&body.sharing.condition)),
        (lang.pick("共享方式", "Way"), html! { (body.sharing.way.title().get(lang)) }),
        (lang.pick("不予共享依据", "Law for not sharing"), text(&body.sharing.basis)),
        (lang.pick("开放", "Openness"), html! { (body.openness.kind.title().get(lang)) }),
        (lang.pick("开放条件", "Condition of openness"), text(&body.openness.condition)),
        (lang.pick("更新周期", "Update cycle"), html! { (body.cycle.title().get(lang)) }),
        (lang.pick("数据集", "Dataset"), html! { (body.dataset.as_deref().unwrap_or("–")) }),
        (lang.pick("来源系统", "System"), text(&body.system)),
        (lang.pick("关联资源", "Related"), text(&body.related.join(" "))),
        (lang.pick("加工来源", "Made from"), text(&body.sources.join(" "))),
    ];
    let rows = rows.into_iter().map(|(name, value)| (name.into(), value));
    panel(&Panel::new(lang.pick("元数据", "Metadata")), pairs(rows))
}

fn items(lang: Lang, body: &Body) -> Markup {
    let shown = Table {
        caption: lang.pick("信息项", "Information items").into(),
        columns: vec![
            Column::head(lang.pick("信息项", "Item")),
            Column::new(lang.pick("数据类型", "Type")),
            Column::number(lang.pick("长度", "Length")),
            Column::new(lang.pick("敏感级别", "Sensitivity")),
        ],
        rows: body
            .items
            .iter()
            .map(|item| {
                Row::new(vec![
                    html! { (item.name.get(lang)) },
                    html! { (item.kind.title().get(lang)) },
                    html! { @match item.length { Some(length) => (length), None => "–" } },
                    html! { (sensitivity_title(item.sensitivity).get(lang)) },
                ])
            })
            .collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &shown))
}

/// The forms of what can be done now by whoever looks.
fn panels(
    visit: &Visit,
    frame: &Frame<'_>,
    resource: &Resource,
    version: &Version,
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let has = |role: &str| visit.actor.roles.iter().any(|held| held == role);
    let (steward, office) = (has("steward"), has("cataloguer"));
    let action = format!("{HOME}/{}", resource.id);
    let sheet = |heading: &'static str, body: Markup| {
        panel(&Panel::new(heading), form(frame, &Form::post(action.clone()), body))
    };
    let reason = |label: &'static str| {
        let field = Field::new("reason", label).errors(&typed.errors, lang);
        let value = typed.fields.get("reason").to_owned();
        textarea(lang, &field, &Area { value: value.into(), rows: 2, ..Area::default() })
    };
    let send =
        |word: &'static str, words: &'static str| submit(&Button::new(words).sends("do", word));
    let second = |word: &'static str, words: &'static str| {
        submit(&Button::secondary(words).sends("do", word))
    };
    let done = lang.pick("可以办的事", "What can be done");
    match version.state {
        State::Draft if steward => sheet(
            done,
            html! {
                (actions(html! {
                    (send("submit", lang.pick("提交审核", "Hand in")))
                    (link_button(&Button::secondary(lang.pick("修改", "Edit")), &format!("{action}/edit")))
                    (second("discard", lang.pick("放弃这一版", "Drop this version")))
                }))
            },
        ),
        State::Submitted if office => sheet(
            lang.pick("审核", "Review"),
            html! {
                (actions(send("pass", lang.pick("通过", "Pass"))))
                (reason(lang.pick("退回理由（退回才写）", "Why it goes back (only then)")))
                (actions(second("refuse", lang.pick("退回", "Send back"))))
            },
        ),
        State::Reviewed if office => sheet(
            done,
            html! {
                (actions(send("publish", lang.pick("发布", "Publish"))))
            },
        ),
        State::Published => html! {
            @if steward { (sheet(done, actions(send("change", lang.pick("修改（出新版本）", "Change (a new version)"))))) }
            @if office { (sheet(lang.pick("撤销", "Withdraw"), html! {
                (reason(lang.pick("撤销理由", "Why it is withdrawn")))
                (actions(second("withdraw", lang.pick("撤销", "Withdraw"))))
            })) }
        },
        _ => html! {},
    }
}

fn course(lang: Lang, resource: &Resource) -> Markup {
    let mut entries = Vec::new();
    for version in &resource.versions {
        let number = match lang {
            Lang::Zh => format!("第 {} 版", version.number),
            Lang::En => format!("Version {}", version.number),
        };
        let mut step = |what: &str, at: time::OffsetDateTime, who: &str| {
            entries.push(
                Entry::new(html! { (number) " · " (what) })
                    .note(html! { (clock_time(at)) " · " (who) }),
            );
        };
        if let Some(at) = version.ended {
            step(version.state.title().get(lang), at, version.end_reason.as_deref().unwrap_or("–"));
        }
        if let Some((at, who)) = &version.published {
            step(lang.pick("发布", "Published"), *at, who);
        }
        if let Some((at, who)) = &version.reviewed {
            step(lang.pick("审核", "Reviewed"), *at, who);
        }
        if let Some(at) = version.submitted {
            step(lang.pick("提交", "Handed in"), at, &version.compiler);
        }
        step(lang.pick("编制", "Compiled"), version.begun, &version.compiler);
    }
    section(&Heading::new("course", lang.pick("办理过程", "Course")), list(&entries))
}
