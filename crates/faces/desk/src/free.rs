//! What an officer may do with a task beside deciding it: send it back or on, give or lend it to somebody, ask others
//! to sign or for an opinion, take back what was done last. Each act on a page of its own, with its reason.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Limits, Text};
use zhengtong_casework::{Candidate, Case, Moves, Rule, SignPlace, Takeable, Target, Whom};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, redirect};
use zhengtong_ui::act::{Act, Rank, acts};
use zhengtong_ui::field::{
    Area, Field, Form, Layout, Pick, checkboxes, errors, form, hidden, radios, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{reading, staff_only};
use crate::casework::{Opened, address};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/hand", get(all))
        .route("/desk/casework/{no}/hand/{todo}/{act}", get(ask).post(act))
}

/// Everything that may be done beside deciding, in the order in which it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Free {
    Sign,
    GiveBack,
    Back,
    Straight,
    Transfer,
    Delegate,
    AddSign,
    Countersign,
    Consult,
    RemoveSign,
    SendTo,
    TakeBack,
}

impl Free {
    const ALL: [Self; 12] = [
        Self::Sign,
        Self::GiveBack,
        Self::Back,
        Self::Straight,
        Self::Transfer,
        Self::Delegate,
        Self::AddSign,
        Self::Countersign,
        Self::Consult,
        Self::RemoveSign,
        Self::SendTo,
        Self::TakeBack,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::GiveBack => "give-back",
            Self::Back => "back",
            Self::Straight => "straight",
            Self::Transfer => "transfer",
            Self::Delegate => "delegate",
            Self::AddSign => "add-sign",
            Self::Countersign => "countersign",
            Self::Consult => "consult",
            Self::RemoveSign => "remove-sign",
            Self::SendTo => "send-to",
            Self::TakeBack => "take-back",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|free| free.word() == word)
    }

    /// What it is called, and what follows from it.
    fn words(self) -> (Text, Text) {
        let pair =
            |zh: (&str, &str), en: (&str, &str)| (Text::new(zh.0, en.0), Text::new(zh.1, en.1));
        match self {
            Self::Sign => {
                pair(("写意见", "意见记入经过"), ("Give an opinion", "It goes on record"))
            }
            Self::GiveBack => {
                pair(("交回", "办好了，交回委派您的人"), ("Give back", "To whom lent it to you"))
            }
            Self::Back => pair(("退回", "回到前面一步重新办"), ("Send back", "To an earlier step")),
            Self::Straight => pair(
                ("退回，改好直接回到这里", "中间各步不重办"),
                ("Send back, straight return", "The steps between are not done again"),
            ),
            Self::Transfer => pair(
                ("转办", "交给同岗位的同事，不再归您"),
                ("Pass on", "To a colleague with the same role"),
            ),
            Self::Delegate => pair(
                ("委派", "请同事代办，办好交回"),
                ("Lend", "To a colleague, who gives it back"),
            ),
            Self::AddSign => pair(
                ("加签", "请人先看、后看或一起看"),
                ("Ask to sign too", "Before, after or together"),
            ),
            Self::Countersign => {
                pair(("会签", "请几位一起签"), ("Ask several to sign", "All, or the first"))
            }
            Self::Consult => pair(
                ("征求意见", "请人写意见，决定还由您做"),
                ("Ask for an opinion", "You still decide"),
            ),
            Self::RemoveSign => {
                pair(("减签", "不再等这一位"), ("Ask no longer", "Nobody waits for this one"))
            }
            Self::SendTo => {
                pair(("特送", "直接送到某一步"), ("Send to any step", "Straight there"))
            }
            Self::TakeBack => pair(
                ("撤回我刚办的", "下一步还没人接手"),
                ("Take back what I did", "Nobody has begun the next step"),
            ),
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Sign | Self::Consult => Icon::MessagesSquare,
            Self::GiveBack | Self::Back | Self::Straight | Self::TakeBack => Icon::RotateCcw,
            Self::Transfer | Self::Delegate => Icon::ArrowRightLeft,
            Self::AddSign | Self::Countersign => Icon::Users,
            Self::RemoveSign => Icon::X,
            Self::SendTo => Icon::Route,
        }
    }

    fn offered(self, moves: &Moves) -> bool {
        match self {
            Self::Sign => moves.sign,
            Self::GiveBack => moves.give_back,
            Self::Back => !moves.back.is_empty(),
            Self::Straight => !moves.straight.is_empty(),
            Self::Transfer => moves.transfer,
            Self::Delegate => moves.delegate,
            Self::AddSign | Self::Countersign => moves.add_sign,
            Self::Consult => moves.consult,
            Self::RemoveSign => moves.remove_sign,
            Self::SendTo => !moves.anywhere.is_empty(),
            Self::TakeBack => false,
        }
    }

    /// To which steps it may go; none where it goes to people.
    fn steps(self, moves: &Moves) -> &[Target] {
        match self {
            Self::Back => &moves.back,
            Self::Straight => &moves.straight,
            Self::SendTo => &moves.anywhere,
            _ => &[],
        }
    }

    /// Whether somebody is chosen for it, and whether several may be.
    fn people(self) -> Option<bool> {
        match self {
            Self::Transfer | Self::Delegate => Some(false),
            Self::AddSign | Self::Countersign | Self::Consult => Some(true),
            _ => None,
        }
    }
}

