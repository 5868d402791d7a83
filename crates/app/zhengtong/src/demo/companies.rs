//! Invented companies and individual businesses with their business licences. Credit codes keep GB 32100 but carry a
//! county code that was never given out.

use time::Date;
use zhengtong_base::code::{CodeError, CreditCode, CreditParts};

use super::dice::{Dice, Purpose};
use super::residents::{City, Resident};

/// The columns of [`Company::row`].
pub(crate) const COLUMNS: [&str; 14] = [
    "credit_code",
    "name",
    "kind",
    "legal_representative",
    "legal_representative_id",
    "address",
    "region",
    "industry",
    "established_on",
    "registered_capital",
    "status",
    "scope",
    "registry",
    "phone",
];
/// The columns of [`Company::licence`].
pub(crate) const LICENCE_COLUMNS: [&str; 7] =
    ["credit_code", "holder", "issued_on", "valid_from", "valid_to", "issuer", "status"];
/// A demonstration has at least so many companies.
pub(crate) const COMPANIES_MIN: u32 = 50;
/// The company that the agent's account acts for.
pub(crate) const FIRST: &str = "示例餐饮有限公司";
/// The county code in all credit codes; it was never given out.
pub(crate) const REGION: &str = "330199";

/// The first companies all sell food, so that they can apply for food licences.
const FOOD_FIRST: u64 = 60;
/// Residents who are looked at to find one who is of age.
const NEAR: usize = 64;
/// Born later, nobody of age in the first year of founding.
const LAST_BIRTH_YEAR: i32 = 1_990;
const FIRST_YEAR: i32 = 2_009;
const REGISTRY: &str = "示例市市场监督管理局";
/// The alphabet of GB 32100.
const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 31 to the power of 6: codes under the prefix MA.
const CODES: u64 = 887_503_681;
const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const STEMS: &str = "甲乙丙丁戊己庚辛壬癸";
const BRANCHES: &str = "子丑寅卯辰巳午未申酉戌亥";
/// The sixty pairs of the calendar, as names of firms.
const PAIRS: u64 = 60;

/// What a company does.
#[derive(Clone, Copy, Debug)]
struct Trade {
    word: &'static str,
    /// The code of GB/T 4754.
    industry: &'static str,
    scope: &'static str,
}

const TRADES: [Trade; 14] = [
    Trade { word: "餐饮", industry: "H6210", scope: "餐饮服务；食品销售" },
    Trade { word: "快餐", industry: "H6220", scope: "餐饮服务；餐饮配送服务" },
    Trade { word: "茶馆", industry: "H6231", scope: "餐饮服务；茶具销售" },
    Trade { word: "咖啡", industry: "H6232", scope: "餐饮服务；食品销售" },
    Trade { word: "超市", industry: "F5212", scope: "食品销售；日用百货销售" },
    Trade {
        word: "便利店", industry: "F5213", scope: "食品销售；日用百货销售；烟草制品零售"
    },
    Trade { word: "果蔬", industry: "F5223", scope: "新鲜水果零售；新鲜蔬菜零售" },
    Trade { word: "糕点", industry: "C1411", scope: "食品生产；食品销售" },
    Trade { word: "软件", industry: "I6513", scope: "软件开发；信息系统集成服务" },
    Trade { word: "物业", industry: "K7020", scope: "物业管理；停车场服务" },
    Trade { word: "培训", industry: "P8391", scope: "职业技能培训" },
    Trade { word: "美容美发", industry: "O8040", scope: "理发服务；生活美容服务" },
    Trade { word: "广告", industry: "L7251", scope: "广告设计、制作、代理、发布" },
    Trade { word: "货运", industry: "G5431", scope: "道路货物运输" },
];
/// The trades of the first companies.
const FOOD_TRADES: u64 = 4;

/// A company or an individual business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Company {
    pub(crate) code: CreditCode,
    pub(crate) name: String,
    pub(crate) individual: bool,
    pub(crate) representative: Resident,
    /// The index of the representative among the residents.
    pub(crate) representative_index: u64,
    pub(crate) address: String,
    pub(crate) region: String,
    pub(crate) established: Date,
    industry: &'static str,
    scope: &'static str,
    capital: u64,
    phone: String,
}

