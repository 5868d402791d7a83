//! What officers arrange in their inbox: more conditions, filters under names, columns and rows; and the list of keys.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Text};
use zhengtong_casework::{Arrangement, Filter, SavedFilter, Sought, Spot, Standing as Clockwise};
use zhengtong_http::{Answer, App, Fields, Visit, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::act::key;
use zhengtong_ui::field::{
    Field, Form, Input, Layout, Pick, Width, checkboxes, errors, form, hidden, select, text,
};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, row, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Open, Panel, boxed, fold};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use crate::bench::{Bench, reading, staff_only};
use crate::inbox::{Shown, address, standing_word};

/// Columns that one may choose, with their words, and whether they are there without a choice.
const COLUMNS: [(&str, &str, &str, bool); 8] = [
    ("number", "办件号", "Number", true),
    ("applicant", "申请人", "Applicant", true),
    ("step", "环节", "Step", true),
    ("days", "本环节工作日", "Days of this step", true),
    ("due", "到期", "Due", true),
    ("officer", "承办", "Officer", true),
    ("submitted", "提交日", "Day handed in", false),
    ("accepted", "受理日", "Day accepted", false),
];
/// Rows that a page may have.
const ROWS: [&str; 3] = ["50", "200", "1000"];

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/inbox/filters", get(mine).post(save))
        .route("/desk/inbox/filters/{id}/first", post(first))
        .route("/desk/inbox/filters/{id}/drop", post(forget))
        .route("/desk/inbox/columns", post(columns))
        .route("/desk/keys", get(keys))
}

/// Whether a column is shown: the limit, the box and the service always are.
pub(crate) fn shows(arrangement: &Arrangement, word: &str) -> bool {
    let Some((_, _, _, usual)) = COLUMNS.iter().find(|(column, ..)| *column == word) else {
        return true;
    };
    if arrangement.columns.is_empty() {
        *usual
    } else {
        arrangement.columns.iter().any(|one| one == word)
    }
}

/// More conditions, and how this page is arranged.
pub(crate) fn conditions(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = shown.lang;
    let sought = &shown.sought;
    let narrowed = sought.plain() != Sought::from(sought.filter);
    let own = shown.saved.iter().find(|(filter, _)| filter.sought == sought.plain());
    html! {
        (row(html! {
            (fold(lang.pick("更多条件、存为筛选", "More conditions, keep as a filter"), if narrowed { Open::Yes } else { Open::No }, html! {
                (narrow(frame, shown))
                @if narrowed && own.is_none() { (keep(frame, shown)) }
                p { a href="/desk/inbox/filters" { (lang.pick("管理我的筛选", "Manage my filters")) } }
            }))
            (fold(lang.pick("列和行数", "Columns and rows"), Open::No, columns_form(frame, shown)))
        }))
    }
}

fn narrow(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let (lang, sought) = (shown.lang, &shown.sought);
    let any = || Pick::new("", lang.pick("不限", "Any"));
    let mut kinds = vec![any()];
    kinds.extend(shown.kinds.iter().map(|(word, title)| Pick::new(word.clone(), title.clone())));
    let mut roles = vec![any()];
    roles.extend(shown.roles.iter().map(|(word, title)| Pick::new(word.clone(), title.clone())));
    let standing = [
        any(),
        Pick::new("running", lang.pick("在走", "Running")),
        Pick::new("stopped", lang.pick("停着", "Stopped")),
    ];
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).optional()
    };
    let within = sought.within.map(|days| days.to_string()).unwrap_or_default();
    let urged = if sought.urged { "1" } else { "" };
    form(
        frame,
        &Form::get("/desk/inbox"),
        html! {
            (hidden("filter", sought.filter.word()))
            (select(lang, &field("kind", "事项类型", "Kind of case"), &kinds, sought.kind.as_deref().unwrap_or_default()))
            @if shown.roles.len() > 1 {
                (select(lang, &field("role", "岗位", "Role"), &roles, sought.role.as_deref().unwrap_or_default()))
            }
            (text(lang, &field("within", "几天内到期", "Due within days"), &Input::new(within).width(Width::Short)))
            (select(lang, &field("standing", "时钟", "Clock"), &standing, standing_word(sought.standing).unwrap_or_default()))
            (checkboxes(lang, &field("urged", "催办", "Urged"), &[Pick::new("1", lang.pick("只看申请人催过的", "Only what applicants urged"))], &[urged], Layout::Down))
            (actions(submit(&Button::secondary(lang.pick("按条件看", "Show these")))))
        },
    )
}

fn keep(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = shown.lang;
    form(
        frame,
        &Form::post("/desk/inbox/filters"),
        html! {
            (carried(&shown.sought))
            (text(lang, &Field::new("name", lang.pick("存成筛选，叫什么", "Keep as a filter named")), &Input::new("").width(Width::Long).length_max(20)))
            (checkboxes(lang, &Field::new("first", lang.pick("打开方式", "When opening")).optional(), &[Pick::new("1", lang.pick("打开收件箱先看它", "Open the inbox with it"))], &[], Layout::Down))
            (actions(submit(&Button::secondary(lang.pick("存为筛选", "Keep filter")))))
        },
    )
}

