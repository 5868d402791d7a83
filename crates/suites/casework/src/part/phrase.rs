//! `casework/phrases.toml`: words that officers put into reasons, by what is decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use zhengtong_base::Text;
use zhengtong_pack::{Packs, Report, read_toml};

use super::Effect;

/// The file of phrases; it is no case type.
pub(super) const PHRASES: &str = "phrases";

/// `casework/phrases.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhrasesFile {
    /// The phrases in the order in which they are offered.
    pub phrase: Vec<PhraseDecl>,
}

/// Words for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhraseDecl {
    /// The decisions they are for, such as `correct`.
    pub effect: Effect,
    /// The words. What is different each time is written as ____.
    pub text: Text,
}

/// The phrases of all packs by pack.
pub(super) type Phrases = BTreeMap<String, Arc<Vec<PhraseDecl>>>;

/// Reads the phrases of all packs.
pub(super) fn read(packs: &Packs, report: &mut Report) -> Phrases {
    let mut phrases = Phrases::new();
    for pack in packs.iter() {
        let files = pack.folder("casework", "toml");
        for file in files.into_iter().filter(|file| file.stem() == PHRASES) {
            let Some(found) = read_toml::<PhrasesFile>(&file, report) else { continue };
            phrases.insert(pack.id().to_owned(), Arc::new(found.phrase));
        }
    }
    phrases
}
