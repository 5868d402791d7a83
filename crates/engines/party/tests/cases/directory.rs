//! Persons, accounts, lists and the tree: what is shown, to whom, and what of it is recorded.

use zhengtong_base::{Failure as _, Paging};
use zhengtong_party::*;

use crate::world::*;

fn person_named(name: &str, id_number: &str) -> NewPerson {
    NewPerson {
        name: name.to_owned(),
        id_kind: IdKind::Citizen,
        id_number: id_number.to_owned(),
        phone: Some("１３８ ００００ ００００".to_owned()),
        region: Some("330106001".to_owned()),
        level: 1,
    }
}

#[tokio::test]
async fn persons_are_kept_in_one_spelling_and_shown_masked() {
    let test = city().await;
    let mut ctx = as_(&test, "system").await;
    let name = "\u{20bb7}\u{30edd}\u{2ebf0}";
    let new = person_named(name, "１１０１０５１９４９１２３１００２x");
    let made = create_person(&mut ctx, &new).await.unwrap();
    let card = person(&mut ctx, made).await.unwrap();
    assert_eq!(card.name, name);
    assert_eq!(card.id_number.as_deref(), Some("1101**********002X"));
    assert_eq!(card.phone.as_deref(), Some("138****0000"));
    assert_eq!(word(create_person(&mut ctx, &new).await), "invalid", "the number is taken");
    let bad = [
        (person_named("张\u{1f600}", "11010519491231002X"), "name"),
        (person_named("张三", "110105194912310021"), "id_number"),
        (NewPerson { phone: Some("12".to_owned()), ..person_named("张三", "") }, "id_number"),
        (NewPerson { level: 4, ..person_named("张三", "11010519491231002X") }, "level"),
        (NewPerson { id_kind: IdKind::Passport, ..person_named("张三", "E 1") }, "id_number"),
    ];
    for (new, field) in bad {
        let error = create_person(&mut ctx, &new).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field, "{new:?}");
    }
    let mut matter = Matter {
        person: made,
        department: id(OFFICE),
        case: "330106-1".to_owned(),
        role: Some("window".to_owned()),
    };
    let refused = reveal_contact(&mut ctx, &matter, "case 1").await;
    assert_eq!(word(refused), "absent", "no administrator reveals");
    ctx.commit().await.unwrap();

    let mut ctx = as_(&test, "window").await;
    assert_eq!(word(reveal_contact(&mut ctx, &matter, "x").await), "invalid", "say why");
    let plain = reveal_contact(&mut ctx, &matter, "case 330106-1").await.unwrap();
    assert_eq!(plain.id_number.as_deref(), Some("11010519491231002X"));
    assert_eq!(format!("{plain:?}"), format!("PersonPlain({made})"));
    ctx.commit().await.unwrap();
    // Not without a step that waits for the one who asks, and not in another department.
    for (role, department) in
        [(None, OFFICE), (Some("reviewer"), OFFICE), (Some("window"), OFFICE + 77)]
    {
        matter.role = role.map(str::to_owned);
        matter.department = id(department);
        let mut ctx = as_(&test, "window").await;
        let refused = reveal_contact(&mut ctx, &matter, "case 330106-1").await;
        assert_eq!(word(refused), "absent", "{role:?} {department}");
    }
    let mut ctx = test.ctx(zhengtong_db::Actor::system("test")).await;
    let mut seen = zhengtong_ledger::by_subject(ctx.conn(), made, 20).await.unwrap();
    seen.reverse();
    for entry in &mut seen {
        ctx.unveil(&mut entry.act).unwrap();
    }
    let subjects: Vec<(String, Option<String>)> =
        seen.into_iter().map(|entry| (entry.act.verb, entry.act.reason)).collect();
    let verbs: Vec<&str> = subjects.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["party.create_person", "party.person", "party.reveal"]);
    assert!(subjects[2].1.as_deref().is_some_and(|why| why.starts_with("case 330106-1")));
}

#[tokio::test]
async fn nobody_browses_people() {
    let test = city().await;
    let paging = Paging::new(1, 50);
    for login in ["boss", "window", "head"] {
        let mut ctx = as_(&test, login).await;
        assert_eq!(word(people(&mut ctx, "", paging).await), "denied", "{login}");
    }
    let mut ctx = as_(&test, "boss").await;
    assert_eq!(word(person(&mut ctx, id(3)).await), "absent");
    assert!(person(&mut ctx, id(1)).await.is_ok());
    let mut ctx = as_(&test, "system").await;
    let rows = [
        ("", 7),
        ("测boss", 1),
        ("测", 0),
        ("bo", 1),
        ("b", 0),
        ("%", 0),
        ("__", 0),
        ("BOSS", 1),
        ("' OR 1=1 --", 0),
        ("no\0body", 0),
    ];
    for (query, expected) in rows {
        let page = people(&mut ctx, query, paging).await.unwrap();
        assert_eq!(page.total, expected, "{query}");
        assert!(page.rows.iter().all(|row| row.person.phone.as_ref().unwrap().contains('*')));
    }
    let second = people(&mut ctx, "", Paging::new(2, 3)).await.unwrap();
    assert_eq!((second.rows.len(), second.pages()), (3, 3));
}

