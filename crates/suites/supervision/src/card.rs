//! What is done with a card: the department answers or appeals, a supervisor decides, urges, proposes, closes. Every
//! step has a name and words, and none is ever taken away.

use serde_json::{Value, json};
use uuid::Uuid;
use zhengtong_base::{FieldError, Limits, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{ActorKind, Attr, Ctx, Thing};
use zhengtong_document::NewDocument;

use crate::error::{Error, Result};
use crate::evidence::{self, Evidence, Place, Sent};
use crate::model::{Card, Level, State, Step};
use crate::part::{Catalog, Rule};
use crate::raise::{as_platform, heads, tell, working_day};
use crate::store::{self, CardQuery};

/// Fewest characters of an answer, an appeal, a decision.
const WORDS_CHARS_MIN: usize = 4;
/// How often the platform urges by itself; then a supervisor decides what follows.
const URGES_MAX: i32 = 1;
/// Cards that one transaction urges.
const ROWS_MAX: i64 = 200;

/// What can be done with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The department explains.
    Answer,
    /// The department objects.
    Appeal,
    /// The objection does not hold.
    Uphold,
    /// The card is taken back.
    Revoke,
    /// The answer is urged.
    Urge,
    /// A supervision proposal is issued.
    Propose,
    /// The matter is done.
    Close,
}

impl Deed {
    /// All deeds, in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::Answer,
        Self::Appeal,
        Self::Uphold,
        Self::Close,
        Self::Urge,
        Self::Propose,
        Self::Revoke,
    ];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Appeal => "appeal",
            Self::Uphold => "uphold",
            Self::Revoke => "revoke",
            Self::Urge => "urge",
            Self::Propose => "propose",
            Self::Close => "close",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }

    /// The verb in policies and in the ledger.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Answer => "supervision.answer",
            Self::Appeal => "supervision.appeal",
            Self::Uphold => "supervision.uphold",
            Self::Revoke => "supervision.revoke",
            Self::Urge => "supervision.urge",
            Self::Propose => "supervision.propose",
            Self::Close => "supervision.close",
        }
    }

    /// The words on the button.
    pub fn title(self) -> Text {
        match self {
            Self::Answer => Text::new("提交答复", "Answer"),
            Self::Appeal => Text::new("提出申诉", "Appeal"),
            Self::Uphold => Text::new("申诉不成立，维持", "Reject the appeal"),
            Self::Revoke => Text::new("撤销这张牌", "Revoke the card"),
            Self::Urge => Text::new("发出督办", "Urge"),
            Self::Propose => Text::new("发出监察建议书", "Issue a supervision proposal"),
            Self::Close => Text::new("核实办结", "Close"),
        }
    }

    /// Whether it can be done where the card stands.
    pub fn fits(self, card: &Card) -> bool {
        match self {
            Self::Answer | Self::Urge => {
                card.state == State::Notified && card.level > Level::Notice
            }
            Self::Appeal => {
                matches!(card.state, State::Notified | State::Answered)
                    && card.level > Level::Notice
            }
            Self::Uphold => card.state == State::Appealed,
            Self::Revoke => !card.state.over(),
            Self::Propose => !card.state.over() && card.proposal.is_none() && card.urges > 0,
            Self::Close => {
                matches!(card.state, State::Raised | State::Answered | State::Upheld)
                    || (card.state == State::Notified && card.proposal.is_some())
            }
        }
    }

    fn step(self) -> &'static str {
        match self {
            Self::Answer => "answered",
            Self::Appeal => "appealed",
            Self::Uphold => "upheld",
            Self::Revoke => "revoked",
            Self::Urge => "urged",
            Self::Propose => "proposed",
            Self::Close => "closed",
        }
    }
}

/// A card with what its reader may do.
#[derive(Clone, Debug)]
pub struct CardView {
    /// The card.
    pub card: Card,
    /// What was done with it, in order.
    pub steps: Vec<Step>,
    /// The files that came with its steps, and with the finding behind it for supervisors.
    pub files: Vec<Evidence>,
    /// What the reader may do now.
    pub deeds: Vec<Deed>,
    /// The rule as it stands today, if it is still there.
    pub rule: Option<Rule>,
    /// The facts by which it was judged, each with its path.
    pub facts: Vec<(String, String)>,
}

