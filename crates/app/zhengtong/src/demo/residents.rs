//! Invented residents. Numbers keep GB 11643 but carry county codes that were never given out, and telephone numbers
//! begin with a prefix that is not in use, so that none can belong to anybody.

use time::macros::date;
use time::{Date, Duration};
use zhengtong_base::code::{CitizenNumber, CodeError};

use super::dice::{Dice, Purpose};
use super::regions::County;

/// The columns of [`Resident::row`].
pub(crate) const COLUMNS: [&str; 10] = [
    "id_number",
    "name",
    "sex",
    "birth_date",
    "ethnic_group",
    "marital_status",
    "household_address",
    "household_region",
    "residence_address",
    "phone",
];
/// The columns of [`City::household`].
pub(crate) const HOUSEHOLD_COLUMNS: [&str; 5] =
    ["household_no", "head", "address", "region", "members"];
/// More residents than this do not get different numbers.
pub(crate) const RESIDENTS_MAX: u32 = 100_000_000;
/// Fewer than this are too few to run the companies of the demonstration.
pub(crate) const RESIDENTS_MIN: u32 = 200;
/// How many residents a household has.
pub(crate) const HOUSEHOLD_SIZE: u64 = 3;

/// County codes of the city that were never given out.
const AREAS: [&str; 10] = [
    "330190", "330191", "330192", "330193", "330194", "330195", "330196", "330197", "330198",
    "330199",
];
const FIRST_BIRTH: Date = date!(1940 - 01 - 01);
/// Days of birth to choose from. A prime, so that any step visits all of them.
const BIRTH_DAYS: u64 = 31_039;
/// Pairs of sequence numbers on one day, from 002 to 999. A prime too.
const PAIRS: u64 = 499;
/// Rare characters in names, all outside the basic plane.
const RARE: [char; 3] = ['\u{20bb7}', '\u{30edd}', '\u{2ebf0}'];
const KINDS: [&str; 4] = ["市民", "示例", "演示", "居民"];
const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
const BRANCHES: [&str; 12] =
    ["子", "丑", "寅", "卯", "辰", "巳", "午", "未", "申", "酉", "戌", "亥"];

/// One resident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resident {
    pub(crate) number: CitizenNumber,
    pub(crate) name: String,
    pub(crate) ethnic_group: String,
    pub(crate) marital_status: &'static str,
    pub(crate) address: String,
    pub(crate) region: String,
    pub(crate) residence: String,
    pub(crate) phone: String,
}

/// Somebody of the cast of the demonstration, who is a resident too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) female: bool,
    pub(crate) birth: Date,
}

/// Whom the city has: first the cast, then the invented.
#[derive(Debug)]
pub(crate) struct City<'a> {
    pub(crate) seed: u64,
    pub(crate) counties: &'a [County],
    pub(crate) cast: &'a [Named],
    /// How many residents there are, the cast among them.
    pub(crate) total: u64,
}

impl Resident {
    /// The row in the order of [`COLUMNS`].
    pub(crate) fn row(self) -> Vec<Option<String>> {
        [
            self.number.as_str().to_owned(),
            self.name,
            self.number.sex().code().to_owned(),
            self.number.birth_date().to_string(),
            self.ethnic_group,
            self.marital_status.to_owned(),
            self.address,
            self.region,
            self.residence,
            self.phone,
        ]
        .map(Some)
        .into()
    }
}

