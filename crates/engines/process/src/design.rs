//! The verbs of the designer: drawing a new version of a definition, submitting it, and deciding about it as a second person.
//!
//! Drafts are their author's. A submitted design is decided by somebody else, who publishes it from a day on or gives it
//! back with words. What was published never changes; going back is publishing the former text again.

use std::collections::BTreeSet;

use serde::Serialize;
use time::Date;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_bpmn::Level;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_ledger::append;

use crate::blank::blank;
use crate::decision::{Decision, examine_decisions};
use crate::drawn::{Design, Listed, Source, Stage, Version};
use crate::error::{Error, Result};
use crate::known::Known;
use crate::language::Language;
use crate::part::{Catalog, Definition, examine};
use crate::store::design as store;

/// The longest text of a definition that the designer takes, in bytes.
pub const XML_BYTES_MAX: usize = 400 * 1024;
/// The shortest account of what a design changes, in characters.
pub const NOTE_CHARS_MIN: usize = 4;
/// The longest one.
pub const NOTE_CHARS_MAX: usize = 500;
/// Characters of the name of a new file.
const FILE_CHARS_MAX: usize = 60;
/// Characters of the title of a new definition.
const TITLE_CHARS_MAX: usize = 60;
/// How far ahead a version may be published, in days.
const AHEAD_DAYS_MAX: i64 = 3650;

/// A definition or a design of it, as policies see it.
pub fn thing(name: &str, author: Option<Uuid>) -> Thing {
    let thing = Thing::new("definition", name);
    match author {
        Some(author) => thing.with("author", Attr::Text(author.to_string())),
        None => thing,
    }
}

/// All definitions, with what is in force and what is being drawn.
pub async fn definitions(ctx: &mut Ctx) -> Result<Vec<Listed>> {
    ctx.allow("process.designs", &thing("", None))?;
    let today = china_date(ctx.now);
    let designs = store::list(ctx.conn(), None).await?;
    let published = store::published(ctx.conn()).await?;
    let running = store::running(ctx.conn()).await?;
    let (known, catalog) = (Known::of(ctx)?, ctx.defs::<Catalog>()?);
    let files = catalog.iter().map(|file| file.name.clone());
    let files = files.chain(catalog.files_of_decisions().map(|file| file.name.clone()));
    let names: BTreeSet<String> =
        files.chain(designs.iter().map(|design| design.name.clone())).collect();
    let listed = names.into_iter().map(|name| {
        let of = |stage| designs.iter().filter(move |one| one.stage == stage);
        let count = |stage| of(stage).filter(|one| one.name == name).count();
        let days = || {
            let own = published.iter().filter(|one| one.name == name);
            own.filter_map(|one| one.valid_from)
        };
        let now = known.definition(&name);
        let title = known.title(&name).unwrap_or_else(|| {
            let drawn = designs.iter().find(|one| one.name == name);
            drawn.map(|one| title_of(&name, &one.xml)).unwrap_or_default()
        });
        Listed {
            title,
            language: Language::of(&name),
            in_force: known.written(&name).is_some(),
            from: days().filter(|day| *day <= today).max(),
            next: days().filter(|day| *day > today).min(),
            drafts: count(Stage::Draft),
            waiting: count(Stage::Submitted),
            running: running.iter().find(|(one, _)| *one == name).map_or(0, |(_, n)| *n),
            tasks: now.map_or(0, |now| persons(&now)),
            name,
        }
    });
    Ok(listed.collect())
}

fn persons(definition: &Definition) -> usize {
    definition.model.nodes.iter().filter(|node| node.role.is_some()).count()
}

/// What a text of a definition calls itself.
pub fn title_of(name: &str, xml: &str) -> String {
    let title = match Language::of(name) {
        Language::Bpmn => examine(xml).model.map(|model| model.name),
        Language::Dmn => Decision::new(name, xml).map(|file| file.title()),
    };
    title.filter(|title| !title.is_empty()).unwrap_or_else(|| name.to_owned())
}

