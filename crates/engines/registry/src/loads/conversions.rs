//! How other systems write the codes of the city: the register of conversions is asked when a load begins.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use zhengtong_db::Ctx;

use crate::error::Result;
use crate::model::{Catalog, Dataset, Field};
use crate::store::{self, ConversionColumns};

/// The elements by which the register of conversions is known.
const SOURCE: &str = "conversion.source";
const LIST: &str = "conversion.list";
const WRITTEN: &str = "conversion.written";
const CODE: &str = "conversion.code";
const FROM: &str = "conversion.valid_from";
const TO: &str = "conversion.valid_to";

/// For a code list and a writing, the code.
pub(crate) type Conversions = BTreeMap<(String, String), String>;

/// A rule in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversion {
    pub(crate) source: String,
    pub(crate) list: String,
    pub(crate) written: String,
    pub(crate) code: String,
}

/// The conversions in force on a day for the codes of a dataset. What the source itself means by a writing counts; where
/// it has said nothing, what all others mean counts if they agree.
pub(super) async fn conversions(
    ctx: &mut Ctx,
    catalog: &Catalog,
    dataset: &Dataset,
    source: &str,
    today: Date,
) -> Result<Conversions> {
    let elements = dataset.fields.iter().filter_map(|field| catalog.element(&field.element));
    let lists: Vec<String> = elements
        .filter_map(|element| element.codes.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let Some((register, columns)) = catalog.datasets.values().find_map(register) else {
        return Ok(Conversions::new());
    };
    if lists.is_empty() || register.id == dataset.id {
        return Ok(Conversions::new());
    }
    let rules = store::conversions(ctx.conn(), register, &columns, &lists, today).await?;
    Ok(agreed(rules, source))
}

fn register(dataset: &Dataset) -> Option<(&Dataset, ConversionColumns<'_>)> {
    let of = |element: &str| -> Option<&str> {
        let field: Option<&Field> = dataset.fields.iter().find(|field| field.element == element);
        field.map(|field| field.name.as_str())
    };
    let columns = ConversionColumns {
        source: of(SOURCE)?,
        list: of(LIST)?,
        written: of(WRITTEN)?,
        code: of(CODE)?,
        from: of(FROM)?,
        to: of(TO)?,
    };
    Some((dataset, columns))
}

fn agreed(rules: Vec<Conversion>, source: &str) -> Conversions {
    let mut own = Conversions::new();
    let mut meant: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        let place = (rule.list, rule.written);
        if rule.source == source {
            own.insert(place.clone(), rule.code.clone());
        }
        meant.entry(place).or_default().insert(rule.code);
    }
    for (place, codes) in meant {
        if let (1, Some(code)) = (codes.len(), codes.into_iter().next()) {
            own.entry(place).or_insert(code);
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(source: &str, written: &str, code: &str) -> Conversion {
        Conversion {
            source: source.to_owned(),
            list: "sex".to_owned(),
            written: written.to_owned(),
            code: code.to_owned(),
        }
    }

    #[test]
    fn the_word_of_the_source_counts_and_then_what_all_agree_on() {
        let rules = || {
            vec![
                rule("甲", "M", "1"),
                rule("乙", "M", "2"),
                rule("甲", "F", "2"),
                rule("乙", "F", "2"),
                rule("乙", "U", "0"),
            ]
        };
        let of = |source: &str, written: &str| {
            agreed(rules(), source).get(&("sex".to_owned(), written.to_owned())).cloned()
        };
        assert_eq!(of("甲", "M").as_deref(), Some("1"));
        assert_eq!(of("乙", "M").as_deref(), Some("2"));
        assert_eq!(of("丙", "M"), None, "two meanings, and nobody knows which");
        assert_eq!(of("丙", "F").as_deref(), Some("2"));
        assert_eq!(of("丙", "U").as_deref(), Some("0"));
    }
}
