//! The six lists: what each asks for, and that entries end without being lost.

use zhengtong_base::Failure as _;
use zhengtong_catalog::{ListKind, NewEntry, enter, entries, strike};

use crate::world::{body, city, other_steward, published, steward};

#[tokio::test]
async fn each_list_asks_for_what_it_needs() {
    let test = city().await;
    let (_, code) = published(&test, body("市场主体名录")).await;
    let some = |text: &str| Some(text.to_owned());
    let new = |note: &str, item, resource, other| NewEntry {
        title: "市场主体登记".to_owned(),
        note: note.to_owned(),
        item,
        resource,
        other,
    };
    let law = "《示例条例》第一条";
    let rows = [
        (ListKind::Duty, new("", None, None, None), Some("note")),
        (ListKind::Duty, new("", some("nothing:here"), None, None), Some("item")),
        (ListKind::Duty, new("", some("food-business:new"), None, None), None),
        (ListKind::System, new("", None, None, None), None),
        (ListKind::Data, new("", None, None, None), Some("resource")),
        (ListKind::Data, new("", None, some("338001/000099"), None), Some("resource")),
        (ListKind::Data, new("", None, some(&code), None), None),
        (ListKind::Demand, new("办食品许可要核验学校", None, None, None), Some("other")),
        (ListKind::Demand, new("办食品许可要核验学校", None, None, some("education")), None),
        (ListKind::Responsibility, new("", None, some(&code), some("nobody")), Some("other")),
        (ListKind::Negative, new("", None, None, None), Some("note")),
        (ListKind::Negative, new(law, None, None, None), None),
    ];
    for (list, new, wrong) in rows {
        let mut ctx = test.ctx(steward()).await;
        let outcome = enter(&mut ctx, list, new.clone()).await;
        match wrong {
            None => {
                outcome.unwrap();
                ctx.commit().await.unwrap();
            }
            Some(field) => {
                let fields = outcome.unwrap_err().fields();
                assert!(fields.iter().any(|one| one.field == field), "{list:?} {new:?} {fields:?}");
            }
        }
    }
    let mut ctx = test.ctx(steward()).await;
    let duty = entries(&mut ctx, ListKind::Duty, 1).await.unwrap();
    assert_eq!(duty.total, 1);
    assert!(strike(&mut test.ctx(other_steward()).await, duty.rows[0].id).await.is_err());
    strike(&mut ctx, duty.rows[0].id).await.unwrap();
    assert_eq!(entries(&mut ctx, ListKind::Duty, 1).await.unwrap().total, 0);
    assert!(strike(&mut ctx, duty.rows[0].id).await.is_err());
}