/// The versions of a name, the one in force first, and its designs, the latest first.
pub async fn versions(ctx: &mut Ctx, name: &str) -> Result<(Vec<Version>, Vec<Design>)> {
    ctx.allow("process.designs", &thing(name, None))?;
    let designs = store::list(ctx.conn(), Some(name)).await?;
    let file = file(ctx, name)?;
    if file.is_none() && designs.is_empty() {
        return Err(zhengtong_db::Error::absent("definition", name).into());
    }
    let force = Known::of(ctx)?.written(name).map(|(digest, _)| digest);
    let kept = store::kept(ctx.conn(), name).await?;
    let mut versions: Vec<Version> = Vec::new();
    let version = |digest: &str, source, from| {
        let used = kept.iter().find(|one| one.digest == digest);
        Version {
            digest: digest.to_owned(),
            source,
            from,
            first_used: used.map(|one| one.first_used),
            running: used.map_or(0, |one| one.running),
            ended: used.map_or(0, |one| one.ended),
            in_force: force.as_deref() == Some(digest),
        }
    };
    for design in designs.iter().filter(|one| one.stage == Stage::Published) {
        if versions.iter().all(|one| one.digest != design.digest) {
            let source = Source::Design(design.number);
            versions.push(version(&design.digest, source, design.valid_from));
        }
    }
    if let Some((digest, _)) = &file
        && versions.iter().all(|one| one.digest != *digest)
    {
        versions.push(version(digest, Source::File, None));
    }
    for one in &kept {
        if versions.iter().all(|known| known.digest != one.digest) {
            versions.push(version(&one.digest, Source::Earlier, None));
        }
    }
    versions.sort_by_key(|one| !one.in_force);
    Ok((versions, designs))
}

/// The text of a version: of the file, of a design, or of what instances began with; none is the one in force, or of a new definition
/// the latest design.
pub async fn text(ctx: &mut Ctx, name: &str, digest: Option<&str>) -> Result<String> {
    ctx.allow("process.designs", &thing(name, None))?;
    let absent = |what: &str| zhengtong_db::Error::absent("definition", what).into();
    let designs = store::list(ctx.conn(), Some(name)).await?;
    let Some(digest) = digest else {
        if let Some((_, xml)) = Known::of(ctx)?.written(name) {
            return Ok(xml);
        }
        let latest = designs.into_iter().next();
        return latest.map(|design| design.xml).ok_or_else(|| absent(name));
    };
    if let Some((_, xml)) = file(ctx, name)?.filter(|(own, _)| own == digest) {
        return Ok(xml);
    }
    if let Some(design) = designs.into_iter().find(|one| one.digest == digest) {
        return Ok(design.xml);
    }
    let kept = store::kept_xml(ctx.conn(), name, digest).await?;
    kept.ok_or_else(|| absent(digest))
}

/// A design.
pub async fn design(ctx: &mut Ctx, number: i64) -> Result<Design> {
    ctx.allow("process.designs", &thing("", None))?;
    let found = store::one(ctx.conn(), number).await?;
    found.ok_or_else(|| absent(number))
}

/// Begins a design from a version of a name: from the one in force, unless a digest names another.
pub async fn draw(ctx: &mut Ctx, name: &str, from: Option<&str>) -> Result<Design> {
    ctx.allow("process.draw", &thing(name, None))?;
    if let Some(first) = ctx.once("process.draw", &(name, from)).await? {
        return design(ctx, first.as_i64().unwrap_or_default()).await;
    }
    let author = me(ctx)?;
    let xml = text(ctx, name, from).await?;
    let digest = digest_of(&xml);
    let (author_name, at) = (ctx.actor.name.clone(), ctx.now);
    let new = store::NewDesign {
        name,
        xml: &xml,
        digest: &digest,
        base: &digest,
        note: "",
        author,
        author_name: &author_name,
        at,
    };
    let design = store::insert(ctx.conn(), &new).await?;
    record(ctx, "process.draw", &design, None, Some(&digest), None).await?;
    ctx.answered(&design.number).await?;
    Ok(design)
}

/// A definition that is not there yet.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct New<'a> {
    /// The pack it is to belong to.
    pub pack: &'a str,
    /// What its file would be called, without the ending.
    pub file: &'a str,
    /// What people call it.
    pub title: &'a str,
    /// Whether it is a file of decisions, and not a process.
    pub decides: bool,
}

