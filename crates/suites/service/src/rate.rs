//! 好差评: one rating for each case, by its applicant, never forced, never shown with a name.

use zhengtong_base::{FieldError, Limits, Text};
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::Standing;
use crate::store;

/// Rates a case that is over.
pub async fn rate(ctx: &mut Ctx, no: &str, score: u8, words: &str) -> Result<()> {
    let case = zhengtong_casework::view(ctx, no).await?.case;
    let thing = Thing::new("rating", no)
        .owned_by(case.organisation.is_none().then_some(case.person))
        .of_organisation(case.organisation.as_ref().map(|organisation| organisation.id));
    ctx.allow_or_absent("service.rate", &thing)?;
    let words = words.trim();
    let limit = Limits::default().text_chars;
    let mut errors = Vec::new();
    if !(1..=5).contains(&score) {
        errors.push(FieldError::new("score", "请选一个满意程度", "choose how satisfied you are"));
    }
    if words.chars().count() > limit {
        errors.push(FieldError::new(
            "words",
            format!("最多 {limit} 字，请缩短"),
            format!("at most {limit} characters; please shorten it"),
        ));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if !case.state.over() {
        return Err(Error::State(Text::new("办完以后再评价", "rate it when the case is over")));
    }
    let (person, now) = (ctx.actor.person.unwrap_or(case.person), ctx.now);
    let rating = store::NewRating {
        case: no,
        item: &case.item,
        department: case.department,
        person,
        score: i16::from(score),
        words,
        at: now,
    };
    if !store::insert_rating(ctx.conn(), &rating).await? {
        return Err(Error::State(Text::new(
            "这件已经评过了，谢谢您",
            "this case was rated already; thank you",
        )));
    }
    let act = ctx.act("service.rate", "rating", no).about(Some(case.person));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("service.rated", no, &score).await?;
    Ok(())
}

/// What people say of an item; open to everyone, without names.
pub async fn ratings(ctx: &mut Ctx, item: &str) -> Result<Standing> {
    ctx.allow("service.read", &Thing::new("item", item))?;
    store::ratings(ctx.conn(), item, 5).await
}

/// Whether a case has been rated.
pub async fn rated(ctx: &mut Ctx, no: &str) -> Result<bool> {
    ctx.allow("service.read", &Thing::new("item", "rating"))?;
    store::rated(ctx.conn(), no).await
}
