//! The table of an open dataset as a page: searched, sorted, leafed through, counted and drawn, all with plain links and forms.

use axum::extract::Path;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, FieldError, Kind, Lang};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fault, Visit, redirect, see};
use zhengtong_portal::{Column as Field, Error, Package, Resource, Rows, Shape, Tally, Wanted};
use zhengtong_ui::figure::{Bar, bars};
use zhengtong_ui::icon::{Icon, icon};
use zhengtong_ui::layout::{Gap, Heading, Title, page as frame_page, section, stack, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::press::{Choice, filters};
use zhengtong_ui::table::Order;
use zhengtong_ui::words::{encode, number};
use zhengtong_ui::{Place, hall};

use super::{label, lies, named, sample};
use crate::asked::{Asked, Known};

/// Rows of a page.
const PAGE_ROWS: u32 = 25;
/// Bars of a chart.
const BARS_MAX: usize = 20;
/// Characters of a value that is looked for.
const VALUE_CHARS: usize = 200;
/// Characters of the name of a column.
const NAME_CHARS: usize = 100;
/// Before the name of a column that is searched.
const BEFORE: &str = "f.";

/// What is asked of a table by its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct View {
    /// The address of the page, without what is asked.
    path: String,
    /// Columns and what is looked for in each.
    parts: Vec<(String, String)>,
    /// The column it is sorted by, and whether backwards.
    sort: Option<(String, bool)>,
    /// The page.
    page: u32,
    /// The column whose values are counted.
    by: Option<String>,
    /// The column that is added up.
    of: Option<String>,
}

impl View {
    fn read(path: String, shape: &Shape, asked: Asked) -> Result<Self, Fault> {
        let names: Vec<String> =
            shape.fields.iter().map(|field| format!("{BEFORE}{}", field.id)).collect();
        let mut known: Vec<&str> = names.iter().map(String::as_str).collect();
        known.extend(["field", "value", "sort", "page", "by", "of"]);
        let asked = asked.only(&known)?;
        let mut parts = Vec::new();
        for (field, name) in shape.fields.iter().zip(&names) {
            parts.push((field.id.clone(), asked.text(name, VALUE_CHARS)?.trim().to_owned()));
        }
        // What was typed last takes the place of what was looked for in the same column.
        let added = (asked.text("field", NAME_CHARS)?, asked.text("value", VALUE_CHARS)?.trim());
        for part in parts.iter_mut().filter(|part| part.0 == added.0 && !added.1.is_empty()) {
            added.1.clone_into(&mut part.1);
        }
        parts.retain(|part| !part.1.is_empty());
        let sort = asked.text("sort", NAME_CHARS)?;
        let (column, down) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
        Ok(Self {
            path,
            parts,
            sort: (!column.is_empty()).then(|| (column.to_owned(), down)),
            page: asked.page()?,
            by: word(&asked, "by")?,
            of: word(&asked, "of")?,
        })
    }

    fn wanted(&self) -> Wanted {
        let rows = i64::from(PAGE_ROWS);
        Wanted {
            parts: self.parts.clone(),
            order: self.sort.clone(),
            start: i64::from(self.page - 1) * rows,
            rows,
            ..Wanted::default()
        }
    }

    /// The parameters of the address, but for the page.
    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.parts {
            pairs.push((format!("{BEFORE}{name}"), value.clone()));
        }
        if let Some((name, down)) = &self.sort {
            pairs.push(("sort".to_owned(), format!("{}{name}", if *down { "-" } else { "" })));
        }
        let rest = [("by", &self.by), ("of", &self.of)];
        let rest = rest.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        pairs.extend(rest.map(|(name, value)| (name.to_owned(), value.clone())));
        pairs
    }

    fn href(&self) -> String {
        let pairs = self.pairs();
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        format!("{}?{}", self.path, pairs.join("&"))
    }

    /// The same, looking for something else in a column; for nothing, when it is empty.
    fn with(&self, name: &str, value: &str) -> Self {
        let mut view = self.clone();
        view.parts.retain(|part| part.0 != name);
        if !value.is_empty() {
            view.parts.push((name.to_owned(), value.to_owned()));
        }
        view
    }

    /// The order of a column, and the address of its next order.
    fn sorting(&self, field: &Field) -> Option<(Order, String)> {
        if field.is_geometry() {
            return None;
        }
        let (order, down) = match &self.sort {
            Some((name, false)) if *name == field.id => (Order::Ascending, true),
            Some((name, true)) if *name == field.id => (Order::Descending, false),
            _ => (Order::None, false),
        };
        let next = Self { sort: Some((field.id.clone(), down)), ..self.clone() };
        Some((order, next.href()))
    }
}

