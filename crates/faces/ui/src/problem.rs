//! Pages for when something did not work: whose fault it is, what was kept, what to do now. Never a bare number.

use maud::{Markup, html};
use zhengtong_base::{Kind, Lang, Text};

use crate::frame::Frame;
use crate::icon::{Icon, IconSize, icon_of};
use crate::words::Words;

/// What did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// 400, 413, 415, 422: what was sent cannot be taken.
    Invalid,
    /// 401: nobody is logged in, or the session has ended.
    Unauthenticated,
    /// 403: not theirs to see or do.
    Denied,
    /// 404: nothing here, or nothing they may know of.
    NotFound,
    /// 405: this address does not take this method.
    Method,
    /// 409: someone else was faster.
    Conflict,
    /// 429: too many tries.
    TooMany,
    /// 500: our own fault.
    Internal,
    /// 503: away for the moment.
    Unavailable,
    /// The device is not connected.
    Offline,
}

impl Problem {
    /// All problems, for the catalogue and for tests.
    pub const ALL: [Self; 10] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Denied,
        Self::NotFound,
        Self::Method,
        Self::Conflict,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
        Self::Offline,
    ];

    /// The problem that belongs to a kind of failure.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Invalid | Kind::TooLarge | Kind::Unsupported => Self::Invalid,
            Kind::NotFound => Self::NotFound,
            Kind::Denied => Self::Denied,
            Kind::Unauthenticated => Self::Unauthenticated,
            Kind::Conflict => Self::Conflict,
            Kind::TooMany => Self::TooMany,
            Kind::Unavailable => Self::Unavailable,
            Kind::Internal => Self::Internal,
        }
    }

    /// The title of its page.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Invalid => {
                lang.pick("没提交成功，有内容要改", "Not sent: something has to be changed")
            }
            Self::Unauthenticated => lang.pick("请先登录", "Please sign in"),
            Self::Denied => lang.pick("这一页您看不了", "You cannot open this page"),
            Self::NotFound => lang.pick("没找到这一页", "Page not found"),
            Self::Method => lang.pick("这个地址不能这样用", "This address cannot be used this way"),
            Self::Conflict => lang.pick("这一步现在办不了", "This cannot be done right now"),
            Self::TooMany => {
                lang.pick("试得太频繁了，歇一会儿", "Too many tries, please wait a little")
            }
            Self::Internal => lang.pick("我们这边出了错", "Something went wrong on our side"),
            Self::Unavailable => lang.pick("现在办不了，过一会儿再来", "Not available right now"),
            Self::Offline => lang.pick("网断了", "You are offline"),
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Invalid => Icon::Pencil,
            Self::Unauthenticated => Icon::KeyRound,
            Self::Denied => Icon::Lock,
            Self::NotFound => Icon::SearchX,
            Self::Method => Icon::Ban,
            Self::Conflict => Icon::GitBranch,
            Self::TooMany => Icon::Hourglass,
            Self::Internal => Icon::TriangleAlert,
            Self::Unavailable => Icon::ServerOff,
            Self::Offline => Icon::WifiOff,
        }
    }

    /// Whether its advice stands even beside the words of the failure, which say why but not what is kept.
    fn advises(self) -> bool {
        !matches!(self, Self::Conflict | Self::Method | Self::TooMany)
    }

    fn advice(self, lang: Lang) -> &'static str {
        match self {
            Self::Invalid => lang.pick("退回上一页，照提示改好再提交。您填过的都还在。", "Go back, correct what is marked and send again. What you filled in is kept."),
            Self::Unauthenticated => lang.pick("登录以后会回到这一页，填过的内容不会丢。", "After signing in you come back here, and nothing you typed is lost."),
            Self::Denied => lang.pick("它归别的单位或别的人办。确实要看，请写明理由申请；申请和查看都会留痕。", "It belongs to another office or person. If you need it, ask and give a reason; asking and looking are both recorded."),
            Self::NotFound => lang.pick("地址可能抄错了，或者这件事已经搬了家。可以搜一下，也可以从首页找。", "The address may be mistyped, or the page has moved. Search for it, or start from the home page."),
            Self::Method => lang.pick("请从页面上的链接或按钮进入。", "Please use the links and buttons of the pages."),
            Self::Conflict => lang.pick("刚才有人先改了。回去看最新的，再决定要不要改；您写的没有覆盖别人的。", "Someone changed it a moment ago. Look at the latest state and decide again; nothing was overwritten."),
            Self::TooMany => lang.pick("为了安全，短时间内次数有限。几分钟后再试就行。", "To stay safe, tries within a short time are limited. Try again in a few minutes."),
            Self::Internal => lang.pick("不是您的问题。已经提交的都在，没提交的请再试一次，不会重复提交。", "It is not your fault. What was sent is safe; if not yet sent, try again. Nothing is sent twice."),
            Self::Unavailable => lang.pick("服务正在恢复，通常几分钟就好。已经提交的都在，草稿也在。", "The service is coming back, usually within minutes. What was sent and your drafts are safe."),
            Self::Offline => lang.pick("连上网再试。没提交的内容还留在这一页上。", "Connect and try again. What you have not sent is still on this page."),
        }
    }
}

