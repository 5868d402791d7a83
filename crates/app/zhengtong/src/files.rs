//! Files of the city at night: what still stands plain is sealed, what nothing names any more is erased.

use std::time::{Duration, SystemTime};

use zhengtong_backup::Named;
use zhengtong_blob::Blobs;
use zhengtong_db::Db;

use crate::backup::NAMED;

/// A file may come before the act that names it: so long it is left alone.
const UNNAMED_KEPT: Duration = Duration::from_hours(48);
/// Files that are asked about at once.
const BATCH: usize = 1_000;

/// What one night came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tended {
    /// Files that were sealed.
    pub(crate) sealed: u64,
    /// Files that were erased.
    pub(crate) erased: u64,
}

/// Seals files that stand plain or under an older key, and erases those that nothing names: of drafts that were
/// given up and of cases whose time is over. While a backup runs no file is touched.
pub(crate) async fn tend(db: &Db) -> Result<Tended, String> {
    tend_named(db, NAMED).await
}

async fn tend_named(db: &Db, named: &'static [Named]) -> Result<Tended, String> {
    let blobs = db.defs::<Blobs>().map_err(|error| error.to_string())?;
    let mut ctx = db.begin_system("files").await.map_err(|error| error.to_string())?;
    let quiet = zhengtong_backup::quiet(ctx.conn()).await.map_err(|error| error.to_string())?;
    if !quiet {
        return Err("a backup runs; files are looked after when it is done".to_owned());
    }
    let mut tended = Tended { sealed: seal(&blobs).await?, erased: 0 };
    let before = SystemTime::from(ctx.now);
    let older = blobs.older(before, UNNAMED_KEPT).await.map_err(|error| error.to_string())?;
    for batch in older.chunks(BATCH) {
        let asked: Vec<String> = batch.iter().map(ToString::to_string).collect();
        let used = zhengtong_backup::in_use(ctx.conn(), named, &asked)
            .await
            .map_err(|error| error.to_string())?;
        for (digest, name) in batch.iter().zip(&asked) {
            if !used.contains(name) {
                let gone = blobs.erase(*digest).await.map_err(|error| error.to_string())?;
                tended.erased += u64::from(gone);
            }
        }
    }
    if tended.erased > 0 {
        let why = format!("{} files that nothing named any more", tended.erased);
        let act = ctx.act("blob.erase", "file", "").because(why);
        zhengtong_ledger::append(ctx.conn(), &act).await.map_err(|error| error.to_string())?;
    }
    ctx.commit().await.map_err(|error| error.to_string())?;
    Ok(tended)
}

/// Seals every file again under the newest key. One that is damaged stays as it is, and is told.
async fn seal(blobs: &Blobs) -> Result<u64, String> {
    let mut sealed = 0;
    for digest in blobs.list().await.map_err(|error| error.to_string())? {
        match blobs.seal_again(digest).await {
            Ok(done) => sealed += u64::from(done),
            Err(error @ zhengtong_blob::Error::Altered(_)) => {
                tracing::error!(%digest, %error, "a file cannot be sealed");
            }
            // Erased or put aside meanwhile.
            Err(zhengtong_blob::Error::NotFound(_)) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use zhengtong_crypto::Keyring;
    use zhengtong_db::Shelf;
    use zhengtong_db::testing::{PERMIT_ALL, TestDb};

    use super::*;
    use crate::engines;

    #[tokio::test]
    async fn what_nothing_names_is_erased_and_what_stands_plain_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let test = TestDb::new(engines::SCHEMAS).await;
        let plain = Blobs::open(folder.path()).await.unwrap();
        let named = plain.put(b"named".as_slice(), 100).await.unwrap();
        let unnamed = plain.put(b"given up".as_slice(), 100).await.unwrap();
        let blobs = plain.clone().with_keys(Keyring::for_tests());
        let test = test.with(PERMIT_ALL, Shelf::default().with(blobs.clone()));
        let digest: &'static str = Box::leak(named.digest.to_string().into_boxed_str());
        let statement: &'static str = Box::leak(format!("SELECT '{digest}'::text").into());
        let names: &'static [Named] = Box::leak(Box::new([Named { what: "a test", statement }]));
        // Young files are left alone, named or not.
        let now = zhengtong_db::clock::Clock::now(&zhengtong_db::clock::SystemClock);
        test.clock.advance(now - test.db.clock().now());
        let first = tend_named(&test.db, names).await.unwrap();
        assert_eq!(first, Tended { sealed: 2, erased: 0 });
        assert!(plain.get(named.digest).await.is_err(), "sealed now");
        test.clock.advance(time::Duration::days(3));
        let second = tend_named(&test.db, names).await.unwrap();
        assert_eq!(second, Tended { sealed: 0, erased: 1 });
        assert_eq!(blobs.list().await.unwrap(), [named.digest]);
        assert_eq!(blobs.get(named.digest).await.unwrap(), b"named");
        assert_eq!(blobs.size(unnamed.digest).await.unwrap(), None);
        // While a backup holds its lock, nothing is touched.
        let mut other = test.db.begin_raw().await.unwrap();
        assert!(zhengtong_backup::quiet(&mut other).await.unwrap());
        let refused = tend_named(&test.db, names).await.unwrap_err();
        assert!(refused.contains("backup"), "{refused}");
    }

    /// A column that names files and stands in no statement would lose its files after two days.
    #[tokio::test]
    async fn every_column_that_names_files_is_known() {
        let test = TestDb::new(engines::SCHEMAS).await;
        let mut tx = test.db.begin_raw().await.unwrap();
        let columns = zhengtong_backup::digest_columns(&mut tx).await.unwrap();
        let known = [
            "casework.archive.digest",
            "casework.archive.file",
            "casework.material.digest",
            "document.document.blob",
            "form.file.digest",
            "portal.resource.digest",
            "portal.version.digest",
            "registry.load.file",
            "supervision.evidence.digest",
        ];
        // The digests of drawings, of packs, of codes, of imports, of what was exchanged and reported and of drawn
        // samples, which are no files.
        let others = [
            "catalog.import.digest",
            "exchange.chunk.digest",
            "exchange.parcel.digest",
            "exchange.receipt.digest",
            "process.beginning.digest",
            "process.definition.digest",
            "process.design.digest",
            "rating.visit.digest",
            "reporting.sent.digest",
            "service.unsigned.digest",
            "setting.pack_change.digest",
            "supervision.sample.digest",
        ];
        let unknown: Vec<_> = columns
            .iter()
            .filter(|column| !known.iter().chain(&others).any(|name| name == column))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}: does it name files? Then add it to NAMED");
        assert_eq!(NAMED.len(), known.len());
        assert!(known.iter().all(|column| columns.iter().any(|found| found == column)));
    }
}
