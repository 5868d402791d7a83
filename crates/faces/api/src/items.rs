//! Items of the power list: finding them, and the whole of one.

use axum::extract::Path;
use serde::Serialize;
use utoipa::ToSchema;
use zhengtong_http::{Answer, Visit};
use zhengtong_rating::Opinion;
use zhengtong_service::{Listed, MaterialRule, Object, Question};

use crate::answer::{Days, Listing, Words, json, words};
use crate::asked::Asked;

/// 事项，列表里的一行 / An item, as a line of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemLine {
    /// 编号 / The identifier.
    id: String,
    /// 地址里的名称 / The name in addresses.
    slug: String,
    /// 名称 / What people call it.
    name: Words,
    /// 谁需要它，做什么用 / Who needs it and what for.
    summary: Words,
    /// 实施编码 / The implementation code.
    code: String,
    /// 事项类型代码（GB/T 39046） / The kind of power (GB/T 39046).
    kind: String,
    /// 办理部门 / The department that decides.
    department: String,
    /// 服务对象：natural 自然人，legal 法人和其他组织 / Who may apply: natural or legal persons.
    objects: Vec<&'static str>,
    /// 承诺期限 / What is promised.
    promised: Days,
    /// 法定期限 / What the law gives.
    statutory: Days,
}

/// 事项全部内容 / The whole of an item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemPage {
    /// 概要 / The line of the list.
    item: ItemLine,
    /// 版本 / The version.
    version: String,
    /// 从哪天起施行 / The first day in force.
    valid_from: String,
    /// 谁能办 / Who may apply, in words.
    applicants: Words,
    /// 人生事件 / The life events under which it is found.
    life_events: Vec<String>,
    /// 别的叫法 / Other words for it.
    keywords: Vec<String>,
    /// 依据 / The laws behind it.
    basis: Vec<Words>,
    /// 收费 / What it costs.
    fee: Words,
    /// 到窗口次数 / How often one must come in person.
    visits: u8,
    /// 填表约几分钟 / About how many minutes the form takes.
    minutes: u32,
    /// 决定要交哪些材料的问题 / Questions that decide which papers are needed.
    questions: Vec<Ask>,
    /// 材料 / The papers.
    materials: Vec<Paper>,
    /// 办理过程 / The steps.
    steps: Vec<Stage>,
    /// 结果 / What comes out of it.
    result: Stage,
    /// 窗口 / Where to go in person.
    window: Place,
    /// 常见问题 / Questions people ask.
    faq: Vec<Faq>,
    /// 好差评 / What people say of it.
    rating: Rated,
}

/// 一个问题 / A question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ask {
    /// 名称 / Its name in conditions.
    name: String,
    /// 问题 / The question.
    title: Words,
    /// 可选的回答 / The answers one may choose.
    options: Vec<Choice>,
}

/// 一个回答 / An answer one may choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Choice {
    /// 值 / The value.
    value: String,
    /// 文字 / The words.
    title: Words,
}

/// 一份材料 / A paper.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Paper {
    /// 编号 / Its name.
    id: String,
    /// 名称 / What it is.
    name: Words,
    /// 来源：applicant 由申请人提交，否则是共享取得的数据集 / The applicant, or the dataset it is taken from.
    source: String,
    /// 要求 / What must be in it.
    note: Words,
    /// 能否容缺后补 / Whether it may follow later.
    deferrable: bool,
    /// 什么情况下要交（FEEL），空为都要 / When it is needed (FEEL); always when absent.
    needed_if: Option<String>,
}

/// 一步，或一项结果 / A step, or a result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stage {
    /// 名称 / What it is.
    name: Words,
    /// 说明 / More about it.
    note: Words,
}

/// 办事窗口 / A window.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Place {
    /// 名称 / The place.
    name: Words,
    /// 地址 / The address.
    address: Words,
    /// 开放时间 / When it is open.
    hours: Words,
    /// 电话 / The telephone number.
    phone: String,
}

/// 常见问题 / A question people ask.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Faq {
    /// 问 / The question.
    question: Words,
    /// 答 / The answer.
    answer: Words,
}

