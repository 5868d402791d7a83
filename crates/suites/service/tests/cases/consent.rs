//! Without consent nothing is taken and nothing is kept.

use zhengtong_casework::mine;
use zhengtong_service::{Consent, submit};

use crate::world::{AGREED, agent, city, fields, filled, reasons, rows};

#[tokio::test]
async fn without_consent_nothing_is_kept() {
    let test = city().await;
    let draft = filled(&test).await;
    let cases = [
        (Consent { sharing: false, truth: true }, vec!["sharing"]),
        (Consent { sharing: true, truth: false }, vec!["truth"]),
        (Consent { sharing: false, truth: false }, vec!["sharing", "truth"]),
    ];
    for (consent, missing) in cases {
        let mut ctx = test.ctx(agent()).await;
        ctx.key = Some("k1".to_owned());
        let error = submit(&mut ctx, draft, consent).await.unwrap_err();
        assert_eq!(fields(&error), missing);
    }
    for table in [r#"casework."case""#, "casework.material", "process.instance", "db.answer"] {
        assert_eq!(rows(&test, table).await, 0, "{table}");
    }
    assert!(reasons(&test, "service.submit").await.is_empty());
    // The same page with the boxes ticked goes through, also under the key of the first try.
    let mut ctx = test.ctx(agent()).await;
    ctx.key = Some("k1".to_owned());
    let no = submit(&mut ctx, draft, AGREED).await.unwrap();
    ctx.commit().await.unwrap();
    let said = reasons(&test, "service.submit").await;
    assert!(said[0].contains("consent to sharing: true"), "{said:?}");
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(mine(&mut ctx, 1).await.unwrap().rows[0].no, no);
}
