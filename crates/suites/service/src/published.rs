//! What was published of an item: letters and answers that everybody may read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::{Page, Paging, Text};
use zhengtong_db::{Ctx, Thing};
use zhengtong_pack::Packs;

use crate::error::Result;
use crate::list::by_slug;

/// Rows on a page.
const ROWS: u32 = 10;

/// The open register in which letters and answers are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedRule {
    /// The dataset, as `name` or `pack:name`; it must be open.
    pub dataset: String,
    /// What the page is called.
    pub title: Text,
    /// Its field with the class.
    pub class: String,
    /// Its field with the letter.
    pub question: String,
    /// Its field with the answer.
    pub answer: String,
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
    /// The day.
    pub day: Text,
}

/// One page of what was published of an item, the newest first; with words, those whose letter has them.
pub async fn published(
    ctx: &mut Ctx,
    slug: &str,
    words: &str,
    page: u32,
) -> Result<(Text, Page<Published>)> {
    let listed = by_slug(ctx, slug).await?;
    let Some(rule) = &listed.item.published else {
        return Err(zhengtong_db::Error::absent("item", slug).into());
    };
    ctx.allow("service.read", &Thing::new("item", slug))?;
    let (owner, name) = Packs::resolve(&listed.pack, &rule.dataset);
    let dataset = format!("{owner}:{name}");
    let filters = [(rule.question.as_str(), words)];
    let found =
        zhengtong_registry::browse(ctx, &dataset, &filters, Paging::new(page, ROWS)).await?;
    let cell = |row: &zhengtong_registry::Row, field: &str| {
        row.cells.get(field).cloned().unwrap_or_else(|| Text::same(""))
    };
    let rows = found.rows.iter().map(|row| Published {
        class: cell(row, &rule.class),
        question: cell(row, &rule.question),
        answer: cell(row, &rule.answer),
        day: cell(row, &rule.day),
    });
    let rows = rows.collect();
    Ok((rule.title.clone(), Page::new(rows, found.total, Paging::new(page, ROWS))))
}
