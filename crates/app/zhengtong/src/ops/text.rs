//! The list of all metrics, and the text format of Prometheus. What is not on the list cannot be written; the
//! dashboard and the alarms in deploy/ are checked against it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use Type::{Counter, Gauge, Histogram};

/// What kind of metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Counter,
    Gauge,
    Histogram,
}

/// Name, type and meaning of every metric.
pub(crate) const METRICS: &[(&str, Type, &str)] = &[
    ("zhengtong_build_info", Gauge, "The version that runs; always 1."),
    ("zhengtong_http_requests_total", Counter, "Requests answered, by route, method and status."),
    ("zhengtong_http_request_duration_seconds", Histogram, "Time until the answer began."),
    ("zhengtong_http_requests_in_flight", Gauge, "Requests that are being answered."),
    ("zhengtong_sessions_open", Gauge, "Sessions that are neither ended nor expired."),
    ("zhengtong_database_up", Gauge, "Whether the database answered this scrape."),
    ("zhengtong_database_bytes", Gauge, "Size of the database."),
    ("zhengtong_pool_connections", Gauge, "Connections of this node, by state."),
    ("zhengtong_pool_connections_max", Gauge, "Connections that this node may have."),
    ("zhengtong_pool_waiting", Gauge, "Transactions that wait for a connection."),
    ("zhengtong_pool_acquired_total", Counter, "Connections that transactions were given."),
    ("zhengtong_pool_wait_seconds_total", Counter, "Time that transactions waited for them."),
    ("zhengtong_pool_timeouts_total", Counter, "Waits that ended without a connection."),
    ("zhengtong_jobs_queued", Gauge, "Jobs in the queue."),
    ("zhengtong_jobs_running", Gauge, "Jobs that a worker has taken."),
    ("zhengtong_jobs_failing", Gauge, "Jobs in the queue that failed at least once."),
    ("zhengtong_jobs_dead", Gauge, "Jobs that are out of attempts and wait for a person."),
    ("zhengtong_jobs_oldest_due_seconds", Gauge, "How long the job that is due longest waits."),
    ("zhengtong_outbox_events", Gauge, "Events that wait to be handed on."),
    ("zhengtong_outbox_oldest_seconds", Gauge, "How long the oldest of them waits."),
    ("zhengtong_ledger_sealed_entries", Gauge, "Entries of the record under a checkpoint."),
    ("zhengtong_ledger_unsealed_entries", Gauge, "Entries that wait to be sealed."),
    ("zhengtong_ledger_unsealed_seconds", Gauge, "How long the oldest of them waits."),
    ("zhengtong_backup_configured", Gauge, "Whether backups are made on schedule."),
    ("zhengtong_backup_age_seconds", Gauge, "Since the last backup that succeeded; absent before."),
    ("zhengtong_backup_overdue_seconds", Gauge, "The age that is too old, a setting."),
    ("zhengtong_backup_proven_age_seconds", Gauge, "Since the last restore that was proven."),
    ("zhengtong_standby_expected", Gauge, "Whether commits wait for a standby."),
    ("zhengtong_standby_connected", Gauge, "Standbys that follow now."),
    ("zhengtong_standby_lag_bytes", Gauge, "How far a standby is behind."),
    ("zhengtong_calendar_years_missing", Gauge, "Years wanted soon that no calendar knows."),
    ("zhengtong_clocks_provisional", Gauge, "Open clocks that rest on such a year."),
    ("zhengtong_clocks_stale", Gauge, "Open clocks that a change has not reached yet."),
    ("zhengtong_disk_bytes", Gauge, "Size of the file system under a folder."),
    ("zhengtong_disk_free_bytes", Gauge, "What the platform may still write there."),
    ("zhengtong_trace_spans_total", Counter, "Spans sent to the collector, or dropped."),
    ("process_start_time_seconds", Gauge, "When the process began, in Unix time."),
    ("process_cpu_seconds_total", Counter, "Processor time used."),
    ("process_resident_memory_bytes", Gauge, "Resident memory."),
    ("process_open_fds", Gauge, "Open files."),
    ("process_max_fds", Gauge, "Files that may be open."),
];

/// A page of metrics while it is filled.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Lines by the place of their metric on the list, so that each metric stands together.
    lines: BTreeMap<usize, String>,
}

impl Page {
    /// Puts one value down.
    pub(crate) fn put(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.line(name, "", labels, value);
    }

    /// Puts one whole number down.
    pub(crate) fn number(&mut self, name: &str, labels: &[(&str, &str)], value: i64) {
        self.line(name, "", labels, float(value));
    }

