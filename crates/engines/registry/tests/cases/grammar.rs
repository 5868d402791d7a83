//! The grammar: the shipped packs are sound, and each fault is found at its place.

use std::fs;
use std::path::Path;

use zhengtong_registry::{PART, SCHEMA};

use crate::{Files, catalog, read_files, shipped};

const HOUSE: &str = "house-rules/registry/elements.toml";
const RESIDENT: &str = "base-population/registry/resident.toml";
const PERMIT: &str = "base-population/registry/residence_permit.toml";
const CODES: &str = "house-rules/registry/codes.toml";
const STANDARDS: &str = "house-rules/registry/standards.toml";

#[test]
fn the_shipped_packs_are_sound() {
    let catalog = catalog();
    assert!(catalog.elements.len() > 70 && catalog.lists.len() > 15);
    assert!(catalog.standards.values().map(|s| s.vectors.len()).sum::<usize>() > 35);
    let resident = catalog.dataset("base-population:resident").unwrap();
    let names: Vec<&str> = resident.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names[..4], ["id_number", "name", "sex", "birth_date"]);
    assert_eq!(resident.subject_field().unwrap().name, "id_number");
    let organisation = catalog.dataset("base-legal:organisation").unwrap();
    assert_eq!(organisation.subject_field().unwrap().name, "credit_code");
    let held = catalog.elements.values().filter(|element| element.authority.is_some());
    assert!(held.count() > 20);
}

#[test]
fn a_field_has_its_own_title_or_the_elements() {
    let catalog = catalog();
    let household = catalog.dataset("base-population:household").unwrap();
    assert_eq!(household.field("head").unwrap().title.zh, "户主公民身份号码");
    assert_eq!(household.field("region").unwrap().title.zh, "户籍所在行政区划");
    let reference = household.field("head").unwrap().references.as_deref();
    assert_eq!(reference, Some("base-population:resident"));
}

/// Replaces a text in one file of the shipped packs and says what is found then.
fn after(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = shipped();
    let (pack, inside) = path.split_once('/').unwrap();
    let bytes = files.get_mut(pack).unwrap().get_mut(inside).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *bytes = text.replacen(from, to, 1).into_bytes();
    read_files(files).1.findings.iter().map(ToString::to_string).collect()
}

