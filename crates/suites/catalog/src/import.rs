//! Spreadsheets: what one would change is worked out first and kept, row by row and field by field; applying it does
//! exactly that, or nothing when something was changed in between.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::{Ctx, Thing};

use crate::compile::{begin, fulfilled, own_unit, settled, write_draft};
use crate::error::{Error, Result};
use crate::grammar::slug;
use crate::kinds::{State, sharing_title};
use crate::model::{Body, Resource};
use crate::part::Directory;
use crate::sheet::{self, Written};
use crate::store;

/// Characters of a name of a file that are kept.
const NAME_CHARS: usize = 120;

/// A spreadsheet that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The identifier.
    pub id: Uuid,
    /// The unit whose resources it is about.
    pub unit: Uuid,
    /// The name of the file.
    pub name: String,
    /// The digest of the file.
    pub digest: String,
    /// Who read it in.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
    /// What it would change.
    pub plan: Plan,
    /// When that was done.
    pub applied: Option<OffsetDateTime>,
}

/// What a spreadsheet would change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Resources that are new.
    pub new: Vec<New>,
    /// Resources that would say something else.
    pub changed: Vec<Changed>,
    /// Resources that say the same: the row and the title.
    pub unchanged: Vec<(usize, String)>,
    /// Rows that cannot be used.
    pub faulty: Vec<Fault>,
}

/// A resource that is new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct New {
    /// The row.
    pub row: usize,
    /// The code that was given to it elsewhere.
    pub code: Option<String>,
    /// What it says.
    pub body: Body,
}

/// A resource that would say something else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The row.
    pub row: usize,
    /// The resource.
    pub resource: Uuid,
    /// What it is compared with: the version and the digest of what that says.
    pub base: (i32, String),
    /// What differs.
    pub fields: Vec<Difference>,
    /// What it would say.
    pub body: Body,
}

/// What differs in one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field.
    pub field: Text,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The row.
    pub row: usize,
    /// The field.
    pub field: String,
    /// What to do.
    pub text: Text,
}

/// Reads a spreadsheet and works out what it would change; nothing is changed.
pub async fn read_sheet(ctx: &mut Ctx, name: &str, bytes: &[u8]) -> Result<Uuid> {
    let unit = own_unit(ctx)?;
    ctx.allow("catalog.import", &Thing::new("resource", "sheet").handled_by(Some(unit)))?;
    let (written, faults) = sheet::resources(bytes)?;
    let mut plan = Plan::default();
    for (row, error) in faults {
        plan.faulty.push(Fault { row, field: error.field, text: error.text });
    }
    for one in written {
        plan_one(ctx, unit, one, &mut plan).await?;
    }
    plan.faulty.sort_by_key(|fault| fault.row);
    let import = Import {
        id: ctx.id(),
        unit,
        name: name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS).collect(),
        digest: Digest::of(bytes).to_string(),
        by: ctx.actor.name.clone(),
        at: ctx.now,
        plan,
        applied: None,
    };
    store::insert_import(ctx.conn(), &import).await?;
    let act =
        ctx.act("catalog.import", "import", import.id.to_string()).because(import.name.clone());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(import.id)
}

/// A spreadsheet that was read, with what it would change.
pub async fn sheet(ctx: &mut Ctx, id: Uuid) -> Result<Import> {
    let absent = || zhengtong_db::Error::absent("import", id);
    let import = store::import(ctx.conn(), id, false).await?.ok_or_else(absent)?;
    let thing = Thing::new("resource", "sheet").handled_by(Some(import.unit));
    ctx.allow_or_absent("catalog.import", &thing)?;
    Ok(import)
}

/// Does what was worked out, all of it or nothing. New resources and changes become drafts of the unit; gives how many.
pub async fn apply(ctx: &mut Ctx, id: Uuid) -> Result<usize> {
    sheet(ctx, id).await?;
    let absent = || zhengtong_db::Error::absent("import", id);
    let import = store::import(ctx.conn(), id, true).await?.ok_or_else(absent)?;
    if import.applied.is_some() {
        return Err(Error::state("这次导入已经做过了", "this import was done before"));
    }
    for new in &import.plan.new {
        add(ctx, import.unit, new).await?;
    }
    for changed in &import.plan.changed {
        rewrite(ctx, changed).await?;
    }
    let now = ctx.now;
    store::import_applied(ctx.conn(), id, now).await?;
    let done = import.plan.new.len() + import.plan.changed.len();
    let why = format!("{}: {} + {}", import.name, import.plan.new.len(), import.plan.changed.len());
    let act = ctx.act("catalog.import", "import", id.to_string()).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let news =
        serde_json::json!({ "new": import.plan.new.len(), "changed": import.plan.changed.len() });
    ctx.emit("catalog.imported", &id.to_string(), &news).await?;
    Ok(done)
}

