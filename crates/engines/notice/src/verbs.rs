//! Sending and reading messages.

use uuid::Uuid;
use zhengtong_base::{Page, Paging};
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::append;

use crate::carry;
use crate::error::{Error, Result};
use crate::model::{Message, Sent, To, Vars};
use crate::part::Catalog;
use crate::store::{self, Inbox};

/// Sends a message from the template `pack:name`.
pub async fn send(
    ctx: &mut Ctx,
    to: To,
    template: &str,
    vars: &Vars,
    link: Option<&str>,
) -> Result<Message> {
    put(ctx, None, to, template, vars, link).await
}

/// Sends a message once for an event: when the same name of an event comes again for the same template and
/// recipient, the first message is returned and nothing is sent.
pub async fn send_once(
    ctx: &mut Ctx,
    event: &str,
    to: To,
    template: &str,
    vars: &Vars,
    link: Option<&str>,
) -> Result<Message> {
    put(ctx, Some(event), to, template, vars, link).await
}

/// Messages to the person who asks, to the organisation they act for and to the post they hold, the latest
/// first.
pub async fn inbox(ctx: &mut Ctx, paging: Paging) -> Result<Page<Message>> {
    let whose = whose(ctx)?;
    let (mut rows, total) = store::inbox(ctx, whose, paging).await?;
    let ids: Vec<Uuid> = rows.iter().map(|message| message.id).collect();
    for (id, carried) in store::carried(ctx.conn(), &ids).await? {
        if let Some(message) = rows.iter_mut().find(|message| message.id == id) {
            message.carried.push(carried);
        }
    }
    let act = ctx.act("notice.inbox", "message", "").about(whose.person);
    append(ctx.conn(), &act).await?;
    Ok(Page::new(rows, total, paging))
}

/// How many messages of the inbox are unread, at most [`crate::UNREAD_MAX`]. A number for the head of every
/// page: it shows no data, so it leaves no entry in the record.
pub async fn unread(ctx: &mut Ctx) -> Result<i64> {
    let whose = whose(ctx)?;
    Ok(store::unread(ctx.conn(), whose).await?)
}

/// Opens a message; the first opening is its time of receipt.
pub async fn read(ctx: &mut Ctx, id: Uuid) -> Result<Message> {
    let found = store::find(ctx, id).await?;
    let asked = found
        .as_ref()
        .map_or_else(|| Thing::new("message", id.to_string()), |message| thing(ctx, message));
    ctx.allow_or_absent("notice.read", &asked)?;
    let mut message =
        found.ok_or_else(|| zhengtong_db::Error::absent("message", id.to_string()))?;
    if message.read_at.is_none() {
        let (now, by) = (ctx.now, ctx.actor.person);
        if store::set_read(ctx.conn(), id, now, by).await? {
            (message.read_at, message.read_by) = (Some(now), by);
        }
    }
    let act = ctx.act("notice.read", "message", id.to_string()).about(message.to.person());
    append(ctx.conn(), &act).await?;
    Ok(message)
}

/// Marks every message of the inbox as read. Returns how many were unread.
pub async fn read_all(ctx: &mut Ctx) -> Result<u64> {
    let whose = whose(ctx)?;
    let (now, by) = (ctx.now, ctx.actor.person);
    let count = store::set_all_read(ctx.conn(), whose, now, by).await?;
    if count > 0 {
        let act = ctx
            .act("notice.read", "message", "")
            .about(whose.person)
            .because(format!("all {count} unread"));
        append(ctx.conn(), &act).await?;
    }
    Ok(count)
}

/// Seals messages again under the newest key after one, or only those that stand plain; gives where the next step
/// begins. The words stay what they were.
pub async fn protect(ctx: &mut Ctx, after: Uuid, plain_only: bool) -> Result<Option<Uuid>> {
    ctx.allow("notice.protect", &Thing::new("platform", ""))?;
    if after.is_nil() && !plain_only {
        store::reseal(ctx).await?;
    }
    Ok(store::protect(ctx, after, plain_only).await?)
}

async fn put(
    ctx: &mut Ctx,
    once: Option<&str>,
    to: To,
    template: &str,
    vars: &Vars,
    link: Option<&str>,
) -> Result<Message> {
    let catalog = ctx.defs::<Catalog>()?;
    let asked = addressed("", to).with("template", Attr::Text(template.to_owned()));
    ctx.allow("notice.send", &asked)?;
    let declared = catalog.get(template)?;
    let (title, body) = declared.fill(template, vars)?;
    let short = declared.short(template, vars)?;
    let link = link.map(page_of_ours).transpose()?;
    let message = Message {
        id: ctx.id(),
        to,
        template: template.to_owned(),
        title,
        body,
        link,
        created: ctx.now,
        read_at: None,
        read_by: None,
        carried: Vec::new(),
    };
    if !store::insert(ctx, &message, once).await? {
        let first = store::by_once(ctx, once.unwrap_or_default(), template, to).await?;
        return first.ok_or_else(|| zhengtong_db::Error::absent("message", template).into());
    }
    let words = format!("{}\n{}", message.title, message.body);
    let id = message.id.to_string();
    let act = ctx
        .act("notice.send", "message", id.as_str())
        .about(to.person())
        .because(template)
        .change(None, Some(Digest::of(words.as_bytes()).to_string()));
    append(ctx.conn(), &act).await?;
    let sent = Sent { message: message.id, to, template: template.to_owned() };
    ctx.emit("notice.sent", &id, &sent).await?;
    carry::queue_all(ctx, &message, short.as_ref()).await?;
    Ok(message)
}

/// The boxes of the one who asks, if they may look into them.
fn whose(ctx: &Ctx) -> Result<Inbox> {
    let whose = Inbox {
        person: ctx.actor.person,
        organisation: ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation),
        post: ctx.actor.post,
    };
    let asked =
        Thing::new("message", "").owned_by(whose.person).of_organisation(whose.organisation);
    ctx.allow("notice.inbox", &asked.with("mine", Attr::Flag(true)))?;
    Ok(whose)
}

fn thing(ctx: &Ctx, message: &Message) -> Thing {
    let mine = match message.to {
        To::Person(person) => ctx.actor.person == Some(person),
        To::Organisation(organisation) => {
            ctx.actor.behalf.as_ref().is_some_and(|behalf| behalf.organisation == organisation)
        }
        To::Post(post) => ctx.actor.post == Some(post),
    };
    addressed(&message.id.to_string(), message.to)
        .with("template", Attr::Text(message.template.clone()))
        .with("mine", Attr::Flag(mine))
}

fn addressed(id: &str, to: To) -> Thing {
    let thing = Thing::new("message", id).owned_by(to.person()).of_organisation(to.organisation());
    match to.post() {
        Some(post) => thing.with("post", Attr::Text(post.to_string())),
        None => thing,
    }
}

fn page_of_ours(link: &str) -> Result<String> {
    let ours = link.starts_with('/')
        && !link.starts_with("//")
        && !link.contains(['\\', '\0', '\n', '\r'])
        && link.len() <= 500;
    if ours { Ok(link.to_owned()) } else { Err(Error::Link(link.to_owned())) }
}
