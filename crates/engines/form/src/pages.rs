//! Verbs on one page of a draft: save it, add and remove entries, attach and detach files.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::{FieldError, Kind};
use zhengtong_db::Ctx;
use zhengtong_ledger as ledger;

use crate::answers::{Answers, Attached, Clash, Draft, Entry, FileMeta, PageRef, Saved};
use crate::drafts::{DRAFT_BYTES_MAX, KEPT_DAYS, digest, form_of, locked, today};
use crate::error::{Error, Result};
use crate::input::{self, PageInput};
use crate::model::{Field, FieldKind, FileRule, Form, Page};
use crate::{store, walk};

/// The longest name of a file that is kept, in characters.
const NAME_CHARS: usize = 200;

/// Saves a page, whether or not it is right: right values become answers, the rest is kept as typed. `seen` is the
/// version of the draft that the page was shown with. If another window saved the same page since then, this save
/// counts, and what it replaced comes back to be shown beside it.
pub async fn save_page(
    ctx: &mut Ctx,
    id: Uuid,
    at: &PageRef,
    given: &[(String, String)],
    seen: i64,
) -> Result<Saved> {
    let mut draft = locked(ctx, "form.write", id).await?;
    let form = form_of(ctx, &draft.form)?;
    let page = place(&form, at)?;
    let before = digest(&draft)?;
    if let Some(number) = at.entry {
        make_entry(&form, page, &mut draft.answers, number)?;
    } else if page.repeat.is_some() {
        draft.answers.groups.entry(page.id.clone()).or_default();
    }
    let read = input::read_page(&form, at, given, &draft.answers, &draft.known, today(ctx.now));
    let input = read.ok_or_else(|| no_place(&form, at))?;
    let stale = draft.answers.saved.get(&at.key()).is_some_and(|saved| *saved > seen);
    let clashes = if stale { clashes(page, at, &draft, &input) } else { Vec::new() };
    let errors = input.errors.clone();
    put(&mut draft.answers, page, at, input);
    touch(ctx, &mut draft, at);
    fits(&draft)?;
    store::save(ctx, &draft).await?;
    record(ctx, &draft, before, format!("saved page {}", at.key())).await?;
    let pages = walk::visible_pages(&form, &draft.answers, &draft.known);
    let next = after(&form, &pages, at);
    Ok(Saved { draft, errors, clashes, next })
}

/// Adds an entry to a repeated page, and says where it is. While there is an entry that was never saved, it is
/// given again, so that a double click adds one.
pub async fn add_entry(ctx: &mut Ctx, id: Uuid, page: &str) -> Result<(Draft, PageRef)> {
    let mut draft = locked(ctx, "form.write", id).await?;
    let form = form_of(ctx, &draft.form)?;
    let at = PageRef::page(page);
    let page = place(&form, &at)?;
    let Some(repeat) = &page.repeat else { return Err(no_place(&form, &at)) };
    let unsaved = draft
        .answers
        .entry_numbers(page)
        .into_iter()
        .map(|number| PageRef::entry(&page.id, number))
        .find(|entry| !draft.answers.was_saved(entry));
    if let Some(entry) = unsaved {
        return Ok((draft, entry));
    }
    let before = digest(&draft)?;
    let group = draft.answers.groups.entry(page.id.clone()).or_default();
    if group.entries.len() >= repeat.max {
        return Err(Error::Full { page: page.id.clone(), max: repeat.max });
    }
    group.last += 1;
    let entry = PageRef::entry(&page.id, group.last);
    group.entries.push(Entry { number: group.last, ..Entry::default() });
    touch(ctx, &mut draft, &at);
    store::save(ctx, &draft).await?;
    record(ctx, &draft, before, format!("added {}", entry.key())).await?;
    Ok((draft, entry))
}

/// Removes an entry of a repeated page with its files. One that is gone already is no fault.
pub async fn remove_entry(ctx: &mut Ctx, id: Uuid, page: &str, number: u32) -> Result<Draft> {
    let mut draft = locked(ctx, "form.write", id).await?;
    let form = form_of(ctx, &draft.form)?;
    let (list, at) = (PageRef::page(page), PageRef::entry(page, number));
    let page = place(&form, &at)?;
    let before = digest(&draft)?;
    if let Some(group) = draft.answers.groups.get_mut(&page.id) {
        group.entries.retain(|entry| entry.number != number);
    }
    draft.answers.inputs.remove(&at.key());
    draft.answers.saved.remove(&at.key());
    let of_entry = |attached: &Attached| {
        attached.entry == Some(number)
            && page.fields.iter().any(|field| field.key == attached.field)
    };
    let (gone, kept) = draft.answers.files.into_iter().partition(of_entry);
    let gone: Vec<Attached> = gone;
    draft.answers.files = kept;
    for attached in gone {
        store::detach(ctx.conn(), id, attached.id).await?;
    }
    touch(ctx, &mut draft, &list);
    store::save(ctx, &draft).await?;
    record(ctx, &draft, before, format!("removed {}", at.key())).await?;
    Ok(draft)
}

