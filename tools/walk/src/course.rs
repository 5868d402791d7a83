//! The course of a food business licence: applied for, accepted, reviewed, inspected, decided.

use crate::session::{File, Session, after, token};
use crate::wire::{Lost, Reply};

/// The item that is applied for.
pub const ITEM: &str = "/hall/food-business-new";

/// What was told about an act.
#[derive(Clone, Debug)]
pub enum Told<T> {
    /// It was done; the id of the request that did it.
    Done(T, String),
    /// It was not done, and this is why.
    Refused(u16, String),
    /// Nobody knows: no answer came.
    Unknown(String),
}

impl<T> Told<T> {
    /// The value of what was done.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value, _) => Some(value),
            Self::Refused(..) | Self::Unknown(_) => None,
        }
    }

    /// The word for a history.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(..) => "ok",
            Self::Refused(..) => "fail",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// The answers of each page, as the form of the pack asks for them.
const PAGES: &[(&str, &[(&str, &str)])] = &[
    ("business", &[]),
    ("place", &[("same_address", "true"), ("premises", "owned")]),
    ("size", &[("area", "120"), ("water", "tap")]),
    ("trade", &[("kind", "2")]),
    ("products", &[("items", "21")]),
    ("officer", &[("officer_name", "市民丙"), ("officer_mobile", "10012345678")]),
    ("staff", &[]),
    (
        "system",
        &[
            ("rules", "self_check"),
            ("rules", "health"),
            ("rules", "purchase"),
            ("rules", "incident"),
        ],
    ),
];

/// Begins an application and gives the path of its draft.
pub async fn begin(agent: &Session) -> Told<String> {
    let start = format!("{ITEM}/start");
    let csrf = match fresh(agent, &start).await {
        Ok(csrf) => csrf,
        Err(told) => return told,
    };
    let sent = agent.post(&start, &[("csrf", &csrf)]).await;
    told(sent, |reply| place(reply, "/my/draft/"))
}

/// Answers every page, the last with a paper if there is one.
pub async fn fill(agent: &Session, draft: &str, paper: Option<&[u8]>) -> Told<()> {
    let csrf = match fresh(agent, draft).await {
        Ok(csrf) => csrf,
        Err(told) => return told,
    };
    let mut last = String::new();
    for (page, answers) in PAGES {
        let mut fields = vec![("csrf", csrf.as_str()), ("then", "check")];
        fields.extend_from_slice(answers);
        let sent = agent.post(&format!("{draft}/page/{page}"), &fields).await;
        match told(sent, |reply| place(reply, "/my/draft/").map(drop)) {
            Told::Done((), request) => last = request,
            other => return other,
        }
    }
    let papers = format!("{draft}/page/papers");
    let fields = [("csrf", csrf.as_str()), ("then", "check")];
    let sent = match paper {
        Some(bytes) => {
            let file =
                File { field: "layout", name: "布局图.pdf", kind: "application/pdf", bytes };
            agent.upload(&papers, &fields, &file).await
        }
        None => agent.post(&papers, &fields).await,
    };
    match told(sent, |reply| place(reply, "/my/draft/").map(drop)) {
        Told::Done((), _) => Told::Done((), last),
        other => other,
    }
}

/// Hands a draft in and gives the number of the case.
pub async fn hand_in(agent: &Session, draft: &str) -> Told<String> {
    let page = match agent.get(draft).await {
        Ok(page) => page,
        Err(lost) => return unread(&lost),
    };
    // Handed in already, by a request whose answer was lost.
    if let Some(no) = place(&page, "/my/case/").and_then(|path| number(&path)) {
        return Told::Done(no, String::new());
    }
    let Some(csrf) = token(&page) else { return no_form(&page) };
    let sent = agent.post(&format!("{draft}/submit"), &consent(&csrf)).await;
    told(sent, |reply| place(reply, "/my/case/").and_then(|path| number(&path)))
}

/// The fields with which a draft is handed in.
pub fn consent(csrf: &str) -> [(&str, &str); 3] {
    [("csrf", csrf), ("sharing", "yes"), ("truth", "yes")]
}

/// Decides the open task of a case that has this outcome.
pub async fn decide(officer: &Session, no: &str, outcome: &str, reason: &str) -> Told<()> {
    let (path, csrf, seen) = match decision(officer, no, outcome).await {
        Ok(found) => found,
        Err(told) => return told,
    };
    let fields = [("csrf", csrf.as_str()), ("seen", &seen), ("reason", reason)];
    let sent = officer.post(&path, &fields).await;
    told(sent, |reply| place(reply, "/desk/casework/").map(drop))
}

