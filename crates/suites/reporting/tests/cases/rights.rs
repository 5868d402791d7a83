//! Who may order a run, and that nobody but the platform makes one.

use time::macros::date;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_reporting::{feedback, feedbacks, order, runs, up};

use crate::world::{city, item, key, staff, wanted};

#[tokio::test]
async fn the_system_administrator_orders_and_sees_counts_and_makes_no_run() {
    let test = city(item()).await;
    let (from, to) = (date!(2026 - 02 - 01), date!(2026 - 03 - 01));
    let mut ctx = test.ctx(staff("system-admin")).await;
    order(&mut ctx, from, to, "定期报送").await.unwrap();
    assert_eq!(runs(&mut ctx).await.unwrap(), []);
    assert_eq!(feedbacks(&mut ctx).await.unwrap(), []);
    let made = up(&mut ctx, &wanted(), "me", &key()).await;
    assert_eq!(made.err().map(|error| error.kind()), Some(Kind::Denied));
    for role in ["head", "window", "steward", "security-admin", "audit-admin", "evaluator"] {
        let mut ctx = test.ctx(staff(role)).await;
        let denied = order(&mut ctx, from, to, "定期报送").await.unwrap_err();
        assert_eq!(denied.kind(), Kind::Denied, "{role}");
        assert_eq!(runs(&mut ctx).await.unwrap_err().kind(), Kind::Denied, "{role}");
        assert_eq!(feedback(&mut ctx, "").await.unwrap_err().kind(), Kind::Denied, "{role}");
    }
}

#[tokio::test]
async fn an_order_without_sense_is_refused_with_its_field() {
    let test = city(item()).await;
    let rows = [
        (date!(2026 - 03 - 01), date!(2026 - 02 - 01), "定期报送", "to"),
        (date!(2026 - 02 - 01), date!(2027 - 01 - 01), "定期报送", "to"),
        (date!(2024 - 02 - 01), date!(2026 - 02 - 01), "定期报送", "from"),
        (date!(2026 - 02 - 01), date!(2026 - 02 - 02), "  ", "reason"),
    ];
    for (from, to, reason, field) in rows {
        let mut ctx = test.ctx(staff("system-admin")).await;
        let error = order(&mut ctx, from, to, reason).await.unwrap_err();
        assert_eq!(error.fields()[0].field, field, "{from} {to}");
    }
}
