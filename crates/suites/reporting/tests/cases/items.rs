//! An item goes up once, again when it changed, and not while it breaks a rule; the files say so by digest and signature.

use zhengtong_crypto::{Digest, Signature, VerifyingKey, from_hex};
use zhengtong_db::Actor;
use zhengtong_reporting::{MANIFEST, SIGNATURE, faults};

use crate::world::{city, item, key, load, run, sent};

const BASIC: &str = "up_task_general_basic";

#[tokio::test]
async fn a_change_is_sent_as_a_change_and_nothing_twice() {
    let test = city(item()).await;
    let first = run(&test).await;
    assert_eq!(first.faults, []);
    for table in
        [BASIC, "up_task_directory", "up_task_general_material", "up_task_general_questions"]
    {
        assert_eq!(sent(&first, table), 1, "{table}");
    }
    let again = run(&test).await;
    assert_eq!((sent(&again, BASIC), again.run.tables[0].same), (0, 1));
    assert_ne!(again.run.batch, first.run.batch);
    let mut changed = item();
    changed.hours = "9:00–18:00".to_owned();
    let test = load(test, changed);
    let third = run(&test).await;
    assert_eq!((sent(&third, BASIC), sent(&third, "up_task_directory")), (1, 0));
    let csv = third.files.iter().find(|(name, _)| name == "up_task_general_basic.csv").unwrap();
    let csv = String::from_utf8(csv.1.clone()).unwrap();
    assert!(csv.contains("\"U\"") && csv.contains("9:00–18:00") && csv.contains(&third.run.batch));
}

#[tokio::test]
async fn what_breaks_a_rule_is_left_out_listed_and_goes_when_mended() {
    let mut wrong = item();
    wrong.basis = vec!["法".repeat(300)];
    wrong.kind = "77".to_owned();
    wrong.hours = String::new();
    let test = city(wrong).await;
    let package = run(&test).await;
    assert_eq!((sent(&package, BASIC), sent(&package, "up_task_general_material")), (0, 1));
    let mut ctx = test.ctx(Actor::system("report")).await;
    let kept = faults(&mut ctx, package.run.id).await.unwrap();
    drop(ctx);
    let found: Vec<(&str, &str)> = kept
        .iter()
        .filter(|fault| fault.table == BASIC)
        .map(|fault| (fault.field.as_str(), fault.rule.as_str()))
        .collect();
    let expected = [("by_law", "length"), ("task_type", "code"), ("transact_time", "required")];
    assert_eq!(found, expected);
    assert!(kept.iter().all(|fault| fault.subject == "sample:one" && !fault.mend.zh.is_empty()));
    assert!(kept.iter().all(|fault| !fault.mend.zh.contains("法法")), "values are not repeated");
    let test = load(test, item());
    let mended = run(&test).await;
    assert_eq!((sent(&mended, BASIC), mended.run.left_out), (1, 0));
}

#[tokio::test]
async fn the_manifest_is_signed_and_names_every_file_by_its_digest() {
    let test = city(item()).await;
    let package = run(&test).await;
    let file = |name: &str| &package.files.iter().find(|(known, _)| known == name).unwrap().1;
    let manifest = file(MANIFEST);
    let text = String::from_utf8(manifest.clone()).unwrap();
    for (name, bytes) in &package.files {
        if name != MANIFEST && name != SIGNATURE {
            assert!(text.contains(&Digest::of(bytes).to_string()), "{name}");
        }
    }
    let signature: serde_json::Value = serde_json::from_slice(file(SIGNATURE)).unwrap();
    let bytes = |name: &str| from_hex(signature[name].as_str().unwrap()).unwrap();
    let public = VerifyingKey::from_bytes(bytes("public_key").try_into().unwrap()).unwrap();
    assert_eq!(public.as_bytes(), key().verifying_key().as_bytes());
    let signed = Signature::from_slice(&bytes("signature")).unwrap();
    public.verify(manifest, &signed).unwrap();
    let mut flipped = manifest.clone();
    flipped[10] ^= 1;
    assert!(public.verify(&flipped, &signed).is_err());
}

#[tokio::test]
async fn an_item_of_penalties_goes_up_with_what_it_punishes_and_not_without() {
    const PUNISH: &str = "up_task_punish_basic";
    let mut penalty = item();
    penalty.kind = "02".to_owned();
    let test = city(penalty.clone()).await;
    let without = run(&test).await;
    assert_eq!(sent(&without, PUNISH), 0);
    let mut ctx = test.ctx(Actor::system("report")).await;
    let kept = faults(&mut ctx, without.run.id).await.unwrap();
    drop(ctx);
    let fields: Vec<&str> = kept
        .iter()
        .filter(|fault| fault.table == PUNISH)
        .map(|fault| fault.field.as_str())
        .collect();
    assert_eq!(fields, ["punishment_method"]);
    penalty.punishment = "1.行为：无证经营；种类：罚款；幅度：五万元以上十万元以下".to_owned();
    let test = load(test, penalty);
    let whole = run(&test).await;
    assert_eq!((sent(&whole, PUNISH), whole.run.left_out), (1, 0));
    let csv = whole.files.iter().find(|(name, _)| name == "up_task_punish_basic.csv").unwrap();
    assert!(String::from_utf8(csv.1.clone()).unwrap().contains("五万元以上十万元以下"));
}
