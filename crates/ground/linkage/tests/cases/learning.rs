//! Learning without examples, and what is found by it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use zhengtong_linkage::{
    Comparer, Error, FieldPlan, Index, Linked, Part, Pass, Plan, Pool, Record, Settings, Verdict,
    estimate, link,
};

use super::people;

fn pool(plan: &Plan, records: &[Record]) -> Pool {
    let mut pool = Pool::new(plan).unwrap();
    for record in records {
        pool.add(plan, record).unwrap();
    }
    pool
}

fn settings() -> Settings {
    Settings { random_pairs: 200_000, ..Settings::default() }
}

fn linked(count: usize) -> (Vec<Record>, Vec<usize>, Linked) {
    let (records, truth) = people::records(count, 7);
    let plan = people::plan();
    let linked = link(&plan, &pool(&plan, &records), None, &settings()).unwrap();
    (records, truth, linked)
}

#[test]
fn parameters_of_a_fixed_set() {
    let (records, _) = people::records(4_000, 11);
    let plan = people::plan();
    let found = estimate(&plan, &pool(&plan, &records), &settings()).unwrap();
    let mut said = String::new();
    for (field, model) in plan.fields.iter().zip(&found.model.fields) {
        writeln!(said, "{}", field.name).unwrap();
        let levels = field.comparer.levels().iter().zip(model.same.iter().zip(&model.strangers));
        for (level, (same, strangers)) in levels {
            writeln!(said, "  {level:<14} same {same:.4}  strangers {strangers:.6}").unwrap();
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn the_same_are_found_and_strangers_are_not() {
    let (records, truth, linked) = linked(20_000);
    let mut counts = std::collections::BTreeMap::<usize, u64>::new();
    for who in &truth {
        *counts.entry(*who).or_default() += 1;
    }
    let all: u64 = counts.values().map(|count| count * (count - 1) / 2).sum();
    let of = |id: zhengtong_linkage::RecordId| truth[usize::try_from(id.0 - 1).unwrap()];
    let sure: Vec<_> = linked.links.iter().filter(|link| link.verdict == Verdict::Same).collect();
    let right = sure.iter().filter(|link| of(link.left) == of(link.right)).count();
    let (right, found) = (u32::try_from(right).unwrap(), u32::try_from(sure.len()).unwrap());
    let precision = f64::from(right) / f64::from(found);
    let recall = f64::from(right) / f64::from(u32::try_from(all).unwrap());
    assert!(precision >= 0.999, "precision {precision} of {found} pairs among {}", records.len());
    assert!(recall >= 0.98, "recall {recall} of {all}");
}

#[test]
fn the_same_seed_gives_the_same_and_the_order_does_not_matter() {
    let (mut records, _) = people::records(3_000, 3);
    let plan = people::plan();
    let first = link(&plan, &pool(&plan, &records), None, &settings()).unwrap();
    let again = link(&plan, &pool(&plan, &records), None, &settings()).unwrap();
    assert_eq!(first, again);
    records.reverse();
    let turned =
        link(&plan, &pool(&plan, &records), Some(first.model.clone()), &settings()).unwrap();
    let pairs = |linked: &Linked| -> BTreeSet<_> {
        linked
            .links
            .iter()
            .map(|link| (link.left.min(link.right), link.left.max(link.right)))
            .collect()
    };
    assert_eq!(pairs(&first), pairs(&turned));
}

#[test]
fn one_by_one_finds_what_all_at_once_finds() {
    let (records, _, linked) = linked(3_000);
    let plan = people::plan();
    let mut index =
        Index::new(plan.clone(), linked.model.clone(), pool(&plan, &records[..1_500])).unwrap();
    let begun =
        link(&plan, &pool(&plan, &records[..1_500]), Some(linked.model.clone()), &settings())
            .unwrap();
    let ordered = |a: zhengtong_linkage::RecordId, b| (a.min(b), a.max(b));
    let mut pairs: BTreeSet<_> =
        begun.links.iter().map(|link| ordered(link.left, link.right)).collect();
    for record in &records[1_500..] {
        pairs.extend(index.add(record).unwrap().iter().map(|found| ordered(found.id, record.id)));
    }
    let all: BTreeSet<_> = linked.links.iter().map(|link| ordered(link.left, link.right)).collect();
    assert_eq!(index.len(), records.len());
    assert_eq!(pairs, all);
}

#[test]
fn what_cannot_be_learned_is_said() {
    let plan = people::plan();
    let (records, _) = people::records(12, 1);
    let few = estimate(&plan, &pool(&plan, &records), &settings());
    assert_eq!(few, Err(Error::TooFew { found: 12, least: 20 }));

    let (records, _) = people::records(2_000, 1);
    let strict = Settings { rounds: 2, ..settings() };
    let moving = estimate(&plan, &pool(&plan, &records), &strict);
    assert!(matches!(moving, Err(Error::NotConverged { rounds: 2, .. })), "{moving:?}");

    let mut narrow = plan.clone();
    narrow.passes =
        vec![Pass(vec![Part::Whole(0), Part::Whole(1), Part::Whole(2), Part::Whole(4)])];
    let narrow = estimate(&narrow, &pool(&narrow, &records), &settings());
    assert_eq!(narrow, Err(Error::TooFewFields { pass: 0, left: 2 }));

    let mut one_sided = plan.clone();
    one_sided.passes = vec![Pass(vec![Part::Whole(1)])];
    let one_sided = estimate(&one_sided, &pool(&one_sided, &records), &settings());
    assert_eq!(one_sided, Err(Error::NoEvidence("id_number".to_owned())));
}

#[test]
fn a_field_that_tells_nothing_is_refused() {
    let mut plan = people::plan();
    plan.fields.push(FieldPlan {
        name: "noise".to_owned(),
        comparer: Comparer::Number,
        rarity: false,
    });
    let (mut records, _) = people::records(3_000, 5);
    let mut chance = people::Chance(9);
    for record in &mut records {
        record.values.push(chance.below(100_000_000).to_string().as_str().into());
    }
    let found = estimate(&plan, &pool(&plan, &records), &settings());
    assert_eq!(found, Err(Error::NotIdentified("noise".to_owned())));
}

#[test]
fn a_plan_that_cannot_work_is_refused() {
    let plan = people::plan();
    let refused = |change: fn(&mut Plan)| {
        let mut other = plan.clone();
        change(&mut other);
        Pool::new(&other).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(|plan| plan.fields.truncate(2)), Error::Fields { found: 2, max: 16 });
    assert_eq!(refused(|plan| plan.passes.clear()), Error::Passes { found: 0, max: 16 });
    assert_eq!(refused(|plan| plan.passes.push(Pass(vec![Part::Whole(6)]))), Error::Part(7));
    assert_eq!(refused(|plan| plan.doubt = 0.999), Error::Thresholds { doubt: 0.999, sure: 0.99 });
}

#[test]
fn a_crowded_key_is_left_out_and_counted() {
    let mut plan = people::plan();
    plan.block_max = 5;
    let (mut records, _) = people::records(1_000, 2);
    for record in records.iter_mut().take(50) {
        record.values[5] = "13900000000".into();
    }
    let model =
        estimate(&people::plan(), &pool(&people::plan(), &records), &settings()).unwrap().model;
    let found = link(&plan, &pool(&plan, &records), Some(model), &settings()).unwrap();
    assert_eq!(found.report.crowded[1], (1, 50));
}
