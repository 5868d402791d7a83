//! Messages outside: to addresses that were proven, by a real protocol, tried again and given up, and never in the way of
//! what people do.

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;
use zhengtong_base::{Behalf, Failure as _, Kind, Lang, Paging, Text};
use zhengtong_crypto::{hmac_sm3, to_hex};
use zhengtong_db::jobs::{self, Work};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind, Shelf};
use zhengtong_egress::{Egress, Settings};
use zhengtong_notice::{
    Carriers, DeliveryState, Mail, SCHEMA, Sms, To, Vars, Way, attach_carry, channels,
    confirm_channel, drop_channel, inbox, outside, send, set_channel, try_out, usual_body,
};

use crate::packs::{self, MESSAGES};
use crate::sink::{Does, Sink, Tls, acceptor, gateway};

const POLICY: &str = r#"
permit(principal, action, resource) when { principal.kind == "system" };
permit(principal, action in [Action::"notice.inbox", Action::"notice.read"], resource)
when { resource has mine && resource.mine };
permit(principal, action in [Action::"notice.channels", Action::"notice.set_channel"], resource)
when { principal has person && resource has mine && resource.mine
       && ((resource has owner && resource.owner == principal.person)
           || (principal.roles.contains("citizen-agent:apply") && principal has behalf
               && resource has owner_organisation && resource.owner_organisation == principal.behalf)) };
permit(principal, action in [Action::"notice.outside", Action::"notice.try_out"], resource)
when { principal.roles.contains("system-admin") };
"#;

const PERSON: Uuid = Uuid::from_u128(1);
const COMPANY: Uuid = Uuid::from_u128(2);
const ADDRESS: &str = "wang.xiaoyang@example.cn";
const NUMBER: &str = "13800001234";

/// The way out of a test: quick, and to these only.
fn egress(private: &[String], roots: Option<std::path::PathBuf>) -> Egress {
    let settings = Settings {
        private: private.to_vec(),
        roots,
        connect: Duration::from_secs(2),
        attempt: Duration::from_secs(2),
        whole: Duration::from_secs(2),
        failures: 3,
        rest: Duration::from_mins(1),
        ..Settings::default()
    };
    Egress::new(settings).unwrap()
}

fn mail(url: &str, user: &str) -> Mail {
    Mail {
        url: url.to_owned(),
        user: user.to_owned(),
        password: "secret".to_owned(),
        from: "示例市政务服务 <no-reply@example.gov.cn>".to_owned(),
    }
}

fn sms(url: &str) -> Sms {
    Sms {
        url: url.to_owned(),
        key: [9; 32],
        sign: "示例市政务".to_owned(),
        body: usual_body(),
        taken: Some(("/code".to_owned(), "0".to_owned())),
    }
}

async fn city(mail: Option<Mail>, sms: Option<Sms>, egress: Egress) -> TestDb {
    let test = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let city = Text::new("示例市", "Sample City");
    let carriers = Carriers::new(mail, sms, egress, "https://www.example.gov.cn/", city);
    test.with(POLICY, Shelf::default().with(packs::read(MESSAGES).0).with(carriers))
}

fn citizen() -> Actor {
    Actor {
        kind: ActorKind::Citizen,
        account: Some(PERSON),
        person: Some(PERSON),
        name: "王小样".to_owned(),
        ..Actor::visitor()
    }
}

fn agent(role: &str) -> Actor {
    let behalf = Behalf {
        organisation: COMPANY,
        credit_code: "91350100M000100Y43".to_owned(),
        name: "示例餐饮有限公司".to_owned(),
    };
    Actor { behalf: Some(behalf), roles: vec![role.to_owned()], ..citizen() }
}

fn admin() -> Actor {
    Actor {
        kind: ActorKind::Staff,
        account: Some(Uuid::from_u128(70)),
        person: Some(Uuid::from_u128(70)),
        roles: vec!["system-admin".to_owned()],
        name: "管理员".to_owned(),
        ..Actor::visitor()
    }
}

