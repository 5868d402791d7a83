//! How well a citizen's name is proven, and the counter where it is raised: a clerk with the person and the
//! document before them.

use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Attr, Ctx, Thing};

use crate::directory::card;
use crate::error::{Error, Result};
use crate::model::{AccountCard, PersonCard};
use crate::names::clean;
use crate::store::{account, person};
use crate::things::{person_of, reason, record};

/// The level that a clerk gives at the counter, with the document and the face before them.
pub const LEVEL_AT_COUNTER: i16 = 2;

/// What a level is called.
pub fn level_title(level: i16) -> Text {
    match level {
        0 => Text::new("未实名", "name not proven"),
        1 => Text::new("初级实名：号码和姓名相符", "basic: number and name agree"),
        2 => Text::new("高级实名：窗口或人脸核对过", "high: seen at a counter or by face"),
        _ => Text::new("证书实名：数字证书", "certificate: proven by a digital certificate"),
    }
}

/// The person with this number and this whole name, for who stands at the counter, with their accounts; both
/// must fit, and there is no list to leaf through. The look is recorded.
pub async fn identify(
    ctx: &mut Ctx,
    id_number: &str,
    name: &str,
) -> Result<Option<(PersonCard, Vec<AccountCard>)>> {
    ctx.allow("party.identify", &Thing::new("person", ""))?;
    let (number, name) = (clean(id_number).to_uppercase(), clean(name));
    let found = person::by_number(ctx, &number, &name).await?;
    let Some(id) = found else {
        let act = ctx.act("party.identify", "person", "unknown").because("nobody fits");
        record(ctx, act).await?;
        return Ok(None);
    };
    let plain = person::find(ctx, id).await?.ok_or_else(|| Error::absent("person", id))?;
    let accounts = account::all_of(ctx, id).await?;
    let act = ctx.act("party.identify", "person", id.to_string()).about(Some(id));
    record(ctx, act.because("at the counter")).await?;
    Ok(Some((card(&plain), accounts.iter().map(account::Account::card).collect())))
}

/// Raises the level of a person's name, with what was checked as the reason. Nobody raises their own, and
/// nothing lowers it here.
pub async fn raise_level(ctx: &mut Ctx, id: Uuid, level: i16, why: &str) -> Result<()> {
    let thing = Thing::new("person", id.to_string())
        .owned_by(Some(id))
        .with("level", Attr::Text(level.to_string()));
    ctx.allow_or_absent("party.raise_level", &thing)?;
    if person_of(ctx, "party.raise_level")? == id {
        return Err(Error::OwnRights);
    }
    let why = reason(why)?;
    let plain = person::find(ctx, id).await?.ok_or_else(|| Error::absent("person", id))?;
    if !(1..=3).contains(&level) || level <= plain.level {
        return Err(Error::field(
            "level",
            "这个人的实名等级已经不低于要改成的等级",
            "the level is this high already",
        ));
    }
    account::set_level(ctx.conn(), id, level).await?;
    let act = ctx
        .act("party.raise_level", "person", id.to_string())
        .about(Some(id))
        .because(format!("{} → {level}：{why}", plain.level));
    record(ctx, act).await?;
    let news = serde_json::json!({ "person": id, "level": level });
    ctx.emit("party.level_raised", &id.to_string(), &news).await?;
    Ok(())
}
