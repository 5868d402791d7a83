//! Values of elements: typed, kept, shown, hidden.

use serde_json::{Value, json};
use time::Date;
use time::macros::date;
use zhengtong_base::Lang;
use zhengtong_registry::{display, mask, validate, validate_held};

use crate::catalog;

const TODAY: Date = date!(2026 - 03 - 02);

#[test]
fn what_is_typed_becomes_one_spelling() {
    let catalog = catalog();
    let max = "字".repeat(120);
    let rows: &[(&str, &str, Value)] = &[
        ("person.id_number", " １１０１０５194912310 02x", json!("11010519491231002X")),
        ("person.name", "\u{3000}李明 ", json!("李明")),
        ("person.name", "\u{20bb7}\u{30edd}\u{2ebf0}", json!("\u{20bb7}\u{30edd}\u{2ebf0}")),
        ("person.birth_date", "1980年1月2日", json!("1980-01-02")),
        ("person.sex", "２", json!("2")),
        ("org.credit_code", "91350100m000100y43", json!("91350100M000100Y43")),
        ("org.name", "\u{feff} 甲乙(杭州)有限公司\u{200b} ", json!("甲乙(杭州)有限公司")),
        ("org.name", &max, json!(max)),
        ("org.registered_capital", "１,２００．５0", json!(1200.5)),
        ("place.area", "0120.50", json!(120.5)),
        ("place.area", "999999.999999", json!(999_999.999_999)),
        ("food.staff_count", "12", json!(12)),
        ("food.items", "21, 22、21；25", json!(["21", "22", "25"])),
        ("food.online", "是", json!(true)),
        ("food.online", "false", json!(false)),
        ("org.scope", "餐饮服务\r\n食品销售😀", json!("餐饮服务\n食品销售😀")),
        ("contact.mobile", "+86 138-1234-5678", json!("13812345678")),
    ];
    for (id, typed, kept) in rows {
        let element = catalog.element(id).unwrap();
        assert_eq!(validate(&catalog, element, typed, TODAY).as_ref(), Ok(kept), "{id} {typed}");
    }
}

#[test]
fn what_is_wrong_says_what_to_do() {
    let catalog = catalog();
    let megabyte = "长".repeat(350_000);
    let rows: &[(&str, &str, &str)] = &[
        ("person.name", "", "请填写姓名"),
        ("person.name", " \u{3000}\u{200b}", "请填写姓名"),
        ("org.name", &megabyte, "太长了，最多 200 个字，请缩短"),
        ("org.name", &"字".repeat(121), "太长了，最多 120 个字，请缩短"),
        ("org.scope", &megabyte, "太长了，最多 4000 个字，请缩短"),
        ("org.name", "甲\u{0}乙", "含有看不见的控制字符，请删去后重新输入"),
        ("org.name", "甲\n乙", "含有看不见的控制字符，请删去后重新输入"),
        ("place.area", "一百", "请只填数字，例如 120"),
        ("place.area", "1e9", "请只填数字，例如 120"),
        ("place.area", "12.", "请只填数字，例如 120"),
        ("place.area", "NaN", "请只填数字，例如 120"),
        ("place.area", "0.5", "不能小于 1，请核对"),
        ("place.area", "-3", "不能小于 1，请核对"),
        ("place.area", "1000000.1", "不能大于 1000000，请核对"),
        ("place.area", "1.1234567", "小数最多 6 位"),
        ("place.area", "1234567890123456", "数字太大了，请核对"),
        ("food.staff_count", "1.5", "请填整数，不要小数"),
        ("org.registered_capital", "1.234", "小数最多 2 位"),
        ("food.online", "也许", "请选择“是”或“否”"),
        ("person.sex", "3", "请从“性别”的列表里选一项"),
        ("food.items", ",", "请至少选 1 项"),
        ("food.items", "21,99", "请从“食品经营项目”的列表里选一项"),
    ];
    for (id, typed, said) in rows {
        let element = catalog.element(id).unwrap();
        let text = validate(&catalog, element, typed, TODAY).unwrap_err();
        assert_eq!(text.zh, *said, "{id}");
        assert!(!text.en.is_empty());
    }
    let id_number = catalog.element("person.id_number").unwrap();
    for bad in ["110105194912310021", "110105203012310020", "11010519491231002😀"] {
        assert!(validate(&catalog, id_number, bad, TODAY).is_err(), "{bad}");
    }
}

