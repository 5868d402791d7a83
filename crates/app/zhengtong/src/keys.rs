//! Keys of this node and of the platform: opens the vault at the start, and brings older files of keys into it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use uuid::Uuid;
use zhengtong_crypto::{Keyring, SigningKey};
use zhengtong_db::{Ctx, Db, RECORD_WORDS};
use zhengtong_vault::Places;

use crate::config::Config;
use crate::wire::{Wired, failed};

/// The secret that signs checkpoints of the record; its public half is known to witnesses and stays.
const LEDGER: &str = "ledger.sign";
/// The secret of form tokens.
const FORM: &str = "http.form";

/// What all nodes of a platform share.
pub(crate) struct Shared {
    pub(crate) ring: Keyring,
    pub(crate) ledger: SigningKey,
    pub(crate) form: [u8; 32],
}

/// Where the master key is.
pub(crate) fn places(config: &Config) -> Result<Places> {
    let passphrase = match &config.keys.passphrase_file {
        path if path.as_os_str().is_empty() => None,
        path => {
            let text = std::fs::read_to_string(path).with_context(|| {
                format!(
                    "口令文件 {0} 读不了 / the passphrase file {0} cannot be read",
                    path.display()
                )
            })?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
    };
    let credentials = Some(&config.keys.credentials).filter(|path| !path.as_os_str().is_empty());
    Ok(Places { folder: config.data.folder.clone(), credentials: credentials.cloned(), passphrase })
}

/// Opens the vault. Keys of older versions of the program, which stood in files, are taken over once.
pub(crate) async fn open(config: &Config, db: &Db) -> Result<Shared> {
    let folder = &config.data.folder;
    let (ledger_file, form_file) = (folder.join("ledger.key"), folder.join("form.key"));
    let now = db.clock().now();
    let mut tx = db.begin_raw().await.map_err(|error| failed(&error))?;
    let ring = zhengtong_vault::open(&mut tx, &places(config)?, now)
        .await
        .map_err(|error| failed(&error))?;
    let ledger = zhengtong_vault::secret(&mut tx, &ring, LEDGER, older(&ledger_file)?, now)
        .await
        .map_err(|error| failed(&error))?;
    let form = zhengtong_vault::secret(&mut tx, &ring, FORM, older(&form_file)?, now)
        .await
        .map_err(|error| failed(&error))?;
    tx.commit().await.context("the keys")?;
    for (file, secret) in [(&ledger_file, &ledger), (&form_file, &form)] {
        take_away(file, secret)?;
    }
    Ok(Shared { ring, ledger: SigningKey::from_seed(ledger), form })
}

/// Every field that is sealed, by all engines.
pub(crate) fn fields(registry: &zhengtong_registry::Catalog) -> BTreeSet<String> {
    let engines = [
        zhengtong_party::SEALED,
        zhengtong_registry::SEALED,
        zhengtong_form::SEALED,
        zhengtong_casework::SEALED,
        zhengtong_document::SEALED,
        zhengtong_notice::SEALED,
        zhengtong_signon::SEALED,
        zhengtong_rating::SEALED,
        zhengtong_supervision::SEALED,
        zhengtong_service::SEALED,
        zhengtong_exchange::SEALED,
        zhengtong_sharing::SEALED,
        zhengtong_blob::SEALED,
        &[RECORD_WORDS],
    ];
    let fixed = engines.into_iter().flatten().map(|field| (*field).to_owned());
    fixed.chain(zhengtong_registry::sealed_fields(registry)).collect()
}

/// Seals what stands plain from before there were keys.
pub(crate) async fn protect(db: &Db) -> Result<()> {
    let mut ctx = db.begin_system("vault").await.map_err(|error| failed(&error))?;
    let persons = zhengtong_party::protect(&mut ctx).await.map_err(|error| failed(&error))?;
    let records = zhengtong_registry::protect(&mut ctx).await.map_err(|error| failed(&error))?;
    zhengtong_form::protect(&mut ctx, false).await.map_err(|error| failed(&error))?;
    let cases = zhengtong_casework::protect(&mut ctx).await.map_err(|error| failed(&error))?;
    let mut after = Some(Uuid::nil());
    while let Some(from) = after {
        after = zhengtong_notice::protect(&mut ctx, from, true)
            .await
            .map_err(|error| failed(&error))?;
    }
    after = Some(Uuid::nil());
    while let Some(from) = after {
        after = zhengtong_document::protect(&mut ctx, from, true)
            .await
            .map_err(|error| failed(&error))?;
    }
    let count = persons + records + cases;
    ctx.commit().await.map_err(|error| failed(&error))?;
    if count > 0 {
        tracing::info!(count, "personal rows sealed");
    }
    Ok(())
}

/// Takes over keys that another node made, changed or destroyed.
pub(crate) async fn refresh(wired: &Wired, seen: i64) -> Result<i64> {
    let mut conn = wired.db.pool().acquire().await.context("a connection")?;
    let now = wired.db.clock().now();
    zhengtong_vault::refresh(&mut conn, &wired.ring, seen, now)
        .await
        .map_err(|error| failed(&error))
}

/// The secret of a file of an older version; none when there is no file.
fn older(path: &Path) -> Result<Option<[u8; 32]>> {
    if !path.exists() {
        return Ok(None);
    }
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {name}"))?;
    let bytes = hex::decode(text.trim()).with_context(|| format!("{name} is not hexadecimal"))?;
    let secret = bytes
        .try_into()
        .map_err(|_length| anyhow::Error::msg(format!("{name} has another length")))?;
    Ok(Some(secret))
}

/// A file that says the same as the vault is no longer needed.
fn take_away(path: &Path, secret: &[u8; 32]) -> Result<()> {
    if older(path)?.as_ref() == Some(secret) {
        std::fs::remove_file(path).with_context(|| format!("removing {}", path.display()))?;
        tracing::info!(file = %path.display(), "the key stands in the vault now");
    }
    Ok(())
}

/// The job that follows a new key: seals everything of a field again, batch by batch, then destroys the older
/// versions. It may be begun again at any time.
pub(crate) async fn renew(db: &Db, ring: &Keyring, payload: &Value) -> Result<(), String> {
    let field = payload.get("field").and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = payload.get("version").and_then(Value::as_u64).unwrap_or_default();
    let version = u32::try_from(version).map_err(|error| error.to_string())?;
    let mut conn = db.pool().acquire().await.map_err(|error| error.to_string())?;
    let now = db.clock().now();
    zhengtong_vault::refresh(&mut conn, ring, 0, now).await.map_err(|error| error.to_string())?;
    drop(conn);
    let newest = ring.sealer(&field).map_err(|error| error.to_string())?.version();
    if newest < version {
        return Err(format!("version {version} of {field} does not seal yet"));
    }
    if stays(&field) {
        // What is recorded is never written again, so its older keys stay until they are destroyed on purpose.
        return Ok(());
    }
    if zhengtong_blob::SEALED.contains(&field.as_str()) {
        // Backups hold files under the older keys, and later ones build on them: those keys stay too.
        return crate::files::tend(db).await.map(drop);
    }
    let mut after = Some(String::new());
    while let Some(from) = after {
        let mut ctx = db.begin_system("vault.renew").await.map_err(|error| error.to_string())?;
        after = step(&mut ctx, &field, &from).await?;
        ctx.commit().await.map_err(|error| error.to_string())?;
    }
    let mut ctx = db.begin_system("vault.renew").await.map_err(|error| error.to_string())?;
    let now = ctx.now;
    let gone = zhengtong_vault::drop_versions(ctx.conn(), &field, newest, now)
        .await
        .map_err(|error| error.to_string())?;
    let why = format!("sealed again under version {newest}; {gone} older keys destroyed");
    let act = ctx.act("vault.renew", "key", field).because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await.map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())
}