fn word(asked: &Known, name: &str) -> Result<Option<String>, Fault> {
    let given = asked.text(name, NAME_CHARS)?;
    Ok((!given.is_empty()).then(|| given.to_owned()))
}

/// Rows counted for the chart.
struct Counted {
    by: Field,
    of: Option<Field>,
    groups: Vec<Tally>,
    cut: bool,
}

/// The table of a resource; one that has none is described with its dataset.
pub(super) async fn page(
    visit: Visit,
    Path((id, resource)): Path<(String, String)>,
    asked: Asked,
) -> Answer {
    let lang = visit.lang();
    let mut ctx = visit.ctx().await?;
    let (package, found) = zhengtong_portal::resource(&mut ctx, &resource).await?;
    if package.id.to_string() != id && package.name != id {
        return Err(Fault::absent());
    }
    let Some(shape) = found.shape.clone() else {
        ctx.commit().await?;
        return Ok(redirect(&format!("/dataset/{}", package.name)));
    };
    let path = format!("/dataset/{}/resource/{}", package.name, found.id);
    let view = View::read(path, &shape, asked)?;
    let mut errors = Vec::new();
    let rows =
        or_faults(zhengtong_portal::fetch(&mut ctx, &resource, &view.wanted()).await, &mut errors)?;
    let counted = match &rows {
        Some(_) => counted(&mut ctx, &found, &shape, &view, &mut errors).await?,
        None => None,
    };
    ctx.commit().await?;
    let frame = visit.frame(named(lang, &package), Place::Elsewhere);
    let body = whole(lang, &package, &shape, &view, (rows.as_ref(), counted.as_ref(), &errors));
    Ok(see(hall(&frame, body)))
}