impl City<'_> {
    /// The resident of an index.
    pub(crate) fn resident(&self, index: u64) -> Result<Resident, CodeError> {
        let mut dice = Dice::new(self.seed, Purpose::Resident, index);
        let place = usize::try_from(index).ok().and_then(|index| self.cast.get(index));
        let (number, name) = match place {
            Some(named) => (cast_number(named)?, named.name.to_owned()),
            None => (self.number(index, &mut dice)?, name(index, &mut dice)),
        };
        let (address, region) = self.home(index / HOUSEHOLD_SIZE);
        let moved = dice.once_in(8);
        let residence = if moved { self.home(dice.next()).0 } else { address.clone() };
        Ok(Resident {
            ethnic_group: if dice.once_in(12) {
                format!("{:02}", 2 + dice.below(55))
            } else {
                "01".to_owned()
            },
            marital_status: marital_status(number.birth_date(), &mut dice),
            number,
            name,
            address,
            region,
            residence,
            phone: phone(index),
        })
    }

    /// How many households there are.
    pub(crate) fn households(&self) -> u64 {
        self.total.div_ceil(HOUSEHOLD_SIZE)
    }

    /// The row of a household in the order of [`HOUSEHOLD_COLUMNS`]; its eldest is its head.
    pub(crate) fn household(&self, index: u64) -> Result<Vec<Option<String>>, CodeError> {
        let first = index * HOUSEHOLD_SIZE;
        let end = self.total.min(first + HOUSEHOLD_SIZE);
        let mut head: Option<CitizenNumber> = None;
        for member in first..end {
            let number = self.resident(member)?.number;
            if head.as_ref().is_none_or(|head| number.birth_date() < head.birth_date()) {
                head = Some(number);
            }
        }
        let (address, region) = self.home(index);
        Ok(vec![
            Some(format!("3301{index:09}")),
            head.map(|head| head.as_str().to_owned()),
            Some(address),
            Some(region),
            Some((end - first).to_string()),
        ])
    }

    /// An address and the county it is in.
    pub(crate) fn home(&self, household: u64) -> (String, String) {
        let mut dice = Dice::new(self.seed, Purpose::Household, household);
        let (number, floor, room) = (1 + dice.below(300), 1 + dice.below(18), 1 + dice.below(4));
        let Some(county) = dice.one(self.counties) else { return (String::new(), String::new()) };
        let street = dice.one(&county.streets).map_or("", String::as_str);
        let address = format!("{}{street}示例路{number}号{floor}{room:02}室", county.name);
        (address, county.code.clone())
    }

    /// A number that nobody else has: each index has its own day, area and pair of sequence numbers.
    fn number(&self, index: u64, dice: &mut Dice) -> Result<CitizenNumber, CodeError> {
        let areas = u64::try_from(AREAS.len()).unwrap_or(1);
        let (turn, place) = (index / BIRTH_DAYS, index % BIRTH_DAYS);
        let (round, area) = (turn / areas, turn % areas);
        let step = 1 + self.seed.wrapping_mul(7_919) % (BIRTH_DAYS - 1);
        let day = (place * step + self.seed % BIRTH_DAYS) % BIRTH_DAYS;
        let pair = (round * 7 + day * 31) % PAIRS;
        let sequence = 2 + 2 * pair + dice.below(2);
        let area = AREAS.iter().copied().nth(usize::try_from(area).unwrap_or(0));
        let birth = FIRST_BIRTH + Duration::days(i64::try_from(day).unwrap_or(0));
        CitizenNumber::compose(
            area.unwrap_or_default(),
            birth,
            u16::try_from(sequence).unwrap_or_default(),
        )
    }
}

/// The cast have the sequence numbers that [`City::number`] leaves out.
fn cast_number(named: &Named) -> Result<CitizenNumber, CodeError> {
    CitizenNumber::compose("330190", named.birth, u16::from(!named.female))
}

/// The name of a resident: plainly invented, often shared, sometimes rare or long.
fn name(index: u64, dice: &mut Dice) -> String {
    let (kind, stem, branch) = (dice.word(&KINDS), dice.word(&STEMS), dice.word(&BRANCHES));
    if index % 1_000 == 13 {
        return format!("示例·{stem}{branch}演示市民");
    }
    if index % 500 == 7 {
        let rare = dice.one(&RARE).copied().unwrap_or('示');
        return format!("{kind}{rare}");
    }
    if dice.once_in(3) { format!("{kind}{stem}") } else { format!("{kind}{stem}{branch}") }
}

fn marital_status(birth: Date, dice: &mut Dice) -> &'static str {
    match (birth.year(), dice.below(20)) {
        (2_003.., _) | (1_990.., 0..8) => "10",
        (_, 0..2) => "40",
        (..1_955, 2..6) => "30",
        _ => "20",
    }
}

