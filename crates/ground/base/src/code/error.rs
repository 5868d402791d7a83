//! What is wrong with a code, and the words that tell a person what to do about it.

use std::fmt;

use crate::failure::{Failure, Kind};
use crate::text::Text;

/// Which code it is. Each has a name and a description of its form in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeKind {
    /// Citizen number, GB 11643.
    Citizen,
    /// Unified social credit code, GB 32100.
    Credit,
    /// Organisation code, GB 11714.
    Organisation,
    /// Business registration number of 15 digits.
    Registration,
    /// Electronic licence identifier, GB/T 36904.
    Licence,
    /// Administrative region, GB/T 2260 and GB/T 10114.
    Region,
    /// Mobile phone number of China.
    Mobile,
    /// Product code EAN-13, GB 12904.
    Product,
    /// Vehicle identification number, GB 16735.
    Vehicle,
    /// Industry, GB/T 4754.
    Industry,
    /// Implementation code of a service item.
    Item,
    /// Name of a person.
    PersonName,
    /// Date, GB/T 7408.
    Date,
    /// Postal code.
    Postcode,
    /// Address for e-mail.
    Email,
}

/// What is wrong with a code. Places count from 1. No check character is ever told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// Nothing was given.
    Empty(CodeKind),
    /// It is too short or too long.
    Length {
        /// Which code.
        code: CodeKind,
        /// How many characters it may have.
        expected: &'static [usize],
        /// How many there are.
        found: usize,
    },
    /// It is longer than it may be.
    TooLong {
        /// Which code.
        code: CodeKind,
        /// How many characters it may have at most.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A character that cannot stand there.
    Character {
        /// Which code.
        code: CodeKind,
        /// The place of the character.
        place: usize,
        /// The character.
        found: char,
    },
    /// The check character does not fit the others.
    Check {
        /// Which code.
        code: CodeKind,
        /// The place of the check character.
        place: usize,
    },
    /// It does not have the form of this code.
    Shape(CodeKind),
    /// The birth date inside a citizen number does not exist.
    BirthDate,
    /// The birth date inside a citizen number has not come yet.
    BirthInFuture,
    /// The date is none of the calendar.
    NoSuchDate,
}

impl CodeKind {
    /// The name of the code, as people call it.
    pub fn name(self) -> Text {
        let (zh, en) = self.words().0;
        Text::new(zh, en)
    }

    /// The form of the code in a few words, for hints and errors.
    pub fn form(self) -> Text {
        let (zh, en) = self.words().1;
        Text::new(zh, en)
    }

    fn words(self) -> (Pair, Pair) {
        match self {
            Self::Citizen => (
                ("身份证号", "citizen number"),
                (
                    "17位数字加1位校验码（数字或X）",
                    "17 digits and a check character (a digit or X)",
                ),
            ),
            Self::Credit => (
                ("统一社会信用代码", "unified social credit code"),
                (
                    "18位数字和大写字母，不用I、O、S、V、Z",
                    "18 digits and capital letters, without I, O, S, V and Z",
                ),
            ),
            Self::Organisation => (
                ("组织机构代码", "organisation code"),
                (
                    "8位数字或大写字母加1位校验码",
                    "8 digits or capital letters and a check character",
                ),
            ),
            Self::Registration => {
                (("工商注册号", "business registration number"), ("15位数字", "15 digits"))
            }
            Self::Licence => (
                ("电子证照标识", "electronic licence identifier"),
                (
                    "以1.2.156.3005.2开头，依次为类型、颁发机构、流水号、版本号、校验位，用“.”分隔",
                    "1.2.156.3005.2, then type, issuer, serial, version and check character, \
                     with full stops between",
                ),
            ),
            Self::Region => (
                ("行政区划代码", "region code"),
                (
                    "6、9或12位数字，上级代码为0时下级也为0",
                    "6, 9 or 12 digits; nothing may stand below a level that is zero",
                ),
            ),
            Self::Mobile => {
                (("手机号", "mobile number"), ("以1开头的11位数字", "11 digits that begin with 1"))
            }
            Self::Product => (("商品条码", "product code"), ("13位数字", "13 digits")),
            Self::Vehicle => (
                ("车辆识别代号", "vehicle identification number"),
                (
                    "17位数字和大写字母，不用I、O、Q",
                    "17 digits and capital letters, without I, O and Q",
                ),
            ),
            _ => self.words_of_text(),
        }
    }

