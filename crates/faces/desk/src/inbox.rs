//! The officer's inbox: mine or free for me, due first; filters with counts, own ones too; many tasks at once.

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_casework::{
    Arrangement, Bulk, COUNT_MAX, Counts, Filter, Inbox, InboxItem, SavedFilter, Side, Sought,
    Spot, Standing,
};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Visit, clock_time, redirect, short};
use zhengtong_ui::act::{key_hints, toolbar};
use zhengtong_ui::field::hidden;
use zhengtong_ui::frame::token;
use zhengtong_ui::lamp::{Light, Tone, clock_legend, lamp, tag};
use zhengtong_ui::layout::{Title, row, title};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, Choice, filters, link_button, submit};
use zhengtong_ui::table::{Column, Keys, Phone, Row, Slot, Table, code, cut, table, tick};
use zhengtong_ui::words::{counted, encode};
use zhengtong_ui::{Frame, Icon, icon};

use crate::arrange::{self, shows};
use crate::bench::{Bench, administers, reading, staff_only};
use crate::bulk;
use crate::clock::{held, task_clock, urgency};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk", get(home)).route("/desk/inbox", get(inbox).post(bulk::act))
}

/// The start of the workbench: administrators have theirs elsewhere.
async fn home(visit: Visit) -> Answer {
    staff_only(&visit)?;
    if administers(&visit) {
        return Ok(redirect("/admin"));
    }
    if crate::rating::watches(&visit) {
        return Ok(redirect("/desk/ratings"));
    }
    if crate::catalog::keeps(&visit) {
        return Ok(redirect("/desk/catalog"));
    }
    if visit.actor.roles.is_empty() {
        return Ok(redirect("/desk/me"));
    }
    if crate::board::supervises(&visit) {
        return Ok(redirect("/board/supervision"));
    }
    Ok(redirect("/desk/inbox"))
}

/// What an address of the inbox asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    filter: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    within: String,
    #[serde(default)]
    standing: String,
    #[serde(default)]
    urged: String,
    #[serde(default)]
    after: String,
    /// The act whose outcome is told.
    bulk: Option<Uuid>,
}

impl Wanted {
    /// Whether the address says what to look for; without it the inbox opens with the officer's first filter.
    fn says(&self) -> bool {
        let parts =
            [&self.filter, &self.kind, &self.role, &self.within, &self.standing, &self.urged];
        parts.iter().any(|part| !part.is_empty())
    }

    /// What is looked for.
    pub(crate) fn sought(&self) -> Sought {
        let some = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty());
        Sought {
            filter: Filter::parse(&self.filter),
            kind: some(&self.kind),
            role: some(&self.role),
            within: self.within.trim().parse().ok(),
            standing: match self.standing.as_str() {
                "stopped" => Standing::Stopped,
                "running" => Standing::Running,
                _ => Standing::Any,
            },
            urged: !self.urged.is_empty(),
            after: Spot::parse(&self.after),
            rows: 0,
        }
    }
}

/// The address of what is looked for, with its place.
pub(crate) fn address(sought: &Sought) -> String {
    let mut address = format!("/desk/inbox?filter={}", sought.filter.word());
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            address.extend(["&", name, "=", &encode(&value)]);
        }
    };
    add("kind", sought.kind.clone());
    add("role", sought.role.clone());
    add("within", sought.within.map(|days| days.to_string()));
    add("standing", standing_word(sought.standing).map(str::to_owned));
    add("urged", sought.urged.then(|| "1".to_owned()));
    add("after", sought.after.map(|spot| spot.word()));
    address
}

pub(crate) fn standing_word(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Any => None,
        Standing::Stopped => Some("stopped"),
        Standing::Running => Some("running"),
    }
}

/// Everything the page needs.
pub(crate) struct Shown {
    pub(crate) lang: Lang,
    pub(crate) sought: Sought,
    pub(crate) counts: Counts,
    pub(crate) today: Date,
    pub(crate) now: OffsetDateTime,
    /// The officer's own filters with their counts.
    pub(crate) saved: Vec<(SavedFilter, i64)>,
    pub(crate) arrangement: Arrangement,
    /// The case types by their words, for the filter.
    pub(crate) kinds: Vec<(String, String)>,
    /// The roles by their words, for the filter.
    pub(crate) roles: Vec<(String, String)>,
    pub(crate) heads: bool,
    pub(crate) account: Option<Uuid>,
    page: Inbox,
    bulk: Option<Bulk>,
}

async fn inbox(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let (shown, bench) = load(&visit, &mut ctx, &wanted).await?;
    ctx.commit().await?;
    Ok(draw(&visit, &bench, &shown))
}

