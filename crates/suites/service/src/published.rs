//! What was published of an item: letters and answers, or entries with a link, that everybody may read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::{Page, Paging, Text};
use zhengtong_db::{Ctx, Thing};
use zhengtong_pack::Packs;

use crate::error::Result;
use crate::list::by_slug;

/// Rows on a page.
const ROWS: u32 = 10;
/// How every link begins that is shown.
const SAFE: &str = "https://";

/// The open register in which letters and answers, or what people entered, are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedRule {
    /// The dataset, as `name` or `pack:name`; it must be open.
    pub dataset: String,
    /// What the page is called.
    pub title: Text,
    /// What stands on it, in a sentence.
    pub lead: Text,
    /// What one searches it for.
    pub search: Text,
    /// Its field with the class.
    pub class: String,
    /// Its field with the letter, or with the name of what was entered.
    pub question: String,
    /// Its field with the answer, or with what is said of it.
    pub answer: String,
    /// What stands before the answer, such as `答：`; nothing where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_answer: Option<Text>,
    /// Its field with an address to which the name leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Further fields, which are shown with their titles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// Its field with the day.
    pub day: String,
}

/// One letter and its answer, as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The class.
    pub class: Text,
    /// The letter.
    pub question: Text,
    /// The answer.
    pub answer: Text,
    /// Where the name leads.
    pub link: Option<String>,
    /// What else is said: the title of the field, and what it holds.
    pub more: Vec<(Text, Text)>,
    /// The day.
    pub day: Text,
}

/// One page of what was published of an item, the newest first; with words, those whose letter has them.
pub async fn published(
    ctx: &mut Ctx,
    slug: &str,
    words: &str,
    page: u32,
) -> Result<(PublishedRule, Page<Published>)> {
    let listed = by_slug(ctx, slug).await?;
    let Some(rule) = &listed.item.published else {
        return Err(zhengtong_db::Error::absent("item", slug).into());
    };
    ctx.allow("service.read", &Thing::new("item", slug))?;
    let (owner, name) = Packs::resolve(&listed.pack, &rule.dataset);
    let dataset = format!("{owner}:{name}");
    let filters = [(rule.question.as_str(), words)];
    let found =
        zhengtong_registry::browse(ctx, &dataset, &filters, None, Paging::new(page, ROWS)).await?;
    let cell = |row: &zhengtong_registry::OpenRow, field: &str| {
        row.cells.get(field).cloned().unwrap_or_else(|| Text::same(""))
    };
    let catalog = ctx.defs::<zhengtong_registry::Catalog>()?;
    let fields: Vec<&zhengtong_registry::Field> = rule
        .more
        .iter()
        .filter_map(|name| catalog.dataset(&dataset).and_then(|dataset| dataset.field(name)))
        .collect();
    let more = |row: &zhengtong_registry::OpenRow| {
        let told = |field: &&zhengtong_registry::Field| {
            let said = cell(row, &field.name);
            (!said.zh.is_empty()).then(|| (field.title.clone(), said))
        };
        fields.iter().filter_map(told).collect()
    };
    let link = |row: &zhengtong_registry::OpenRow| {
        let address = rule.link.as_ref().map(|field| cell(row, field).zh)?;
        address.starts_with(SAFE).then_some(address)
    };
    let rows = found.rows.iter().map(|row| Published {
        class: cell(row, &rule.class),
        question: cell(row, &rule.question),
        answer: cell(row, &rule.answer),
        link: link(row),
        more: more(row),
        day: cell(row, &rule.day),
    });
    let rows = rows.collect();
    Ok((rule.clone(), Page::new(rows, found.total, Paging::new(page, ROWS))))
}
