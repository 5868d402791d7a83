//! Who sees which paper, what a stranger may know, and revocation.

use time::Duration;
use time::macros::date;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_db::Actor;
use zhengtong_document::{NewDocument, State, issue, mine, of_case, open, pdf, revoke, verify};

use crate::kit::{City, POLICY, citizen, staff};

#[tokio::test]
async fn everyone_sees_their_own_and_nothing_else() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let licence = issue(&mut ctx, city.licence()).await.unwrap();
    let decision = issue(&mut ctx, city.decision("王小样", "准予。")).await.unwrap();
    ctx.commit().await.unwrap();

    let paging = Paging::new(1, 20);
    let mut alone = city.test.ctx(citizen(city.holder)).await;
    let page = mine(&mut alone, paging).await.unwrap();
    assert_eq!(page.rows.iter().map(|paper| paper.id).collect::<Vec<_>>(), [decision.id]);
    assert_eq!(open(&mut alone, licence.id).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(pdf(&mut alone, licence.id).await.unwrap_err().kind(), Kind::NotFound);
    assert!(of_case(&mut alone, "330106-FB-2026-000001").await.unwrap().is_empty());

    let mut agent = city.test.ctx(city.agent()).await;
    let page = mine(&mut agent, paging).await.unwrap();
    assert_eq!((page.total, page.rows.len()), (2, 2));
    assert_eq!(open(&mut agent, licence.id).await.unwrap(), licence);
    let of_case = of_case(&mut agent, "330106-FB-2026-000001").await.unwrap();
    assert_eq!(of_case, [licence]);

    let mut stranger = city.test.ctx(citizen(Uuid::new_v4())).await;
    assert_eq!(mine(&mut stranger, paging).await.unwrap().total, 0);
    let there = open(&mut stranger, decision.id).await.unwrap_err();
    let not_there = open(&mut stranger, Uuid::from_u128(9)).await.unwrap_err();
    assert_eq!((there.kind(), there.text()), (not_there.kind(), not_there.text()));
}

#[tokio::test]
async fn a_stranger_with_the_code_learns_whether_it_is_in_force() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let licence = issue(&mut ctx, city.licence()).await.unwrap();
    let coming = NewDocument { valid_from: Some(date!(2026 - 04 - 01)), ..city.licence() };
    let coming = issue(&mut ctx, coming).await.unwrap();
    let person = issue(&mut ctx, city.decision("欧阳小样", "准予。")).await.unwrap();
    ctx.commit().await.unwrap();

    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let typed = format!(" {}-{} ", &licence.code[..8].to_lowercase(), &licence.code[8..]);
    let public = verify(&mut ctx, &typed).await.unwrap().unwrap();
    assert_eq!(public.state, State::Valid);
    assert_eq!((&public.number, public.holder.as_str()), (&licence.number, "示例餐饮有限公司"));
    let public = verify(&mut ctx, &person.code).await.unwrap().unwrap();
    assert_eq!(public.holder, "欧***");
    let public = verify(&mut ctx, &coming.code).await.unwrap().unwrap();
    assert_eq!(public.state, State::Coming);
    for unknown in ["", "nonsense", "00000000000000000000000000"] {
        assert_eq!(verify(&mut ctx, unknown).await.unwrap(), None);
    }
    ctx.commit().await.unwrap();
    let used = city.verbs().await.into_iter().filter(|verb| verb == "document.verify").count();
    assert_eq!(used, 3);

    city.test.clock.advance(Duration::days(366 * 5));
    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let public = verify(&mut ctx, &licence.code).await.unwrap().unwrap();
    assert_eq!(public.state, State::Expired);
}

#[tokio::test]
async fn a_paper_is_revoked_once_for_a_reason() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let licence = issue(&mut ctx, city.licence()).await.unwrap();
    ctx.commit().await.unwrap();

    let mut ctx = city.test.ctx(city.agent()).await;
    assert_eq!(revoke(&mut ctx, licence.id, "x").await.unwrap_err().kind(), Kind::NotFound);
    let mut ctx = city.test.ctx(staff()).await;
    for reason in ["", "  ", "a\0b"] {
        let error = revoke(&mut ctx, licence.id, reason).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "reason");
    }
    let revoked = revoke(&mut ctx, licence.id, "以欺骗手段取得").await.unwrap();
    let revocation = revoked.revoked.as_ref().unwrap();
    assert_eq!(revocation.reason, "以欺骗手段取得");
    assert_eq!(revocation.by, staff().name);
    let again = revoke(&mut ctx, licence.id, "又一次").await.unwrap_err();
    assert_eq!(again.kind(), Kind::Conflict);
    ctx.commit().await.unwrap();

    let mut ctx = city.test.ctx(Actor::visitor()).await;
    let public = verify(&mut ctx, &licence.code).await.unwrap().unwrap();
    assert_eq!(public.state, State::Revoked);
    assert_eq!(public.revoked, Some(date!(2026 - 03 - 02)));
}