#[tokio::test]
async fn accounts_are_made_once_for_each_login_and_person() {
    let test = city().await;
    let mut ctx = as_(&test, "system").await;
    let account = |login: &str, kind, person: u128| NewAccount {
        login: login.to_owned(),
        kind,
        person: id(person),
    };
    let made = create_account(&mut ctx, &account("张伟", AccountKind::Citizen, 11)).await.unwrap();
    for (new, expected) in [
        (account("张 伟", AccountKind::Citizen, 12), "invalid"),
        (account(" 张伟 ", AccountKind::Citizen, 12), "invalid"),
        (account("ＢＯＳＳ", AccountKind::Citizen, 12), "invalid"),
        (account("new", AccountKind::Staff, 12), "invalid"),
        (account("new", AccountKind::Staff, 99), "absent"),
    ] {
        assert_eq!(word(create_account(&mut ctx, &new).await), expected, "{new:?}");
    }
    ctx.commit().await.unwrap();
    let mut ctx = visitor(&test).await;
    let refused = log_in(&mut ctx, "张伟", "", ORIGIN).await.unwrap();
    assert!(matches!(refused, Tried::Refused(Error::BadLogin)), "no password yet");
    use_invite(&mut ctx, &made.token, "西湖边的三只白鹭在打伞").await.unwrap();
    let done = log_in(&mut ctx, "张伟", "西湖边的三只白鹭在打伞", ORIGIN).await.unwrap();
    assert!(matches!(done, Tried::Done(LogIn::Done(_))));
    ctx.commit().await.unwrap();
    let mut ctx = as_(&test, "security").await;
    assert_eq!(word(invite(&mut ctx, id(2011)).await), "denied");
}

#[tokio::test]
async fn the_directory_of_the_city_is_open() {
    let test = city().await;
    let mut ctx = visitor(&test).await;
    let top = tree(&mut ctx, None).await.unwrap();
    assert_eq!(top.below.iter().map(|region| region.code.as_str()).collect::<Vec<_>>(), ["330000"]);
    let county = tree(&mut ctx, Some("330106")).await.unwrap();
    let above: Vec<&str> = county.above.iter().map(|region| region.code.as_str()).collect();
    assert_eq!(above, ["330000", "330100"]);
    assert_eq!(county.departments.len(), 1, "companies are no departments");
    assert_eq!(word(tree(&mut ctx, Some("999999\0")).await), "absent");
    assert_eq!(departments(&mut ctx).await.unwrap().len(), 1);
    let office = organisation_by_short(&mut ctx, "market-regulation").await.unwrap().unwrap();
    assert_eq!(organisation(&mut ctx, office.id).await.unwrap(), office);
    assert_eq!(word(organisation(&mut ctx, id(99)).await), "absent");
    let refused = organisations(&mut ctx, None, Paging::new(1, 10)).await;
    assert_eq!(word(refused), "unauthenticated");
    let mut ctx = as_(&test, "window").await;
    let page = organisations(&mut ctx, None, Paging::new(1, 10)).await.unwrap();
    assert_eq!(page.total, 2);
}

#[tokio::test]
async fn ones_own_data_is_plain() {
    let test = city().await;
    let mut ctx = as_(&test, "boss").await;
    let me = my_identity(&mut ctx).await.unwrap();
    assert_eq!(me.person.id_number.as_deref(), Some("E00000001"));
    assert!(me.behalf.is_none());
}

#[tokio::test]
async fn a_seed_comes_once_and_quickly() {
    let test = city().await;
    let mut ctx = test.ctx(zhengtong_db::Actor::system("seed")).await;
    let again = small_city(ctx.now);
    assert_eq!(seed(&mut ctx, &again).await.unwrap(), 0, "what is there stays");
    let mut wrong = small_city(ctx.now);
    wrong.posts[0].roles = vec!["system-admin".to_owned(), "audit-admin".to_owned()];
    assert_eq!(word(seed(&mut ctx, &wrong).await), "exclusive");
    let persons = (10_000..30_000_u128).map(|number| PersonPlain {
        id: id(number),
        name: "测".to_owned(),
        id_kind: IdKind::Passport,
        id_number: Some(format!("S{number}")),
        phone: None,
        region: None,
        level: 0,
    });
    let many = Seed { persons: persons.collect(), ..Seed::default() };
    assert_eq!(seed(&mut ctx, &many).await.unwrap(), 20_000);
    let mut ctx = as_(&test, "system").await;
    assert_eq!(word(seed(&mut ctx, &many).await), "denied");
}
