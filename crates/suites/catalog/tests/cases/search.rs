//! The public directory: what is found, in which order, page by page, with how many of each choice.

use std::collections::BTreeSet;

use zhengtong_base::Failure as _;
use zhengtong_catalog::{Cycle, Facet, LINES, Openness, Tie, Wanted, resource, search, withdraw};
use zhengtong_db::Actor;
use zhengtong_registry::Sharing;

use crate::world::{MARKET, body, city, office, published};

fn words(words: &str) -> Wanted {
    Wanted { words: words.to_owned(), ..Wanted::default() }
}

#[tokio::test]
async fn words_pinyin_and_first_letters_find_and_titles_come_first() {
    let test = city().await;
    let mut other = body("食品抽检结果");
    other.summary.zh = "抽检不合格的市场主体和批次".to_owned();
    other.openness.kind = Openness::Unconditional;
    let (_, first) = published(&test, body("市场主体名录")).await;
    let (id, second) = published(&test, other).await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let rows: [(&str, &[&str]); 12] = [
        ("", &[&second, &first]),
        ("市场主体", &[&first, &second]),
        ("食", &[&second]),
        ("抽检", &[&second]),
        ("spcj", &[&second]),
        ("shipin", &[&second]),
        ("shichangzhuti", &[&first]),
        ("scztml", &[&first]),
        ("批次", &[&second]),
        ("338001/000001", &[&first]),
        ("人口", &[]),
        ("'; DROP TABLE catalog.shown; --", &[]),
    ];
    for (asked, expected) in rows {
        let found = search(&mut ctx, &words(asked)).await.unwrap();
        let codes: Vec<&str> = found.lines.iter().map(|line| line.code.as_str()).collect();
        assert_eq!(codes, expected, "{asked}");
        assert_eq!(found.total, i64::try_from(expected.len()).unwrap(), "{asked}");
    }
    let open = Wanted { openness: Some(Openness::Unconditional), ..Wanted::default() };
    assert_eq!(search(&mut ctx, &open).await.unwrap().lines[0].code, second);
    let none = Wanted { sharing: Some(Sharing::None), ..Wanted::default() };
    assert_eq!(search(&mut ctx, &none).await.unwrap().total, 0);
    drop(ctx);
    let mut ctx = test.ctx(office()).await;
    withdraw(&mut ctx, id, "系统已停用").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    assert_eq!(search(&mut ctx, &words("食品")).await.unwrap().total, 0);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_and_facets_count_all() {
    let test = city().await;
    let mut bodies = Vec::new();
    for number in 0..(LINES * 2 + 5) {
        let mut one = body(&format!("{}{number}", if number % 2 == 0 { "名录" } else { "台账" }));
        one.summary.zh = "名录和台账都在这里".to_owned();
        bodies.push((MARKET, one));
    }
    let all = bodies.len();
    let mut ctx = test.ctx(Actor::system("demo")).await;
    zhengtong_catalog::seed(&mut ctx, bodies).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    for asked in ["", "名录"] {
        let (mut seen, mut wanted) = (Vec::new(), words(asked));
        loop {
            let found = search(&mut ctx, &wanted).await.unwrap();
            assert_eq!(found.total, i64::try_from(all).unwrap());
            seen.extend(found.lines.into_iter().map(|line| line.code));
            match found.next {
                Some(next) => wanted.after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen.len(), all, "{asked}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), all, "{asked}");
    }
    let found = search(&mut ctx, &words("")).await.unwrap();
    let all = i64::try_from(all).unwrap();
    assert_eq!(found.facets[&Facet::Class], [("3".to_owned(), all)]);
    assert_eq!(found.facets[&Facet::Provider], [(MARKET.to_string(), all)]);
    let under = Wanted { class: Some("338".to_owned()), ..Wanted::default() };
    let found = search(&mut ctx, &under).await.unwrap();
    assert_eq!(found.facets[&Facet::Class], [("338001".to_owned(), all)]);
    // Also where nothing is found.
    for (words, after) in [("", "x1"), ("", "t+1"), ("没有这样的词", "x1")] {
        let lost =
            Wanted { words: words.to_owned(), after: Some(after.to_owned()), ..Wanted::default() };
        assert_eq!(search(&mut ctx, &lost).await.unwrap_err().fields()[0].field, "after");
    }
}

/// Words and a narrowing find what both find: one look into one index gives what two would.
#[tokio::test]
async fn words_and_every_narrowing_meet() {
    let test = city().await;
    let mut bodies = Vec::new();
    for number in 0..40 {
        let mut one = body(&format!("{}{number}", ["橙", "桃", "梨"][number % 3]));
        one.openness.kind = [Openness::None, Openness::Unconditional][number % 2];
        one.cycle = [Cycle::Daily, Cycle::Yearly][number / 2 % 2];
        bodies.push((MARKET, one));
    }
    let mut ctx = test.ctx(Actor::system("demo")).await;
    zhengtong_catalog::seed(&mut ctx, bodies).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let class = |class: &str| Wanted { class: Some(class.to_owned()), ..Wanted::default() };
    let narrowings = [
        Wanted::default(),
        Wanted { provider: Some(MARKET), ..Wanted::default() },
        Wanted { provider: Some(uuid::Uuid::nil()), ..Wanted::default() },
        Wanted { openness: Some(Openness::Unconditional), ..Wanted::default() },
        Wanted { openness: Some(Openness::None), cycle: Some(Cycle::Yearly), ..class("338") },
        Wanted { sharing: Some(Sharing::None), ..Wanted::default() },
        class(""),
        class("3"),
        class("3380"),
        class("338001"),
        class("3380010"),
        class("4"),
        class("3' "),
        class("3%"),
    ];
    for narrowed in narrowings {
        let all = search(&mut ctx, &narrowed).await.unwrap();
        let mut met = 0;
        for asked in ["橙", "桃", "梨"] {
            let wanted = Wanted { words: asked.to_owned(), ..narrowed.clone() };
            met += search(&mut ctx, &wanted).await.unwrap().total;
        }
        assert_eq!(met, all.total, "{narrowed:?}");
    }
}

/// Where much is found the newest are looked at first; what only older ones hold is found all the same.
#[tokio::test]
async fn much_and_little_are_found_in_a_large_directory() {
    let test = city().await;
    let mut bodies = Vec::new();
    for number in 0..2_300 {
        let title = if number % 100 == 3 && number < 250 { "古树" } else { "名录" };
        let mut one = body(&format!("{title}{number}"));
        one.summary.zh = format!("{}都在这里", if number < 30 { "古树" } else { "其他" });
        bodies.push((MARKET, one));
    }
    let mut ctx = test.ctx(Actor::system("demo")).await;
    zhengtong_catalog::seed(&mut ctx, bodies).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    // In a title, elsewhere, or both: 3 titles, of which one also says it elsewhere, among 30 that do.
    for (asked, total) in [("古树", 32), ("名录", 2_297), ("都在这里", 2_300), ("古树 这里", 32)]
    {
        let (mut wanted, mut seen) = (words(asked), Vec::new());
        let first = search(&mut ctx, &wanted).await.unwrap();
        assert_eq!(first.total, total, "{asked}");
        for _page in 0..4 {
            let found = search(&mut ctx, &wanted).await.unwrap();
            seen.extend(found.lines.into_iter().map(|line| line.title.zh));
            let Some(next) = found.next else { break };
            wanted.after = Some(next);
        }
        let most = usize::try_from(total).unwrap().min(4 * LINES);
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), most, "{asked}");
        if asked == "古树" {
            assert!(seen[..3].iter().all(|title| title.starts_with("古树")), "{seen:?}");
            assert!(seen[3..].iter().all(|title| title.starts_with("名录")), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_resource_shows_what_it_is_made_from_what_is_made_from_it_and_its_dataset() {
    let test = city().await;
    let mut base = body("法人登记");
    base.dataset = Some("base-legal:organisation".to_owned());
    let (_, first) = published(&test, base).await;
    let mut second = body("法人统计");
    second.sources = vec![first.clone()];
    let (_, code) = published(&test, second).await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let shown = resource(&mut ctx, &first, None).await.unwrap();
    assert_eq!((shown.links[0].tie, shown.links[0].code.as_str()), (Tie::Product, code.as_str()));
    let lineage = shown.lineage.unwrap();
    assert_eq!(lineage.dataset, "base-legal:organisation");
    let named = shown
        .version
        .body
        .items
        .iter()
        .any(|item| item.element.as_deref() == Some("org.credit_code"));
    assert!(named, "items of a dataset are its fields");
    assert_eq!(shown.scores, None, "nobody has looked at it yet");
    let mut system = test.ctx(Actor::system("quality")).await;
    let run = zhengtong_registry::check_quality(&mut system, "base-legal:organisation").await;
    system.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let scores = resource(&mut ctx, &first, None).await.unwrap().scores.unwrap();
    let run = run.unwrap();
    assert_eq!((scores.completeness, scores.timeliness), (run.completeness, run.timeliness));
    assert_eq!((scores.consistency, scores.at), (run.consistency, run.at));
    let shown = resource(&mut ctx, &code, None).await.unwrap();
    assert_eq!(shown.scores, None, "its data stands elsewhere");
    assert_eq!((shown.links[0].tie, shown.links[0].title.zh.as_str()), (Tie::Source, "法人登记"));
}
