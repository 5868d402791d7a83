//! 归档: what the archive of a closed case holds, until when it is kept, its seal, whether all is as it was, its files.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_casework::{ArchiveCheck, ArchiveFile, Archived, ArchivedPaper};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::field::{Form, form};
use zhengtong_ui::frame::token;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs};
use zhengtong_ui::press::{Button, actions, link_button, post as post_button};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::words::encode;
use zhengtong_ui::{Frame, Icon};

use crate::bench::{reading, staff_only};
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/archive", get(ask).post(keep))
        .route("/desk/casework/{no}/archive/check", post(check))
        .route("/desk/casework/{no}/archive/{file}", get(download))
}

async fn ask(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, &Typed::default(), None).await
}

async fn show(visit: &Visit, no: &str, typed: &Typed, check: Option<ArchiveCheck>) -> Answer {
    let mut ctx = reading(visit).await?;
    let opened = Opened::load(&mut ctx, no).await?;
    let papers = if opened.errands.may_verify && opened.errands.archived.is_some() {
        zhengtong_casework::archived_papers(&mut ctx, no).await?
    } else {
        Vec::new()
    };
    ctx.commit().await?;
    Ok(page(visit, &opened, typed, &Shown { papers, check }))
}

/// What the page shows of the archive.
struct Shown {
    papers: Vec<ArchivedPaper>,
    check: Option<ArchiveCheck>,
}

fn page(visit: &Visit, opened: &Opened, typed: &Typed, shown: &Shown) -> Response {
    let lang = visit.lang();
    let head = Head::new(
        lang.pick("归档", "Archive"),
        lang.pick(
            "每一步、每份文书和它们的指纹收进档案，保存期内谁也改不了。",
            "Every act, every paper and their digests are kept; nobody changes them while they are kept.",
        ),
    );
    let main = |frame: &Frame<'_>| match &opened.errands.archived {
        Some(archived) => kept(frame, opened, archived, shown),
        None => not_yet(frame, opened, typed),
    };
    let aside = opened.errands.archived.as_ref().map(|archived| seal(lang, archived));
    sheet::draw(visit, opened, &head, typed, (main, aside))
}

fn not_yet(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    if !opened.errands.may_archive {
        let why = if case.state.over() {
            lang.pick(
                "归档由承办单位的窗口或负责人办理；不办也会在当天夜里自动归档",
                "The window or the head of the department in charge archives it; otherwise it is archived by itself at night",
            )
        } else {
            lang.pick(
                "还没办结。办结以后才能归档，不办也会在当天夜里自动归档",
                "The case is not over. It is archived when it is, by hand or by itself at night",
            )
        };
        return sheet::barred(lang, typed, case, why);
    }
    html! {
        (notice(&Notice::new(Mood::Info, lang.pick(
            "已办结，还没归档。现在归档，或者等今天夜里自动归档",
            "The case is over and not archived yet. Archive it now, or leave it to the night",
        ))))
        (form(frame, &Form::post(format!("{}/archive", address(&case.no))), html! {
            (sheet::version(case))
            (sheet::ends(lang, Button::new(lang.pick("现在归档", "Archive it now")).icon(Icon::Archive), case))
        }))
    }
}

fn kept(frame: &Frame<'_>, opened: &Opened, archived: &Archived, shown: &Shown) -> Markup {
    let (lang, base) = (frame.lang, address(&opened.view.case.no));
    html! {
        @if let Some(check) = &shown.check { (found(lang, check)) }
        @if archived.digest.is_none() {
            (notice(&Notice::new(Mood::Info, lang.pick(
                "保存期已满，档案按规定销毁，只留下这条记录",
                "Its time is over and the archive is gone; this record remains",
            ))))
        }
        @if !opened.errands.may_verify {
            (notice(&Notice::new(Mood::Info, lang.pick(
                "档案由承办单位的窗口和负责人打开和核验",
                "The window and the head of the department in charge open and check the archive",
            ))))
        } @else if archived.digest.is_some() {
            (actions(html! {
                (post_button(&format!("{base}/archive/check"), token(frame), &Button::new(lang.pick("核验档案", "Check the archive")).icon(Icon::ShieldCheck)))
                @if archived.file.is_some() {
                    (link_button(&Button::secondary(lang.pick("下载目录（PDF）", "Catalogue (PDF)")).icon(Icon::Download), &format!("{base}/archive/catalogue")))
                }
                (link_button(&Button::secondary(lang.pick("下载索引（JSON）", "Index (JSON)")).icon(Icon::Download), &format!("{base}/archive/index")))
            }))
            (listed(lang, opened, &shown.papers))
        }
    }
}