/// What is looked for, as hidden fields.
fn carried(sought: &Sought) -> Markup {
    html! {
        (hidden("filter", sought.filter.word()))
        (hidden("kind", sought.kind.as_deref().unwrap_or_default()))
        (hidden("role", sought.role.as_deref().unwrap_or_default()))
        (hidden("within", &sought.within.map(|days| days.to_string()).unwrap_or_default()))
        (hidden("standing", standing_word(sought.standing).unwrap_or_default()))
        (hidden("urged", if sought.urged { "1" } else { "" }))
    }
}

fn columns_form(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = shown.lang;
    let options: Vec<Pick<'_>> =
        COLUMNS.iter().map(|(word, zh, en, _)| Pick::new(*word, lang.pick(zh, en))).collect();
    let chosen: Vec<&str> = COLUMNS
        .iter()
        .map(|(word, ..)| *word)
        .filter(|word| shows(&shown.arrangement, word))
        .collect();
    let rows: Vec<Pick<'_>> = ROWS.iter().map(|rows| Pick::new(*rows, *rows)).collect();
    form(
        frame,
        &Form::post("/desk/inbox/columns"),
        html! {
            (hidden("back", &address(&shown.sought)))
            (checkboxes(lang, &Field::new("column", lang.pick("要看的列", "Columns to see")).optional(), &options, &chosen, Layout::Down))
            (select(lang, &Field::new("rows", lang.pick("一页几件", "Rows of a page")), &rows, &shown.sought.rows().to_string()))
            (actions(submit(&Button::secondary(lang.pick("记住", "Keep")))))
        },
    )
}

async fn columns(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let known = |name: &str| COLUMNS.iter().any(|(word, ..)| *word == name);
    let columns: Vec<String> = fields
        .0
        .iter()
        .filter(|(name, value)| name == "column" && known(value))
        .map(|(_, value)| value.clone())
        .collect();
    let rows = fields.get("rows").parse().unwrap_or(0);
    zhengtong_casework::arrange(&mut ctx, &Arrangement { columns, rows }).await?;
    ctx.commit().await?;
    let back = Some(fields.get("back")).filter(|to| to.starts_with("/desk/inbox?"));
    Ok(redirect(back.unwrap_or("/desk/inbox")))
}

async fn save(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let some = |name: &str| Some(fields.get(name).to_owned()).filter(|word| !word.is_empty());
    let sought = Sought {
        filter: Filter::parse(fields.get("filter")),
        kind: some("kind"),
        role: some("role"),
        within: fields.get("within").parse().ok(),
        standing: match fields.get("standing") {
            "stopped" => Clockwise::Stopped,
            "running" => Clockwise::Running,
            _ => Clockwise::Any,
        },
        urged: fields.has("urged", "1"),
        after: None::<Spot>,
        rows: 0,
    };
    let mut ctx = visit.act(&fields).await?;
    let first = fields.has("first", "1");
    match zhengtong_casework::save_filter(&mut ctx, fields.get("name"), &sought, first).await {
        Ok(_kept) => {
            ctx.commit().await?;
            Ok(redirect(&address(&sought)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let (errors, kind) = (error.fields(), error.kind());
            let said = errors.is_empty().then(|| error.text());
            show(&visit, Typed { sought: Some(sought), errors, said, kind: Some(kind) }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn first(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let wanted = (!fields.has("off", "1")).then_some(id);
    zhengtong_casework::open_with(&mut ctx, wanted).await?;
    ctx.commit().await?;
    Ok(redirect("/desk/inbox/filters"))
}

async fn forget(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    zhengtong_casework::drop_filter(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect("/desk/inbox/filters"))
}

/// A filter that came back.
#[derive(Default)]
struct Typed {
    sought: Option<Sought>,
    errors: Vec<FieldError>,
    said: Option<Text>,
    kind: Option<Kind>,
}

async fn mine(visit: Visit) -> Answer {
    show(&visit, Typed::default()).await
}

async fn show(visit: &Visit, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let kept = zhengtong_casework::filters(&mut ctx).await?;
    let types = ctx.defs::<zhengtong_casework::Catalog>()?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("我的筛选", "My filters");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let entries: Vec<Entry> = kept.iter().map(|filter| entry(&frame, filter, &types)).collect();
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox")], heading))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "在收件箱选好条件，点“存为筛选”，就会出现在这里和收件箱上方，带着件数。",
            "Choose conditions in the inbox and keep them as a filter: it stands here and above the inbox with its count.",
        )) })))
        @if let Some(sought) = &typed.sought {
            (form(&frame, &Form::post("/desk/inbox/filters"), html! {
                (carried(sought))
                (text(lang, &Field::new("name", lang.pick("筛选的名字", "Name of the filter")).errors(&typed.errors, lang), &Input::new("").length_max(20)))
                (actions(submit(&Button::new(lang.pick("存为筛选", "Keep filter")))))
            }))
        }
        (boxed(&Panel::new(heading), html! {
            @if entries.is_empty() { p.soft { (lang.pick("还没有存过筛选。", "No filter is kept yet.")) } }
            (list(&entries))
        }))
    };
    Ok(match typed.kind {
        Some(kind) => bench.refused(visit, &frame, body, kind),
        None => bench.page(visit, &frame, body),
    })
}