/// Whether what is sealed under a field is never written again.
fn stays(field: &str) -> bool {
    let recorded = [
        zhengtong_supervision::SEALED,
        zhengtong_service::SEALED,
        zhengtong_registry::SEALED,
        zhengtong_sharing::SEALED,
        zhengtong_exchange::SEALED,
    ];
    field == RECORD_WORDS || recorded.iter().any(|fields| fields.contains(&field))
}

/// One batch of a field; where the next one begins.
async fn step(ctx: &mut Ctx, field: &str, after: &str) -> Result<Option<String>, String> {
    let said = |error: &dyn std::error::Error| error.to_string();
    let from = || after.parse::<Uuid>().unwrap_or_default();
    let next = |id: Option<Uuid>| id.map(|id| id.to_string());
    if field.starts_with("party.") {
        return zhengtong_party::reseal(ctx, from()).await.map(next).map_err(|e| said(&e));
    }
    if zhengtong_form::SEALED.contains(&field) {
        zhengtong_form::protect(ctx, true).await.map_err(|e| said(&e))?;
        return Ok(None);
    }
    if zhengtong_casework::SEALED.contains(&field) {
        return zhengtong_casework::reseal(ctx, after).await.map_err(|e| said(&e));
    }
    if zhengtong_notice::SEALED.contains(&field) {
        return zhengtong_notice::protect(ctx, from(), false).await.map(next).map_err(|e| said(&e));
    }
    if zhengtong_document::SEALED.contains(&field) {
        return zhengtong_document::protect(ctx, from(), false)
            .await
            .map(next)
            .map_err(|e| said(&e));
    }
    if zhengtong_rating::SEALED.contains(&field) {
        return zhengtong_rating::reseal(ctx, from()).await.map(next).map_err(|e| said(&e));
    }
    if zhengtong_signon::SEALED.contains(&field) {
        zhengtong_signon::reseal(ctx).await.map_err(|e| said(&e))?;
        return Ok(None);
    }
    let Some((dataset, name)) =
        field.strip_prefix("registry.").and_then(|rest| rest.rsplit_once('.'))
    else {
        return Err(format!("nothing is sealed under {field}"));
    };
    zhengtong_registry::reseal(ctx, dataset, name, from()).await.map(next).map_err(|e| said(&e))
}