async fn work(test: &TestDb) {
    let work = attach_carry(Work::default());
    jobs::drain(&test.db, &work, 50).await.unwrap();
}

/// Chooses an address and proves it with the code that came.
async fn choose(test: &TestDb, way: Way, address: &str, code: impl AsyncFn() -> String) {
    let mut ctx = test.ctx(citizen()).await;
    let channel = set_channel(&mut ctx, way, address, Lang::Zh).await.unwrap();
    ctx.commit().await.unwrap();
    work(test).await;
    let code = code().await;
    let mut ctx = test.ctx(citizen()).await;
    confirm_channel(&mut ctx, channel.id, &code).await.unwrap().unwrap();
    ctx.commit().await.unwrap();
}

async fn tell(test: &TestDb) {
    let mut ctx = test.ctx(Actor::system("casework")).await;
    let to = To::Person(PERSON);
    send(&mut ctx, to, "food:todo", &Vars::default(), Some("/my/case/1")).await.unwrap();
    ctx.commit().await.unwrap();
}

async fn states(test: &TestDb) -> Vec<(DeliveryState, i32, Option<String>)> {
    let mut ctx = test.ctx(admin()).await;
    let found = outside(&mut ctx).await.unwrap().deliveries;
    found.into_iter().rev().map(|one| (one.state, one.attempts, one.reason)).collect()
}

/// The words of a mail, its encoding undone.
fn plain(mail: &str) -> String {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    if head.to_ascii_lowercase().contains("base64") {
        let bytes = decode64(&body.replace(['\r', '\n'], ""));
        return String::from_utf8(bytes).unwrap();
    }
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' && after.len() >= 2 {
            let hex = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn decode64(text: &str) -> Vec<u8> {
    let sign = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = four.iter().fold(0_u32, |bits, letter| bits << 6 | u32::from(sign(*letter)));
        let bits = bits << (6 * (4 - four.len()));
        bytes.extend(bits.to_be_bytes()[1..four.len()].iter());
    }
    bytes
}

fn six_digits(text: &str) -> String {
    let digits: Vec<&str> = text.split(|letter: char| !letter.is_ascii_digit()).collect();
    digits.into_iter().find(|run| run.len() == 6).unwrap().to_owned()
}

#[tokio::test]
async fn a_mail_goes_to_a_proven_address_with_a_hint_and_a_link() {
    let sink = Sink::start(Does::Take, Tls::None).await;
    let way_out = egress(&[sink.address.to_string()], None);
    let test = city(Some(mail(&format!("tcp://{}", sink.address), "user")), None, way_out).await;
    tell(&test).await;
    work(&test).await;
    assert!(sink.mails.lock().unwrap().is_empty(), "nobody has chosen an address");
    choose(&test, Way::Mail, ADDRESS, async || six_digits(&plain(&sink.mails.lock().unwrap()[0])))
        .await;
    tell(&test).await;
    work(&test).await;
    let mails = sink.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 2);
    let words = plain(&mails[1]);
    assert!(words.contains("https://www.example.gov.cn/my/case/1"), "{words}");
    assert!(words.contains("有新的待办") && !words.contains("请尽快办理"), "{words}");
    assert!(mails[1].contains(&format!("To: {ADDRESS}")));
    assert_eq!(sink.said("AUTH PLAIN"), 2);
    let mut ctx = test.ctx(citizen()).await;
    let page = inbox(&mut ctx, Paging::new(1, 20)).await.unwrap();
    let carried = page.rows.iter().map(|message| &message.carried).find(|all| !all.is_empty());
    let carried = carried.unwrap();
    assert_eq!((carried[0].state, carried[0].way), (DeliveryState::Sent, Way::Mail));
    assert!(!carried[0].shown.contains("xiaoyang"), "{}", carried[0].shown);
    // Neither tables nor the record hold the address.
    let held: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM notice.delivery d, notice.channel c
         WHERE d::text LIKE '%xiaoyang%' OR c::text LIKE '%xiaoyang%' OR d.address <> '' OR d.words <> ''",
    )
    .fetch_one(ctx.conn())
    .await
    .unwrap();
    assert_eq!(held, 0);
    let held: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ledger.entry e WHERE e::text LIKE '%xiaoyang%'")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    assert_eq!(held, 0);
    drop_channel(&mut ctx, Way::Mail).await.unwrap();
    assert!(channels(&mut ctx).await.unwrap().is_empty());
    ctx.commit().await.unwrap();
    tell(&test).await;
    work(&test).await;
    assert_eq!(sink.mails.lock().unwrap().len(), 2, "switched off");
}

