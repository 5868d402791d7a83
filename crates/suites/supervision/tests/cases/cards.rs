//! What is done with a card: answer, appeal, decision, urge, proposal; who may, and what is refused.

use time::Duration;
use time::macros::date;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_supervision::{
    Card, CardView, Deed, NewFinding, Pile, State, act, card, find, own_cards, urge_late,
};

use crate::world::{
    accepted, agent, all_cards, city, decide, deliver, head, id, inspector, opened, reviewer,
    settle, supervisor, window,
};

/// A yellow card for the window clerk.
async fn raised(test: &TestDb) -> Card {
    let no = opened(test).await;
    decide(test, window(), &no, "decline", "不符合规定").await;
    deliver(test).await;
    all_cards(test).await.pop().unwrap()
}

async fn does(
    test: &TestDb,
    actor: Actor,
    no: &str,
    deed: Deed,
    words: &str,
) -> Result<Card, Kind> {
    let mut ctx = test.ctx(actor).await;
    match act(&mut ctx, no, deed, words).await {
        Ok(card) => {
            ctx.commit().await.unwrap();
            Ok(card)
        }
        Err(error) => Err(error.kind()),
    }
}

async fn opened_card(test: &TestDb, actor: Actor, no: &str) -> Result<CardView, Kind> {
    let mut ctx = test.ctx(actor).await;
    card(&mut ctx, no).await.map_err(|error| error.kind())
}

async fn steps(test: &TestDb, no: &str) -> Vec<String> {
    let view = opened_card(test, supervisor(), no).await.unwrap();
    view.steps.into_iter().map(|step| step.kind).collect()
}

#[tokio::test]
async fn the_department_answers_and_a_supervisor_closes() {
    let test = city().await;
    let card = raised(&test).await;
    assert_eq!(card.state, State::Notified);
    assert_eq!(card.answer_due, Some(date!(2026 - 03 - 05)));
    assert_eq!(
        does(&test, supervisor(), &card.no, Deed::Close, "核实无误").await,
        Err(Kind::Conflict)
    );
    assert_eq!(does(&test, window(), &card.no, Deed::Answer, "好").await, Err(Kind::Invalid));
    let answered =
        does(&test, window(), &card.no, Deed::Answer, "已补充理由并电话告知申请人").await;
    assert_eq!(answered.unwrap().state, State::Answered);
    assert_eq!(
        does(&test, window(), &card.no, Deed::Answer, "再答一次不行").await,
        Err(Kind::Conflict)
    );
    let closed = does(&test, supervisor(), &card.no, Deed::Close, "已核实，整改到位").await;
    assert_eq!(closed.unwrap().state, State::Closed);
    assert_eq!(
        does(&test, supervisor(), &card.no, Deed::Revoke, "事后撤销").await,
        Err(Kind::Conflict)
    );
    assert_eq!(steps(&test, &card.no).await, ["raised", "notified", "answered", "closed"]);
    let view = opened_card(&test, head(), &card.no).await.unwrap();
    let answer = view.steps.iter().find(|step| step.kind == "answered").unwrap();
    assert_eq!(answer.name, "示例window11");
    assert_eq!(answer.words.as_deref(), Some("已补充理由并电话告知申请人"));
}

#[tokio::test]
async fn an_appeal_is_decided_by_a_named_supervisor_with_a_reason() {
    let test = city().await;
    let (first, second) = (raised(&test).await, raised(&test).await);
    for card in [&first, &second] {
        let appealed =
            does(&test, head(), &card.no, Deed::Appeal, "理由写在了附件里").await.unwrap();
        assert_eq!(appealed.state, State::Appealed);
        assert_eq!(
            does(&test, head(), &card.no, Deed::Uphold, "自己维持").await,
            Err(Kind::Denied)
        );
        assert_eq!(
            does(&test, supervisor(), &card.no, Deed::Revoke, " ").await,
            Err(Kind::Invalid)
        );
    }
    let upheld = does(&test, supervisor(), &first.no, Deed::Uphold, "附件不能代替书面理由").await;
    assert_eq!(upheld.unwrap().state, State::Upheld);
    let revoked = does(&test, supervisor(), &second.no, Deed::Revoke, "附件确有完整理由").await;
    assert_eq!(revoked.unwrap().state, State::Revoked);
    let view = opened_card(&test, head(), &second.no).await.unwrap();
    assert_eq!(view.steps.last().unwrap().name, "示例supervisor15");
    assert!(view.deeds.is_empty());
}

