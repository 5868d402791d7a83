//! The form of a resource: the core metadata of the guide, one question each.

use axum::extract::Path;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_catalog::{
    Body, Cycle, Directory, Format, Item, Opened, Openness, SHARINGS, Shared, Way, codes, item_of,
    parse_sharing, sharing_title,
};
use zhengtong_db::{Ctx, Thing};
use zhengtong_http::{Answer, Fault, Fields, Visit, redirect};
use zhengtong_registry::{Catalog, Sharing};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Layout, Pick, Width, fieldset, form, radios, select, text, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::press::{Button, actions, submit};

use super::HOME;
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// Choices of a list: value and name.
type Choices = Vec<(String, String)>;

pub(super) async fn begin(visit: Visit) -> Answer {
    page(&visit, None, Typed::default()).await
}

pub(super) async fn begun(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let body = match body_of(&fields) {
        Ok(body) => body,
        Err(errors) => return again(&visit, None, fields, errors).await,
    };
    match zhengtong_catalog::compile(&mut ctx, body).await {
        Ok(id) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{id}")))
        }
        Err(error) => {
            drop(ctx);
            page(&visit, None, Typed::of(fields, error)?).await
        }
    }
}

pub(super) async fn edit(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let resource = zhengtong_catalog::open(&mut ctx, id).await?;
    ctx.commit().await?;
    let fields = resource.open().map(|version| fields_of(&version.body)).unwrap_or_default();
    page(&visit, Some(id), Typed { fields, ..Typed::default() }).await
}

pub(super) async fn edited(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let body = match body_of(&fields) {
        Ok(body) => body,
        Err(errors) => return again(&visit, Some(id), fields, errors).await,
    };
    match zhengtong_catalog::save(&mut ctx, id, body).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{id}")))
        }
        Err(error) => {
            drop(ctx);
            page(&visit, Some(id), Typed::of(fields, error)?).await
        }
    }
}

async fn again(visit: &Visit, id: Option<Uuid>, fields: Fields, errors: Vec<FieldError>) -> Answer {
    let kind = Some(zhengtong_base::Kind::Invalid);
    page(visit, id, Typed { fields, errors, said: None, kind }).await
}

