//! Messages of other systems to processes: what a registered system says with its own token. No session counts here.

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zhengtong_base::{FieldError, Kind, Limits};
use zhengtong_casework::{Addressed, Telling};
use zhengtong_db::{Actor, Ctx};
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_signon::Secret;

use crate::answer::{json, moment};
use crate::asked::{Asked, faults};

/// For how many hours a message is kept, when nothing is said.
const KEEP_HOURS: i64 = 168;
/// Most characters of an idempotency key.
const KEY_CHARS_MAX: usize = 200;

/// 给流程的消息 / A message to a process.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// 消息名，和流程图里的一样 / The name of the message, as in the process.
    name: String,
    /// 办件号；和 key 只写一个 / The case number; this or the key.
    case: Option<String>,
    /// 不属于办件的流程自己定的键 / The key that a process without a case names.
    key: Option<String>,
    /// 内容：名字和文字、数字、真假；流程里用 message.名字 读 / What it says: names and words, numbers, true or false; the process reads message.NAME.
    #[serde(default)]
    #[schema(value_type = Object)]
    payload: Map<String, Value>,
    /// 还没有流程在等时保留几小时，1 到 720，默认 168 / For how many hours it is kept when nobody waits for it yet: 1 to 720, usually 168.
    keep_hours: Option<i64>,
}

/// 消息的去向 / What became of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageTold {
    /// 是否已经有流程收下 / Whether a process has taken it.
    delivered: bool,
    /// 还没有流程在等时，保留到什么时候 / Until when it is kept when nobody waits for it yet.
    kept_until: Option<String>,
}

#[utoipa::path(
    post, path = "/api/v1/processes/messages", operation_id = "message", tag = "systems", security(("token" = [])),
    summary = "给流程发消息 / A message to a process",
    description = "登记过的系统用自己的令牌（client_credentials，范围 process.message 或 process.message:消息名）告诉流程一件事，例如款项已到账。同一个 Idempotency-Key 只办一次，再发得到第一次的回答。 / A registered system tells a process something with its own token (client_credentials, scope process.message or process.message:NAME), such as that a payment arrived. The same Idempotency-Key does one thing; sent again, it gets the first answer.",
    params(("Idempotency-Key" = String, Header, description = "这条消息自己的编号，1 到 200 个可见字符 / The number of this message, 1 to 200 visible characters")),
    request_body(content = Message, description = "消息 / The message"),
    responses((status = 200, description = "已收下 / It was taken", body = MessageTold)),
)]
pub(crate) async fn tell(visit: Visit, headers: HeaderMap, asked: Asked, sent: Bytes) -> Answer {
    asked.only(&[])?;
    let mut ctx = system(&visit, &headers).await?;
    ctx.key = Some(key(&headers)?);
    let message = read(&headers, &sent)?;
    let to = match (message.case.as_deref(), message.key.as_deref()) {
        (Some(no), None) => Addressed::Case(no),
        (None, Some(key)) => Addressed::Key(key),
        _ => {
            return Err(faults(vec![FieldError::new(
                "case",
                "case 和 key 写一个，只写一个",
                "give one of case and key, and only one",
            )]));
        }
    };
    let telling = Telling {
        name: &message.name,
        to,
        payload: message.payload,
        keep_hours: message.keep_hours.unwrap_or(KEEP_HOURS),
    };
    let told = zhengtong_casework::tell(&mut ctx, telling).await?;
    ctx.commit().await?;
    Ok(json(&MessageTold {
        delivered: told.kept_until.is_none(),
        kept_until: told.kept_until.map(moment),
    }))
}

/// The context of a registered system that shows its token, and else of whoever is logged in.
pub(crate) async fn acting(visit: &Visit, headers: &HeaderMap) -> Result<Ctx, Fault> {
    if headers.contains_key(header::AUTHORIZATION) {
        return system(visit, headers).await;
    }
    visit.ctx().await
}

/// The context of a registered system that shows its token.
async fn system(visit: &Visit, headers: &HeaderMap) -> Result<Ctx, Fault> {
    let mut ctx = visit.app.db.begin(Actor::visitor(), &visit.request).await?;
    let system = zhengtong_signon::system(&mut ctx, &token(headers)?).await?;
    ctx.actor = system.ok_or_else(unknown)?;
    Ok(ctx)
}

/// The token comes in the header only: an address is written to logs.
fn token(headers: &HeaderMap) -> Result<Secret, Fault> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).ok_or_else(unknown)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unknown());
    }
    Ok(Secret::from_text(token.trim()))
}

fn unknown() -> Fault {
    Fault::new(
        Kind::Unauthenticated,
        "没有令牌，或者令牌已经作废。用 client_credentials 在 /oauth/token 换一个，放在 Authorization: Bearer 里",
        "no token, or one that holds no more. Get one at /oauth/token by client_credentials and send it as Authorization: Bearer",
    )
}

/// The number of a request that writes.
pub(crate) fn key(headers: &HeaderMap) -> Result<String, Fault> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::trim);
    let key = key.filter(|key| (1..=KEY_CHARS_MAX).contains(&key.len()));
    key.map(str::to_owned).ok_or_else(|| {
        faults(vec![FieldError::new(
            "Idempotency-Key",
            "请求头里写这次请求自己的编号，1 到 200 个可见字符",
            "the header with the number of this request, 1 to 200 visible characters",
        )])
    })
}

fn read(headers: &HeaderMap, sent: &[u8]) -> Result<Message, Fault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.unwrap_or_default().to_ascii_lowercase().starts_with("application/json") {
        return Err(Fault::new(Kind::Unsupported, "这里只收 JSON", "only JSON is accepted here"));
    }
    if sent.len() > Limits::default().form_bytes {
        return Err(Fault::new(Kind::TooLarge, "消息太大", "the message is too large"));
    }
    serde_json::from_slice(sent).map_err(|error| {
        faults(vec![FieldError::new(
            "body",
            format!("不是要的 JSON：{error}"),
            format!("not the JSON that is wanted: {error}"),
        )])
    })
}
