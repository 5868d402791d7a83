//! The limits of the gate: those of the configuration, and over them what administrators set while the platform runs.

use zhengtong_http::{Gate, GateLimits};
use zhengtong_setting::{Live, gate as key};

/// Puts the limits in force that hold now.
pub(crate) fn apply(gate: &Gate, configured: &GateLimits, live: &Live) {
    let limits = limits(configured, live);
    if gate.limits() == limits {
        return;
    }
    match gate.set(limits) {
        Ok(()) => tracing::warn!("the limits of the gate were changed"),
        Err(error) => tracing::error!(error, "the limits of the gate stay"),
    }
}

fn limits(configured: &GateLimits, live: &Live) -> GateLimits {
    fn or<T: TryFrom<i64>>(set: Option<i64>, configured: T) -> T {
        set.and_then(|number| T::try_from(number).ok()).unwrap_or(configured)
    }
    let set = |key| live.chosen(key);
    let emergency = live.line(key::EMERGENCY);
    GateLimits {
        in_flight: or(set(key::IN_FLIGHT), configured.in_flight),
        address_in_flight: or(set(key::ADDRESS_IN_FLIGHT), configured.address_in_flight),
        queue: or(set(key::QUEUE), configured.queue),
        queue_ms: or(set(key::QUEUE_MS), configured.queue_ms),
        anonymous_writes: or(set(key::ANONYMOUS_WRITES), configured.anonymous_writes),
        anonymous_reads: or(set(key::ANONYMOUS_READS), configured.anonymous_reads),
        account_writes: or(set(key::ACCOUNT_WRITES), configured.account_writes),
        account_reads: or(set(key::ACCOUNT_READS), configured.account_reads),
        searches: or(set(key::SEARCHES), configured.searches),
        pieces: or(set(key::PIECES), configured.pieces),
        emergency: emergency.map_or_else(|| configured.emergency.clone(), |line| parts(&line)),
        admin_from: configured.admin_from.clone(),
        proxies: configured.proxies.clone(),
        unlimited: configured.unlimited.clone(),
    }
}

fn parts(line: &str) -> Vec<String> {
    line.split(',').map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_change_the_configuration_holds() {
        let configured = GateLimits { searches: 17, ..GateLimits::default() };
        assert_eq!(limits(&configured, &Live::default()), configured);
        assert_eq!(parts("/admin, /desk/emergency"), ["/admin", "/desk/emergency"]);
    }

    #[test]
    fn each_number_of_the_gate_is_a_setting() {
        let fields = serde_json::to_value(GateLimits::default()).unwrap();
        for (field, value) in fields.as_object().unwrap() {
            let key = format!("limits.{field}");
            let known = zhengtong_setting::definitions().any(|one| one.key == key);
            let wanted = value.is_number() || field == "emergency";
            assert_eq!(known, wanted, "{key}");
        }
    }
}