/// What a person typed wrongly is said on the page; everything else is a failure.
fn or_faults<T>(
    outcome: Result<T, Error>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<T>, Fault> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == Kind::Invalid && !error.fields().is_empty() => {
            errors.extend(error.fields());
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn counted(
    ctx: &mut Ctx,
    resource: &Resource,
    shape: &Shape,
    view: &View,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Counted>, Fault> {
    let field = |name: &String| shape.fields.iter().find(|field| field.id == *name);
    // What nobody asked for is counted only where it tells something at a glance.
    let usual = || shape.fields.iter().find(|field| field.is_coded() || field.is_flag());
    let Some(by) = view.by.as_ref().map_or_else(usual, field) else { return Ok(None) };
    let of = view.of.as_ref().and_then(field).filter(|field| field.is_number());
    let column = of.map(|field| field.id.as_str());
    let id = resource.id.to_string();
    let found = zhengtong_portal::tally(ctx, &id, &view.wanted(), &by.id, column).await;
    let found = or_faults(found, errors)?;
    Ok(found.map(|(groups, cut)| Counted { by: by.clone(), of: of.cloned(), groups, cut }))
}

fn whole(
    lang: Lang,
    package: &Package,
    shape: &Shape,
    view: &View,
    (rows, counted, errors): (Option<&Rows>, Option<&Counted>, &[FieldError]),
) -> Markup {
    let heading = format!("{}{}", named(lang, package), lang.pick("：全部数据", ": all rows"));
    let home = format!("/dataset/{}", package.name);
    frame_page(html! {
        (crumbs(lang, &[
            Link::new(lang.pick("首页", "Home"), "/"),
            Link::new(lang.pick("开放数据", "Open data"), "/dataset"),
            Link::new(named(lang, package), home.as_str()),
        ], lang.pick("全部数据", "All rows")))
        div.flow-l {
            (title(&Title::new(heading)))
            (find(lang, shape, view))
            @for error in errors { (notice(&Notice::new(Mood::Failure, error.text.get(lang).to_owned()))) }
            @if let Some(rows) = rows {
                (page_of(lang, view, rows, counted.is_some()))
                (lies(lang, lang.pick("这一页的位置", "Where the rows of this page lie"), rows))
                (chart(lang, shape, view, counted))
            }
            p { a href=(home) { (lang.pick("回到数据集：下载、版本、数据项", "Back to the dataset: downloads, versions, fields")) } }
        }
    })
}

/// The search by a column, and what is looked for already, each to be taken away.
fn find(lang: Lang, shape: &Shape, view: &View) -> Markup {
    let given = view.parts.iter().filter_map(|(name, value)| {
        let field = shape.fields.iter().find(|field| field.id == *name)?;
        let text = format!("{}：{value} ✕", label(lang, field));
        Some(Choice::new(text, view.with(name, "").href()))
    });
    let given: Vec<Choice<'_>> = given.collect();
    html! {
        form.narrow.narrow-more role="search" action=(view.path) aria-label=(lang.pick("按列查找", "Search by a column")) {
            (hidden(view, &[]))
            label.unseen for="field" { (lang.pick("列", "Column")) }
            select.input.select #field name="field" {
                @for field in shape.fields.iter().filter(|field| !field.is_geometry()) {
                    option value=(field.id) { (label(lang, field)) }
                }
            }
            label.unseen for="value" { (lang.pick("查什么", "What to look for")) }
            input.input #value name="value" maxlength=(VALUE_CHARS) autocomplete="off" placeholder=(lang.pick("文字写一部分就行", "A part of a text will do"));
            button.button.button-second type="submit" { (icon(Icon::Search)) (lang.pick("查找", "Find")) }
        }
        @if !given.is_empty() { (filters(lang.pick("正在查，点一下去掉", "Looked for; press to take away"), &given)) }
    }
}

/// What the address holds, for a form that asks for more; without these names.
fn hidden(view: &View, without: &[&str]) -> Markup {
    html! {
        @for (name, value) in view.pairs().iter().filter(|pair| !without.contains(&pair.0.as_str())) {
            input type="hidden" name=(name) value=(value);
        }
    }
}

fn page_of(lang: Lang, view: &View, rows: &Rows, drawn: bool) -> Markup {
    let total = rows.total.max(0);
    let pages =
        u32::try_from(total.unsigned_abs().div_ceil(u64::from(PAGE_ROWS))).unwrap_or(u32::MAX);
    let pages = pages.clamp(1, 10_000);
    let found = view.parts.is_empty();
    html! {
        p {
            @if found { (lang.pick("共 ", "")) (number(total)) (lang.pick(" 行", " rows")) }
            @else { (lang.pick("找到 ", "Found: ")) (number(total)) (lang.pick(" 行", " rows")) }
            @if drawn { " · " a href="#chart" { (lang.pick("看统计图", "See the chart")) } }
        }
        @if rows.records.is_empty() {
            p { (lang.pick("没有符合的行，去掉一个条件试试。", "No row fits; take a condition away.")) }
        } @else {
            (sample(lang, &rows.fields, &rows.records, &|field| view.sorting(field)))
        }
        @if pages > 1 {
            (pager(lang, Pager { page: view.page.min(pages), pages, href: &format!("{}&page=", view.href()) }))
        }
    }
}

/// Columns by which rows can be counted.
fn countable(field: &Field) -> bool {
    !field.is_geometry()
        && (field.is_coded() || field.is_flag() || field.is_number() || field.kind == "date")
}

fn chart(lang: Lang, shape: &Shape, view: &View, counted: Option<&Counted>) -> Markup {
    // Tables that departments send say nothing of codes: any text may be one.
    let coded = shape.fields.iter().any(Field::is_coded);
    let by: Vec<&Field> = shape
        .fields
        .iter()
        .filter(|field| countable(field) || (!coded && field.kind == "text"))
        .collect();
    if by.is_empty() {
        return html! {};
    }
    let chosen = counted.map(|counted| counted.by.id.as_str());
    let heading = Heading::new("chart", lang.pick("统计图", "Chart"));
    let body = html! {
        form.narrow.narrow-more action={ (view.path) "#chart" } aria-label=(lang.pick("统计图", "Chart")) {
            (hidden(view, &["by", "of"]))
            label.unseen for="by" { (lang.pick("按哪一列分", "Grouped by")) }
            select.input.select #by name="by" {
                @for field in by { option value=(field.id) selected[chosen == Some(field.id.as_str())] { (lang.pick("按", "by ")) (label(lang, field)) } }
            }
            label.unseen for="of" { (lang.pick("数什么", "What is counted")) }
            select.input.select #of name="of" {
                option value="" { (lang.pick("数行数", "count of rows")) }
                @for field in shape.fields.iter().filter(|field| field.is_number()) {
                    option value=(field.id) selected[view.of.as_ref() == Some(&field.id)] { (lang.pick("合计", "sum of ")) (label(lang, field)) }
                }
            }
            button.button.button-second type="submit" { (lang.pick("画图", "Draw")) }
        }
        @if let Some(counted) = counted { (drawn(lang, view, counted)) }
    };
    section(&heading, stack(Gap::Normal, body))
}

