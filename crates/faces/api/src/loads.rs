//! Files of a unit that become its records, brought by a program: with the session of a data steward, or with the token of
//! a system of that unit.

use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::Serialize;
use utoipa::ToSchema;
use zhengtong_base::{FieldError, Kind, Limits};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fault, Visit, file_name};
use zhengtong_registry::{AtOnce, Catalog, Error, Load, LoadFault, LoadMode, NewLoad};
use zhengtong_ui::words::encode;

use crate::answer::{Words, json, moment};
use crate::asked::{Asked, Known, faults};
use crate::files::FileKind;
use crate::messages::{acting, key};

/// Rows that were not taken in of a page, when nothing is said and at most.
const ROWS: i64 = 100;
const ROWS_MAX: i64 = 1_000;
/// The largest number that every program can write.
const NUMBER_MAX: i64 = 9_007_199_254_740_991;
/// Characters of the names of all columns, and of one name.
const MAPPING_CHARS: usize = 4_000;
const NAME_CHARS: usize = 100;

/// 一次加载 / A load.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadReport {
    /// 编号 / Its number.
    load: i64,
    /// 数据集编号 / The name of the dataset.
    dataset: String,
    /// 到哪一步：waiting、reading、applying、done、failed、cancelled；网页上待确认的是 draft / Where it stands; draft is one that waits on the page to be confirmed.
    state: &'static str,
    /// 文件里没有的记录怎么办：upsert、full、incremental / What becomes of records that the file does not hold.
    mode: &'static str,
    /// 文件名 / The name of the file.
    file: String,
    /// 字节数 / How many bytes it has.
    bytes: i64,
    /// 和哪一次加载的文件一模一样 / The load that brought the very same file before.
    repeats: Option<i64>,
    /// 结果；done 以前还会变 / What it comes to; it changes until the load is done.
    counts: LoadCounts,
    /// 没有完成的原因 / Why it failed.
    error: Option<Words>,
    /// 收到文件的时间 / When the file came.
    created: String,
    /// 开始读的时间 / When reading began.
    started: Option<String>,
    /// 结束的时间 / When it ended.
    finished: Option<String>,
}

/// 多少行成了什么 / How many rows became what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadCounts {
    /// 读到的行 / Rows of the file.
    read: i64,
    /// 新增的记录 / Records that are new.
    new: i64,
    /// 变更的记录 / Records that changed.
    changed: i64,
    /// 补记到历史里的旧版本，今天的记录不变 / Versions of earlier days that went into history; the records of today stay.
    late: i64,
    /// 没有变化的记录 / Records that said the same before.
    unchanged: i64,
    /// 结束的记录 / Records that ended.
    ended: i64,
    /// 跳过的旧行 / Rows that an earlier load had.
    skipped: i64,
    /// 没有收下的行 / Rows that were not taken in.
    refused: i64,
}

/// 一页没有收下的行 / A page of rows that were not taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadRows {
    /// 没有收下的行 / The rows.
    entries: Vec<LoadRow>,
    /// 下一页用它作 after，没有就是最后一页 / What the next page takes as after; absent on the last.
    next: Option<i64>,
}

/// 没有收下的一行 / A row that was not taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadRow {
    /// 序号，从 1 起 / Its number among these, from 1.
    number: i64,
    /// 文件里的行号 / The line in the file.
    line: i64,
    /// 哪个字段有错；整行有错时没有 / The field that is wrong; absent when the row as a whole is.
    field: Option<String>,
    /// 原因 / Why it was not taken in.
    reason: Words,
    /// 原文；涉及个人的数据集不给，按行号查文件 / The row as it stands in the file; of data about persons it is not given: look at the line.
    row: Option<String>,
}