async fn load(visit: &Visit, ctx: &mut Ctx, wanted: &Wanted) -> Result<(Shown, Bench), Fault> {
    let lang = visit.lang();
    let filters = zhengtong_casework::filters(ctx).await?;
    let arrangement = zhengtong_casework::arrangement(ctx).await?;
    let first = filters.iter().find(|filter| filter.first).filter(|_| !wanted.says());
    let mut sought = first.map_or_else(|| wanted.sought(), |filter| filter.sought.clone());
    sought.after = Spot::parse(&wanted.after);
    sought.rows = arrangement.rows;
    let page = zhengtong_casework::inbox(ctx, sought.clone()).await?;
    let mut saved = Vec::with_capacity(filters.len());
    for filter in filters {
        let count = zhengtong_casework::count(ctx, &filter.sought).await?;
        saved.push((filter, count));
    }
    let bulk = match wanted.bulk {
        Some(id) => zhengtong_casework::bulk(ctx, id).await.ok(),
        None => None,
    };
    let types = ctx.defs::<zhengtong_casework::Catalog>()?;
    let roles = ctx.defs::<zhengtong_party::Catalog>()?;
    let heads = ctx.actor.roles.iter().any(|role| role == "head");
    let bench = Bench::load(ctx).await?;
    let shown = Shown {
        lang,
        counts: bench.counts(),
        today: china_date(ctx.now),
        now: ctx.now,
        saved,
        arrangement,
        kinds: types
            .iter()
            .map(|(word, case_type)| (word.to_owned(), case_type.title.get(lang).to_owned()))
            .collect(),
        roles: roles
            .roles
            .iter()
            .filter(|(word, _)| heads || ctx.actor.roles.contains(word))
            .map(|(word, role)| (word.clone(), role.title.get(lang).to_owned()))
            .collect(),
        heads,
        account: ctx.actor.account,
        sought,
        page,
        bulk,
    };
    Ok((shown, bench))
}

fn draw(visit: &Visit, bench: &Bench, shown: &Shown) -> Response {
    let lang = shown.lang;
    let frame = bench.frame(visit, lang.pick("收件箱", "Inbox"));
    let body = html! {
        (title(&Title::new(lang.pick("收件箱", "Inbox")).meta(html! {
            (lang.pick("先到期的在前 · ", "Due first · ")) (clock_time(shown.now))
        }).actions(link_button(&Button::quiet(lang.pick("刷新", "Refresh")).icon(Icon::RefreshCw).key('r'), &visit.path))))
        @if let Some(done) = &shown.bulk { (bulk::outcome(&frame, done, shown.now, &address(&shown.sought))) }
        (pills(shown))
        (arrange::conditions(&frame, shown))
        div.flow-s data-fresh { (bench_table(&frame, shown)) }
        (hints(lang))
    };
    bench.page(visit, &frame, body)
}

fn pills(shown: &Shown) -> Markup {
    let lang = shown.lang;
    let here = shown.sought.plain();
    let pill = |filter: Filter, zh: &'static str, en: &'static str| {
        let sought = Sought::from(filter);
        let count = shown.counts.of(filter);
        let choice = Choice::new(lang.pick(zh, en), address(&sought));
        let choice = choice.count(count).counted_to(COUNT_MAX);
        if here == sought { choice.current() } else { choice }
    };
    let mut choices = vec![
        pill(Filter::All, "归我和待领", "Mine and free"),
        pill(Filter::Over, "超期", "Overdue").light(Light::Over),
        pill(Filter::Near, "今明到期", "Due soon").light(Light::Near),
        pill(Filter::Mine, "我的", "Mine"),
        pill(Filter::Free, "待领", "Free"),
        pill(Filter::Correcting, "补正中", "Waiting for papers"),
        pill(Filter::Unit, "全单位", "Whole unit"),
    ];
    for (filter, count) in &shown.saved {
        let name = if filter.first { format!("★ {}", filter.name) } else { filter.name.clone() };
        let choice = Choice::new(name, address(&filter.sought)).count(*count).counted_to(COUNT_MAX);
        choices.push(if here == filter.sought { choice.current() } else { choice });
    }
    filters(lang.pick("筛选", "Filter"), &choices)
}

fn bench_table(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = shown.lang;
    if shown.page.rows.is_empty() {
        return nothing(shown);
    }
    html! {
        form method="post" action="/desk/inbox" data-once {
            (token(frame))
            (hidden("back", &address(&shown.sought)))
            (flush(&Panel::default(), html! {
                (toolbar(acts(shown), html! { span.meta { (reach(shown)) } }))
                (table(lang, &rows(shown)))
            }))
        }
        (row(html! {
            (clock_legend(lang))
            div.push.row { (ways(shown)) }
        }))
        @if shown.page.rows.iter().any(|item| item.stopped.is_some()) {
            p.meta { (lang.pick(
                "停钟：检测、听证、专家评审等依法不计入期限，恢复那天到期日顺延。停着的件不算超期，也不算临期。",
                "Stopped: tests, hearings and expert reviews do not count by law; the due day moves on when the clock runs again. What stands still is neither late nor due soon.",
            )) }
        }
    }
}

