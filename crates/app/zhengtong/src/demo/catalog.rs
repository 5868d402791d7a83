//! The directory of the demonstration: one resource in each class of the city, most with their data elsewhere, some with
//! the datasets that stand on the platform.

use anyhow::Result;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_catalog::{
    Body, Cycle, Directory, Format, Item, ItemKind, Opened, Openness, Shared, Way,
};
use zhengtong_db::Ctx;
use zhengtong_registry::{Catalog, Sensitivity, Sharing};

use super::dice::{Dice, Purpose};
use super::seed::department_id;
use crate::wire::failed;

/// Which unit provides what stands in the classes that are no unit's own, by the class above.
const PROVIDERS: [(&str, &str); 17] = [
    ("101", "public-security"),
    ("102", "market-regulation"),
    ("103", "natural-resources"),
    ("104", "development-reform"),
    ("105", "data-administration"),
    ("201", "health"),
    ("202", "human-resources"),
    ("203", "market-regulation"),
    ("204", "emergency"),
    ("205", "development-reform"),
    ("206", "development-reform"),
    ("207", "development-reform"),
    ("208", "housing-construction"),
    ("209", "civil-affairs"),
    ("210", "ecology-environment"),
    ("211", "emergency"),
    ("212", "public-resources"),
];
/// Classes whose data stands on the platform.
const DATASETS: [(&str, &str); 2] =
    [("101001", "base-population:resident"), ("102001", "base-legal:organisation")];
/// Resources of one act.
const STEP: usize = 100;

/// Publishes the directory, when the packs declare classes.
pub(crate) async fn fill(ctx: &mut Ctx, seed: u64) -> Result<()> {
    let directory = ctx.defs::<Directory>().map_err(|error| failed(&error))?;
    let registry = ctx.defs::<Catalog>().map_err(|error| failed(&error))?;
    let mut dice = Dice::new(seed, Purpose::Catalog, 0);
    let mut resources: Vec<(Uuid, Body)> = Vec::new();
    for (code, class) in directory.classes().filter(|(code, _)| directory.is_leaf(code)) {
        let above = code.get(..3).unwrap_or_default();
        let named = PROVIDERS.iter().find(|(prefix, _)| *prefix == above).map(|(_, unit)| *unit);
        let Some(unit) = class.unit.as_deref().or(named) else { continue };
        let dataset = DATASETS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name);
        let dataset = dataset
            .filter(|name| registry.dataset(name).is_some_and(|dataset| dataset.authority == unit));
        resources.push((department_id(seed, unit), body(&mut dice, code, &class.title, dataset)));
    }
    let mut published = 0;
    while !resources.is_empty() {
        let rest = resources.split_off(resources.len().min(STEP));
        let some = std::mem::replace(&mut resources, rest);
        published += zhengtong_catalog::seed(ctx, some).await.map_err(|error| failed(&error))?;
    }
    tracing::info!(published, "directory filled");
    Ok(())
}

fn body(dice: &mut Dice, class: &str, title: &Text, dataset: Option<&str>) -> Body {
    let personal = dataset.is_some() || class.starts_with("101");
    let kind = match dice.one(&[0, 0, 0, 0, 0, 1, 1, 1, 1, 2]).copied().unwrap_or(0) {
        _ if personal => Sharing::Conditional,
        0 => Sharing::Unconditional,
        1 => Sharing::Conditional,
        _ => Sharing::None,
    };
    let open = kind == Sharing::Unconditional && dice.once_in(3);
    let cycles = [Cycle::Realtime, Cycle::Daily, Cycle::Weekly, Cycle::Monthly, Cycle::Quarterly];
    let cycle = dice.one(&cycles).copied().unwrap_or(Cycle::Monthly);
    let formats = [Format::Database, Format::Database, Format::Sheet, Format::Interface];
    let words = |there: bool, text: &str| if there { text.to_owned() } else { String::new() };
    Body {
        class: class.to_owned(),
        title: title.clone(),
        summary: Text::new(
            format!("本市{}，由提供单位在业务中形成（演示数据）", title.zh),
            format!(
                "{} of the city, as they arise in the work of the unit (demonstration)",
                title.en
            ),
        ),
        format: dice.one(&formats).copied().unwrap_or(Format::Database),
        items: items(personal),
        sharing: Shared {
            kind,
            condition: words(kind == Sharing::Conditional, "因履行职责需要，并写明用途和范围"),
            way: Way::Interface,
            basis: words(kind == Sharing::None, "《示例市数据管理办法》第十二条（虚构）"),
        },
        openness: Opened {
            kind: if open { Openness::Unconditional } else { Openness::None },
            condition: String::new(),
        },
        cycle: if dataset.is_some() { Cycle::Realtime } else { cycle },
        related: Vec::new(),
        sources: Vec::new(),
        dataset: dataset.map(str::to_owned),
        system: String::new(),
    }
}

/// What a record of an office usually holds; about persons, their number too.
fn items(personal: bool) -> Vec<Item> {
    let all = [
        ("编号", "Number", ItemKind::Text, Some(32), Sensitivity::Public),
        ("名称", "Name", ItemKind::Text, Some(100), Sensitivity::Public),
        ("类别", "Kind", ItemKind::Text, Some(20), Sensitivity::Public),
        ("登记日期", "Date of entry", ItemKind::Date, None, Sensitivity::Public),
        ("状态", "State", ItemKind::Text, Some(10), Sensitivity::Public),
        ("经办单位", "Unit in charge", ItemKind::Text, Some(100), Sensitivity::Internal),
        ("身份号码", "Identity number", ItemKind::Text, Some(18), Sensitivity::Sensitive),
    ];
    let count = if personal { all.len() } else { all.len() - 1 };
    let item = |(zh, en, kind, length, sensitivity)| Item {
        name: Text::new(zh, en),
        element: None,
        kind,
        length,
        sensitivity,
        sharing: None,
    };
    all.into_iter().take(count).map(item).collect()
}
