//! Which items read a dataset: for a paper that nobody has to bring, or for answers that are filled in.

use zhengtong_base::Text;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::part::{Catalog, Listed};

/// An item that reads a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The name in addresses.
    pub slug: String,
    /// What people call it.
    pub name: Text,
    /// The papers that are taken from the dataset.
    pub papers: Vec<Text>,
    /// How many answers of its form are filled in from there.
    pub answers: usize,
}

/// The items that read a dataset, in order of their names; open to everyone, as their guides are.
pub fn readers(ctx: &Ctx, dataset: &str) -> Result<Vec<Reader>> {
    ctx.allow("service.read", &Thing::new("item", "all"))?;
    let registry = ctx.defs::<zhengtong_registry::Catalog>()?;
    let forms = ctx.defs::<zhengtong_form::Catalog>()?;
    let from_there = |field: &&zhengtong_form::Field| {
        let element = field.element.as_ref().filter(|_| field.prefill);
        let element = element.and_then(|element| registry.element(element));
        element.and_then(|element| element.authority.as_deref()) == Some(dataset)
    };
    let reader = |listed: &Listed| {
        let papers = listed.item.material.iter().filter(|paper| paper.source == dataset);
        let papers: Vec<Text> = papers.map(|paper| paper.name.clone()).collect();
        let form = forms.form(&listed.form());
        let answers = form.map_or(0, |form| {
            form.pages.iter().flat_map(|page| &page.fields).filter(from_there).count()
        });
        let reads = !papers.is_empty() || answers > 0;
        let (slug, name) = (listed.slug.clone(), listed.item.name.clone());
        reads.then_some(Reader { slug, name, papers, answers })
    };
    Ok(ctx.defs::<Catalog>()?.iter().filter_map(|listed| reader(listed)).collect())
}
