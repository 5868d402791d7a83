//! Decision tables: written in a table or as their source, checked and tried by the same evaluator that decides in processes and
//! rules. Nothing is kept here: what is good goes into a pack as a file.

use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use zhengtong_base::{Kind, Lang};
use zhengtong_feel::Scope;
use zhengtong_feel::dmn::Model;
use zhengtong_http::{Answer, Fault, Fields, Uploads, Visit, content_policy};
use zhengtong_process::{XML_BYTES_MAX, thing};
use zhengtong_ui::Frame;
use zhengtong_ui::assets::{DESIGNER_LICENCES_HREF, tables_styles};
use zhengtong_ui::field::{Area, Field, Form, Upload, form, textarea, upload};
use zhengtong_ui::frame::Tool;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, boxed, flush, reveal};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::{About, aside, asked, plain, told};
use crate::bench::{Bench, reading};

/// What one begins from.
const SAMPLE: &str = include_str!("sample.dmn");
const VARS: &str = "{ \"area\": 120, \"times\": 1 }";

/// What the evaluator says of a model.
#[derive(Clone, Debug, Default)]
struct Judged {
    findings: Vec<(usize, String, String)>,
    decisions: Vec<String>,
    inputs: Vec<String>,
    results: Vec<(String, Result<String, String>)>,
}

fn judge(xml: &str, vars: Option<&Map<String, Value>>) -> Judged {
    let model = match Model::read(xml, &[]) {
        Ok(model) => model,
        Err(found) => {
            let findings = vec![(found.line, found.element, found.message)];
            return Judged { findings, ..Judged::default() };
        }
    };
    let findings = model.findings().iter();
    let findings = findings.map(|one| (one.line, one.element.clone(), one.message.clone()));
    let decisions: Vec<String> = model.decisions().into_iter().map(str::to_owned).collect();
    let results = vars.map_or_else(Vec::new, |vars| {
        let scope = Scope::from_json(vars);
        let decided = |name: &String| {
            let value = model.decide(name, &scope);
            let value = value.map(|value| value.to_json().to_string());
            (name.clone(), value.map_err(|error| error.to_string()))
        };
        decisions.iter().map(decided).collect()
    });
    Judged {
        findings: findings.collect(),
        inputs: model.inputs().into_iter().map(str::to_owned).collect(),
        decisions,
        results,
    }
}

/// What stands on the page.
struct Shown {
    xml: String,
    vars: String,
    said: Option<String>,
    judged: Judged,
}

pub(super) async fn shown(visit: Visit) -> Answer {
    let judged = aside(|| judge(SAMPLE, None)).await?;
    let shown = Shown { xml: SAMPLE.to_owned(), vars: VARS.to_owned(), said: None, judged };
    answer(&visit, &shown).await
}

/// Checks and tries what was sent, and shows it again.
pub(super) async fn tried(visit: Visit, mut uploads: Uploads) -> Answer {
    let fields = std::mem::take(&mut uploads.fields);
    may(&visit, &fields).await?;
    let file = uploads.files.iter().find(|file| file.field == "file" && !file.bytes.is_empty());
    let uploaded = file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let xml = sized(plain(&uploaded.unwrap_or_else(|| fields.get("xml").to_owned())))?;
    let vars = fields.get("vars").to_owned();
    let (read, said) = match serde_json::from_str::<Map<String, Value>>(&vars) {
        Ok(read) => (Some(read), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let text = xml.clone();
    let judged = aside(move || judge(&text, read.as_ref())).await?;
    answer(&visit, &Shown { xml, vars, said, judged }).await
}

/// Gives back what was sent as a file.
pub(super) async fn file(visit: Visit, uploads: Uploads) -> Answer {
    may(&visit, &uploads.fields).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/xml; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"table.dmn\""),
    ];
    Ok((headers, sized(plain(uploads.fields.get("xml")))?).into_response())
}

pub(super) async fn check(
    visit: Visit,
    Query(about): Query<About>,
    headers: axum::http::HeaderMap,
    uploads: Uploads,
) -> Answer {
    let known = asked(&visit, &headers).await?;
    let (xml, lang) = (sized(plain(uploads.fields.get("xml")))?, visit.lang());
    let named = about.name;
    let (judged, found) = aside(move || {
        // A draft of a definition is also judged by those who use it.
        let found = (!named.is_empty()).then(|| known.judge(&named, &xml).findings);
        (judge(&xml, None), found)
    })
    .await?;
    let findings: Vec<Value> = match found {
        Some(found) => found
            .iter()
            .map(|one| {
                let text = lang.pick(one.zh.as_str(), one.en.as_str());
                json!({ "line": one.line, "element": one.element, "text": text })
            })
            .collect(),
        None => judged
            .findings
            .iter()
            .map(|(line, element, text)| json!({ "line": line, "element": element, "text": text }))
            .collect(),
    };
    Ok(told(&json!({
        "findings": findings, "decisions": judged.decisions, "inputs": judged.inputs,
    })))
}

async fn may(visit: &Visit, fields: &Fields) -> Result<(), Fault> {
    let ctx = crate::bench::acting(visit, fields).await?;
    ctx.allow("process.draw", &thing("", None))?;
    ctx.commit().await?;
    Ok(())
}

fn sized(xml: String) -> Result<String, Fault> {
    if xml.len() <= XML_BYTES_MAX {
        return Ok(xml);
    }
    Err(Fault::new(
        Kind::TooLarge,
        "文件太大，最多 400 KB",
        "the file is too large: at most 400 KB",
    ))
}

