//! The values in force, as every part of a node reads them: kept in memory, read again when one was changed.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;
use zhengtong_base::Text;
use zhengtong_db::Db;

use crate::error::Result;
use crate::model::{DEFINITIONS, Definition, Value};
use crate::store;

/// How long at most a change can go unseen when its telling was lost, in seconds.
const READ_AGAIN_SECONDS: u64 = 30;
/// How long to wait for a database that is away, in seconds.
const AWAY_SECONDS: u64 = 1;

/// The values in force on this node. A handle: all copies see the same values.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<RwLock<BTreeMap<&'static str, Value>>>);

impl Live {
    /// A number; the default where nothing else was set.
    pub fn number(&self, key: &str) -> i64 {
        let preset = || Definition::find(key).ok().and_then(Definition::preset);
        match self.get(key).or_else(preset) {
            Some(Value::Number(number)) => number,
            _ => 0,
        }
    }

    /// A line; none where nothing was set.
    pub fn line(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::Line(line) => Some(line),
            _ => None,
        }
    }

    /// A sentence in both languages; none where nothing was set.
    pub fn words(&self, key: &str) -> Option<Text> {
        match self.get(key)? {
            Value::Words(text) => Some(text),
            _ => None,
        }
    }

    fn get(&self, key: &str) -> Option<Value> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Reads all values; those that no longer fit their setting are left out, so that the default holds.
    pub async fn read(&self, db: &Db) -> Result<()> {
        let mut tx = db.begin_raw().await?;
        let changes = store::in_force(&mut tx, &keys()).await?;
        let values = changes.into_iter().filter_map(|(key, change)| {
            let definition = Definition::find(&key).ok()?;
            let value = change.value?;
            if definition.takes(&value) {
                return Some((definition.key, value));
            }
            tracing::warn!(key, "a stored setting does not fit; its default holds");
            None
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = values.collect();
        Ok(())
    }
}

/// Keeps the values true until `stop`: reads them when a change is told, and now and then in any case;
/// `apply` is called after each reading.
pub async fn follow(db: Db, live: Live, apply: impl Fn(&Live), mut stop: watch::Receiver<bool>) {
    let mut ears = None;
    while !*stop.borrow() {
        if ears.is_none() {
            ears = store::listen(&db).await;
        }
        match live.read(&db).await {
            Ok(()) => apply(&live),
            Err(error) => tracing::warn!(%error, "settings are kept as they were"),
        }
        let told = async {
            if let Some(ears) = &mut ears {
                tokio::select! {
                    told = ears.recv() => told.is_ok(),
                    () = tokio::time::sleep(Duration::from_secs(READ_AGAIN_SECONDS)) => true,
                }
            } else {
                tokio::time::sleep(Duration::from_secs(AWAY_SECONDS)).await;
                false
            }
        };
        let heard = tokio::select! {
            heard = told => heard,
            _ = stop.changed() => return,
        };
        if !heard {
            ears = None;
        }
    }
}

pub(crate) fn keys() -> Vec<String> {
    DEFINITIONS.iter().map(|definition| definition.key.to_owned()).collect()
}
