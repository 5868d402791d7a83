//! Writing a reason: phrases to put in, half-written words that are kept, and the paper as it would be.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang, Text};
use zhengtong_casework::{Choice, Phrase};
use zhengtong_http::{Answer, Fault, Fields, Visit};
use zhengtong_ui::notice::Mood;
use zhengtong_ui::panel::{Open, fold};
use zhengtong_ui::press::{Button, submit};

use crate::bench::{reading, staff_only};
use crate::casework::Opened;
use crate::decide::{Typed, again, typed};

/// The phrases for a decision; each is put into the reason, and one's own can be removed.
pub(crate) fn offered(lang: Lang, base: &str, phrases: &[Phrase], choice: &Choice) -> Markup {
    let action = format!("{base}/words");
    let open = if choice.reason { Open::Yes } else { Open::No };
    fold(
        lang.pick("常用语", "Phrases"),
        open,
        html! {
            @if phrases.is_empty() {
                p.soft { (lang.pick("还没有。写好一段，点“存为常用语”，下次一点就有。", "None yet. Write something and keep it as a phrase.")) }
            }
            ul.list {
                @for phrase in phrases {
                    li {
                        div.list-text { (phrase.text.get(lang)) }
                        div.list-end {
                            div.row.row-tight {
                                button.button.button-second type="submit" formaction=(action) name="insert" value=(phrase.key) data-insert=(phrase.text.get(lang)) {
                                    (lang.pick("插入", "Put in"))
                                    span.unseen { (lang.pick("：", ": ")) (phrase.text.get(lang)) }
                                }
                                @if phrase.own {
                                    button.button.button-quiet type="submit" formaction=(action) name="drop" value=(phrase.key) {
                                        (lang.pick("删掉", "Remove"))
                                        span.unseen { (lang.pick("：", ": ")) (phrase.text.get(lang)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            (submit(&Button::quiet(lang.pick("把现在写的存为常用语", "Keep what is written as a phrase")).action(action.as_str()).sends("do", "own")))
            p.meta { (lang.pick("常用语只有您看得到，不要写个人信息。", "Only you see your phrases; write no personal data in them.")) }
        },
    )
}

/// Keeps what is written, and does what the pressed button says besides.
pub(crate) async fn words(
    visit: Visit,
    Path((no, todo, outcome)): Path<(String, Uuid, String)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    // The key belongs to the decision that this form sends at last; keeping words twice is keeping them once.
    ctx.key = None;
    let mut typed = typed(&fields);
    let opened = Opened::load(&mut ctx, &no).await?;
    let effect = opened
        .case_type
        .as_ref()
        .and_then(|case_type| case_type.outcome.get(&outcome))
        .map(|outcome| outcome.effect)
        .ok_or_else(Fault::absent)?;
    if !fields.get("insert").is_empty() {
        let phrases = zhengtong_casework::phrases(&mut ctx, &opened.view.case.kind, effect).await?;
        let phrase = phrases.into_iter().find(|phrase| phrase.key == fields.get("insert"));
        let phrase = phrase.ok_or_else(Fault::absent)?;
        typed.reason = joined(&typed.reason, phrase.text.get(visit.lang()));
    }
    let kept = zhengtong_casework::keep_draft(&mut ctx, &no, todo, &outcome, &typed.reason).await;
    let outcome_of_words = match kept {
        Ok(()) => more(&mut ctx, &fields, effect, &mut typed).await,
        Err(error) => Err(error),
    };
    match outcome_of_words {
        Ok(()) if fields.has("quiet", "1") => {
            ctx.commit().await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        Ok(()) => {
            ctx.commit().await?;
            typed.seen = None;
            again(&visit, (&no, todo, &outcome), None, typed).await
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            typed.errors = error.fields();
            typed.said = typed.errors.is_empty().then(|| (Mood::Failure, error.text()));
            again(&visit, (&no, todo, &outcome), Some(error.kind()), typed).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What a button asks for beside keeping the words.
async fn more(
    ctx: &mut zhengtong_db::Ctx,
    fields: &Fields,
    effect: zhengtong_casework::Effect,
    typed: &mut Typed,
) -> zhengtong_casework::Result<()> {
    let said = |zh: &str, en: &str| Some((Mood::Done, Text::new(zh, en)));
    if let Ok(phrase) = fields.get("drop").parse::<Uuid>() {
        zhengtong_casework::drop_phrase(ctx, phrase).await?;
        typed.said = said("常用语已删掉", "The phrase was removed");
        return Ok(());
    }
    match fields.get("do") {
        "own" => {
            zhengtong_casework::keep_phrase(ctx, effect, &typed.reason).await?;
            typed.said = said("已存为常用语", "Kept as a phrase");
        }
        "keep" => {
            typed.said = said(
                "已存好，下次打开接着写；同事看不到",
                "Kept: you go on from here next time; colleagues do not see it",
            );
        }
        "preview" => {
            typed.previewed = true;
            typed.said = said(
                "右边就是申请人会收到的，还没有发出",
                "Beside this is what the applicant would get; nothing was sent",
            );
        }
        _ => {}
    }
    Ok(())
}

/// A phrase after what is written.
fn joined(written: &str, phrase: &str) -> String {
    let written = written.trim_end();
    if written.is_empty() { phrase.to_owned() } else { format!("{written}\n{phrase}") }
}

/// The paper as it would be, with the words that were kept.
pub(crate) async fn sample(
    visit: Visit,
    Path((no, todo, outcome)): Path<(String, Uuid, String)>,
) -> Answer {
    let mut ctx = reading(&visit).await?;
    let drafts = zhengtong_casework::drafts(&mut ctx, &no).await?;
    let words = drafts
        .into_iter()
        .find(|draft| draft.todo == todo && draft.outcome == outcome)
        .map(|draft| draft.words)
        .unwrap_or_default();
    let paper = zhengtong_casework::preview(&mut ctx, &no, &outcome, &words, &[]).await?;
    ctx.commit().await?;
    let bytes = paper.ok_or_else(Fault::absent)?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=sample.pdf"),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_phrase_stands_on_a_line_of_its_own() {
        assert_eq!(joined("", "缺图"), "缺图");
        assert_eq!(joined("缺章\n", "缺图"), "缺章\n缺图");
    }
}