/// 评价汇总 / What the ratings say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Rated {
    /// 近一年评价数；太少时不显示，为 0 / How many there are in a year; 0 while there are too few to be shown.
    count: i64,
    /// 平均级别的十倍，10（非常满意）最好，50 最差 / Ten times the mean level: 10 is the best, 50 the worst.
    mean_tenths: i64,
}

#[utoipa::path(
    get, path = "/api/v1/items", operation_id = "items", tag = "items",
    summary = "查找事项 / Find items",
    description = "按说法查找事项，不写 q 时列出全部。 / Items that fit what one says; all of them without q.",
    params(
        ("q" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "要办的事，最多 100 字 / What one wants to do, at most 100 characters"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "页码，从 1 起 / The page, from 1"),
    ),
    responses((status = 200, description = "符合的事项，最合适的在前 / Items, the best first", body = Listing<ItemLine>)),
)]
pub(crate) async fn list(visit: Visit, asked: Asked) -> Answer {
    let asked = asked.only(&["q", "page"])?;
    let (words, page) = (asked.words("q")?, asked.page()?);
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_service::items(&mut ctx, words).await?;
    ctx.commit().await?;
    Ok(json(&Listing::of(&found, page, |listed| line(listed))))
}

#[utoipa::path(
    get, path = "/api/v1/items/{slug}", operation_id = "item", tag = "items",
    summary = "一个事项 / One item",
    description = "实施清单的全部内容。 / Everything the list says of an item.",
    params(("slug" = String, Path, description = "地址里的名称 / The name in addresses")),
    responses((status = 200, description = "事项 / The item", body = ItemPage)),
)]
pub(crate) async fn one(visit: Visit, Path(slug): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let mut ctx = visit.ctx().await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let standing = zhengtong_rating::opinion(&mut ctx, &listed.id).await?;
    ctx.commit().await?;
    Ok(json(&whole(&listed, &standing)))
}

fn line(listed: &Listed) -> ItemLine {
    let item = &listed.item;
    let object = |object: &Object| match object {
        Object::Natural => "natural",
        Object::Legal => "legal",
        Object::Official => "official",
    };
    ItemLine {
        id: listed.id.clone(),
        slug: listed.slug.clone(),
        name: (&item.name).into(),
        summary: (&item.summary).into(),
        code: item.code.clone(),
        kind: item.kind.clone(),
        department: item.department.clone(),
        objects: item.object.iter().map(object).collect(),
        promised: (&listed.promised).into(),
        statutory: (&listed.statutory).into(),
    }
}

fn whole(listed: &Listed, standing: &Opinion) -> ItemPage {
    let item = &listed.item;
    let stage = |name, note| Stage { name: Words::from(name), note: Words::from(note) };
    ItemPage {
        item: line(listed),
        version: item.version.clone(),
        valid_from: item.valid_from.clone(),
        applicants: (&item.applicants).into(),
        life_events: item.life_event.clone(),
        keywords: item.keywords.clone(),
        basis: words(&item.basis),
        fee: (&item.fee).into(),
        visits: item.visits,
        minutes: item.minutes,
        questions: item.question.iter().map(ask).collect(),
        materials: item.material.iter().map(paper).collect(),
        steps: item.step.iter().map(|step| stage(&step.name, &step.who)).collect(),
        result: stage(&item.result.name, &item.result.note),
        window: Place {
            name: (&item.window.place).into(),
            address: (&item.window.address).into(),
            hours: (&item.window.hours).into(),
            phone: item.window.phone.clone(),
        },
        faq: item
            .faq
            .iter()
            .map(|faq| Faq { question: (&faq.question).into(), answer: (&faq.answer).into() })
            .collect(),
        rating: Rated { count: standing.count.unwrap_or(0), mean_tenths: standing.mean_tenths },
    }
}

fn ask(question: &Question) -> Ask {
    Ask {
        name: question.name.clone(),
        title: (&question.title).into(),
        options: question
            .option
            .iter()
            .map(|option| Choice { value: option.value.clone(), title: (&option.title).into() })
            .collect(),
    }
}

fn paper(rule: &MaterialRule) -> Paper {
    Paper {
        id: rule.id.clone(),
        name: (&rule.name).into(),
        source: rule.source.clone(),
        note: (&rule.note).into(),
        deferrable: rule.deferrable,
        needed_if: rule.needed_if.clone(),
    }
}
