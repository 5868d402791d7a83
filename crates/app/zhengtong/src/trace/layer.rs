//! The layer that makes spans of what the program says of itself: requests and jobs, acts inside them, and how many
//! statements each asked of the database.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};
use zhengtong_db::clock::{Clock as _, SystemClock};

use super::context::random;
use super::export::{Counts, Message};

/// Where spans of ours come from.
const OURS: [&str; 3] = ["zhengtong::request", "zhengtong::act", "zhengtong::job"];
/// Where the driver of the database tells of each statement.
const STATEMENT: &str = "sqlx::query";

/// Makes spans and hands them to the exporter.
pub(crate) struct Spans {
    sender: mpsc::Sender<Message>,
    counts: &'static Counts,
}

/// What kind of span it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Act,
    Job,
}

/// One span, while it goes on and when it has ended.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) kind: Kind,
    pub(crate) trace: String,
    pub(crate) own: String,
    pub(crate) parent: String,
    pub(crate) began: OffsetDateTime,
    pub(crate) took: Duration,
    pub(crate) method: String,
    pub(crate) route: String,
    /// The verb of an act, the kind of a job.
    pub(crate) verb: String,
    pub(crate) status: u64,
    pub(crate) statements: u64,
    pub(crate) statement_seconds: f64,
    sampled: bool,
    since: std::time::Instant,
    /// The act that goes on inside.
    act: Option<Id>,
}

/// The name of a span of ours, from this one outward, as `traceparent`.
pub(crate) fn named((id, dispatch): (&Id, &tracing::Dispatch)) -> Option<String> {
    let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>()?;
    let span = nearest(registry.span(id))?;
    let extensions = span.extensions();
    let span = extensions.get::<Span>()?;
    Some(format!("00-{}-{}-{:02x}", span.trace, span.own, u8::from(span.sampled)))
}

impl Spans {
    pub(crate) fn new(sender: mpsc::Sender<Message>, counts: &'static Counts) -> Self {
        Self { sender, counts }
    }

    /// What this layer has to hear.
    pub(crate) fn filter() -> Targets {
        let ours = OURS.map(|target| (target, tracing::Level::INFO));
        Targets::new().with_targets(ours).with_target(STATEMENT, tracing::Level::DEBUG)
    }
}

impl Span {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            trace: String::new(),
            own: String::new(),
            parent: String::new(),
            began: SystemClock.now(),
            took: Duration::ZERO,
            method: String::new(),
            route: String::new(),
            verb: String::new(),
            status: 0,
            statements: 0,
            statement_seconds: 0.0,
            sampled: true,
            since: std::time::Instant::now(),
            act: None,
        }
    }

    fn asked(&mut self, seconds: f64) {
        self.statements += 1;
        self.statement_seconds += seconds;
    }
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let place = match field.name() {
            "method" => &mut self.method,
            "route" => &mut self.route,
            "trace_id" => &mut self.trace,
            "span_id" => &mut self.own,
            "parent_id" => &mut self.parent,
            "verb" | "kind" => &mut self.verb,
            _ => return,
        };
        // The first verb names an act: those it calls are parts of it.
        if place.is_empty() {
            value.clone_into(place);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "status" {
            self.status = value;
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "sampled" {
            self.sampled = value;
        }
    }
}

/// How long a statement took, as the driver tells it.
#[derive(Default)]
struct Seconds(f64);

impl Visit for Seconds {
    fn record_debug(&mut self, _field: &Field, _value: &dyn std::fmt::Debug) {}

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.0 = value;
        }
    }
}

/// The nearest span of ours, from this one outward.
fn nearest<'a, S>(from: Option<SpanRef<'a, S>>) -> Option<SpanRef<'a, S>>
where
    S: for<'b> LookupSpan<'b>,
{
    from?.scope().find(|span| span.extensions().get::<Span>().is_some())
}

impl<S> Layer<S> for Spans
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let kind = match attributes.metadata().target() {
            "zhengtong::request" => Kind::Request,
            "zhengtong::act" => Kind::Act,
            "zhengtong::job" => Kind::Job,
            _ => return,
        };
        let Some(own) = context.span(id) else { return };
        let mut span = Span::new(kind);
        attributes.record(&mut span);
        if span.trace.is_empty() {
            span.own = hex::encode(random::<8>());
            match nearest(own.parent()) {
                Some(above) => {
                    let mut extensions = above.extensions_mut();
                    if let Some(above) = extensions.get_mut::<Span>() {
                        span.trace.clone_from(&above.trace);
                        span.parent.clone_from(&above.own);
                        span.sampled = above.sampled;
                        if kind == Kind::Act {
                            above.act = Some(id.clone());
                        }
                    }
                }
                None => span.trace = hex::encode(random::<16>()),
            }
        }
        own.extensions_mut().insert(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(own) = context.span(id)
            && let Some(span) = own.extensions_mut().get_mut::<Span>()
        {
            values.record(span);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != STATEMENT {
            return;
        }
        let mut seconds = Seconds::default();
        event.record(&mut seconds);
        let Some(own) = nearest(context.event_span(event)) else { return };
        let act = own.extensions_mut().get_mut::<Span>().and_then(|span| {
            span.asked(seconds.0);
            span.act.clone()
        });
        if let Some(act) = act.and_then(|act| context.span(&act))
            && let Some(span) = act.extensions_mut().get_mut::<Span>()
        {
            span.asked(seconds.0);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(own) = context.span(&id) else { return };
        let Some(mut span) = own.extensions_mut().remove::<Span>() else { return };
        if let Some(above) = nearest(own.parent())
            && let Some(above) = above.extensions_mut().get_mut::<Span>()
            && above.act.as_ref() == Some(&id)
        {
            above.act = None;
        }
        // An act without a verb read something for the page itself, such as the session.
        if !span.sampled || (span.kind == Kind::Act && span.verb.is_empty()) {
            return;
        }
        span.took = span.since.elapsed();
        if self.sender.try_send(Message::Span(Box::new(span))).is_err() {
            self.counts.drop_one();
        }
    }
}
