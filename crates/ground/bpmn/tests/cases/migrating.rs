//! Running instances that move to another version, and those that must not.

use std::collections::BTreeMap;

use serde_json::json;
use zhengtong_bpmn::{Effect, Ending, Level, Model, check_migration, migrate};

use super::{Instance, small};

const TWO: &str = "s startEvent\n f and\n a user\n b user\n j and\n c user\n e endEvent\n s -> f\n f -> a\n f -> b\n a -> j\n b -> j\n j -> c\n c -> e";

fn mapping(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
}

#[test]
fn an_instance_moves_in_the_middle_of_two_branches() {
    let mut two = Instance::start(&small(TWO), json!({}));
    two.done("a", json!({}));
    let renamed = TWO.replace(" b", " review").replace("b ->", "review ->");
    let renamed = renamed.replace("c user", "c user\n d user").replace("c -> e", "c -> d\n d -> e");
    let new = Model::parse(&small(&renamed)).unwrap();
    let none = check_migration(&two.model, &new, &two.state, &BTreeMap::new());
    assert!(none.iter().any(|one| one.code == "no-step" && one.element == "b"), "{none:?}");
    let map = mapping(&[("b", "review")]);
    assert_eq!(check_migration(&two.model, &new, &two.state, &map), []);
    let (state, effects) = migrate(&two.model, &new, &two.state, &map).unwrap();
    assert_eq!(effects, []);
    two.model = new;
    two.state = state;
    for node in ["review", "c", "d"] {
        assert_eq!(two.open(), [node]);
        two.done(node, json!({}));
    }
    assert_eq!(two.state.ended, Some(Ending::Completed));
}

#[test]
fn what_would_wait_for_ever_does_not_move() {
    let mut two = Instance::start(&small(TWO), json!({}));
    two.done("a", json!({}));
    let cases = [
        // The join is gone, and with it the way on which a branch waits.
        (
            "s startEvent\n a user\n b user\n c user\n e endEvent\n s -> a\n a -> b\n b -> c\n c -> e",
            mapping(&[]),
            "no-way",
        ),
        // The other branch leads elsewhere.
        (
            "s startEvent\n f and\n a user\n k user\n b user\n j and\n c user\n e endEvent\n g endEvent\n s -> f\n f -> a\n f -> k\n a -> j\n k -> j\n j -> c\n c -> e\n b -> g",
            mapping(&[]),
            "deadlock",
        ),
        // A person's step becomes a service.
        (&*TWO.replace("b user", "b service"), mapping(&[]), "kind"),
        (TWO, mapping(&[("b", "nowhere"), ("never", "a")]), "mapping"),
    ];
    for (lines, map, code) in cases {
        let new = Model::parse(&small(lines)).unwrap();
        let findings = check_migration(&two.model, &new, &two.state, &map);
        let found = findings.iter().find(|one| one.code == code && one.level == Level::Error);
        assert!(found.is_some_and(|one| one.zh != one.en), "{code}: {findings:?}");
        assert_eq!(migrate(&two.model, &new, &two.state, &map).unwrap_err(), findings);
    }
}

#[test]
fn what_stands_beside_an_open_step_is_awaited_anew() {
    let one =
        Instance::start(&small("s startEvent\n a user\n e endEvent\n s -> a\n a -> e"), json!({}));
    let late = "<boundaryEvent id=\"late\" attachedToRef=\"a\"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id=\"g\"/><sequenceFlow id=\"late-g\" sourceRef=\"late\" targetRef=\"g\"/></process>";
    let new =
        small("s startEvent\n a user\n e endEvent\n s -> a\n a -> e").replace("</process>", late);
    let new = Model::parse(&new).unwrap();
    let (state, effects) = migrate(&one.model, &new, &one.state, &BTreeMap::new()).unwrap();
    assert!(
        matches!(&effects[..], [Effect::WaitOpened { node, .. }] if node == "late"),
        "{effects:?}"
    );
    let (back, effects) = migrate(&new, &one.model, &state, &BTreeMap::new()).unwrap();
    assert!(matches!(&effects[..], [Effect::WaitClosed { .. }]) && back.waits.is_empty());
    let ended = Instance { model: new, ..one };
    assert_eq!(ended.open(), ["a"]);
}
