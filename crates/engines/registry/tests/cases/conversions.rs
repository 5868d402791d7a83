//! Codes as other systems write them: a load asks the register of conversions.

use std::io::Cursor;
use std::path::Path;

use zhengtong_blob::Blobs;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_registry::{
    Catalog, Confirmed, LoadMode, Loader, NewLoad, Step, begin_load, confirm_load, load_faults,
    load_of, preview_load, step, sync,
};

use crate::loads::code;

const CONVERSION: &str = "data-standards:conversion";
const ORGANISATION: &str = "base-legal:organisation";

fn catalog() -> Catalog {
    let mut files = crate::shipped();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    crate::add(&mut files, &root, "data-standards");
    let (catalog, report) = crate::read_files(files);
    assert!(report.usable(), "{:#?}", report.findings);
    catalog
}

struct City {
    db: TestDb,
    blobs: Blobs,
    _folder: tempfile::TempDir,
}

async fn city() -> City {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    let schemas = [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, zhengtong_registry::SCHEMA];
    let db = TestDb::new(&schemas).await.with(PERMIT_ALL, Shelf::default().with(catalog()));
    sync(&mut db.db.pool().acquire().await.unwrap(), &catalog()).await.unwrap();
    City { db, blobs, _folder: folder }
}

impl City {
    /// Loads a file of a source; the faults that the preview shows, and those of the load.
    async fn load(&self, dataset: &str, source: &str, text: &str) -> (usize, Vec<String>) {
        let stored = self.blobs.put(Cursor::new(text.as_bytes()), u64::MAX).await.unwrap();
        let new = NewLoad {
            file: stored.digest.to_string(),
            file_name: "a.csv".to_owned(),
            source: source.to_owned(),
        };
        let mut ctx = self.db.ctx(Actor::system("test")).await;
        let load = begin_load(&mut ctx, &self.blobs, dataset, &new).await.unwrap();
        let shown = preview_load(&mut ctx, &self.blobs, load.number).await.unwrap().faults.len();
        let confirmed =
            Confirmed { mapping: load.mapping.clone(), mode: LoadMode::Upsert, watermark: None };
        confirm_load(&mut ctx, load.number, &confirmed).await.unwrap();
        ctx.commit().await.unwrap();
        let mut loader = Loader::default();
        loop {
            let mut ctx = self.db.ctx(Actor::system("test")).await;
            let done = step(&mut ctx, &self.blobs, &mut loader, load.id).await.unwrap();
            ctx.commit().await.unwrap();
            if done == Step::Over {
                break;
            }
        }
        let mut ctx = self.db.ctx(Actor::system("test")).await;
        let over = load_of(&mut ctx, load.number).await.unwrap();
        assert_eq!(over.error, None);
        let faults = load_faults(&mut ctx, load.number, 0, 100).await.unwrap();
        (
            shown,
            faults.into_iter().map(|fault| format!("{}: {}", fault.raw, fault.reason.en)).collect(),
        )
    }

    async fn status(&self, number: u32) -> Option<String> {
        let row = sqlx::query_scalar(
            "SELECT status FROM registry.\"base-legal:organisation\" WHERE credit_code = $1",
        );
        row.bind(code(number)).fetch_optional(self.db.db.pool()).await.unwrap()
    }
}

#[tokio::test]
async fn a_writing_of_another_system_becomes_the_code_it_stands_for_there() {
    let city = city().await;
    let element = catalog().element("org.status").cloned().unwrap();
    let list = element.codes.unwrap();
    let rules = format!(
        "source,list,written,code,basis,valid_from,valid_to\n\
         甲库,{list},A,1,约定一,2020-01-01,\n\
         乙库,{list},A,2,约定二,2020-01-01,\n\
         乙库,{list},Z,2,约定二,2020-01-01,\n\
         丙库,{list},Z,2,约定三,2020-01-01,\n\
         甲库,{list},OLD,1,约定零,2010-01-01,2011-12-31\n\
         甲库,{list},NONE,no-such-code,约定一,2020-01-01,\n"
    );
    assert_eq!(city.load(CONVERSION, "数据局", &rules).await, (0, Vec::new()));
    let rows = |first: u32| {
        let row = |(place, written): (u32, &str)| {
            format!("{},示例,10,示例甲,某路1号,2020-01-02,{written}\n", code(first + place))
        };
        let rows: String = (0..).zip(["A", "Z", "OLD", "NONE", "1"]).map(row).collect();
        format!("credit_code,name,kind,legal_representative,address,established_on,status\n{rows}")
    };
    // The source's own meaning; where it has none, what all others agree on; never one that has ended or names no code.
    let (shown, faults) = city.load(ORGANISATION, "甲库", &rows(10)).await;
    assert_eq!((shown, faults.len()), (2, 2), "{faults:?}");
    let got = [city.status(10).await, city.status(11).await, city.status(14).await];
    assert_eq!(got, [Some("1".to_owned()), Some("2".to_owned()), Some("1".to_owned())]);
    city.load(ORGANISATION, "乙库", &rows(20)).await;
    assert_eq!(city.status(20).await.as_deref(), Some("2"));
    // Who has no rule of its own and meets two meanings is told.
    let (_, faults) = city.load(ORGANISATION, "丁库", &rows(30)).await;
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert_eq!(city.status(31).await.as_deref(), Some("2"));
}
