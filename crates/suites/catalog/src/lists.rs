//! The six lists of a unit: what it must do, the systems it runs, the data these bring forth, the data it needs, who
//! answers for which data, and what may not be shared. Entries are tied to the power list where they name an item.

use uuid::Uuid;
use zhengtong_base::{FieldError, Limits, Page, Paging};
use zhengtong_db::{Ctx, Thing};

use crate::compile::own_unit;
use crate::desk::whose;
use crate::error::{Error, Result};
use crate::kinds::ListKind;
use crate::model::{Entry, NewEntry, PowerList};
use crate::store;

/// Fewest characters of a law or a purpose.
const NOTE_MIN: usize = 4;

/// A list of the actor's unit, or of all units for the directory's office.
pub async fn entries(ctx: &mut Ctx, list: ListKind, page: u32) -> Result<Page<Entry>> {
    let unit = whose(ctx)?;
    let paging = Paging::new(page, Limits::default().page_rows);
    let (rows, total) = store::entries(ctx.conn(), list, unit, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// Enters something in a list of the actor's unit.
pub async fn enter(ctx: &mut Ctx, list: ListKind, new: NewEntry) -> Result<Uuid> {
    let unit = own_unit(ctx)?;
    ctx.allow("catalog.keep", &Thing::new("list", list.word()).handled_by(Some(unit)))?;
    if let Some(first) = ctx.once("catalog.keep", &(list, &new)).await? {
        return Ok(serde_json::from_value(first).map_err(zhengtong_db::Error::from)?);
    }
    let new = checked(ctx, list, new).await?;
    let id = ctx.id();
    let act = ctx.act("catalog.keep", "list", list.word()).because(new.title.clone());
    let entry = Entry { id, list, unit, new, since: ctx.now };
    store::insert_entry(ctx.conn(), &entry).await?;
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("catalog.listed", list.word(), &entry.new).await?;
    ctx.answered(&id).await?;
    Ok(id)
}

/// Ends an entry. It stays in the record.
pub async fn strike(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let absent = || zhengtong_db::Error::absent("entry", id);
    let entry = store::entry_for_change(ctx.conn(), id).await?.ok_or_else(absent)?;
    let thing = Thing::new("list", entry.list.word()).handled_by(Some(entry.unit));
    ctx.allow_or_absent("catalog.keep", &thing)?;
    let now = ctx.now;
    store::end_entry(ctx.conn(), id, now).await?;
    let why = format!("− {}", entry.new.title);
    let act = ctx.act("catalog.keep", "list", entry.list.word()).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("catalog.struck", entry.list.word(), &entry.new).await?;
    Ok(())
}

/// What each list asks for.
async fn checked(ctx: &mut Ctx, list: ListKind, new: NewEntry) -> Result<NewEntry> {
    let limits = Limits::default();
    let kept =
        |text: Option<String>| text.map(|one| one.trim().to_owned()).filter(|one| !one.is_empty());
    let new = NewEntry {
        title: new.title.trim().to_owned(),
        note: new.note.trim().to_owned(),
        item: kept(new.item),
        resource: kept(new.resource),
        other: kept(new.other),
    };
    let mut wrong = Vec::new();
    let mut add = |name: &str, zh: &str, en: &str| wrong.push(FieldError::new(name, zh, en));
    if new.title.is_empty() || new.title.chars().count() > limits.line_chars {
        add("title", "写上名称，最多 200 字", "give a name of at most 200 characters");
    }
    if new.note.chars().count() > limits.text_chars {
        add("note", "太长了，请缩短", "too long; please shorten it");
    }
    let noted = new.note.chars().count() >= NOTE_MIN;
    match list {
        ListKind::Duty if !noted && new.item.is_none() => {
            add(
                "note",
                "写明依据，或选一个权力事项",
                "name the law, or choose an item of the power list",
            );
        }
        ListKind::Demand if !noted => {
            add("note", "写明办什么事要用", "say what the data is needed for");
        }
        ListKind::Demand | ListKind::Responsibility if new.other.is_none() => {
            add("other", "选一个单位", "choose a unit");
        }
        ListKind::Data | ListKind::Responsibility if new.resource.is_none() => {
            add("resource", "写上资源代码", "give the code of the resource");
        }
        ListKind::Negative if !noted => {
            add("note", "写明不予共享的法律依据", "name the law on which the refusal rests");
        }
        _ => {}
    }
    let power = ctx.defs::<PowerList>()?;
    if new.item.as_ref().is_some_and(|item| !power.0.contains_key(item)) {
        add("item", "没有这个事项", "there is no such item");
    }
    if let Some(code) = &new.resource {
        let never = store::unknown_codes(ctx.conn(), std::slice::from_ref(code)).await?;
        if !never.is_empty() {
            add("resource", "没有这个代码的资源", "no resource has this code");
        }
    }
    if let Some(short) = &new.other
        && zhengtong_party::organisation_by_short(ctx, short).await?.is_none()
    {
        add("other", "没有这个单位", "there is no such unit");
    }
    if wrong.is_empty() { Ok(new) } else { Err(Error::Invalid(wrong)) }
}
