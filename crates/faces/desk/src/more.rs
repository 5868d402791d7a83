//! What goes with a case beside its steps, on the page of the case: how the decision was delivered, the archive, the cases
//! that go with it, special procedures, papers that are owed; and the rarely used acts, under one line that opens.

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_casework::{OpenTask, OwnAct};
use zhengtong_ui::Icon;
use zhengtong_ui::act::{Act, Rank, acts};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed, flush, reveal};

use crate::casework::{Opened, address};
use crate::{charge, delivery, linked, owed, procedure};

/// The act at a task that no process knows; it stands with the task.
pub(crate) fn own_act(lang: Lang, base: &str, task: &OpenTask) -> Option<Act<'static>> {
    let todo = task.todo.id;
    let (icon, name, note, href) = match task.own? {
        OwnAct::Approve => (
            Icon::Gavel,
            lang.pick("批准或不批准", "Approve or not"),
            lang.pick(
                "批准后马上开始，时钟停下",
                "Once approved it begins and the clocks stand still",
            ),
            format!("{base}/approve/{todo}"),
        ),
        OwnAct::SettleLate => (
            Icon::Hourglass,
            lang.pick("决定怎么办", "Decide what becomes of it"),
            lang.pick("再给一次时间，或者终止", "More time once, or the end"),
            format!("{base}/late/{todo}"),
        ),
        OwnAct::Bring => (
            Icon::Upload,
            lang.pick("收补交的材料", "Take papers that are owed"),
            lang.pick("申请人送到窗口的，扫描上传", "What the applicant brings to the counter"),
            format!("{base}/bring"),
        ),
    };
    Some(Act { icon, name: name.into(), note: note.into(), href: href.into(), rank: Rank::First })
}

/// What is to be done when no task is open: a decision that has not arrived, a case that is not archived.
pub(crate) fn next(lang: Lang, opened: &Opened) -> Vec<Act<'static>> {
    let mut found = Vec::new();
    if opened.errands.undelivered() {
        found.push(send(lang, opened, Rank::First));
    }
    if opened.errands.may_archive {
        found.push(keep(lang, opened));
    }
    found
}

/// Where each thing stands that goes with the case, and the acts that are seldom needed.
pub(crate) fn panel(lang: Lang, opened: &Opened) -> Markup {
    let entries = standing(lang, opened);
    let seldom = seldom(lang, opened);
    html! {
        @if !entries.is_empty() {
            (boxed(&Panel::new(lang.pick("随件事项", "Beside the steps")).id("beside"), list(&entries)))
        }
        @if !seldom.is_empty() {
            (flush(&Panel::default(), html! { div.panel-body {
                (reveal(lang.pick("更多", "More"), acts(&seldom, &[])))
            } }))
        }
    }
}

fn standing(lang: Lang, opened: &Opened) -> Vec<Entry> {
    let (base, errands) = (address(&opened.view.case.no), &opened.errands);
    let mut found = Vec::new();
    if let Some(last) = errands.deliveries.last() {
        let words = lang.pick("送达", "Delivery");
        found.push(
            Entry::link(words, &format!("{base}/delivery"))
                .note(html! { (last.way.title().get(lang)) @if !last.words.is_empty() { " · " (last.words) } })
                .end(delivery::standing(lang, last)),
        );
    }
    found.extend(charge::standing(lang, opened));
    if let Some(archived) = &errands.archived {
        let note = match lang {
            Lang::Zh => format!("{} 步、{} 份文件", archived.acts, archived.papers),
            Lang::En => format!("{} acts, {} papers", archived.acts, archived.papers),
        };
        found.push(
            Entry::link(lang.pick("档案", "Archive"), &format!("{base}/archive"))
                .note(html! { (note) })
                .end(lamp(Light::Ok, lang.pick("已归档", "Archived"))),
        );
    }
    found.extend(linked::links(lang, &errands.linked));
    for one in
        errands.procedures.iter().filter(|one| one.state == "requested" || procedure::runs(one))
    {
        found.push(
            Entry::link(one.title.get(lang), &format!("{base}/procedure"))
                .note(html! { (one.reason) })
                .end(procedure::standing(lang, one)),
        );
    }
    found.extend(owed::papers(lang, opened));
    found
}

/// The acts that the reader may do now and seldom needs.
fn seldom(lang: Lang, opened: &Opened) -> Vec<Act<'static>> {
    let (base, errands) = (address(&opened.view.case.no), &opened.errands);
    let act = |icon,
               name: (&'static str, &'static str),
               note: (&'static str, &'static str),
               path: &str| Act {
        icon,
        name: lang.pick(name.0, name.1).into(),
        note: lang.pick(note.0, note.1).into(),
        href: format!("{base}/{path}").into(),
        rank: Rank::Other,
    };
    let mut found = Vec::new();
    let offered = errands.undelivered() && opened.view.tasks.is_empty();
    if !errands.ways.is_empty() && !offered {
        found.push(send(lang, opened, Rank::Other));
    }
    for kind in &errands.pledged.may_undertake {
        let name = owed::title(kind);
        found.push(Act {
            icon: Icon::FileCheck,
            name: name.get(lang).to_owned().into(),
            note: lang
                .pick("申请人在窗口签字，扫描上传", "Signed at the counter, scanned and attached")
                .into(),
            href: format!("{base}/undertake/{kind}").into(),
            rank: Rank::Other,
        });
    }
    if !opened.view.stops.is_empty() || !errands.procedures.is_empty() {
        found.push(act(
            Icon::Gavel,
            ("特别程序", "Special procedures"),
            ("听证、检测、评审、公示的全部记录", "All that is on record of them"),
            "procedure",
        ));
    }
    if errands.may_merge {
        found.push(act(
            Icon::Layers,
            ("合并办件", "Merge cases"),
            ("同一申请人同一事项的几件一起办", "Cases of one applicant and matter go on together"),
            "merge",
        ));
    }
    if errands.may_split {
        found.push(act(
            Icon::GitBranch,
            ("拆分办件", "Split the case"),
            ("能分开办的各成一件", "Parts become cases of their own"),
            "split",
        ));
    }
    if errands.may_end {
        found.push(act(
            Icon::Ban,
            ("终止办理", "End the case"),
            ("还没决定就结束，要写理由", "Before a decision, with a reason"),
            "end",
        ));
    }
    found
}

fn send(lang: Lang, opened: &Opened, rank: Rank) -> Act<'static> {
    Act {
        icon: Icon::Send,
        name: lang.pick("送达决定", "Deliver the decision").into(),
        note: lang
            .pick(
                "电子、窗口、快递或公告，登记签收",
                "Electronic, at the window, by mail or announced",
            )
            .into(),
        href: format!("{}/delivery", address(&opened.view.case.no)).into(),
        rank,
    }
}

fn keep(lang: Lang, opened: &Opened) -> Act<'static> {
    Act {
        icon: Icon::Archive,
        name: lang.pick("归档", "Archive").into(),
        note: lang.pick("不办也会在今天夜里自动归档", "Done by itself at night otherwise").into(),
        href: format!("{}/archive", address(&opened.view.case.no)).into(),
        rank: Rank::Other,
    }
}