/// Refuses a file that this field could not take, before its bytes are looked at and kept.
pub async fn may_attach(ctx: &mut Ctx, id: Uuid, field: &str, size: u64) -> Result<()> {
    let draft = locked(ctx, "form.write", id).await?;
    let form = form_of(ctx, &draft.form)?;
    let (_, field) = form.field(field).ok_or_else(|| no_field(&form, field))?;
    let Some(rule) = &field.files else { return Err(no_field(&form, &field.key)) };
    fits_size(field, rule, size)
}

/// Attaches a file that is kept already. The same file on the same field is attached once.
pub async fn attach(
    ctx: &mut Ctx,
    id: Uuid,
    field: &str,
    entry: Option<u32>,
    file: FileMeta,
) -> Result<Attached> {
    let mut draft = locked(ctx, "form.write", id).await?;
    let form = form_of(ctx, &draft.form)?;
    let (page, field) = form.field(field).ok_or_else(|| no_field(&form, field))?;
    let at = PageRef { page: page.id.clone(), entry };
    let Some(rule) = &field.files else { return Err(no_field(&form, &field.key)) };
    if entry.is_some() != page.repeat.is_some() {
        return Err(no_place(&form, &at));
    }
    if let Some(number) = entry {
        make_entry(&form, page, &mut draft.answers, number)?;
    }
    let there = draft.answers.files_of(&field.key, entry);
    if there.iter().any(|other| other.digest == file.digest) {
        let mut same = draft.answers.files.into_iter().filter(|other| other.field == field.key);
        let same = same.find(|other| other.entry == entry && other.file.digest == file.digest);
        return same.ok_or_else(|| no_field(&form, &field.key));
    }
    fits_rule(field, rule, &file, there.len())?;
    let before = digest(&draft)?;
    let file = FileMeta { name: file_name(&file), ..file };
    let attached = Attached { id: ctx.id(), field: field.key.clone(), entry, file, at: ctx.now };
    store::attach(ctx, id, &attached).await?;
    draft.answers.files.push(attached.clone());
    prolong(ctx, &mut draft);
    store::save(ctx, &draft).await?;
    let reason = format!("attached {} to {}", attached.file.digest, field.key);
    record(ctx, &draft, before, reason).await?;
    Ok(attached)
}

/// Takes a file away again. One that is gone already is no fault.
pub async fn detach(ctx: &mut Ctx, id: Uuid, file: Uuid) -> Result<Draft> {
    let mut draft = locked(ctx, "form.write", id).await?;
    let before = digest(&draft)?;
    let Some(gone) = draft.answers.files.iter().position(|attached| attached.id == file) else {
        return Ok(draft);
    };
    let gone = draft.answers.files.remove(gone);
    store::detach(ctx.conn(), id, file).await?;
    prolong(ctx, &mut draft);
    store::save(ctx, &draft).await?;
    let reason = format!("took {} away from {}", gone.file.digest, gone.field);
    record(ctx, &draft, before, reason).await?;
    Ok(draft)
}

fn no_place(form: &Form, at: &PageRef) -> Error {
    Error::NoPlace { form: form.id.clone(), place: at.key() }
}

fn no_field(form: &Form, field: &str) -> Error {
    Error::NoPlace { form: form.id.clone(), place: field.to_owned() }
}

/// The page of a place. Its condition is not looked at: what was typed into a page that another window has just
/// hidden is kept, and dropped only when the form is sent.
fn place<'a>(form: &'a Form, at: &PageRef) -> Result<&'a Page> {
    form.page(&at.page)
        .filter(|page| at.entry.is_none() || page.repeat.is_some())
        .ok_or_else(|| no_place(form, at))
}

/// Makes the entry if it is one that the page still asks for, or one that another window removed meanwhile: what
/// was typed into it is not lost. Numbers that were never given are no entries.
fn make_entry(form: &Form, page: &Page, answers: &mut Answers, number: u32) -> Result<()> {
    let Some(repeat) = &page.repeat else { return Ok(()) };
    let expected = answers.entry_numbers(page).contains(&number);
    let group = answers.groups.entry(page.id.clone()).or_default();
    if group.entry(number).is_some() {
        return Ok(());
    }
    if number == 0 || (number > group.last && !expected) {
        return Err(no_place(form, &PageRef::entry(&page.id, number)));
    }
    if group.entries.len() >= repeat.max {
        return Err(Error::Full { page: page.id.clone(), max: repeat.max });
    }
    group.last = group.last.max(number);
    let before = group.entries.partition_point(|entry| entry.number < number);
    group.entries.insert(before, Entry { number, ..Entry::default() });
    Ok(())
}

