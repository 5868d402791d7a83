//! 合并、拆分: cases of one applicant and one matter that go on together, and parts of a case that become cases of their
//! own. Each keeps its number and gets its own reply.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_casework::{Linked, Part, Related};
use zhengtong_http::{Answer, App, Fields, Visit, month_day, redirect};
use zhengtong_ui::field::{
    Field, Form, Input, Layout, Pick, checkboxes, fieldset, form, hidden, text,
};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, boxed};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{reading, staff_only};
use crate::casework::{Opened, address};
use crate::clock::state_words;
use crate::sheet::{self, Head};
use crate::typed::Typed;

/// Parts that one form takes out; the verb takes more.
const PARTS_MAX: usize = 6;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/merge", get(ask_merge).post(merge))
        .route("/desk/casework/{no}/split", get(ask_split).post(split))
}

/// The cases that go with one, each a link.
pub(crate) fn links(lang: Lang, linked: &Linked) -> Vec<Entry> {
    let entry = |no: &String, zh: &str, en: &str| {
        Entry::link(no, &address(no)).note(html! { (lang.pick(zh, en)) })
    };
    let mut found = Vec::new();
    if let Some(no) = &linked.follows {
        found.push(entry(
            no,
            "本件并入它一起办，编号不变，单独答复",
            "This case follows it and gets its own reply",
        ));
    }
    found
        .extend(linked.followers.iter().map(|no| entry(no, "并入本件一起办", "Follows this case")));
    if let Some(no) = &linked.taken_from {
        found.push(entry(no, "本件从它拆出", "This case was taken out of it"));
    }
    found.extend(
        linked.parts.iter().map(|no| entry(no, "从本件拆出", "Was taken out of this case")),
    );
    found
}

async fn ask_merge(visit: Visit, Path(no): Path<String>) -> Answer {
    show_merge(&visit, &no, Typed::default()).await
}

async fn show_merge(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let opened = Opened::load(&mut ctx, no).await?;
    let others = if opened.errands.may_merge {
        zhengtong_casework::mergeable(&mut ctx, no).await?
    } else {
        Vec::new()
    };
    let now = ctx.now;
    ctx.commit().await?;
    let lang = visit.lang();
    let head = Head::new(
        lang.pick("合并办件", "Merge cases"),
        lang.pick(
            "同一申请人、同一事项的几件一起办：跟着这一件走，编号不变，各自答复。",
            "Cases of one applicant and one matter go on together: they follow this one, keep their numbers and get their own replies.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        if !opened.errands.may_merge {
            return sheet::barred(lang, &typed, &opened.view.case, why_apart(lang, &opened));
        }
        if others.is_empty() {
            return sheet::barred(lang, &typed, &opened.view.case, lang.pick(
                "这个申请人没有能并进来的件：要同一事项、待受理或办理中，没有合并过；这件还没受理的，先受理再并已受理的",
                "Nothing of this applicant can follow: it must be the same matter, open and not merged yet; where this case is not accepted yet, accept it before it takes accepted ones",
            ));
        }
        let picks: Vec<Pick<'_>> = others
            .iter()
            .map(|one: &Related| {
                let hint = format!(
                    "{} · {} · {}{}",
                    one.title.get(lang),
                    state_words(lang, one.state),
                    lang.pick("提交于 ", "handed in "),
                    month_day(lang, one.submitted_at, now)
                );
                Pick::new(one.no.as_str(), one.no.as_str()).hint(hint)
            })
            .collect();
        merge_form(frame, &opened, &typed, &picks)
    };
    let aside = html! {
        (sheet::follows(lang, &[
            lang.pick("并进来的件不再单独走流程，这里办一步，它们也办一步；停钟、延期一样跟着。", "What follows has no course of its own any more: each step, stop and extension here is one there."),
            lang.pick("每一件都有自己的文书、答复和评价，申请人会看到理由。合并以后不能再分开。", "Each has its own papers, reply and rating, and the applicant reads the reason. It cannot be undone."),
        ]))
        (linked_panel(lang, &opened.errands.linked))
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

fn merge_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed, picks: &[Pick<'_>]) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let chosen = sent(&typed.fields, "cases");
    form(
        frame,
        &Form::post(format!("{}/merge", address(&case.no))),
        html! {
            (sheet::version(case))
            (checkboxes(lang, &typed.field(lang, "cases", "哪几件并到这一件", "Which cases follow this one"), picks, &chosen, Layout::Down))
            (sheet::reason(lang, typed))
            (sheet::ends(lang, Button::new(lang.pick("合并", "Merge")).icon(Icon::Layers), case))
        },
    )
}

fn sent<'a>(fields: &'a Fields, wanted: &str) -> Vec<&'a str> {
    fields.0.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect()
}

