//! Certificates of staff: each that is not sound is refused with its word, and a sound one opens its own account only.

use time::Duration;
use zhengtong_base::Failure as _;
use zhengtong_db::Actor;
use zhengtong_party::{LogIn, Token, Tried};
use zhengtong_signon::*;

use crate::authority::{Authority, DAYS, Kind};
use crate::world::{City, ORIGIN, PASSWORD, id};

fn trust(authorities: &[&Authority]) -> Trust {
    let (pem, lists): (Vec<_>, Vec<_>) = authorities.iter().map(|one| one.files()).unzip();
    Trust::new(Authorities::read(&pem, &lists).unwrap())
}

fn shown(leaf: &[u8]) -> Presented<'_> {
    Presented { leaf, chain: &[] }
}

/// A city that accepts the certificates of some authorities.
async fn city(trust: &Trust) -> City {
    City::trusting(trust).await
}

async fn look(city: &City, leaf: &[u8]) -> std::result::Result<Seen, String> {
    let ctx = city.visitor().await;
    judge(&ctx, &shown(leaf)).map_err(|text| text.en)
}

#[tokio::test]
async fn certificates_that_are_not_sound_are_refused_with_their_word() {
    let (ours, others) =
        (Authority::new("市局根证书", Kind::P256), Authority::new("别处", Kind::P256));
    // The same name, another key: a forger's.
    let forged = Authority::new("市局根证书", Kind::P256);
    let sound = ours.client("sound");
    let revoked = ours.client("revoked");
    ours.revoke("revoked");
    ours.list(DAYS);
    let city = city(&trust(&[&ours])).await;
    let rows = [
        ("expired", ours.certificate("old", ("20250101000000Z", "20260301000000Z"), "client")),
        (
            "not valid yet",
            ours.certificate("new", ("20260401000000Z", "20270101000000Z"), "client"),
        ),
        ("was revoked", revoked),
        ("no authority", others.client("other")),
        ("no authority", forged.client("forged")),
        ("no authority", ours.self_made("own")),
        ("not made for signing in", ours.certificate("server", DAYS, "server")),
        ("not made for signing in", ours.certificate("plain", DAYS, "plain")),
        ("not made for signing in", ours.certificate("root", DAYS, "root")),
        ("cannot be read", sound[..sound.len() - 9].to_vec()),
        ("cannot be read", [sound.clone(), vec![0]].concat()),
        ("cannot be read", b"not a certificate".to_vec()),
        ("cannot be read", Vec::new()),
        ("cannot be read", vec![0x30; 20_000]),
    ];
    for (word, leaf) in rows {
        let said = look(&city, &leaf).await.unwrap_err();
        assert!(said.contains(word), "{word}: {said}");
    }
    // One flipped byte anywhere is never taken.
    for place in (0..sound.len()).step_by(7) {
        let mut flipped = sound.clone();
        flipped[place] ^= 1;
        assert!(look(&city, &flipped).await.is_err(), "byte {place}");
    }
    let seen = look(&city, &sound).await.unwrap();
    assert_eq!((seen.subject.as_str(), seen.issuer.as_str()), ("示例 张三", "市局根证书"));
}

#[tokio::test]
async fn a_list_of_the_revoked_that_is_too_old_or_missing_stops_all_certificates() {
    let (ours, second) = (Authority::new("一", Kind::P256), Authority::new("二", Kind::P256));
    let (leaf, other) = (ours.client("a"), second.client("b"));
    let (pem, list) = ours.files();
    assert!(Authorities::read(std::slice::from_ref(&pem), &[]).is_err(), "no list, no trust");
    assert!(Authorities::read(&[], std::slice::from_ref(&list)).is_err());
    assert!(Authorities::read(&[b"nothing".to_vec()], std::slice::from_ref(&list)).is_err());
    assert!(Authorities::read(std::slice::from_ref(&pem), &[b"nothing".to_vec()]).is_err());

    // The second authority is believed, but nobody says what it took back.
    let trust = Trust::new(Authorities::read(&[pem, second.files().0], &[list]).unwrap());
    let city = city(&trust).await;
    assert!(look(&city, &leaf).await.is_ok());
    assert!(look(&city, &other).await.unwrap_err().contains("cannot be told"));

    ours.list(("20260101000000Z", "20260215000000Z"));
    let (pem, list) = ours.files();
    trust.set(Authorities::read(std::slice::from_ref(&pem), &[list]).unwrap());
    assert!(look(&city, &leaf).await.unwrap_err().contains("too old"));
    // A newer list is in force at once.
    ours.revoke("a");
    ours.list(DAYS);
    trust.set(Authorities::read(&[pem], &[ours.files().1]).unwrap());
    assert!(look(&city, &leaf).await.unwrap_err().contains("was revoked"));
}

