//! What was published in the designer, as every verb of a node sees it: kept in memory, read again when something was published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use time::Date;
use tokio::sync::watch;
use zhengtong_bpmn::{ExecError, Looping};
use zhengtong_db::{Ctx, Db};

use crate::decision::Decision;
use crate::drawn::Design;
use crate::error::{Error, Result};
use crate::known::Known;
use crate::language::Language;
use crate::part::{Definition, examine};
use crate::store::design as store;

/// The versions of one name with their first days, earliest first.
type Versions<T> = Vec<(Date, Arc<T>)>;

#[derive(Clone, Debug, Default)]
struct Held {
    processes: BTreeMap<String, Versions<Definition>>,
    decisions: BTreeMap<String, Versions<Decision>>,
}

/// The published versions on this node. A handle: all copies see the same ones.
#[derive(Clone, Debug, Default)]
pub struct Published(Arc<RwLock<Held>>);

impl Published {
    /// The version of a process that is in force on a day; none where the file of the pack is.
    pub fn on(&self, name: &str, day: Date) -> Option<Arc<Definition>> {
        started(&self.0.read().unwrap_or_else(PoisonError::into_inner).processes, name, day)
    }

    /// The version of a file of decisions that is in force on a day; none where the file of the pack is.
    pub fn decision_on(&self, name: &str, day: Date) -> Option<Arc<Decision>> {
        started(&self.0.read().unwrap_or_else(PoisonError::into_inner).decisions, name, day)
    }

    /// The names of processes of which something was published.
    pub(crate) fn names(&self) -> Vec<String> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.processes.keys().cloned().collect()
    }

    /// Reads all published versions. One that this program would no longer run is left out, so that the one before it holds.
    pub async fn read(&self, db: &Db) -> Result<()> {
        let mut tx = db.begin_raw().await?;
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut found = Held::default();
        for design in store::published(&mut tx).await? {
            let Some(from) = design.valid_from else { continue };
            let runs = match Language::of(&design.name) {
                Language::Bpmn => {
                    let same = |one: &Definition| one.digest == design.digest;
                    let read = |design: &Design| {
                        examine(&design.xml).definition(&design.name, &design.xml)
                    };
                    take(&known.processes, &mut found.processes, (&design, from), same, read)
                }
                Language::Dmn => {
                    let same = |one: &Decision| one.digest == design.digest;
                    let read = |design: &Design| Decision::new(&design.name, &design.xml);
                    take(&known.decisions, &mut found.decisions, (&design, from), same, read)
                }
            };
            if !runs {
                tracing::warn!(number = design.number, "a published design does not run any more");
            }
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }
}

fn started<T>(held: &BTreeMap<String, Versions<T>>, name: &str, day: Date) -> Option<Arc<T>> {
    let started = held.get(name)?.iter().rev().find(|(from, _)| *from <= day);
    started.map(|(_, version)| Arc::clone(version))
}

/// Takes a published version over from before, or reads it; whether it runs.
fn take<T>(
    known: &BTreeMap<String, Versions<T>>,
    found: &mut BTreeMap<String, Versions<T>>,
    (design, from): (&Design, Date),
    same: impl Fn(&T) -> bool,
    read: impl Fn(&Design) -> Option<T>,
) -> bool {
    let before = known.get(&design.name).into_iter().flatten();
    let before = before.map(|(_, one)| one).find(|one| same(one)).map(Arc::clone);
    let Some(version) = before.or_else(|| read(design).map(Arc::new)) else { return false };
    found.entry(design.name.clone()).or_default().push((from, version));
    true
}

/// The definition of a name that new instances begin with now, with everything it calls: what was published, otherwise the file of
/// the pack.
pub(crate) fn in_force(ctx: &Ctx, name: &str) -> Result<Arc<Definition>> {
    let known = Known::of(ctx)?;
    let found = known.definition(name).ok_or_else(|| Error::NoDefinition(name.to_owned()))?;
    known.ready(found).map_err(|refusal| {
        Error::Command(ExecError::NotExecutable { zh: refusal.text.zh, en: refusal.text.en })
    })
}

/// The names that the expressions and decisions of a definition take, in the version of the day: what an instance has to be
/// told, and nothing else.
pub fn wanted(ctx: &Ctx, name: &str) -> Result<BTreeSet<String>> {
    let definition = in_force(ctx, name)?;
    let mut names = definition.expressions.names();
    let pack = definition.name.split(':').next().unwrap_or_default();
    let known = Known::of(ctx)?;
    for node in &definition.model.nodes {
        if let Some(Looping::Each { list: Some(list), .. }) = &node.looping {
            names.insert(list.clone());
        }
        if let Some((file, _)) =
            node.decision.as_deref().and_then(|named| known.decision(pack, named))
        {
            names.extend(file.model.inputs().into_iter().map(str::to_owned));
        }
    }
    Ok(names)
}

/// Keeps the published versions true until `stop`: reads them when one is told, and now and then in any case.
pub async fn follow(db: Db, published: Published, stop: watch::Receiver<bool>) {
    let read = || async {
        if let Err(error) = published.read(&db).await {
            tracing::warn!(%error, "published definitions are kept as they were");
        }
    };
    zhengtong_db::follow(db.clone(), store::CHANNEL, read, stop).await;
}
