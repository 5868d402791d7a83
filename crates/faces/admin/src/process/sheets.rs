//! Decisions drawn as tables: every rule a row, conditions left, results right.

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_process::Sheet;
use zhengtong_ui::panel::{Panel, boxed, flush};
use zhengtong_ui::table::{Column, Row, Table, code, table};

pub(super) fn drawn(lang: Lang, sheets: &[Sheet]) -> Markup {
    html! { @for sheet in sheets { (one(lang, sheet)) } }
}

fn one(lang: Lang, sheet: &Sheet) -> Markup {
    let Some(policy) = &sheet.policy else {
        let body = html! { p { (code(&sheet.expression)) } };
        return boxed(&Panel::new(sheet.name.as_str()), body);
    };
    let note = html! { span.meta { (lang.pick("命中策略 ", "Hit policy ")) (code(policy)) } };
    flush(&Panel::new(sheet.name.as_str()).note(note), table(lang, &rules(lang, sheet)))
}

fn rules(lang: Lang, sheet: &Sheet) -> Table<'_> {
    let conditions = sheet.inputs.len();
    let rows = sheet.rules.iter().enumerate().map(|(at, (_, cells))| {
        let cells = cells.iter().enumerate().map(|(place, cell)| {
            let any = place < conditions && (cell.is_empty() || cell == "-");
            html! { @if any { span.meta { (lang.pick("不限", "any")) } } @else { (code(cell)) } }
        });
        Row::new([html! { (at + 1) }].into_iter().chain(cells).collect())
    });
    let head = [Column::head(lang.pick("第几行", "Rule")).tight()];
    let inputs = sheet.inputs.iter().map(|(_, label)| Column::new(label.as_str()));
    let outputs = sheet.outputs.iter().map(|label| {
        Column::new(match lang {
            Lang::Zh => format!("结果：{label}"),
            Lang::En => format!("Result: {label}"),
        })
    });
    Table {
        caption: sheet.name.as_str().into(),
        columns: head.into_iter().chain(inputs).chain(outputs).collect(),
        rows: rows.collect(),
        ..Table::default()
    }
}
