//! Where records lie: the field that says it, and rows in a range or near a place.

use zhengtong_base::Text;
use zhengtong_geometry::{Bounds, Near};

use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Element, ElementKind, Field};
use crate::reading::plain;
use crate::store::{self, Condition, Match};

/// Where a row lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// It has a place in common with the range.
    Box(Bounds),
    /// It is so near to a place.
    Near(Near),
}

impl Catalog {
    /// The field with the geometry of a record; a dataset has one at most.
    pub fn geometry_field<'a>(&self, dataset: &'a Dataset) -> Option<&'a Field> {
        let holds = |element: &Element| element.kind == ElementKind::Geometry;
        dataset.fields.iter().find(|field| self.element(&field.element).is_some_and(holds))
    }

    /// The same field, where lists and files show it: its element is not masked.
    pub fn shown_geometry<'a>(&self, dataset: &'a Dataset) -> Option<&'a Field> {
        self.geometry_field(dataset).filter(|field| {
            self.element(&field.element).is_some_and(|element| !element.sensitivity.is_masked())
        })
    }
}

/// The conditions that rows lie somewhere. `stands` says whether they are asked of the table itself.
pub(crate) fn lying(
    catalog: &Catalog,
    dataset: &Dataset,
    area: Area,
    stands: bool,
) -> Result<Vec<Condition>> {
    let asked = match area {
        Area::Box(_) => "bbox",
        Area::Near(_) => "near",
    };
    let Some(field) = catalog.geometry_field(dataset) else {
        let text = Text::new("这个数据集没有几何字段", "this dataset holds no geometry");
        return Err(Error::field(asked, text));
    };
    plain(catalog, dataset, &field.name)?;
    let made = |wkt: String, how: store::Area| Condition {
        column: field.name.clone(),
        kind: ElementKind::Geometry,
        value: store::placed(&wkt),
        how: Match::Shape(how, stands),
    };
    let conditions = match area {
        Area::Box(bounds) => vec![made(bounds.wkt(), store::Area::Meets)],
        // The range is what the index answers.
        Area::Near(near) => vec![
            made(near.bounds().wkt(), store::Area::Meets),
            made(near.wkt(), store::Area::Within(near.metres())),
        ],
    };
    Ok(conditions)
}