async fn answer(visit: &Visit, shown: &Shown) -> Answer {
    let ctx = reading(visit).await?;
    ctx.allow("process.draw", &thing("", None))?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let mut frame = Bench::frame(visit, visit.lang().pick("决策表", "Decision tables"));
    frame.tool = Tool::Tables;
    let mut response = bench.page(visit, &frame, page(&frame, shown));
    admit(&mut response, &visit.nonce);
    Ok(response)
}

/// The mark of the table editor brings styles in its markup, which its licence lets nobody change. This page admits exactly
/// these, by their digests.
pub(super) fn admit(response: &mut Response, nonce: &str) {
    let admitted = format!("style-src 'self' 'unsafe-hashes' {};", tables_styles());
    let policy = content_policy(nonce, &[]).replace("style-src 'self';", &admitted);
    if let Ok(policy) = policy.parse() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn page(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = frame.lang;
    let links = [Link::new(lang.pick("流程", "Processes"), "/admin/process")];
    let heading = lang.pick("决策表", "Decision tables");
    let meta = lang.pick(
        "在表里写规则，检查、试算。要让它生效，请从“流程”页新建决策，或从现有的决策起草",
        "Write the rules in the table, check and try them. To put them in force begin a new decision, or a draft of one, at Processes",
    );
    html! {
        (crumbs(lang, &links, heading))
        (title(&Title::new(heading).meta(html! { (meta) })))
        div.designer data-tables data-check="/admin/process/table/check" {
            p { (lang.pick("正在打开表格。没有打开的话，请改下面的源文件。", "Opening the table. If it does not open, change the source below.")) }
        }
        (form(frame, &Form { id: "table-form".into(), ..Form::post("/admin/process/table").files() }, html! {
            (reveal(lang.pick("源文件（DMN XML）和上传", "Source (DMN XML) and upload"), html! {
                (textarea(lang, &Field::new("xml", lang.pick("源文件", "Source")), &Area { value: shown.xml.as_str().into(), rows: 16, ..Area::default() }))
                (upload(lang, &Field::new("file", lang.pick("或者上传 .dmn 文件", "Or upload a .dmn file")).optional(), &Upload { accept: ".dmn,.xml".into(), limits: lang.pick("最多 400 KB", "At most 400 KB").into(), ..Upload::default() }))
            }))
            (sample(lang, shown))
            (actions(html! {
                (submit(&Button::new(lang.pick("检查并试算", "Check and try")).sends("act", "try")))
                (submit(&Button::secondary(lang.pick("下载 .dmn", "Download .dmn")).action("/admin/process/table/file")))
            }))
        }))
        (judgement(lang, &shown.judged))
        p.meta {
            (lang.pick("表格由 dmn-js 画出，它的标志按许可保留。", "Drawn by dmn-js; its mark stays as its licence asks.")) " "
            a href=(DESIGNER_LICENCES_HREF) { (lang.pick("所用软件的许可", "Licences of what is used")) }
        }
    }
}

fn sample(lang: Lang, shown: &Shown) -> Markup {
    let inputs = shown.judged.inputs.join(lang.pick("、", ", "));
    let hint = match lang {
        Lang::Zh => format!("JSON，输入的名称：{inputs}"),
        Lang::En => format!("JSON by the names of the inputs: {inputs}"),
    };
    let mut field = Field::new("vars", lang.pick("样例数据", "Sample data")).hint(hint);
    if let Some(said) = &shown.said {
        field = field.error(match lang {
            Lang::Zh => format!("这不是 JSON：{said}"),
            Lang::En => format!("this is no JSON: {said}"),
        });
    }
    textarea(lang, &field, &Area { value: shown.vars.as_str().into(), rows: 3, ..Area::default() })
}

fn judgement(lang: Lang, judged: &Judged) -> Markup {
    let results = judged.results.iter().map(|(decision, value)| {
        Row::new(vec![
            html! { (decision) },
            match value {
                Ok(value) => html! { strong { (value) } },
                Err(error) => html! { (error) },
            },
        ])
    });
    let findings = judged.findings.iter().map(|(line, element, text)| {
        Row::new(vec![html! { (element) }, html! { (text) }, html! { (line) }])
    });
    let results = Table {
        caption: lang.pick("试算结果", "Results").into(),
        columns: vec![
            Column::head(lang.pick("决策", "Decision")),
            Column::new(lang.pick("结果", "Value")),
        ],
        rows: results.collect(),
        ..Table::default()
    };
    let findings = Table {
        caption: lang.pick("检查发现", "Findings").into(),
        columns: vec![
            Column::head(lang.pick("元素", "Element")),
            Column::new(lang.pick("问题和办法", "What and how to mend")),
            Column::number(lang.pick("行", "Line")).tight(),
        ],
        rows: findings.collect(),
        ..Table::default()
    };
    html! {
        @if !results.rows.is_empty() { (flush(&Panel::new(lang.pick("试算结果", "Results")), table(lang, &results))) }
        @if findings.rows.is_empty() {
            (boxed(&Panel::new(lang.pick("检查", "Check")), html! { p { (lang.pick("没有发现问题，可以运行。", "Nothing was found; it can run.")) } }))
        } @else {
            (flush(&Panel::new(lang.pick("检查", "Check")), table(lang, &findings)))
        }
    }
}
