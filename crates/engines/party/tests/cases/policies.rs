//! The policies of the house as a table, and what must hold whatever else a pack permits.

use zhengtong_access::{Attr, Policies, Source, Thing, Who, WhoKind};
use zhengtong_db::Shelf;
use zhengtong_db::testing::TestDb;
use zhengtong_party::*;

use crate::world::*;

fn house() -> Policies {
    Policies::parse(&[Source { name: "house-rules/access.cedar", text: HOUSE }]).unwrap()
}

/// The rows of the table, without the visitors of what everybody may do.
fn row(verb: &str, kind: &str) -> Vec<String> {
    let table = matrix(&house(), &[(verb, kind)]);
    let last = table.lines().last().unwrap();
    last.trim_matches('|').split('|').skip(2).map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn every_verb_is_allowed_to_somebody_and_the_table_shows_whom() {
    let table = matrix(&house(), VERBS);
    assert_eq!(table.lines().count(), VERBS.len() + 2);
    for (verb, kind) in VERBS {
        assert!(row(verb, kind).iter().any(|cell| cell.contains("system")), "{verb}");
    }
}

#[test]
fn the_table_holds_what_was_meant() {
    let handlers = "window, reviewer, inspector, head";
    let agents = "agent:view, agent:apply, agent:admin";
    let citizens = format!("citizen, {agents}");
    let writers = format!("{citizens}, {handlers}");
    let rows: [(&str, &str, [&str; 5]); 14] = [
        ("casework.read", "case", ["system", &citizens, agents, handlers, handlers]),
        (
            "casework.accept",
            "case",
            ["system", "–", "–", "–", "window, reviewer, inspector, head, steward"],
        ),
        ("casework.supply", "case", ["system", &citizens, "agent:apply", "–", "–"]),
        ("casework.withdraw", "case", ["system", &citizens, "agent:apply", "–", "–"]),
        (
            "casework.suspend",
            "case",
            ["system", "–", "–", "reviewer, inspector, head", "reviewer, inspector, head"],
        ),
        // Officers write what they begin by duty.
        ("form.write", "draft", ["system", &writers, "agent:apply", "–", "–"]),
        ("form.read", "draft", ["system", &writers, agents, "–", "–"]),
        ("document.revoke", "document", ["system", "–", "–", "head", "head"]),
        ("document.issue", "document", ["system", "–", "–", "–", "–"]),
        ("party.hold", "post", ["security-admin, system", "–", "–", "–", "–"]),
        ("ledger.search", "ledger", ["audit-admin, system", "–", "–", "–", "–"]),
        ("registry.search", "dataset", ["steward, system", "–", "–", "–", "–"]),
        ("registry.load", "dataset", ["system", "–", "–", "steward", "steward"]),
        ("registry.strike", "dataset", ["system", "–", "–", "steward", "steward"]),
    ];
    for (verb, kind, expected) in rows {
        assert_eq!(row(verb, kind), expected, "{verb}");
    }
}

fn staff(roles: &[&str]) -> Who {
    Who {
        id: "a".to_owned(),
        kind: WhoKind::Staff,
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        person: Some("p".to_owned()),
        organisation: Some("d".to_owned()),
        unit: Some("u".to_owned()),
        behalf: None,
        region: None,
    }
}

#[test]
fn nobody_switches_the_record_off() {
    let open = "permit(principal, action, resource);";
    let sources = [
        Source { name: "house-rules/access.cedar", text: HOUSE },
        Source { name: "careless/access.cedar", text: open },
    ];
    let policies = Policies::parse(&sources).unwrap();
    let system = Who { kind: WhoKind::System, ..staff(&[]) };
    for who in [system, staff(&["system-admin"]), staff(&["audit-admin"])] {
        for verb in ["ledger.disable", "ledger.delete", "ledger.truncate", "admin.jobs"] {
            assert!(!policies.decide(&who, verb, &Thing::new("ledger", "")).allowed, "{verb}");
        }
        assert!(policies.decide(&who, "ledger.verify", &Thing::new("ledger", "")).allowed);
    }
}

#[test]
fn administrators_take_no_part_in_cases() {
    let case = Thing::new("case", "1")
        .handled_by(Some("d"))
        .with("side", Attr::Text("office".to_owned()))
        .with("role", Attr::Text("window".to_owned()));
    let house = house();
    assert!(house.decide(&staff(&["window"]), "casework.accept", &case).allowed);
    for admin in ADMINISTRATORS {
        for verb in ["casework.accept", "casework.read", "casework.note", "casework.inbox"] {
            let both = staff(&["window", admin]);
            assert!(!house.decide(&both, verb, &case).allowed, "{admin} {verb}");
        }
    }
}

#[test]
fn no_policy_of_the_house_fails_to_evaluate() {
    let house = house();
    let verbs = VERBS.iter().chain(&[("casework.read", "case"), ("registry.read", "dataset")]);
    for (verb, kind) in verbs {
        let decision = house.decide(&staff(&["window"]), verb, &Thing::new(kind, "1"));
        assert_eq!(decision.faults, [] as [String; 0], "{verb}");
    }
}

#[tokio::test]
async fn without_a_policy_nothing_is_allowed() {
    let test = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with("", Shelf::default().with(catalog()));
    let mut ctx = visitor(&test).await;
    assert_eq!(word(log_in(&mut ctx, "boss", PASSWORD, ORIGIN).await), "unauthenticated");
    assert_eq!(word(departments(&mut ctx).await), "unauthenticated");
    let mut ctx = test.ctx(zhengtong_db::Actor::system("start")).await;
    assert_eq!(word(first_admin(&mut ctx).await), "denied");
    assert_eq!(word(sweep(&mut ctx).await), "denied");
}
