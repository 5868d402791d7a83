//! The list of tasks of a long application.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::icon::{Icon, icon};
use crate::lamp::{Light, Tone, lamp, tag};
use crate::navigate::{Link, link};
use crate::words::Words;

/// How far a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// Not begun, and can be.
    #[default]
    Open,
    /// Begun, or the next to do.
    Now,
    /// Done.
    Done,
    /// Something in it has to be put right.
    Faulty,
    /// Waits for the tasks before it.
    Waiting,
}

/// One task.
#[derive(Clone, Debug, Default)]
pub struct Task<'a> {
    /// Its name.
    pub name: Words<'a>,
    /// Where it is done; not a link while it waits.
    pub href: Words<'a>,
    /// What was answered, or what it waits for.
    pub note: Words<'a>,
    /// How far it is.
    pub progress: Progress,
    /// Its pages, each with how far it is; without them the name itself is the link.
    pub parts: Vec<(Progress, Link<'a>)>,
}

impl<'a> Task<'a> {
    /// A task.
    pub fn new(progress: Progress, name: impl Into<Words<'a>>, href: impl Into<Words<'a>>) -> Self {
        Self { name: name.into(), href: href.into(), progress, ..Self::default() }
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<Words<'a>>) -> Self {
        self.note = note.into();
        self
    }

    /// Adds a page of the task.
    #[must_use]
    pub fn part(mut self, progress: Progress, link: Link<'a>) -> Self {
        self.parts.push((progress, link));
        self
    }
}

/// Draws the tasks in order.
pub fn tasks(lang: Lang, tasks: &[Task<'_>]) -> Markup {
    html! {
        ol.tasks {
            @for (index, task) in tasks.iter().enumerate() {
                li class=(class(task.progress)) {
                    span.task-number aria-hidden="true" {
                        @if task.progress == Progress::Done { (icon(Icon::Check)) } @else { (index + 1) }
                    }
                    div {
                        @if task.progress == Progress::Waiting || !task.parts.is_empty() { b { (task.name) } }
                        @else { a href=(task.href) { (task.name) } }
                        @if !task.note.is_empty() { p.meta { (task.note) } }
                        @if !task.parts.is_empty() { (parts(lang, &task.parts)) }
                    }
                    (state(lang, task.progress))
                }
            }
        }
    }
}

fn parts(lang: Lang, parts: &[(Progress, Link<'_>)]) -> Markup {
    html! {
        ul.task-parts {
            @for (progress, page) in parts {
                li {
                    @if *progress == Progress::Done { (icon(Icon::Check)) }
                    (link(page))
                    @if *progress == Progress::Done { span.unseen { (lang.pick("（已完成）", " (done)")) } }
                }
            }
        }
    }
}

fn class(progress: Progress) -> &'static str {
    match progress {
        Progress::Open => "task-open",
        Progress::Now => "task-now",
        Progress::Done => "task-done",
        Progress::Faulty => "task-faulty",
        Progress::Waiting => "task-waiting",
    }
}

fn state(lang: Lang, progress: Progress) -> Markup {
    match progress {
        Progress::Open => tag(Tone::Line, lang.pick("未开始", "Not started")),
        Progress::Now => tag(Tone::Active, lang.pick("进行中", "In progress")),
        Progress::Done => lamp(Light::Ok, lang.pick("已完成", "Done")),
        Progress::Faulty => lamp(Light::Over, lang.pick("要改", "Needs a change")),
        Progress::Waiting => tag(Tone::Plain, lang.pick("等前面填完", "After the others")),
    }
}
