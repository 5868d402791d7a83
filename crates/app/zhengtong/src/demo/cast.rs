//! Who can log in to the demonstration: the cast, with the same names, numbers and passwords in every city.

use time::Date;
use time::macros::date;
use zhengtong_base::Text;
use zhengtong_party::AccountKind;

use super::DemoAccount;
use super::companies;
use super::dice::{Dice, Purpose};
use super::residents::Named;
use super::seed;

/// The password of all accounts of the demonstration; it is printed, so it protects nothing.
const PASSWORD: &str = "zhengtong-demo-2026";
/// The alphabet of base 32.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters of a secret: 160 bits.
const SECRET_LETTERS: usize = 32;

/// One of the cast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    /// The word for the role, which is the login too.
    pub(crate) login: &'static str,
    pub(crate) kind: AccountKind,
    pub(crate) title_zh: &'static str,
    pub(crate) title_en: &'static str,
    pub(crate) named: Named,
    /// The department and the role of the post that is held.
    pub(crate) post: Option<(&'static str, &'static str)>,
}

const fn named(name: &'static str, female: bool, birth: Date) -> Named {
    Named { name, female, birth }
}

const fn staff(
    login: &'static str,
    (title_zh, title_en): (&'static str, &'static str),
    named: Named,
    post: (&'static str, &'static str),
) -> Member {
    Member { login, kind: AccountKind::Staff, title_zh, title_en, named, post: Some(post) }
}

/// How many they are.
pub(crate) const SIZE: usize = 41;
/// The post of whoever takes applications, reviews and inspects in a department with few people.
pub(crate) const OFFICER: &str = "officer";
const MARKET: &str = "market-regulation";
const DATA: &str = "data-administration";