/// Eleven digits under a prefix that no operator has.
fn phone(index: u64) -> String {
    format!("100{:08}", index.wrapping_mul(97_654_321) % 100_000_000)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use zhengtong_base::code::{MobileNumber, PersonName};

    use super::*;

    const TODAY: Date = date!(2026 - 01 - 01);
    const CAST: [Named; 2] = [
        Named { name: "市民甲", female: false, birth: date!(1985 - 03 - 08) },
        Named { name: "市民乙", female: true, birth: date!(1990 - 05 - 20) },
    ];

    fn counties() -> Vec<County> {
        vec![County {
            code: "330102".to_owned(),
            name: "上城区".to_owned(),
            streets: vec!["清波街道".to_owned()],
        }]
    }

    fn city(seed: u64, counties: &[County], total: u64) -> City<'_> {
        City { seed, counties, cast: &CAST, total }
    }

    #[test]
    fn every_resident_keeps_the_rules_and_has_a_number_of_their_own() {
        let counties = counties();
        for seed in [0, 1, u64::MAX] {
            let city = city(seed, &counties, 20_000);
            let (mut numbers, mut phones) = (BTreeSet::new(), BTreeSet::new());
            for index in 0..4_000 {
                let resident = city.resident(index).unwrap();
                let number = resident.number.as_str().to_owned();
                CitizenNumber::parse(&number, TODAY).unwrap();
                PersonName::parse(&resident.name).unwrap();
                MobileNumber::parse(&resident.phone).unwrap();
                assert!(number.starts_with("33019"));
                assert!(resident.address.starts_with("上城区清波街道示例路"));
                assert_eq!(resident.region, "330102");
                assert!(numbers.insert(number) && phones.insert(resident.phone), "{index}");
            }
        }
    }

    /// Indices that share an area and a day: those are the ones that could collide.
    #[test]
    fn numbers_differ_over_the_whole_range() {
        let counties = counties();
        let city = city(3, &counties, u64::from(RESIDENTS_MAX));
        let stride = BIRTH_DAYS * 10;
        let mut numbers = BTreeSet::new();
        let indices = (5..u64::from(RESIDENTS_MAX)).step_by(usize::try_from(stride).unwrap());
        let mut count = 0;
        for index in indices {
            numbers.insert(city.resident(index).unwrap().number.as_str()[..17].to_owned());
            count += 1;
        }
        assert_eq!(numbers.len(), count);
        assert!(count > 300);
    }

    #[test]
    fn the_same_seed_gives_the_same_city() {
        let counties = counties();
        let rows = |seed| {
            let city = city(seed, &counties, 300);
            (0..300).map(|index| city.resident(index).unwrap().row()).collect::<Vec<_>>()
        };
        assert_eq!(rows(1), rows(1));
        let (one, two) = (rows(1), rows(2));
        let same = one.iter().zip(&two).skip(CAST.len()).filter(|(one, two)| one == two).count();
        assert_eq!(same, 0);
        assert_eq!(one[0].len(), COLUMNS.len());
        assert_eq!(one[0][1].as_deref(), Some("市民甲"));
        assert_eq!(one[0][2].as_deref(), Some("1"));
        assert_eq!(one[1][2].as_deref(), Some("2"));
        assert_eq!(one[1][3].as_deref(), Some("1990-05-20"));
    }

    #[test]
    fn rare_characters_are_about_one_in_five_hundred() {
        let counties = counties();
        let city = city(1, &counties, 5_000);
        let rare = (0..5_000)
            .filter(|index| {
                city.resident(*index).unwrap().name.chars().any(|letter| RARE.contains(&letter))
            })
            .count();
        assert_eq!(rare, 10);
    }

    #[test]
    fn households_are_headed_by_a_member_and_hold_everybody() {
        let counties = counties();
        let city = city(1, &counties, 100);
        assert_eq!(city.households(), 34);
        let mut members = 0;
        for index in 0..city.households() {
            let row = city.household(index).unwrap();
            assert_eq!(row.len(), HOUSEHOLD_COLUMNS.len());
            members += row[4].as_ref().unwrap().parse::<u64>().unwrap();
            let head = row[1].as_ref().unwrap();
            let found = (index * 3..100.min(index * 3 + 3))
                .map(|member| city.resident(member).unwrap())
                .find(|member| member.number.as_str() == head)
                .unwrap();
            assert_eq!(row[2].as_deref(), Some(found.address.as_str()));
        }
        assert_eq!(members, 100);
    }
}