/// Everything that may be done with the open tasks beside deciding them, and what can be taken back.
async fn all(visit: Visit, Path(no): Path<String>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let opened = Opened::load(&mut ctx, &no).await?;
    let mut lists = Vec::new();
    for task in &opened.view.tasks {
        let moves = zhengtong_casework::moves(&mut ctx, &no, task.todo.id).await?;
        let acts = offered(visit.lang(), &no, task.todo.id, &moves);
        if !acts.is_empty() {
            lists.push((task.todo.title.get(visit.lang()).to_owned(), acts));
        }
    }
    let back = zhengtong_casework::takeable(&mut ctx, &no).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("退回、转办、征求意见", "Send back, pass on, ask");
    let frame = opened.bench().frame(&visit, heading);
    let case = &opened.view.case;
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox"), Link::new(case.no.as_str(), address(&no))], heading))
        (title(&Title::new(heading).meta(html! { (case.title.get(lang)) " · " (case.applicant()) " · " (case.no) })))
        @if lists.is_empty() && back.is_empty() {
            p.soft { (lang.pick("现在没有能这样办的。", "There is nothing to do in these ways now.")) }
        }
        @for (name, acts_of) in &lists { (flush(&Panel::new(name.as_str()), acts(acts_of, &[]))) }
        @if !back.is_empty() {
            (flush(&Panel::new(lang.pick("刚办的还能撤回", "What you did can still be taken back")), acts(&takeable(lang, &no, &back), &[])))
        }
    };
    Ok(opened.bench().page(&visit, &frame, body))
}

/// What may be done with a task beside deciding it, as links.
fn offered(lang: Lang, no: &str, todo: Uuid, moves: &Moves) -> Vec<Act<'static>> {
    let all = Free::ALL.into_iter().filter(|free| free.offered(moves));
    all.map(|free| link(lang, no, todo, free)).collect()
}

/// What the officer may take back, as links.
fn takeable(lang: Lang, no: &str, all: &[Takeable]) -> Vec<Act<'static>> {
    all.iter().map(|one| link(lang, no, one.todo, Free::TakeBack)).collect()
}

fn link(lang: Lang, no: &str, todo: Uuid, free: Free) -> Act<'static> {
    let (name, note) = free.words();
    Act {
        icon: free.icon(),
        name: name.get(lang).to_owned().into(),
        note: note.get(lang).to_owned().into(),
        href: format!("{}/hand/{todo}/{}", address(no), free.word()).into(),
        rank: Rank::Other,
    }
}

#[derive(Default)]
struct Typed {
    fields: Fields,
    errors: Vec<FieldError>,
    said: Option<Text>,
    kind: Option<Kind>,
}

async fn ask(visit: Visit, Path((no, todo, word)): Path<(String, Uuid, String)>) -> Answer {
    let free = Free::parse(&word).ok_or_else(Fault::absent)?;
    show(&visit, (&no, todo, free), Typed::default()).await
}

async fn show(visit: &Visit, (no, todo, free): (&str, Uuid, Free), typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let opened = Opened::load(&mut ctx, no).await?;
    let moves = zhengtong_casework::moves(&mut ctx, no, todo).await?;
    let open = free == Free::TakeBack || free.offered(&moves);
    let people = match free.people().filter(|_| open) {
        Some(_) => zhengtong_casework::candidates(&mut ctx, no, todo).await?,
        None => Vec::new(),
    };
    ctx.commit().await?;
    let lang = visit.lang();
    let (name, _) = free.words();
    let mut frame = opened.bench().frame(visit, name.get(lang));
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let case = &opened.view.case;
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox"), Link::new(case.no.as_str(), address(no))], name.get(lang)))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (heading(lang, free, case))
        @if open || typed.kind.is_some() {
            (body_of(&frame, (no, todo, free), &Shown { case, moves: &moves, people: &people }, &typed))
        } @else {
            (notice(&Notice::new(Mood::Warning, lang.pick("这一步现在不能这样办", "This cannot be done with the step now"))))
            (actions(link_button(&Button::new(lang.pick("看最新进展", "See the latest")), &address(no))))
        }
    };
    Ok(match typed.kind {
        Some(kind) => opened.bench().refused(visit, &frame, body, kind),
        None => opened.bench().page(visit, &frame, body),
    })
}

