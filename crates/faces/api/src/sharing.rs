//! Data that was granted on request: one record by its whole key, or yes or no about one value.

use axum::extract::Path;
use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zhengtong_base::{FieldError, Kind};
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_sharing::SharedValue;

use crate::answer::{Words, json, moment};
use crate::asked::Asked;
use crate::messages::acting;

/// Parts of a key at most.
const KEY_PARTS: usize = 10;

/// 一条共享记录 / One shared record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedRecord {
    /// 有没有这条记录 / Whether there is such a record.
    found: bool,
    /// 授权的信息项，按授权顺序 / The granted fields, in the order of the grant.
    values: Vec<SharedField>,
    /// 记录更新时间 / When the record was made or changed.
    updated: Option<String>,
    /// 今天还剩多少次 / Uses that are left today.
    left: Option<i32>,
}

/// 一个信息项 / One field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedField {
    /// 信息项代号 / The name of the field.
    field: String,
    /// 名称 / What people call it.
    title: Words,
    /// 值；脱敏的是脱敏后的文字，没有登记是 null / The value; masked words where it is masked, null when not known.
    value: Value,
    /// 有没有脱敏 / Whether it is masked.
    masked: bool,
    /// 有没有异议在核实 / Whether somebody objects to it.
    disputed: bool,
}

/// 核验结果 / What a verification says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agreed {
    /// 是否一致；没有这条记录也是 false / Whether they agree; false too when there is no such record.
    agrees: bool,
}

#[utoipa::path(
    get, path = "/api/v1/shared/{grant}/records", operation_id = "shared_record", tag = "shared",
    security(("session" = []), ("token" = [])),
    params(
        ("grant" = String, Path, description = "授权编号 / The number of the grant"),
        ("key" = String, Query, max_length = 100, pattern = "^[^:;\\x00]+:[^;\\x00]+(;[^:;\\x00]+:[^;\\x00]+){0,9}$", description = "完整主键，信息项:值，多项用分号隔开 / The whole key as field:value, several with semicolons between"),
        ("fields" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "只要哪几项，逗号隔开；不写就是授权的全部 / Only these fields, with commas between; all that were granted when absent"),
    ),
    summary = "按授权查一条记录 / One record under a grant",
    description = "获得授权的单位的经办人，或者这个单位的系统用自己的令牌（client_credentials，范围 sharing.use）。只给授权的信息项；过期、收回、超出每日次数或范围都拒绝。每次使用记录在案，本人看得到。 / For officers of the unit that was granted it, and for systems of that unit with their own token (client_credentials, scope sharing.use). Exactly the granted fields; refused after the last day, after the end, beyond quota or fields. Each use is recorded and seen by the person it is about.",
    responses((status = 200, description = "记录 / The record", body = SharedRecord)),
)]
pub(crate) async fn record(
    visit: Visit,
    Path(grant): Path<String>,
    headers: HeaderMap,
    asked: Asked,
) -> Answer {
    let asked = asked.only(&["key", "fields"])?;
    let key = key_of(asked.words("key")?)?;
    let fields: Vec<&str> =
        asked.words("fields")?.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut ctx = acting(&visit, &headers).await?;
    let found = zhengtong_sharing::records(&mut ctx, &grant, &key, &fields).await?;
    ctx.commit().await?;
    let Some(shared) = found else {
        let (found, values, updated, left) = (false, Vec::new(), None, None);
        return Ok(json(&SharedRecord { found, values, updated, left }));
    };
    Ok(json(&SharedRecord {
        found: true,
        values: shared.values.into_iter().map(field).collect(),
        updated: Some(moment(shared.updated)),
        left: Some(shared.left),
    }))
}

#[utoipa::path(
    get, path = "/api/v1/shared/{grant}/verify", operation_id = "shared_verify", tag = "shared",
    security(("session" = []), ("token" = [])),
    params(
        ("grant" = String, Path, description = "授权编号 / The number of the grant"),
        ("key" = String, Query, max_length = 100, pattern = "^[^:;\\x00]+:[^;\\x00]+(;[^:;\\x00]+:[^;\\x00]+){0,9}$", description = "完整主键，信息项:值，多项用分号隔开 / The whole key as field:value, several with semicolons between"),
        ("field" = String, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "核验哪一项 / Which field"),
        ("value" = String, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "是不是这个值 / Whether it holds this value"),
    ),
    summary = "按授权核验一个值 / Verify one value under a grant",
    description = "只答是或否，不给任何内容。 / Yes or no, and nothing else.",
    responses((status = 200, description = "是或否 / Yes or no", body = Agreed)),
)]
pub(crate) async fn verify(
    visit: Visit,
    Path(grant): Path<String>,
    headers: HeaderMap,
    asked: Asked,
) -> Answer {
    let asked = asked.only(&["key", "field", "value"])?;
    let key = key_of(asked.words("key")?)?;
    let claim = (asked.words("field")?, asked.words("value")?);
    let mut ctx = acting(&visit, &headers).await?;
    let agrees = zhengtong_sharing::verify(&mut ctx, &grant, &key, claim).await?;
    ctx.commit().await?;
    Ok(json(&Agreed { agrees }))
}

fn key_of(text: &str) -> Result<Vec<(&str, &str)>, Fault> {
    let parts: Option<Vec<(&str, &str)>> =
        text.split(';').map(|part| part.trim().split_once(':')).collect();
    if let Some(parts) = parts.filter(|parts| parts.len() <= KEY_PARTS) {
        return Ok(parts);
    }
    let mut fault = Fault::new(Kind::Invalid, "有 1 个参数要改", "1 parameters need a change");
    fault.fields = vec![FieldError::new(
        "key",
        "主键写成 信息项:值，多项用分号隔开",
        "write the key as field:value, several with semicolons between",
    )];
    Err(fault)
}

fn field(value: SharedValue) -> SharedField {
    SharedField {
        title: (&value.title).into(),
        field: value.field,
        value: value.value,
        masked: value.masked,
        disputed: value.disputed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fields_and_values() {
        let check = |text: &str, expected: Option<&[(&str, &str)]>| {
            assert_eq!(key_of(text).ok().as_deref(), expected, "{text}");
        };
        check("id_number:1", Some(&[("id_number", "1")]));
        check("credit_code:9; year:2025", Some(&[("credit_code", "9"), ("year", "2025")]));
        check("t:12:30", Some(&[("t", "12:30")]));
        check("", None);
        check("id_number", None);
        check("a:1;b", None);
    }
}