/// What can be done with the ticked rows.
fn acts(shown: &Shown) -> Markup {
    let lang = shown.lang;
    if shown.sought.filter == Filter::Correcting {
        return html! { span.meta { (lang.pick("等申请人补材料；补齐后回到受理窗口", "These wait for papers of the applicant, then come back to the window")) } };
    }
    let accept =
        shown.page.rows.iter().any(|item| item.todo.outcomes.iter().any(|word| word == "accept"));
    html! {
        (submit(&Button::new(lang.pick("领取选中的", "Take the ticked")).key('e').sends("act", "claim")))
        @if accept && !shown.heads {
            (submit(&Button::secondary(lang.pick("受理选中的", "Accept the ticked")).key('a').sends("act", "accept")))
        }
        @if shown.heads {
            (submit(&Button::secondary(lang.pick("交给同事…", "Give to a colleague…")).key('t').sends("act", "assign")))
        }
        span.meta { (lang.pick("都能撤销", "Each can be undone")) }
    }
}

/// How many there are, as far as anybody counted.
fn reach(shown: &Shown) -> String {
    let lang = shown.lang;
    let own = shown.saved.iter().find(|(filter, _)| filter.sought == shown.sought.plain());
    let whole = Sought::from(shown.sought.filter) == shown.sought.plain();
    let count =
        own.map(|(_, count)| *count).or(whole.then(|| shown.counts.of(shown.sought.filter)));
    let here = shown.page.rows.len();
    match (lang, count) {
        (Lang::Zh, Some(count)) => {
            format!("本页 {here} 件，共 {} 件", counted(count, Some(COUNT_MAX)))
        }
        (Lang::En, Some(count)) => format!("{here} here of {}", counted(count, Some(COUNT_MAX))),
        (Lang::Zh, None) => format!("本页 {here} 件"),
        (Lang::En, None) => format!("{here} here"),
    }
}

/// To the start and to the next page. Pages go on from the last row, so nothing is skipped when rows before are done.
fn ways(shown: &Shown) -> Markup {
    let lang = shown.lang;
    html! {
        @if shown.sought.after.is_some() {
            (link_button(&Button::quiet(lang.pick("回到最前", "To the start")), &address(&shown.sought.plain())))
        }
        @if let Some(next) = shown.page.next {
            (link_button(
                &Button::secondary(lang.pick("下一页", "Next page")).icon(Icon::ChevronRight).key('n'),
                &address(&Sought { after: Some(next), ..shown.sought.clone() }),
            ))
        }
    }
}

fn nothing(shown: &Shown) -> Markup {
    let lang = shown.lang;
    let all = shown.sought == Sought { rows: shown.sought.rows, ..Sought::default() };
    empty(&Empty {
        icon: Icon::Inbox,
        title: if all {
            lang.pick("收件箱是空的，都办完了", "The inbox is empty: everything is done").into()
        } else {
            lang.pick("这个筛选下没有办件", "Nothing under this filter").into()
        },
        body: (!all).then(|| {
            html! {
                a href="/desk/inbox?filter=all" { (lang.pick("看全部", "Show all")) }
            }
        }),
    })
}

fn hints(lang: Lang) -> Markup {
    key_hints(&[
        (&["j", "k"], lang.pick("上下", "down, up")),
        (&["o"], lang.pick("打开", "open")),
        (&["x"], lang.pick("勾选", "tick")),
        (&["e"], lang.pick("领取", "take")),
        (&["/"], lang.pick("按办件号打开", "open by number")),
        (&["?"], lang.pick("全部快捷键", "all shortcuts")),
    ])
}

