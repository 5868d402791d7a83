//! The spreadsheet template: the difference first, then exactly that.

use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_catalog::{
    Shelf, State, apply, change, open, read_sheet, save, sheet, waiting, withdraw,
};
use zhengtong_db::testing::TestDb;

use crate::world::{MARKET_CODE, body, city, office, other_steward, passed, published, steward};

const HEAD: &str = "信息资源分类,信息资源名称,信息资源代码,信息资源提供方,提供方代码,信息资源摘要,信息资源格式,信息项名称,数据类型,数据长度,敏感级别,共享类型,共享条件,共享方式,不予共享依据,是否向社会开放,开放条件,更新周期";

fn row(class: &str, title: &str, code: &str, sharing: &str, item: &str) -> String {
    format!(
        "{class},{title},{code},市场监督管理局,{MARKET_CODE},本市登记的市场主体名录,数据库,{item},字符型C,50,公开,{sharing},,共享平台接口,,否,,每日"
    )
}

async fn planned(test: &TestDb, rows: &[String]) -> Uuid {
    let mut ctx = test.ctx(steward()).await;
    let text = format!("\u{feff}{HEAD}\n{}\n", rows.join("\n"));
    let id = read_sheet(&mut ctx, "目录.csv", text.as_bytes()).await.unwrap();
    ctx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn new_changed_unchanged_and_faulty_rows_are_told_apart_and_applied_as_told() {
    let test = city().await;
    let (same, code) = published(&test, body("市场主体名录")).await;
    let (other, second) = published(&test, body("市场主体变更")).await;
    let rows = [
        row("338001", "市场主体名录", &code, "无条件共享", "名称"),
        ",,,,,,,地址,C,50,公开,,,,,,,".to_owned(),
        row("338001", "市场主体变更", &second, "无条件共享", "名称"),
        row("338002", "新的资源", "", "无条件共享", "名称"),
        row("338002", "外来代码的资源", "338002/000777", "无条件共享", "名称"),
        row("338001", "坏的共享", "", "随便共享", "名称"),
        row("338001", "没有依据", "", "不予共享", "名称"),
        row("338001", "坏的代码", "338001-1", "无条件共享", "名称"),
    ];
    let id = planned(&test, &rows).await;
    let mut ctx = test.ctx(steward()).await;
    let plan = sheet(&mut ctx, id).await.unwrap().plan;
    assert_eq!(plan.unchanged, [(2, "市场主体名录".to_owned())]);
    assert_eq!(plan.changed.len(), 1);
    assert_eq!(plan.changed[0].fields[0].field.zh, "信息项");
    assert_eq!(plan.new.iter().map(|new| new.row).collect::<Vec<_>>(), [5, 6]);
    let faulty: Vec<(usize, &str)> =
        plan.faulty.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
    assert_eq!(faulty, [(7, "sharing"), (8, "basis"), (9, "code")]);
    assert!(plan.faulty.iter().all(|fault| !fault.text.zh.is_empty() && !fault.text.en.is_empty()));
    // Reading changes nothing.
    assert_eq!(waiting(&mut ctx, Shelf::State(State::Draft), 1).await.unwrap().total, 0);
    assert_eq!(apply(&mut ctx, id).await.unwrap(), 3);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(steward()).await;
    assert_eq!(apply(&mut ctx, id).await.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(waiting(&mut ctx, Shelf::State(State::Draft), 1).await.unwrap().total, 3);
    assert!(open(&mut ctx, same).await.unwrap().open().is_none());
    assert_eq!(open(&mut ctx, other).await.unwrap().open().unwrap().body.items.len(), 1);
}

#[tokio::test]
async fn what_changed_in_between_stops_the_whole_import() {
    let test = city().await;
    let (id, code) = published(&test, body("市场主体名录")).await;
    let rows = [
        row("338002", "新的资源", "", "无条件共享", "名称"),
        row("338001", "市场主体名录", &code, "无条件共享", "名称"),
    ];
    let import = planned(&test, &rows).await;
    let mut ctx = test.ctx(steward()).await;
    change(&mut ctx, id).await.unwrap();
    let mut newer = body("市场主体名录");
    newer.system = "另一个系统".to_owned();
    save(&mut ctx, id, newer).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(steward()).await;
    assert_eq!(apply(&mut ctx, import).await.unwrap_err().kind(), Kind::Conflict);
    drop(ctx);
    let mut ctx = test.ctx(steward()).await;
    let drafts = waiting(&mut ctx, Shelf::State(State::Draft), 1).await.unwrap();
    assert_eq!(drafts.total, 1, "only the change by hand: nothing of the import is there");
}

#[tokio::test]
async fn a_withdrawn_code_another_units_code_and_a_missing_unit_are_faults() {
    let test = city().await;
    let (id, code) = published(&test, body("市场主体名录")).await;
    let mut ctx = test.ctx(office()).await;
    withdraw(&mut ctx, id, "系统已停用").await.unwrap();
    ctx.commit().await.unwrap();
    let without = row("338001", "没有单位", "", "无条件共享", "名称").replace(MARKET_CODE, "");
    let wrong = row("338001", "别的单位", "", "无条件共享", "名称")
        .replace(MARKET_CODE, "12330100MB0000000X");
    let rows = [
        row("338001", "市场主体名录", &code, "无条件共享", "名称"),
        without,
        wrong,
        row("338001", "类型", "", "无条件共享", "名称").replace("字符型C", "神奇型"),
        row("338001", "长度", "", "无条件共享", "名称").replace(",50,", ",五十,"),
        row("338001", "没有信息项", "", "无条件共享", ""),
    ];
    let import = planned(&test, &rows).await;
    let mut ctx = test.ctx(steward()).await;
    let plan = sheet(&mut ctx, import).await.unwrap().plan;
    let faulty: Vec<(usize, &str)> =
        plan.faulty.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
    assert_eq!(
        faulty,
        [(2, "code"), (3, "provider"), (4, "provider"), (5, "items"), (6, "items"), (7, "items")]
    );
    assert!(plan.faulty[0].text.en.contains("withdrawn"));
    assert!(plan.new.is_empty() && plan.changed.is_empty());
    // It is nobody else's to see.
    let mut ctx = test.ctx(other_steward()).await;
    assert_eq!(sheet(&mut ctx, import).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_code_that_came_with_an_import_is_passed_over_by_the_running_number() {
    let test = city().await;
    let rows = [row("338001", "外来代码的资源", "338001/000001", "无条件共享", "名称")];
    let import = planned(&test, &rows).await;
    let mut ctx = test.ctx(steward()).await;
    apply(&mut ctx, import).await.unwrap();
    let drafts = waiting(&mut ctx, Shelf::State(State::Draft), 1).await.unwrap();
    zhengtong_catalog::submit(&mut ctx, drafts.rows[0].id).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(passed(&test, drafts.rows[0].id).await, "338001/000001");
    let (_, code) = published(&test, body("下一个")).await;
    assert_eq!(code, "338001/000002");
}

#[tokio::test]
async fn a_file_that_is_no_template_is_refused_whole() {
    let test = city().await;
    let rows: [(&[u8], &str); 4] = [
        (b"", "no rows"),
        (b"a,b,c\n1,2,3\n", "columns are missing"),
        (b"PK\x03\x04 no workbook", "damaged"),
        ("信息资源名称,信息资源名称\n甲,乙\n".as_bytes(), "two columns"),
    ];
    for (bytes, said) in rows {
        let mut ctx = test.ctx(steward()).await;
        let error = read_sheet(&mut ctx, "x.csv", bytes).await.unwrap_err();
        assert!(error.fields()[0].text.en.contains(said), "{said}: {error:?}");
    }
}
