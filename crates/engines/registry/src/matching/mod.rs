//! One person, one record: within one declared group of datasets, which records are about the same. Figures join
//! what is sure; a person decides what is doubtful; what a person decided stays. No verb here begins with a person,
//! and none crosses groups.

mod model;
mod part;
mod review;
mod run;
mod values;

use zhengtong_db::{Attr, Thing};

use crate::error::{Error, Result};
use crate::model::Catalog;

pub use model::{
    Beside, EntityView, GroupState, Item, MatchGroup, MatchMember, Matched, PairRow, PairState,
    PairView, Side,
};
pub(crate) use part::group as read_group;
pub use part::{ComparerWord, MatchFieldPart, MatchGroupPart, MatchingFile, MemberPart, PassPart};
pub(crate) use review::checked as reasoned;
pub use review::{NewDecision, decide_pair, entity, match_states, pair, pairs, take_out};
pub(crate) use run::soon;
pub use run::{attach_matching, match_soon, match_up};

/// The learned models.
pub(crate) const MODEL: &str = "registry.match_group.model";
/// The blind indexes of keys.
pub(crate) const KEY: &str = "registry.match_key.key";

/// A group as policies see it.
fn thing(group: &MatchGroup) -> Thing {
    Thing::new("match_group", &group.id).with("authority", Attr::Text(group.authority.clone()))
}

/// A group by its name.
fn named<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a MatchGroup> {
    catalog.groups.get(id).ok_or_else(|| Error::NoGroup(id.to_owned()))
}
