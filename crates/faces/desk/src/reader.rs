//! Papers read beside something else: on the page of the case beside what can be done, on the page of a decision beside
//! the reason that is written. A file stands in a frame of its own, where its own policy holds it in a sandbox; nothing
//! is fetched, and no look recorded, before somebody asks for it.

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_casework::{Material, MaterialFile};
use zhengtong_http::{Visit, content_policy};
use zhengtong_ui::press::{Button, link_button};
use zhengtong_ui::{Icon, icon};

use crate::casework::{Opened, address};

/// The name of the frame that links to files lead to.
const FRAME: &str = "reader";
/// Kinds of picture that a browser shows as they are.
const PICTURES: [&str; 2] = ["image/png", "image/jpeg"];

/// Which paper an address asks for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    pub(crate) paper: Option<i32>,
}

/// The address of the file of a paper.
pub(crate) fn file_address(no: &str, seq: i32) -> String {
    format!("{}/paper/{seq}", address(no))
}

/// Whether a browser shows such a file by itself.
pub(crate) fn is_shown(file: &MaterialFile) -> bool {
    file.mime == "application/pdf" || PICTURES.contains(&file.mime.as_str())
}

/// Lets this one page hold files of ours in a frame; no other page may.
pub(crate) fn with_frame(visit: &Visit, mut response: Response) -> Response {
    let policy = format!("{}; frame-src 'self'", content_policy(&visit.nonce, &[]));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        let name = HeaderName::from_static("content-security-policy");
        response.headers_mut().insert(name, policy);
    }
    response
}

/// A file as it is, large: a picture, or a frame with the document.
pub(crate) fn open_file(lang: Lang, no: &str, paper: &Material, file: &MaterialFile) -> Markup {
    let (name, place) = (paper.paper.name.get(lang), file_address(no, paper.seq));
    html! {
        div.reader {
            @if PICTURES.contains(&file.mime.as_str()) {
                a.reader-picture href=(place) { img src=(place) alt={ (name) " · " (file.name) }; }
            } @else if is_shown(file) {
                iframe.reader-frame src=(place) title={ (name) " · " (file.name) } {}
            } @else {
                p.soft { (lang.pick("浏览器不能直接显示这种文件，请下载后打开。", "A browser does not show this kind of file; download it to open it.")) }
            }
        }
    }
}

/// To the paper before and to the next one, also by keys.
pub(crate) fn steps(lang: Lang, base: &str, papers: &[&Material], here: i32) -> Markup {
    let place = papers.iter().position(|paper| paper.seq == here);
    let near = |step: isize| {
        let to = place?.checked_add_signed(step)?;
        papers.get(to).map(|paper| format!("{base}?paper={}#papers", paper.seq))
    };
    let count = papers.len();
    html! {
        @if count > 1 {
            div.row.reader-steps {
                @if let Some(before) = near(-1) {
                    (link_button(&Button::quiet(lang.pick("上一份", "Previous")).icon(Icon::ChevronLeft).key('['), &before))
                }
                @if let Some(next) = near(1) {
                    (link_button(&Button::quiet(lang.pick("下一份", "Next")).icon(Icon::ChevronRight).key(']'), &next))
                }
                span.meta.push { (place.map_or(0, |place| place + 1)) " / " (count) }
            }
        }
    }
}

/// Something that is written, with the papers of the case beside it. Choosing a paper leaves what is written alone: the
/// links lead into the frame.
pub(crate) fn beside(lang: Lang, opened: &Opened, chosen: Chosen, work: Markup) -> Markup {
    let view = &opened.view;
    let files: Vec<(&Material, &MaterialFile)> = view
        .materials
        .iter()
        .filter_map(|paper| Some((paper, paper.paper.file.as_ref()?)))
        .filter(|(_, file)| is_shown(file))
        .collect();
    if files.is_empty() {
        return work;
    }
    let first = chosen.paper.and_then(|seq| files.iter().find(|(paper, _)| paper.seq == seq));
    let no = &view.case.no;
    html! {
        div.beside {
            details.beside-papers open[first.is_some()] {
                summary { (icon(Icon::FileText)) span { (lang.pick("边看材料边写", "Read the papers beside it")) } }
                ul.beside-list {
                    @for (paper, file) in &files {
                        li { a href=(file_address(no, paper.seq)) target=(FRAME) aria-current=[first.filter(|(one, _)| one.seq == paper.seq).map(|_| "true")] {
                            (paper.paper.name.get(lang)) span.meta { " " (file.name) }
                        } }
                    }
                }
                p.meta { (lang.pick("点一份，在下面打开；打开会留下记录。按 [ 和 ] 换上一份、下一份。", "Choose one to open it below; opening is recorded. Keys [ and ] change to the previous and next.")) }
                iframe.reader-frame name=(FRAME) title=(lang.pick("打开的材料", "The open paper")) src=[first.map(|(paper, _)| file_address(no, paper.seq))] {}
            }
            div.beside-work { (work) }
        }
    }
}
