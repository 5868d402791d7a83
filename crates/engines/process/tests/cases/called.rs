//! Processes of other packs that are called: declared, checked, in the version of the day, and what they found handed back.

use serde_json::json;
use time::Duration;
use zhengtong_db::Shelf;
use zhengtong_process::{
    Published, decide, draw, picture, replay, save, start, submit, variables, versions,
};

use crate::decided::admin;
use crate::world::{
    done, flows, nodes, officer, opened, process, read_packs, task, vars, with_shelf,
};

fn caller(written: &str) -> String {
    process(&format!(
        "<startEvent id=\"s\"/><callActivity id=\"c\" zt:calls=\"{written}\"/><exclusiveGateway id=\"x\" default=\"x-no\"/>\
         <userTask id=\"t\" name=\"发证\" zt:role=\"r\"/><endEvent id=\"yes\"/><endEvent id=\"no\"/>{}\
         <sequenceFlow id=\"x-t\" sourceRef=\"x\" targetRef=\"t\"><conditionExpression>sound = \"pass\"</conditionExpression></sequenceFlow>\
         <sequenceFlow id=\"x-no\" sourceRef=\"x\" targetRef=\"no\"/>{}",
        flows(&["s", "c", "x"]),
        flows(&["t", "yes"])
    ))
}

/// It looks at its own outcome by the id in its own file, and leaves what it found.
fn called(name: &str) -> String {
    process(&format!(
        "<startEvent id=\"s\"/><userTask id=\"t\" name=\"{name}\" zt:role=\"r\" zt:outcomes=\"pass,fail\"/>\
         <scriptTask id=\"k\" zt:result=\"sound\"><script>outcomes.t</script></scriptTask><endEvent id=\"e\"/>{}",
        flows(&["s", "t", "k", "e"])
    ))
}

#[tokio::test]
async fn a_process_of_another_pack_runs_in_the_case_and_hands_its_data_back() {
    let (top, inner) = (caller("base:verify"), called("核验"));
    let (catalog, report) = read_packs(&[
        ("city", &["base"], &[("licence.bpmn", &top)]),
        ("base", &[], &[("verify.bpmn", &inner)]),
    ]);
    assert!(report.usable(), "{:#?}", report.findings);
    let published = Published::default();
    let test = with_shelf(Shelf::default().with(catalog).with(published.clone())).await;
    let begin = async |thing: &str| {
        let mut ctx = test.ctx(officer("示例甲")).await;
        let begun = start(&mut ctx, "city:licence", thing, vars(&json!({}))).await.unwrap();
        ctx.commit().await.unwrap();
        begun
    };
    let (old, first) = begin("case/1").await;
    assert_eq!(nodes(&first), ["base.verify..t"]);
    let (other, second) = begin("case/2").await;
    // What was found leads on: one passes, the other fails and is over.
    let passed = done(&test, old, &task(&first, "base.verify..t"), "pass").await;
    assert_eq!(nodes(&passed), ["t"]);
    let failed = done(&test, other, &task(&second, "base.verify..t"), "fail").await;
    assert_eq!(opened(&failed), []);
    let mut ctx = test.ctx(officer("示例")).await;
    assert_eq!(variables(&mut ctx, old).await.unwrap().get("sound"), Some(&json!("pass")));
    for id in [old, other] {
        assert!(replay(&mut ctx, id).await.unwrap());
        picture(&mut ctx, id).await.unwrap();
    }
    // The versions of the caller are counted by its own text, whatever it called.
    let (seen, _) = versions(&mut ctx, "city:licence").await.unwrap();
    let seen: Vec<_> = seen.iter().map(|one| (one.in_force, one.running, one.ended)).collect();
    assert_eq!(seen, [(true, 1, 1)]);
    drop(ctx);

    // A new version of what is called is what new cases run; those that run keep what they began with.
    let (third, news) = begin("case/3").await;
    let mut ctx = test.ctx(admin(1)).await;
    let today = zhengtong_calendar::china_date(ctx.now);
    let draft = draw(&mut ctx, "base:verify", None).await.unwrap();
    let draft = save(&mut ctx, draft.number, draft.revision, &called("实地核验"), "改为实地")
        .await
        .unwrap();
    let waiting = submit(&mut ctx, draft.number, draft.revision, today).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(admin(2)).await;
    decide(&mut ctx, waiting.number, waiting.revision, true, "同意发布").await.unwrap();
    ctx.commit().await.unwrap();
    published.read(&test.db).await.unwrap();
    let title = |news: &[zhengtong_process::News]| match news.first() {
        Some(zhengtong_process::News::Opened(opened)) => opened.title.zh.clone(),
        other => panic!("{other:?}"),
    };
    let (_, newest) = begin("case/4").await;
    assert_eq!((title(&news), title(&newest)), ("核验".to_owned(), "实地核验".to_owned()));
    assert_eq!(nodes(&done(&test, third, &task(&news, "base.verify..t"), "pass").await), ["t"]);
    let mut ctx = test.ctx(officer("示例")).await;
    assert!(replay(&mut ctx, third).await.unwrap());
}