fn drawn(lang: Lang, view: &View, counted: &Counted) -> Markup {
    let measure = |group: &Tally| match &counted.of {
        Some(_) => group.sum.as_deref().and_then(|sum| sum.parse().ok()).unwrap_or(0.0),
        None => counted_value(group.count),
    };
    let mut groups: Vec<&Tally> = counted.groups.iter().collect();
    if counted.by.is_number() || counted.by.kind == "date" {
        // Numbers and days stand in their own order.
        groups.truncate(BARS_MAX);
        let place =
            |group: &Tally| group.value.as_deref().and_then(|value| value.parse::<f64>().ok());
        groups.sort_by(|one, other| {
            let numbers = place(one).partial_cmp(&place(other));
            numbers.filter(|order| order.is_ne()).unwrap_or_else(|| one.value.cmp(&other.value))
        });
    } else {
        groups.sort_by(|one, other| measure(other).total_cmp(&measure(one)));
    }
    let more = counted.cut || counted.groups.len() > BARS_MAX;
    let bar = |group: &&Tally| Bar {
        name: match group.words.get(lang) {
            "" => lang.pick("未填", "not known").to_owned(),
            words => words.to_owned(),
        }
        .into(),
        href: group.value.as_deref().map(|value| view.with(&counted.by.id, value).href().into()),
        value: measure(group),
        shown: match &counted.of {
            Some(_) => group.sum.clone().unwrap_or_else(|| "—".to_owned()).into(),
            None => number(group.count).into(),
        },
    };
    let all: Vec<Bar<'_>> = groups.iter().take(BARS_MAX).map(bar).collect();
    let by = label(lang, &counted.by);
    let heading = match &counted.of {
        Some(of) => {
            let of = label(lang, of);
            format!("{}{of}{}{by}", lang.pick("各", "Sum of "), lang.pick("合计，按", " by "))
        }
        None => format!("{}{by}", lang.pick("行数，按", "Rows by ")),
    };
    html! {
        (bars(&heading, &all))
        @if more { p.meta { (lang.pick("只画了行数最多的 20 个值。", "Only the 20 values with the most rows are drawn.")) } }
    }
}

/// A count as the length of a bar.
fn counted_value(count: i64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> Shape {
        let field = |id: &str| Field { id: id.to_owned(), kind: "text".to_owned(), info: None };
        Shape { fields: vec![field("name"), field("kind")], primary_key: vec!["name".to_owned()] }
    }

    fn read(pairs: &[(&str, &str)]) -> Result<View, Fault> {
        View::read("/t".to_owned(), &shape(), Asked::of(pairs))
    }

    #[test]
    fn an_address_says_the_same_after_it_was_read() {
        let view =
            read(&[("f.kind", "10"), ("field", "name"), ("value", " 餐 "), ("sort", "-kind")])
                .unwrap();
        assert_eq!(
            view.parts,
            [("name".to_owned(), "餐".to_owned()), ("kind".to_owned(), "10".to_owned())]
        );
        assert_eq!(view.href(), "/t?f.name=%E9%A4%90&f.kind=10&sort=-kind");
        assert_eq!(view.with("kind", "").href(), "/t?f.name=%E9%A4%90&sort=-kind");
        let (order, next) = view.sorting(&shape().fields[1]).unwrap();
        assert_eq!(
            (order, next.as_str()),
            (Order::Descending, "/t?f.name=%E9%A4%90&f.kind=10&sort=kind")
        );
        // What is typed takes the place of what was looked for; nothing typed changes nothing.
        assert_eq!(
            read(&[("f.kind", "10"), ("field", "kind"), ("value", "20")]).unwrap().parts[0].1,
            "20"
        );
        assert_eq!(
            read(&[("f.kind", "10"), ("field", "kind"), ("value", " ")]).unwrap().parts[0].1,
            "10"
        );
    }

    #[test]
    fn unknown_columns_are_refused_by_name() {
        let fault = read(&[("f.knd", "10")]).unwrap_err();
        assert_eq!(fault.fields[0].text.en, "did you mean f.kind");
        assert!(read(&[("page", "0")]).is_err());
        assert!(read(&[("f.kind", &"长".repeat(201))]).is_err());
    }
}
