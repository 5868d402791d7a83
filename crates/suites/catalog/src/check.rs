//! What a resource must fulfil before it is handed in, and again before it is published. Pure.

use zhengtong_base::code::CreditCode;
use zhengtong_base::{FieldError, Limits};
use zhengtong_party::Organisation;
use zhengtong_registry::{Catalog, Dataset, Sharing};

use crate::grammar::Grammar;
use crate::kinds::{ItemKind, Openness};
use crate::model::{Body, Item};
use crate::part::Directory;

/// Items of a resource at most.
const ITEMS_MAX: usize = 500;
/// Resources that one names at most.
const CODES_MAX: usize = 100;
/// Fewest characters of a summary, a condition or a law.
const WORDS_MIN: usize = 4;

/// What stands around a resource.
pub(crate) struct Around<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) registry: &'a Catalog,
    pub(crate) grammar: &'a Grammar,
    pub(crate) provider: &'a Organisation,
}

/// A draft may be unfinished, but it is bounded.
pub(crate) fn bounds(body: &Body) -> Vec<FieldError> {
    let limits = Limits::default();
    let mut wrong = Wrong::default();
    let lines =
        [("title_zh", &body.title.zh), ("title_en", &body.title.en), ("system", &body.system)];
    for (name, text) in lines {
        if text.chars().count() > limits.line_chars {
            let most = limits.line_chars;
            wrong.add(name, format!("最多 {most} 字"), format!("at most {most} characters"));
        }
    }
    let texts = [
        ("summary_zh", &body.summary.zh),
        ("summary_en", &body.summary.en),
        ("condition", &body.sharing.condition),
        ("basis", &body.sharing.basis),
        ("open_condition", &body.openness.condition),
    ];
    for (name, text) in texts {
        if text.chars().count() > limits.text_chars {
            let most = limits.text_chars;
            wrong.add(name, format!("最多 {most} 字"), format!("at most {most} characters"));
        }
    }
    if body.items.len() > ITEMS_MAX {
        wrong.add("items", format!("最多 {ITEMS_MAX} 项"), format!("at most {ITEMS_MAX} items"));
    }
    for (name, codes) in [("related", &body.related), ("sources", &body.sources)] {
        if codes.len() > CODES_MAX || codes.iter().any(|code| code.len() > 100) {
            wrong.add(name, "关联的资源太多", "too many resources are named");
        }
    }
    if body.title.zh.trim().is_empty() {
        wrong.add("title_zh", "写上资源名称", "give the resource a name");
    }
    wrong.0
}

/// Everything the guide asks for.
pub(crate) fn whole(body: &Body, around: &Around<'_>) -> Vec<FieldError> {
    let mut wrong = Wrong(bounds(body));
    if around.provider.credit_code.as_deref().is_none_or(|code| CreditCode::parse(code).is_err()) {
        wrong.add(
            "provider",
            "提供方没有统一社会信用代码，请系统管理员先登记",
            "the unit has no credit code; the system administrator enters it first",
        );
    }
    class(body, around, &mut wrong);
    if body.summary.zh.trim().chars().count() < WORDS_MIN {
        wrong.add("summary_zh", "用一句话写清有什么数据", "say in a sentence what data it is");
    }
    items(body, around, &mut wrong);
    sharing(body, &mut wrong);
    openness(body, around, &mut wrong);
    for (name, codes) in [("related", &body.related), ("sources", &body.sources)] {
        for code in codes {
            if let Err(text) = around.grammar.check(code) {
                let zh = format!("{code}：{}", text.zh);
                wrong.add(name, zh, format!("{code}: {}", text.en));
            }
        }
    }
    wrong.0
}

fn class(body: &Body, around: &Around<'_>, wrong: &mut Wrong) {
    let Some(class) = around.directory.class(&body.class) else {
        wrong.add("class", "从分类表里选一类", "choose a class of the list");
        return;
    };
    if !around.directory.is_leaf(&body.class) {
        wrong.add("class", "要选到最细的一级", "choose the narrowest class");
    }
    if class.unit.is_some() && class.unit != around.provider.short {
        wrong.add("class", "这是别的单位的分类", "this class is another unit's");
    }
}