#[test]
fn calls_are_checked_with_the_pack() {
    let inner = called("核验");
    let no_plain = process(&format!(
        "<startEvent id=\"s\"><messageEventDefinition messageRef=\"m\"/></startEvent><endEvent id=\"e\"/>{}",
        flows(&["s", "e"])
    ));
    let circle = process(&format!(
        "<startEvent id=\"s\"/><callActivity id=\"back\" zt:calls=\"city:licence\"/><endEvent id=\"e\"/>{}",
        flows(&["s", "back", "e"])
    ));
    let rows: [(&str, &[&str], &str, &str); 5] = [
        ("base:nothing", &["base"], &inner, "不存在"),
        ("base:verify", &[], &inner, "needs 里没有写它"),
        ("base:verify", &["base"], &no_plain, "没有普通的开始事件"),
        ("base:verify", &["base"], "<a", "不存在"),
        ("licence", &[], &inner, "调用成了环"),
    ];
    for (written, needs, verify, expected) in rows {
        let top = caller(written);
        let (catalog, report) = read_packs(&[
            ("city", needs, &[("licence.bpmn", &top)]),
            ("base", &[], &[("verify.bpmn", verify)]),
        ]);
        assert!(catalog.get("city:licence").is_none(), "{written} {expected}");
        let own = report
            .errors()
            .find(|one| one.file == "city/process/licence.bpmn" && one.text.zh.contains(expected));
        let own = own.unwrap_or_else(|| panic!("{expected}: {:#?}", report.findings));
        assert!(own.text.zh.starts_with("c：") && own.line > 1, "{own:?}");
    }
    // Two that call each other are both refused.
    let top = caller("circle");
    let (catalog, report) =
        read_packs(&[("city", &[], &[("licence.bpmn", &top), ("circle.bpmn", &circle)])]);
    assert_eq!(catalog.iter().count(), 0, "{:#?}", report.findings);
}

#[tokio::test]
async fn what_others_call_is_not_taken_away_from_them() {
    let (top, inner) = (caller("base:verify"), called("核验"));
    let (catalog, _) = read_packs(&[
        ("city", &["base"], &[("licence.bpmn", &top)]),
        ("base", &[], &[("verify.bpmn", &inner)]),
    ]);
    let test = with_shelf(Shelf::default().with(catalog)).await;
    let mut ctx = test.ctx(admin(1)).await;
    let day = zhengtong_calendar::china_date(ctx.now) + Duration::DAY;
    let draft = draw(&mut ctx, "base:verify", None).await.unwrap();
    let changed = process(&format!(
        "<startEvent id=\"s\"><signalEventDefinition signalRef=\"g\"/></startEvent>\
         <scriptTask id=\"k\" zt:result=\"sound\"><script>1</script></scriptTask><endEvent id=\"e\"/>{}",
        flows(&["s", "k", "e"])
    ));
    let draft =
        save(&mut ctx, draft.number, draft.revision, &changed, "改成信号启动").await.unwrap();
    let refused = submit(&mut ctx, draft.number, draft.revision, day).await.unwrap_err();
    let words = zhengtong_base::Failure::fields(&refused);
    assert!(words.first().unwrap().text.zh.contains("“city:licence”的“c”调用它"), "{words:?}");
}
