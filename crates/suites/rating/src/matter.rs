//! A bad rating in hand: the department asks, puts it right and replies, or appeals; whoever rated answers and says
//! whether it helped. Neither learns from the platform who the other is.

use zhengtong_base::{Limits, Page, Paging};
use zhengtong_calendar::{china_date, china_midnight};
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_notice::{To, Vars};

use crate::course::course;
use crate::error::{Error, Result};
use crate::model::{Matter, Rating, Seen, Standing, Step, StepKind};
use crate::part::{InForce, Wording};
use crate::rate::{Own, level_title, own};
use crate::store::{self, Rater};

/// Who did what follows by rule.
const PLATFORM: &str = "政通";
/// Fewest characters of what an official writes.
const WORDS_MIN: usize = 4;
/// Digits or letters in one run that are covered: numbers of telephones, identity cards and cases are longer.
const RUN_MAX: usize = 6;

/// The ratings of the actor with what became of them.
pub async fn mine(ctx: &mut Ctx) -> Result<Vec<Own>> {
    let organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("rating", "mine")
        .owned_by(ctx.actor.person.filter(|_| organisation.is_none()))
        .of_organisation(organisation);
    ctx.allow("rating.mine", &thing)?;
    own(ctx).await
}

/// Bad ratings in hand: those of the own department, or all for the office that watches over ratings.
pub async fn matters(ctx: &mut Ctx, open: bool, page: u32) -> Result<Page<Matter>> {
    let all = Thing::new("matter", "all");
    let paging = Paging::new(page, Limits::default().page_rows);
    let department = if ctx.may("rating.matters", &all) {
        None
    } else {
        let department = ctx.actor.organisation;
        ctx.allow("rating.matters", &Thing::new("matter", "mine").handled_by(department))?;
        match department {
            Some(department) => Some(department),
            None => return Ok(Page::new(Vec::new(), 0, paging)),
        }
    };
    let (rows, total) = store::matters(ctx.conn(), department, open, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// A bad rating as its reader may see it: the department, the office, or whoever rated.
pub async fn matter(ctx: &mut Ctx, no: &str) -> Result<Seen> {
    let (matter, rater) = known(ctx, "rating.matter", no).await?;
    let act = ctx.act("rating.matter", "matter", no);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    seen(ctx, matter, &rater).await
}

/// The department asks whoever rated, through the platform.
pub async fn ask(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let (matter, rater) = for_change(ctx, "rating.handle", no).await?;
    in_standing(&matter, &[Standing::Dispatched])?;
    let words = written("words", words)?;
    step(ctx, "rating.handle", &matter, (StepKind::Asked, &words)).await?;
    tell_rater(ctx, &matter, &rater, "asked").await
}

/// The department has put it right and replies.
pub async fn reply(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let (matter, rater) = for_change(ctx, "rating.handle", no).await?;
    in_standing(&matter, &[Standing::Dispatched])?;
    let words = written("words", words)?;
    step(ctx, "rating.handle", &matter, (StepKind::Replied, &words)).await?;
    tell_rater(ctx, &matter, &rater, "replied").await
}

/// The department says that the rating is wrong, and with what it shows that.
pub async fn appeal(ctx: &mut Ctx, no: &str, evidence: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.handle", no).await?;
    in_standing(&matter, &[Standing::Dispatched, Standing::Replied])?;
    let steps = store::steps(ctx, no).await?;
    if steps.iter().any(|step| step.kind == StepKind::Appealed) {
        return Err(Error::state("申诉只能提一次", "there is one appeal"));
    }
    let evidence = written("evidence", evidence)?;
    step(ctx, "rating.handle", &matter, (StepKind::Appealed, &evidence)).await
}

/// Whoever rated answers the department, without a name.
pub async fn tell(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.follow", no).await?;
    told(ctx, &matter, words).await
}

/// Whoever rated lets the department know the number of the case.
pub async fn disclose(ctx: &mut Ctx, no: &str) -> Result<()> {
    let (matter, rater) = for_change(ctx, "rating.follow", no).await?;
    if matter.course.standing.over() {
        return Err(done());
    }
    let subject = rater.subject.clone();
    step(ctx, "rating.follow", &matter, (StepKind::Disclosed, &subject)).await
}

/// Whoever rated says whether the reply helped.
pub async fn call_back(ctx: &mut Ctx, no: &str, settled: bool, words: &str) -> Result<()> {
    let (matter, _) = for_change(ctx, "rating.follow", no).await?;
    called_back(ctx, "rating.follow", &matter, settled, words).await
}

/// What whoever rated writes, however they came.
pub(crate) async fn told(ctx: &mut Ctx, matter: &Matter, words: &str) -> Result<()> {
    if matter.course.standing.over() {
        return Err(done());
    }
    let words = written("words", words)?;
    step(ctx, "rating.follow", matter, (StepKind::Told, &words)).await
}

/// What the call back said. A reply that did not help goes back, and after as many as the rules allow, up.
pub(crate) async fn called_back(
    ctx: &mut Ctx,
    verb: &str,
    matter: &Matter,
    settled: bool,
    words: &str,
) -> Result<()> {
    in_standing(matter, &[Standing::Replied])?;
    let words = bounded("words", words)?;
    let kind = if settled { StepKind::Settled } else { StepKind::Unsettled };
    step(ctx, verb, matter, (kind, &words)).await?;
    if settled {
        ctx.emit("rating.closed", &matter.no, &matter.department).await?;
        return Ok(());
    }
    let most = of_matter(ctx, matter).await?.rules.replies_max;
    if u32::try_from(matter.course.round).unwrap_or(0) >= most {
        let now = ctx.now;
        store::add_step(ctx, &matter.no, StepKind::Escalated, (now, "", "")).await?;
        write(ctx, &matter.no).await?;
        ctx.emit("rating.escalated", &matter.no, &matter.department).await?;
    }
    Ok(())
}

/// Does a step: rows, one entry in the record.
pub(crate) async fn step(
    ctx: &mut Ctx,
    verb: &str,
    matter: &Matter,
    (kind, words): (StepKind, &str),
) -> Result<()> {
    let by_rater = verb == "rating.follow";
    let (at, actor) = if by_rater {
        (china_midnight(china_date(ctx.now)), String::new())
    } else if ctx.actor.kind == zhengtong_db::ActorKind::System {
        (ctx.now, PLATFORM.to_owned())
    } else {
        (ctx.now, ctx.actor.name.clone())
    };
    store::add_step(ctx, &matter.no, kind, (at, &actor, words)).await?;
    write(ctx, &matter.no).await?;
    let act = ctx.act(verb, "matter", &matter.no).because(kind.title().zh);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Works out where a matter stands and keeps it.
pub(crate) async fn write(ctx: &mut Ctx, no: &str) -> Result<()> {
    let steps = store::steps(ctx, no).await?;
    let marks: Vec<_> = steps.iter().map(|step| (step.kind, step.at)).collect();
    let day = marks.first().map_or_else(|| china_date(ctx.now), |(_, at)| china_date(*at));
    let law = zhengtong_casework::law(ctx).await?;
    let course = course(&marks, &*crate::rules(ctx, day)?, law.china())?;
    store::write_course(ctx.conn(), no, &course).await
}

/// The rules under which a matter began.
pub(crate) async fn of_matter(ctx: &mut Ctx, matter: &Matter) -> Result<std::sync::Arc<InForce>> {
    let rating = rating(ctx, matter).await?;
    let named = ctx.defs::<Wording>()?.named(&rating.rules);
    named.map_or_else(|| crate::rules(ctx, rating.day), Ok)
}

async fn rating(ctx: &mut Ctx, matter: &Matter) -> Result<Rating> {
    let gone = || Error::Definition(format!("the rating of {} is gone", matter.no));
    store::rating(ctx, matter.rating).await?.ok_or_else(gone)
}

/// A matter that the actor may do the verb with, and who rated, for whom it is theirs.
pub(crate) async fn known(ctx: &mut Ctx, verb: &str, no: &str) -> Result<(Matter, Rater)> {
    let matter = absent(store::matter(ctx.conn(), no).await?, no)?;
    let rater = rater(ctx, &matter).await?;
    ctx.allow_or_absent(verb, &thing(&matter, &rater))?;
    Ok((matter, rater))
}

/// The same, locked, the right asked again under the lock.
pub(crate) async fn for_change(ctx: &mut Ctx, verb: &str, no: &str) -> Result<(Matter, Rater)> {
    known(ctx, verb, no).await?;
    let matter = absent(store::matter_for_change(ctx.conn(), no).await?, no)?;
    let rater = rater(ctx, &matter).await?;
    ctx.allow_or_absent(verb, &thing(&matter, &rater))?;
    Ok((matter, rater))
}

async fn rater(ctx: &mut Ctx, matter: &Matter) -> Result<Rater> {
    let gone = || Error::Definition(format!("the contact of {} is gone", matter.no));
    store::rater(ctx.conn(), matter.rating).await?.ok_or_else(gone)
}

/// A matter as policies see it. It is whoever rated who owns it; what was not sent yet is nobody's department's.
pub(crate) fn thing(matter: &Matter, rater: &Rater) -> Thing {
    let sent = matter.course.standing != Standing::Received;
    Thing::new("matter", &matter.no)
        .owned_by(rater.person.filter(|_| rater.organisation.is_none()))
        .of_organisation(rater.organisation)
        .handled_by(sent.then_some(matter.department))
        .with("rated", Attr::Text(matter.department.to_string()))
}

pub(crate) async fn seen(ctx: &mut Ctx, matter: Matter, rater: &Rater) -> Result<Seen> {
    let rating = rating(ctx, &matter).await?;
    let version = of_matter(ctx, &matter).await?;
    let asked = version.indicators(rating.place);
    let indicators = asked.iter().filter_map(|indicator| {
        Some((indicator.title.clone(), *rating.indicators.get(&indicator.id)?))
    });
    let thing = thing(&matter, rater);
    let own = ctx.may("rating.follow", &thing);
    let (handles, oversees) = (ctx.may("rating.handle", &thing), ctx.may("rating.oversee", &thing));
    let mut steps = store::steps(ctx, &matter.no).await?;
    if own && !oversees {
        steps.retain(|step| !matches!(step.kind, StepKind::Appealed | StepKind::Kept));
    }
    if !own && !oversees {
        // The day on which it came would say who it was.
        steps.retain(|step| step.kind != StepKind::Received);
    }
    if !own {
        for step in steps.iter_mut().filter(|step| step.kind == StepKind::Told) {
            step.words = covered(&step.words);
        }
    }
    let mut may = Vec::new();
    if handles {
        may.extend(of_department(&matter, &steps));
    }
    if own {
        may.extend(of_rater(&matter, &steps));
    }
    if oversees {
        may.extend(of_office(&matter));
    }
    Ok(Seen {
        level: rating.level,
        level_title: level_title(ctx, &rating),
        place: rating.place,
        indicators: indicators.collect(),
        words: if own { rating.words.clone() } else { covered(&rating.words) },
        month: rating.day.replace_day(1).unwrap_or(rating.day),
        steps,
        may,
        matter,
    })
}

fn of_department(matter: &Matter, steps: &[Step]) -> Vec<StepKind> {
    let appealed = steps.iter().any(|step| step.kind == StepKind::Appealed);
    let appeal = (!appealed).then_some(StepKind::Appealed);
    match matter.course.standing {
        Standing::Dispatched => {
            [StepKind::Replied, StepKind::Asked].into_iter().chain(appeal).collect()
        }
        Standing::Replied => appeal.into_iter().collect(),
        _ => Vec::new(),
    }
}

fn of_rater(matter: &Matter, steps: &[Step]) -> Vec<StepKind> {
    let disclosed = steps.iter().any(|step| step.kind == StepKind::Disclosed);
    let disclose = (!disclosed).then_some(StepKind::Disclosed);
    match matter.course.standing {
        Standing::Closed | Standing::Excluded | Standing::Received => Vec::new(),
        Standing::Replied => [StepKind::Settled, StepKind::Unsettled].into(),
        _ => std::iter::once(StepKind::Told).chain(disclose).collect(),
    }
}

fn of_office(matter: &Matter) -> Vec<StepKind> {
    match matter.course.standing {
        Standing::Received => vec![StepKind::Dispatched],
        Standing::Replied => vec![StepKind::Settled, StepKind::Unsettled],
        Standing::Appealed => vec![StepKind::Excluded, StepKind::Kept],
        Standing::Escalated => vec![StepKind::Ordered, StepKind::Concluded],
        Standing::Dispatched | Standing::Closed | Standing::Excluded => Vec::new(),
    }
}

/// A message to whoever rated, who opens it without anybody knowing who that is.
async fn tell_rater(ctx: &mut Ctx, matter: &Matter, rater: &Rater, message: &str) -> Result<()> {
    let to = match (rater.organisation, rater.person) {
        (Some(organisation), _) => To::Organisation(organisation),
        (None, Some(person)) => To::Person(person),
        (None, None) => return Ok(()),
    };
    let link = format!("/my/ratings/{}", matter.no);
    let vars = Vars::default().same("no", matter.no.clone());
    let template = format!("public-eval:{message}");
    as_platform(ctx, async |ctx| {
        zhengtong_notice::send(ctx, to, &template, &vars, Some(&link)).await?;
        Ok(())
    })
    .await
}

/// What follows by rule from an act that was allowed is done by the platform.
pub(crate) async fn as_platform<T>(
    ctx: &mut Ctx,
    work: impl AsyncFnOnce(&mut Ctx) -> Result<T>,
) -> Result<T> {
    as_actor(ctx, zhengtong_db::Actor::system("rating"), work).await
}

/// Does something as somebody else.
pub(crate) async fn as_actor<T>(
    ctx: &mut Ctx,
    other: zhengtong_db::Actor,
    work: impl AsyncFnOnce(&mut Ctx) -> Result<T>,
) -> Result<T> {
    let actor = std::mem::replace(&mut ctx.actor, other);
    let outcome = work(ctx).await;
    ctx.actor = actor;
    outcome
}

/// Long numbers are covered: they would say who it was.
pub(crate) fn covered(words: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for letter in words.chars().chain(std::iter::once('\n')) {
        if letter.is_ascii_alphanumeric() {
            run.push(letter);
            continue;
        }
        let digits = run.chars().filter(char::is_ascii_digit).count();
        if digits >= RUN_MAX || (digits > 0 && run.chars().count() > RUN_MAX) {
            out.push_str("＊＊＊");
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.push(letter);
    }
    out.pop();
    out
}

pub(crate) fn in_standing(matter: &Matter, wanted: &[Standing]) -> Result<()> {
    if wanted.contains(&matter.course.standing) {
        return Ok(());
    }
    let now = matter.course.standing.title();
    Err(Error::State(zhengtong_base::Text::new(
        format!("现在是“{}”，不能这样办，请刷新看最新进展", now.zh),
        format!("it stands at \"{}\" now; reload to see what can be done", now.en),
    )))
}

fn done() -> Error {
    Error::state("这件差评已经办结", "this matter is closed")
}

/// What somebody writes who must write something.
pub(crate) fn written(field: &str, words: &str) -> Result<String> {
    let words = bounded(field, words)?;
    if words.chars().count() < WORDS_MIN {
        return Err(Error::field(
            field,
            format!("请写清楚，至少 {WORDS_MIN} 个字"),
            format!("write it down, in {WORDS_MIN} characters or more"),
        ));
    }
    Ok(words)
}

fn bounded(field: &str, words: &str) -> Result<String> {
    let (words, most) = (words.trim(), Limits::default().text_chars);
    if words.chars().count() > most {
        return Err(Error::field(
            field,
            format!("最多 {most} 字，请缩短"),
            format!("at most {most} characters; please shorten it"),
        ));
    }
    Ok(words.to_owned())
}

fn absent(matter: Option<Matter>, no: &str) -> Result<Matter> {
    matter.ok_or_else(|| zhengtong_db::Error::absent("matter", no).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_covered_and_words_stay() {
        let rows = [
            ("我是13800000001，等了3小时", "我是＊＊＊，等了3小时"),
            ("办件号SPJY-3301-2026-000123", "办件号SPJY-3301-2026-＊＊＊"),
            ("身份证11010519491231002X。", "身份证＊＊＊。"),
            ("the window was closed at 3 pm", "the window was closed at 3 pm"),
            ("", ""),
        ];
        for (words, expected) in rows {
            assert_eq!(covered(words), expected);
        }
    }
}