/// Where the answers of a page that was saved before differ from what is saved now.
fn clashes(page: &Page, at: &PageRef, draft: &Draft, input: &PageInput) -> Vec<Clash> {
    let later = |field: &Field| match input.raw.get(&field.key) {
        Some(raw) => raw.clone(),
        None => {
            input.values.get(&field.key).map(crate::value::typed).unwrap_or_default().join("\n")
        }
    };
    let asked = |field: &&Field| {
        field.kind != FieldKind::File
            && (input.raw.contains_key(&field.key) || input.values.contains_key(&field.key))
    };
    page.fields
        .iter()
        .filter(asked)
        .map(|field| Clash {
            key: field.key.clone(),
            label: field.label.clone(),
            earlier: input::kept(field, at, &draft.answers, &draft.known).join("\n"),
            later: later(field),
        })
        .filter(|clash| clash.earlier != clash.later)
        .collect()
}

fn put(answers: &mut Answers, page: &Page, at: &PageRef, input: PageInput) {
    let values = match at.entry {
        None => Some(&mut answers.values),
        Some(number) => answers
            .groups
            .get_mut(&page.id)
            .and_then(|group| group.entries.iter_mut().find(|entry| entry.number == number))
            .map(|entry| &mut entry.values),
    };
    if let Some(values) = values {
        for key in input.raw.keys() {
            values.remove(key);
        }
        values.extend(input.values);
    }
    if input.raw.is_empty() {
        answers.inputs.remove(&at.key());
    } else {
        answers.inputs.insert(at.key(), input.raw);
    }
}

/// Counts the version up and notes it for the page.
fn touch(ctx: &Ctx, draft: &mut Draft, at: &PageRef) {
    draft.version += 1;
    draft.answers.saved.insert(at.key(), draft.version);
    prolong(ctx, draft);
}

fn prolong(ctx: &Ctx, draft: &mut Draft) {
    draft.updated = ctx.now;
    draft.expires = ctx.now + Duration::days(KEPT_DAYS);
}

fn fits(draft: &Draft) -> Result<()> {
    let text = serde_json::to_vec(&draft.answers).map_err(zhengtong_db::Error::from)?;
    if text.len() > DRAFT_BYTES_MAX { Err(Error::TooLarge(DRAFT_BYTES_MAX)) } else { Ok(()) }
}

async fn record(ctx: &mut Ctx, draft: &Draft, before: String, reason: String) -> Result<()> {
    let act = ctx
        .act("form.write", "draft", draft.id.to_string())
        .about(Some(draft.owner))
        .because(reason)
        .change(Some(before), Some(digest(draft)?));
    ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// The place after this one. When the page itself is no longer asked, the first place of the pages after it.
fn after(form: &Form, places: &[PageRef], at: &PageRef) -> Option<PageRef> {
    if let Some(here) = places.iter().position(|place| place == at) {
        return places.get(here + 1).cloned();
    }
    let order = |page: &str| form.pages.iter().position(|other| other.id == page);
    places.iter().find(|place| order(&place.page) > order(&at.page)).cloned()
}

fn fits_rule(field: &Field, rule: &FileRule, file: &FileMeta, count: usize) -> Result<()> {
    let fault = |kind: Kind, zh: String, en: String| {
        Err(Error::File { kind, error: FieldError::new(&field.key, zh, en) })
    };
    if !rule.accept.contains(&file.kind) {
        let kinds: Vec<&str> = rule.accept.iter().map(|kind| kind.word()).collect();
        return fault(
            Kind::Unsupported,
            format!("只接受 {} 文件，请转换后再上传", kinds.join("、")),
            format!("Upload a file of one of these kinds: {}", kinds.join(", ")),
        );
    }
    if file.size == 0 {
        return fault(
            Kind::Invalid,
            "文件是空的，请重新选择".to_owned(),
            "Choose another file, this one is empty".to_owned(),
        );
    }
    fits_size(field, rule, file.size)?;
    if count >= rule.count_max {
        return fault(
            Kind::Invalid,
            format!("最多上传 {} 个文件，请先删去一个", rule.count_max),
            format!("Remove a file first, there can be {} at most", rule.count_max),
        );
    }
    Ok(())
}

fn fits_size(field: &Field, rule: &FileRule, size: u64) -> Result<()> {
    if size <= u64::from(rule.mb_max) * 1_048_576 {
        return Ok(());
    }
    let error = FieldError::new(
        &field.key,
        format!("文件不能超过 {} MB，请压缩后再上传", rule.mb_max),
        format!("Make the file smaller, it can have {} MB at most", rule.mb_max),
    );
    Err(Error::File { kind: Kind::TooLarge, error })
}

/// The last part of the name that the person's machine gave, without what could mislead.
fn file_name(file: &FileMeta) -> String {
    let last = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let bad = |letter: &char| {
        letter.is_control()
            || matches!(letter, '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = last.chars().filter(|letter| !bad(letter)).take(NAME_CHARS).collect();
    let name = name.trim();
    if name.is_empty() { format!("file.{}", file.kind.word()) } else { name.to_owned() }
}
