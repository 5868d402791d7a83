//! Which items use a dataset: for a paper that nobody has to bring, for answers that are filled in, as the register of the
//! licence that they are about, for what they publish, or to write their result to.

use std::collections::BTreeMap;

use zhengtong_base::Text;
use zhengtong_db::{Ctx, Thing};
use zhengtong_pack::Packs;

use crate::error::Result;
use crate::part::{Catalog, Listed};

/// An item that uses a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The item, `pack:name`.
    pub id: String,
    /// The name in addresses.
    pub slug: String,
    /// What people call it.
    pub name: Text,
    /// The short name of the department that decides.
    pub department: String,
    /// The papers that are taken from the dataset.
    pub papers: Vec<Text>,
    /// How many answers of its form are filled in from there.
    pub answers: usize,
    /// Whether it is about a licence that stands there.
    pub licence: bool,
    /// Whether what it publishes is read from there.
    pub publishes: bool,
    /// How many acts of its cases write there.
    pub writes: usize,
}

impl Reader {
    fn uses(&self) -> bool {
        let reads = !self.papers.is_empty() || self.answers > 0;
        reads || self.licence || self.publishes || self.writes > 0
    }
}

/// The items that use a dataset, in order of their names; open to everyone, as their guides are.
pub fn readers(ctx: &Ctx, dataset: &str) -> Result<Vec<Reader>> {
    ctx.allow("service.read", &Thing::new("item", "all"))?;
    let registry = ctx.defs::<zhengtong_registry::Catalog>()?;
    let forms = ctx.defs::<zhengtong_form::Catalog>()?;
    let cases = ctx.defs::<zhengtong_casework::Catalog>()?;
    let from_there = |field: &&zhengtong_form::Field| {
        let element = field.element.as_ref().filter(|_| field.prefill);
        let element = element.and_then(|element| registry.element(element));
        element.and_then(|element| element.authority.as_deref()) == Some(dataset)
    };
    let reader = |listed: &Listed| {
        let item = &listed.item;
        let papers = item.material.iter().filter(|paper| listed.is(&paper.source, dataset));
        let form = forms.form(&listed.form());
        let licence = item.licence.as_ref().filter(|rule| listed.is(&rule.dataset, dataset));
        let published = item.published.as_ref();
        let reader = Reader {
            id: listed.id.clone(),
            slug: listed.slug.clone(),
            name: item.name.clone(),
            department: item.department.clone(),
            papers: papers.map(|paper| paper.name.clone()).collect(),
            answers: form.map_or(0, |form| {
                form.pages.iter().flat_map(|page| &page.fields).filter(from_there).count()
            }) + licence.map_or(0, |rule| rule.fill.len()),
            licence: licence.is_some(),
            publishes: published.is_some_and(|rule| listed.is(&rule.dataset, dataset)),
            writes: cases.get(&listed.case()).map_or(0, |case_type| case_type.writes(dataset)),
        };
        reader.uses().then_some(reader)
    };
    Ok(ctx.defs::<Catalog>()?.iter().filter_map(|listed| reader(listed)).collect())
}

/// How many cases of these items used the dataset in the last year, by item; up to [`zhengtong_casework::USED_MAX`] each.
pub async fn cases_of(
    ctx: &mut Ctx,
    dataset: &str,
    readers: &[Reader],
) -> Result<BTreeMap<String, i64>> {
    let items: Vec<&str> = readers.iter().map(|reader| reader.id.as_str()).collect();
    Ok(zhengtong_casework::used(ctx, dataset, &items).await?)
}

impl Listed {
    /// Whether the item means a dataset by a word of its own.
    fn is(&self, reference: &str, dataset: &str) -> bool {
        let (pack, name) = Packs::resolve(&self.pack, reference);
        dataset.split_once(':') == Some((pack, name))
    }
}
