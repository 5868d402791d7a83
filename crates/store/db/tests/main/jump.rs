//! A wall clock that was wrong for a while and is set right.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use time::Duration;
use zhengtong_db::SCHEMA;
use zhengtong_db::jobs::{self, CronEntry, Work};
use zhengtong_db::testing::TestDb;

#[tokio::test]
async fn a_set_time_does_not_sleep_until_a_clock_that_was_ahead() {
    let test = TestDb::new(&[SCHEMA]).await;
    let counter = Arc::new(AtomicUsize::new(0));
    let ran = Arc::clone(&counter);
    let work = Work::default()
        .on("nightly", move |_db, _job| {
            let ran = Arc::clone(&ran);
            async move {
                ran.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        })
        .at(CronEntry { name: "nightly", pattern: "0 3 * * *", job: "nightly" });
    let look = async || {
        jobs::cron(&test.db, &work).await.unwrap();
        jobs::drain(&test.db, &work, 10).await.unwrap();
    };
    look().await;
    test.clock.advance(Duration::days(30));
    look().await;
    let ahead = counter.load(Ordering::SeqCst);
    assert_eq!(ahead, 1);
    test.clock.advance(Duration::days(-30));
    look().await;
    for _ in 0..48 {
        test.clock.advance(Duration::hours(1));
        look().await;
    }
    assert_eq!(counter.load(Ordering::SeqCst) - ahead, 2);
}
