//! What the platform itself knows of the city: regions, departments with their posts, the cast with their accounts,
//! and the companies for which somebody acts.

use anyhow::{Context as _, Result};
use time::macros::date;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_base::code::{CreditCode, CreditParts};
use zhengtong_party::{
    AccountKind, IdKind, NewOrganisation, OrganisationKind, PersonPlain, Post, Seed, SeedAccount,
    SeedHolding, SeedOrganisation,
};

use super::cast::{CAST, OFFICER, roles};
use super::companies::{self, Company};
use super::dice::id;
use super::regions::{CITY, Regions};
use super::residents::{City, Resident};
use super::{Applicant, COMPANIES_WITH_CASES, DemoAccount};

const DEPARTMENTS: &str = include_str!("../../../../../packs/house-rules/seed/departments.tsv");
const CITY_NAME: (&str, &str) = ("示例市", "Sample City");

/// The posts that every department has: word of the role, Chinese title, English title.
const POSTS: [(&str, &str, &str); 7] = [
    (OFFICER, "综合经办岗", "Officer of all steps"),
    ("window", "窗口受理岗", "Window clerk"),
    ("reviewer", "审查岗", "Reviewer"),
    ("inspector", "核查岗", "Inspector"),
    ("head", "审批负责人", "Head"),
    ("steward", "数据管理岗", "Data steward"),
    ("supervisor", "效能监督岗", "Supervisor"),
];
/// The posts of the three administrators.
const ADMIN_POSTS: [(&str, &str, &str); 5] = [
    ("cataloguer", "目录管理岗", "Directory officer"),
    ("evaluator", "评价管理", "Rating officer"),
    ("system-admin", "系统管理员", "System administrator"),
    ("security-admin", "安全管理员", "Security administrator"),
    ("audit-admin", "审计管理员", "Audit administrator"),
];
const ADMIN_DEPARTMENT: &str = "data-administration";
/// How well names of citizens and of staff are proven.
const LEVEL_CITIZEN: i16 = 2;
const LEVEL_STAFF: i16 = 3;

/// A row of the list of departments.
#[derive(Clone, Copy, Debug)]
struct Department {
    short: &'static str,
    zh: &'static str,
    en: &'static str,
}

/// Everything for `zhengtong_party::seed`, and the companies that apply for licences.
pub(crate) fn seed(
    city: &City<'_>,
    regions: Regions,
    accounts: &[DemoAccount],
) -> Result<(Seed, Vec<Applicant>)> {
    let mut seed = Seed { regions: regions.rows, ..Seed::default() };
    let mut applicants = Vec::new();
    departments(city.seed, &mut seed)?;
    cast(city, accounts, &mut seed)?;
    for index in 0..COMPANIES_WITH_CASES {
        let company = companies::company(city, index).context("a company")?;
        let person = person_id(city.seed, company.representative_index);
        if seed.persons.iter().all(|known| known.id != person) {
            seed.persons.push(plain(person, &company.representative, LEVEL_CITIZEN));
        }
        let account = account_of(city.seed, index, person, accounts, &mut seed.accounts);
        let organisation = company_id(city.seed, index);
        seed.organisations.push(organisation_of(organisation, &company, person));
        // The first is left to whoever tries the demonstration.
        if index > 0 {
            applicants.push(Applicant {
                organisation,
                credit_code: company.code.as_str().to_owned(),
                name: company.name,
                address: company.address,
                person,
                person_name: company.representative.name,
                account,
            });
        }
    }
    Ok((seed, applicants))
}

/// The account of somebody who acts for a company: the one they have, or a new one with the common password.
fn account_of(
    seed: u64,
    index: u64,
    person: Uuid,
    common: &[DemoAccount],
    accounts: &mut Vec<SeedAccount>,
) -> Uuid {
    if let Some(known) = accounts.iter().find(|account| account.person == person) {
        return known.id;
    }
    let login = format!("agent-{index:02}");
    let id = account_id(seed, &login);
    accounts.push(SeedAccount {
        id,
        login,
        kind: AccountKind::Citizen,
        person,
        password: common.first().map(|account| account.password.clone()).unwrap_or_default(),
        totp_secret: None,
    });
    id
}