/// Begins a definition that is not there yet. It is in force from the day on which a second person lets it be.
pub async fn create(ctx: &mut Ctx, new: &New<'_>) -> Result<Design> {
    let language = if new.decides { Language::Dmn } else { Language::Bpmn };
    let name = language.name(new.pack, new.file);
    ctx.allow("process.draw", &thing(&name, None))?;
    if let Some(first) = ctx.once("process.draw", new).await? {
        return design(ctx, first.as_i64().unwrap_or_default()).await;
    }
    let author = me(ctx)?;
    fits_as_new(ctx, new)?;
    store::lock(ctx.conn(), &name).await?;
    if file(ctx, &name)?.is_some() || !store::list(ctx.conn(), Some(&name)).await?.is_empty() {
        return Err(field(
            "file",
            "这个名字已经有了，请换一个，或者从那一份起草",
            "this name is taken: choose another, or begin a draft from that one",
        ));
    }
    let xml = blank(&name, new.title.trim());
    let digest = digest_of(&xml);
    let (author_name, at) = (ctx.actor.name.clone(), ctx.now);
    let kept = store::NewDesign {
        name: &name,
        xml: &xml,
        digest: &digest,
        base: "",
        note: "",
        author,
        author_name: &author_name,
        at,
    };
    let design = store::insert(ctx.conn(), &kept).await?;
    record(ctx, "process.draw", &design, None, Some(&digest), None).await?;
    ctx.answered(&design.number).await?;
    Ok(design)
}

/// The words of a new definition.
fn fits_as_new(ctx: &Ctx, new: &New<'_>) -> Result<()> {
    if !ctx.defs::<Catalog>()?.packs().any(|pack| pack == new.pack) {
        return Err(field("pack", "请选一个现有的包", "choose a pack that is there"));
    }
    let sound = new.file.len() <= FILE_CHARS_MAX
        && new.file.starts_with(|c: char| c.is_ascii_lowercase())
        && new.file.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !sound {
        return Err(field(
            "file",
            "用小写字母开头，只用小写字母、数字和连字符，最多 60 个",
            "begin with a small letter; small letters, digits and hyphens only, at most 60",
        ));
    }
    if !(2..=TITLE_CHARS_MAX).contains(&new.title.trim().chars().count()) {
        return Err(field("title", "写 2 到 60 个字", "write 2 to 60 characters"));
    }
    Ok(())
}

/// Saves a draft. It need not run yet, but it must be BPMN or DMN. `seen` is the revision that was changed.
pub async fn save(ctx: &mut Ctx, number: i64, seen: i32, xml: &str, note: &str) -> Result<Design> {
    let before = own(ctx, "process.draw", number).await?;
    if before.stage != Stage::Draft {
        return Err(Error::Design(DesignError::NotADraft));
    }
    fits(&before.name, xml, note)?;
    // The same text again is no change, so that a second press of the button is none either.
    if before.xml == xml && before.note == note {
        return Ok(before);
    }
    if before.revision != seen {
        return Err(Error::Design(DesignError::Changed));
    }
    let after = Design {
        xml: xml.to_owned(),
        digest: digest_of(xml),
        note: note.to_owned(),
        changed_at: ctx.now,
        revision: before.revision + 1,
        ..before.clone()
    };
    store::update(ctx.conn(), &after).await?;
    record(ctx, "process.draw", &after, Some(&before.digest), Some(&after.digest), None).await?;
    Ok(after)
}

/// Gives a draft to a second person. From here on it runs, or it is not taken.
pub async fn submit(ctx: &mut Ctx, number: i64, seen: i32, valid_from: Date) -> Result<Design> {
    let before = own(ctx, "process.submit", number).await?;
    if before.stage == Stage::Submitted && before.valid_from == Some(valid_from) {
        return Ok(before);
    }
    if before.stage != Stage::Draft {
        return Err(Error::Design(DesignError::NotADraft));
    }
    if before.revision != seen {
        return Err(Error::Design(DesignError::Changed));
    }
    if before.note.chars().count() < NOTE_CHARS_MIN {
        return Err(note_wanted());
    }
    let known = Known::of(ctx)?;
    if known.written(&before.name).is_some_and(|(digest, _)| digest == before.digest) {
        return Err(Error::Design(DesignError::Same));
    }
    let today = china_date(ctx.now);
    if valid_from < today || (valid_from - today).whole_days() > AHEAD_DAYS_MAX {
        return Err(field(
            "valid_from",
            "生效日从今天起，最远十年",
            "from today on, at most ten years ahead",
        ));
    }
    runs(&known.on(valid_from), &before)?;
    let after = Design {
        stage: Stage::Submitted,
        valid_from: Some(valid_from),
        submitted_at: Some(ctx.now),
        changed_at: ctx.now,
        revision: before.revision + 1,
        verdict: None,
        ..before
    };
    store::update(ctx.conn(), &after).await?;
    let note = after.note.clone();
    record(ctx, "process.submit", &after, None, Some(&after.digest), Some(&note)).await?;
    Ok(after)
}

