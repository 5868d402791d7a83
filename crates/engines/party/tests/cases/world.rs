//! A small city: an office, a company, its representative, an agent, officers and the administrators.

use std::collections::BTreeMap;

use time::{Date, Duration, OffsetDateTime};
use totp_rs::{Builder, Secret};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_pack::{Packs, Report};
use zhengtong_party::*;

pub(crate) const HOUSE: &str = include_str!("../../../../../packs/house-rules/access.cedar");
const ROLES: &str = include_str!("../../../../../packs/house-rules/party/roles.toml");
pub(crate) const PASSWORD: &str = "three white herons";
pub(crate) const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
pub(crate) const ORIGIN: Origin<'_> = Origin { ip: "127.0.0.1", agent: "Firefox" };

/// Persons: number, login, role of the post; no role means a citizen.
pub(crate) const PEOPLE: &[(u128, &str, &str)] = &[
    (1, "boss", ""),
    (2, "agent", ""),
    (3, "other", ""),
    (11, "window", "window"),
    (12, "head", "head"),
    (13, "window2", "window"),
    (14, "reviewer", "reviewer"),
    (21, "system", "system-admin"),
    (22, "security", "security-admin"),
    (23, "audit", "audit-admin"),
];

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The office is 100, the company 200; post n is 1000 + n, account n is 2000 + n.
pub(crate) const OFFICE: u128 = 100;
pub(crate) const COMPANY: u128 = 200;