fn entry(frame: &Frame<'_>, filter: &SavedFilter, types: &zhengtong_casework::Catalog) -> Entry {
    let lang = frame.lang;
    let base = format!("/desk/inbox/filters/{}", filter.id);
    let (words, off) = if filter.first {
        (lang.pick("不再先看它", "No longer first"), "1")
    } else {
        (lang.pick("打开先看它", "Open with it"), "")
    };
    let entry = Entry::link(&filter.name, &address(&filter.sought))
        .note(html! { (described(lang, &filter.sought, types)) })
        .end(html! {
            div.row {
                (post_button(&format!("{base}/first"), token(frame), &Button::quiet(words).sends("off", off)))
                (post_button(&format!("{base}/drop"), token(frame), &Button::quiet(lang.pick("删掉", "Remove"))))
            }
        });
    if filter.first {
        entry.above(tag(Tone::Active, lang.pick("打开先看", "Opens first")))
    } else {
        entry
    }
}

/// What a filter looks for, in words.
fn described(lang: Lang, sought: &Sought, types: &zhengtong_casework::Catalog) -> String {
    let mut parts = vec![filter_words(lang, sought.filter).to_owned()];
    if let Some(kind) = &sought.kind {
        let title = types.get(kind).map(|found| found.title.get(lang).to_owned());
        parts.push(title.unwrap_or_else(|| kind.clone()));
    }
    if let Some(days) = sought.within {
        parts.push(match lang {
            Lang::Zh => format!("{days} 天内到期"),
            Lang::En => format!("due within {days} days"),
        });
    }
    match sought.standing {
        Clockwise::Any => {}
        Clockwise::Running => parts.push(lang.pick("时钟在走", "clock running").to_owned()),
        Clockwise::Stopped => parts.push(lang.pick("时钟停着", "clock stopped").to_owned()),
    }
    if sought.urged {
        parts.push(lang.pick("申请人催过", "urged").to_owned());
    }
    parts.join(" · ")
}

pub(crate) fn filter_words(lang: Lang, filter: Filter) -> &'static str {
    match filter {
        Filter::All => lang.pick("归我和待领", "Mine and free"),
        Filter::Mine => lang.pick("我的", "Mine"),
        Filter::Free => lang.pick("待领", "Free"),
        Filter::Over => lang.pick("超期", "Overdue"),
        Filter::Near => lang.pick("今明到期", "Due soon"),
        Filter::Correcting => lang.pick("补正中", "Waiting for papers"),
        Filter::Unit => lang.pick("全单位", "Whole unit"),
    }
}

async fn keys(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    // Whoever may not arrange an inbox has no use for its keys.
    zhengtong_casework::filters(&mut ctx).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("快捷键", "Keyboard shortcuts");
    let frame = bench.frame(&visit, heading);
    let all: [(&[&str], &str); 12] = [
        (&["j", "k"], lang.pick("列表里往下、往上", "down and up in a list")),
        (&["o"], lang.pick("打开这一件", "open this one")),
        (&["x"], lang.pick("勾选这一件", "tick this one")),
        (&["e"], lang.pick("领取勾选的", "take the ticked")),
        (
            &["a"],
            lang.pick(
                "受理勾选的，10 秒内能撤销",
                "accept the ticked; can be undone for 10 seconds",
            ),
        ),
        (&["t"], lang.pick("把勾选的交给同事（负责人）", "give the ticked to a colleague (heads)")),
        (&["z"], lang.pick("撤销刚才那一步", "undo what was just done")),
        (&["n"], lang.pick("下一页", "next page")),
        (&["r"], lang.pick("刷新，位置不变", "refresh and stay in place")),
        (&["/"], lang.pick("按办件号打开", "open by case number")),
        (&["?"], lang.pick("看这张表", "this list")),
        (
            &["Tab", "Enter"],
            lang.pick(
                "不用快捷键也都能办：逐项走，回车按下",
                "everything also works without: walk with Tab, press with Enter",
            ),
        ),
    ];
    let rows = all.iter().map(|(keys, words)| {
        Row::new(vec![html! { @for one in *keys { (key(one)) " " } }, html! { (words) }])
    });
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick("正在打字时不起作用。", "They do nothing while you type.")) })))
        (table(lang, &Table {
            caption: heading.into(),
            columns: vec![Column::head(lang.pick("键", "Key")).tight(), Column::new(lang.pick("做什么", "What it does"))],
            rows: rows.collect(),
            ..Table::default()
        }))
    };
    Ok(bench.page(&visit, &frame, body))
}