fn heading(lang: Lang, free: Free, case: &Case) -> Markup {
    let (name, note) = free.words();
    title(
        &Title::new(name.get(lang).to_owned())
            .lead(html! { (note.get(lang)) })
            .meta(html! { (case.title.get(lang)) " · " (case.applicant()) " · " (case.no) }),
    )
}

struct Shown<'a> {
    case: &'a Case,
    moves: &'a Moves,
    people: &'a [Candidate],
}

fn body_of(
    frame: &Frame<'_>,
    (no, todo, free): (&str, Uuid, Free),
    shown: &Shown<'_>,
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let (name, _) = free.words();
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let most = u32::try_from(Limits::default().text_chars).unwrap_or(u32::MAX);
    let area = Area {
        value: typed.fields.get("reason").to_owned().into(),
        rows: 4,
        length_max: Some(most),
        ..Area::default()
    };
    form(
        frame,
        &Form::post(format!("{}/hand/{todo}/{}", address(no), free.word())),
        html! {
            (hidden("seen", &shown.case.version.to_string()))
            @if !free.steps(shown.moves).is_empty() {
                (radios(lang, &field("node", "送到哪一步", "To which step"), &steps(lang, free.steps(shown.moves)), typed.fields.get("node"), Layout::Down))
            }
            @match free.people() {
                Some(true) => {
                    (checkboxes(lang, &field("to", "请哪些同事", "Which colleagues"), &picks(lang, shown.people), &chosen(&typed.fields), Layout::Down))
                }
                Some(false) => {
                    (radios(lang, &field("to", "交给谁", "To whom"), &picks(lang, shown.people), typed.fields.get("to"), Layout::Down))
                }
                None => {}
            }
            (how(lang, free, typed))
            (textarea(lang, &field("reason", "理由或要说的话", "Reason, or what to say"), &area))
            (actions(html! {
                (submit(&Button::new(name.get(lang).to_owned()).size(Size::Large).icon(free.icon())))
                (link_button(&Button::quiet(lang.pick("先不办，回到办件", "Not now, back to the case")), &address(no)))
            }))
        },
    )
}

/// Before or after, all or the first, waiting or not.
fn how(lang: Lang, free: Free, typed: &Typed) -> Markup {
    let field = |zh: &'static str, en: &'static str| {
        Field::new("how", lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let pick = |value: &'static str, zh: &'static str, en: &'static str| {
        Pick::new(value, lang.pick(zh, en))
    };
    let chosen = |usual: &'static str| {
        let how = typed.fields.get("how");
        if how.is_empty() { usual.to_owned() } else { how.to_owned() }
    };
    match free {
        Free::AddSign => radios(
            lang,
            &field("什么时候看", "When"),
            &[
                pick("before", "在我之前", "Before me"),
                pick("after", "在我之后", "After me"),
                pick("together", "和我一起", "Together with me"),
            ],
            &chosen("before"),
            Layout::Down,
        ),
        Free::Countersign => radios(
            lang,
            &field("怎样算签完", "When it is signed"),
            &[
                pick("all", "都签了（会签）", "All have signed"),
                pick("one", "一位签了就行（或签）", "The first decides"),
            ],
            &chosen("all"),
            Layout::Down,
        ),
        Free::Consult => radios(
            lang,
            &field("要不要等", "Waiting"),
            &[
                pick("wait", "等意见到了再办", "Go on when the opinion is in"),
                pick("go", "不等，接着办", "Go on meanwhile"),
            ],
            &chosen("wait"),
            Layout::Down,
        ),
        _ => html! {},
    }
}

fn steps(lang: Lang, targets: &[Target]) -> Vec<Pick<'_>> {
    targets.iter().map(|step| Pick::new(step.node.as_str(), step.title.get(lang))).collect()
}

