//! What a person is told when something happens to the own account, name or posts: one message for each event.

use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::Db;
use zhengtong_db::jobs::{Job, Work};
use zhengtong_notice::{To, Vars};

/// The job that tells.
const TELL: &str = "party.tell";
/// Topics, the message of each in the pack of the house, and the page it leads to.
const MESSAGES: [(&str, &str, &str); 10] = [
    ("party.recovery_code_used", "recovery-code-used", "/my/security"),
    ("party.password_set", "password-set", "/my/security"),
    ("party.recovery_started", "recovery-started", "/my/security"),
    ("party.recovery_confirmed", "recovery-confirmed", "/my/security"),
    ("party.recovery_released", "recovery-released", "/my/security"),
    ("party.recovery_stopped", "recovery-stopped", "/my/security"),
    ("party.delegated", "delegated", "/my/delegations"),
    ("party.delegation_revoked", "delegation-revoked", "/my/delegations"),
    ("party.level_raised", "level-raised", "/my/level"),
    ("party.substituted", "substituted", "/desk/me"),
];

/// Tells the person each event is about.
pub(crate) fn attach(work: Work) -> Work {
    let work = work.on(TELL, |db, job| async move { tell(&db, &job).await });
    MESSAGES.iter().fold(work, |work, (topic, ..)| work.subscribe(topic, TELL))
}

async fn tell(db: &Db, job: &Job) -> Result<(), String> {
    let text = |name: &str| job.payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let known = MESSAGES.iter().find(|(topic, ..)| *topic == text("topic"));
    let Some((_, message, link)) = known else {
        return Err(format!("nothing is told of {}", text("topic")));
    };
    let of = job.payload.get("payload").cloned().unwrap_or_default();
    let person: Uuid = of
        .get("person")
        .and_then(Value::as_str)
        .and_then(|person| person.parse().ok())
        .ok_or_else(|| "the event names no person".to_owned())?;
    let template = format!("house-rules:{message}");
    let mut ctx = db.begin_system(TELL).await.map_err(|error| error.to_string())?;
    let (event, vars) = (text("event").to_owned(), vars(&of));
    zhengtong_notice::send_once(&mut ctx, &event, To::Person(person), &template, &vars, Some(link))
        .await
        .map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())
}

/// The variables that the messages use, as far as the event has them.
fn vars(of: &Value) -> Vars {
    let plain = |name: &str| match of.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let ready = of.get("ready").and_then(Value::as_i64);
    let ready = ready.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let ready = ready.map_or_else(String::new, zhengtong_http::clock_time);
    Vars::default()
        .same("left", plain("left"))
        .same("level", plain("level"))
        .same("starts", plain("starts"))
        .same("ends", plain("ends"))
        .same("ready", ready)
}
