//! The ONE list of engines: their tables, their folders in packs, their verbs, and how their definitions are read.

use std::sync::Arc;

use time::Date;
use zhengtong_base::Schema;
use zhengtong_db::{Policies, Shelf};
use zhengtong_pack::{Finding, Packs, PartDecl, Report, Severity, check_layout};

/// The tables of all crates, below before above.
pub(crate) const SCHEMAS: &[Schema] = &[
    zhengtong_db::SCHEMA,
    zhengtong_ledger::SCHEMA,
    zhengtong_backup::SCHEMA,
    zhengtong_vault::SCHEMA,
    zhengtong_party::SCHEMA,
    zhengtong_registry::SCHEMA,
    zhengtong_form::SCHEMA,
    zhengtong_process::SCHEMA,
    zhengtong_document::SCHEMA,
    zhengtong_notice::SCHEMA,
    zhengtong_setting::SCHEMA,
    zhengtong_casework::SCHEMA,
    zhengtong_catalog::SCHEMA,
    zhengtong_sharing::SCHEMA,
    // Before service, whose ratings it takes over.
    zhengtong_rating::SCHEMA,
    zhengtong_service::SCHEMA,
    zhengtong_reporting::SCHEMA,
    zhengtong_supervision::SCHEMA,
    zhengtong_signon::SCHEMA,
    zhengtong_exchange::SCHEMA,
    zhengtong_portal::SCHEMA,
];

/// The folders that packs may have.
pub(crate) const PARTS: &[PartDecl] = &[
    PartDecl::MANIFEST,
    zhengtong_party::PART,
    zhengtong_registry::PART,
    zhengtong_form::PART,
    zhengtong_process::PART,
    zhengtong_document::PART,
    zhengtong_notice::PART,
    zhengtong_casework::PART,
    zhengtong_catalog::PART,
    zhengtong_sharing::PART,
    zhengtong_service::PART,
    zhengtong_rating::PART,
    zhengtong_supervision::PART,
    zhengtong_exchange::PART,
];

/// All verbs by engine, with the kind of thing each is about: for the generated table of rights.
#[cfg(test)]
pub(crate) const VERBS: &[(&str, &[(&str, &str)])] = &[
    ("backup", zhengtong_backup::VERBS),
    ("vault", zhengtong_vault::VERBS),
    ("party", zhengtong_party::VERBS),
    ("registry", zhengtong_registry::VERBS),
    ("form", zhengtong_form::VERBS),
    ("process", zhengtong_process::VERBS),
    ("document", zhengtong_document::VERBS),
    ("notice", zhengtong_notice::VERBS),
    ("setting", zhengtong_setting::VERBS),
    ("casework", zhengtong_casework::VERBS),
    ("catalog", zhengtong_catalog::VERBS),
    ("sharing", zhengtong_sharing::VERBS),
    ("service", zhengtong_service::VERBS),
    ("rating", zhengtong_rating::VERBS),
    ("reporting", zhengtong_reporting::VERBS),
    ("supervision", zhengtong_supervision::VERBS),
    ("signon", zhengtong_signon::VERBS),
    ("exchange", zhengtong_exchange::VERBS),
    ("portal", zhengtong_portal::VERBS),
    ("admin", zhengtong_admin::VERBS),
];

/// What the packs declare, ready to be put in force.
pub(crate) struct Loaded {
    pub(crate) policies: Policies,
    pub(crate) shelf: Shelf,
    pub(crate) registry: Arc<zhengtong_registry::Catalog>,
}

/// Reads everything that the packs declare, as it is in force on a day.
pub(crate) fn load(packs: &Packs, today: Date, report: &mut Report) -> Loaded {
    check_layout(packs, PARTS, report);
    let registry = Arc::new(zhengtong_registry::read(packs, report));
    let elements = zhengtong_service::CityElements::new(Arc::clone(&registry), today);
    let forms = zhengtong_form::read(packs, Arc::new(elements), report);
    let papers = zhengtong_document::read(packs, report);
    let cases = zhengtong_casework::read(packs, report);
    zhengtong_casework::check_papers(packs, &cases, &papers, report);
    let processes = zhengtong_process::read(packs, report);
    zhengtong_casework::check_processes(packs, &cases, &processes, report);
    let shelf = Shelf::default()
        .with(zhengtong_party::read(packs, report))
        .with(forms)
        .with(processes)
        .with(papers.clone())
        .with(zhengtong_notice::catalog(packs, report))
        .with(zhengtong_supervision::read(packs, report))
        .with(zhengtong_registry::Catalog::clone(&registry));
    let datasets: Vec<&str> = registry.datasets.keys().map(String::as_str).collect();
    let shelf = shelf.with(zhengtong_exchange::read(packs, &datasets, report));
    let items = zhengtong_service::read(packs, report);
    let power = items.iter().map(|listed| (listed.id.clone(), listed.item.name.clone()));
    let power = zhengtong_catalog::PowerList(power.collect());
    let shelf = shelf.with(zhengtong_catalog::read(packs, report)).with(power);
    let shelf = shelf.with(zhengtong_sharing::read(packs, report));
    let kinds = items.iter().map(|listed| (listed.id.clone(), listed.item.kind.clone()));
    let kinds = zhengtong_supervision::ItemKinds(kinds.collect());
    let reported = crate::report::items(&items, &cases);
    let shelf = shelf.with(zhengtong_rating::read(packs, report)).with(reported);
    let shelf = shelf.with(cases).with(kinds).with(items);
    let shelf = shelf.with(zhengtong_admin::PackList::of(packs, report));
    Loaded { policies: policies(packs, report), shelf, registry }
}

/// All `access.cedar` files together: what one pack forbids, none can permit.
fn policies(packs: &Packs, report: &mut Report) -> Policies {
    let files: Vec<(String, &str)> = packs
        .iter()
        .filter_map(|pack| {
            let file = pack.file("access.cedar")?;
            Some((file.full_path(), file.text))
        })
        .collect();
    let sources: Vec<zhengtong_access::Source<'_>> =
        files.iter().map(|(name, text)| zhengtong_access::Source { name, text }).collect();
    match Policies::parse(&sources) {
        Ok(policies) => policies,
        Err(errors) => {
            for error in errors {
                report.push(Finding {
                    severity: Severity::Error,
                    file: error.source_name,
                    line: error.line,
                    column: error.column,
                    text: zhengtong_base::Text::new(
                        format!("权限规则写错了：{}", error.message),
                        error.message,
                    ),
                    suggestion: None,
                });
            }
            Policies::default()
        }
    }
}
