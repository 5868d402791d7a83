//! All check rules under stable names, so that a data element of a pack can name the one it keeps.

use time::Date;

use super::citizen::CitizenNumber;
use super::contact::{EmailAddress, MobileNumber, Postcode, mask_email};
use super::credit::CreditCode;
use super::dates::IsoDate;
use super::error::{CodeError, CodeKind};
use super::industry::IndustryCode;
use super::item::ItemCode;
use super::licence::LicenceNumber;
use super::names::PersonName;
use super::organisation::OrganisationCode;
use super::product::ProductCode;
use super::region::RegionCode;
use super::registration::RegistrationNumber;
use super::spelling::{cover, in_fours};
use super::vehicle::VehicleNumber;

/// Checks a text on a civil date.
pub type ValidatorFn = fn(&str, Date) -> Result<(), CodeError>;

/// Checks a text on a civil date and gives back the spelling that is to be kept.
pub type CanonicalFn = fn(&str, Date) -> Result<String, CodeError>;

/// The rule of a name; none when the name is unknown.
pub fn validator(name: &str) -> Option<ValidatorFn> {
    find(name).map(|rule| rule.check)
}

/// The rule of a name, giving back the spelling to keep: `11010519491231002x` is read, and
/// `11010519491231002X` is stored, so that a number is one text everywhere.
pub fn canonical(name: &str) -> Option<CanonicalFn> {
    find(name).map(|rule| rule.canonical)
}

/// Which code the rule of a name is about, for its words.
pub fn kind(name: &str) -> Option<CodeKind> {
    find(name).map(|rule| rule.kind)
}

/// All names, in the order of the table, for suggestions and documents.
pub fn validator_names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.name)
}

/// A stored value as lists show it. The value is not checked again; a name without a mask of its own,
/// and one that is unknown, shows the first character only.
pub fn mask(name: &str, value: &str) -> String {
    match kind(name) {
        Some(CodeKind::Citizen) => cover(value, 4, 4),
        Some(CodeKind::Credit) => in_fours(&cover(value, 6, 2)),
        Some(CodeKind::Mobile | CodeKind::Vehicle) => cover(value, 3, 4),
        Some(CodeKind::Email) => mask_email(value),
        Some(CodeKind::Date) => value.chars().take(4).chain("-**-**".chars()).collect(),
        _ => cover(value, 1, 0),
    }
}

struct Rule {
    name: &'static str,
    kind: CodeKind,
    check: ValidatorFn,
    canonical: CanonicalFn,
}

const RULES: &[Rule] = &[
    Rule::of::<CitizenNumber>("gb11643", CodeKind::Citizen),
    Rule::of::<CreditCode>("gb32100", CodeKind::Credit),
    Rule::of::<OrganisationCode>("gb11714", CodeKind::Organisation),
    Rule::of::<RegistrationNumber>("registration15", CodeKind::Registration),
    Rule::of::<LicenceNumber>("gbt36903", CodeKind::Licence),
    Rule::of::<RegionCode>("gbt2260", CodeKind::Region),
    Rule::of::<IndustryCode>("gbt4754", CodeKind::Industry),
    Rule::of::<ItemCode>("item31", CodeKind::Item),
    Rule::of::<ProductCode>("ean13", CodeKind::Product),
    Rule::of::<VehicleNumber>("vin", CodeKind::Vehicle),
    Rule::of::<PersonName>("person-name", CodeKind::PersonName),
    Rule::of::<MobileNumber>("mobile", CodeKind::Mobile),
    Rule::of::<Postcode>("postcode", CodeKind::Postcode),
    Rule::of::<EmailAddress>("email", CodeKind::Email),
    Rule::of::<IsoDate>("date", CodeKind::Date),
];

impl Rule {
    const fn of<T: Reads>(name: &'static str, kind: CodeKind) -> Self {
        Self {
            name,
            kind,
            check: |text, today| T::read(text, today).map(drop),
            canonical: |text, today| T::read(text, today).map(|code| code.as_ref().to_owned()),
        }
    }
}

