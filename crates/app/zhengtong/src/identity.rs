//! The limits of identity: those of the configuration, and over them what administrators set while the platform runs.

use zhengtong_party::{Limits, LimitsInForce};
use zhengtong_setting::{Live, definitions};

/// The section of the configuration, and the beginning of the keys.
const SECTION: &str = "identity.";

/// Puts the limits in force that hold now.
pub(crate) fn apply(in_force: &LimitsInForce, configured: &Limits, live: &Live) {
    let limits = limits(configured, |key| live.chosen(key));
    if in_force.get() != limits {
        tracing::warn!("the limits of identity were changed");
        in_force.set(limits);
    }
}

/// The limits of the configuration with what was set in their place.
pub(crate) fn limits(configured: &Limits, set: impl Fn(&str) -> Option<i64>) -> Limits {
    let kept = |why: &dyn std::fmt::Display| {
        tracing::error!(%why, "the limits of the configuration hold");
        *configured
    };
    let mut json = match serde_json::to_value(configured) {
        Ok(json) => json,
        Err(error) => return kept(&error),
    };
    for definition in definitions() {
        let Some(field) = definition.key.strip_prefix(SECTION) else { continue };
        if let (Some(place), Some(number)) = (json.get_mut(field), set(definition.key)) {
            *place = number.into();
        }
    }
    match serde_json::from_value::<Limits>(json) {
        Ok(limits) if limits.faults().is_empty() => limits,
        Ok(limits) => kept(&limits.faults().join(", ")),
        Err(error) => kept(&error),
    }
}

#[cfg(test)]
mod tests {
    use zhengtong_setting::Shape;

    use super::*;

    #[test]
    fn every_setting_of_identity_is_a_limit_and_no_value_of_it_is_nonsense() {
        let usual = serde_json::to_value(Limits::default()).unwrap();
        let mut seen = 0;
        for definition in definitions() {
            let Some(field) = definition.key.strip_prefix(SECTION) else { continue };
            let Shape::Number { least, most, .. } = definition.shape else { panic!("{field}") };
            let usual = usual[field].as_i64().unwrap_or_else(|| panic!("{field} is no limit"));
            assert!((least..=most).contains(&usual), "{field} {usual}");
            for value in [least, most] {
                let set = |key: &str| (key == definition.key).then_some(value);
                let changed = serde_json::to_value(limits(&Limits::default(), set)).unwrap();
                assert_eq!(changed[field].as_i64(), Some(value), "{field}");
            }
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn what_was_set_lies_over_the_configuration_and_comes_off_again() {
        let configured = Limits { session_hours: 8, ..Limits::default() };
        let set = |key: &str| (key == "identity.pair_failures").then_some(3);
        let changed = limits(&configured, set);
        assert_eq!((changed.pair_failures, changed.session_hours), (3, 8));
        assert_eq!(Limits { pair_failures: 5, ..changed }, configured);
        assert_eq!(limits(&configured, |_| None), configured);
        let in_force = LimitsInForce::new(changed);
        apply(&in_force, &configured, &Live::default());
        assert_eq!(in_force.get(), configured);
    }
}
