//! The values in force, as every part of a node reads them: kept in memory, read again when one was changed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use zhengtong_base::Text;
use zhengtong_db::Db;

use crate::error::Result;
use crate::model::{Definition, Value, definitions};
use crate::store;

/// The values in force on this node. A handle: all copies see the same values.
#[derive(Clone, Debug, Default)]
pub struct Live {
    values: Arc<RwLock<BTreeMap<&'static str, Value>>>,
    packs: Arc<AtomicI64>,
}

impl Live {
    /// A number; the default where nothing else was set.
    pub fn number(&self, key: &str) -> i64 {
        let preset = || Definition::find(key).ok().and_then(Definition::preset);
        match self.get(key).or_else(preset) {
            Some(Value::Number(number)) => number,
            _ => 0,
        }
    }

    /// A number that somebody set; none where nobody did.
    pub fn chosen(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Number(number) => Some(number),
            _ => None,
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
        self.values.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The number of the last change of packs: when it grows, packs are to be read again.
    pub fn packs(&self) -> i64 {
        self.packs.load(Ordering::Acquire)
    }

    /// Reads all values; those that no longer fit their setting are left out, so that the default holds.
    pub async fn read(&self, db: &Db) -> Result<()> {
        let mut tx = db.begin_raw().await?;
        let changes = store::in_force(&mut tx, &keys()).await?;
        self.packs.store(store::packs_number(&mut tx).await?, Ordering::Release);
        let values = changes.into_iter().filter_map(|(key, change)| {
            let definition = Definition::find(&key).ok()?;
            let value = change.value?;
            if definition.takes(&value) {
                return Some((definition.key, value));
            }
            tracing::warn!(key, "a stored setting does not fit; its default holds");
            None
        });
        *self.values.write().unwrap_or_else(PoisonError::into_inner) = values.collect();
        Ok(())
    }
}

/// Keeps the values true until `stop`: reads them when a change is told, and now and then in any case;
/// `apply` is called after each reading.
pub async fn follow(db: Db, live: Live, apply: impl Fn(&Live), stop: watch::Receiver<bool>) {
    let read = || async {
        match live.read(&db).await {
            Ok(()) => apply(&live),
            Err(error) => tracing::warn!(%error, "settings are kept as they were"),
        }
    };
    zhengtong_db::follow(db.clone(), store::CHANNEL, read, stop).await;
}

pub(crate) fn keys() -> Vec<String> {
    definitions().map(|definition| definition.key.to_owned()).collect()
}