/// The nightly job that takes away what was kept long enough.
pub(crate) async fn retire(db: &Db) -> Result<(), String> {
    loop {
        let mut ctx = db.begin_system("retention").await.map_err(|error| error.to_string())?;
        let records =
            zhengtong_registry::retire(&mut ctx).await.map_err(|error| error.to_string())?;
        let cases =
            zhengtong_casework::retire(&mut ctx).await.map_err(|error| error.to_string())?;
        ctx.commit().await.map_err(|error| error.to_string())?;
        if records + cases == 0 {
            return Ok(());
        }
        tracing::info!(records, cases, "kept long enough, taken away");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zhengtong_db::testing::{PERMIT_ALL, TestDb};
    use zhengtong_db::{Actor, Shelf};
    use zhengtong_party::{IdKind, Matter, PersonPlain, Seed, reveal_contact, seed};

    use super::*;
    use crate::engines;

    fn config(folder: &Path) -> Config {
        let mut config = Config::default();
        config.data.folder = folder.to_owned();
        config
    }

    #[tokio::test]
    async fn keys_of_files_are_taken_over_once_and_shared_by_all_nodes() {
        let test = TestDb::new(engines::SCHEMAS).await;
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = one.path().join("ledger.key");
        std::fs::write(&file, hex::encode([7; 32])).unwrap();
        std::fs::write(one.path().join("form.key"), hex::encode([8; 32])).unwrap();
        let first = open(&config(one.path()), &test.db).await.unwrap();
        assert_eq!(
            first.ledger.verifying_key(),
            SigningKey::from_seed([7; 32]).verifying_key(),
            "the public key of the record stays"
        );
        assert!(!file.exists() && one.path().join("master.key").exists());

        let lost = open(&config(two.path()), &test.db).await.err().unwrap().to_string();
        assert!(lost.contains("找不到主密钥") && lost.contains("nothing was changed"), "{lost}");
        std::fs::copy(one.path().join("master.key"), two.path().join("master.key")).unwrap();
        let second = open(&config(two.path()), &test.db).await.unwrap();
        assert_eq!(second.ledger.verifying_key(), first.ledger.verifying_key());
        assert_eq!(second.form, first.form);

        // A file that says something else is not ours to take away.
        std::fs::write(&file, hex::encode([9; 32])).unwrap();
        let third = open(&config(one.path()), &test.db).await.unwrap();
        assert_eq!(third.ledger.verifying_key(), first.ledger.verifying_key());
        assert!(file.exists());
    }

    #[tokio::test]
    async fn a_new_key_seals_everything_again_and_the_old_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let test = TestDb::new(engines::SCHEMAS).await;
        let shared = open(&config(folder.path()), &test.db).await.unwrap();
        let ring = shared.ring;
        let now = test.db.clock().now();
        let mut tx = test.db.begin_raw().await.unwrap();
        let all = fields(&zhengtong_registry::Catalog::default());
        zhengtong_vault::ensure(&mut tx, &ring, &all, now).await.unwrap();
        tx.commit().await.unwrap();
        let shelf = Shelf::default().with(ring.clone());
        let test = test.with(PERMIT_ALL, shelf);
        let person = Uuid::from_u128(1);
        let phone = "13800000001";
        let plain = PersonPlain {
            id: person,
            name: "示例".to_owned(),
            id_kind: IdKind::Citizen,
            id_number: None,
            phone: Some(phone.to_owned()),
            region: None,
            level: 0,
        };
        let mut ctx = test.ctx(Actor::system("seed")).await;
        seed(&mut ctx, &Seed { persons: vec![plain], ..Seed::default() }).await.unwrap();
        let field = "party.person.phone";
        zhengtong_vault::rotate_field(ctx.conn(), &ring, field, now).await.unwrap();
        ctx.commit().await.unwrap();
        let payload = json!({ "field": field, "version": 2 });
        let early = renew(&test.db, &ring, &payload).await.unwrap_err();
        assert!(early.contains("does not seal yet"), "{early}");
        test.clock.advance(time::Duration::seconds(15));
        renew(&test.db, &ring, &payload).await.unwrap();
        // A job that is run twice does nothing twice.
        renew(&test.db, &ring, &payload).await.unwrap();

        let mut ctx = test.ctx(Actor::system("test")).await;
        let seen = refresh_of(&mut ctx, &ring).await;
        assert!(!ring.has(field, 1) && ring.has(field, 2), "{seen}");
        // The words of the record keep their older keys.
        zhengtong_vault::rotate_field(ctx.conn(), &ring, RECORD_WORDS, now).await.unwrap();
        ctx.commit().await.unwrap();
        test.clock.advance(time::Duration::seconds(15));
        let payload = json!({ "field": RECORD_WORDS, "version": 2 });
        renew(&test.db, &ring, &payload).await.unwrap();
        assert!(ring.has(RECORD_WORDS, 1) && ring.has(RECORD_WORDS, 2));
        let mut ctx = test.ctx(Actor::system("test")).await;
        let found = reveal_contact(&mut ctx, &matter(person), "a test").await.unwrap();
        assert_eq!(found.phone.as_deref(), Some(phone));
        let apart =
            |field: &String| stays(field) || zhengtong_blob::SEALED.contains(&field.as_str());
        for field in all.iter().filter(|field| !apart(field)) {
            step(&mut ctx, field, "").await.unwrap();
        }
        assert!(step(&mut ctx, "nothing", "").await.is_err());
    }

    async fn refresh_of(ctx: &mut Ctx, ring: &Keyring) -> i64 {
        let now = ctx.now;
        zhengtong_vault::refresh(ctx.conn(), ring, 0, now).await.unwrap()
    }

    fn matter(person: Uuid) -> Matter {
        Matter {
            person,
            department: Uuid::nil(),
            case: "1".to_owned(),
            role: Some("window".to_owned()),
        }
    }
}