impl Company {
    /// The row in the order of [`COLUMNS`].
    pub(crate) fn row(self) -> Vec<Option<String>> {
        let kind = if self.individual { "20" } else { "10" };
        [
            self.code.as_str().to_owned(),
            self.name,
            kind.to_owned(),
            self.representative.name.clone(),
            self.representative.number.as_str().to_owned(),
            self.address,
            self.region,
            self.industry.to_owned(),
            self.established.to_string(),
            self.capital.to_string(),
            "1".to_owned(),
            self.scope.to_owned(),
            REGISTRY.to_owned(),
            self.phone,
        ]
        .map(Some)
        .into()
    }

    /// The row of its business licence in the order of [`LICENCE_COLUMNS`].
    pub(crate) fn licence(self) -> Vec<Option<String>> {
        let day = self.established.to_string();
        vec![
            Some(self.code.as_str().to_owned()),
            Some(self.name),
            Some(day.clone()),
            Some(day),
            None,
            Some(REGISTRY.to_owned()),
            Some("1".to_owned()),
        ]
    }
}

/// The company of an index. The first one belongs to the first of the cast.
pub(crate) fn company(city: &City<'_>, index: u64) -> Result<Company, CodeError> {
    let mut dice = Dice::new(city.seed, Purpose::Company, index);
    let individual = index >= FOOD_FIRST && dice.once_in(5);
    let trades = if index < FOOD_FIRST { FOOD_TRADES } else { trade_count() };
    let trade = TRADES.iter().cycle().nth(usize::try_from(index % trades).unwrap_or(0));
    let (word, industry, scope) =
        trade.map_or(("", "", ""), |trade| (trade.word, trade.industry, trade.scope));
    let (representative_index, representative) = representative(city, index)?;
    let (home, region) = city.home(u64::MAX - index);
    let year = FIRST_YEAR + i32::try_from(dice.below(16)).unwrap_or(0);
    let day = u16::try_from(1 + dice.below(365)).unwrap_or(1);
    Ok(Company {
        code: code(city.seed, index, individual)?,
        name: name(index, word, individual),
        individual,
        representative,
        representative_index,
        address: home.trim_end_matches(|letter| letter != '号').to_owned(),
        region,
        established: Date::from_ordinal_date(year, day).unwrap_or(Date::MIN),
        industry,
        scope,
        capital: if individual { 5 } else { 10 * (1 + dice.below(100)) },
        phone: format!("100{:08}", (index.wrapping_mul(31_415_927) + 50_000_000) % 100_000_000),
    })
}

/// The first company is the first of the cast's; all others belong to somebody outside the cast who was of age when
/// they were founded.
fn representative(city: &City<'_>, index: u64) -> Result<(u64, Resident), CodeError> {
    let cast = u64::try_from(city.cast.len()).unwrap_or(u64::MAX);
    for near in (0..city.total).take(NEAR).filter(|_| index > 0) {
        let candidate = (index * 10 + near) % city.total;
        if candidate < cast {
            continue;
        }
        let resident = city.resident(candidate)?;
        if resident.number.birth_date().year() <= LAST_BIRTH_YEAR {
            return Ok((candidate, resident));
        }
    }
    Ok((0, city.resident(0)?))
}

fn code(seed: u64, index: u64, individual: bool) -> Result<CreditCode, CodeError> {
    let mut rest = (index * 7_919 + seed % CODES) % CODES;
    let mut letters = [b'0'; 6];
    for letter in letters.iter_mut().rev() {
        let place = usize::try_from(rest % 31).unwrap_or(0);
        *letter = LETTERS.get(place).copied().unwrap_or(b'0');
        rest /= 31;
    }
    let organisation = format!("MA{}", letters.map(char::from).iter().collect::<String>());
    let kind = if individual { '2' } else { '1' };
    CreditCode::compose(CreditParts {
        department: '9',
        kind,
        region: REGION,
        organisation: &organisation,
    })
}