/// The identifier of a resident whom the platform knows as a person.
pub(crate) fn person_id(seed: u64, index: u64) -> Uuid {
    id(seed, &format!("person/{index}"))
}

/// The identifier of a company that somebody acts for.
pub(crate) fn company_id(seed: u64, index: u64) -> Uuid {
    id(seed, &format!("company/{index}"))
}

/// The identifier of a department.
pub(crate) fn department_id(seed: u64, short: &str) -> Uuid {
    id(seed, &format!("department/{short}"))
}

/// The identifier of a post.
pub(crate) fn post_id(seed: u64, short: &str, role: &str) -> Uuid {
    id(seed, &format!("post/{short}/{role}"))
}

/// The identifier of an account.
pub(crate) fn account_id(seed: u64, login: &str) -> Uuid {
    id(seed, &format!("account/{login}"))
}

/// What people call a department.
pub(crate) fn department_name(short: &str) -> String {
    let found = list().find(|department| department.short == short);
    found.map_or_else(String::new, |department| format!("{}{}", CITY_NAME.0, department.zh))
}

fn list() -> impl Iterator<Item = Department> {
    DEPARTMENTS.lines().skip(1).filter_map(|line| {
        let (short, names) = line.split_once('\t')?;
        let (zh, en) = names.split_once('\t')?;
        Some(Department { short, zh, en })
    })
}

fn departments(seed: u64, into: &mut Seed) -> Result<()> {
    let government = id(seed, "government");
    let (zh, en) = CITY_NAME;
    let new = |kind, parent, name, short: &str, number: u32| -> Result<NewOrganisation> {
        Ok(NewOrganisation {
            parent,
            region: Some(CITY.to_owned()),
            kind,
            name,
            short: Some(short.to_owned()),
            credit_code: Some(body_code(number)?),
            representative: None,
        })
    };
    into.organisations.push(SeedOrganisation {
        id: government,
        organisation: new(
            OrganisationKind::Government,
            None,
            Text::new(format!("{zh}人民政府"), format!("People's Government of {en}")),
            "city-government",
            1,
        )?,
    });
    for (number, department) in (2..).zip(list()) {
        let organisation = department_id(seed, department.short);
        let name = Text::new(format!("{zh}{}", department.zh), format!("{en} {}", department.en));
        into.organisations.push(SeedOrganisation {
            id: organisation,
            organisation: new(
                OrganisationKind::Department,
                Some(government),
                name,
                department.short,
                number,
            )?,
        });
        let admin: &[_] = if department.short == ADMIN_DEPARTMENT { &ADMIN_POSTS } else { &[] };
        for (role, zh, en) in POSTS.iter().chain(admin) {
            into.posts.push(Post {
                id: post_id(seed, department.short, role),
                organisation,
                title: Text::new(*zh, *en),
                roles: roles(role),
            });
        }
    }
    Ok(())
}

/// The credit code of a department.
pub(crate) fn department_code(short: &str) -> Result<String> {
    let number = (2..).zip(list()).find(|(_, department)| department.short == short);
    body_code(number.map(|(number, _)| number).context("a department")?)
}

/// The credit code of a government body, under the county code that was never given out.
fn body_code(number: u32) -> Result<String> {
    let organisation = format!("{:08}", 2_000_000 + number);
    let code = CreditCode::compose(CreditParts {
        department: '1',
        kind: '1',
        region: companies::REGION,
        organisation: &organisation,
    });
    Ok(code.context("the credit code of a department")?.as_str().to_owned())
}