    fn words_of_text(self) -> (Pair, Pair) {
        match self {
            Self::Industry => (
                ("行业代码", "industry code"),
                (
                    "门类字母A至T，或2至4位数字，如H、62、621、H6210",
                    "a section letter from A to T, or 2 to 4 digits, such as H, 62, 621 or H6210",
                ),
            ),
            Self::Item => (
                ("事项实施编码", "implementation code of an item"),
                (
                    "31位：18位统一社会信用代码加13位数字或大写字母",
                    "31 characters: a unified social credit code and 13 digits or capital letters",
                ),
            ),
            Self::PersonName => (
                ("姓名", "name"),
                (
                    "汉字或字母，少数民族姓名用间隔号“·”，外文姓名可用空格",
                    "Chinese characters or letters; a middle dot, a space, a hyphen or an \
                     apostrophe may stand between them",
                ),
            ),
            Self::Date => {
                (("日期", "date"), ("年-月-日，如2026-11-21", "year-month-day, such as 2026-11-21"))
            }
            Self::Postcode => (("邮政编码", "postal code"), ("6位数字", "6 digits")),
            _ => (
                ("电子邮箱", "e-mail address"),
                ("形如name@example.cn", "in the form name@example.cn"),
            ),
        }
    }
}

type Pair = (&'static str, &'static str);

impl CodeError {
    /// What a person reads: what is wrong and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Empty(code) => {
                let name = code.name();
                Text::new(format!("请填写{}", name.zh), format!("Enter the {}", name.en))
            }
            Self::Length { code, expected, found } => length_text(*code, expected, *found),
            Self::TooLong { code, most, found } => {
                let name = code.name();
                Text::new(
                    format!("{}最多{most}个字，现有{found}个，请缩短", name.zh),
                    format!("Shorten the {} to {most} characters; it has {found}", name.en),
                )
            }
            Self::Character { code, place, found } => character_text(*code, *place, *found),
            Self::Check { code, place } => {
                let name = code.name();
                Text::new(
                    format!("{}第{place}位校验码不对，请逐位核对", name.zh),
                    format!(
                        "Check each character of the {}: number {place}, its check character, \
                         does not fit the others",
                        name.en
                    ),
                )
            }
            Self::Shape(code) => {
                let (name, form) = (code.name(), code.form());
                Text::new(
                    format!("{}的格式不对，应为{}，请核对", name.zh, form.zh),
                    format!("Check the {}: it has the form {}", name.en, form.en),
                )
            }
            Self::BirthDate => Text::new(
                "身份证号第7至14位的出生日期不存在，请核对",
                "Check characters 7 to 14 of the citizen number: there is no such date of birth",
            ),
            Self::BirthInFuture => Text::new(
                "身份证号第7至14位的出生日期还没有到，请核对",
                "Check characters 7 to 14 of the citizen number: that date of birth is in the future",
            ),
            Self::NoSuchDate => Text::new(
                "没有这一天，请核对年、月、日",
                "Check the year, the month and the day: there is no such date",
            ),
        }
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text().en;
        let mut letters = text.chars();
        if let Some(first) = letters.next() {
            write!(formatter, "{}", first.to_ascii_lowercase())?;
        }
        formatter.write_str(letters.as_str())
    }
}

impl std::error::Error for CodeError {}

impl Failure for CodeError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn text(&self) -> Text {
        self.text()
    }
}

fn length_text(code: CodeKind, expected: &[usize], found: usize) -> Text {
    let (name, numbers) = (code.name(), expected.iter().map(ToString::to_string));
    let numbers: Vec<String> = numbers.collect();
    Text::new(
        format!("{}应为{}位，现有{found}位，请核对", name.zh, numbers.join("、")),
        format!(
            "Check the {}: it has {found} characters and should have {}",
            name.en,
            numbers.join(" or ")
        ),
    )
}

fn character_text(code: CodeKind, place: usize, found: char) -> Text {
    let (name, form) = (code.name(), code.form());
    let shown = if found.is_alphanumeric() || found.is_ascii_graphic() {
        found.to_string()
    } else {
        format!("U+{:04X}", u32::from(found))
    };
    Text::new(
        format!("{}第{place}位不能是“{shown}”，应为{}", name.zh, form.zh),
        format!(
            "Change character {place} of the {}: it cannot be “{shown}”; use {}",
            name.en, form.en
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_to_do() {
        let check = CodeError::Check { code: CodeKind::Citizen, place: 18 };
        assert_eq!(check.text().zh, "身份证号第18位校验码不对，请逐位核对");
        let length = CodeError::Length { code: CodeKind::Region, expected: &[6, 9, 12], found: 7 };
        assert_eq!(length.text().zh, "行政区划代码应为6、9、12位，现有7位，请核对");
        assert_eq!(
            length.to_string(),
            "check the region code: it has 7 characters and should have 6 or 9 or 12"
        );
        let control = CodeError::Character { code: CodeKind::PersonName, place: 2, found: '\u{7}' };
        assert!(control.text().zh.starts_with("姓名第2位不能是“U+0007”"));
    }
}