#[utoipa::path(
    post, path = "/api/v1/datasets/{dataset}/loads", operation_id = "load_file", tag = "datasets", security(("session" = []), ("token" = [])),
    summary = "加载一个文件 / Load a file",
    description = "把文件里的行变成数据集的记录：负责这个数据集的单位的数据管理员，或者这个单位的系统用自己的令牌（client_credentials，范围 registry.load）。编码和分隔符自动识别；全部读完、检查完才一次生效，坏行留着原因，同样的文件再加载没有变化。收到就答 202，结果按 Location 查。同一个 Idempotency-Key 只加载一次，再发得到同一次加载。 / Rows of a file become records of the dataset: for data stewards of the unit that answers for it, and for systems of that unit with their own token (client_credentials, scope registry.load). Encoding and delimiter are found out; all rows are checked and take effect in one step, bad rows are kept with their reasons, and the same file again changes nothing. The answer is 202 once the file is there; what it comes to is at Location. The same Idempotency-Key loads once; sent again, it gets the same load.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("mode" = Option<String>, Query, pattern = "^(upsert|full|incremental)$", description = "文件里没有的记录怎么办：upsert 不动（默认），full 就此结束，incremental 不动而且只收上次以后的行 / What becomes of records that the file does not hold: upsert leaves them (usual), full ends them, incremental leaves them and takes only rows after the last load"),
        ("watermark" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "增量加载按哪个字段判断新旧 / The field by which an incremental load tells what is new"),
        ("mapping" = Option<String>, Query, max_length = 4000, pattern = "^[^\\x00]*$", description = "文件的每一列对应哪个字段，逗号隔开，空的不用；不写就按列名认 / The field that each column of the file fills, with commas between, an empty one for none; without it the names of the columns say it"),
        ("name" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "文件名，给人看的 / The name of the file, for people"),
        ("Idempotency-Key" = String, Header, description = "这次请求自己的编号，1 到 200 个可见字符 / The number of this request, 1 to 200 visible characters"),
    ),
    request_body(description = "文件，不超过 20 MB：第一行是列名的 CSV，由对象组成的 JSON 数组，XLSX 工作簿里第一张有内容的表，或者 Parquet 文件 / The file, of 20 MB at most: CSV whose first row names the columns, a JSON array of objects, an XLSX workbook, of which the first sheet that is not empty is read, or a Parquet file", content(
        (String = "text/csv"), (Vec<Object> = "application/json"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Vec<u8> = "application/vnd.apache.parquet"),
    )),
    responses((status = 202, description = "已收下，正在加载 / It was taken and is being loaded", body = LoadReport, headers(
        ("Location" = String, description = "结果在哪里 / Where the outcome is"),
    ))),
)]
pub(crate) async fn bring(
    visit: Visit,
    Path(dataset): Path<String>,
    headers: HeaderMap,
    asked: Asked,
    body: Body,
) -> Answer {
    let asked = asked.only(&["mode", "watermark", "mapping", "name"])?;
    let said = said(&asked)?;
    let name = asked.text("name", NAME_CHARS)?.to_owned();
    let mut ctx = acting(&visit, &headers).await?;
    // Whether it may be loaded here is asked before the file is taken in.
    if let Err(error) = zhengtong_registry::allow_load(&ctx, &dataset) {
        return Err(named(&mut ctx, error).await);
    }
    ctx.key = Some(key(&headers)?);
    let kind = kind(&headers)?;
    let bytes_max = Limits::default().file_bytes;
    let sent = to_bytes(body, usize::try_from(bytes_max).unwrap_or(usize::MAX)).await;
    let sent = sent.map_err(|_more| too_large(bytes_max))?;
    begins(kind, &sent)?;
    let stored = visit.app.blobs.admit(&sent, bytes_max).await?;
    let usual = format!("{}.{}", dataset.replace(':', "-"), kind.ending());
    let new = NewLoad {
        file: stored.digest.to_string(),
        file_name: if name.is_empty() { usual } else { file_name(&name) },
        source: ctx.actor.name.clone(),
    };
    let blobs = &visit.app.blobs;
    let load = zhengtong_registry::load_at_once(&mut ctx, blobs, &dataset, &new, &said).await?;
    ctx.commit().await?;
    let place = format!("/api/v1/datasets/{}/loads/{}", encode(&dataset), load.number);
    let report = json(&report(load));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, place)], report).into_response())
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}/loads/{load}", operation_id = "load", tag = "datasets", security(("session" = []), ("token" = [])),
    summary = "一次加载 / One load",
    description = "到哪一步，多少行成了什么。数据管理员看得到所有单位的，系统只看得到本单位的。 / Where it stands and how many rows became what. Data stewards see those of all units, a system those of its own.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("load" = i64, Path, minimum = 1, maximum = 9_007_199_254_740_991_i64, description = "加载编号 / The number of the load"),
    ),
    responses((status = 200, description = "加载 / The load", body = LoadReport)),
)]
pub(crate) async fn one(
    visit: Visit,
    Path((dataset, number)): Path<(String, String)>,
    headers: HeaderMap,
    asked: Asked,
) -> Answer {
    asked.only(&[])?;
    let mut ctx = acting(&visit, &headers).await?;
    let load = found(&mut ctx, &dataset, &number).await?;
    ctx.commit().await?;
    Ok(json(&report(load)))
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}/loads/{load}/faults", operation_id = "load_faults", tag = "datasets", security(("session" = []), ("token" = [])),
    summary = "没有收下的行 / Rows that were not taken in",
    description = "一次加载里没有收下的每一行和原因，逐页取；只给负责这个数据集的单位。每次查看记录在案。 / Every row that a load did not take in with its reason, page by page, for the unit that answers for the dataset. Each look is on record.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("load" = i64, Path, minimum = 1, maximum = 9_007_199_254_740_991_i64, description = "加载编号 / The number of the load"),
        ("rows" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "一页多少行，默认 100 / Rows of a page, 100 when absent"),
        ("after" = Option<i64>, Query, minimum = 0, maximum = 9_007_199_254_740_991_i64, description = "上一页给出的 next / What the page before gave as next"),
    ),
    responses((status = 200, description = "没有收下的行 / The rows", body = LoadRows)),
)]
pub(crate) async fn refused(
    visit: Visit,
    Path((dataset, number)): Path<(String, String)>,
    headers: HeaderMap,
    asked: Asked,
) -> Answer {
    let asked = asked.only(&["rows", "after"])?;
    let rows = whole(&asked, "rows", 1..=ROWS_MAX, ROWS)?;
    let after = whole(&asked, "after", 0..=NUMBER_MAX, 0)?;
    let mut ctx = acting(&visit, &headers).await?;
    let load = found(&mut ctx, &dataset, &number).await?;
    let kept = match zhengtong_registry::load_faults(&mut ctx, load.number, after, rows).await {
        Ok(kept) => kept,
        Err(error) => return Err(named(&mut ctx, error).await),
    };
    let catalog = ctx.defs::<Catalog>()?;
    ctx.commit().await?;
    let personal = catalog.dataset(&dataset).is_none_or(|dataset| catalog.is_personal(dataset));
    let last = kept.last().map(|fault| fault.number);
    let line = |fault: LoadFault| LoadRow {
        number: fault.number,
        line: fault.line,
        field: fault.field,
        reason: (&fault.reason).into(),
        row: (!personal).then_some(fault.raw),
    };
    Ok(json(&LoadRows {
        entries: kept.into_iter().map(line).collect(),
        next: last.filter(|last| *last < load.counts().faulty),
    }))
}