fn cast(city: &City<'_>, accounts: &[DemoAccount], into: &mut Seed) -> Result<()> {
    for ((index, member), account) in (0..).zip(CAST).zip(accounts) {
        let person = person_id(city.seed, index);
        let resident = city.resident(index).context("one of the cast")?;
        let level = if member.post.is_some() { LEVEL_STAFF } else { LEVEL_CITIZEN };
        into.persons.push(plain(person, &resident, level));
        into.accounts.push(SeedAccount {
            id: account_id(city.seed, member.login),
            login: account.account.clone(),
            kind: member.kind,
            person,
            password: account.password.clone(),
            totp_secret: account.totp_secret.clone(),
        });
        if let Some((department, role)) = member.post {
            into.holdings.push(SeedHolding {
                post: post_id(city.seed, department, role),
                person,
                starts: date!(2024 - 01 - 01),
            });
        }
    }
    Ok(())
}

fn plain(id: Uuid, resident: &Resident, level: i16) -> PersonPlain {
    PersonPlain {
        id,
        name: resident.name.clone(),
        id_kind: IdKind::Citizen,
        id_number: Some(resident.number.as_str().to_owned()),
        phone: Some(resident.phone.clone()),
        region: Some(resident.region.clone()),
        level,
    }
}

fn organisation_of(id: Uuid, company: &Company, person: Uuid) -> SeedOrganisation {
    let kind = if company.individual {
        OrganisationKind::IndividualBusiness
    } else {
        OrganisationKind::Company
    };
    SeedOrganisation {
        id,
        organisation: NewOrganisation {
            parent: None,
            region: Some(company.region.clone()),
            kind,
            name: Text::same(company.name.as_str()),
            short: None,
            credit_code: Some(company.code.as_str().to_owned()),
            representative: Some(person),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::cast;
    use super::*;

    fn small() -> (Seed, Vec<Applicant>) {
        let regions = Regions::read(None).unwrap();
        let counties = regions.counties();
        let residents = cast::residents();
        let city = City { seed: 1, counties: &counties, cast: &residents, total: 300 };
        seed(&city, regions, &cast::accounts(1)).unwrap()
    }

    #[test]
    fn departments_are_fifty_five_with_words_and_posts_of_their_own() {
        let shorts: BTreeSet<&str> = list().map(|department| department.short).collect();
        assert_eq!((list().count(), shorts.len()), (55, 55));
        for needed in ["market-regulation", "public-security", ADMIN_DEPARTMENT] {
            assert!(shorts.contains(needed), "{needed}");
        }
        let plain =
            |short: &str| short.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(shorts.iter().all(|short| plain(short)));
        let (seed, _) = small();
        assert_eq!(seed.posts.len(), 55 * POSTS.len() + ADMIN_POSTS.len());
    }

    #[test]
    fn everything_refers_to_what_is_there_and_stands_once() {
        let (seed, applicants) = small();
        let persons: BTreeSet<_> = seed.persons.iter().map(|person| person.id).collect();
        assert_eq!(persons.len(), seed.persons.len());
        let posts: BTreeSet<_> = seed.posts.iter().map(|post| post.id).collect();
        assert_eq!(posts.len(), seed.posts.len());
        let mut organisations = BTreeSet::new();
        let mut codes = BTreeSet::new();
        for row in &seed.organisations {
            assert!(row.organisation.parent.is_none_or(|parent| organisations.contains(&parent)));
            assert!(row.organisation.representative.is_none_or(|person| persons.contains(&person)));
            assert!(organisations.insert(row.id));
            assert!(codes.insert(row.organisation.credit_code.clone().unwrap()));
        }
        assert!(seed.posts.iter().all(|post| organisations.contains(&post.organisation)));
        assert!(
            seed.holdings
                .iter()
                .all(|row| posts.contains(&row.post) && persons.contains(&row.person))
        );
        assert!(seed.accounts.iter().all(|account| persons.contains(&account.person)));
        let accounts: BTreeSet<_> = seed.accounts.iter().map(|account| account.id).collect();
        assert_eq!(accounts.len(), seed.accounts.len());
        assert!(applicants.iter().all(|one| accounts.contains(&one.account)));
        let agent = &seed.accounts[0];
        let first =
            seed.organisations.iter().find(|row| row.organisation.name.zh == companies::FIRST);
        assert_eq!(first.unwrap().organisation.representative, Some(agent.person));
    }
}
