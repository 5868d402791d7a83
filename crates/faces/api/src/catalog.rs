//! The directory of government information: finding resources, and the whole of one.

use axum::extract::Path;
use serde::Serialize;
use utoipa::ToSchema;
use zhengtong_base::{FieldError, Kind};
use zhengtong_calendar::china_date;
use zhengtong_catalog::{
    COUNTED_MAX, Cycle, Format, Item, Line, Openness, Shown, Tie, Wanted, parse_sharing,
};
use zhengtong_http::{Answer, Fault, Visit};

use crate::answer::{Words, iso, json, moment};
use crate::asked::{Asked, Known};

/// 信息资源，列表里的一行 / A resource, as a line of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceLine {
    /// 信息资源代码 / Its code.
    code: String,
    /// 地址里的代码 / The code in addresses.
    slug: String,
    /// 名称 / Its title.
    title: Words,
    /// 摘要 / What it is.
    summary: Words,
    /// 提供单位的编号 / The identifier of the unit that provides it.
    provider: String,
    /// 分类码 / Its class.
    class: String,
    /// 共享类型：unconditional、conditional、none / Who in the administration may have it.
    sharing: &'static str,
    /// 开放类型：none、conditional、unconditional / Whether the public may have it.
    openness: &'static str,
    /// 更新周期 / How often it is brought up to date.
    cycle: &'static str,
    /// 格式 / In what form it is kept.
    format: &'static str,
    /// 发布日期 / Since when it stands in the directory.
    published: String,
}

/// 目录的一页 / A page of the directory.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourcePage {
    /// 本页条目 / The entries of this page.
    entries: Vec<ResourceLine>,
    /// 总数，数到 10000 为止 / How many there are; nobody counts beyond 10000.
    total: i64,
    /// 下一页从哪里开始，没有就是最后一页 / Where the next page begins; absent on the last.
    next: Option<String>,
}

/// 信息资源全部内容 / The whole of a resource.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceWhole {
    /// 信息资源代码 / Its code.
    code: String,
    /// 名称 / Its title.
    title: Words,
    /// 摘要 / What it is.
    summary: Words,
    /// 状态：published、replaced、withdrawn / Where this version stands.
    state: &'static str,
    /// 版本 / The version.
    version: i32,
    /// 全部版本号 / All versions.
    versions: Vec<i32>,
    /// 提供单位 / The unit that provides it.
    provider: Words,
    /// 提供方代码（统一社会信用代码） / The credit code of the unit.
    provider_code: Option<String>,
    /// 分类，从大到小 / Its classes, the widest first.
    classes: Vec<ResourceClass>,
    /// 格式 / In what form it is kept.
    format: &'static str,
    /// 信息项 / Its items.
    items: Vec<ResourceItem>,
    /// 共享类型 / Who in the administration may have it.
    sharing: &'static str,
    /// 共享条件 / On what condition.
    sharing_condition: String,
    /// 共享方式 / By which way.
    sharing_way: &'static str,
    /// 不予共享依据 / The law on which a refusal rests.
    sharing_basis: String,
    /// 开放类型 / Whether the public may have it.
    openness: &'static str,
    /// 开放条件 / On what condition it is open.
    openness_condition: String,
    /// 更新周期 / How often it is brought up to date.
    cycle: &'static str,
    /// 发布日期 / When this version was published.
    published: Option<String>,
    /// 最新数据到达的时间 / When data last arrived.
    arrived: Option<String>,
    /// 是否逾期没有更新 / Whether data is late.
    late: Option<bool>,
    /// 平台上的数据集 / The dataset of the platform.
    dataset: Option<String>,
    /// 关联的资源 / Resources it is tied to.
    links: Vec<ResourceLink>,
}

/// 一级分类 / A class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceClass {
    /// 分类码 / The code.
    code: String,
    /// 名称 / What people call it.
    title: Words,
}

/// 信息项 / An information item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceItem {
    /// 名称 / What it is called.
    name: Words,
    /// 数据元 / The data element.
    element: Option<String>,
    /// 数据类型（编制指南的字母） / What kind of value it holds, by the letters of the guide.
    kind: &'static str,
    /// 最大长度 / How long it is at most.
    length: Option<u32>,
    /// 敏感级别：public、internal、personal、sensitive / How carefully it is handled.
    sensitivity: &'static str,
}

/// 关联的资源 / A resource that is tied to another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourceLink {
    /// 关系：related 相关、source 由它加工而成、product 加工成它 / How: related, source, product.
    tie: &'static str,
    /// 代码 / The code.
    code: String,
    /// 名称 / The title.
    title: Words,
}

