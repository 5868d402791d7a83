//! What is done with keys: open the vault, make, change and destroy keys. Every function that writes is
//! called in a transaction; the keyring follows when it was committed, by [`refresh`].

use std::collections::BTreeSet;

use time::{Duration, OffsetDateTime};
use zhengtong_crypto::{KeyKind, Keyring};

use crate::error::{Error, Result};
use crate::master::{Master, Places, random, replace};
use crate::store::{self, Connection, KeyRow};

/// The row that proves the master key.
const CHECK: &str = "vault.check";
/// A new version seals only after this, when every node has read it.
const SPREAD: Duration = Duration::seconds(10);

/// A key as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// The field, or the name of the secret.
    pub field: String,
    /// What it is for.
    pub kind: KeyKind,
    /// Its version.
    pub version: u32,
    /// When it was made.
    pub created: OffsetDateTime,
    /// When it was destroyed.
    pub erased_at: Option<OffsetDateTime>,
}

/// Opens the vault: finds the master key, or makes one when the database holds no keys yet, proves it, and
/// reads all keys.
pub async fn open(conn: &mut Connection, places: &Places, now: OffsetDateTime) -> Result<Keyring> {
    store::lock(conn).await?;
    let rows = store::all(conn).await?;
    let passphrase = places.passphrase.as_deref();
    let path = places.path();
    let Some(check) = rows.iter().find(|row| row.field == CHECK) else {
        let master = if let Some(master) = Master::read(&path, passphrase)? {
            master
        } else {
            let master = Master::draw()?;
            master.write(&path, passphrase)?;
            master
        };
        let ring = Keyring::new(&master.0);
        put(conn, &ring, (CHECK, KeyKind::Secret, 1), &random()?, (now, now)).await?;
        return Ok(ring);
    };
    let master = Master::read(&path, passphrase)?.ok_or_else(|| Error::NoMaster(path.clone()))?;
    let ring = Keyring::new(&master.0);
    if !proves(&ring, check) {
        finish_rotation(&ring, places, check)?;
    }
    take(&ring, &rows, now)?;
    Ok(ring)
}

/// Makes the keys of fields that have none. The table is asked, never the ring: a key that was made in a
/// transaction that was undone must not seal anything.
pub async fn ensure(
    conn: &mut Connection,
    ring: &Keyring,
    fields: &BTreeSet<String>,
    now: OffsetDateTime,
) -> Result<()> {
    store::lock(conn).await?;
    let rows = store::all(conn).await?;
    let mut made = false;
    for field in fields {
        for kind in [KeyKind::Data, KeyKind::Index] {
            let Some(last) = last_unless_there(&rows, field, kind) else { continue };
            put(conn, ring, (field, kind, last + 1), &random()?, (now, now)).await?;
            made = true;
        }
    }
    if made {
        store::bump(conn).await?;
    }
    let rows = store::all(conn).await?;
    take(ring, &rows, now)
}

/// The last version of a key that a field has had; none when it has one now.
fn last_unless_there(rows: &[KeyRow], field: &str, kind: KeyKind) -> Option<u32> {
    let of = || rows.iter().filter(|row| row.field == field && row.kind == kind.word());
    if of().any(|row| row.wrapped.is_some()) {
        return None;
    }
    Some(of().map(|row| version(row.version)).max().unwrap_or(0))
}

/// Takes over what changed since `seen`; gives what is seen now.
pub async fn refresh(
    conn: &mut Connection,
    ring: &Keyring,
    seen: i64,
    now: OffsetDateTime,
) -> Result<i64> {
    let serial = store::serial(conn).await?;
    if serial != seen || ring.is_waiting() {
        let rows = store::all(conn).await?;
        take(ring, &rows, now)?;
    }
    Ok(serial)
}

/// A new version of the key of a field, for everything that is sealed a little later.
pub async fn rotate_field(
    conn: &mut Connection,
    ring: &Keyring,
    field: &str,
    now: OffsetDateTime,
) -> Result<u32> {
    store::lock(conn).await?;
    let rows = store::all(conn).await?;
    let last = rows
        .iter()
        .filter(|row| row.field == field && row.kind == KeyKind::Data.word())
        .map(|row| version(row.version))
        .max()
        .ok_or_else(|| Error::NoField(field.to_owned()))?;
    let next = last + 1;
    put(conn, ring, (field, KeyKind::Data, next), &random()?, (now, now + SPREAD)).await?;
    store::bump(conn).await?;
    Ok(next)
}

/// Destroys the versions of a field's key below one, once nothing is sealed under them.
pub async fn drop_versions(
    conn: &mut Connection,
    field: &str,
    below: u32,
    now: OffsetDateTime,
) -> Result<u64> {
    store::lock(conn).await?;
    let gone = store::erase(conn, field, Some(stored(below)), now).await?;
    store::bump(conn).await?;
    Ok(gone)
}

/// Destroys all keys of a field. What was sealed under them cannot be read again, by anybody.
pub async fn erase(conn: &mut Connection, field: &str, now: OffsetDateTime) -> Result<u64> {
    store::lock(conn).await?;
    let gone = store::erase(conn, field, None, now).await?;
    if gone == 0 {
        return Err(Error::NoField(field.to_owned()));
    }
    store::bump(conn).await?;
    Ok(gone)
}

