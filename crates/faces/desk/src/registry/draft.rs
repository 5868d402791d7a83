//! Before a load begins: the first rows, what each column seems to hold, and which field it fills.

use axum::extract::Path;
use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_http::{Answer, Fields, Visit, redirect};
use zhengtong_registry::{Catalog, Confirmed, Dataset, LoadMode, Preview};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Layout, Pick, form, radios, select};
use zhengtong_ui::frame::token;
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush, panel};
use zhengtong_ui::press::{Button, Size, actions, post as post_button, submit};
use zhengtong_ui::table::{Column, Phone, Row, Table, table};

use super::{HOME, named, report};
use crate::bench::staff_only;
use crate::typed::Typed;

/// What a field of the form says that fills nothing.
const NOTHING: &str = "-";

pub(super) async fn confirm(visit: Visit, Path(no): Path<i64>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let load = zhengtong_registry::load_of(&mut ctx, no).await?;
    let chosen = |place: usize| match fields.get(&format!("column-{place}")) {
        "" | NOTHING => None,
        field => Some(field.to_owned()),
    };
    let watermark = fields.get("watermark");
    let confirmed = Confirmed {
        mapping: (0..load.layout.header.len()).map(chosen).collect(),
        mode: LoadMode::parse(fields.get("mode")).unwrap_or(LoadMode::Upsert),
        watermark: (!watermark.is_empty() && watermark != NOTHING).then(|| watermark.to_owned()),
    };
    match zhengtong_registry::confirm_load(&mut ctx, no, &confirmed).await {
        Ok(load) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{}", load.number)))
        }
        Err(error) => {
            let error = named(&mut ctx, error).await?;
            drop(ctx);
            report::show(&visit, no, Typed::of(fields, error)?).await
        }
    }
}

/// The page of a load that waits for a steward.
pub(super) fn page(frame: &Frame<'_>, catalog: &Catalog, preview: &Preview) -> Markup {
    let (lang, load) = (frame.lang, &preview.load);
    let Some(dataset) = catalog.dataset(&load.dataset) else { return html! {} };
    let way = format!("{HOME}/{}", load.number);
    html! {
        @if let Some(earlier) = load.repeats {
            (notice(&Notice::new(Mood::Warning, match lang {
                Lang::Zh => format!("这个文件和第 {earlier} 次加载的一模一样，再加载不会有变化"),
                Lang::En => format!("This is the very file of load {earlier}; loading it again changes nothing"),
            })))
        }
        (form(frame, &Form::post(way.as_str()), html! {
            (mapping(lang, dataset, preview))
            (panel(&Panel::new(lang.pick("怎么生效", "How it takes effect")), modes(lang, dataset, preview)))
            (actions(submit(&Button::new(lang.pick("确认，开始加载", "Confirm and load")).size(Size::Large))))
        }))
        (actions(post_button(&format!("{way}/cancel"), token(frame), &Button::secondary(lang.pick("不加载了", "Do not load")))))
        (first_rows(lang, preview))
    }
}