/// The cast. The first is the legal representative of the first company, and the first of all residents.
pub(crate) const CAST: [Member; SIZE] = [
    Member {
        login: "agent",
        kind: AccountKind::Citizen,
        title_zh: "企业经办人（示例餐饮有限公司）",
        title_en: "Agent of a company",
        named: named("市民甲", false, date!(1985 - 03 - 08)),
        post: None,
    },
    Member {
        login: "citizen",
        kind: AccountKind::Citizen,
        title_zh: "市民",
        title_en: "Citizen",
        named: named("市民乙", true, date!(1990 - 05 - 20)),
        post: None,
    },
    staff(
        "clerk",
        ("窗口受理人员", "Window clerk"),
        named("受理员甲", true, date!(1992 - 07 - 01)),
        (MARKET, "window"),
    ),
    staff(
        "reviewer",
        ("审查人员", "Reviewer"),
        named("审查员甲", false, date!(1988 - 11 - 11)),
        (MARKET, "reviewer"),
    ),
    staff(
        "inspector",
        ("核查人员", "Inspector"),
        named("核查员甲", true, date!(1987 - 09 - 09)),
        (MARKET, "inspector"),
    ),
    staff(
        "head",
        ("审批负责人", "Head"),
        named("负责人甲", false, date!(1976 - 01 - 15)),
        (MARKET, "head"),
    ),
    staff(
        "system",
        ("系统管理员", "System administrator"),
        named("系统员甲", false, date!(1989 - 02 - 14)),
        (DATA, "system-admin"),
    ),
    staff(
        "security",
        ("安全管理员", "Security administrator"),
        named("安全员甲", true, date!(1986 - 10 - 24)),
        (DATA, "security-admin"),
    ),
    staff(
        "audit",
        ("审计管理员", "Audit administrator"),
        named("审计员甲", true, date!(1983 - 12 - 04)),
        (DATA, "audit-admin"),
    ),
    staff(
        "civil-officer",
        ("民政经办人员", "Civil affairs: officer"),
        named("民政员甲", false, date!(1985 - 01 - 10)),
        ("civil-affairs", OFFICER),
    ),
    staff(
        "civil-head",
        ("民政负责人", "Civil affairs: head"),
        named("民政长甲", true, date!(1972 - 01 - 20)),
        ("civil-affairs", "head"),
    ),
    staff(
        "labour-officer",
        ("人社经办人员", "Human resources: officer"),
        named("人社员甲", true, date!(1986 - 02 - 11)),
        ("human-resources", OFFICER),
    ),
    staff(
        "labour-head",
        ("人社负责人", "Human resources: head"),
        named("人社长甲", false, date!(1973 - 02 - 21)),
        ("human-resources", "head"),
    ),
    staff(
        "water-officer",
        ("水务经办人员", "Water affairs: officer"),
        named("水务员甲", false, date!(1987 - 03 - 12)),
        ("water", OFFICER),
    ),
    staff(
        "water-head",
        ("水务负责人", "Water affairs: head"),
        named("水务长甲", true, date!(1974 - 03 - 22)),
        ("water", "head"),
    ),
    staff(
        "office-officer",
        ("政府办经办人员", "General office: officer"),
        named("政府办员甲", true, date!(1988 - 04 - 13)),
        ("government-office", OFFICER),
    ),
    staff(
        "office-head",
        ("政府办负责人", "General office: head"),
        named("政府办长甲", false, date!(1975 - 04 - 23)),
        ("government-office", "head"),
    ),
    staff(
        "city-officer",
        ("城管经办人员", "City management: officer"),
        named("城管员甲", false, date!(1989 - 05 - 14)),
        ("city-management", OFFICER),
    ),
    staff(
        "city-head",
        ("城管负责人", "City management: head"),
        named("城管长甲", true, date!(1976 - 05 - 24)),
        ("city-management", "head"),
    ),
    staff(
        "fire-officer",
        ("消防经办人员", "Fire and rescue: officer"),
        named("消防员甲", true, date!(1990 - 06 - 15)),
        ("fire-rescue", OFFICER),
    ),
    staff(
        "fire-head",
        ("消防负责人", "Fire and rescue: head"),
        named("消防长甲", false, date!(1977 - 06 - 25)),
        ("fire-rescue", "head"),
    ),
    staff(
        "housing-officer",
        ("住建经办人员", "Housing and construction: officer"),
        named("住建员甲", false, date!(1991 - 07 - 16)),
        ("housing-construction", OFFICER),
    ),
    staff(
        "housing-head",
        ("住建负责人", "Housing and construction: head"),
        named("住建长甲", true, date!(1978 - 07 - 26)),
        ("housing-construction", "head"),
    ),
    staff(
        "planning-officer",
        ("规划经办人员", "Planning: officer"),
        named("规划员甲", true, date!(1992 - 08 - 17)),
        ("natural-resources", OFFICER),
    ),
    staff(
        "planning-head",
        ("规划负责人", "Planning: head"),
        named("规划长甲", false, date!(1979 - 08 - 27)),
        ("natural-resources", "head"),
    ),
    staff(
        "ecology-officer",
        ("环保经办人员", "Ecology and environment: officer"),
        named("环保员甲", false, date!(1993 - 09 - 18)),
        ("ecology-environment", OFFICER),
    ),
    staff(
        "ecology-head",
        ("环保负责人", "Ecology and environment: head"),
        named("环保长甲", true, date!(1980 - 09 - 28)),
        ("ecology-environment", "head"),
    ),
    staff(
        "supervisor",
        ("监察人员", "Supervisor"),
        named("监察员甲", false, date!(1981 - 06 - 18)),
        ("government-office", "supervisor"),
    ),
    staff(
        "evaluator",
        ("评价管理人员", "Rating officer"),
        named("评价员甲", true, date!(1984 - 04 - 12)),
        (DATA, "evaluator"),
    ),
    staff(
        "statistics-officer",
        ("统计经办人员", "Statistics: officer"),
        named("统计员甲", false, date!(1994 - 10 - 19)),
        ("statistics", OFFICER),
    ),
    staff(
        "statistics-head",
        ("统计负责人", "Statistics: head"),
        named("统计长甲", true, date!(1981 - 10 - 29)),
        ("statistics", "head"),
    ),
    staff(
        "steward",
        ("数据管理员", "Data steward"),
        named("数据员甲", false, date!(1991 - 05 - 16)),
        (MARKET, "steward"),
    ),
    staff(
        "cataloguer",
        ("目录管理人员", "Directory officer"),
        named("目录员甲", true, date!(1985 - 11 - 07)),
        (DATA, "cataloguer"),
    ),
    staff(
        "data-steward",
        ("数据局数据管理员", "Data Bureau: data steward"),
        named("数据员乙", true, date!(1990 - 06 - 21)),
        (DATA, "steward"),
    ),
    staff(
        "civil-steward",
        ("民政数据管理员", "Civil affairs: data steward"),
        named("数据员丙", true, date!(1989 - 07 - 22)),
        ("civil-affairs", "steward"),
    ),
    staff(
        "police-steward",
        ("公安数据管理员", "Public security: data steward"),
        named("数据员丁", false, date!(1988 - 08 - 23)),
        ("public-security", "steward"),
    ),
    staff(
        "planning-steward",
        ("规划数据管理员", "Planning: data steward"),
        named("数据员戊", true, date!(1987 - 09 - 24)),
        ("natural-resources", "steward"),
    ),
    staff(
        "justice-steward",
        ("司法数据管理员", "Justice: data steward"),
        named("数据员己", false, date!(1986 - 10 - 25)),
        ("justice", "steward"),
    ),
    staff(
        "services-steward",
        ("政务服务数据管理员", "Government services: data steward"),
        named("数据员庚", true, date!(1985 - 11 - 26)),
        ("government-services", "steward"),
    ),
    staff(
        "data-officer",
        ("数据局经办人员", "Data Bureau: officer"),
        named("数据局员甲", false, date!(1992 - 12 - 18)),
        (DATA, OFFICER),
    ),
    staff(
        "data-head",
        ("数据局负责人", "Data Bureau: head"),
        named("数据局长甲", true, date!(1979 - 12 - 28)),
        (DATA, "head"),
    ),
];