fn picks(lang: Lang, people: &[Candidate]) -> Vec<Pick<'_>> {
    let hint = |one: &Candidate| {
        let role = if one.has_role { lang.pick(" · 同岗位", " · same role") } else { "" };
        format!("{} · {}{role}", one.department_name, one.post.get(lang))
    };
    people
        .iter()
        .map(|one| Pick::new(one.account.to_string(), one.name.as_str()).hint(hint(one)))
        .collect()
}

fn chosen(fields: &Fields) -> Vec<&str> {
    fields.0.iter().filter(|(name, _)| name == "to").map(|(_, to)| to.as_str()).collect()
}

async fn act(
    visit: Visit,
    Path((no, todo, word)): Path<(String, Uuid, String)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let free = Free::parse(&word).ok_or_else(Fault::absent)?;
    if let Some(missing) = missing(free, &fields) {
        let typed = Typed { fields, errors: vec![missing], said: None, kind: Some(Kind::Invalid) };
        return show(&visit, (&no, todo, free), typed).await;
    }
    let mut ctx = visit.act(&fields).await?;
    match carry_out(&mut ctx, (&no, todo, free), &fields).await {
        Ok(_case) => {
            ctx.commit().await?;
            Ok(redirect(&address(&no)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let (kind, errors) = (Some(error.kind()), error.fields());
            let said = errors.is_empty().then(|| error.text());
            show(&visit, (&no, todo, free), Typed { fields, errors, said, kind }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What was not chosen.
fn missing(free: Free, fields: &Fields) -> Option<FieldError> {
    let steps = matches!(free, Free::Back | Free::Straight | Free::SendTo);
    if steps && fields.get("node").is_empty() {
        return Some(FieldError::new("node", "请选送到哪一步", "choose a step"));
    }
    if free.people().is_some() && people(fields).is_empty() {
        return Some(FieldError::new("to", "请选一位同事", "choose a colleague"));
    }
    None
}

fn people(fields: &Fields) -> Vec<Uuid> {
    chosen(fields).into_iter().filter_map(|to| to.parse().ok()).collect()
}

async fn carry_out(
    ctx: &mut Ctx,
    (no, todo, free): (&str, Uuid, Free),
    fields: &Fields,
) -> zhengtong_casework::Result<Case> {
    let at = (no, todo, fields.get("seen").parse().unwrap_or(0));
    let (node, reason) = (fields.get("node"), fields.get("reason"));
    let people = people(fields);
    let first = people.first().copied().unwrap_or_default();
    let whom: Vec<Whom> = people.into_iter().map(Whom::Officer).collect();
    match free {
        Free::Sign => zhengtong_casework::sign(ctx, at, reason).await,
        Free::GiveBack => zhengtong_casework::give_back(ctx, at, reason).await,
        Free::Back => zhengtong_casework::send_back(ctx, at, node, false, reason).await,
        Free::Straight => zhengtong_casework::send_back(ctx, at, node, true, reason).await,
        Free::SendTo => zhengtong_casework::send_to(ctx, at, node, reason).await,
        Free::Transfer => zhengtong_casework::transfer(ctx, at, first, reason).await,
        Free::Delegate => zhengtong_casework::delegate(ctx, at, first, reason).await,
        Free::AddSign => {
            let place = match fields.get("how") {
                "after" => SignPlace::After,
                "together" => SignPlace::Together,
                _ => SignPlace::Before,
            };
            zhengtong_casework::add_sign(ctx, at, &whom, place, reason).await
        }
        Free::Countersign => {
            let rule = if fields.get("how") == "one" { Rule::One } else { Rule::All };
            zhengtong_casework::countersign(ctx, at, &whom, rule, reason).await
        }
        Free::Consult => {
            let waits = fields.get("how") != "go";
            zhengtong_casework::consult(ctx, at, &whom, waits, reason).await
        }
        Free::RemoveSign => zhengtong_casework::remove_sign(ctx, at, reason).await,
        Free::TakeBack => zhengtong_casework::take_back(ctx, at, reason).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_read_as_it_is_written() {
        for free in Free::ALL {
            assert_eq!(Free::parse(free.word()), Some(free));
        }
        assert_eq!(Free::parse("grant"), None);
    }

    #[test]
    fn only_what_is_possible_is_offered() {
        let moves = Moves { transfer: true, consult: true, ..Moves::default() };
        let acts = offered(Lang::Zh, "A-1", Uuid::nil(), &moves);
        let names: Vec<&str> = acts.iter().map(|act| act.name.as_ref()).collect();
        assert_eq!(names, ["转办", "征求意见"]);
        assert!(offered(Lang::Zh, "A-1", Uuid::nil(), &Moves::default()).is_empty());
    }
}