/// Facts as lines: `clock.promised.due` and `2026-03-09`.
fn lines(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                lines(&path, value, out);
            }
        }
        Value::Null => {}
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

/// The card as policies see it.
fn thing(card: &Card) -> Thing {
    let handlers = card.handlers.iter().map(Uuid::to_string).collect();
    Thing::new("card", &card.no)
        .handled_by(Some(card.department))
        .with("handlers", Attr::Words(handlers))
        .with("level", Attr::Text(card.level.word().to_owned()))
}

fn somebody(ctx: &Ctx, verb: &str) -> Result<()> {
    match ctx.actor.kind {
        ActorKind::Anonymous => {
            Err(zhengtong_db::Error::Unauthenticated { verb: verb.to_owned() }.into())
        }
        _ => Ok(()),
    }
}

fn absent(no: &str) -> Error {
    zhengtong_db::Error::absent("card", no).into()
}

/// A card for who may read it.
pub(crate) async fn readable(ctx: &mut Ctx, no: &str) -> Result<Card> {
    somebody(ctx, "supervision.read")?;
    let card = store::card(ctx.conn(), no).await?.ok_or_else(|| absent(no))?;
    ctx.allow_or_absent("supervision.read", &thing(&card))?;
    Ok(card)
}

/// What is said at a deed: words, and files that belong to them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// The words.
    pub words: &'a str,
    /// The files.
    pub files: &'a [Sent<'a>],
}

impl<'a> From<&'a str> for Said<'a> {
    fn from(words: &'a str) -> Self {
        Self { words, files: &[] }
    }
}

impl<'a> From<&'a String> for Said<'a> {
    fn from(words: &'a String) -> Self {
        Self { words, files: &[] }
    }
}

/// Opens a card.
pub async fn card(ctx: &mut Ctx, no: &str) -> Result<CardView> {
    let card = readable(ctx, no).await?;
    let thing = thing(&card);
    let files = evidence::of_card(ctx, card.id, &card.occasion).await?;
    let steps = store::steps(ctx, card.id).await?;
    let may = |deed: &Deed| deed.fits(&card) && ctx.may(deed.verb(), &thing);
    let deeds = Deed::ALL.into_iter().filter(may).collect();
    let catalog = ctx.defs::<Catalog>()?;
    let rule = catalog.rule(&card.rule).map(|ready| ready.rule.clone());
    let mut facts = Vec::new();
    lines("", &card.facts, &mut facts);
    Ok(CardView { card, steps, files, deeds, rule, facts })
}

/// Which cards a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pile {
    /// All.
    #[default]
    All,
    /// Those that wait for a supervisor: answered, appealed, or urged in vain.
    ForSupervisor,
    /// Those that wait for the department.
    ForDepartment,
    /// Those that are over.
    Over,
}

impl Pile {
    /// All piles.
    pub const ALL: [Self; 4] = [Self::All, Self::ForSupervisor, Self::ForDepartment, Self::Over];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::ForSupervisor => "supervisor",
            Self::ForDepartment => "department",
            Self::Over => "over",
        }
    }

    /// Reads the word; anything else is all.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|pile| pile.word() == word).unwrap_or_default()
    }

    fn states(self) -> Vec<String> {
        let states: &[State] = match self {
            Self::All => &[],
            Self::ForSupervisor => {
                &[State::Raised, State::Answered, State::Appealed, State::Upheld]
            }
            Self::ForDepartment => &[State::Notified],
            Self::Over => &[State::Revoked, State::Closed],
        };
        states.iter().map(|state| state.word().to_owned()).collect()
    }
}

/// Cards of all departments, for supervisors.
pub async fn cards(
    ctx: &mut Ctx,
    pile: Pile,
    level: Option<Level>,
    page: u32,
) -> Result<Page<Card>> {
    ctx.allow("supervision.cards", &crate::follow::platform())?;
    listed(ctx, None, pile, level, page).await
}