fn items(body: &Body, around: &Around<'_>, wrong: &mut Wrong) {
    if body.items.is_empty() {
        wrong.add("items", "至少写一个信息项", "name at least one information item");
    }
    let mut names: Vec<&str> = body.items.iter().map(|item| item.name.zh.trim()).collect();
    if names.iter().any(|name| name.is_empty()) {
        wrong.add("items", "每个信息项都要有名称", "every item has a name");
    }
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        let name = twice.first().copied().unwrap_or_default();
        wrong.add("items", format!("信息项“{name}”写了两次"), format!("`{name}` stands twice"));
    }
    let unknown = body.items.iter().filter_map(|item| item.element.as_deref());
    for element in unknown.filter(|element| around.registry.element(element).is_none()) {
        wrong.add(
            "items",
            format!("没有这个数据元：{element}"),
            format!("no such data element: {element}"),
        );
    }
    let Some(name) = &body.dataset else { return };
    match around.registry.dataset(name) {
        None => wrong.add("dataset", "没有这个数据集", "there is no such dataset"),
        Some(dataset) if Some(&dataset.authority) != around.provider.short.as_ref() => {
            wrong.add("dataset", "这是别的单位的数据集", "this dataset is another unit's");
        }
        Some(_) => {}
    }
}

fn sharing(body: &Body, wrong: &mut Wrong) {
    let short = |text: &str| text.trim().chars().count() < WORDS_MIN;
    match body.sharing.kind {
        Sharing::None if short(&body.sharing.basis) => wrong.add(
            "basis",
            "不予共享要写明法律、行政法规或党中央、国务院政策依据",
            "what is not shared names the law on which that rests",
        ),
        Sharing::Conditional if short(&body.sharing.condition) => {
            wrong.add(
                "condition",
                "写明满足什么条件可以共享",
                "say on what condition it is shared",
            );
        }
        _ => {}
    }
    if body.sharing.kind == Sharing::None && body.openness.kind != Openness::None {
        wrong.add(
            "openness",
            "不予共享的资源不能向社会开放",
            "what is not shared within the administration is not open to the public",
        );
    }
}

/// What is opened holds nothing personal: neither by what the unit says of an item nor by the data element it is.
fn openness(body: &Body, around: &Around<'_>, wrong: &mut Wrong) {
    if body.openness.kind == Openness::None {
        return;
    }
    if body.openness.kind == Openness::Conditional
        && body.openness.condition.trim().chars().count() < WORDS_MIN
    {
        wrong.add("open_condition", "写明满足什么条件可以开放", "say on what condition it is open");
    }
    let is_personal = |item: &&Item| {
        let element = item.element.as_deref().and_then(|name| around.registry.element(name));
        item.sensitivity.is_masked()
            || element.is_some_and(|element| element.sensitivity.is_masked())
    };
    let personal: Vec<&str> =
        body.items.iter().filter(is_personal).map(|item| item.name.zh.as_str()).collect();
    if !personal.is_empty() {
        let names = personal.join("、");
        wrong.add(
            "openness",
            format!("含个人信息的不能向社会开放：{names}。请拆成两个资源，只开放不含个人信息的一个"),
            format!("it holds personal items ({names}) and cannot be open; make two resources and open the one without them"),
        );
    }
}

/// The information items of a dataset.
pub(crate) fn items_of(dataset: &Dataset, registry: &Catalog) -> Vec<Item> {
    let items = dataset.fields.iter().filter_map(|field| {
        let element = registry.element(&field.element)?;
        let kind = ItemKind::of(element.kind);
        let long = matches!(kind, ItemKind::Text | ItemKind::Memo);
        Some(Item {
            name: field.title.clone(),
            element: Some(field.element.clone()),
            kind,
            length: element.max.filter(|_| long).and_then(|max| u32::try_from(max).ok()),
            sensitivity: element.sensitivity,
            sharing: None,
        })
    });
    items.collect()
}

/// What was found wrong.
#[derive(Default)]
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn add(&mut self, field: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push(FieldError::new(field, zh, en));
    }
}