#[test]
fn numbers_of_the_old_form_are_taken_from_registers_only() {
    let catalog = catalog();
    let element = catalog.element("person.id_number").unwrap();
    let held = validate_held(&catalog, element, "110105491231002", TODAY);
    assert_eq!(held, Ok(json!("11010519491231002X")));
    assert!(validate(&catalog, element, "110105491231002", TODAY).is_err());
}

#[test]
fn values_are_shown_in_words() {
    let catalog = catalog();
    let rows: &[(&str, Value, &str, &str)] = &[
        ("person.sex", json!("2"), "女性", "Female"),
        ("person.sex", json!("7"), "7", "7"),
        ("person.birth_date", json!("2026-11-23"), "2026年11月23日", "23 November 2026"),
        (
            "org.registered_capital",
            json!(1_234_567.5),
            "1,234,567.50 万元",
            "1,234,567.50 ×10,000 yuan",
        ),
        ("place.area", json!(120), "120 平方米", "120 m²"),
        ("place.area", json!(120.0), "120 平方米", "120 m²"),
        (
            "food.items",
            json!(["21", "25"]),
            "热食类食品制售、自制饮品制售",
            "Hot food, made and sold, Drinks, made and sold",
        ),
        ("food.online", json!(true), "是", "Yes"),
        ("org.name", json!("甲"), "甲", "甲"),
        ("org.name", Value::Null, "", ""),
    ];
    for (id, value, zh, en) in rows {
        let element = catalog.element(id).unwrap();
        assert_eq!(display(&catalog, element, value, Lang::Zh, TODAY), *zh, "{id}");
        assert_eq!(display(&catalog, element, value, Lang::En, TODAY), *en, "{id}");
    }
}

#[test]
fn codes_have_the_name_of_their_day() {
    let catalog = catalog();
    let element = catalog.element("food.business_kind").unwrap();
    let name = |day| display(&catalog, element, &json!("3"), Lang::Zh, day);
    assert_eq!(name(date!(2023 - 11 - 30)), "单位食堂");
    assert_eq!(name(date!(2023 - 12 - 01)), "集中用餐单位食堂");
    assert_eq!(name(date!(2000 - 01 - 01)), "集中用餐单位食堂");
    let items = catalog.element("food.items").unwrap();
    let count = |day| catalog.options(items, day).len();
    assert!(count(date!(2023 - 11 - 30)) < count(date!(2023 - 12 - 01)));
    assert_eq!(count(date!(2015 - 09 - 30)), 0);
    assert!(validate(&catalog, items, "33", date!(2023 - 11 - 30)).is_err());
    assert!(validate(&catalog, items, "33", TODAY).is_ok());
    let standard = &catalog.standards["GB 3095-2012"];
    assert!(standard.holds(date!(2026 - 02 - 28)) && !standard.holds(date!(2026 - 03 - 01)));
}

#[test]
fn lists_hide_what_is_personal() {
    let catalog = catalog();
    let rows: &[(&str, Value, &str)] = &[
        ("person.id_number", json!("11010519491231002X"), "1101**********002X"),
        ("person.name", json!("欧阳某某"), "欧***"),
        ("person.birth_date", json!("1980-01-02"), "1980-**-**"),
        ("person.sex", json!("2"), "***"),
        ("contact.mobile", json!("13812345678"), "138****5678"),
        ("person.household_address", json!("杭州市西湖区某路1号"), "杭州市西湖区****"),
        ("person.household_address", json!("某路1号"), "某***"),
        ("org.name", json!("甲有限公司"), "甲有限公司"),
        ("org.legal_representative_id", json!("11010519491231002X"), "1101**********002X"),
    ];
    for (id, value, shown) in rows {
        let element = catalog.element(id).unwrap();
        assert_eq!(mask(&catalog, element, value, Lang::Zh, TODAY), *shown, "{id}");
    }
}