/// Cards of the actor's own department.
pub async fn own_cards(ctx: &mut Ctx, pile: Pile, page: u32) -> Result<Page<Card>> {
    let department = ctx.actor.organisation;
    ctx.allow("supervision.own", &Thing::new("card", "own").handled_by(department))?;
    match department {
        Some(_) => listed(ctx, department, pile, None, page).await,
        None => Ok(Page::new(Vec::new(), 0, Paging::new(page, Limits::default().page_rows))),
    }
}

async fn listed(
    ctx: &mut Ctx,
    department: Option<Uuid>,
    pile: Pile,
    level: Option<Level>,
    page: u32,
) -> Result<Page<Card>> {
    let paging = Paging::new(page, Limits::default().page_rows);
    let states = pile.states();
    let query = CardQuery { department, states: &states, level: level.map(Level::word) };
    let (rows, total) = store::cards(ctx.conn(), query, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// Does one thing with a card, in words, with the files that belong to them.
pub async fn act<'a>(
    ctx: &mut Ctx,
    no: &str,
    deed: Deed,
    said: impl Into<Said<'a>>,
) -> Result<Card> {
    let Said { words, files } = said.into();
    somebody(ctx, deed.verb())?;
    let seen = store::card(ctx.conn(), no).await?.ok_or_else(|| absent(no))?;
    ctx.allow_or_absent("supervision.read", &thing(&seen))?;
    ctx.allow(deed.verb(), &thing(&seen))?;
    let mut card = store::card_for_change(ctx.conn(), no).await?.ok_or_else(|| absent(no))?;
    let digests = evidence::digests(files);
    if ctx.once(deed.verb(), &json!([no, deed.word(), words, digests])).await?.is_some() {
        return Ok(card);
    }
    let words = written(words)?;
    if !deed.fits(&card) {
        return Err(Error::State(Text::new(
            format!("这张牌现在是“{}”，不能{}", card.state.title().zh, deed.title().zh),
            format!("the card stands at \"{}\"; this cannot be done now", card.state.title().en),
        )));
    }
    let kept = evidence::keep(ctx, files).await?;
    carry_out(ctx, &mut card, deed, words).await?;
    store::set_state(ctx.conn(), &card).await?;
    let step = store::add_step(ctx, card.id, deed.step(), Some(words), card.answer_due).await?;
    store::add_evidence(ctx, &Place::Step(card.id, step), &kept).await?;
    let act = ctx.act(deed.verb(), "card", no).because(words);
    let act = act.change(None, evidence::mark(&digests));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    news(ctx, &card, deed).await?;
    ctx.emit(deed.verb(), no, &card.state).await?;
    Ok(card)
}

async fn carry_out(ctx: &mut Ctx, card: &mut Card, deed: Deed, words: &str) -> Result<()> {
    match deed {
        Deed::Answer => (card.state, card.answer_due) = (State::Answered, None),
        Deed::Appeal => (card.state, card.answer_due) = (State::Appealed, None),
        Deed::Uphold => card.state = State::Upheld,
        Deed::Revoke => (card.state, card.answer_due) = (State::Revoked, None),
        Deed::Close => (card.state, card.answer_due) = (State::Closed, None),
        Deed::Urge => {
            card.urges += 1;
            card.answer_due = Some(working_day(ctx, urge_days(ctx, card)?).await?);
        }
        Deed::Propose => card.proposal = Some(proposal(ctx, card, words).await?),
    }
    Ok(())
}

fn urge_days(ctx: &Ctx, card: &Card) -> Result<u32> {
    let catalog = ctx.defs::<Catalog>()?;
    Ok(catalog.rule(&card.rule).map_or(2, |ready| ready.rule.urge_days))
}

/// Tells handler and head what a supervisor did.
async fn news(ctx: &mut Ctx, card: &Card, deed: Deed) -> Result<()> {
    let template = match deed {
        Deed::Answer | Deed::Appeal => return Ok(()),
        Deed::Urge => "urged",
        Deed::Propose => "proposal",
        Deed::Uphold | Deed::Revoke | Deed::Close => "decided",
    };
    let mut told = heads(ctx, card.department).await?;
    told.extend(&card.handlers);
    for person in told {
        tell(ctx, card, person, template).await?;
    }
    Ok(())
}

/// The supervision proposal: a paper with a number, issued by the supervisor's organ to the department.
async fn proposal(ctx: &mut Ctx, card: &Card, words: &str) -> Result<Uuid> {
    let organ = ctx.actor.organisation.ok_or_else(|| {
        Error::State(Text::new(
            "只有在岗的监察人员能发",
            "only a supervisor in office can issue it",
        ))
    })?;
    let (pack, _) = card.rule.split_once(':').unwrap_or_default();
    let (template, by) = (format!("{pack}:proposal"), ctx.actor.name.clone());
    let once = format!("supervision/{}", card.no);
    let issuer =
        as_platform(ctx, async |ctx| zhengtong_party::organisation(ctx, organ).await).await?;
    let data = json!({
        "card": card.no, "level": card.level.title().zh, "rule": card.rule_title.zh,
        "basis": card.basis.zh, "why": card.why.zh, "case": card.case, "title": card.title.zh,
        "department": card.department_name, "words": words, "by": by, "urges": card.urges,
    });
    let new = NewDocument {
        template,
        holder_organisation: Some(card.department),
        holder_name: card.department_name.clone(),
        issuer: organ,
        issuer_name: issuer.name.zh,
        data,
        once: Some(once),
        ..NewDocument::default()
    };
    let issued = as_platform(ctx, async |ctx| zhengtong_document::issue(ctx, new).await).await?;
    Ok(issued.id)
}

/// The paper of a proposal, for whoever may read the card.
pub async fn proposal_pdf(ctx: &mut Ctx, no: &str) -> Result<Vec<u8>> {
    let view = card(ctx, no).await?;
    let id = view.card.proposal.ok_or_else(|| absent(no))?;
    let act = ctx.act("supervision.read", "card", no).because("proposal");
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(as_platform(ctx, async |ctx| zhengtong_document::pdf(ctx, id).await).await?)
}

/// Urges some cards whose answer is late; gives how many were looked at, 0 when none is left. After that a supervisor
/// decides what follows.
pub async fn urge_late(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("supervision.follow", &crate::follow::platform())?;
    let today = china_date(ctx.now);
    let late = store::late(ctx.conn(), today, ROWS_MAX).await?;
    for no in &late {
        let Some(mut card) = store::card_for_change(ctx.conn(), no).await? else { continue };
        card.urges += 1;
        card.answer_due = if card.urges <= URGES_MAX {
            Some(working_day(ctx, urge_days(ctx, &card)?).await?)
        } else {
            None
        };
        let words = if card.answer_due.is_some() {
            "逾期未答复，自动督办"
        } else {
            "督办后仍未答复，请监察人员决定是否发监察建议书"
        };
        store::set_state(ctx.conn(), &card).await?;
        store::add_step(ctx, card.id, "urged", Some(words), card.answer_due).await?;
        let act = ctx.act("supervision.urge", "card", no).because(words);
        zhengtong_ledger::append(ctx.conn(), &act).await?;
        news(ctx, &card, Deed::Urge).await?;
    }
    Ok(late.len())
}

/// Words that somebody answers for.
pub(crate) fn written(words: &str) -> Result<&str> {
    let words = words.trim();
    let (count, most) = (words.chars().count(), Limits::default().text_chars);
    if (WORDS_CHARS_MIN..=most).contains(&count) {
        return Ok(words);
    }
    Err(Error::Invalid(vec![FieldError::new(
        "words",
        format!("写明情况和理由，{WORDS_CHARS_MIN} 到 {most} 个字"),
        format!("write what happened and why, {WORDS_CHARS_MIN} to {most} characters"),
    )]))
}