/// 示例, a pair of the calendar, a number when the pairs are used up, the trade, the form of the firm.
fn name(index: u64, trade: &str, individual: bool) -> String {
    if index == 0 {
        return FIRST.to_owned();
    }
    let turn = index / (PAIRS * trade_count());
    let at = |letters: &str, place: u64| {
        let count = u64::try_from(letters.chars().count()).unwrap_or(1);
        letters.chars().nth(usize::try_from(place % count).unwrap_or(0)).unwrap_or('示')
    };
    // Each pair stays for as many companies as there are trades, so that pair and trade meet once in a turn.
    let pair = index / trade_count();
    let (stem, branch) = (at(STEMS, pair), at(BRANCHES, pair));
    let turns = if turn > 0 { (turn + 1).to_string() } else { String::new() };
    let number: String = turns
        .chars()
        .filter_map(|digit| DIGITS.get(usize::try_from(digit.to_digit(10)?).ok()?).copied())
        .collect();
    let form = if individual { "店" } else { "有限公司" };
    let serial = if index < FOOD_FIRST {
        at(STEMS, index % trade_count()).to_string()
    } else {
        String::new()
    };
    format!("示例{stem}{branch}{serial}{number}{trade}{form}")
}

fn trade_count() -> u64 {
    u64::try_from(TRADES.len()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use time::macros::date;
    use zhengtong_base::code::validator;

    use super::*;
    use crate::demo::regions::County;
    use crate::demo::residents::{Named, RESIDENTS_MIN};

    const TODAY: Date = date!(2026 - 01 - 01);
    const CAST: [Named; 2] = [
        Named { name: "市民甲", female: false, birth: date!(1985 - 03 - 08) },
        Named { name: "市民乙", female: true, birth: date!(1980 - 05 - 20) },
    ];

    fn with_city<T>(seed: u64, total: u64, work: impl FnOnce(&City<'_>) -> T) -> T {
        let counties = vec![County {
            code: "330102".to_owned(),
            name: "上城区".to_owned(),
            streets: Vec::new(),
        }];
        work(&City { seed, counties: &counties, cast: &CAST, total })
    }

    #[test]
    fn companies_keep_the_rules_and_differ() {
        with_city(1, 20_000, |city| {
            let (mut codes, mut names) = (BTreeSet::new(), BTreeSet::new());
            for index in 0..3_000 {
                let company = company(city, index).unwrap();
                assert!(CreditCode::parse(company.code.as_str()).is_ok());
                assert_eq!(company.code.region(), REGION);
                assert_eq!(validator("gbt4754").unwrap()(company.industry, TODAY), Ok(()));
                assert!(company.representative.number.birth_date().year() <= 1_990);
                assert!(company.established < TODAY);
                assert!(company.address.ends_with('号'), "{}", company.address);
                assert!(codes.insert(company.code.clone()), "{index}");
                assert!(names.insert(company.name.clone()), "{index} {}", company.name);
                assert_eq!(company.clone().row().len(), COLUMNS.len());
                assert_eq!(company.licence().len(), LICENCE_COLUMNS.len());
            }
        });
    }

    #[test]
    fn the_first_company_belongs_to_the_first_of_the_cast() {
        with_city(9, 300, |city| {
            let first = company(city, 0).unwrap();
            assert_eq!((first.name.as_str(), first.individual), (FIRST, false));
            assert_eq!(first.representative.name, "市民甲");
            assert_eq!(first, company(city, 0).unwrap());
            let food = (0..FOOD_FIRST).all(|index| company(city, index).unwrap().industry < "H63");
            assert!(food);
        });
    }

    #[test]
    fn only_the_first_company_belongs_to_the_cast() {
        with_city(1, u64::from(RESIDENTS_MIN), |city| {
            assert_eq!(company(city, 0).unwrap().representative_index, 0);
            for index in 1..100 {
                assert!(company(city, index).unwrap().representative_index >= 2, "{index}");
            }
        });
    }
}
