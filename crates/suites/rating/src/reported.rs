//! What the levels above are told of ratings: of which case, how, how well; never by whom, and no words.

use time::Date;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::model::Channel;
use crate::store;

/// Rows read at once.
const ROWS: i64 = 2_000;

/// A rating of a case as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The case.
    pub case: String,
    /// The contact.
    pub contact: String,
    /// The way it came.
    pub channel: Channel,
    /// The level.
    pub level: u8,
    /// The day.
    pub day: Date,
    /// Which rating of the case it is, from 1.
    pub nth: u32,
    /// The region code.
    pub region: String,
}

/// The ratings of cases made on the days of a period; for the platform alone.
pub async fn reported(ctx: &mut Ctx, from: Date, to: Date) -> Result<Vec<Reported>> {
    ctx.allow("rating.report", &Thing::new("platform", "rating"))?;
    let mut all = Vec::new();
    let (mut subject, mut contact) = (String::new(), String::new());
    loop {
        let rows = store::reported(ctx.conn(), (from, to), (&subject, &contact), ROWS).await?;
        let Some(last) = rows.last() else { return Ok(all) };
        (subject, contact) = (last.subject.clone(), last.contact.clone());
        all.extend(rows.into_iter().map(|row| Reported {
            case: row.subject,
            contact: row.contact,
            channel: Channel::parse(&row.channel).unwrap_or(Channel::Pc),
            level: u8::try_from(row.level).unwrap_or(3),
            day: row.day,
            nth: u32::try_from(row.nth).unwrap_or(1),
            region: row.region,
        }));
    }
}