/// Why a case is neither merged nor split now.
fn why_apart(lang: Lang, opened: &Opened) -> &'static str {
    let case = &opened.view.case;
    if opened.errands.linked.follows.is_some() {
        lang.pick("这件已经并到别的件里，请到那一件上办", "This case follows another one: go there")
    } else if case.accepted_at.is_some() && (case.decided_at.is_some() || case.state.over()) {
        lang.pick(
            "已有决定或已办结，不能再合并或拆分",
            "It is decided or over and can no longer be merged or split",
        )
    } else {
        lang.pick(
            "待受理或办理中的件，由承办单位的窗口或负责人合并、拆分；等补正的，等补齐以后再办",
            "The window or the head of the department in charge merges and splits open cases; one that waits for papers waits first",
        )
    }
}

fn linked_panel(lang: Lang, linked: &Linked) -> Markup {
    let entries = links(lang, linked);
    if entries.is_empty() {
        return html! {};
    }
    boxed(&Panel::new(lang.pick("一起的件", "Cases that go together")), list(&entries))
}

async fn merge(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let cases: Vec<String> = sent(&fields, "cases").into_iter().map(str::to_owned).collect();
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = zhengtong_casework::merge(&mut ctx, at, &cases, fields.get("reason")).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(()) => Ok(redirect(&address(&no))),
        Err(typed) => show_merge(&visit, &no, typed).await,
    }
}

async fn ask_split(visit: Visit, Path(no): Path<String>) -> Answer {
    show_split(&visit, &no, Typed::default()).await
}

async fn show_split(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let lang = visit.lang();
    let head = Head::new(
        lang.pick("拆分办件", "Split the case"),
        lang.pick(
            "把一件里能分开办的拆出去，各成一件；剩下的在这一件里接着办。",
            "Parts that can be handled apart become cases of their own; what is left goes on here.",
        ),
    );
    let main = |frame: &Frame<'_>| {
        if opened.errands.may_split {
            split_form(frame, &opened, &typed)
        } else {
            sheet::barred(lang, &typed, &opened.view.case, why_apart(lang, &opened))
        }
    };
    let aside = html! {
        (sheet::follows(lang, &[
            lang.pick("拆出的每一件有新编号，申请内容照抄，时钟从这一件的起点算起，停过的、延过的也算。", "Each part has a number of its own, the same answers, and clocks that run since those of this case, with its stops and extensions."),
            lang.pick("同一份材料可以跟着几件走。申请人会看到理由。拆开以后不能再合回来。", "One paper may go with several. The applicant reads the reason. It cannot be undone."),
        ]))
        (linked_panel(lang, &opened.errands.linked))
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

fn split_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, case) = (frame.lang, &opened.view.case);
    let many = parts_of(&typed.fields);
    let action = format!("{}/split", address(&case.no));
    form(
        frame,
        &Form::post(action.as_str()),
        html! {
            (sheet::version(case))
            (hidden("parts", &many.to_string()))
            @for part in 1..=many { (part_fields(lang, opened, typed, part)) }
            @if many < PARTS_MAX {
                (actions(submit(&Button::secondary(lang.pick("再拆一件", "One more part")).icon(Icon::Plus).sends("do", "more"))))
            }
            (sheet::reason(lang, typed))
            (sheet::ends(lang, Button::new(lang.pick("拆分", "Split")).icon(Icon::GitBranch).sends("do", "split"), case))
        },
    )
}

