//! What can be done now with a bad rating, each act with its own form.

use maud::{Markup, html};
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_db::Ctx;
use zhengtong_http::Fields;
use zhengtong_rating::{Identity, Result, Seen, StepKind};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Form, form};
use zhengtong_ui::frame::token;
use zhengtong_ui::panel::{Panel, boxed, panel};
use zhengtong_ui::press::{Button, actions, post, submit};

use super::words_field;

/// What came back with what is wrong with it; or who rated, when that was asked for.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) fields: Fields,
    pub(super) errors: Vec<FieldError>,
    pub(super) said: Option<Text>,
    pub(super) rater: Option<Identity>,
}

/// Does what the form asks for.
pub(super) async fn done(ctx: &mut Ctx, no: &str, fields: &Fields) -> Result<()> {
    let words = fields.get("words");
    match fields.get("do") {
        "dispatch" => zhengtong_rating::dispatch(ctx, no).await,
        "reply" => zhengtong_rating::reply(ctx, no, words).await,
        "ask" => zhengtong_rating::ask(ctx, no, fields.get("question")).await,
        "appeal" => zhengtong_rating::appeal(ctx, no, fields.get("evidence")).await,
        "uphold" => zhengtong_rating::decide_appeal(ctx, no, true, fields.get("reason")).await,
        "dismiss" => zhengtong_rating::decide_appeal(ctx, no, false, fields.get("reason")).await,
        "order" => zhengtong_rating::order(ctx, no, words).await,
        "conclude" => zhengtong_rating::conclude(ctx, no, words).await,
        "settled" => zhengtong_rating::record_call_back(ctx, no, true, words).await,
        _ => zhengtong_rating::record_call_back(ctx, no, false, words).await,
    }
}

/// The forms of what can be done now.
pub(super) fn panels(
    lang: Lang,
    frame: &Frame<'_>,
    seen: &Seen,
    typed: &Typed,
    office: bool,
) -> Markup {
    let no = &seen.matter.no;
    let action = format!("/desk/ratings/{no}");
    let may = |kind: StepKind| seen.may.contains(&kind);
    let send = |word: &'static str, zh: &'static str, en: &'static str| {
        submit(&Button::new(lang.pick(zh, en)).sends("do", word))
    };
    let second = |word: &'static str, zh: &'static str, en: &'static str| {
        submit(&Button::secondary(lang.pick(zh, en)).sends("do", word))
    };
    let sheet = |heading: &'static str, body: Markup| {
        panel(&Panel::new(heading), form(frame, &Form::post(action.clone()), body))
    };
    html! {
        @if may(StepKind::Dispatched) {
            (panel(&Panel::new(lang.pick("派发", "Send it")), html! {
                p.soft { (lang.pick("每天 9 点和 14 点自动派发；急的可以现在派。", "Sent at 9 and 14 o'clock; what is urgent can be sent now.")) }
                (post(&action, token(frame), &Button::new(lang.pick("派给单位", "Send to the department")).sends("do", "dispatch")))
            }))
        }
        @if may(StepKind::Replied) {
            (sheet(lang.pick("整改并答复", "Put right and reply"), html! {
                (words_field(frame, "words", lang.pick("怎么改的、怎么答复（评价人会看到，审看后公开）", "What was done, and the reply (whoever rated reads it; published after review)"), typed))
                (actions(send("reply", "答复", "Reply")))
            }))
        }
        @if may(StepKind::Asked) {
            (sheet(lang.pick("向评价人核实", "Ask whoever rated"), html! {
                (words_field(frame, "question", lang.pick("想了解什么（平台转给评价人）", "What you want to know (the platform passes it on)"), typed))
                (actions(second("ask", "发问", "Ask")))
            }))
        }
        @if may(StepKind::Appealed) {
            (sheet(lang.pick("申诉", "Appeal"), html! {
                p.soft { (lang.pick("误评、恶意评价可以申诉一次，要有证据。复核期间停钟。", "One appeal, with evidence, against a mistaken or malicious rating. The clock stands meanwhile.")) }
                (words_field(frame, "evidence", lang.pick("理由和证据", "Reason and evidence"), typed))
                (actions(second("appeal", "提出申诉", "Appeal")))
            }))
        }
        @if may(StepKind::Excluded) {
            (sheet(lang.pick("复核申诉", "Decide the appeal"), html! {
                (words_field(frame, "reason", lang.pick("结论和理由（署您的名）", "Decision and reason (under your name)"), typed))
                (actions(html! { (send("dismiss", "维持评价", "Dismiss")) (second("uphold", "申诉成立，不计入", "Uphold and exclude")) }))
            }))
        }
        @if may(StepKind::Ordered) {
            (sheet(lang.pick("提级处理", "Raised"), html! {
                (words_field(frame, "words", lang.pick("要求或结论（署您的名）", "Order or conclusion (under your name)"), typed))
                (actions(html! { (send("order", "责令再整改", "Order")) (second("conclude", "核定办结", "Conclude")) }))
            }))
        } @else if may(StepKind::Settled) {
            (sheet(lang.pick("记录电话回访", "Write a call back down"), html! {
                (words_field(frame, "words", lang.pick("回访情况", "What was said"), typed))
                (actions(html! { (send("settled", "已解决", "Settled")) (second("unsettled", "没有解决", "Not settled")) }))
            }))
        }
        @if office { (identity(lang, frame, no, typed)) }
        @if seen.may.is_empty() { p.soft { (lang.pick("现在不用您办。", "Nothing to do for you now.")) } }
    }
}

/// Who rated, for calling back: for a reason, which the person reads.
fn identity(lang: Lang, frame: &Frame<'_>, no: &str, typed: &Typed) -> Markup {
    boxed(
        &Panel::new(lang.pick("评价人", "Who rated")),
        html! {
            @match &typed.rater {
                Some(rater) => {
                    p { (lang.pick("办件或来访：", "Case or visit: ")) (rater.subject) }
                    p.soft { (lang.pick("只用于回访。查看已记录，本人看得到。", "For calling back only. The look is recorded, and the person sees it.")) }
                }
                None => (form(frame, &Form::post(format!("/desk/ratings/{no}/rater")), html! {
                    p.soft { (lang.pick("只在回访时查看，写明理由；查看会记录，本人看得到。不得告诉被评单位。", "Look only for calling back, and say why; it is recorded, the person sees it, and the department must not learn it.")) }
                    (words_field(frame, "why", lang.pick("理由", "Reason"), typed))
                    (actions(submit(&Button::quiet(lang.pick("查看评价人", "Show who rated")))))
                })),
            }
        },
    )
}