/// The author takes back what was submitted, to go on drawing.
pub async fn take_back(ctx: &mut Ctx, number: i64) -> Result<Design> {
    let before = own(ctx, "process.submit", number).await?;
    if before.stage == Stage::Draft {
        return Ok(before);
    }
    if before.stage != Stage::Submitted {
        return Err(Error::Design(DesignError::NotADraft));
    }
    let after = Design {
        stage: Stage::Draft,
        submitted_at: None,
        changed_at: ctx.now,
        revision: before.revision + 1,
        ..before
    };
    store::update(ctx.conn(), &after).await?;
    record(ctx, "process.submit", &after, None, None, Some("taken back")).await?;
    Ok(after)
}

/// The author gives a draft up.
pub async fn give_up(ctx: &mut Ctx, number: i64) -> Result<Design> {
    let before = own(ctx, "process.draw", number).await?;
    if before.stage != Stage::Draft {
        return Err(Error::Design(DesignError::NotADraft));
    }
    let (changed_at, revision) = (ctx.now, before.revision + 1);
    let after = Design { stage: Stage::Dropped, changed_at, revision, ..before };
    store::update(ctx.conn(), &after).await?;
    record(ctx, "process.draw", &after, Some(&after.digest), None, None).await?;
    Ok(after)
}

/// Decides about a submitted design as a second person: publishes it from its day, or gives it back.
/// `seen` is the revision that was looked at, so that nobody approves another text than the one before his eyes.
pub async fn decide(
    ctx: &mut Ctx,
    number: i64,
    seen: i32,
    publish: bool,
    verdict: &str,
) -> Result<Design> {
    ctx.allow("process.designs", &thing("", None))?;
    let found = store::for_change(ctx.conn(), number).await?.ok_or_else(|| absent(number))?;
    ctx.allow("process.approve", &thing(&found.name, Some(found.author)))?;
    let decider = me(ctx)?;
    if decider == found.author {
        return Err(Error::Design(DesignError::Alone));
    }
    if found.stage != Stage::Submitted || found.revision != seen {
        return Err(Error::Design(DesignError::Changed));
    }
    let verdict = verdict.trim();
    if !(NOTE_CHARS_MIN..=NOTE_CHARS_MAX).contains(&verdict.chars().count()) {
        return Err(field("verdict", "写明意见，4 到 500 个字", "say why, in 4 to 500 characters"));
    }
    store::lock(ctx.conn(), &found.name).await?;
    // A day that went by while it waited becomes today: nothing is in force before it is approved.
    let today = china_date(ctx.now);
    let valid_from = found.valid_from.map(|day| day.max(today));
    if publish {
        runs(&Known::of(ctx)?.on(valid_from.unwrap_or(today)), &found)?;
    }
    let stage = if publish { Stage::Published } else { Stage::Draft };
    let (name, at) = (ctx.actor.name.clone(), ctx.now);
    let decision = store::Decision { number, stage, decider, name: &name, at, verdict, valid_from };
    store::decide(ctx.conn(), &decision).await?;
    let after = store::one(ctx.conn(), number).await?.ok_or_else(|| absent(number))?;
    let verb = "process.approve";
    let digest = publish.then_some(after.digest.as_str());
    let base = Some(after.base.as_str()).filter(|base| !base.is_empty());
    record(ctx, verb, &after, base, digest, Some(verdict)).await?;
    ctx.emit("process.decided", &number.to_string(), &publish).await?;
    Ok(after)
}

/// What cannot be done with a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// It is submitted, published or given up.
    #[error("the design is no draft")]
    NotADraft,
    /// Somebody changed it since it was opened.
    #[error("the design was changed meanwhile")]
    Changed,
    /// It is what is in force.
    #[error("the design changes nothing")]
    Same,
    /// Who drew it cannot approve it.
    #[error("nobody approves an own design")]
    Alone,
    /// It would not run.
    #[error("the design does not run")]
    Faulty,
}

