//! Call activities that name definitions of other files: what they lead to, near and far, and the one file that runs them all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zhengtong_base::Text;
use zhengtong_bpmn::{Model, Node, NodeKind, Piece, join};
use zhengtong_pack::Packs;

use crate::part::Definition;

/// Most definitions that one calls, near and far.
const CALLED_MAX: usize = 20;

/// Why a call leads nowhere, with the call activity of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) node: String,
    pub(crate) text: Text,
}

/// The full name of what a call activity names.
pub(crate) fn full_name(caller: &str, written: &str) -> String {
    let pack = caller.split(':').next().unwrap_or_default();
    let (pack, file) = Packs::resolve(pack, written.trim());
    format!("{pack}:{file}")
}

/// Call activities of a model that name another file.
pub(crate) fn calls(model: &Model) -> impl Iterator<Item = (&Node, &str)> {
    model.nodes.iter().filter_map(|node| Some((node, node.calls.as_deref()?)))
}

/// What a definition calls, near and far, in the order in which it is met.
pub(crate) fn closure(
    name: &str,
    model: &Model,
    find: &dyn Fn(&str) -> Option<Arc<Definition>>,
) -> Result<Vec<Arc<Definition>>, Refusal> {
    let mut found = Vec::new();
    for (node, written) in calls(model) {
        let mut chain = vec![name.to_owned()];
        follow(&full_name(name, written), find, &mut chain, &mut found)
            .map_err(|text| Refusal { node: node.id.clone(), text })?;
    }
    Ok(found)
}

fn follow(
    name: &str,
    find: &dyn Fn(&str) -> Option<Arc<Definition>>,
    chain: &mut Vec<String>,
    found: &mut Vec<Arc<Definition>>,
) -> Result<(), Text> {
    if chain.iter().any(|before| before == name) {
        let way = chain.iter().chain([&name.to_owned()]).cloned().collect::<Vec<_>>().join(" → ");
        return Err(Text::new(
            format!("调用成了环，永远办不完：{way}"),
            format!("the calls go in a circle and would never end: {way}"),
        ));
    }
    if found.iter().any(|known| known.name == name) {
        return Ok(());
    }
    let Some(called) = find(name) else {
        return Err(Text::new(
            format!("调用的流程“{name}”不存在，或者它自己不能运行"),
            format!("the process '{name}' it calls is not there, or does not run itself"),
        ));
    };
    if found.len() >= CALLED_MAX {
        return Err(Text::new(
            format!("一层层一共调用了太多流程，最多 {CALLED_MAX} 个"),
            format!("it calls too many processes, near and far: at most {CALLED_MAX}"),
        ));
    }
    if !begins_plainly(&called.model) {
        return Err(Text::new(
            format!("调用的流程“{name}”没有普通的开始事件，没法被调用"),
            format!("the process '{name}' it calls has no plain start, so it cannot be called"),
        ));
    }
    found.push(Arc::clone(&called));
    chain.push(name.to_owned());
    for (_, written) in calls(&called.model) {
        follow(&full_name(name, written), find, chain, found)?;
    }
    chain.pop();
    Ok(())
}

/// Whether something may simply begin it.
pub(crate) fn begins_plainly(model: &Model) -> bool {
    let plain = |node: &Node| {
        node.kind == NodeKind::Start && node.scope == model.id && node.triggers.is_empty()
    };
    model.nodes.iter().any(plain)
}

/// One file of a caller and all that it calls.
pub(crate) fn joined(
    name: &str,
    (xml, model): (&str, &Model),
    called: &[Arc<Definition>],
) -> Result<String, Refusal> {
    let written = |name: &str, model: &Model| -> BTreeMap<String, String> {
        let named: BTreeSet<&str> = calls(model).map(|(_, written)| written).collect();
        named.into_iter().map(|one| (one.to_owned(), full_name(name, one))).collect()
    };
    let caller = Piece { name, xml, calls: written(name, model) };
    let pieces: Vec<Piece<'_>> = called
        .iter()
        .map(|one| Piece { name: &one.name, xml: &one.xml, calls: written(&one.name, &one.model) })
        .collect();
    join(&caller, &pieces).map_err(|error| Refusal {
        node: error.element.clone(),
        text: Text::new(error.zh.clone(), error.en.clone()),
    })
}

/// Digests of a caller and all it calls: the same digests are the same joined file.
pub(crate) fn key(digest: &str, called: &[Arc<Definition>]) -> String {
    let all = [digest].into_iter().chain(called.iter().map(|one| one.digest.as_str()));
    all.collect::<Vec<_>>().join("+")
}
