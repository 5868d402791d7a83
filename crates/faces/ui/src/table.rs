//! Tables: hairlines, numbers to the right, the row's name is the link; on phones each row becomes a card or a stack.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::words::Words;

/// How a column is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Start,
    /// Numbers.
    End,
}

/// How wide a column may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// As wide as it likes, and breaks.
    #[default]
    Free,
    /// As narrow as its content, in one line.
    Tight,
    /// In one line, cut with an ellipsis.
    Cut,
}

/// The order a column is sorted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Not sorted by this.
    None,
    /// Smallest or earliest first.
    Ascending,
    /// Largest or latest first.
    Descending,
}

/// Where a cell stands in the card a row becomes on phones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// Name and value in a line of their own.
    #[default]
    Line,
    /// Without its name, over the whole width, in row 1 to 4.
    Full(u8),
    /// Without its name, to the left, in row 1 to 4.
    Left(u8),
    /// Without its name, to the right, in row 1 to 4.
    Right(u8),
    /// Not on phones.
    Away,
}

/// One column.
#[derive(Clone, Debug, Default)]
pub struct Column<'a> {
    /// Its name.
    pub name: Words<'a>,
    /// Words or numbers.
    pub align: Align,
    /// How wide it may be.
    pub wrap: Wrap,
    /// Whether its cells name their rows.
    pub heads_rows: bool,
    /// Whether its name is only for those who hear the page.
    pub quiet: bool,
    /// The order and the address that changes it.
    pub sort: Option<(Order, Words<'a>)>,
    /// Where its cells stand on phones.
    pub slot: Slot,
}

impl<'a> Column<'a> {
    /// A column of words.
    pub fn new(name: impl Into<Words<'a>>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<Words<'a>>) -> Self {
        Self { align: Align::End, ..Self::new(name) }
    }

    /// The column whose cells name their rows.
    pub fn head(name: impl Into<Words<'a>>) -> Self {
        Self { heads_rows: true, ..Self::new(name) }
    }

    /// Shows its name only to those who hear the page.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Keeps it narrow, in one line.
    #[must_use]
    pub fn tight(mut self) -> Self {
        self.wrap = Wrap::Tight;
        self
    }

    /// Cuts long words; give them in full as a `title` through [`cut`].
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.wrap = Wrap::Cut;
        self
    }

    /// Makes it sortable.
    #[must_use]
    pub fn sort(mut self, order: Order, href: impl Into<Words<'a>>) -> Self {
        self.sort = Some((order, href.into()));
        self
    }

    /// Says where it stands on phones.
    #[must_use]
    pub fn slot(mut self, slot: Slot) -> Self {
        self.slot = slot;
        self
    }
}

/// One row; as many cells as there are columns.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Markup>,
    /// Whether it is chosen.
    pub selected: bool,
}

impl Row {
    /// A row that is not chosen.
    pub fn new(cells: Vec<Markup>) -> Self {
        Self { cells, selected: false }
    }
}

/// What a table becomes on phones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phone {
    /// Each row a stack of names and values.
    #[default]
    Stack,
    /// Each row a card laid out by the slots of its columns.
    Card,
    /// A table that scrolls.
    Scroll,
}

/// Whether the caption is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caption {
    /// Only for those who hear the page, because a heading stands above.
    #[default]
    Unseen,
    /// Above the table.
    Shown,
}

/// Whether the keys j, k, o and x walk the rows (with the script).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// They do not.
    #[default]
    Off,
    /// They do.
    On,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table<'a> {
    /// What it lists.
    pub caption: Words<'a>,
    /// Whether the caption is seen.
    pub captioned: Caption,
    /// Its columns.
    pub columns: Vec<Column<'a>>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Totals.
    pub foot: Vec<Row>,
    /// What it becomes on phones.
    pub phone: Phone,
    /// Whether keys walk it.
    pub keys: Keys,
}

