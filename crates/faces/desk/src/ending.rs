//! 终止: the page on which an official ends a case before there is a decision.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_http::{Answer, App, Fields, Visit, redirect};
use zhengtong_ui::Icon;
use zhengtong_ui::field::{Form, form};
use zhengtong_ui::press::Button;

use crate::bench::staff_only;
use crate::casework::{Opened, address};
use crate::sheet::{self, Head};
use crate::typed::Typed;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/end", get(ask).post(end))
}

async fn ask(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default()).await
}

async fn show(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let opened = Opened::shown(visit, no).await?;
    let (lang, case) = (visit.lang(), &opened.view.case);
    let decl = opened.case_type.as_ref().and_then(|found| found.ending.as_ref());
    let head = Head::new(
        lang.pick("终止办理", "End the case"),
        lang.pick(
            "还没有决定就结束这一件，只用在法律允许的情形。",
            "The case ends before it is decided, only where the law allows it.",
        ),
    );
    let main = |frame: &zhengtong_ui::Frame<'_>| {
        if !opened.errands.may_end {
            return sheet::barred(lang, &typed, case, why_not(lang, &opened));
        }
        form(
            frame,
            &Form::post(format!("{}/end", address(no))),
            html! {
                (sheet::version(case))
                (sheet::reason(lang, &typed))
                (sheet::ends(lang, Button::danger(lang.pick("终止这一件", "End this case")).icon(Icon::Ban), case))
            },
        )
    };
    let timeline = decl.map(|decl| decl.event.get(lang).to_owned()).unwrap_or_default();
    let aside = html! {
        @if opened.errands.may_end { (consequences(lang, &timeline)) }
        (sheet::basis(lang, decl.map(|decl| &decl.basis)))
    };
    Ok(sheet::draw(visit, &opened, &head, &typed, (main, Some(aside))))
}

fn consequences(lang: zhengtong_base::Lang, timeline: &str) -> Markup {
    sheet::follows(
        lang,
        &[
            &format!("{}{timeline}", lang.pick("进度里写：", "The timeline says: ")),
            lang.pick(
                "没办的步骤全部撤销，时钟停下，跟着它的件一起结束。终止不能收回，您的姓名和时间改不掉。",
                "All open steps are cancelled, the clocks end, and cases that follow it end too. It cannot be undone; your name and the time stay for good.",
            ),
        ],
    )
}

/// Why it cannot be ended by the reader now, and what to do.
fn why_not(lang: zhengtong_base::Lang, opened: &Opened) -> &'static str {
    let case = &opened.view.case;
    let declared = opened.case_type.as_ref().is_some_and(|found| found.ending.is_some());
    if !declared {
        lang.pick(
            "这类事项没有终止的规定。申请人不办了可以自己撤回；不符合条件的，作出不予决定",
            "This kind of matter has no rule for it. The applicant may take it back; what does not meet the conditions is refused",
        )
    } else if case.state.over() || case.decided_at.is_some() {
        lang.pick(
            "已经办完或已有决定，不能再终止。决定有错的，走撤销",
            "It is over or decided and cannot be ended. A wrong decision is revoked instead",
        )
    } else {
        lang.pick(
            "终止由承办单位的负责人决定，请向负责人说明情况",
            "The head of the department in charge decides that: tell them how it stands",
        )
    }
}

async fn end(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let at = (no.as_str(), sheet::seen(&fields));
    let outcome = zhengtong_casework::end(&mut ctx, at, fields.get("reason")).await;
    match sheet::settle(ctx, outcome, fields).await? {
        Ok(_case) => Ok(redirect(&address(&no))),
        Err(typed) => show(&visit, &no, typed).await,
    }
}