async fn page(visit: &Visit, id: Option<Uuid>, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    if id.is_none() {
        let thing = Thing::new("resource", "new").handled_by(ctx.actor.organisation);
        ctx.allow("catalog.compile", &thing)?;
    }
    let lang = visit.lang();
    let (classes, datasets) = lists(&mut ctx, lang).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let heading = match id {
        None => lang.pick("编制信息资源", "Compile a resource"),
        Some(_) => lang.pick("修改信息资源", "Edit a resource"),
    };
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let action = match id {
        None => format!("{HOME}/new"),
        Some(id) => format!("{HOME}/{id}/edit"),
    };
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据目录", "Directory of data"), HOME)], heading))
        (typed.above(lang))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "先存草稿，核对好再提交审核。",
            "It is kept as a draft; hand it in when it is right.",
        )) })))
        (form(&frame, &Form::post(action), html! {
            (about(&frame, &typed, &classes))
            (content(&frame, &typed, &datasets))
            (attributes(&frame, &typed))
            (ties(&frame, &typed))
            (actions(submit(&Button::new(lang.pick("存为草稿", "Keep as a draft")))))
        }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

/// The classes and the datasets that the unit may choose.
async fn lists(ctx: &mut Ctx, lang: Lang) -> Result<(Choices, Choices), Fault> {
    let short = match ctx.actor.organisation {
        Some(unit) => zhengtong_party::organisation(ctx, unit).await?.short,
        None => None,
    };
    let (directory, registry) = (ctx.defs::<Directory>()?, ctx.defs::<Catalog>()?);
    let classes = directory
        .classes()
        .filter(|(code, class)| {
            directory.is_leaf(code) && (class.unit.is_none() || class.unit == short)
        })
        .map(|(code, _)| {
            let path = directory.path(code);
            let names: Vec<&str> = path.iter().map(|(_, title)| title.get(lang)).collect();
            (code.to_owned(), format!("{code} {}", names.join(" › ")))
        });
    let datasets = registry
        .datasets
        .values()
        .filter(|dataset| Some(&dataset.authority) == short.as_ref())
        .map(|dataset| (dataset.id.clone(), dataset.title.get(lang).to_owned()));
    Ok((classes.collect(), datasets.collect()))
}

/// One line.
fn line(frame: &Frame<'_>, typed: &Typed, field: Field<'_>) -> Markup {
    let field = field.errors(&typed.errors, frame.lang);
    let value = typed.fields.get(&field.name).to_owned();
    text(frame.lang, &field, &Input::new(value).width(Width::Full).length_max(200))
}

/// Several lines.
fn area(frame: &Frame<'_>, typed: &Typed, field: Field<'_>, rows: u32) -> Markup {
    let field = field.errors(&typed.errors, frame.lang);
    let value = typed.fields.get(&field.name).to_owned();
    textarea(frame.lang, &field, &Area { value: value.into(), rows, ..Area::default() })
}

fn chosen(
    frame: &Frame<'_>,
    typed: &Typed,
    field: Field<'_>,
    choices: &[(String, String)],
) -> Markup {
    let field = field.errors(&typed.errors, frame.lang);
    let picks: Vec<Pick<'_>> =
        choices.iter().map(|(value, name)| Pick::new(value.as_str(), name.as_str())).collect();
    let value = typed.fields.get(&field.name).to_owned();
    select(frame.lang, &field, &picks, &value)
}

fn one_of(frame: &Frame<'_>, typed: &Typed, field: Field<'_>, choices: &[(&str, Text)]) -> Markup {
    let field = field.errors(&typed.errors, frame.lang);
    let picks: Vec<Pick<'_>> = choices
        .iter()
        .map(|(value, title)| Pick::new(*value, title.get(frame.lang).to_owned()))
        .collect();
    let value = typed.fields.get(&field.name).to_owned();
    radios(frame.lang, &field, &picks, &value, Layout::Across)
}

fn about(frame: &Frame<'_>, typed: &Typed, classes: &[(String, String)]) -> Markup {
    let lang = frame.lang;
    fieldset(
        lang.pick("是什么数据", "What data it is"),
        html! {
            (line(frame, typed, Field::new("title_zh", lang.pick("信息资源名称", "Title in Chinese"))))
            (line(frame, typed, Field::new("title_en", lang.pick("英文名称", "Title in English")).optional()))
            (chosen(frame, typed, Field::new("class", lang.pick("分类", "Class")), classes))
            (area(frame, typed, Field::new("summary_zh", lang.pick("摘要", "Summary in Chinese")).hint(lang.pick("一句话说清：谁的、什么时候的、包括什么", "In a sentence: whose, of when, what is in it")), 2))
            (area(frame, typed, Field::new("summary_en", lang.pick("英文摘要", "Summary in English")).optional(), 2))
            (one_of(frame, typed, Field::new("format", lang.pick("格式", "Format")), &Format::ALL.iter().map(|one| (one.word(), one.title())).collect::<Vec<_>>()))
        },
    )
}

fn content(frame: &Frame<'_>, typed: &Typed, datasets: &[(String, String)]) -> Markup {
    let lang = frame.lang;
    fieldset(
        lang.pick("有哪些信息项", "Its items"),
        html! {
            (chosen(frame, typed, Field::new("dataset", lang.pick("平台上的数据集", "Dataset of the platform")).hint(lang.pick("选了就自动带出信息项，并按实际到达的数据提醒更新", "Items come from it, and updates are watched by what arrives")).optional(), datasets))
            (area(frame, typed, Field::new("items", lang.pick("信息项", "Information items")).hint(lang.pick(
                "每行一项：名称 | 数据类型 | 长度 | 敏感级别。可以从表格里直接粘贴",
                "One on each line: name | type | length | sensitivity. May be pasted from a spreadsheet",
            )).optional(), 6))
            (line(frame, typed, Field::new("system", lang.pick("来源系统", "System it comes from")).optional()))
        },
    )
}

fn attributes(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let sharings: Vec<(&str, Text)> =
        SHARINGS.iter().map(|one| (one.word(), sharing_title(*one))).collect();
    fieldset(
        lang.pick("共享、开放和更新", "Sharing, openness, updates"),
        html! {
            (one_of(frame, typed, Field::new("sharing", lang.pick("共享类型", "Sharing")), &sharings))
            (line(frame, typed, Field::new("condition", lang.pick("共享条件", "Condition of sharing")).hint(lang.pick("有条件共享才填", "Only when shared on a condition")).optional()))
            (line(frame, typed, Field::new("basis", lang.pick("不予共享依据", "Law for not sharing")).hint(lang.pick("不予共享才填，写到条款", "Only when not shared; name the clause")).optional()))
            (one_of(frame, typed, Field::new("way", lang.pick("共享方式", "Way of sharing")), &Way::ALL.iter().map(|one| (one.word(), one.title())).collect::<Vec<_>>()))
            (one_of(frame, typed, Field::new("openness", lang.pick("向社会开放", "Open to the public")), &Openness::ALL.iter().map(|one| (one.word(), one.title())).collect::<Vec<_>>()))
            (line(frame, typed, Field::new("open_condition", lang.pick("开放条件", "Condition of openness")).hint(lang.pick("有条件开放才填", "Only when open on a condition")).optional()))
            (one_of(frame, typed, Field::new("cycle", lang.pick("更新周期", "Update cycle")), &Cycle::ALL.iter().map(|one| (one.word(), one.title())).collect::<Vec<_>>()))
        },
    )
}

fn ties(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    fieldset(
        lang.pick("关联的资源", "Tied resources"),
        html! {
            (line(frame, typed, Field::new("related", lang.pick("关联资源代码", "Codes of related resources")).hint(lang.pick("多个用空格隔开", "Several with spaces between")).optional()))
            (line(frame, typed, Field::new("sources", lang.pick("由哪些资源加工而成", "Codes of resources it is made from")).optional()))
        },
    )
}

/// What a form says, or which choices are missing.
fn body_of(fields: &Fields) -> Result<Body, Vec<FieldError>> {
    let text = |name: &str| fields.get(name).trim().to_owned();
    let mut errors = Vec::new();
    let items = items_of(&text("items"), &mut errors);
    let format = picked(fields, "format", Format::parse, &mut errors);
    let sharing = picked(fields, "sharing", parse_sharing, &mut errors);
    let way = picked(fields, "way", Way::parse, &mut errors);
    let openness = picked(fields, "openness", Openness::parse, &mut errors);
    let cycle = picked(fields, "cycle", Cycle::parse, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Body {
        class: text("class"),
        title: Text::new(text("title_zh"), text("title_en")),
        summary: Text::new(text("summary_zh"), text("summary_en")),
        format: format.unwrap_or(Format::Database),
        items,
        sharing: Shared {
            kind: sharing.unwrap_or(Sharing::None),
            condition: text("condition"),
            way: way.unwrap_or(Way::Interface),
            basis: text("basis"),
        },
        openness: Opened {
            kind: openness.unwrap_or(Openness::None),
            condition: text("open_condition"),
        },
        cycle: cycle.unwrap_or(Cycle::Irregular),
        related: codes(&text("related")),
        sources: codes(&text("sources")),
        dataset: Some(text("dataset")).filter(|dataset| !dataset.is_empty()),
        system: text("system"),
    })
}

/// A choice, or an error that asks for one.
fn picked<T>(
    fields: &Fields,
    name: &str,
    parse: fn(&str) -> Option<T>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let found = parse(fields.get(name));
    if found.is_none() {
        errors.push(FieldError::new(name, "请选一个", "choose one"));
    }
    found
}

fn items_of(text: &str, errors: &mut Vec<FieldError>) -> Vec<Item> {
    let mut items = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(['|', '｜', '\t', ',', '，']).collect();
        match item_of(&cells) {
            Ok(item) => items.push(item),
            Err(text) => {
                let row = at + 1;
                let zh = format!("第 {row} 行：{}", text.zh);
                errors.push(FieldError::new("items", zh, format!("line {row}: {}", text.en)));
            }
        }
    }
    items
}

/// A body as the form shows it.
fn fields_of(body: &Body) -> Fields {
    let items = body.items.iter().map(|item| {
        let length = item.length.map_or_else(String::new, |length| length.to_string());
        let level = zhengtong_catalog::sensitivity_title(item.sensitivity).zh;
        let mut line = format!("{} | {} | {length} | {level}", item.name.zh, item.kind.title().zh);
        if let Some(sharing) = item.sharing {
            line.push_str(" | ");
            line.push_str(&sharing_title(sharing).zh);
        }
        line
    });
    let items = items.collect::<Vec<_>>().join("\n");
    let rows = [
        ("class", body.class.clone()),
        ("title_zh", body.title.zh.clone()),
        ("title_en", body.title.en.clone()),
        ("summary_zh", body.summary.zh.clone()),
        ("summary_en", body.summary.en.clone()),
        ("format", body.format.word().to_owned()),
        ("items", items),
        ("sharing", body.sharing.kind.word().to_owned()),
        ("condition", body.sharing.condition.clone()),
        ("way", body.sharing.way.word().to_owned()),
        ("basis", body.sharing.basis.clone()),
        ("openness", body.openness.kind.word().to_owned()),
        ("open_condition", body.openness.condition.clone()),
        ("cycle", body.cycle.word().to_owned()),
        ("related", body.related.join(" ")),
        ("sources", body.sources.join(" ")),
        ("dataset", body.dataset.clone().unwrap_or_default()),
        ("system", body.system.clone()),
    ];
    Fields(rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