#[tokio::test]
async fn certificates_of_sm2_and_rsa_count_and_those_of_other_curves_do_not() {
    for (kind, taken) in [(Kind::Sm2, true), (Kind::Rsa, true), (Kind::K256, false)] {
        let ours = Authority::new("根", kind);
        let (leaf, gone) = (ours.client("a"), ours.client("b"));
        ours.revoke("b");
        ours.list(DAYS);
        let city = city(&trust(&[&ours])).await;
        match look(&city, &leaf).await {
            Ok(_) => assert!(taken, "{kind:?}"),
            Err(said) => assert!(!taken && said.contains("algorithm"), "{kind:?}: {said}"),
        }
        if taken {
            assert!(look(&city, &gone).await.unwrap_err().contains("was revoked"), "{kind:?}");
            let forger = Authority::new("根", kind).client("a");
            assert!(look(&city, &forger).await.unwrap_err().contains("no authority"), "{kind:?}");
        }
    }
}

async fn half_way(city: &City, login: &str) -> Token {
    let mut ctx = city.visitor().await;
    let done = zhengtong_party::log_in(&mut ctx, login, PASSWORD, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    match done {
        Tried::Done(LogIn::CodeNeeded(token)) => token,
        other => panic!("{other:?}"),
    }
}

async fn second_step(
    city: &City,
    pending: &Token,
    leaf: &[u8],
) -> std::result::Result<Actor, String> {
    let mut ctx = city.visitor().await;
    let entered = enter_with_certificate(&mut ctx, pending, &shown(leaf)).await.unwrap();
    ctx.commit().await.unwrap();
    match entered {
        Entered::In(token) => {
            Ok(zhengtong_party::actor(&city.test.db, &token).await.unwrap().unwrap())
        }
        Entered::Refused(text) => Err(text.en),
    }
}

async fn enrol(
    city: &City,
    actor: &Actor,
    leaf: &[u8],
) -> std::result::Result<Option<Token>, String> {
    let mut ctx = city.test.ctx(actor.clone()).await;
    let done = add_certificate(&mut ctx, &shown(leaf)).await;
    let done = done.map_err(|error| error.text().en);
    if done.is_ok() {
        ctx.commit().await.unwrap();
    }
    done
}

#[tokio::test]
async fn a_certificate_is_the_second_factor_of_the_account_that_enrolled_it() {
    let ours = Authority::new("根", Kind::P256);
    let (mine, hers, bad) = (ours.client("mine"), ours.client("hers"), ours.self_made("bad"));
    let trust = trust(&[&ours]);
    let city = city(&trust).await;
    let (reviewer, security) = (city.enter("reviewer").await, city.enter("security").await);
    assert_eq!(enrol(&city, &reviewer, &mine).await, Ok(None), "the session was strong already");
    assert_eq!(enrol(&city, &security, &hers).await, Ok(None));
    assert!(enrol(&city, &security, &mine).await.unwrap_err().contains("enrolled already"));
    assert!(enrol(&city, &reviewer, &bad).await.unwrap_err().contains("no authority"));
    let citizen = city.enter("citizen").await;
    assert!(enrol(&city, &citizen, &ours.client("x")).await.unwrap_err().contains("for staff"));

    // Without the password it opens nothing; with it, its own account only.
    let nobody = Token::from_text("guess");
    assert!(second_step(&city, &nobody, &mine).await.unwrap_err().contains("too long"));
    let pending = half_way(&city, "reviewer").await;
    for (leaf, word) in [(&hers, "not enrolled"), (&bad, "no authority")] {
        assert!(second_step(&city, &pending, leaf).await.unwrap_err().contains(word), "{word}");
    }
    let actor = second_step(&city, &pending, &mine).await.unwrap();
    assert_eq!(actor.roles, ["reviewer"]);
    assert!(second_step(&city, &pending, &mine).await.is_err(), "the proof is used up");
    let late = half_way(&city, "reviewer").await;
    city.test.clock.advance(Duration::minutes(5));
    assert!(second_step(&city, &late, &mine).await.unwrap_err().contains("too long"));

    let opened: (String, bool) = sqlx::query_as(
        "SELECT means, strong FROM party.session WHERE means LIKE '%certificate' ORDER BY created DESC LIMIT 1",
    )
    .fetch_one(city.test.db.pool())
    .await
    .unwrap();
    assert_eq!(opened, ("password+certificate".to_owned(), true));
    let refused = city.record("signon.enter").await;
    assert_eq!(refused.iter().filter(|why| why.starts_with("refused: ")).count(), 2, "{refused:?}");

    // What the authority takes back opens nothing from the moment on that its list says so.
    ours.revoke("mine");
    ours.list(DAYS);
    let (pem, list) = ours.files();
    trust.set(Authorities::read(&[pem], &[list]).unwrap());
    let pending = half_way(&city, "reviewer").await;
    assert!(second_step(&city, &pending, &mine).await.unwrap_err().contains("was revoked"));
    let stored: String =
        sqlx::query_scalar("SELECT string_agg(t::text, ' ') FROM signon.certificate AS t")
            .fetch_one(city.test.db.pool())
            .await
            .unwrap();
    assert!(!stored.contains("张三"), "the name of the holder is not kept: {stored}");
}

#[tokio::test]
async fn a_certificate_that_is_all_there_is_stays_until_there_is_another_factor() {
    let ours = Authority::new("根", Kind::P256);
    let leaf = ours.client("a");
    let city = city(&trust(&[&ours])).await;
    // Staff who have no factor yet: the certificate is their first, and the session is strong by it.
    sqlx::query("UPDATE party.account SET totp_secret = NULL WHERE login = 'reviewer'")
        .execute(city.test.db.pool())
        .await
        .unwrap();
    let mut ctx = city.visitor().await;
    let done = zhengtong_party::log_in(&mut ctx, "reviewer", PASSWORD, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    let Tried::Done(LogIn::Done(token)) = done else { panic!("{done:?}") };
    let actor = zhengtong_party::actor(&city.test.db, &token).await.unwrap().unwrap();
    assert_eq!(actor.roles, [zhengtong_party::HALF_WAY]);
    let token = enrol(&city, &actor, &leaf).await.unwrap().unwrap();
    let actor = zhengtong_party::actor(&city.test.db, &token).await.unwrap().unwrap();
    assert_eq!(actor.roles, ["reviewer"]);
    let mut ctx = city.test.ctx(actor).await;
    let card = certificates(&mut ctx).await.unwrap().remove(0);
    let kept = remove_certificate(&mut ctx, card.id).await.unwrap_err();
    assert!(kept.text().en.contains("only second factor"));
    drop(ctx);

    // Nor does an administrator take it away in passing; of a disabled account it may go.
    let account = id(2011);
    let security = city.enter("security").await;
    let withdraw = async |why: &str| {
        let mut ctx = city.test.ctx(security.clone()).await;
        let listed = certificates_of(&mut ctx, account).await.unwrap();
        let done = withdraw_certificate(&mut ctx, account, card.id, why).await;
        let done = done.map_err(|error| error.text().en);
        if done.is_ok() {
            ctx.commit().await.unwrap();
        }
        (listed.len(), done)
    };
    assert!(withdraw("lost the card").await.1.unwrap_err().contains("only second factor"));
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    zhengtong_party::disable_account(&mut ctx, account, "丢了证书介质").await.unwrap();
    ctx.commit().await.unwrap();
    assert!(withdraw(" x ").await.1.is_err(), "say why");
    assert_eq!(withdraw("lost the card").await, (1, Ok(())));
    assert_eq!(withdraw("lost the card").await.0, 0);
    assert_eq!(city.record("signon.withdraw_certificate").await, ["lost the card"]);
}

#[tokio::test]
async fn a_withdrawn_certificate_ends_the_sessions_and_a_recovery_takes_all_of_them() {
    let ours = Authority::new("根", Kind::P256);
    let (leaf, other) = (ours.client("a"), ours.client("b"));
    let city = city(&trust(&[&ours])).await;
    let reviewer = city.enter("reviewer").await;
    enrol(&city, &reviewer, &leaf).await.unwrap();
    city.test.clock.advance(Duration::seconds(1));
    enrol(&city, &reviewer, &other).await.unwrap();
    let security = city.enter("security").await;
    let account = id(2011);
    let mut ctx = city.test.ctx(security).await;
    let first = certificates_of(&mut ctx, account).await.unwrap().remove(0);
    withdraw_certificate(&mut ctx, account, first.id, "lost the card").await.unwrap();
    ctx.commit().await.unwrap();
    let open: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM party.session WHERE account = $1 AND revoked_at IS NULL",
    )
    .bind(account)
    .fetch_one(city.test.db.pool())
    .await
    .unwrap();
    assert_eq!(open, 0);
    let pending = half_way(&city, "reviewer").await;
    assert!(second_step(&city, &pending, &leaf).await.is_err());
    assert!(second_step(&city, &pending, &other).await.is_ok());

    let mut ctx = city.test.ctx(Actor::system("test")).await;
    assert_eq!(forget_passkeys(&mut ctx, account).await.unwrap(), 1);
    ctx.commit().await.unwrap();
    let pending = half_way(&city, "reviewer").await;
    assert!(second_step(&city, &pending, &other).await.unwrap_err().contains("not enrolled"));
}

#[tokio::test]
async fn a_city_without_authorities_takes_no_certificate() {
    let city = City::new().await;
    let said = look(&city, &Authority::new("根", Kind::P256).client("a")).await.unwrap_err();
    assert!(said.contains("not accepted here"));
}