/// Draws a table, in a region that scrolls if it must.
pub fn table(lang: Lang, table: &Table<'_>) -> Markup {
    let class = match table.phone {
        Phone::Stack => "table table-stack",
        Phone::Card => "table table-stack table-card",
        Phone::Scroll => "table",
    };
    // Styles that turn rows into blocks take the table's meaning away in some browsers; the roles give it back.
    html! {
        div.scroll tabindex="0" role="region" aria-label={ (table.caption) (lang.pick("，可横向滚动", ", scrolls sideways")) } {
            table class=(class) role="table" data-keys[table.keys == Keys::On] {
                caption.unseen[table.captioned == Caption::Unseen] { (table.caption) }
                thead role="rowgroup" { tr role="row" { @for column in &table.columns { (head_cell(lang, column)) } } }
                tbody role="rowgroup" { @for row in &table.rows { (row_of(table, row)) } }
                @if !table.foot.is_empty() {
                    tfoot role="rowgroup" { @for row in &table.foot { (row_of(table, row)) } }
                }
            }
        }
    }
}

fn head_cell(lang: Lang, column: &Column<'_>) -> Markup {
    let sort = match column.sort {
        Some((Order::Ascending, _)) => Some("ascending"),
        Some((Order::Descending, _)) => Some("descending"),
        _ => None,
    };
    let arrow = match column.sort {
        Some((Order::Ascending, _)) => " ↑",
        Some((Order::Descending, _)) => " ↓",
        _ => "",
    };
    html! {
        th role="columnheader" scope="col" class=[class(column)] aria-sort=[sort] {
            @if column.quiet { span.unseen { (column.name) } }
            @else if let Some((_, href)) = &column.sort {
                a href=(href) { (column.name) (arrow) span.unseen { (lang.pick("，点此排序", ", sort by this")) } }
            }
            @else { (column.name) }
        }
    }
}

fn row_of(table: &Table<'_>, row: &Row) -> Markup {
    html! {
        tr role="row" class=[row.selected.then_some("row-selected")] {
            @for (column, cell) in table.columns.iter().zip(&row.cells) {
                @if column.heads_rows {
                    th role="rowheader" scope="row" class=[class(column)] data-name=(column.name) { (cell) }
                } @else {
                    td role="cell" class=[class(column)] data-name=(column.name) { (cell) }
                }
            }
        }
    }
}

fn class(column: &Column<'_>) -> Option<String> {
    let mut out = Vec::new();
    if column.align == Align::End {
        out.push("number".to_owned());
    }
    if column.wrap == Wrap::Tight || column.wrap == Wrap::Cut {
        out.push("tight".to_owned());
    }
    match column.slot {
        Slot::Line => {}
        Slot::Full(row) => out.push(format!("slot slot-full slot-{row}")),
        Slot::Left(row) => out.push(format!("slot slot-{row}")),
        Slot::Right(row) => out.push(format!("slot slot-right slot-{row}")),
        Slot::Away => out.push("slot-away".to_owned()),
    }
    (!out.is_empty()).then(|| out.join(" "))
}

/// Words that may be cut, in full when one points at them.
pub fn cut(words: &str) -> Markup {
    html! { span.cut title=(words) { (words) } }
}

/// A case number or code: never broken.
pub fn code(words: &str) -> Markup {
    html! { span.code { (words) } }
}

/// The box that chooses a row.
pub fn tick(name: &str, value: &str, label: &str) -> Markup {
    html! { label.tick { input type="checkbox" name=(name) value=(value) aria-label=(label); } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_its_meaning_as_cards() {
        let sample = Table {
            caption: "收件箱".into(),
            columns: vec![
                Column::new("选择").quiet().slot(Slot::Away),
                Column::new("时限").sort(Order::Ascending, "?sort=-due").slot(Slot::Left(1)),
                Column::head("事项").slot(Slot::Full(2)),
                Column::number("件数"),
            ],
            rows: vec![Row {
                cells: vec![
                    tick("case", "7", "选择 7"),
                    html! { "剩 3 日" },
                    html! { a href="/desk/7" { "食品经营许可" } },
                    html! { "412" },
                ],
                selected: true,
            }],
            phone: Phone::Card,
            keys: Keys::On,
            ..Table::default()
        };
        insta::assert_snapshot!(table(Lang::Zh, &sample).into_string());
    }
}
