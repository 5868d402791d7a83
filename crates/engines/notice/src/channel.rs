//! Where people want to hear of messages besides the inbox: an address of their own choice, proven by a code.

use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Text};
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::append;

use crate::carrier::{Carriers, Way};
use crate::carry::{self, Words};
use crate::error::{Error, Result};
use crate::model::{Channel, To};
use crate::store::{self, Kept};

/// Minutes for which a code counts.
const CODE_MINUTES: i64 = 10;
/// Wrong codes after which a new one is needed.
const TRIES_MAX: i32 = 5;
/// Codes that are sent on one day.
const CODES_MAX: i32 = 5;

/// The channels of the one who asks, or of the organisation they act for.
pub async fn channels(ctx: &mut Ctx) -> Result<Vec<Channel>> {
    let to = owner(ctx, "notice.channels")?;
    let kept = store::channels(ctx, to).await?;
    let act = ctx.act("notice.channels", "channel", "").about(to.person());
    append(ctx.conn(), &act).await?;
    Ok(kept.into_iter().map(|kept| kept.channel).collect())
}

/// The ways that the city has.
pub fn ways(ctx: &Ctx) -> Vec<Way> {
    let Ok(carriers) = ctx.defs::<Carriers>() else { return Vec::new() };
    Way::ALL.into_iter().filter(|way| carriers.has(*way)).collect()
}

/// Takes an address, or asks for another code, and sends the code there.
pub async fn set_channel(ctx: &mut Ctx, way: Way, typed: &str, lang: Lang) -> Result<Channel> {
    let to = owner(ctx, "notice.set_channel")?;
    if !ways(ctx).contains(&way) {
        return Err(Error::field(
            "way",
            "本市还没有开通这种方式",
            "the city does not offer this way yet",
        ));
    }
    let Some((address, shown)) = way.address(typed) else {
        return Err(match way {
            Way::Mail => Error::field(
                "address",
                "请填邮箱地址，例如 name@example.cn",
                "enter an e-mail address such as name@example.cn",
            ),
            Way::Sms => {
                Error::field("address", "请填 11 位手机号码", "enter a mobile number of 11 digits")
            }
        });
    };
    let today = ctx.now.date();
    let before = store::channels(ctx, to).await?.into_iter().find(|kept| kept.channel.way == way);
    let codes = before.filter(|kept| kept.codes_day == today).map_or(0, |kept| kept.codes);
    if codes >= CODES_MAX {
        return Err(Error::field(
            "address",
            format!("今天已经发过 {CODES_MAX} 次验证码，请明天再试"),
            format!("{CODES_MAX} codes were sent today; try again tomorrow"),
        ));
    }
    let code = fresh_code()?;
    let id = ctx.id();
    let channel = Channel { id, way, shown, lang, confirmed_at: None };
    let kept = Kept {
        channel: channel.clone(),
        to,
        address: address.clone(),
        code: Some(digest(id, &code)),
        code_until: Some(ctx.now + time::Duration::minutes(CODE_MINUTES)),
        tries: 0,
        codes: codes + 1,
        codes_day: today,
    };
    let now = ctx.now;
    store::put_channel(ctx, &kept, now).await?;
    let text = match lang {
        Lang::Zh => format!(
            "验证码 {code}，{CODE_MINUTES} 分钟内有效。不是您本人操作的，不用理会，也不要告诉别人。"
        ),
        Lang::En => format!(
            "Your code is {code}, for {CODE_MINUTES} minutes. If you did not ask for it, ignore it and tell nobody."
        ),
    };
    let subject = match way {
        Way::Mail => lang.pick("验证您的邮箱", "Confirm your e-mail address").to_owned(),
        Way::Sms => String::new(),
    };
    carry::queue(ctx, None, way, &address, Words { subject, text }).await?;
    let act = ctx
        .act("notice.set_channel", "channel", id.to_string())
        .about(to.person())
        .because(way.title().zh)
        .change(None, Some(Digest::of(channel.shown.as_bytes()).to_string()));
    append(ctx.conn(), &act).await?;
    Ok(channel)
}

/// Proves an address with the code that was sent there. A wrong one is counted: commit in any case.
pub async fn confirm_channel(ctx: &mut Ctx, id: Uuid, typed: &str) -> Result<Result<()>> {
    let to = owner(ctx, "notice.set_channel")?;
    let found = store::channel(ctx, id).await?.filter(|kept| kept.to == to);
    let kept = found.ok_or_else(|| zhengtong_db::Error::absent("channel", id.to_string()))?;
    let stale = kept.code_until.is_none_or(|until| until < ctx.now) || kept.tries >= TRIES_MAX;
    if stale {
        return Ok(Err(Error::field(
            "code",
            "验证码过期了，请重新获取",
            "the code has expired; ask for a new one",
        )));
    }
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    if kept.code != Some(digest(id, &typed)) {
        store::tried(ctx.conn(), id).await?;
        return Ok(Err(Error::field(
            "code",
            "验证码不对，请核对最新一条",
            "this is not the code; look at the latest message",
        )));
    }
    let now = ctx.now;
    store::confirm(ctx.conn(), id, now).await?;
    let act = ctx
        .act("notice.set_channel", "channel", id.to_string())
        .about(to.person())
        .because("confirmed");
    append(ctx.conn(), &act).await?;
    Ok(Ok(()))
}

/// Takes a channel away.
pub async fn drop_channel(ctx: &mut Ctx, way: Way) -> Result<()> {
    let to = owner(ctx, "notice.set_channel")?;
    if store::drop_channel(ctx.conn(), to, way).await? {
        let act = ctx
            .act("notice.set_channel", "channel", way.word())
            .about(to.person())
            .because("taken away");
        append(ctx.conn(), &act).await?;
    }
    Ok(())
}

/// Whose channels they are: those of the organisation one acts for, or one's own.
fn owner(ctx: &Ctx, verb: &str) -> Result<To> {
    let behalf = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("channel", "")
        .owned_by(ctx.actor.person.filter(|_| behalf.is_none()))
        .of_organisation(behalf)
        .with("mine", Attr::Flag(true));
    ctx.allow(verb, &thing)?;
    match (behalf, ctx.actor.person) {
        (Some(organisation), _) => Ok(To::Organisation(organisation)),
        (None, Some(person)) => Ok(To::Person(person)),
        (None, None) => Err(zhengtong_db::Error::Unauthenticated { verb: verb.to_owned() }.into()),
    }
}

fn digest(id: Uuid, code: &str) -> String {
    Digest::of(format!("{id}/{code}").as_bytes()).to_string()
}

/// Six digits by chance.
fn fresh_code() -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| Error::Chance(error.to_string()))?;
    Ok(format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000))
}

impl Error {
    pub(crate) fn field(field: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Invalid(FieldError { field: field.to_owned(), text: Text::new(zh, en) })
    }
}