/// A load of this dataset.
async fn found(ctx: &mut Ctx, dataset: &str, number: &str) -> Result<Load, Fault> {
    // A number that is none is one that no load has.
    let number = number.parse::<i64>().unwrap_or(0);
    match zhengtong_registry::load_of(ctx, number).await {
        Ok(load) if load.dataset == dataset => Ok(load),
        Ok(load) => Err(Error::NoLoad(load.number).into()),
        Err(error) => Err(named(ctx, error).await),
    }
}

/// A failure; a unit that loads the dataset instead has its full name.
async fn named(ctx: &mut Ctx, error: Error) -> Fault {
    let Error::OtherUnit { authority, unit } = error else { return error.into() };
    match zhengtong_party::organisation_by_short(ctx, &authority).await {
        Ok(found) => {
            let unit = found.map_or(unit, |found| found.name);
            Error::OtherUnit { authority, unit }.into()
        }
        Err(error) => error.into(),
    }
}

fn said(asked: &Known) -> Result<AtOnce, Fault> {
    let mode = match asked.text("mode", NAME_CHARS)? {
        _ if !asked.has("mode") => LoadMode::Upsert,
        given => LoadMode::parse(given).ok_or_else(|| {
            wrong(
                "mode",
                "方式是 upsert、full 或 incremental",
                "a mode is upsert, full or incremental",
            )
        })?,
    };
    let watermark = asked.text("watermark", NAME_CHARS)?;
    let mapping = asked.text("mapping", MAPPING_CHARS)?;
    let column = |name: &str| Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    Ok(AtOnce {
        mapping: asked.has("mapping").then(|| mapping.split(',').map(column).collect()),
        mode,
        watermark: Some(watermark.to_owned()).filter(|name| !name.is_empty()),
    })
}

/// What kind of file it is said to be.
fn kind(headers: &HeaderMap) -> Result<FileKind, Fault> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let given = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let all = FileKind::ALL;
    let named = |kind: FileKind| kind.media().split(';').next().unwrap_or_default();
    all.into_iter().find(|kind| given.eq_ignore_ascii_case(named(*kind))).ok_or_else(|| {
        let accepted = all.map(named).join("、");
        Fault::new(
            Kind::Unsupported,
            &format!("这里收的文件类型写在 Content-Type 里：{accepted}"),
            &format!("files accepted here have the Content-Type {}", all.map(named).join(", ")),
        )
    })
}