impl DesignError {
    /// What to do.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::NotADraft => Text::new(
                "这份设计已经提交、发布或放弃，改不了；可以从它另起一份草稿",
                "this design was submitted, published or given up; begin a new draft from it",
            ),
            Self::Changed => Text::new(
                "您打开之后，这份设计有了新的改动，请刷新看过再做",
                "this design changed after you opened it; reload, look and try again",
            ),
            Self::Same => Text::new(
                "和现在使用的版本一模一样，没有要发布的",
                "it is the same as the version in force; there is nothing to publish",
            ),
            Self::Alone => Text::new(
                "自己画的流程要由另一位管理员批准",
                "a process you drew is approved by another administrator",
            ),
            Self::Faulty => Text::new(
                "检查还有错误，改好再提交",
                "the check still finds errors; mend them first",
            ),
        }
    }
}

fn absent(number: i64) -> Error {
    zhengtong_db::Error::absent("design", number.to_string()).into()
}

/// The person who acts: the same with every account of hers.
fn me(ctx: &Ctx) -> Result<Uuid> {
    let person = ctx.actor.person.or(ctx.actor.account);
    person.ok_or_else(|| {
        zhengtong_db::Error::Unauthenticated { verb: "process.draw".to_owned() }.into()
    })
}

/// A design of the actor, locked.
async fn own(ctx: &mut Ctx, verb: &'static str, number: i64) -> Result<Design> {
    ctx.allow("process.designs", &thing("", None))?;
    let found = store::for_change(ctx.conn(), number).await?.ok_or_else(|| absent(number))?;
    ctx.allow(verb, &thing(&found.name, Some(found.author)))?;
    if me(ctx)? == found.author {
        return Ok(found);
    }
    Err(zhengtong_db::Error::Denied { verb: verb.to_owned() }.into())
}

/// Digest and text of the file of a pack.
fn file(ctx: &Ctx, name: &str) -> Result<Option<(String, String)>> {
    let catalog = ctx.defs::<Catalog>()?;
    Ok(match Language::of(name) {
        Language::Bpmn => catalog.get(name).map(|one| (one.digest.clone(), one.xml.clone())),
        Language::Dmn => {
            catalog.file_of_decisions(name).map(|one| (one.digest.clone(), one.xml.clone()))
        }
    })
}

fn field(name: &'static str, zh: &str, en: &str) -> Error {
    Error::Field { field: name, text: Text::new(zh, en) }
}

fn note_wanted() -> Error {
    field(
        "note",
        "写明改了什么、为什么改，4 到 500 个字",
        "say what changes and why, in 4 to 500 characters",
    )
}

fn fits(name: &str, xml: &str, note: &str) -> Result<()> {
    if xml.len() > XML_BYTES_MAX {
        return Err(field("xml", "文件太大，最多 400 KB", "the file is too large: at most 400 KB"));
    }
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(note_wanted());
    }
    let (readable, findings) = match Language::of(name) {
        Language::Bpmn => {
            let examined = examine(xml);
            (examined.model.is_some(), examined.findings)
        }
        Language::Dmn => {
            let examined = examine_decisions(xml);
            (examined.readable, examined.findings)
        }
    };
    if readable {
        return Ok(());
    }
    let why = findings.first();
    let (zh, en) = why.map_or(("", ""), |one| (one.zh.as_str(), one.en.as_str()));
    Err(field("xml", zh, en))
}

/// What cannot run is refused, with the element and the reason.
fn runs(known: &Known, design: &Design) -> Result<()> {
    let judged = known.judge(&design.name, &design.xml);
    if judged.runs() {
        return Ok(());
    }
    let first = judged.findings.iter().find(|one| one.level == Level::Error);
    let Some(first) = first else { return Err(Error::Design(DesignError::Faulty)) };
    let (zh, en) = (
        format!("检查还有错误，改好再提交。{}：{}", first.element, first.zh),
        format!("the check still finds errors: mend them first. {}: {}", first.element, first.en),
    );
    Err(field("xml", &zh, &en))
}

fn digest_of(xml: &str) -> String {
    Digest::of(xml.as_bytes()).to_string()
}

async fn record(
    ctx: &mut Ctx,
    verb: &str,
    design: &Design,
    before: Option<&str>,
    after: Option<&str>,
    reason: Option<&str>,
) -> Result<()> {
    let act = ctx.act(verb, "design", format!("{}/{}", design.name, design.number));
    let mut act = act.change(before.map(str::to_owned), after.map(str::to_owned));
    act.reason = reason.map(str::to_owned);
    append(ctx.conn(), &act).await?;
    Ok(())
}
