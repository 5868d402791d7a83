//! One record for programs: as it stands today, as it held on a day and was known at a moment, and all its versions.

use std::collections::BTreeMap;

use axum::extract::Path;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_registry::{AsOf, Error, RecordHistory, Version};

use crate::answer::{json, moment};
use crate::asked::{Asked, Known, faults};
use crate::tables::{TableLine, line};

/// Characters of a moment.
const MOMENT_CHARS: usize = 60;

/// 一条记录的历史 / All that is known of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordVersions {
    /// 记录编号 / Its identifier.
    id: String,
    /// 从哪天起有效写在哪个字段；没有就是登记那天 / The field that says from which day a version holds; absent, it is the day on which it became known.
    valid_from: Option<String>,
    /// 各个版本，最近有效的在前，最多 101 个 / The versions, what holds from the latest day first, 101 at most.
    versions: Vec<RecordVersion>,
    /// 还有更早的没有给 / Whether there are more that are not given.
    cut: bool,
}

/// 一个版本 / A version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordVersion {
    /// 第几个登记的，从 1 起 / Its number in the order in which they became known, from 1.
    number: usize,
    /// 值，没有登记的不出现 / The values; what is not known is absent.
    values: BTreeMap<String, Value>,
    /// 来源 / Who brought it.
    source: String,
    /// 从哪天起有效，涉及个人的不给 / The first day on which it holds, unless that is personal.
    valid_from: Option<String>,
    /// 有效到哪天，按今天所知，涉及个人的不给 / The last day on which it holds as far as is known today, unless that is personal.
    valid_to: Option<String>,
    /// 登记时间 / Since when it is known.
    recorded: String,
    /// 被同一天起有效的另一版本更正的时间 / When another version for the same day took its place.
    corrected: Option<String>,
    /// 划去的时间，从那时起不再算数 / When it was struck out: from then on it counts no more.
    struck: Option<String>,
    /// 是否就是今天的记录 / Whether it stands in the dataset today.
    current: bool,
    /// 是否补记：登记时已经有更晚起效的版本 / Whether it came late: what holds from a later day was known before.
    late: bool,
    /// 记录到此结束 / Whether it says that the record ended.
    ended: bool,
    /// 和前一版本不同的字段 / The fields that differ from what held before.
    changed: Vec<String>,
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}/records/{record}", operation_id = "dataset_record", tag = "datasets",
    summary = "一条记录 / One record",
    description = "今天的记录；写了 valid_on 和 known_at，就是那一天有效、那个时刻已登记的内容。 / The record of today; with valid_on and known_at what held on that day, as was known at that moment.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("record" = String, Path, format = Uuid, description = "记录编号 / The identifier of the record"),
        ("valid_on" = Option<String>, Query, format = Date, description = "问哪一天有效的，和 known_at 一起写 / The day on which it held, together with known_at"),
        ("known_at" = Option<String>, Query, format = DateTime, description = "按哪个时刻平台已登记的算，RFC 3339，和 valid_on 一起写 / The moment at which the platform knew it, as in RFC 3339, together with valid_on"),
    ),
    responses((status = 200, description = "记录 / The record", body = TableLine)),
)]
pub(crate) async fn one(
    visit: Visit,
    Path((dataset, record)): Path<(String, String)>,
    asked: Asked,
) -> Answer {
    let asked = asked.only(&["valid_on", "known_at"])?;
    let mut ctx = visit.ctx().await?;
    zhengtong_registry::table(&ctx, &dataset)?;
    let (record, as_of) = (identifier(&dataset, &record)?, as_of(&asked)?);
    let found = zhengtong_registry::record_on(&mut ctx, &dataset, record, as_of).await?;
    ctx.commit().await?;
    Ok(json(&line(found.row)))
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}/records/{record}/history", operation_id = "dataset_record_history", tag = "datasets",
    summary = "一条记录的历史 / All versions of a record",
    description = "每个版本从哪天起有效、什么时候登记的、谁登记的、改了什么；补记、更正、划去的都在。 / From which day each version holds, since when it is known, who brought it and what it changed, with what came late, what was corrected and what was struck out.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("record" = String, Path, format = Uuid, description = "记录编号 / The identifier of the record"),
    ),
    responses((status = 200, description = "历史 / The versions", body = RecordVersions)),
)]
pub(crate) async fn all(
    visit: Visit,
    Path((dataset, record)): Path<(String, String)>,
    asked: Asked,
) -> Answer {
    asked.only(&[])?;
    let mut ctx = visit.ctx().await?;
    zhengtong_registry::table(&ctx, &dataset)?;
    let record = identifier(&dataset, &record)?;
    let found = zhengtong_registry::record_history(&mut ctx, &dataset, record).await?;
    ctx.commit().await?;
    Ok(json(&versions(found)))
}

/// A day and a moment, both or neither.
pub(crate) fn as_of(asked: &Known) -> Result<Option<AsOf>, Fault> {
    let missing = |name: &str| {
        let error = FieldError::new(
            name,
            "valid_on 和 known_at 要一起写",
            "valid_on and known_at are given together",
        );
        faults(vec![error])
    };
    match (asked.has("valid_on"), asked.has("known_at")) {
        (false, false) => return Ok(None),
        (true, false) => return Err(missing("known_at")),
        (false, true) => return Err(missing("valid_on")),
        (true, true) => {}
    }
    let known_at = OffsetDateTime::parse(asked.text("known_at", MOMENT_CHARS)?, &Rfc3339);
    let known_at = known_at.map_err(|_shape| {
        let zh = "时刻写成 2026-03-06T00:00:00+08:00 这样，地址里 + 写成 %2B";
        let en = "write a moment like 2026-03-06T00:00:00+08:00, with %2B for + in an address";
        faults(vec![FieldError::new("known_at", zh, en)])
    })?;
    let valid_on = asked.day("valid_on", known_at.date())?;
    Ok(Some(AsOf { valid_on, known_at }))
}

/// What is no identifier is one that no record has.
fn identifier(dataset: &str, record: &str) -> Result<Uuid, Error> {
    record.parse().map_err(|_shape| Error::NoRecord(dataset.to_owned()))
}

fn versions(found: RecordHistory) -> RecordVersions {
    let version = |one: Version| RecordVersion {
        number: one.number,
        values: one.values,
        source: one.source,
        valid_from: one.valid_from.map(|day| day.to_string()),
        valid_to: one.valid_to.map(|day| day.to_string()),
        recorded: moment(one.since),
        corrected: one.corrected.map(moment),
        struck: one.struck.map(moment),
        current: one.current,
        late: one.late,
        ended: one.ended,
        changed: one.changed,
    };
    RecordVersions {
        id: found.record.to_string(),
        valid_from: found.valid_from,
        versions: found.versions.into_iter().map(version).collect(),
        cut: found.cut,
    }
}