/// The cast as residents.
pub(crate) fn residents() -> [Named; SIZE] {
    CAST.map(|member| member.named)
}

/// The roles that a post gives.
pub(crate) fn roles(post: &str) -> Vec<String> {
    let all: &[&str] = if post == OFFICER { &["window", "reviewer", "inspector"] } else { &[post] };
    all.iter().map(|role| (*role).to_owned()).collect()
}

/// The accounts as they are told to whoever runs the demonstration.
pub(crate) fn accounts(seed: u64) -> Vec<DemoAccount> {
    (0..)
        .zip(CAST)
        .map(|(index, member)| DemoAccount {
            role: member.login.to_owned(),
            title: Text::new(member.title_zh, member.title_en),
            account: member.login.to_owned(),
            password: PASSWORD.to_owned(),
            totp_secret: (member.kind == AccountKind::Staff).then(|| secret(seed, index)),
            name: member.named.name.to_owned(),
            organisation: Some(match member.post {
                Some((department, _)) => seed::department_name(department),
                None if index == 0 => companies::FIRST.to_owned(),
                None => String::new(),
            })
            .filter(|name| !name.is_empty()),
        })
        .collect()
}

fn secret(seed: u64, index: u64) -> String {
    let mut dice = Dice::new(seed, Purpose::Secret, index);
    (0..SECRET_LETTERS).filter_map(|_| dice.one(BASE32).copied()).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn staff_have_a_second_factor_of_their_own_and_citizens_need_none() {
        let accounts = accounts(1);
        let secrets: BTreeSet<_> = accounts.iter().filter_map(|a| a.totp_secret.clone()).collect();
        assert_eq!(secrets.len(), SIZE - 2);
        assert!(secrets.iter().all(|secret| secret.len() == SECRET_LETTERS));
        assert_eq!(accounts, super::accounts(1));
        assert_ne!(accounts, super::accounts(2));
        for account in &accounts {
            assert_eq!(
                account.totp_secret.is_none(),
                ["agent", "citizen"].contains(&account.role.as_str())
            );
            assert!(!account.password.contains(&account.account));
        }
    }
}