/// The title of one part and the papers that go with it.
fn part_fields(lang: Lang, opened: &Opened, typed: &Typed, part: usize) -> Markup {
    let (title, papers) = (format!("title-{part}"), format!("papers-{part}"));
    let picks: Vec<Pick<'_>> = opened
        .view
        .materials
        .iter()
        .map(|paper| {
            let pick = Pick::new(paper.seq.to_string(), paper.paper.name.get(lang));
            match &paper.paper.file {
                Some(file) => pick.hint(file.name.as_str()),
                None => pick,
            }
        })
        .collect();
    let chosen = sent(&typed.fields, &papers);
    let named = Field::new(title.as_str(), lang.pick("这一件叫什么", "What it is called"))
        .hint(lang.pick("例如：二号店食品经营许可", "Such as: licence for the second shop"))
        .errors(&typed.errors, lang);
    let with = Field::new(papers.as_str(), lang.pick("哪些材料跟着走", "Papers that go with it"))
        .optional()
        .errors(&typed.errors, lang);
    let legend = match lang {
        Lang::Zh => format!("拆出的第 {part} 件"),
        Lang::En => format!("Part {part}"),
    };
    fieldset(
        &legend,
        html! {
            (text(lang, &named, &Input::new(typed.value(&title)).length_max(80)))
            @if !picks.is_empty() { (checkboxes(lang, &with, &picks, &chosen, Layout::Down)) }
        },
    )
}

/// How many parts the form has.
fn parts_of(fields: &Fields) -> usize {
    fields.get("parts").parse().unwrap_or(1).clamp(1, PARTS_MAX)
}

async fn split(visit: Visit, Path(no): Path<String>, mut fields: Fields) -> Answer {
    staff_only(&visit)?;
    let many = parts_of(&fields);
    if fields.has("do", "more") {
        fields.0.retain(|(name, _)| name != "parts");
        fields.0.push(("parts".to_owned(), (many + 1).min(PARTS_MAX).to_string()));
        return show_split(&visit, &no, Typed::again(fields)).await;
    }
    let (parts, wrong) = read_parts(&fields, many);
    if let Some(wrong) = wrong {
        return show_split(&visit, &no, Typed::wrong(fields, wrong)).await;
    }
    let mut ctx = visit.act(&fields).await?;
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = zhengtong_casework::split(&mut ctx, at, &parts, fields.get("reason")).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(_numbers) => Ok(redirect(&address(&no))),
        Err(typed) => show_split(&visit, &no, typed).await,
    }
}

/// The parts that were filled in. The first must be; one without a name but with papers is said to lack it.
fn read_parts(fields: &Fields, many: usize) -> (Vec<Part>, Option<FieldError>) {
    let mut parts = Vec::new();
    for part in 1..=many {
        let name = format!("title-{part}");
        let title = fields.get(&name).trim().to_owned();
        let materials: Vec<i32> = sent(fields, &format!("papers-{part}"))
            .into_iter()
            .filter_map(|seq| seq.parse().ok())
            .collect();
        if title.is_empty() && (part == 1 || !materials.is_empty()) {
            let words = Text::new("请给拆出的这一件起个名称", "give this part a name");
            return (parts, Some(FieldError { field: name, text: words }));
        }
        if !title.is_empty() {
            parts.push(Part { title, materials });
        }
    }
    (parts, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(rows: &[(&str, &str)]) -> Fields {
        Fields(rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn parts_are_read_with_their_papers_and_empty_ones_left_out() {
        let sent =
            fields(&[("title-1", " 一店 "), ("papers-1", "1"), ("papers-1", "2"), ("title-2", "")]);
        let (parts, wrong) = read_parts(&sent, 2);
        assert!(wrong.is_none());
        assert_eq!(parts, [Part { title: "一店".to_owned(), materials: vec![1, 2] }]);
    }

    #[test]
    fn a_part_without_a_name_is_sent_back_beside_its_field() {
        let first = read_parts(&fields(&[]), 1).1.unwrap();
        assert_eq!(first.field, "title-1");
        let second = read_parts(&fields(&[("title-1", "一"), ("papers-2", "1")]), 2).1.unwrap();
        assert_eq!(second.field, "title-2");
    }
}