#[tokio::test]
async fn a_late_answer_is_urged_and_then_a_proposal_may_be_issued() {
    let test = city().await;
    let card = raised(&test).await;
    let urge = async || {
        let mut ctx = test.ctx(Actor::system("test")).await;
        let urged = urge_late(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        urged
    };
    // Three working days from Monday 2 March: Thursday is still in time.
    test.clock.advance(Duration::days(3));
    assert_eq!(urge().await, 0);
    assert_eq!(
        does(&test, supervisor(), &card.no, Deed::Propose, "请查明原因").await,
        Err(Kind::Conflict)
    );
    test.clock.advance(Duration::days(1));
    // What was refused above is undone a moment later; until then its card is somebody else's.
    let mut first = 0;
    for _ in 0..100 {
        first = urge().await;
        if first > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!((first, urge().await), (1, 0));
    let urged = all_cards(&test).await.pop().unwrap();
    assert_eq!((urged.urges, urged.answer_due), (1, Some(date!(2026 - 03 - 10))));
    test.clock.advance(Duration::days(5));
    assert_eq!(urge().await, 1);
    test.clock.advance(Duration::days(30));
    assert_eq!(urge().await, 0, "after two urges a person decides");

    let words = "两次督办没有答复，请查明原因，十个工作日内书面报告";
    let proposed = does(&test, supervisor(), &card.no, Deed::Propose, words).await.unwrap();
    let paper = proposed.proposal.unwrap();
    assert_eq!(
        does(&test, supervisor(), &card.no, Deed::Propose, words).await,
        Err(Kind::Conflict)
    );
    let mut ctx = test.ctx(Actor::system("test")).await;
    let issued = zhengtong_document::open(&mut ctx, paper).await.unwrap();
    assert!(issued.number.starts_with("JCJY2026"), "{}", issued.number);
    assert_eq!(issued.issuer_name, "示例市政府办公室");
    assert_eq!(issued.holder_name, "示例市市场监督管理局");
    drop(ctx);
    assert_eq!(steps(&test, &card.no).await, ["raised", "notified", "urged", "urged", "proposed"]);
    // The department may still answer, and then it is closed.
    does(&test, head(), &card.no, Deed::Answer, "已整改并报告").await.unwrap();
    does(&test, supervisor(), &card.no, Deed::Close, "已核实整改").await.unwrap();
}

#[tokio::test]
async fn handler_and_head_are_told_and_nobody_else() {
    let test = city().await;
    let card = raised(&test).await;
    let mut conn = test.db.pool().acquire().await.unwrap();
    let mut told: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT person FROM notice.message WHERE template = 'supervision-rules:card'",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    told.sort();
    assert_eq!(told, [id(11), id(14)]);
    assert_eq!(card.handlers, [id(11)]);
    for (actor, seen) in [
        (window(), true),
        (head(), true),
        (reviewer(), false),
        (inspector(), false),
        (agent(), false),
        (supervisor(), true),
    ] {
        let view = opened_card(&test, actor.clone(), &card.no).await;
        assert_eq!(view.is_ok(), seen, "{}", actor.name);
        if !seen {
            assert_eq!(view.unwrap_err(), Kind::NotFound);
        }
    }
}

#[tokio::test]
async fn of_many_who_decide_at_once_one_does() {
    let test = city().await;
    let card = raised(&test).await;
    does(&test, head(), &card.no, Deed::Appeal, "理由写在了附件里").await.unwrap();
    let hands: Vec<_> = (0..4)
        .map(|number| {
            let (db, no) = (test.db.clone(), card.no.clone());
            tokio::spawn(async move {
                let mut ctx = db.begin(supervisor(), "test").await.unwrap();
                let deed = if number % 2 == 0 { Deed::Uphold } else { Deed::Revoke };
                act(&mut ctx, &no, deed, "各人各有各的看法").await.map_err(|error| error.kind())?;
                ctx.commit().await.map_err(|error| error.kind())
            })
        })
        .collect();
    let mut done = Vec::new();
    for hand in hands {
        done.push(hand.await.unwrap());
    }
    let decided = steps(&test, &card.no).await;
    let upheld = decided.iter().filter(|kind| *kind == "upheld").count();
    let revoked = decided.iter().filter(|kind| *kind == "revoked").count();
    // A card that was upheld may still be revoked; nothing comes after a revocation, and nothing is done twice.
    assert!(upheld <= 1 && revoked == 1, "{decided:?}");
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), upheld + revoked);
}

#[tokio::test]
async fn the_list_of_the_department_is_its_own() {
    let test = city().await;
    let card = raised(&test).await;
    let mut ctx = test.ctx(head()).await;
    let own = own_cards(&mut ctx, Pile::ForDepartment, 1).await.unwrap();
    assert_eq!(own.rows.iter().map(|card| &card.no).collect::<Vec<_>>(), [&card.no]);
    drop(ctx);
    for actor in [agent(), Actor::visitor()] {
        let mut ctx = test.ctx(actor).await;
        assert!(own_cards(&mut ctx, Pile::All, 1).await.is_err());
    }
}

#[tokio::test]
async fn a_department_without_people_gets_a_card_that_waits_for_a_supervisor() {
    let test = city().await;
    let organ = id(101);
    let mut ctx = test.ctx(supervisor()).await;
    let new = NewFinding {
        kind: "off-platform".to_owned(),
        case: String::new(),
        department: Some(organ),
        happened_on: Some(date!(2026 - 03 - 01)),
        charged: None,
        listed: None,
        evidence: "窗口收据一张，照片存监察室".to_owned(),
    };
    assert_eq!(find(&mut ctx, new).await.unwrap(), 1);
    ctx.commit().await.unwrap();
    let card = all_cards(&test).await.pop().unwrap();
    assert_eq!(card.state, State::Raised);
    assert_eq!(steps(&test, &card.no).await, ["raised", "unreached"]);
    // It is about the supervisor's own organ: somebody else decides.
    assert_eq!(
        does(&test, supervisor(), &card.no, Deed::Revoke, "自己撤销").await,
        Err(Kind::Denied)
    );
}

#[tokio::test]
async fn a_card_is_followed_once_however_often_news_comes() {
    let test = city().await;
    let no = accepted(&test).await;
    test.clock.advance(Duration::days(2));
    settle(&test).await;
    let before = all_cards(&test).await.len();
    let mut hands = Vec::new();
    for _ in 0..4 {
        let (db, no) = (test.db.clone(), no.clone());
        hands.push(tokio::spawn(async move {
            let mut ctx = db.begin_system("test").await.unwrap();
            let raised = zhengtong_supervision::follow(&mut ctx, &no).await.unwrap();
            ctx.commit().await.unwrap();
            raised
        }));
    }
    for hand in hands {
        assert_eq!(hand.await.unwrap(), 0);
    }
    assert_eq!((before, all_cards(&test).await.len()), (1, 1));
}
