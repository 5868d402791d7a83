//! Sending, inboxes, reading.

use uuid::Uuid;
use zhengtong_base::{Behalf, Failure as _, Kind, Paging, Text};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_notice::{SCHEMA, To, Vars, inbox, read, read_all, send, send_once, unread};

use crate::packs::{self, MESSAGES};

const POLICY: &str = r#"
permit(principal, action == Action::"notice.send", resource)
when { principal.kind == "system" || principal.kind == "staff" };
permit(principal, action in [Action::"notice.inbox", Action::"notice.read"], resource)
when { principal.kind != "anonymous" && resource has mine && resource.mine };
"#;

const PERSON: Uuid = Uuid::from_u128(1);
const COMPANY: Uuid = Uuid::from_u128(2);
const POST: Uuid = Uuid::from_u128(3);

async fn city() -> TestDb {
    let test = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    test.with(POLICY, Shelf::default().with(packs::read(MESSAGES).0))
}

fn citizen(person: Uuid) -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(person),
        person: Some(person),
        name: "王小样".to_owned(),
        ..Actor::visitor()
    }
}

fn agent(person: Uuid) -> Actor {
    let behalf = Behalf {
        organisation: COMPANY,
        credit_code: "91350100M000100Y43".to_owned(),
        name: "示例餐饮有限公司".to_owned(),
    };
    Actor { behalf: Some(behalf), ..citizen(person) }
}

fn clerk(post: Uuid) -> Actor {
    Actor { kind: ActorKind::Staff, post: Some(post), ..citizen(Uuid::from_u128(70)) }
}

fn vars() -> Vars {
    Vars::default()
        .with("item", Text::new("食品经营许可", "Food business licence"))
        .same("no", "330106-FB-2026-000001")
        .same("promised", "2026-03-09")
        .same("further", "not used")
}

async fn verbs(test: &TestDb) -> Vec<String> {
    sqlx::query_scalar("SELECT verb FROM ledger.entry ORDER BY id")
        .fetch_all(test.db.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_message_is_told_in_both_languages_and_read_once() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("casework")).await;
    let to = To::Person(PERSON);
    let sent = send(&mut ctx, to, "food:accepted", &vars(), Some("/my/cases/1")).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(sent.title, Text::new("已受理：食品经营许可", "Accepted: Food business licence"));
    assert_eq!(sent.body.zh, "受理号 330106-FB-2026-000001。我们承诺在 2026-03-09 前办结。");

    let mut ctx = test.ctx(citizen(PERSON)).await;
    assert_eq!(unread(&mut ctx).await.unwrap(), 1);
    let page = inbox(&mut ctx, Paging::new(1, 20)).await.unwrap();
    assert_eq!((page.total, page.rows[0].id, page.rows[0].read_at), (1, sent.id, None));
    let opened = read(&mut ctx, sent.id).await.unwrap();
    assert_eq!((opened.read_at, opened.read_by), (Some(ctx.now), Some(PERSON)));
    assert_eq!(unread(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();

    test.clock.advance(time::Duration::hours(1));
    let mut ctx = test.ctx(citizen(PERSON)).await;
    let again = read(&mut ctx, sent.id).await.unwrap();
    assert_eq!(again, opened, "the time of receipt is that of the first reading");
    ctx.commit().await.unwrap();
    let expected = ["notice.send", "notice.inbox", "notice.read", "notice.read"];
    assert_eq!(verbs(&test).await, expected);
}

#[tokio::test]
async fn one_event_sends_one_message_to_each_recipient() {
    let test = city().await;
    let post = || async {
        let mut ctx = test.ctx(Actor::system("casework")).await;
        for to in [To::Person(PERSON), To::Organisation(COMPANY)] {
            send_once(&mut ctx, "event-1", to, "food:todo", &Vars::default(), None).await.unwrap();
        }
        ctx.commit().await.unwrap();
    };
    tokio::join!(post(), post());
    post().await;
    let mut ctx = test.ctx(agent(PERSON)).await;
    assert_eq!(unread(&mut ctx).await.unwrap(), 2);
    assert_eq!(verbs(&test).await, ["notice.send", "notice.send"]);
}

#[tokio::test]
async fn messages_reach_whom_they_are_for_and_nobody_else() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("casework")).await;
    let mut ids = Vec::new();
    for to in [To::Person(PERSON), To::Organisation(COMPANY), To::Post(POST)] {
        ids.push(send(&mut ctx, to, "food:todo", &Vars::default(), None).await.unwrap().id);
    }
    ctx.commit().await.unwrap();
    let rows = [
        (citizen(PERSON), [true, false, false]),
        (agent(PERSON), [true, true, false]),
        (agent(Uuid::from_u128(9)), [false, true, false]),
        (clerk(POST), [false, false, true]),
        (clerk(Uuid::from_u128(8)), [false, false, false]),
    ];
    for (actor, expected) in rows {
        let mut ctx = test.ctx(actor).await;
        let page = inbox(&mut ctx, Paging::new(1, 20)).await.unwrap();
        for (id, expected) in ids.iter().zip(expected) {
            assert_eq!(page.rows.iter().any(|message| message.id == *id), expected);
            match read(&mut ctx, *id).await {
                Ok(_) => assert!(expected),
                Err(error) => assert_eq!((expected, error.kind()), (false, Kind::NotFound)),
            }
        }
    }
    let mut ctx = test.ctx(Actor::visitor()).await;
    let refused = inbox(&mut ctx, Paging::new(1, 20)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unauthenticated);
    let mut ctx = test.ctx(citizen(PERSON)).await;
    let refused = send(&mut ctx, To::Person(PERSON), "food:todo", &Vars::default(), None).await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Denied);
}

#[tokio::test]
async fn all_can_be_marked_as_read() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("casework")).await;
    for _ in 0..3 {
        send(&mut ctx, To::Person(PERSON), "food:todo", &Vars::default(), None).await.unwrap();
    }
    let other = To::Person(Uuid::from_u128(5));
    send(&mut ctx, other, "food:todo", &Vars::default(), None).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(citizen(PERSON)).await;
    assert_eq!(read_all(&mut ctx).await.unwrap(), 3);
    assert_eq!((read_all(&mut ctx).await.unwrap(), unread(&mut ctx).await.unwrap()), (0, 0));
    let mut ctx = test.ctx(citizen(Uuid::from_u128(5))).await;
    assert_eq!(unread(&mut ctx).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("casework")).await;
    let to = To::Person(PERSON);
    let error = send(&mut ctx, to, "food:none", &vars(), None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let lacking = Vars::default().same("item", "x");
    let error = send(&mut ctx, to, "food:accepted", &lacking, None).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (Kind::Invalid, "no"));
    for link in ["https://evil.example", "//evil.example", "/\\evil.example", "my", ""] {
        let error = send(&mut ctx, to, "food:todo", &vars(), Some(link)).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "link", "{link}");
    }
    let hostile = vars().same("no", "{promised}\0<b>").same("promised", "长".repeat(10_000));
    let message = send(&mut ctx, to, "food:accepted", &hostile, None).await.unwrap();
    assert!(message.body.zh.starts_with("受理号 {promised}<b>。"));
    assert!(message.body.zh.contains('…') && message.body.zh.chars().count() < 600);
}