/// A file begins as one of its kind does; what stands in it is looked at later.
fn begins(kind: FileKind, sent: &[u8]) -> Result<(), Fault> {
    let text = sent.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sent).trim_ascii_start();
    let like = match (sent, text) {
        ([b'P', b'K', 3, 4, ..], _) => Some(FileKind::Xlsx),
        ([b'P', b'A', b'R', b'1', ..], _) => Some(FileKind::Parquet),
        (_, [b'[', ..]) => Some(FileKind::Json),
        (_, [b'{', ..]) => None,
        _ => Some(FileKind::Csv),
    };
    if like == Some(kind) {
        return Ok(());
    }
    let (zh, en) = match kind {
        FileKind::Csv => ("内容不是 CSV", "the content is not CSV"),
        FileKind::Json => {
            ("内容不是由对象组成的 JSON 数组", "the content is no JSON array of objects")
        }
        FileKind::Xlsx => ("内容不是 XLSX 工作簿", "the content is no XLSX workbook"),
        FileKind::Parquet => ("内容不是 Parquet 文件", "the content is no Parquet file"),
    };
    Err(wrong("body", zh, en))
}

fn too_large(bytes_max: u64) -> Fault {
    let mb = bytes_max >> 20;
    Fault::new(
        Kind::TooLarge,
        &format!("文件太大，最多 {mb} MB。可以分成几个文件"),
        &format!("the file is too large; at most {mb} MB. It can be sent as several files"),
    )
}

/// A whole number of a range.
fn whole(
    asked: &Known,
    name: &str,
    range: std::ops::RangeInclusive<i64>,
    usual: i64,
) -> Result<i64, Fault> {
    let given = asked.text(name, NAME_CHARS)?;
    if !asked.has(name) {
        return Ok(usual);
    }
    given.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        wrong(
            name,
            &format!("写 {least} 到 {most} 的整数"),
            &format!("a whole number from {least} to {most}"),
        )
    })
}

fn wrong(name: &str, zh: &str, en: &str) -> Fault {
    faults(vec![FieldError::new(name, zh, en)])
}

fn report(load: Load) -> LoadReport {
    let counts = load.counts();
    LoadReport {
        load: load.number,
        state: load.state.word(),
        mode: load.mode.word(),
        file: load.file_name,
        bytes: load.file_bytes,
        repeats: load.repeats,
        counts: LoadCounts {
            read: counts.read,
            new: counts.created,
            changed: counts.changed,
            late: counts.late,
            unchanged: counts.same,
            ended: counts.ended,
            skipped: counts.skipped,
            refused: counts.faulty,
        },
        error: load.error.as_ref().map(Words::from),
        created: moment(load.created),
        started: load.started.map(moment),
        finished: load.finished.map(moment),
        dataset: load.dataset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_is_said_to_be() {
        let rows: [(FileKind, &[u8], bool); 14] = [
            (FileKind::Csv, b"a,b\n1,2\n", true),
            (FileKind::Csv, b"\xef\xbb\xbfa,b\n", true),
            (FileKind::Csv, b"\xff\xfea\0,\0", true),
            (FileKind::Csv, b"", true),
            (FileKind::Csv, b" [1]", false),
            (FileKind::Csv, b"PAR1", false),
            (FileKind::Csv, b"PK\x03\x04", false),
            (FileKind::Json, b"\xef\xbb\xbf [{}]", true),
            (FileKind::Json, b"{}", false),
            (FileKind::Json, b"a,b\n", false),
            (FileKind::Json, b"", false),
            (FileKind::Xlsx, b"PK\x03\x04", true),
            (FileKind::Xlsx, b"PK", false),
            (FileKind::Parquet, b"PAR1", true),
        ];
        for (kind, sent, fits) in rows {
            assert_eq!(begins(kind, sent).is_ok(), fits, "{kind:?} {sent:?}");
        }
    }

    #[test]
    fn the_type_is_read_without_what_stands_behind_it() {
        let given = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            kind(&headers).ok()
        };
        assert_eq!(given("text/csv; charset=gb18030"), Some(FileKind::Csv));
        assert_eq!(given("Application/JSON"), Some(FileKind::Json));
        for other in ["text/plain", "application/json-seq", "multipart/form-data", ""] {
            assert_eq!(given(other), None, "{other}");
        }
        assert_eq!(kind(&HeaderMap::new()).unwrap_err().kind, Kind::Unsupported);
    }
}