#[tokio::test]
async fn a_line_is_encrypted_whole_or_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let acceptor = acceptor(folder.path());
    let roots = folder.path().join("cert.pem");
    for (scheme, tls) in
        [("tls", Tls::Whole(acceptor.clone())), ("starttls", Tls::Begin(acceptor.clone()))]
    {
        let sink = Sink::start(Does::Take, tls).await;
        let hosts = [sink.address.to_string()];
        let url = format!("{scheme}://{}", sink.address);
        // Nobody vouches for it: nothing is said.
        let test = city(Some(mail(&url, "user")), None, egress(&hosts, None)).await;
        let mut ctx = test.ctx(admin()).await;
        try_out(&mut ctx, Way::Mail, ADDRESS).await.unwrap();
        ctx.commit().await.unwrap();
        work(&test).await;
        assert_eq!(states(&test).await[0].0, DeliveryState::Queued, "{scheme}");
        assert_eq!(sink.said("AUTH"), 0, "{scheme}");

        let known = egress(&hosts, Some(roots.clone()));
        let test = city(Some(mail(&url, "user")), None, known).await;
        let mut ctx = test.ctx(admin()).await;
        try_out(&mut ctx, Way::Mail, ADDRESS).await.unwrap();
        ctx.commit().await.unwrap();
        work(&test).await;
        assert_eq!(states(&test).await, [(DeliveryState::Sent, 1, None)], "{scheme}");
        assert_eq!((sink.said("AUTH"), sink.said("plain AUTH")), (1, 0), "{scheme}");
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password_over_starttls() {
    let sink = Sink::start(Does::Take, Tls::None).await;
    let url = format!("starttls://{}", sink.address);
    let way_out = egress(&[sink.address.to_string()], None);
    let test = city(Some(mail(&url, "user")), None, way_out).await;
    let mut ctx = test.ctx(admin()).await;
    try_out(&mut ctx, Way::Mail, ADDRESS).await.unwrap();
    ctx.commit().await.unwrap();
    work(&test).await;
    assert_eq!((sink.said("AUTH"), sink.said("MAIL")), (0, 0));
    assert_eq!(states(&test).await[0].0, DeliveryState::Queued);
}

#[tokio::test]
async fn refusals_are_final_and_delays_are_tried_again() {
    let rows = [
        (
            Does::Recipient("550 no such user <wang.xiaoyang@example.cn>"),
            DeliveryState::Failed,
            "550",
        ),
        (Does::Recipient("451 later, wang.xiaoyang@example.cn"), DeliveryState::Queued, "451"),
        (Does::LogIn("535 who are you"), DeliveryState::Queued, "535"),
        (Does::Close, DeliveryState::Queued, "line"),
    ];
    for (does, state, why) in rows {
        let sink = Sink::start(does, Tls::None).await;
        let url = format!("tcp://{}", sink.address);
        let way_out = egress(&[sink.address.to_string()], None);
        let test = city(Some(mail(&url, "user")), None, way_out).await;
        let mut ctx = test.ctx(admin()).await;
        try_out(&mut ctx, Way::Mail, ADDRESS).await.unwrap();
        ctx.commit().await.unwrap();
        work(&test).await;
        let found = states(&test).await.remove(0);
        assert_eq!((found.0, found.1), (state, 1), "{does:?}");
        let reason = found.2.unwrap();
        assert!(reason.contains(why) && !reason.contains("xiaoyang"), "{does:?} {reason}");
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM db.job")
            .fetch_one(test.db.pool())
            .await
            .unwrap();
        assert_eq!(waiting, i64::from(state == DeliveryState::Queued), "{does:?}");
    }
}

#[tokio::test]
async fn a_dead_server_is_given_up_at_last_and_holds_up_nobody() {
    let sink = Sink::start(Does::Nothing, Tls::None).await;
    let way_out = egress(&[sink.address.to_string()], None);
    let test = city(Some(mail(&format!("tcp://{}", sink.address), "")), None, way_out).await;
    for _ in 0..4 {
        let mut ctx = test.ctx(admin()).await;
        try_out(&mut ctx, Way::Mail, ADDRESS).await.unwrap();
        // The act is committed at once, whatever becomes of the mail.
        ctx.commit().await.unwrap();
    }
    let began = std::time::Instant::now();
    work(&test).await;
    // Three time out after two seconds each, then the host is left alone and the fourth fails at once.
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    let found = states(&test).await;
    let alone = |one: &(DeliveryState, i32, Option<String>)| {
        one.2.as_deref().is_some_and(|why| why.contains("left alone"))
    };
    assert_eq!(found.iter().filter(|one| alone(one)).count(), 1, "{found:?}");
    for _ in 0..12 {
        test.clock.advance(time::Duration::hours(2));
        work(&test).await;
    }
    let found = states(&test).await;
    assert!(found.iter().all(|one| (one.0, one.1) == (DeliveryState::Failed, 12)), "{found:?}");
    let dead: i64 =
        sqlx::query_scalar("SELECT count(*) FROM db.dead_letter WHERE kind = 'notice.carry'")
            .fetch_one(test.db.pool())
            .await
            .unwrap();
    assert_eq!(dead, 4, "an operator sees them");
}

#[tokio::test]
async fn a_text_goes_through_the_gateway_signed() {
    let (address, asked) =
        gateway("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"code\":0}").await;
    let url = format!("http://{address}/send");
    let way_out = egress(&[address.to_string()], None);
    let test = city(None, Some(sms(&url)), way_out).await;
    choose(&test, Way::Sms, NUMBER, async || {
        let asked = asked.lock().unwrap()[0].clone();
        let body: Value = serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap();
        six_digits(body["text"].as_str().unwrap())
    })
    .await;
    tell(&test).await;
    work(&test).await;
    let last = asked.lock().unwrap().last().unwrap().clone();
    let body: Value = serde_json::from_str(last.split_once("\r\n\r\n").unwrap().1).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with("【示例市政务】有新的待办") && text.ends_with("/my/case/1"), "{text}");
    let part = |name: &str| body[name].as_str().unwrap();
    let signed = [part("time"), part("nonce"), NUMBER, text].join("\n");
    assert_eq!(part("signature"), to_hex(&hmac_sm3(&[9; 32], signed.as_bytes())));
    assert_eq!(states(&test).await.last().unwrap().0, DeliveryState::Sent);
}

