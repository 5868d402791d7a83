//! Where rows lie: what is asked of it, and rows as features of GeoJSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zhengtong_base::{FieldError, Text};
use zhengtong_geometry::{Bounds, Near};
use zhengtong_http::Fault;
use zhengtong_registry::Area;
use zhengtong_tabular::Cell;

use crate::asked::{Known, faults};

/// The ending of a file of features.
pub(crate) const GEOJSON: &str = "geojson";
/// Its media type.
pub(crate) const GEOJSON_MEDIA: &str = "application/geo+json";
/// Characters of a range or a place.
const AREA_CHARS: usize = 100;

/// 要素集合（RFC 7946） / A collection of features (RFC 7946).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Features {
    /// FeatureCollection / FeatureCollection.
    r#type: &'static str,
    /// 要素 / The features.
    features: Vec<Feature>,
}

/// 一个要素 / A feature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feature {
    /// Feature / Feature.
    r#type: &'static str,
    /// 几何，2000国家大地坐标系经纬度；没有登记的是 null / Where it lies, in degrees of CGCS2000; null when that is not known.
    geometry: Option<BTreeMap<String, Value>>,
    /// 其他字段，没有登记的不出现 / The other fields; what is not known is absent.
    properties: BTreeMap<String, Value>,
}

/// A geometry in a file: its text as it is kept, with the type first.
pub(crate) fn cell(value: &Value) -> Cell {
    match (value.get("type"), value.get("coordinates")) {
        (Some(kind), Some(all)) => Cell::Json(format!("{{\"type\":{kind},\"coordinates\":{all}}}")),
        _ => Cell::of(value),
    }
}

/// Where rows are to lie: `bbox`, or `near` with `within`.
pub(crate) fn area(asked: &Known) -> Result<Option<Area>, Fault> {
    let text = |name: &str| asked.text(name, AREA_CHARS);
    let (bbox, near, within) = (text("bbox")?, text("near")?, text("within")?);
    let wrong = |name: &str, text: Text| faults(vec![FieldError::new(name, text.zh, text.en)]);
    match (asked.has("bbox"), asked.has("near"), asked.has("within")) {
        (false, false, false) => Ok(None),
        (true, false, false) => {
            let bounds = Bounds::read(bbox).map_err(|text| wrong("bbox", text))?;
            Ok(Some(Area::Box(bounds)))
        }
        (false, true, true) => {
            let near = Near::read(near, within).map_err(|(name, text)| wrong(name, text))?;
            Ok(Some(Area::Near(near)))
        }
        (true, _, _) => {
            let text = Text::new("bbox 和 near 只能用一个", "give bbox or near, not both");
            Err(wrong("bbox", text))
        }
        (false, true, false) => {
            let text = Text::new("near 要和 within（米）一起写", "near needs within, in metres");
            Err(wrong("within", text))
        }
        (false, false, true) => {
            Err(wrong("near", Text::new("within 要和 near 一起写", "within needs near")))
        }
    }
}

/// Rows as a collection of features (RFC 7946): the column of the geometry is where each lies, the others are what it is. A row
/// without a geometry is a feature that lies nowhere.
pub(crate) fn features(geometry: &str, header: &[String], rows: &[Vec<Cell>]) -> Vec<u8> {
    let feature = |row: &Vec<Cell>| {
        let cells = || header.iter().zip(row);
        let lies = match cells().find(|(name, _)| *name == geometry).map(|(_, cell)| cell.json()) {
            Some(Value::Object(object)) => Some(object.into_iter().collect()),
            _ => None,
        };
        let others = cells().filter(|(name, cell)| *name != geometry && **cell != Cell::Empty);
        Feature {
            r#type: "Feature",
            geometry: lies,
            properties: others.map(|(name, cell)| (name.clone(), cell.json())).collect(),
        }
    };
    let features = rows.iter().map(feature).collect();
    let all = Features { r#type: "FeatureCollection", features };
    serde_json::to_vec(&all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_become_features() {
        let header: Vec<String> = ["no", "place", "name"].map(str::to_owned).into();
        let point = json!({ "type": "Point", "coordinates": [120.155, 30] });
        let rows = vec![
            vec![Cell::Number("1".into()), cell(&point), Cell::Text("甲".into())],
            vec![Cell::Number("2".into()), cell(&Value::Null), Cell::Empty],
        ];
        assert_eq!(
            rows[0][1],
            Cell::Json(r#"{"type":"Point","coordinates":[120.155,30]}"#.to_owned())
        );
        let made: Value = serde_json::from_slice(&features("place", &header, &rows)).unwrap();
        let wanted = json!({ "type": "FeatureCollection", "features": [
            { "type": "Feature", "geometry": point, "properties": { "no": 1, "name": "甲" } },
            { "type": "Feature", "geometry": null, "properties": { "no": 2 } },
        ] });
        assert_eq!(made, wanted);
    }
}