pub(crate) fn catalog() -> Catalog {
    let manifest = "id = \"a\"\nowner = \"data\"\nversion = \"1.0.0\"\n\
                    title = { zh = \"包\", en = \"Pack\" }\nsummary = { zh = \"样\", en = \"Sample\" }\n";
    let files = [("pack.toml", manifest), ("party/roles.toml", ROLES)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let mut report = Report::default();
    let packs = Packs::from_files(BTreeMap::from([("a".to_owned(), files.into())]), &mut report);
    let catalog = read(&packs, &mut report);
    assert_eq!(report, Report::default());
    catalog
}

/// An empty platform.
pub(crate) async fn empty() -> TestDb {
    TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(HOUSE, Shelf::default().with(catalog()))
}

/// A platform with the small city.
pub(crate) async fn city() -> TestDb {
    let test = empty().await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    let city = small_city(ctx.now);
    seed(&mut ctx, &city).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

pub(crate) fn small_city(now: OffsetDateTime) -> Seed {
    let staff = || PEOPLE.iter().filter(|(_, _, role)| !role.is_empty());
    let organisation = |number: u128, kind, short: Option<&str>, representative| SeedOrganisation {
        id: id(number),
        organisation: NewOrganisation {
            parent: None,
            region: Some("330106".to_owned()),
            kind,
            name: Text::new("单位", "Unit"),
            short: short.map(str::to_owned),
            credit_code: short.is_none().then(|| "91330106MA2EXAMPL0".to_owned()),
            representative,
        },
    };
    let region = |code: &str, parent: Option<&str>, level| SeedRegion {
        region: Region {
            code: code.to_owned(),
            name: format!("地{code}"),
            parent: parent.map(str::to_owned),
            level,
        },
        boundary: Some(serde_json::json!({ "type": "Point", "coordinates": [120.1, 30.2] })),
    };
    Seed {
        regions: vec![
            region("330000", None, 1),
            region("330100", Some("330000"), 2),
            region("330106", Some("330100"), 3),
        ],
        persons: PEOPLE.iter().map(|(number, login, _)| person_of(*number, login)).collect(),
        organisations: vec![
            organisation(OFFICE, OrganisationKind::Department, Some("market-regulation"), None),
            organisation(COMPANY, OrganisationKind::Company, None, Some(id(1))),
        ],
        posts: staff()
            .map(|(number, login, role)| Post {
                id: id(1000 + number),
                organisation: id(OFFICE),
                title: Text::same(*login),
                roles: vec![(*role).to_owned()],
            })
            .collect(),
        holdings: staff()
            .map(|(number, _, _)| SeedHolding {
                post: id(1000 + number),
                person: id(*number),
                starts: Date::from_calendar_date(2026, time::Month::January, 1).unwrap(),
            })
            .collect(),
        accounts: PEOPLE
            .iter()
            .map(|(number, login, role)| SeedAccount {
                id: id(2000 + number),
                login: (*login).to_owned(),
                kind: if role.is_empty() { AccountKind::Citizen } else { AccountKind::Staff },
                person: id(*number),
                password: PASSWORD.to_owned(),
                totp_secret: (!role.is_empty()).then(|| SECRET.to_owned()),
            })
            .collect(),
        delegations: vec![SeedDelegation {
            organisation: id(COMPANY),
            person: id(2),
            scope: vec!["apply".to_owned(), "view".to_owned()],
            granted_by: id(1),
            expires: now + Duration::hours(2),
        }],
    }
}

fn person_of(number: u128, login: &str) -> PersonPlain {
    PersonPlain {
        id: id(number),
        name: format!("测{login}"),
        id_kind: IdKind::Passport,
        id_number: Some(format!("E{number:08}")),
        phone: Some(format!("1380000{number:04}")),
        region: Some("330106".to_owned()),
        level: 2,
    }
}

pub(crate) async fn visitor(test: &TestDb) -> Ctx {
    test.ctx(Actor::visitor()).await
}

/// The code of the second factor now.
pub(crate) fn code(secret: &str, now: OffsetDateTime) -> String {
    let secret = Secret::try_from_base32(secret).unwrap().as_bytes().to_vec();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(now.unix_timestamp()).unwrap()).to_string()
}

/// Logs in, with the code if one is asked for. Each login takes a minute, so that no code comes twice.
pub(crate) async fn enter(test: &TestDb, login: &str) -> Token {
    test.clock.advance(Duration::seconds(60));
    let mut ctx = visitor(test).await;
    let done = log_in(&mut ctx, login, PASSWORD, ORIGIN).await.unwrap();
    let token = match done {
        Tried::Done(LogIn::Done(token)) => token,
        Tried::Done(LogIn::CodeNeeded(pending)) => {
            let code = code(SECRET, ctx.now);
            match enter_code(&mut ctx, &pending, &code).await.unwrap() {
                Tried::Done(token) => token,
                Tried::Refused(error) => panic!("{login}: {error}"),
            }
        }
        Tried::Refused(error) => panic!("{login}: {error}"),
    };
    ctx.commit().await.unwrap();
    token
}

/// A context of somebody who is logged in.
pub(crate) async fn by(test: &TestDb, token: &Token) -> Ctx {
    let actor = actor(&test.db, token).await.unwrap().expect("the session is open");
    test.ctx(actor).await
}

/// A context of somebody who has just logged in.
pub(crate) async fn as_(test: &TestDb, login: &str) -> Ctx {
    let token = enter(test, login).await;
    by(test, &token).await
}

/// Whether the error is a refusal or looks as if absent.
pub(crate) fn word<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::Store(zhengtong_db::Error::Denied { .. })) => "denied",
        Err(Error::Store(zhengtong_db::Error::NotFound { .. })) => "absent",
        Err(Error::Store(zhengtong_db::Error::Unauthenticated { .. })) => "unauthenticated",
        Err(Error::Invalid(_)) => "invalid",
        Err(Error::ThreeAdministrators { .. }) => "exclusive",
        Err(Error::LastAdministrator) => "last",
        Err(Error::OwnRights) => "own",
        Err(Error::NoLeave(_)) => "no leave",
        Err(Error::NotActingFor) => "for nobody",
        Err(Error::InviteGone) => "gone",
        Err(Error::FactorNotProven) => "not proven",
        Err(Error::UseRecovery) => "use recovery",
        Err(Error::RecoveryGoesOn) => "goes on",
        Err(Error::SecondOfficial) => "second official",
        Err(Error::TooEarly { .. }) => "too early",
        Err(Error::Disabled) => "disabled",
        Err(error) => panic!("{error:?}"),
    }
}

/// Verbs and reasons in the record, the oldest first.
pub(crate) async fn record(test: &TestDb, verb: &str) -> Vec<String> {
    let mut ctx = test.ctx(Actor::system("test")).await;
    let search = zhengtong_ledger::Search { verb: Some(verb.to_owned()), ..Default::default() };
    let paging = zhengtong_base::Paging::new(1, 200);
    let mut rows = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
    rows.retain(|entry| entry.act.verb == verb);
    rows.reverse();
    for entry in &mut rows {
        ctx.unveil(&mut entry.act).unwrap();
    }
    rows.into_iter().map(|entry| entry.act.reason.unwrap_or_default()).collect()
}
