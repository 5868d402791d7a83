//! The systems that a person has agreed to, and taking that back.

use zhengtong_base::Text;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::Agreed;
use crate::store::{client, visit};

fn own(ctx: &Ctx, id: &str) -> Thing {
    Thing::new("consent", id).owned_by(ctx.actor.person)
}

/// The systems that the actor has agreed to, the latest first.
pub async fn agreed(ctx: &mut Ctx) -> Result<Vec<Agreed>> {
    ctx.allow("signon.agreed", &own(ctx, ""))?;
    let Some(account) = ctx.actor.account else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for row in client::agreed(ctx.conn(), account).await? {
        let organisation = zhengtong_party::organisation(ctx, row.organisation).await?;
        list.push(Agreed {
            client: row.client,
            name: row.name,
            organisation: organisation.name,
            scopes: row.scopes,
            granted: row.granted,
            last: row.last,
        });
    }
    Ok(list)
}

/// Takes an agreement back: what was given out to the system ends at once, and it has to ask again.
pub async fn withdraw(ctx: &mut Ctx, id: &str) -> Result<()> {
    ctx.allow("signon.withdraw", &own(ctx, id))?;
    let account = ctx
        .actor
        .account
        .ok_or_else(|| Error::State(Text::new("请先登录", "please log in first")))?;
    if !client::forget_consent(ctx.conn(), account, id).await? {
        return Err(Error::absent("consent", id));
    }
    let now = ctx.now;
    let gone =
        visit::end_at_client(ctx.conn(), (Some(account), id), "the person took it back", now)
            .await?;
    let act = ctx
        .act("signon.withdraw", "client", id)
        .about(ctx.actor.person)
        .because(format!("{gone} logins ended"));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}
