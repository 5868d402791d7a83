//! Who may do what, as a table: every verb against every kind of actor and every relation to the thing.
//! The table is made by asking the policies, so it shows what holds and not what was meant.

use zhengtong_db::{Attr, Policies, Thing, Who, WhoKind};

/// Actors as the table names them: the word, the kind and the roles.
const ACTORS: &[(&str, WhoKind, &[&str])] = &[
    ("visitor", WhoKind::Anonymous, &[]),
    ("citizen", WhoKind::Citizen, &[]),
    ("agent:view", WhoKind::Citizen, &["citizen-agent", "citizen-agent:view"]),
    ("agent:apply", WhoKind::Citizen, &["citizen-agent", "citizen-agent:apply"]),
    ("agent:admin", WhoKind::Citizen, &["citizen-agent", "citizen-agent:admin"]),
    ("window", WhoKind::Staff, &["window"]),
    ("reviewer", WhoKind::Staff, &["reviewer"]),
    ("inspector", WhoKind::Staff, &["inspector"]),
    ("head", WhoKind::Staff, &["head"]),
    ("steward", WhoKind::Staff, &["steward"]),
    ("supervisor", WhoKind::Staff, &["supervisor"]),
    ("system-admin", WhoKind::Staff, &["system-admin"]),
    ("security-admin", WhoKind::Staff, &["security-admin"]),
    ("audit-admin", WhoKind::Staff, &["audit-admin"]),
    ("staff without post", WhoKind::Staff, &[]),
    ("system", WhoKind::System, &[]),
];

/// How the actor stands to the thing; each column after the first names only who comes in addition.
const RELATIONS: [&str; 5] = [
    "anybody's",
    "one's own",
    "of whom one acts for",
    "of one's department",
    "task of one's role there",
];

/// A Markdown table of all verbs, given with the kinds of their things, in the order given.
pub fn matrix(policies: &Policies, verbs: &[(&str, &str)]) -> String {
    let columns = RELATIONS.join(" | ");
    let mut table = format!("| verb | thing | {columns} |\n|---|---|---|---|---|---|---|\n");
    for (verb, kind) in verbs {
        let always = allowed(policies, verb, kind, 0);
        let cells = (0..RELATIONS.len()).map(|place| {
            let mut words = allowed(policies, verb, kind, place);
            words.retain(|word| place == 0 || !always.contains(word));
            if words.is_empty() { "–".to_owned() } else { words.join(", ") }
        });
        let cells: Vec<String> = cells.collect();
        table.push_str(&["| ", verb, " | ", kind, " | ", &cells.join(" | "), " |\n"].concat());
    }
    table
}

fn allowed(policies: &Policies, verb: &str, kind: &str, relation: usize) -> Vec<&'static str> {
    let may = |(_, kind_of_actor, roles): &(&str, WhoKind, &[&str])| {
        let who = who(*kind_of_actor, roles);
        policies.decide(&who, verb, &thing(kind, relation, roles)).allowed
    };
    ACTORS.iter().filter(|actor| may(actor)).map(|(word, _, _)| *word).collect()
}

fn who(kind: WhoKind, roles: &[&str]) -> Who {
    let person = matches!(kind, WhoKind::Citizen | WhoKind::Staff);
    let staff = kind == WhoKind::Staff && !roles.is_empty();
    Who {
        id: "actor".to_owned(),
        kind,
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        person: person.then(|| "me".to_owned()),
        organisation: staff.then(|| "my department".to_owned()),
        unit: staff.then(|| "my-unit".to_owned()),
        behalf: roles.contains(&"citizen-agent").then(|| "my company".to_owned()),
        region: staff.then(|| "330100".to_owned()),
    }
}

fn thing(kind: &str, relation: usize, roles: &[&str]) -> Thing {
    let thing = Thing::new(kind, "1");
    match relation {
        1 => thing.owned_by(Some("me")),
        2 => thing.owned_by(Some("another")).of_organisation(Some("my company")),
        3 => of_my_department(thing),
        4 => of_my_department(thing)
            .with("side", Attr::Text("office".to_owned()))
            .with("role", Attr::Text(roles.first().copied().unwrap_or_default().to_owned())),
        _ => thing
            .owned_by(Some("another"))
            .of_organisation(Some("another company"))
            .handled_by(Some("another department"))
            .with("authority", Attr::Text("another-unit".to_owned())),
    }
}

/// What a department handles has its identifier; what packs declare has the short name of the unit that answers for it.
fn of_my_department(thing: Thing) -> Thing {
    thing
        .owned_by(Some("another"))
        .handled_by(Some("my department"))
        .with("authority", Attr::Text("my-unit".to_owned()))
}
