//! Codes: of the grammar, given once, never given again.

use std::collections::BTreeSet;

use proptest::prelude::*;
use zhengtong_catalog::{Parts, slug, withdraw};
use zhengtong_pack::{Packs, Report};

use crate::world::{body, city, directory, office, published};

#[tokio::test]
async fn a_withdrawn_code_is_never_given_again() {
    let test = city().await;
    let mut given = BTreeSet::new();
    for round in 0..6 {
        let (id, code) = published(&test, body(&format!("资源{round}"))).await;
        assert!(given.insert(code.clone()), "{code} was given twice");
        if round % 2 == 0 {
            let mut ctx = test.ctx(office()).await;
            withdraw(&mut ctx, id, "系统已停用").await.unwrap();
            ctx.commit().await.unwrap();
        }
    }
    assert_eq!(given.len(), 6);
    // The table itself refuses to forget one.
    for statement in [
        "DELETE FROM catalog.code",
        "UPDATE catalog.code SET resource = gen_random_uuid()",
        "TRUNCATE catalog.code CASCADE",
    ] {
        let mut tx = test.db.begin_raw().await.unwrap();
        let error = sqlx::query(statement).execute(&mut *tx).await.unwrap_err().to_string();
        assert!(error.contains("never given again"), "{statement}: {error}");
    }
}

#[test]
fn five_provincial_grammars_and_the_national_one_are_declared_and_one_is_used() {
    let directory = directory();
    assert_eq!(directory.grammars().len(), 6);
    assert!(directory.grammars().iter().all(|grammar| !grammar.file.verified));
    let used = directory.grammars().iter().filter(|grammar| grammar.file.used).count();
    assert_eq!(used, 1);
    let leaves = directory.classes().filter(|(code, _)| directory.is_leaf(code)).count();
    assert_eq!(leaves, 568);
    let units: BTreeSet<_> =
        directory.classes().filter_map(|(_, class)| class.unit.clone()).collect();
    assert_eq!(units.len(), 55);
}

#[test]
fn a_code_out_of_the_grammar_is_refused_and_says_why() {
    let directory = directory();
    let grammar = directory.grammar(time::macros::date!(2026 - 03 - 02)).unwrap();
    for good in ["338001/000001", "101001AB12/999999", "338001/000010"] {
        assert_eq!(grammar.check(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "/",
        "338001",
        "338001/",
        "338001/1",
        "338001/000000",
        "338001000001",
        "938001/000001",
        "33800/000001",
        "338001ab/000001",
        "338001ABCDEFG/000001",
        "338001/0000011",
        "３38001/000001",
        "338001/00000x",
        "338001-000001",
    ] {
        assert!(grammar.check(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_pack_with_a_grammar_that_cannot_be_read_back_is_refused() {
    let check = |body: &str, wrong: &str| {
        let mut report = Report::default();
        let files = [
            ("pack.toml".to_owned(), "id = \"x\"\ntitle = { zh = \"甲\", en = \"A\" }\nsummary = { zh = \"甲\", en = \"A\" }\nowner = \"x\"\nversion = \"1.0.0\"\nrows = []\nneeds = []\n".as_bytes().to_vec()),
            ("catalog/grammar-x.toml".to_owned(), body.as_bytes().to_vec()),
        ];
        let packs = Packs::from_files(
            [("x".to_owned(), files.into_iter().collect())].into_iter().collect(),
            &mut report,
        );
        zhengtong_catalog::read(&packs, &mut report);
        let said: Vec<String> = report.errors().map(|one| one.text.en.clone()).collect();
        assert!(said.iter().any(|one| one.contains(wrong)), "{wrong}: {said:?}");
    };
    let head = "title = { zh = \"甲\", en = \"A\" }\nstandard = { zh = \"甲\", en = \"A\" }\nsource = { zh = \"甲\", en = \"A\" }\nverified = false\n";
    let free = "[[segment]]\ntitle = { zh = \"甲\", en = \"A\" }\nkind = \"free\"\nlength = 4\nfrom = \"detail\"\n";
    check(&format!("{head}valid_from = \"2026-01-01\"\nsequence = 6\n{free}"), "separator stands");
    check(
        &format!(
            "{head}valid_from = \"2026-01-01\"\nseparator = \"/\"\nsequence = 6\n{free}{free}"
        ),
        "at most one segment",
    );
    check(
        &format!("{head}valid_from = \"someday\"\nseparator = \"/\"\nsequence = 6\n{free}"),
        "a date",
    );
    check(
        &format!("{head}valid_from = \"2026-01-01\"\nseparator = \"/\"\nsequence = 2\n{free}"),
        "3 to 12",
    );
    check(
        &format!("{head}valid_from = \"2026-01-01\"\nseparator = \"a\"\nsequence = 6\n{free}"),
        "a sign",
    );
}

proptest! {
    /// What a grammar composes it reads back, two numbers or classes never give one code, and nothing else is read.
    #[test]
    fn codes_are_read_back_and_never_meet(
        group in 0_u32..999_999,
        other in 0_u32..999_999,
        number in 1_i64..999_999,
        next in 1_i64..999_999,
        noise in "[0-9A-Z/]{0,20}",
    ) {
        let directory = directory();
        for grammar in directory.grammars() {
            let class = |group: u32| format!("{}{group:06}", group % 3 + 1)[..6].to_owned();
            let compose = |group: u32, number: i64| {
                let class = class(group);
                let parts = Parts { class: &class, region: "330100", unit: "" };
                grammar.code(&grammar.prefix(parts).unwrap(), number).unwrap()
            };
            let (one, two) = (compose(group, number), compose(other, next));
            prop_assert_eq!(grammar.check(&one), Ok(()));
            let same = class(group) == class(other) && number == next;
            prop_assert_eq!(one == two, same);
            prop_assert_eq!(slug(&one) == slug(&two), same);
            if grammar.check(&noise).is_ok() {
                prop_assert!(noise.contains('/'));
            }
        }
    }
}