#[tokio::test]
async fn what_a_gateway_says_decides() {
    let rows = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"code\":7}", DeliveryState::Failed),
        ("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n", DeliveryState::Failed),
        ("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n", DeliveryState::Queued),
        ("HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n", DeliveryState::Queued),
    ];
    for (answer, state) in rows {
        let (address, _) = gateway(answer).await;
        let way_out = egress(&[address.to_string()], None);
        let test = city(None, Some(sms(&format!("http://{address}/send"))), way_out).await;
        let mut ctx = test.ctx(admin()).await;
        try_out(&mut ctx, Way::Sms, NUMBER).await.unwrap();
        ctx.commit().await.unwrap();
        work(&test).await;
        assert_eq!(states(&test).await[0].0, state, "{answer}");
    }
    // What is not on the list is not called at all.
    let test = city(None, Some(sms("https://evil.example/send")), egress(&[], None)).await;
    let mut ctx = test.ctx(admin()).await;
    try_out(&mut ctx, Way::Sms, NUMBER).await.unwrap();
    ctx.commit().await.unwrap();
    work(&test).await;
    let found = states(&test).await.remove(0);
    assert_eq!(found.0, DeliveryState::Failed);
    assert!(found.2.unwrap().contains("egress.allow"));
}

#[tokio::test]
async fn the_simulator_keeps_words_inside_under_a_masked_number() {
    let test = city(Some(mail("simulator", "")), Some(sms("simulator")), egress(&[], None)).await;
    let code = async || {
        let mut ctx = test.ctx(admin()).await;
        let found = outside(&mut ctx).await.unwrap().deliveries;
        assert_eq!(found[0].shown, "138****1234");
        six_digits(found[0].text.as_deref().unwrap())
    };
    choose(&test, Way::Sms, NUMBER, code).await;
    tell(&test).await;
    work(&test).await;
    let mut ctx = test.ctx(admin()).await;
    let all = outside(&mut ctx).await.unwrap();
    assert!(all.ways.iter().all(|way| way.simulated));
    assert_eq!(all.ways[1].counts, [0, 2, 0]);
    let told = |text: &str| text.contains("有新的待办");
    assert!(all.deliveries.iter().any(|one| one.text.as_deref().is_some_and(told)));
    let mut ctx = test.ctx(citizen()).await;
    assert_eq!(outside(&mut ctx).await.unwrap_err().kind(), Kind::Denied);
}