/// The words of a failure as a sentence: they come without a full stop, and in English without a capital.
fn sentence(words: &str, lang: Lang) -> String {
    let end = if words.ends_with(['。', '？', '.', '?']) { "" } else { lang.pick("。", ".") };
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}{end}", letters.as_str())
}

/// A problem as a page shows it.
#[derive(Clone, Debug)]
pub struct ProblemPage<'a> {
    /// What did not work.
    pub problem: Problem,
    /// What a failure says of itself, instead of the usual words.
    pub text: Option<Text>,
    /// What to do now: links as pairs of words and address; the first is a button.
    pub ways: Vec<(Words<'a>, Words<'a>)>,
}

impl ProblemPage<'_> {
    /// The usual page of a problem.
    pub fn new(problem: Problem) -> Self {
        Self { problem, text: None, ways: Vec::new() }
    }
}

/// The body of a problem page; set the frame's title to [`Problem::title`].
pub fn problem(frame: &Frame<'_>, page: &ProblemPage<'_>) -> Markup {
    let lang = frame.lang;
    let ways =
        if page.ways.is_empty() { usual_ways(frame, page.problem) } else { page.ways.clone() };
    html! {
        div.problem {
            (icon_of(page.problem.icon(), IconSize::Large))
            h1 { (page.problem.title(lang)) }
            @if let Some(text) = page.text.as_ref().filter(|_| page.problem != Problem::NotFound) { p.lead { (sentence(text.get(lang), lang)) } }
            @if page.text.is_none() || page.problem.advises() { p.lead { (page.problem.advice(lang)) } }
            div.actions {
                @for (index, (words, href)) in ways.iter().enumerate() {
                    a class=(if index == 0 { "button" } else { "button button-quiet" }) href=(href) { (words) }
                }
            }
            p.meta {
                (lang.pick("还不行就打 ", "Still stuck? Call ")) a href="tel:12345" { "12345" }
                @if !frame.request.is_empty() {
                    (lang.pick("，报上本页编号 ", " and give the page number ")) strong.nowrap { (frame.request) }
                }
                (lang.pick("。", "."))
            }
        }
    }
}

fn usual_ways<'a>(frame: &Frame<'a>, problem: Problem) -> Vec<(Words<'a>, Words<'a>)> {
    let lang = frame.lang;
    let home = (lang.pick("回首页", "Home page").into(), "/".into());
    match problem {
        Problem::Unauthenticated => {
            vec![(lang.pick("登录", "Sign in").into(), frame.login.clone()), home]
        }
        Problem::NotFound => {
            vec![(lang.pick("找事项", "Find a service").into(), "/hall".into()), home]
        }
        Problem::Unavailable
        | Problem::Internal
        | Problem::TooMany
        | Problem::Offline
        | Problem::Conflict => {
            vec![(lang.pick("再试一次", "Try again").into(), frame.path.clone()), home]
        }
        _ => vec![home],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_to_do_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            for one in Problem::ALL {
                let mut frame = Frame::new(lang, one.title(lang));
                frame.request = "9f3c".into();
                let html = problem(&frame, &ProblemPage::new(one)).into_string();
                assert!(
                    html.contains("12345")
                        && html.contains("9f3c")
                        && html.contains("class=\"button\"")
                );
                if lang == Lang::En {
                    assert!(
                        !html.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                        "{html}"
                    );
                }
            }
        }
    }
}