/// What a check found.
fn found(lang: Lang, check: &ArchiveCheck) -> Markup {
    if check.sound() {
        let words = match lang {
            Lang::Zh => {
                format!("档案完好：{} 步、{} 份文件都和归档时一样", check.acts, check.papers)
            }
            Lang::En => format!(
                "The archive is whole: {} acts and {} papers are as they were",
                check.acts, check.papers
            ),
        };
        return notice(&Notice::new(Mood::Done, words));
    }
    let words = match lang {
        Lang::Zh => {
            format!("有 {} 处和归档时不一样，请告诉平台运行人员，不要删改", check.faults.len())
        }
        Lang::En => format!(
            "{} things are not as they were archived: tell the operators and change nothing",
            check.faults.len()
        ),
    };
    notice(&Notice::new(Mood::Failure, words).body(html! {
        ul { @for fault in &check.faults { li { (fault.get(lang)) } } }
    }))
}

/// What a paper is called: the archive has it in Chinese, the case in both languages.
fn name<'a>(lang: Lang, opened: &'a Opened, paper: &'a ArchivedPaper) -> &'a str {
    let view = &opened.view;
    let licence = view.licence.iter().map(|one| &one.title);
    let mut known = view
        .materials
        .iter()
        .map(|one| &one.paper.name)
        .chain(view.given.iter().map(|one| &one.title))
        .chain(licence);
    known.find(|name| name.zh == paper.name).map_or(paper.name.as_str(), |name| name.get(lang))
}

fn listed(lang: Lang, opened: &Opened, papers: &[ArchivedPaper]) -> Markup {
    let what = |paper: &ArchivedPaper| match paper.what.as_str() {
        "document" => lang.pick("本机关出具", "Issued"),
        "material" => lang.pick("申请人提交", "Handed in"),
        _ => lang.pick("本机关采集", "Made by the office"),
    };
    let rows = papers.iter().map(|paper| {
        let digest = paper.digest.get(..16).unwrap_or(&paper.digest);
        Row::new(vec![
            html! { (name(lang, opened, paper)) @if let Some(number) = &paper.number { p.meta { (number) } } },
            html! { (what(paper)) },
            html! { (code(&format!("{digest}…"))) },
        ])
    });
    table(
        lang,
        &Table {
            caption: lang.pick("档案里的文件", "Papers of the archive").into(),
            columns: vec![
                Column::head(lang.pick("文件", "Paper")),
                Column::new(lang.pick("来源", "From")),
                Column::new(lang.pick("指纹（SM3）", "Digest (SM3)")),
            ],
            rows: rows.collect(),
            ..Table::default()
        },
    )
}

/// When it was archived, until when it is kept, and the digests by which a change is found.
fn seal(lang: Lang, archived: &Archived) -> Markup {
    let short = |digest: &Option<String>| {
        let start = |digest: &String| format!("{}…", digest.get(..16).unwrap_or(digest));
        digest.as_ref().map_or_else(|| html! { "–" }, |digest| code(&start(digest)))
    };
    let until = archived
        .keep_until
        .map_or_else(|| lang.pick("永久", "for ever").to_owned(), |day| day.to_string());
    boxed(
        &Panel::new(lang.pick("封存", "Seal")),
        pairs([
            (lang.pick("归档时间", "Archived").into(), html! { (clock_time(archived.at)) }),
            (lang.pick("步数", "Acts").into(), html! { (archived.acts) }),
            (lang.pick("文件", "Papers").into(), html! { (archived.papers) }),
            (lang.pick("保存到", "Kept until").into(), html! { (until) }),
            (
                lang.pick("索引指纹（SM3）", "Digest of the index (SM3)").into(),
                short(&archived.digest),
            ),
            (
                lang.pick("目录指纹（SM3）", "Digest of the catalogue (SM3)").into(),
                short(&archived.file),
            ),
        ]),
    )
}

async fn keep(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = zhengtong_casework::archive(&mut ctx, at).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(_archived) => Ok(redirect(&format!("{}/archive", address(&no)))),
        Err(typed) => show(&visit, &no, &typed, None).await,
    }
}

async fn check(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    // Sent twice it looks twice, and both looks are recorded.
    let mut ctx = visit.act(&fields).await?;
    let outcome = zhengtong_casework::verify_archive(&mut ctx, &no).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(check) => show(&visit, &no, &Typed::default(), Some(check)).await,
        Err(typed) => show(&visit, &no, &typed, None).await,
    }
}

async fn download(visit: Visit, Path((no, file)): Path<(String, String)>) -> Answer {
    let (which, mime, ending) = match file.as_str() {
        "index" => (ArchiveFile::Index, "application/json", "json"),
        "catalogue" => (ArchiveFile::Catalogue, "application/pdf", "pdf"),
        _ => return Err(Fault::absent()),
    };
    let mut ctx = reading(&visit).await?;
    let bytes = zhengtong_casework::archive_file(&mut ctx, &no, which).await?;
    ctx.commit().await?;
    let name = encode(&format!("{no}-{file}.{ending}")).replace('/', "%2F");
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
