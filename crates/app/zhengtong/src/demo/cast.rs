//! Who can log in to the demonstration: the cast, with the same names, numbers and passwords in every city.

use time::Date;
use time::macros::date;
use zhengtong_base::Text;
use zhengtong_party::AccountKind;

use super::DemoAccount;
use super::companies;
use super::dice::{Dice, Purpose};
use super::residents::Named;

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

const MARKET: &str = "market-regulation";
const DATA: &str = "data-administration";

/// The cast. The first is the legal representative of the first company, and the first of all residents.
pub(crate) const CAST: [Member; 9] = [
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
];

/// The cast as residents.
pub(crate) fn residents() -> [Named; 9] {
    CAST.map(|member| member.named)
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
                Some((MARKET, _)) => "示例市市场监督管理局".to_owned(),
                Some(_) => "示例市数据局".to_owned(),
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
        assert_eq!(secrets.len(), 7);
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
