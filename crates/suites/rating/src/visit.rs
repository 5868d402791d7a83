//! A visit to a window: the clerk shows a code that may be used once, and whoever takes it rates without a login. Only
//! the digest of the code is kept, so that it cannot be told who took which.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use time::Duration;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_crypto::{Digest, to_hex};
use zhengtong_db::{Actor, Ctx, Thing};

use crate::error::{Error, Result};
use crate::matter::{as_actor, called_back, in_standing, seen, told};
use crate::model::{Channel, ContactKind, Place, Said, Seen, Standing};
use crate::rate::keep;
use crate::store::{self, Offered, Visited};

/// How long a code may be used.
const CODE_DAYS: i64 = 7;
/// How long whoever rated may follow what became of it.
const FOLLOW_DAYS: i64 = 180;
/// Bytes of a code.
const CODE_BYTES: usize = 16;
/// The one contact of a visit.
const VISIT: &str = "visit";

/// A code for a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The code.
    pub code: String,
    /// Its picture, as SVG.
    pub picture: String,
    /// The last day on which it may be used.
    pub last: time::Date,
}

/// A visit as whoever holds the code sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The department.
    pub department: Uuid,
    /// The item.
    pub item: Option<String>,
    /// Whether it was rated.
    pub rated: bool,
    /// What became of a bad rating.
    pub matter: Option<Seen>,
}

/// Makes a code for whoever stands at the window of one's own department. `address` is what stands before the code
/// in the address that the picture leads to.
pub async fn invite(ctx: &mut Ctx, item: Option<&str>, address: &str) -> Result<Ticket> {
    let department = ctx.actor.organisation;
    ctx.allow("rating.invite", &Thing::new("visit", "new").handled_by(department))?;
    let Some(department) = department else {
        return Err(Error::state("您现在没有岗位", "you hold no post now"));
    };
    let mut bytes = [0_u8; CODE_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Definition(error.to_string()))?;
    let code = to_hex(&bytes);
    let expires_at = ctx.now + Duration::days(CODE_DAYS);
    let new = Visited {
        digest: digest(&code),
        subject: format!("visit-{}", Uuid::new_v4().simple()),
        item: item.filter(|item| !item.is_empty()).map(str::to_owned),
        department,
        region: ctx.actor.region.clone().unwrap_or_default(),
        expires_at,
    };
    store::insert_visit(ctx.conn(), &new).await?;
    let act = ctx.act("rating.invite", "visit", department.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let picture = picture(&format!("{address}{code}"))?;
    Ok(Ticket { code, picture, last: china_date(expires_at) })
}

/// What whoever holds a code sees.
pub async fn visit(ctx: &mut Ctx, code: &str) -> Result<Visit> {
    ctx.allow_or_absent("rating.visit", &Thing::new("visit", "code"))?;
    let visited = visited(ctx, code).await?;
    let rating = store::rated(ctx.conn(), &visited.subject).await?.get(VISIT).copied();
    let matter = match rating {
        Some(rating) => store::matter_of(ctx.conn(), rating).await?,
        None => None,
    };
    let matter = match matter {
        Some(matter) => Some(as_holder(ctx, matter).await?),
        None => None,
    };
    let (department, item) = (visited.department, visited.item);
    Ok(Visit { department, item, rated: rating.is_some(), matter })
}

/// Rates a visit.
pub async fn rate_visit(ctx: &mut Ctx, code: &str, channel: Channel, said: &Said) -> Result<()> {
    ctx.allow_or_absent("rating.visit", &Thing::new("visit", "code"))?;
    let visited = visited(ctx, code).await?;
    if visited.expires_at < ctx.now {
        return Err(Error::state(
            "这个评价码已过期，请打 12345 评价",
            "this code has run out; call 12345 to rate",
        ));
    }
    let offered = Offered {
        subject: visited.subject,
        contact: VISIT.to_owned(),
        kind: ContactKind::Visit,
        place: Place::Offline,
        item: visited.item,
        department: visited.department,
        region: visited.region,
        day: china_date(ctx.now),
        person: None,
        organisation: None,
    };
    // Whoever is logged in by chance is not written down either: the code is the right.
    as_actor(ctx, Actor::visitor(), async |ctx| {
        keep(ctx, "rating.visit", &offered, channel, said).await.map(drop)
    })
    .await
}

/// What the holder of a code says of what became of a bad rating: an answer to the department, or whether it helped.
pub async fn follow_visit(
    ctx: &mut Ctx,
    code: &str,
    settled: Option<bool>,
    words: &str,
) -> Result<()> {
    ctx.allow_or_absent("rating.visit", &Thing::new("visit", "code"))?;
    let visited = visited(ctx, code).await?;
    let rating = store::rated(ctx.conn(), &visited.subject).await?.get(VISIT).copied();
    let found = match rating {
        Some(rating) => store::matter_of(ctx.conn(), rating).await?,
        None => None,
    };
    let absent = || zhengtong_db::Error::absent("matter", "");
    let found = found.ok_or_else(absent)?;
    let matter = store::matter_for_change(ctx.conn(), &found.no).await?.ok_or_else(absent)?;
    as_actor(ctx, Actor::visitor(), async |ctx| {
        if let Some(settled) = settled {
            return called_back(ctx, "rating.follow", &matter, settled, words).await;
        }
        in_standing(&matter, &[Standing::Dispatched, Standing::Escalated, Standing::Appealed])?;
        told(ctx, &matter, words).await
    })
    .await
}

async fn as_holder(ctx: &mut Ctx, matter: crate::model::Matter) -> Result<Seen> {
    let rater = store::rater(ctx.conn(), matter.rating)
        .await?
        .ok_or_else(|| zhengtong_db::Error::absent("matter", &matter.no))?;
    let mut seen = seen(ctx, matter, &rater).await?;
    seen.may = match seen.matter.course.standing {
        Standing::Replied => {
            vec![crate::model::StepKind::Settled, crate::model::StepKind::Unsettled]
        }
        Standing::Dispatched | Standing::Escalated => vec![crate::model::StepKind::Told],
        _ => Vec::new(),
    };
    seen.steps.retain(|step| {
        use crate::model::StepKind;
        !matches!(step.kind, StepKind::Appealed | StepKind::Kept)
    });
    Ok(seen)
}

async fn visited(ctx: &mut Ctx, code: &str) -> Result<Visited> {
    let absent = || zhengtong_db::Error::absent("visit", "");
    let found = store::visit(ctx.conn(), &digest(code)).await?.ok_or_else(absent)?;
    if found.expires_at + Duration::days(FOLLOW_DAYS) < ctx.now {
        return Err(absent().into());
    }
    Ok(found)
}

fn digest(code: &str) -> String {
    Digest::of(code.trim().as_bytes()).to_string()
}

fn picture(address: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M)
        .map_err(|error| Error::Definition(error.to_string()))?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    let start = drawn.find("<svg").unwrap_or(0);
    Ok(drawn.get(start..).unwrap_or_default().to_owned())
}