/// Wraps all keys under a new master key. The new file is written before and takes the place of the old one
/// after the transaction: call [`Rotated::finish`] when it was committed. A crash between the two is
/// mended at the next start.
pub async fn rotate_master(
    conn: &mut Connection,
    ring: &Keyring,
    places: &Places,
) -> Result<Rotated> {
    if !places.is_ours() {
        return Err(Error::NotOurs(places.path()));
    }
    store::lock(conn).await?;
    let master = Master::draw()?;
    master.write(&places.waiting(), places.passphrase.as_deref())?;
    let new = Keyring::new(&master.0);
    let mut count = 0;
    for row in store::all(conn).await? {
        let (Some(wrapped), Some(kind)) = (&row.wrapped, KeyKind::from_word(&row.kind)) else {
            continue;
        };
        let name = (row.field.as_str(), kind, version(row.version));
        let secret = ring.unwrap(name, wrapped)?;
        store::rewrap(conn, &row, &new.wrap(name, &secret)?).await?;
        count += 1;
    }
    store::bump(conn).await?;
    Ok(Rotated { count, master, ring: ring.clone(), places: places.clone() })
}

/// A master key that waits for its transaction.
#[derive(Debug)]
pub struct Rotated {
    /// How many keys were wrapped again.
    pub count: u64,
    master: Master,
    ring: Keyring,
    places: Places,
}

impl Rotated {
    /// Puts the new file in the place of the old one.
    pub fn finish(self) -> Result<()> {
        replace(&self.places.waiting(), &self.places.path())?;
        self.ring.set_master(&self.master.0);
        Ok(())
    }
}

/// A secret of the platform that all nodes with this database share. `first` is taken over when there is none
/// yet, such as from an older file; otherwise it is drawn.
pub async fn secret(
    conn: &mut Connection,
    ring: &Keyring,
    name: &str,
    first: Option<[u8; 32]>,
    now: OffsetDateTime,
) -> Result<[u8; 32]> {
    store::lock(conn).await?;
    let rows = store::all(conn).await?;
    let found = rows.iter().find(|row| row.field == name && row.kind == KeyKind::Secret.word());
    if let Some(wrapped) = found.and_then(|row| row.wrapped.as_ref()) {
        return Ok(ring.unwrap((name, KeyKind::Secret, 1), wrapped)?);
    }
    let secret = match first {
        Some(first) => first,
        None => random()?,
    };
    put(conn, ring, (name, KeyKind::Secret, 1), &secret, (now, now)).await?;
    Ok(secret)
}

/// All keys, without what is secret about them.
pub async fn keys(conn: &mut Connection) -> Result<Vec<KeyLine>> {
    let rows = store::all(conn).await?;
    let line = |row: KeyRow| {
        Some(KeyLine {
            kind: KeyKind::from_word(&row.kind)?,
            version: version(row.version),
            field: row.field,
            created: row.created,
            erased_at: row.erased_at,
        })
    };
    Ok(rows.into_iter().filter_map(line).collect())
}

/// A rotation was committed and the server ended before the file was replaced: the new key waits beside it.
fn finish_rotation(ring: &Keyring, places: &Places, check: &KeyRow) -> Result<()> {
    let wrong = || Error::WrongMaster(places.path());
    if !places.is_ours() {
        return Err(wrong());
    }
    let waiting = Master::read(&places.waiting(), places.passphrase.as_deref())?;
    let waiting = waiting.ok_or_else(wrong)?;
    if !proves(&Keyring::new(&waiting.0), check) {
        return Err(wrong());
    }
    replace(&places.waiting(), &places.path())?;
    ring.set_master(&waiting.0);
    Ok(())
}

fn proves(ring: &Keyring, check: &KeyRow) -> bool {
    let wrapped = check.wrapped.as_deref().unwrap_or_default();
    ring.unwrap((CHECK, KeyKind::Secret, 1), wrapped).is_ok()
}

/// Puts all keys into the ring, and forgets those that were destroyed.
fn take(ring: &Keyring, rows: &[KeyRow], now: OffsetDateTime) -> Result<()> {
    let mut waiting = BTreeSet::new();
    for row in rows {
        let Some(kind) = KeyKind::from_word(&row.kind).filter(|kind| *kind != KeyKind::Secret)
        else {
            continue;
        };
        let name = (row.field.as_str(), kind, version(row.version));
        match &row.wrapped {
            None if kind == KeyKind::Data => ring.forget_version(name.0, name.2),
            None => {}
            Some(wrapped) => {
                if row.active_at > now {
                    waiting.insert((row.field.clone(), name.2));
                }
                ring.insert(name, &ring.unwrap(name, wrapped)?);
            }
        }
    }
    ring.set_waiting(waiting);
    Ok(())
}

async fn put(
    conn: &mut Connection,
    ring: &Keyring,
    (field, kind, number): (&str, KeyKind, u32),
    secret: &[u8; 32],
    (created, active_at): (OffsetDateTime, OffsetDateTime),
) -> Result<()> {
    let row = KeyRow {
        field: field.to_owned(),
        kind: kind.word().to_owned(),
        version: stored(number),
        wrapped: Some(ring.wrap((field, kind, number), secret)?),
        created,
        active_at,
        erased_at: None,
    };
    store::insert(conn, &row).await
}

fn version(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

fn stored(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}