async fn add(ctx: &mut Ctx, unit: Uuid, new: &New) -> Result<()> {
    let id = begin(ctx, unit, new.body.clone()).await?;
    let Some(code) = &new.code else { return Ok(()) };
    let (slug, now) = (slug(code), ctx.now);
    if store::give_code(ctx.conn(), (code, &slug, "import"), id, now).await? {
        return Ok(());
    }
    Err(Error::state(
        format!("代码 {code} 已经给了别的资源，请重新读表"),
        format!("the code {code} was given to another resource; read the spreadsheet again"),
    ))
}

async fn rewrite(ctx: &mut Ctx, changed: &Changed) -> Result<()> {
    let gone = || {
        let title = &changed.body.title.zh;
        Error::state(
            format!("“{title}”在读表以后改过，请重新读表"),
            format!("`{title}` was changed after the spreadsheet was read; read it again"),
        )
    };
    let resource = store::resource(ctx.conn(), changed.resource, true).await?.ok_or_else(gone)?;
    let base = base(&resource).ok_or_else(gone)?;
    if (base.0, digest(&base.2)?) != changed.base {
        return Err(gone());
    }
    if let Some(open) = resource.open() {
        let mut version = open.clone();
        version.body = changed.body.clone();
        return store::write_version(ctx.conn(), resource.id, &version).await;
    }
    let last = resource.versions.iter().map(|version| version.number).max().unwrap_or(0);
    write_draft(ctx, resource.id, last + 1, changed.body.clone()).await
}

/// What a row is compared with: the version that is being compiled, else the one in force.
fn base(resource: &Resource) -> Option<(i32, State, Body)> {
    let version = resource.open().or_else(|| resource.in_force())?;
    Some((version.number, version.state, version.body.clone()))
}

fn digest(body: &Body) -> Result<String> {
    let bytes = serde_json::to_vec(body).map_err(zhengtong_db::Error::from)?;
    Ok(Digest::of(&bytes).to_string())
}

/// What one resource of a spreadsheet would change.
async fn plan_one(ctx: &mut Ctx, unit: Uuid, written: Written, plan: &mut Plan) -> Result<()> {
    let row = written.row;
    let mut fault = |field: &str, zh: String, en: String| {
        plan.faulty.push(Fault { row, field: field.to_owned(), text: Text::new(zh, en) });
    };
    let provider = zhengtong_party::organisation(ctx, unit).await?;
    if provider.credit_code.as_deref() != Some(written.unit.as_str()) {
        let (zh, en) = (&provider.name.zh, &provider.name.en);
        fault(
            "provider",
            format!("提供方代码 {} 不是“{zh}”的", written.unit),
            format!("the code {} is not that of {en}", written.unit),
        );
        return Ok(());
    }
    if let Some(text) = written.code.as_deref().and_then(|code| out_of_grammar(ctx, code)) {
        fault("code", text.zh, text.en);
        return Ok(());
    }
    let twice = written.code.is_some() && plan.new.iter().any(|new| new.code == written.code);
    if twice {
        plan.faulty.push(Fault {
            row,
            field: "code".to_owned(),
            text: Text::new("这个代码在表里写了两次", "this code stands twice in the spreadsheet"),
        });
        return Ok(());
    }
    let found = match &written.code {
        Some(code) => store::by_code(ctx.conn(), code).await?,
        None => store::by_title(ctx.conn(), unit, &written.body.title.zh).await?,
    };
    match found {
        None => plan_new(ctx, &provider, written, plan),
        Some(id) => plan_change(ctx, id, &provider, written, plan).await,
    }
}

fn out_of_grammar(ctx: &Ctx, code: &str) -> Option<Text> {
    let directory = ctx.defs::<Directory>().ok()?;
    directory.grammar(china_date(ctx.now))?.check(code).err()
}

fn plan_new(
    ctx: &Ctx,
    provider: &zhengtong_party::Organisation,
    written: Written,
    plan: &mut Plan,
) -> Result<()> {
    let Some(body) = sound(ctx, provider, written.row, written.body, plan)? else { return Ok(()) };
    plan.new.push(New { row: written.row, code: written.code, body });
    Ok(())
}

