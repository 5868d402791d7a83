//! On which level two values agree.

use zhengtong_linkage::{Comparer, Given, compare, prepare};

fn check(comparer: Comparer, left: &str, right: &str, expected: &str) {
    let given = |text: &str| {
        let mut parts = text.split('|');
        let now = parts.next().unwrap_or_default().to_owned();
        Given { text: now, others: parts.map(str::to_owned).collect() }
    };
    let (a, b) = (prepare(comparer, &given(left)), prepare(comparer, &given(right)));
    let word = |level: u8| match level {
        0 => "missing",
        level => comparer.levels()[usize::from(level) - 1],
    };
    assert_eq!(word(compare(comparer, &a, &b)), expected, "{left} / {right}");
    assert_eq!(word(compare(comparer, &b, &a)), expected, "{right} / {left}");
}

#[test]
fn names() {
    let check = |left, right, expected| check(Comparer::Name, left, right, expected);
    check("张伟", "张 伟", "same");
    check("张國強", "张国强", "variant");
    check("王喆", "王哲", "variant");
    check("李秀英|李小妹", "李小妹", "former");
    check("李秀英", "李小妹|李秀英", "former");
    check("张伟", "章玮", "same-sound");
    check("曾静", "增静", "same-sound");
    check("张敏", "张明", "near-sound");
    check("刘丽", "牛丽", "near-sound");
    check("欧阳修远", "欧阳修", "one-character");
    check("王建国", "王建军", "one-character");
    check("王伟", "李强", "other");
    check("王伟", "王强", "other");
    check("", "王强", "missing");
    check("阿卜杜拉·买买提", "阿卜杜拉买买提", "same");
}

#[test]
fn citizen_numbers() {
    let check = |left, right, expected| check(Comparer::Citizen, left, right, expected);
    check("11010519491231002X", "11010519491231002x", "same");
    check("11010519491231002X", "110105491231002", "upgraded");
    check("11010519491231002X", "11010519491231020X", "slip");
    check("11010519491231002X", "11010519491231012X", "slip");
    // Both prove themselves: born one after the other on one day.
    check("11010519491231002X", "110105194912310046", "contrary");
    check("110105491231002", "110105491231004", "other");
    check("110105491231002", "110105491221002", "slip");
    check("11010519491231002X", "440524188001010014", "contrary");
    check("11010519491231002X", "", "missing");
}

#[test]
fn days() {
    let check = |left, right, expected| check(Comparer::Day, left, right, expected);
    check("1990-02-03", "1990年2月3日", "same");
    check("1990-02-03", "1990-03-02", "swapped");
    check("1990-02-03", "1991-02-03", "slip");
    check("1990-02-13", "1990-02-31", "slip");
    check("1990-02-03", "1975-02-03", "two-parts");
    check("1990-02-03", "1975-06-18", "other");
    check("不详", "1975-06-18", "missing");
}

#[test]
fn other_fields() {
    check(Comparer::Phone, "+86 139 0000 0001", "13900000001", "same");
    check(Comparer::Phone, "13900000001", "13900000010", "slip");
    check(Comparer::Phone, "13900000001", "13800001234|13900000001", "former");
    check(Comparer::Phone, "13900000001", "13800001234", "other");
    check(Comparer::Address, "示例市一区中山路１２号", "示例市一区中山路12號", "same");
    check(Comparer::Address, "示例市一区中山路12号3栋401室", "示例市一区中山路12号3-401", "close");
    check(Comparer::Address, "示例市一区中山路12号", "示例市二区建设路7号", "other");
    check(Comparer::Code, "1", "2", "other");
    check(Comparer::Latin, "Zhang San", "SAN ZHANG", "reordered");
    check(Comparer::Latin, "michaela", "micheala", "very-close");
    check(Comparer::Number, "2040", "2400", "slip");
    check(Comparer::Number, "2040", "2431", "other");
    check(Comparer::Text, "示例餐饮有限公司", "示例餐飲有限公司", "same");
    check(Comparer::Text, "示例餐饮有限公司", "示例餐饮公司", "very-close");
}
