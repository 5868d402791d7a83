//! Entities: the order of arrival does not change who is one, and names stay with their records.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use zhengtong_linkage::{Change, Clusters, EntityId, Event, Pair, RecordId};

fn record(name: u128) -> RecordId {
    RecordId(name)
}

fn pair(one: u128, other: u128) -> Pair {
    Pair::new(record(one), record(other)).unwrap()
}

fn came(clusters: &mut Clusters, names: &[u128]) -> Vec<Event> {
    clusters.apply(&names.iter().map(|name| Change::Came(record(*name))).collect::<Vec<_>>())
}

fn partition(clusters: &Clusters) -> BTreeSet<Vec<RecordId>> {
    clusters.groups().into_values().map(|group| group.into_iter().collect()).collect()
}

#[test]
fn the_oldest_name_survives_a_merge() {
    let mut clusters = Clusters::default();
    came(&mut clusters, &[10, 5, 7]);
    let (old, new) = (clusters.entity(record(5)).unwrap(), clusters.entity(record(7)).unwrap());
    let events = clusters.apply(&[Change::Linked(pair(5, 7), 9.0)]);
    assert_eq!(events, [Event::Merged { gone: new.max(old), into: new.min(old) }]);
    assert_eq!(clusters.entity(record(7)), Some(new.min(old)));
}

#[test]
fn the_smaller_part_of_a_split_gets_a_new_name() {
    let mut clusters = Clusters::default();
    came(&mut clusters, &[1, 2, 3]);
    clusters.apply(&[Change::Linked(pair(1, 2), 9.0), Change::Linked(pair(2, 3), 9.0)]);
    let entity = clusters.entity(record(1)).unwrap();
    let events = clusters.apply(&[Change::Unlinked(pair(1, 2))]);
    let fresh = EntityId(3);
    assert_eq!(
        events,
        [
            Event::Created { entity: fresh },
            Event::Split { from: entity, into: fresh, records: vec![record(1)] },
        ]
    );
    assert_eq!(clusters.entity(record(3)), Some(entity));
    assert_eq!(clusters.entity(record(1)), Some(fresh));
}

#[test]
fn what_was_declared_different_is_never_joined_again() {
    let mut clusters = Clusters::default();
    came(&mut clusters, &[1, 2, 3]);
    clusters.apply(&[Change::Linked(pair(1, 2), 9.0)]);
    clusters.apply(&[Change::Different(pair(1, 2))]);
    assert_ne!(clusters.entity(record(1)), clusters.entity(record(2)));
    clusters.apply(&[Change::Linked(pair(1, 2), 90.0)]);
    clusters.apply(&[Change::Linked(pair(1, 3), 50.0), Change::Linked(pair(2, 3), 40.0)]);
    assert_ne!(clusters.entity(record(1)), clusters.entity(record(2)));
    assert_eq!(clusters.entity(record(1)), clusters.entity(record(3)), "the surer pair wins");
    clusters.apply(&[Change::Undecided(pair(1, 2))]);
    assert_eq!(clusters.entity(record(1)), clusters.entity(record(2)));
}

#[test]
fn a_person_joins_what_no_figure_joins_and_a_record_can_go() {
    let mut clusters = Clusters::default();
    came(&mut clusters, &[1, 2]);
    clusters.apply(&[Change::Same(pair(1, 2))]);
    assert_eq!(clusters.entity(record(1)), clusters.entity(record(2)));
    let events = clusters.apply(&[Change::Came(record(3)), Change::Linked(pair(2, 3), 8.0)]);
    assert_eq!(events, [Event::Joined { entity: EntityId(0), record: record(3) }]);
    clusters.apply(&[Change::Gone(record(2))]);
    assert_eq!(clusters.entity(record(2)), None);
    assert_ne!(clusters.entity(record(1)), clusters.entity(record(3)));
}

/// Records, links with weights, and pairs declared different.
type World = (Vec<(u128, u128, u16)>, Vec<(u128, u128)>);

fn world() -> impl Strategy<Value = World> {
    let two = (0_u128..12, 0_u128..12).prop_filter("two records", |(a, b)| a != b);
    let links =
        prop::collection::vec((two.clone(), 1_u16..500).prop_map(|((a, b), w)| (a, b, w)), 0..24);
    (links, prop::collection::vec(two, 0..4))
}

fn changes((links, apart): &World) -> Vec<Change> {
    // One weight for each pair: the last one said.
    let weights: BTreeMap<Pair, u16> =
        links.iter().map(|(a, b, weight)| (pair(*a, *b), *weight)).collect();
    let linked = weights.into_iter().map(|(pair, weight)| Change::Linked(pair, f64::from(weight)));
    let apart: BTreeSet<Pair> = apart.iter().map(|(a, b)| pair(*a, *b)).collect();
    linked.chain(apart.into_iter().map(Change::Different)).collect()
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_change_who_is_one(
        world in world(), order in Just((0..12_u128).collect::<Vec<_>>()).prop_shuffle(), seed in any::<u64>(),
    ) {
        let all = changes(&world);
        let mut at_once = Clusters::default();
        let mut every: Vec<Change> = (0..12).map(|name| Change::Came(record(name))).collect();
        every.extend(all.clone());
        at_once.apply(&every);

        let mut one_by_one = Clusters::default();
        for name in &order {
            came(&mut one_by_one, &[*name]);
        }
        let mut mixed: Vec<(u64, Change)> = all.into_iter().enumerate()
            .map(|(at, change)| ((at as u64 + 1).wrapping_mul(seed | 1), change)).collect();
        mixed.sort_by_key(|(key, _)| *key);
        for (_, change) in mixed {
            one_by_one.apply(&[change]);
        }
        prop_assert_eq!(partition(&at_once), partition(&one_by_one));
        for (a, b) in &world.1 {
            prop_assert_ne!(one_by_one.entity(record(*a)), one_by_one.entity(record(*b)));
        }
    }

    #[test]
    fn names_never_swap_and_events_tell_all(worlds in prop::collection::vec(world(), 1..5)) {
        let mut clusters = Clusters::default();
        came(&mut clusters, &(0..12).collect::<Vec<_>>());
        let mut used: BTreeSet<EntityId> = clusters.groups().into_keys().collect();
        for world in worlds {
            for change in changes(&world) {
                let before = clusters.groups();
                let events = clusters.apply(&[change]);
                let after = clusters.groups();
                for (entity, records) in &after {
                    match before.get(entity) {
                        // A name that stays keeps records of its own.
                        Some(old) => prop_assert!(!old.is_disjoint(records)),
                        // A name that is new was never used.
                        None => prop_assert!(used.insert(*entity)),
                    }
                }
                let gone: BTreeSet<EntityId> = before.keys().filter(|e| !after.contains_key(e)).copied().collect();
                let told: BTreeSet<EntityId> = events.iter().filter_map(|event| match event {
                    Event::Merged { gone, .. } => Some(*gone),
                    _ => None,
                }).collect();
                prop_assert_eq!(gone, told);
                // The smallest name of those that merge stays.
                for event in &events {
                    if let Event::Merged { gone, into } = event {
                        let split = events.iter().any(|event| matches!(event, Event::Split { .. }));
                        prop_assert!(into < gone || split);
                    }
                }
                if before == after {
                    prop_assert!(events.is_empty(), "{:?}", events);
                }
            }
        }
    }
}
