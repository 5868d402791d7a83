//! Files: what was handed in already, and one place for more. Without the script the form itself carries the file;
//! with it the file is sent in pieces and goes on where it was cut off.

use maud::{Markup, html};
use zhengtong_base::{Lang, Limits};

use super::{Field, single};
use crate::icon::{Icon, icon};
use crate::words::Words;

/// A file that was handed in.
#[derive(Clone, Debug, Default)]
pub struct Uploaded<'a> {
    /// Its name.
    pub name: Words<'a>,
    /// Its size in words.
    pub size: Words<'a>,
    /// Where it opens; empty for nowhere.
    pub href: Words<'a>,
    /// The value that a button named `remove` sends to take it away; empty when it cannot be.
    pub remove: Words<'a>,
}

/// A place for files.
#[derive(Clone, Debug, Default)]
pub struct Upload<'a> {
    /// Accepted kinds, as for the `accept` attribute.
    pub accept: Words<'a>,
    /// Kinds and size in words: PDF、JPG，每份不超过 20 MB.
    pub limits: Words<'a>,
    /// The address of the resumable interface; empty when there is none.
    pub endpoint: Words<'a>,
    /// The largest size in bytes, told by the script before sending.
    pub bytes_max: u64,
    /// Files handed in already.
    pub files: Vec<Uploaded<'a>>,
    /// Whether several can be chosen.
    pub several: bool,
}

impl Upload<'_> {
    /// A place for one scanned paper.
    pub fn scan(lang: Lang) -> Self {
        Self {
            accept: ".pdf,.png,.jpg,.jpeg".into(),
            limits: lang
                .pick("PDF、PNG、JPEG，不超过 20 MB", "PDF, PNG, JPEG, at most 20 MB")
                .into(),
            bytes_max: Limits::default().file_bytes,
            ..Self::default()
        }
    }
}

/// A field for files.
pub fn upload(lang: Lang, field: &Field<'_>, upload: &Upload<'_>) -> Markup {
    let endpoint = (!upload.endpoint.is_empty()).then_some(&upload.endpoint);
    single(
        lang,
        field,
        html! {
            @if !upload.files.is_empty() {
                ul.files {
                    @for file in &upload.files { (uploaded(lang, file)) }
                }
            }
            div.drop {
                @if !upload.limits.is_empty() { p.meta id={ (field.name) "-limits" } { (upload.limits) } }
                input type="file" id=(field.name) name=(field.name) accept=[(!upload.accept.is_empty()).then_some(&upload.accept)]
                    multiple[upload.several] data-upload=[endpoint] data-bytes-max=[(upload.bytes_max > 0).then_some(upload.bytes_max)]
                    aria-invalid=[field.invalid()] aria-describedby=[described(field, upload)];
                div.drop-progress aria-live="polite" {}
            }
        },
    )
}

fn uploaded(lang: Lang, file: &Uploaded<'_>) -> Markup {
    html! {
        li {
            (icon(Icon::FileCheck))
            span.file-name {
                @if file.href.is_empty() { (file.name) } @else { a href=(file.href) { (file.name) } }
                " " span.meta { (file.size) }
            }
            @if !file.remove.is_empty() {
                button.button.button-quiet.push type="submit" name="remove" value=(file.remove) formnovalidate {
                    (lang.pick("删除", "Remove")) span.unseen { " " (file.name) }
                }
            }
        }
    }
}

fn described(field: &Field<'_>, upload: &Upload<'_>) -> Option<String> {
    let limits = (!upload.limits.is_empty()).then(|| format!("{}-limits", field.name));
    let ids = [field.described(), limits].into_iter().flatten().collect::<Vec<_>>();
    (!ids.is_empty()).then(|| ids.join(" "))
}