#[tokio::test]
async fn an_address_is_proven_with_its_code_alone() {
    let test = city(None, Some(sms("simulator")), egress(&[], None)).await;
    let mut ctx = test.ctx(citizen()).await;
    for typed in ["", "1380000", "a@b.cn", "13800001234\n13900001234"] {
        let error = set_channel(&mut ctx, Way::Sms, typed, Lang::Zh).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "address", "{typed:?}");
    }
    let error = set_channel(&mut ctx, Way::Mail, ADDRESS, Lang::Zh).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "way", "the city has no mail");
    let first = set_channel(&mut ctx, Way::Sms, NUMBER, Lang::Zh).await.unwrap();
    ctx.commit().await.unwrap();
    work(&test).await;
    tell(&test).await;
    work(&test).await;
    assert_eq!(states(&test).await.len(), 1, "nothing but the code before it is proven");
    let mut ctx = test.ctx(admin()).await;
    let right = six_digits(outside(&mut ctx).await.unwrap().deliveries[0].text.as_ref().unwrap());
    drop(ctx);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    // Somebody else does not get at it.
    let other = Actor { person: Some(Uuid::from_u128(8)), ..citizen() };
    let mut ctx = test.ctx(other).await;
    let absent = confirm_channel(&mut ctx, first.id, &right).await.unwrap_err();
    assert_eq!(absent.kind(), Kind::NotFound);
    drop(ctx);
    for _ in 0..5 {
        let mut ctx = test.ctx(citizen()).await;
        assert!(confirm_channel(&mut ctx, first.id, wrong).await.unwrap().is_err());
        ctx.commit().await.unwrap();
    }
    let mut ctx = test.ctx(citizen()).await;
    assert!(confirm_channel(&mut ctx, first.id, &right).await.unwrap().is_err(), "tried too often");
    for _ in 0..4 {
        set_channel(&mut ctx, Way::Sms, NUMBER, Lang::Zh).await.unwrap();
    }
    let error = set_channel(&mut ctx, Way::Sms, NUMBER, Lang::Zh).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "address", "five codes on one day");
    drop(ctx);
    // An agent without leave to apply does not change where the company hears of its matters.
    let mut ctx = test.ctx(agent("citizen-agent:read")).await;
    assert_eq!(
        set_channel(&mut ctx, Way::Sms, NUMBER, Lang::Zh).await.unwrap_err().kind(),
        Kind::Denied
    );
    let mut ctx = test.ctx(agent("citizen-agent:apply")).await;
    set_channel(&mut ctx, Way::Sms, NUMBER, Lang::En).await.unwrap();
}
