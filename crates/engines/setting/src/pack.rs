//! Packs that are put in, replaced and taken out while the platform runs, on all nodes at once.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use zhengtong_base::Text;
use zhengtong_crypto::Digest;
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_ledger::append;

use crate::error::{Error, Result};
use crate::{checked, store};

/// The most bytes of a pack.
pub const PACK_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The files of a pack by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A pack that was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The number of the change.
    pub number: i64,
    /// Its id.
    pub pack: String,
    /// What its files come to.
    pub digest: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub name: String,
    /// When.
    pub at: OffsetDateTime,
    /// Its files.
    pub files: Files,
}

/// A pack that is to be kept, or taken out.
pub(crate) struct NewPack<'a> {
    pub(crate) pack: &'a str,
    pub(crate) files: Option<&'a Files>,
    pub(crate) digest: &'a str,
    pub(crate) reason: &'a str,
}

/// Puts a pack in, or another version of it. Whoever calls this has checked it together with all others.
pub async fn install_pack(ctx: &mut Ctx, pack: &str, files: &Files, reason: &str) -> Result<i64> {
    ctx.allow("setting.install_pack", &Thing::new("pack", pack))?;
    let reason = checked(reason)?;
    let bytes: usize = files.values().map(Vec::len).sum();
    if files.is_empty() || bytes > PACK_BYTES_MAX {
        return Err(Error::Invalid {
            field: "pack",
            text: Text::new(
                format!("包里没有文件，或者超过 {} MB", PACK_BYTES_MAX / 1024 / 1024),
                format!("it holds no files, or more than {} MB", PACK_BYTES_MAX / 1024 / 1024),
            ),
        });
    }
    let digest = digest(files);
    let new = NewPack { pack, files: Some(files), digest: &digest, reason };
    keep(ctx, "setting.install_pack", &new).await
}

/// Takes a pack out that was put in: what the program brought, if anything, is in force again.
pub async fn remove_pack(ctx: &mut Ctx, pack: &str, reason: &str) -> Result<i64> {
    ctx.allow("setting.remove_pack", &Thing::new("pack", pack))?;
    let reason = checked(reason)?;
    keep(ctx, "setting.remove_pack", &NewPack { pack, files: None, digest: "", reason }).await
}

async fn keep(ctx: &mut Ctx, verb: &'static str, new: &NewPack<'_>) -> Result<i64> {
    store::lock(ctx.conn(), new.pack).await?;
    let before = store::pack_in_force(ctx.conn(), new.pack).await?;
    let after = new.files.map(|_| new.digest.to_owned());
    if before == after {
        return Err(Error::SamePack(new.pack.to_owned()));
    }
    let (account, name, at) = (ctx.actor.account, ctx.actor.name.clone(), ctx.now);
    let number = store::put_pack(ctx.conn(), new, (account, &name, at)).await?;
    let act = ctx.act(verb, "pack", new.pack).because(new.reason).change(before, after);
    append(ctx.conn(), &act).await?;
    Ok(number)
}

/// The packs that were put in and are in force, as every node reads them.
pub async fn installed_packs(db: &Db) -> Result<Vec<Installed>> {
    let mut tx = db.begin_raw().await?;
    Ok(store::packs(&mut tx).await?)
}

/// What the files come to, whatever their order on a disk.
fn digest(files: &Files) -> String {
    let mut bytes = Vec::new();
    for (path, file) in files {
        bytes.extend_from_slice(path.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(Digest::of(file).to_string().as_bytes());
        bytes.push(0);
    }
    Digest::of(&bytes).to_string()
}