/// The form by which the page of a case does its first step without another page, if it is this step: address, token,
/// version.
fn at_once(page: &str, ending: &str) -> Option<(String, String, String)> {
    page.split("<form").skip(1).find_map(|form| {
        let form = form.split("</form>").next()?;
        let path = after(form, "action=\"").filter(|path| path.contains("/decide/"))?;
        let csrf = after(form, "name=\"csrf\" value=\"")?;
        let seen = after(form, "name=\"seen\" value=\"")?;
        path.ends_with(ending).then(|| (path.to_owned(), csrf.to_owned(), seen.to_owned()))
    })
}

/// The address of a decision with the token and the version of its page.
pub async fn decision<T>(
    officer: &Session,
    no: &str,
    outcome: &str,
) -> Result<(String, String, String), Told<T>> {
    let case = format!("/desk/casework/{no}");
    let page = officer.get(&case).await.map_err(|lost| unread(&lost))?;
    let text = page.text();
    let ending = format!("/{outcome}");
    if let Some(found) = at_once(&text, &ending) {
        return Ok(found);
    }
    let found = text
        .split("href=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .find(|href| href.contains("/decide/") && href.ends_with(&ending));
    let Some(path) = found.map(str::to_owned) else {
        let why = if page.status == 200 { "no such task" } else { "no page" };
        return Err(Told::Refused(page.status, why.to_owned()));
    };
    let page = officer.get(&path).await.map_err(|lost| unread(&lost))?;
    let seen = after(&page.text(), "name=\"seen\" value=\"").map(str::to_owned);
    match (token(&page), seen) {
        (Some(csrf), Some(seen)) => Ok((path, csrf, seen)),
        _ => Err(Told::Refused(page.status, "no such task any more".to_owned())),
    }
}

/// Sends a small form of the page of a case, such as a note or a stop of the clock, with the version of the page.
pub async fn small(who: &Session, page: &str, action: &str, fields: &[(&str, &str)]) -> Told<()> {
    let reply = match who.get(page).await {
        Ok(reply) => reply,
        Err(lost) => return unread(&lost),
    };
    let Some(csrf) = token(&reply).filter(|_| reply.status == 200) else { return no_form(&reply) };
    let seen = after(&reply.text(), "name=\"seen\" value=\"").map(str::to_owned);
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(seen.as_deref().map(|seen| ("seen", seen)));
    all.extend_from_slice(fields);
    told(who.post(action, &all).await, |reply| (reply.status == 303).then_some(()))
}

/// Throws one draft of one's own away, so that there is room for the next.
pub async fn discard(agent: &Session) -> Told<()> {
    let reply = match agent.get("/my").await {
        Ok(reply) => reply,
        Err(lost) => return unread(&lost),
    };
    let text = reply.text();
    let draft = after(&text, "href=\"/my/draft/").and_then(|path| path.split(['/', '?']).next());
    let (Some(csrf), Some(id)) = (token(&reply), draft) else { return no_form(&reply) };
    let path = format!("/my/draft/{id}/discard");
    told(agent.post(&path, &[("csrf", &csrf)]).await, |reply| (reply.status == 303).then_some(()))
}

/// A token for the next act, from a page.
pub async fn fresh<T>(who: &Session, page: &str) -> Result<String, Told<T>> {
    let reply = who.get(page).await.map_err(|lost| unread(&lost))?;
    token(&reply).filter(|_| reply.status == 200).ok_or_else(|| no_form(&reply))
}

/// What an answer says of an act: a redirection to where the act leads, or anything else.
pub fn told<T>(sent: Result<Reply, Lost>, done: impl Fn(&Reply) -> Option<T>) -> Told<T> {
    let reply = match sent {
        Ok(reply) => reply,
        Err(Lost::Unsent(why)) => return Told::Refused(0, why),
        Err(Lost::Unknown(why)) => return Told::Unknown(why),
    };
    let request = reply.header("x-request-id").unwrap_or_default().to_owned();
    match done(&reply) {
        Some(value) if reply.status == 303 => Told::Done(value, request),
        // The server gave up waiting: its transaction may still commit.
        _ if reply.status >= 500 => Told::Unknown(format!("status {}", reply.status)),
        _ => {
            let to = reply.header("location").map_or_else(|| words(&reply), str::to_owned);
            Told::Refused(reply.status, to)
        }
    }
}

/// The number in `/my/case/{no}/receipt`.
fn number(path: &str) -> Option<String> {
    path.strip_prefix("/my/case/")?.split(['/', '?']).next().map(str::to_owned)
}

fn place(reply: &Reply, start: &str) -> Option<String> {
    let to = reply.header("location")?;
    to.starts_with(start).then(|| to.to_owned())
}

/// Nothing was sent that could change anything.
fn unread<T>(lost: &Lost) -> Told<T> {
    Told::Refused(0, lost.to_string())
}

fn no_form<T>(reply: &Reply) -> Told<T> {
    Told::Refused(reply.status, format!("no form: {}", words(reply)))
}

/// The title and the fault of a page.
fn words(reply: &Reply) -> String {
    let text = reply.text();
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split('<').next());
    title.unwrap_or_default().chars().take(80).collect()
}
