//! What the platform opens is gathered; what a department's program wrote, only that department changes.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_portal::{
    CollectionBody, CollectionInput, CollectionKind, Query, change_package, collection,
    create_collection, create_package, delete_package, gather, package, search,
};

use crate::world::{MARKET, WATER, city, input, program};

fn water_office() -> CollectionInput {
    let body = CollectionBody { title: "水务处".to_owned(), ..CollectionBody::default() };
    CollectionInput { name: "water-office".to_owned(), body, id: None }
}

#[tokio::test]
async fn open_datasets_of_the_platform_are_gathered_once_and_without_persons() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("gather")).await;
    assert!(gather(&mut ctx).await.unwrap() > 0);
    assert_eq!(gather(&mut ctx).await.unwrap(), 0, "what has not changed is not written again");
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let found = search(&mut ctx, &Query { rows: 1_000, ..Query::default() }).await.unwrap();
    assert_eq!(usize::try_from(found.count).unwrap(), found.packages.len());
    let catalog = ctx.defs::<zhengtong_registry::Catalog>().unwrap();
    for one in &found.packages {
        let dataset = catalog.dataset(one.body.dataset.as_ref().unwrap()).unwrap();
        assert!(dataset.open);
        for field in &dataset.fields {
            let element = catalog.element(&field.element).unwrap();
            assert!(!element.sensitivity.is_masked(), "{} {}", dataset.id, field.name);
        }
    }
    // By name, by identifier, by code.
    let one = &found.packages[0];
    for named in [one.name.clone(), one.id.to_string(), one.body.code.clone()] {
        assert_eq!(package(&mut ctx, &named).await.unwrap().id, one.id);
    }
}

#[tokio::test]
async fn only_the_department_changes_what_its_program_wrote() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    create_collection(&mut ctx, CollectionKind::Organization, &water_office()).await.unwrap();
    create_package(&mut ctx, &input("levels", "water-office")).await.unwrap();
    let made = package(&mut ctx, "levels").await.unwrap();
    ctx.commit().await.unwrap();
    for other in [program(MARKET), Actor::visitor()] {
        let mut ctx = test.ctx(other).await;
        let kinds = [
            create_package(&mut ctx, &input("more", "water-office")).await.unwrap_err().kind(),
            change_package(&mut ctx, "levels", &input("levels", "water-office"))
                .await
                .unwrap_err()
                .kind(),
            delete_package(&mut ctx, "levels").await.unwrap_err().kind(),
        ];
        assert!(
            kinds.iter().all(|kind| matches!(kind, Kind::Denied | Kind::Unauthenticated)),
            "{kinds:?}"
        );
        assert_eq!(package(&mut ctx, "levels").await.unwrap(), made);
    }
    let mut ctx = test.ctx(program(WATER)).await;
    delete_package(&mut ctx, "levels").await.unwrap();
    assert!(
        !package(&mut ctx, "levels").await.unwrap().active,
        "its department sees what it deleted"
    );
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    assert_eq!(package(&mut ctx, "levels").await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(search(&mut ctx, &Query { rows: 10, ..Query::default() }).await.unwrap().count, 0);
}

#[tokio::test]
async fn what_comes_from_the_platform_is_changed_there() {
    let test = city().await;
    let mut ctx = test.ctx(Actor::system("gather")).await;
    gather(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(program(MARKET)).await;
    let unit =
        collection(&mut ctx, CollectionKind::Organization, "market-regulation").await.unwrap();
    assert!(unit.packages > 0);
    let found = search(&mut ctx, &Query { rows: 1, ..Query::default() }).await.unwrap();
    let own = &found.packages[0];
    let refused = change_package(&mut ctx, &own.name, &input(&own.name, "market-regulation"))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);
    // Beside it the department's program puts its own under the department's name.
    create_package(&mut ctx, &input("own-list", "market-regulation")).await.unwrap();
    let taken =
        create_package(&mut ctx, &input("own-list", "market-regulation")).await.unwrap_err();
    assert_eq!(taken.fields()[0].field, "name");
}

#[tokio::test]
async fn filters_divide_what_is_there() {
    let test = city().await;
    let mut ctx = test.ctx(program(WATER)).await;
    create_collection(&mut ctx, CollectionKind::Organization, &water_office()).await.unwrap();
    for (name, tag, private) in
        [("a", "河", false), ("b", "河", false), ("c", "湖 水", false), ("d", "河", true)]
    {
        let mut one = input(&format!("set-{name}"), "water-office");
        one.body.tags = vec![tag.to_owned()];
        one.body.notes = format!("说明 100% {name}_x");
        one.private = private;
        create_package(&mut ctx, &one).await.unwrap();
    }
    ctx.commit().await.unwrap();
    let rows: [(&str, &str, &[&str]); 8] = [
        ("", "tags:河", &["set-a", "set-b"]),
        ("", "-tags:河", &["set-c"]),
        ("", "tags:\"湖 水\"", &["set-c"]),
        ("", "name:set-a OR name:set-c", &["set-a", "set-c"]),
        ("", "name:(set-a OR set-b) -name:set-b", &["set-a"]),
        ("100%", "", &["set-a", "set-b", "set-c"]),
        ("A_X", "", &["set-a"]),
        ("aXx", "", &[]),
    ];
    let mut ctx = test.ctx(Actor::visitor()).await;
    for (words, filter, expected) in rows {
        let mut query = Query { rows: 10, facets: vec!["tags".to_owned()], ..Query::default() };
        query.sort = zhengtong_portal::Sort::Name;
        query.read_words(words).unwrap();
        query.filter.read(filter).unwrap();
        let found = search(&mut ctx, &query).await.unwrap();
        let names: Vec<&str> = found.packages.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, expected, "{words} {filter}");
        let counted: i64 = found.facets["tags"].iter().map(|tag| tag.1).sum();
        assert_eq!(counted, found.count, "each of them has one tag");
        // Beyond the end the count stays.
        query.start = 50;
        assert_eq!(search(&mut ctx, &query).await.unwrap().count, found.count);
    }
}
