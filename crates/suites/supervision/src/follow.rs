//! Following cases: what is new in the record of a case is put down, judged, and what breaks a rule raises a card.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_casework::Watched;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::judge::{by_rule, judge};
use crate::model::{Level, Standing, State};
use crate::occasion::{self, Occasion};
use crate::part::Catalog;
use crate::raise::{Matter, as_platform, raise};
use crate::store;

/// The platform as policies see it.
pub(crate) fn platform() -> Thing {
    Thing::new("supervision", "board")
}

/// Looks at a case again; gives how many cards came of it. Looking twice is looking once.
pub async fn follow(ctx: &mut Ctx, no: &str) -> Result<usize> {
    ctx.allow("supervision.follow", &platform())?;
    store::lock_case(ctx.conn(), no).await?;
    let Some(watched) = zhengtong_casework::watch(ctx, no).await? else { return Ok(0) };
    store::put_standing(ctx.conn(), &Standing::of(&watched)).await?;
    let known = store::sources(ctx.conn(), no).await?;
    let mut raised = 0;
    for occasion in occasion::of_case(&watched) {
        if !known.contains(&occasion.source) {
            raised += look(ctx, &Matter::of(&watched), Some(&watched), &occasion).await?;
        }
    }
    end_warnings(ctx, &watched).await?;
    Ok(raised)
}

/// Puts an occasion down and judges it; gives how many cards came of it.
pub(crate) async fn look(
    ctx: &mut Ctx,
    matter: &Matter,
    watched: Option<&Watched>,
    occasion: &Occasion,
) -> Result<usize> {
    let (now, place) = (ctx.now, (matter.case.as_str(), matter.department));
    let Some(event) = store::add_event(ctx.conn(), place, occasion, now).await? else {
        return Ok(0);
    };
    let catalog = ctx.defs::<Catalog>()?;
    let mut raised = 0;
    for verdict in judge(&catalog, watched, occasion)? {
        raised += usize::from(raise(ctx, matter, watched, (occasion, event), verdict).await?);
    }
    Ok(raised)
}

/// A warning is over when the case is decided or over.
async fn end_warnings(ctx: &mut Ctx, watched: &Watched) -> Result<()> {
    if watched.decided_at.is_none() && !watched.state.over() {
        return Ok(());
    }
    for mut card in store::cards_of_case(ctx.conn(), &watched.no).await? {
        if card.level == Level::Notice && !card.state.over() {
            card.state = State::Closed;
            store::set_state(ctx.conn(), &card).await?;
            store::add_step(
                ctx,
                card.id,
                "closed",
                Some("办件已有决定或已办结，预警自动解除"),
                None,
            )
            .await?;
        }
    }
    Ok(())
}

/// Judges an open case by the rules of every night; gives how many cards came of it.
pub async fn look_daily(ctx: &mut Ctx, no: &str) -> Result<usize> {
    ctx.allow("supervision.follow", &platform())?;
    store::lock_case(ctx.conn(), no).await?;
    let Some(watched) = zhengtong_casework::watch(ctx, no).await? else { return Ok(0) };
    let catalog = ctx.defs::<Catalog>()?;
    let known = store::sources(ctx.conn(), no).await?;
    let (matter, now) = (Matter::of(&watched), ctx.now);
    let mut raised = 0;
    for rule in catalog.rules().filter(|rule| rule.rule.when.daily) {
        let occasion = occasion::daily(&rule.name(), now);
        if known.contains(&occasion.source) {
            continue;
        }
        let Some(verdict) = by_rule(rule, Some(&watched), &occasion)? else { continue };
        let place = (matter.case.as_str(), matter.department);
        let Some(event) = store::add_event(ctx.conn(), place, &occasion, now).await? else {
            continue;
        };
        let new = raise(ctx, &matter, Some(&watched), (&occasion, event), verdict).await?;
        raised += usize::from(new);
    }
    Ok(raised)
}

/// News of another suite, as it stands in the outbox.
#[derive(Clone, Debug)]
pub struct News<'a> {
    /// The topic.
    pub topic: &'a str,
    /// The event of the outbox: the same news twice is one.
    pub id: &'a str,
    /// What it says; it names the case as `case`, or the department as `department`.
    pub payload: &'a Value,
}

/// Takes news of another suite; gives how many cards came of it.
pub async fn hear(ctx: &mut Ctx, news: News<'_>) -> Result<usize> {
    ctx.allow("supervision.follow", &platform())?;
    let word = |key: &str| news.payload.get(key).and_then(Value::as_str).unwrap_or_default();
    let case = word("case");
    store::lock_case(ctx.conn(), case).await?;
    let watched = match case {
        "" => None,
        no => zhengtong_casework::watch(ctx, no).await?,
    };
    let department = word("department").parse::<Uuid>().ok();
    let matter = match (&watched, department) {
        (Some(watched), _) => Matter::of(watched),
        (None, Some(department)) => of_department(ctx, department).await?,
        (None, None) => return Ok(0),
    };
    let occasion = Occasion {
        source: format!("news/{}/{}", news.topic, news.id),
        kind: "news",
        word: news.topic.to_owned(),
        clock: String::new(),
        title: news_title(news.topic),
        at: ctx.now,
        own: Map::from_iter([("news".to_owned(), plain(news.payload))]),
        todo: None,
    };
    look(ctx, &matter, watched.as_ref(), &occasion).await
}

/// What rules may see of news: numbers, truth values and short words.
fn plain(payload: &Value) -> Value {
    let Some(entries) = payload.as_object() else { return json!({}) };
    let short = |value: &Value| match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.len() <= 64,
        _ => false,
    };
    entries.iter().filter(|(_, value)| short(value)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn news_title(topic: &str) -> Text {
    match topic {
        "rating.overdue" => {
            Text::new("差评整改到期未完成", "A bad rating was not rectified in time")
        }
        "payment.charged" => Text::new("收费", "A fee was charged"),
        "payment.struck" => Text::new("更正收费登记", "A charge was struck out"),
        other => Text::same(other),
    }
}

/// A matter that is about no case.
pub(crate) async fn of_department(ctx: &mut Ctx, department: Uuid) -> Result<Matter> {
    let found =
        as_platform(ctx, async |ctx| zhengtong_party::organisation(ctx, department).await).await?;
    Ok(Matter {
        case: String::new(),
        item: String::new(),
        title: Text::new("平台外事项", "A matter outside of the platform"),
        department,
        department_name: found.name.zh,
    })
}

/// Judges again everything that stands in the record of a case, from nothing: rule and occasion of each card.
pub(crate) async fn again(ctx: &mut Ctx, watched: &Watched) -> Result<BTreeSet<(String, String)>> {
    let catalog = ctx.defs::<Catalog>()?;
    let mut all = occasion::of_case(watched);
    for (source, kind, word, at, own) in store::given(ctx.conn(), &watched.no).await? {
        all.push(given(source, &kind, word, at, own));
    }
    let mut cards = BTreeSet::new();
    for occasion in &all {
        for verdict in judge(&catalog, Some(watched), occasion)? {
            cards.insert((verdict.rule.name(), occasion.source.clone()));
        }
    }
    Ok(cards)
}

fn given(
    source: String,
    kind: &str,
    word: String,
    at: OffsetDateTime,
    own: Map<String, Value>,
) -> Occasion {
    let kind = if kind == "finding" { "finding" } else { "news" };
    let title = Text::same(word.clone());
    Occasion { source, kind, word, clock: String::new(), title, at, own, todo: None }
}