fn rows(shown: &Shown) -> Table<'_> {
    let lang = shown.lang;
    let column = |zh: &'static str, en: &'static str| Column::new(lang.pick(zh, en));
    let all = [
        ("limit", column("时限", "Limit").tight().slot(Slot::Left(1))),
        ("tick", column("选择", "Tick").quiet().tight().slot(Slot::Away)),
        ("service", Column::head(lang.pick("事项", "Service")).slot(Slot::Left(2))),
        ("number", column("办件号", "Number").tight().slot(Slot::Left(4))),
        ("applicant", column("申请人", "Applicant").slot(Slot::Left(3))),
        ("step", column("环节", "Step").tight().slot(Slot::Right(3))),
        ("days", column("本环节工作日", "Days of this step").tight().slot(Slot::Right(4))),
        ("due", column("到期", "Due").tight().slot(Slot::Right(1))),
        ("officer", column("承办", "Officer").tight().slot(Slot::Right(2))),
        ("submitted", column("提交", "Handed in").tight()),
        ("accepted", column("受理", "Accepted").tight()),
    ];
    let seen = |word: &str| shows(&shown.arrangement, word);
    let words: Vec<&str> = all.iter().map(|(word, _)| *word).filter(|word| seen(word)).collect();
    Table {
        caption: lang.pick("收件箱", "Inbox").into(),
        rows: shown.page.rows.iter().map(|item| table_row(shown, item, &words)).collect(),
        columns: all.into_iter().filter(|(word, _)| seen(word)).map(|(_, column)| column).collect(),
        phone: Phone::Card,
        keys: Keys::On,
        ..Table::default()
    }
}

fn table_row(shown: &Shown, item: &InboxItem, words: &[&str]) -> Row {
    let (lang, todo) = (shown.lang, &item.todo);
    let (light, limit) = match &item.stopped {
        Some((title, since)) => held(lang, title, *since, shown.today),
        None => urgency(lang, todo.due_day, item.days_left, shown.today),
    };
    let mine = todo.assignee.is_some() && todo.assignee == shown.account;
    let office = todo.side != Side::Applicant;
    // Who gives tasks out ticks any; others tick what is free, and what is theirs where it can be accepted.
    let ticks = office
        && (shown.heads
            || todo.assignee.is_none()
            || (mine && todo.outcomes.iter().any(|word| word == "accept")));
    let tick_words = format!("{} {}", lang.pick("选择", "Tick"), todo.case);
    let cell = |word: &&str| match *word {
        "limit" => lamp(light, &limit),
        "tick" => html! { @if ticks { (tick("todo", &todo.id.to_string(), &tick_words)) } },
        "service" => html! {
            a href={ "/desk/casework/" (todo.case) } { (item.title.get(lang)) }
            @if let Some((times, last)) = item.urged { " " (tag(Tone::Warn, &urged_words(lang, times, last))) }
        },
        "number" => code(&todo.case),
        "applicant" => cut(&item.applicant),
        "step" => html! { (todo.title.get(lang)) },
        "days" => task_clock(todo, &limit, shown.today),
        "due" => html! { (todo.due_day.map(short).unwrap_or_default()) },
        "officer" => officer(lang, item, mine),
        "submitted" => html! { (short(china_date(item.submitted_at))) },
        "accepted" => {
            html! { (item.accepted_at.map(|at| short(china_date(at))).unwrap_or_default()) }
        }
        _ => html! {},
    };
    Row::new(words.iter().map(cell).collect())
}

/// Who has the task, and who looks at the case just now.
fn officer(lang: Lang, item: &InboxItem, mine: bool) -> Markup {
    let todo = &item.todo;
    html! {
        @if todo.side == Side::Applicant { (tag(Tone::Plain, lang.pick("申请人", "Applicant"))) }
        @else if mine { (lang.pick("我", "Me")) }
        @else if let Some(name) = &todo.assignee_name { span.source { (icon(Icon::Lock)) span { (name) } } }
        @else { (tag(Tone::Line, lang.pick("待领", "Free"))) }
        @if let Some(name) = item.looking.as_ref().filter(|name| todo.assignee_name.as_ref() != Some(name)) {
            " " span.source { (icon(Icon::Eye)) span { (name) (lang.pick("在看", " looks")) } }
        }
    }
}

fn urged_words(lang: Lang, times: i64, last: Date) -> String {
    match lang {
        Lang::Zh => format!("催办 {times} 次 · {}", short(last)),
        Lang::En => format!("urged {times} × · {}", short(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_looked_for_and_is_read_back() {
        let sought = Sought {
            filter: Filter::Unit,
            kind: Some("food-business:licence".to_owned()),
            within: Some(7),
            standing: Standing::Stopped,
            urged: true,
            ..Sought::default()
        };
        let wanted = Wanted {
            filter: "unit".to_owned(),
            kind: "food-business:licence".to_owned(),
            within: "7".to_owned(),
            standing: "stopped".to_owned(),
            urged: "1".to_owned(),
            ..Wanted::default()
        };
        assert!(wanted.says() && !Wanted::default().says());
        assert_eq!(wanted.sought(), sought);
        assert_eq!(
            address(&sought),
            "/desk/inbox?filter=unit&kind=food-business%3Alicence&within=7&standing=stopped&urged=1"
        );
    }
}