async fn plan_change(
    ctx: &mut Ctx,
    id: Uuid,
    provider: &zhengtong_party::Organisation,
    written: Written,
    plan: &mut Plan,
) -> Result<()> {
    let row = written.row;
    let resource = store::resource(ctx.conn(), id, false).await?;
    let own = resource.filter(|resource| resource.provider == provider.id);
    let compared = own.as_ref().and_then(base);
    let text = match &compared {
        None if own.is_none() => {
            Some(Text::new("这个代码是别的单位的", "this code is another unit's"))
        }
        None => Some(Text::new(
            "这个代码的资源已撤销，代码不再使用",
            "the resource with this code was withdrawn; its code is not used again",
        )),
        Some((_, State::Submitted | State::Reviewed, _)) => {
            Some(Text::new("这个资源正在审核，审完再改", "this resource is under review"))
        }
        Some(_) => None,
    };
    if let Some(text) = text {
        plan.faulty.push(Fault { row, field: "code".to_owned(), text });
        return Ok(());
    }
    let Some((number, _, before)) = compared else { return Ok(()) };
    let after = merged(&before, written.body);
    let Some(after) = sound(ctx, provider, row, after, plan)? else { return Ok(()) };
    let fields = differences(&before, &after);
    if fields.is_empty() {
        plan.unchanged.push((row, after.title.zh));
    } else {
        let base = (number, digest(&before)?);
        plan.changed.push(Changed { row, resource: id, base, fields, body: after });
    }
    Ok(())
}

/// A body that could be handed in; otherwise its faults go to the plan.
fn sound(
    ctx: &Ctx,
    provider: &zhengtong_party::Organisation,
    row: usize,
    body: Body,
    plan: &mut Plan,
) -> Result<Option<Body>> {
    let settled = match settled(ctx, body) {
        Ok(settled) => settled,
        Err(Error::Invalid(errors)) => {
            let faults = errors.into_iter();
            plan.faulty.extend(faults.map(|one| Fault { row, field: one.field, text: one.text }));
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let wrong = fulfilled(ctx, provider, &settled)?;
    if wrong.is_empty() {
        return Ok(Some(settled));
    }
    plan.faulty.extend(wrong.into_iter().map(|one| Fault {
        row,
        field: one.field,
        text: one.text,
    }));
    Ok(None)
}

/// What the template does not hold stays as it was: English words, elements, sources, the dataset, the system.
fn merged(before: &Body, mut after: Body) -> Body {
    if before.title.zh == after.title.zh {
        after.title.en.clone_from(&before.title.en);
    }
    if before.summary.zh == after.summary.zh {
        after.summary.en.clone_from(&before.summary.en);
    }
    for item in &mut after.items {
        if let Some(known) = before.items.iter().find(|known| known.name.zh == item.name.zh) {
            item.name.en.clone_from(&known.name.en);
            item.element.clone_from(&known.element);
            item.sharing = known.sharing;
        }
    }
    after.sources.clone_from(&before.sources);
    after.dataset.clone_from(&before.dataset);
    after.system.clone_from(&before.system);
    after
}

/// What two bodies say differently, field by field.
pub fn differences(before: &Body, after: &Body) -> Vec<Difference> {
    type Field = (&'static str, &'static str, fn(&Body) -> String);
    let fields: [Field; 14] = [
        ("信息资源分类", "Class", |body| body.class.clone()),
        ("信息资源名称", "Title", |body| body.title.zh.clone()),
        ("英文名称", "English title", |body| body.title.en.clone()),
        ("信息资源摘要", "Summary", |body| body.summary.zh.clone()),
        ("信息资源格式", "Format", |body| body.format.title().zh),
        ("信息项", "Information items", |body| items(body)),
        ("共享类型", "Sharing", |body| sharing_title(body.sharing.kind).zh),
        ("共享条件", "Condition of sharing", |body| body.sharing.condition.clone()),
        ("共享方式", "Way of sharing", |body| body.sharing.way.title().zh),
        ("不予共享依据", "Law for not sharing", |body| body.sharing.basis.clone()),
        ("开放类型", "Openness", |body| body.openness.kind.title().zh),
        ("开放条件", "Condition of openness", |body| body.openness.condition.clone()),
        ("更新周期", "Update cycle", |body| body.cycle.title().zh),
        ("关联和来源资源", "Related resources and sources", |body| {
            [body.related.join(" "), body.sources.join(" ")].join(" ← ")
        }),
    ];
    let differing = fields.into_iter().filter_map(|(zh, en, of)| {
        let (before, after) = (of(before), of(after));
        (before != after).then(|| Difference { field: Text::new(zh, en), before, after })
    });
    differing.collect()
}

fn items(body: &Body) -> String {
    let items = body.items.iter().map(|item| {
        let length = item.length.map_or_else(String::new, |length| format!("({length})"));
        format!("{} {}{length} {}", item.name.zh, item.kind.word(), item.sensitivity.word())
    });
    items.collect::<Vec<_>>().join("；")
}