/// What the table needs of a code: only one of them asks for the day.
trait Reads: AsRef<str> + Sized {
    fn read(text: &str, today: Date) -> Result<Self, CodeError>;
}

impl Reads for CitizenNumber {
    fn read(text: &str, today: Date) -> Result<Self, CodeError> {
        Self::parse(text, today)
    }
}

macro_rules! timeless {
    ($($code:ty),+) => {$(
        impl Reads for $code {
            fn read(text: &str, _today: Date) -> Result<Self, CodeError> {
                Self::parse(text)
            }
        }
    )+};
}

timeless!(
    CreditCode,
    OrganisationCode,
    RegistrationNumber,
    LicenceNumber,
    RegionCode,
    IndustryCode
);
timeless!(ItemCode, ProductCode, VehicleNumber, PersonName, MobileNumber, Postcode, EmailAddress);
timeless!(IsoDate);

fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 21);
    const LICENCE: &str = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9";

    const SAMPLES: &[(&str, &str, &str)] = &[
        ("gb11643", "11010519491231002x", "11010519491231002X"),
        ("gb32100", "91350100m000100y43", "91350100M000100Y43"),
        ("gb11714", "D2143569-X", "D2143569X"),
        ("registration15", "110108000000016", "110108000000016"),
        ("gbt36903", LICENCE, LICENCE),
        ("gbt2260", "330106000000", "330106"),
        ("gbt4754", "h6210", "H6210"),
        ("item31", "11370800MB285591843370117002011", "11370800MB285591843370117002011"),
        ("ean13", "6901234567892", "6901234567892"),
        ("vin", "1M8GDM9AXKP042788", "1M8GDM9AXKP042788"),
        ("person-name", "李明", "李明"),
        ("mobile", "+8613812345678", "13812345678"),
        ("postcode", "310000", "310000"),
        ("email", "a@Example.cn", "a@example.cn"),
        ("date", "2026年1月2日", "2026-01-02"),
    ];

    #[test]
    fn every_rule_has_its_name_words_and_sample() {
        let sampled: BTreeSet<&str> = SAMPLES.iter().map(|sample| sample.0).collect();
        assert_eq!(sampled, validator_names().collect());
        for (name, typed, kept) in SAMPLES {
            assert_eq!(validator(name).unwrap()(typed, TODAY), Ok(()), "{name}");
            assert_eq!(canonical(name).unwrap()(typed, TODAY).as_deref(), Ok(*kept), "{name}");
            assert_eq!(canonical(name).unwrap()(kept, TODAY).as_deref(), Ok(*kept), "{name}");
            let kind = kind(name).unwrap();
            assert!(!kind.name().zh.is_empty() && !kind.form().en.is_empty());
            for bad in ["", "😀", "\u{0}", &"9".repeat(100_000)] {
                let error = validator(name).unwrap()(bad, TODAY).unwrap_err();
                assert!(!error.text().zh.is_empty() && !error.text().en.is_empty());
                assert!(error.text().zh.chars().count() < 120, "{name}");
            }
        }
        assert!(validator("gb0").is_none() && canonical("").is_none() && kind("x").is_none());
    }

    #[test]
    fn stored_values_are_masked() {
        for (name, value, shown) in [
            ("gb11643", "11010519491231002X", "1101**********002X"),
            ("gb32100", "91350100M000100Y43", "9135 01** **** **** 43"),
            ("mobile", "13812345678", "138****5678"),
            ("email", "ming@example.cn", "m***@example.cn"),
            ("person-name", "市民甲", "市**"),
            ("date", "1980-01-02", "1980-**-**"),
            ("unknown", "秘密", "秘*"),
            ("gb11643", "123", "***"),
            ("mobile", "", ""),
        ] {
            assert_eq!(mask(name, value), shown);
        }
    }
}