fn mapping(lang: Lang, dataset: &Dataset, preview: &Preview) -> Markup {
    let mut picks = vec![Pick::new(NOTHING, lang.pick("不用这一列", "Leave this column out"))];
    for field in &dataset.fields {
        let key = dataset.key.contains(&field.name);
        let mark = if key {
            lang.pick("（主键）", " (key)")
        } else if field.required {
            lang.pick("（必填）", " (required)")
        } else {
            ""
        };
        picks.push(Pick::new(field.name.as_str(), format!("{}{mark}", field.title.get(lang))));
    }
    let columns =
        preview.load.layout.header.iter().zip(&preview.load.mapping).zip(&preview.columns);
    let rows = columns.enumerate().map(|(place, ((head, chosen), column))| {
        let name = format!("column-{place}");
        let label = format!("{head} → {}", lang.pick("字段", "field"));
        let field = Field::new(name.as_str(), label.as_str()).unlabelled();
        let example = preview.rows.iter().filter_map(|row| row.get(place)).find(|text| !text.is_empty());
        Row::new(vec![
            html! { (head) },
            html! { (report::guess(&column.guess).get(lang)) @if column.empty > 0 { " · " (lang.pick("有空值", "some empty")) } },
            html! { (example.map_or("–", String::as_str)) },
            select(lang, &field, &picks, chosen.as_deref().unwrap_or(NOTHING)),
        ])
    });
    let shown = Table {
        caption: lang.pick("每一列对应哪个字段", "Which field each column fills").into(),
        columns: vec![
            Column::head(lang.pick("文件里的列", "Column")),
            Column::new(lang.pick("看起来是", "Seems to be")),
            Column::new(lang.pick("例子", "Example")),
            Column::new(lang.pick("对应字段", "Field")),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    flush(
        &Panel::new(lang.pick("每一列对应哪个字段", "Which field each column fills")),
        table(lang, &shown),
    )
}

fn modes(lang: Lang, dataset: &Dataset, preview: &Preview) -> Markup {
    let mut marks = vec![Pick::new(NOTHING, lang.pick("不用", "None"))];
    for field in &dataset.fields {
        marks.push(Pick::new(field.name.as_str(), field.title.get(lang)));
    }
    let pick = |mode: LoadMode, hint: &'static str| {
        let (word, title) = (mode.word(), mode.title());
        Pick::new(word, title.get(lang).to_owned()).hint(hint)
    };
    let modes = [
        pick(
            LoadMode::Upsert,
            lang.pick(
                "文件里有的新增或更新，没有的不动",
                "Records of the file are made or changed, others stay",
            ),
        ),
        pick(
            LoadMode::Full,
            lang.pick(
                "文件是全部：文件里没有的记录就此结束，留在历史里",
                "The file is all there is: other records end and stay in the history",
            ),
        ),
        pick(
            LoadMode::Incremental,
            lang.pick(
                "只收上次以后的行，按下面选的字段判断",
                "Only rows after the last load, by the field below",
            ),
        ),
    ];
    let mode = Field::new(
        "mode",
        lang.pick("文件里没有的记录怎么办", "Records that the file does not hold"),
    );
    let mark = Field::new(
        "watermark",
        lang.pick(
            "按哪个字段判断新旧（只用于增量）",
            "By which field what is new is told (incremental only)",
        ),
    )
    .optional();
    let load = &preview.load;
    html! {
        (radios(lang, &mode, &modes, load.mode.word(), Layout::Down))
        (select(lang, &mark, &marks, load.watermark.as_deref().unwrap_or(NOTHING)))
    }
}

fn first_rows(lang: Lang, preview: &Preview) -> Markup {
    let header = &preview.load.layout.header;
    let rows =
        preview.rows.iter().map(|row| Row::new(row.iter().map(|cell| html! { (cell) }).collect()));
    let columns = header.iter().enumerate().map(|(place, head)| {
        if place == 0 { Column::head(head.as_str()) } else { Column::new(head.as_str()) }
    });
    let shown = Table {
        caption: lang.pick("前 20 行", "First 20 rows").into(),
        columns: columns.collect(),
        rows: rows.collect(),
        phone: Phone::Scroll,
        ..Table::default()
    };
    html! {
        @if !preview.faults.is_empty() {
            (notice(&Notice::new(Mood::Warning, lang.pick("前 20 行里有这些问题", "What is wrong in the first 20 rows")).body(html! {
                ul { @for (line, _, text) in preview.faults.iter().take(10) {
                    li { (lang.pick("第 ", "Line ")) (line) (lang.pick(" 行：", ": ")) (text.get(lang)) }
                } }
            })))
        }
        (flush(&Panel::new(lang.pick("前 20 行（个人信息已遮盖）", "First 20 rows (personal values masked)")), table(lang, &shown)))
    }
}