/// File, text, what takes its place, and what is said of it.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    (RESIDENT, "element = \"person.name\"", "element = \"person.nmae\"", "没有数据元 person.nmae"),
    (RESIDENT, "element = \"person.name\"", "element = \"person.nmae\"", "person.name？"),
    (RESIDENT, "key = [\"id_number\"]", "key = [\"id_nmber\"]", "是不是 id_number？"),
    (RESIDENT, "key = [\"id_number\"]", "key = []", "key 不能为空"),
    (RESIDENT, "birth_date <= today", "birth_dat <= today", "是不是 birth_date？"),
    (RESIDENT, "birth_date <= today", "birth_date <=", "规则读不懂"),
    (RESIDENT, "[field.phone]", "[field.Phone]", "字段名 Phone"),
    (RESIDENT, "sharing = \"conditional\"", "sharing = \"conditionl\"", "是不是 conditional？"),
    (RESIDENT, "open = false", "opn = false", "是不是 open？"),
    (
        RESIDENT,
        "element = \"contact.mobile\"",
        "element = \"contact.email\"",
        "里没有 contact.mobile",
    ),
    (
        RESIDENT,
        "element = \"person.residence_address\"",
        "element = \"person.name\"",
        "有 2 个字段都是 person.name",
    ),
    (
        "base-population/registry/household.toml",
        "\"resident\"",
        "\"residnt\"",
        "是不是 base-population:resident？",
    ),
    (
        "base-legal/registry/business_licence.toml",
        "\"organisation\"",
        "\"base-population:resident\"",
        "请写进 needs",
    ),
    (
        "base-legal/pack.toml",
        "needs = [\"house-rules\"]",
        "needs = []",
        "属于包 house-rules，请写进 needs",
    ),
    (HOUSE, "check = \"gb11643\"", "check = \"gb11634\"", "是不是 gb11643？"),
    (HOUSE, "codes = \"sex\"", "codes = \"sexx\"", "是不是 sex？"),
    (HOUSE, "codes = \"sex\"\n", "", "代码类型要写 codes"),
    (
        HOUSE,
        "base-population:resident",
        "base-population:residents",
        "是不是 base-population:resident？",
    ),
    (
        HOUSE,
        "standard = \"GB 11643-1999\"",
        "standard = \"GB 11643-1998\"",
        "是不是 GB 11643-1999？",
    ),
    (HOUSE, "[element.\"person.name\"]", "[element.\"Person\"]", "应像 person.name"),
    (HOUSE, "max = 50\ncheck", "min = 60\nmax = 50\ncheck", "min 60 大于 max 50"),
    (HOUSE, "type = \"text\"", "type = \"txt\"", "是不是 text？"),
    (CODES, "code = \"1\"", "code = \"0\"", "在同一天有两个名称"),
    (CODES, "valid_to = \"2023-11-30\"", "valid_to = \"2015-01-01\"", "失效日早于生效日"),
    (CODES, "code = \"0\"", "code = \"0,1\"", "只能用字母、数字"),
    (CODES, "valid_from = \"2003-12-01\"", "valid_from = \"2003-13-01\"", "2003-13-01: "),
    (
        CODES,
        "standard = \"GB/T 2261.1-2003\"",
        "standard = \"GB/T 2261.1-2004\"",
        "是不是 GB/T 2261.1-2003？",
    ),
    (STANDARDS, "11010519491231002X", "110105194912310021", "应通过校验，实际没有通过"),
    (
        STANDARDS,
        "value = \"110105194912310021\"",
        "value = \"11010519491231002X\"",
        "应不通过校验，实际通过了",
    ),
    (
        RESIDENT,
        "element = \"person.id_number\"",
        "element = \"person.id_number\"\nindex = true",
        "加密存放",
    ),
    (PERMIT, "valid_from = \"issued_on\"", "valid_from = \"isued_on\"", "是不是 issued_on？"),
    (PERMIT, "valid_from = \"issued_on\"", "valid_from = \"permit_no\"", "permit_no 不是日期"),
    (PERMIT, "valid_from = \"issued_on\"", "valid_from = \"came_on\"", "came_on 要写 required"),
    (PERMIT, "valid_from = \"issued_on\"", "valid_from = \"id_number\"", "id_number 是主键"),
    (PERMIT, "valid_from = \"issued_on\"\n", "", "还要有另一个字段作 valid_from"),
    (
        PERMIT,
        "valid_from = \"issued_on\"",
        "open_past = true\nvalid_from = \"issued_on\"",
        "写了 open_past",
    ),
    (
        PERMIT,
        "valid_to = \"valid_to\"",
        "valid_to = \"issued_on\"",
        "还要有另一个字段作 valid_from",
    ),
    (PERMIT, "valid_to = \"valid_to\"", "valid_to = \"valid_too\"", "是不是 valid_to？"),
    (
        PERMIT,
        "valid_from = \"issued_on\"",
        "shown_until = [\"valid_to\"]\nvalid_from = \"issued_on\"",
        "shown_until，数据集要 open = true",
    ),
    (
        PERMIT,
        "valid_from = \"issued_on\"",
        "shown_until = [\"valid_too\"]\nvalid_from = \"issued_on\"",
        "是不是 valid_to？",
    ),
    (
        PERMIT,
        "valid_from = \"issued_on\"",
        "shown_until = [\"permit_no\"]\nvalid_from = \"issued_on\"",
        "shown_until 要写不加密的日期字段",
    ),
    (
        "base-population/registry/marriage.toml",
        "key = [\"certificate_no\"]",
        "key = [\"certificate_no\"]\nvalid_from = \"registered_on\"",
        "registered_on 加密存放，不能写成 valid_from",
    ),
    (STANDARDS, "checks = [\"gb11643\"]", "checks = [\"gb11642\"]", "是不是 gb11643？"),
    (STANDARDS, "replaced = \"2026-03-01\"", "replaced = \"2015-03-01\"", "废止日不晚于实施日"),
    (STANDARDS, "replaced = \"2026-03-01\"\n", "", "还要写 replaced 日期"),
];

#[test]
fn faults_have_their_place_and_a_suggestion() {
    for (path, from, to, said) in FAULTS {
        let findings = after(path, from, to);
        assert!(findings.iter().any(|f| f.contains(said)), "{from} -> {to}: {findings:#?}");
    }
    let first = after(RESIDENT, "element = \"person.name\"", "element = \"person.nmae\"");
    let place = format!("{RESIDENT}:15:11: ");
    assert!(first.iter().any(|f| f.starts_with(&place)), "{first:#?}");
}

#[test]
fn one_element_has_one_source() {
    let own = "[element.\"person.name\"]\ntitle = { zh = \"姓名\", en = \"Name\" }\ntype = \"text\"\n\
               sensitivity = \"personal\"\nauthority = \"organisation\"\n";
    let mut files = shipped();
    let inside = files.get_mut("base-legal").unwrap();
    let there = inside.get_mut("registry/elements.toml").unwrap();
    let line = String::from_utf8_lossy(there).lines().count() + 1;
    there.extend_from_slice(own.as_bytes());
    let said: Vec<String> = read_files(files).1.findings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("有两个来源：base-population:resident 与 base-legal:organisation"));
    let place = format!("base-legal/registry/elements.toml:{line}:10: ");
    assert!(said[0].starts_with(&place), "{said:#?}");
}

#[test]
fn the_house_stands_without_the_registers() {
    let files: Files = shipped().into_iter().filter(|(id, _)| id == "house-rules").collect();
    let (catalog, report) = read_files(files);
    assert!(report.usable() && !report.findings.is_empty());
    assert!(catalog.datasets.is_empty() && !catalog.elements.is_empty());
}

#[test]
fn schemas_and_statements_are_listed() {
    for kind in PART.kinds {
        let schema = (kind.make)();
        assert!(schema.get("properties").is_some(), "{}", kind.schema);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    assert_eq!(fs::read_dir(folder).unwrap().count(), SCHEMA.statements.len());
}