    /// Puts a histogram down: buckets by their upper ends, count and sum.
    pub(crate) fn histogram(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        buckets: impl Iterator<Item = (f64, u64)>,
        (count, sum): (u64, f64),
    ) {
        let whole = |number: u64| float(i64::try_from(number).unwrap_or(i64::MAX));
        for (most, within) in buckets {
            let most = most.to_string();
            let labels: Vec<_> = labels.iter().copied().chain([("le", most.as_str())]).collect();
            self.line(name, "_bucket", &labels, whole(within));
        }
        let labels_inf: Vec<_> = labels.iter().copied().chain([("le", "+Inf")]).collect();
        self.line(name, "_bucket", &labels_inf, whole(count));
        self.line(name, "_sum", labels, sum);
        self.line(name, "_count", labels, whole(count));
    }

    fn line(&mut self, name: &str, ending: &str, labels: &[(&str, &str)], value: f64) {
        let Some(place) = METRICS.iter().position(|(known, ..)| *known == name) else {
            tracing::error!(name, "a metric that is not on the list is left out");
            return;
        };
        let out = self.lines.entry(place).or_default();
        out.push_str(name);
        out.push_str(ending);
        for (at, (label, text)) in labels.iter().enumerate() {
            out.push(if at == 0 { '{' } else { ',' });
            out.push_str(label);
            out.push_str("=\"");
            escape(out, text);
            out.push('"');
        }
        if !labels.is_empty() {
            out.push('}');
        }
        // Writing to a String cannot fail.
        if writeln!(out, " {value}").is_err() {
            out.push('\n');
        }
    }

    /// The whole page.
    pub(crate) fn text(self) -> String {
        let mut out = String::new();
        for (place, lines) in self.lines {
            let Some((name, kind, help)) = METRICS.get(place) else { continue };
            out.push_str("# HELP ");
            out.push_str(name);
            out.push(' ');
            out.push_str(help);
            out.push_str("\n# TYPE ");
            out.push_str(name);
            out.push(' ');
            out.push_str(kind.word());
            out.push('\n');
            out.push_str(&lines);
        }
        out
    }
}

impl Type {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Counter => "counter",
            Gauge => "gauge",
            Histogram => "histogram",
        }
    }
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes fit 53 bits")]
fn float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_stands_together_under_its_help() {
        let mut page = Page::default();
        page.number("process_open_fds", &[], 7);
        page.put("zhengtong_disk_free_bytes", &[("folder", "a\"b\\c\n")], 1.5);
        page.number("zhengtong_jobs_dead", &[], 0);
        page.put("zhengtong_disk_free_bytes", &[("folder", "b")], 2.0);
        page.number("no_such_metric", &[], 1);
        let expected = "# HELP zhengtong_jobs_dead Jobs that are out of attempts and wait for a person.\n\
            # TYPE zhengtong_jobs_dead gauge\nzhengtong_jobs_dead 0\n\
            # HELP zhengtong_disk_free_bytes What the platform may still write there.\n\
            # TYPE zhengtong_disk_free_bytes gauge\n\
            zhengtong_disk_free_bytes{folder=\"a\\\"b\\\\c\\n\"} 1.5\n\
            zhengtong_disk_free_bytes{folder=\"b\"} 2\n\
            # HELP process_open_fds Open files.\n# TYPE process_open_fds gauge\nprocess_open_fds 7\n";
        assert_eq!(page.text(), expected);
    }

    #[test]
    fn a_histogram_ends_with_everything() {
        let mut page = Page::default();
        let name = "zhengtong_http_request_duration_seconds";
        page.histogram(name, &[("route", "/")], [(0.1, 1), (1.0, 2)].into_iter(), (3, 9.5));
        let text = page.text();
        assert!(text.contains("_bucket{route=\"/\",le=\"0.1\"} 1\n"), "{text}");
        assert!(text.contains("_bucket{route=\"/\",le=\"+Inf\"} 3\n"), "{text}");
        assert!(text.contains("_sum{route=\"/\"} 9.5\n"), "{text}");
    }

    /// The list as a file, for the checks of deploy/ that run outside of this program.
    #[test]
    fn the_list_in_deploy_is_this_list() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../deploy/prometheus/metrics.txt");
        let lines =
            METRICS.iter().map(|(name, kind, help)| format!("{name} {} {help}\n", kind.word()));
        let list = lines.collect::<Vec<_>>().concat();
        #[expect(clippy::disallowed_methods, reason = "tests are blessed through the environment")]
        if std::env::var("ZHENGTONG_BLESS").is_ok() {
            std::fs::write(&path, &list).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, list, "run the test with ZHENGTONG_BLESS=1");
    }

    #[test]
    fn the_dashboard_and_the_alarms_name_only_what_is_written() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../deploy");
        let mut seen = 0;
        for file in ["grafana/zhengtong.json", "prometheus/alerts.yaml"] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                if !word.starts_with("zhengtong_") {
                    continue;
                }
                seen += 1;
                let family = ["_bucket", "_sum", "_count"]
                    .iter()
                    .find_map(|ending| word.strip_suffix(ending))
                    .unwrap_or(word);
                let known = |name: &str| METRICS.iter().any(|(known, ..)| *known == name);
                assert!(known(word) || known(family), "{file} names {word}");
            }
        }
        assert!(seen > 40, "{seen}");
    }
}