#[utoipa::path(
    get, path = "/api/v1/catalog/resources", operation_id = "catalog", tag = "catalog",
    summary = "查找信息资源 / Find resources",
    description = "按名称、拼音、首字母和条件查找信息资源，名称符合的在前。 / Resources that fit words, pinyin, first letters and conditions; those whose title fits come first.",
    params(
        ("q" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "要找的词、拼音或首字母，最多 100 字 / Words, pinyin or first letters, at most 100 characters"),
        ("unit" = Option<String>, Query, format = Uuid, description = "提供单位的编号 / The identifier of the unit"),
        ("class" = Option<String>, Query, max_length = 12, pattern = "^[0-9]*$", description = "分类码，含下级 / A class, with those below it"),
        ("sharing" = Option<String>, Query, pattern = "^(unconditional|conditional|none)$", description = "共享类型：unconditional、conditional、none / The kind of sharing"),
        ("openness" = Option<String>, Query, pattern = "^(none|conditional|unconditional)$", description = "开放类型：none、conditional、unconditional / The kind of openness"),
        ("cycle" = Option<String>, Query, pattern = "^(realtime|daily|weekly|monthly|quarterly|yearly|irregular)$", description = "更新周期：realtime、daily、weekly、monthly、quarterly、yearly、irregular / The update cycle"),
        ("format" = Option<String>, Query, pattern = "^(file|sheet|database|picture|media|described|interface)$", description = "格式：file、sheet、database、picture、media、described、interface / The format"),
        ("after" = Option<String>, Query, pattern = "^[te][0-9]{1,18}$", description = "上一页给出的 next / What the page before gave as next"),
    ),
    responses((status = 200, description = "符合的信息资源 / Resources that fit", body = ResourcePage)),
)]
pub(crate) async fn list(visit: Visit, asked: Asked) -> Answer {
    let known = ["q", "unit", "class", "sharing", "openness", "cycle", "format", "after"];
    let asked = asked.only(&known)?;
    let wanted = Wanted {
        words: asked.words("q")?.to_owned(),
        provider: choice(&asked, "unit", |text| text.parse().ok())?,
        class: choice(&asked, "class", class)?.filter(|class| !class.is_empty()),
        sharing: choice(&asked, "sharing", parse_sharing)?,
        openness: choice(&asked, "openness", Openness::parse)?,
        cycle: choice(&asked, "cycle", Cycle::parse)?,
        format: choice(&asked, "format", Format::parse)?,
        after: choice(&asked, "after", |text| Some(text.to_owned()))?,
    };
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_catalog::search(&mut ctx, &wanted).await?;
    ctx.commit().await?;
    let entries = found.lines.iter().map(line).collect();
    Ok(json(&ResourcePage { entries, total: found.total.min(COUNTED_MAX), next: found.next }))
}

#[utoipa::path(
    get, path = "/api/v1/catalog/resources/{code}", operation_id = "catalog_resource", tag = "catalog",
    summary = "一个信息资源 / One resource",
    description = "元数据、信息项、版本和数据来源。 / Its metadata, items, versions and where its data comes from.",
    params(
        ("code" = String, Path, description = "地址里的代码 / The code in addresses"),
        ("version" = Option<i32>, Query, minimum = 1, description = "版本，默认现在的 / The version, the present one when absent"),
    ),
    responses((status = 200, description = "信息资源 / The resource", body = ResourceWhole)),
)]
pub(crate) async fn one(visit: Visit, Path(code): Path<String>, asked: Asked) -> Answer {
    let asked = asked.only(&["version"])?;
    let version =
        choice(&asked, "version", |text| text.parse().ok().filter(|number: &i32| *number > 0))?;
    let mut ctx = visit.ctx().await?;
    let shown = zhengtong_catalog::resource(&mut ctx, &code, version).await?;
    ctx.commit().await?;
    Ok(json(&whole(&shown)))
}

/// A parameter that stands for something, or is refused.
fn choice<T>(
    asked: &Known,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let given = asked.words(name)?;
    if !asked.has(name) {
        return Ok(None);
    }
    if let Some(found) = parse(given) {
        return Ok(Some(found));
    }
    let mut fault = Fault::new(Kind::Invalid, "有 1 个参数要改", "1 parameters need a change");
    fault.fields = vec![FieldError::new(name, "没有这个选项", "there is no such choice")];
    Err(fault)
}

fn class(text: &str) -> Option<String> {
    let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.to_owned())
}

fn line(line: &Line) -> ResourceLine {
    ResourceLine {
        code: line.code.clone(),
        slug: line.slug.clone(),
        title: (&line.title).into(),
        summary: (&line.summary).into(),
        provider: line.provider.to_string(),
        class: line.class.clone(),
        sharing: line.sharing.word(),
        openness: line.openness.word(),
        cycle: line.cycle.word(),
        format: line.format.word(),
        published: iso(line.published),
    }
}

fn whole(shown: &Shown) -> ResourceWhole {
    let body = &shown.version.body;
    let links = shown.links.iter().map(|link| ResourceLink {
        tie: match link.tie {
            Tie::Related => "related",
            Tie::Source => "source",
            Tie::Product => "product",
        },
        code: link.code.clone(),
        title: (&link.title).into(),
    });
    let classes = shown
        .classes
        .iter()
        .map(|(code, title)| ResourceClass { code: code.clone(), title: title.into() });
    ResourceWhole {
        code: shown.resource.code.clone().unwrap_or_default(),
        title: (&body.title).into(),
        summary: (&body.summary).into(),
        state: shown.version.state.word(),
        version: shown.version.number,
        versions: shown.resource.versions.iter().map(|version| version.number).collect(),
        provider: (&shown.provider).into(),
        provider_code: shown.provider_code.clone(),
        classes: classes.collect(),
        format: body.format.word(),
        items: body.items.iter().map(item).collect(),
        sharing: body.sharing.kind.word(),
        sharing_condition: body.sharing.condition.clone(),
        sharing_way: body.sharing.way.word(),
        sharing_basis: body.sharing.basis.clone(),
        openness: body.openness.kind.word(),
        openness_condition: body.openness.condition.clone(),
        cycle: body.cycle.word(),
        published: shown.version.published.as_ref().map(|(at, _)| iso(china_date(*at))),
        arrived: shown.arrival.and_then(|arrival| arrival.at).map(moment),
        late: shown.arrival.map(|arrival| arrival.overdue),
        dataset: body.dataset.clone(),
        links: links.collect(),
    }
}

fn item(item: &Item) -> ResourceItem {
    ResourceItem {
        name: (&item.name).into(),
        element: item.element.clone(),
        kind: item.kind.word(),
        length: item.length,
        sensitivity: item.sensitivity.word(),
    }
}
