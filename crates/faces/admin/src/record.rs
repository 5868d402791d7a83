//! The record of acts, for the audit administrator: searching it, one entry with its proof, how to verify it.
//! Searching is an act as well and stands in the record. Pages go on from an entry, so that the last is as quick as
//! the first.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Limits};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time};
use zhengtong_ledger::{Entry, EntryId, InclusionProof, Search, SignedCheckpoint};
use zhengtong_ui::Icon;
use zhengtong_ui::field::{Field, Form, Input, Width, errors, form, hidden, text};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, panel};
use zhengtong_ui::press::{Button, actions, link_button, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::words::{encode, kept};
use zhengtong_ui::{Frame, Words};

use crate::bench::{Bench, ledger, reading};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/record", get(searched)).route("/admin/record/{id}", get(entry))
}

/// What is looked for, as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    /// Not before this moment, in China's civil time.
    #[serde(default)]
    from: String,
    /// Before the end of this moment.
    #[serde(default)]
    to: String,
    /// The account that acted.
    #[serde(default)]
    account: String,
    #[serde(default)]
    verb: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    thing: String,
    #[serde(default)]
    request: String,
    /// Only entries below this one.
    #[serde(default)]
    before: String,
}

impl Wanted {
    /// What a form of another page sent.
    pub(crate) fn of(fields: &Fields) -> Self {
        let get = |name: &str| fields.get(name).to_owned();
        Self {
            from: get("from"),
            to: get("to"),
            account: get("account"),
            verb: get("verb"),
            kind: get("kind"),
            thing: get("thing"),
            request: get("request"),
            before: String::new(),
        }
    }

    /// The names and values of what is looked for.
    fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("from", &self.from),
            ("to", &self.to),
            ("account", &self.account),
            ("verb", &self.verb),
            ("kind", &self.kind),
            ("thing", &self.thing),
            ("request", &self.request),
        ]
    }

    /// What cannot be read: then nothing is looked for, rather than something else.
    pub(crate) fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (name, text) in [("from", &self.from), ("to", &self.to)] {
            if !text.trim().is_empty() && moment(text, End::Begin).is_none() {
                errors.push(FieldError::new(
                    name,
                    "写成 2026-11-22 或 2026-11-22 08:30",
                    "write it like 2026-11-22 or 2026-11-22 08:30",
                ));
            }
        }
        if !self.account.trim().is_empty() && Uuid::parse_str(self.account.trim()).is_err() {
            errors.push(FieldError::new(
                "account",
                "账号编号在每条记录里，点“只看此人”就会填上",
                "the number of an account stands in each entry; follow “only this one”",
            ));
        }
        errors
    }

    /// What is looked for, for the record itself.
    pub(crate) fn search(&self) -> Search {
        let most = Limits::default().query_chars;
        let filled = |text: &str| {
            let text: String = text.trim().chars().take(most).collect();
            (!text.is_empty()).then_some(text)
        };
        Search {
            from: moment(&self.from, End::Begin),
            to: moment(&self.to, End::After),
            account: Uuid::parse_str(self.account.trim()).ok(),
            verb: filled(&self.verb),
            thing_kind: filled(&self.kind),
            thing: filled(&self.thing),
            request: filled(&self.request),
            ..Search::default()
        }
    }

    fn href(&self) -> String {
        let filled = self.pairs().into_iter().filter(|(_, value)| !value.trim().is_empty());
        let mut href = "/admin/record?".to_owned();
        for (name, value) in filled {
            href.push_str(name);
            href.push('=');
            href.push_str(&encode(value.trim()));
            href.push('&');
        }
        href
    }

    /// What was looked for, as the record keeps it.
    pub(crate) fn words(&self) -> String {
        self.pairs()
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| format!("{name}={}", value.trim()))
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(Limits::default().line_chars)
            .collect()
    }
}

/// Whether a day stands for its beginning or for the beginning of the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Begin,
    After,
}

/// A moment of China's civil time, from a day or a day with hour and minute.
fn moment(text: &str, end: End) -> Option<OffsetDateTime> {
    let china = UtcOffset::from_hms(8, 0, 0).ok()?;
    let text = text.trim().replace('T', " ");
    let (day, clock) = text.split_once(' ').unwrap_or((&text, ""));
    let date = Date::parse(day, format_description!("[year]-[month]-[day]")).ok()?;
    if clock.is_empty() {
        let begin = date.midnight().assume_offset(china);
        return Some(if end == End::After { begin + Duration::days(1) } else { begin });
    }
    let time = Time::parse(clock.trim(), format_description!("[hour]:[minute]")).ok()?;
    let at = date.with_time(time).assume_offset(china);
    Some(if end == End::After { at + Duration::minutes(1) } else { at })
}

/// Entries of one page, and whether there are more below.
struct Found {
    rows: Vec<Entry>,
    more: bool,
}

async fn searched(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let page = search(&mut ctx, &wanted).await?;
    let last = zhengtong_ledger::last_checkpoint(ctx.conn()).await?;
    let bench = Bench::of(&ctx);
    let exports = ctx.may("ledger.export", &ledger());
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("存证记录", "Record of acts"));
    let body = list_page(&frame, &wanted, &page, last.as_ref(), exports);
    Ok(bench.page(&visit, &frame, body))
}

/// Searches the record; that it was searched, and for what, stands in it too.
async fn search(ctx: &mut Ctx, wanted: &Wanted) -> Result<Found, Fault> {
    ctx.allow("ledger.search", &ledger())?;
    if !wanted.errors().is_empty() {
        return Ok(Found { rows: Vec::new(), more: false });
    }
    let most = Limits::default().page_rows;
    let before = wanted.before.trim().parse().ok().map(EntryId);
    let search = wanted.search();
    let mut rows = zhengtong_ledger::search_before(ctx.conn(), &search, before, most + 1).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    for entry in &mut rows {
        ctx.unveil(&mut entry.act)?;
    }
    let page = Found { rows, more };
    let act = ctx.act("ledger.search", "ledger", "").because(wanted.words());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(page)
}

async fn entry(visit: Visit, Path(id): Path<i64>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let (entry, proof) = opened(&mut ctx, EntryId(id)).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let heading = format!("{} {id}", visit.lang().pick("记录", "Entry"));
    let frame = Bench::frame(&visit, &heading);
    let body = entry_page(&frame, &entry, proof.as_ref());
    Ok(bench.page(&visit, &frame, body))
}

/// One entry, with its proof once it is sealed.
async fn opened(ctx: &mut Ctx, id: EntryId) -> Result<(Entry, Option<InclusionProof>), Fault> {
    ctx.allow("ledger.read", &ledger())?;
    let mut entry = zhengtong_ledger::find(ctx.conn(), id).await?;
    ctx.unveil(&mut entry.act)?;
    let proof = match zhengtong_ledger::prove(ctx.conn(), id).await {
        Ok(proof) => Some(proof),
        Err(zhengtong_ledger::Error::Unsealed(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let act = ctx.act("ledger.read", "ledger", id.0.to_string()).about(entry.act.subject);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok((entry, proof))
}

fn list_page(
    frame: &Frame<'_>,
    wanted: &Wanted,
    page: &Found,
    last: Option<&SignedCheckpoint>,
    exports: bool,
) -> Markup {
    let lang = frame.lang;
    html! {
        (title(&Title::new(lang.pick("存证记录", "Record of acts")).meta(html! {
            (lang.pick("谁在何时对什么做了什么；只看不改，您的查阅也记在里面", "Who did what to what and when; it can only be read, and your reading is in it too"))
        })))
        (split(
            html! {
                (errors(lang, &wanted.errors()))
                (filter_form(frame, wanted))
                @if page.rows.is_empty() {
                    (empty(&Empty { icon: Icon::SearchX, title: lang.pick("没有符合的记录", "No entry fits").into(), body: None }))
                } @else {
                    (flush(&Panel::default(), table(lang, &entries(lang, &page.rows))))
                    (onward(lang, wanted, page))
                    @if exports { (export_form(frame, wanted)) }
                }
            },
            html! { (checkpoint_panel(lang, last)) (verify_panel(lang)) },
        ))
    }
}

/// To older entries, and back to the latest.
fn onward(lang: Lang, wanted: &Wanted, page: &Found) -> Markup {
    let href = wanted.href();
    let below = page.rows.last().filter(|_| page.more).map(|last| last.id.0);
    html! {
        nav.row aria-label=(lang.pick("前后页", "Pages")) {
            @if !wanted.before.is_empty() { (link_button(&Button::secondary(lang.pick("回到最新", "To the latest")), &href)) }
            @if let Some(below) = below { (link_button(&Button::secondary(lang.pick("更早的", "Older")), &format!("{href}before={below}"))) }
        }
    }
}

/// Takes what was found away as a file, with a reason.
fn export_form(frame: &Frame<'_>, wanted: &Wanted) -> Markup {
    let lang = frame.lang;
    let field = Field::new("reason", lang.pick("为什么导出", "Why")).hint(lang.pick(
        "例如：配合某号审计。导出人、时间、理由写进存证，也写进文件",
        "Such as: for audit no. … Who, when and why go into the record and into the file",
    ));
    boxed(
        &Panel::new(lang.pick("导出查到的记录", "Export what was found")).id("export"),
        form(
            frame,
            &Form::post("/admin/record/export"),
            html! {
                (text(lang, &field, &Input::default().length_max(200)))
                (actions(submit(&Button::secondary(lang.pick("导出 CSV", "Export CSV")).icon(Icon::Download))))
                @for (name, value) in wanted.pairs() { (hidden(name, value)) }
            },
        ),
    )
}

fn filter_form(frame: &Frame<'_>, wanted: &Wanted) -> Markup {
    let lang = frame.lang;
    let line = |name: &'static str, zh: &'static str, en: &'static str, value: &str, width| {
        let input = Input::new(value.to_owned()).width(width);
        let wrong = wanted.errors();
        text(lang, &Field::new(name, lang.pick(zh, en)).errors(&wrong, lang).optional(), &input)
    };
    panel(
        &Panel::default(),
        form(
            frame,
            &Form::get("/admin/record"),
            html! {
                div.columns {
                    (line("from", "从（北京时间）", "From (China time)", &wanted.from, Width::Long))
                    (line("to", "到", "To", &wanted.to, Width::Long))
                    (line("verb", "动作开头，如 casework.", "Verb begins with, such as casework.", &wanted.verb, Width::Long))
                    (line("kind", "对象种类，如 case", "Kind of thing, such as case", &wanted.kind, Width::Long))
                    (line("thing", "对象编号，如办件号", "Thing, such as a case number", &wanted.thing, Width::Long))
                    (line("request", "页脚的本页编号", "Page number of a footer", &wanted.request, Width::Long))
                    (line("account", "谁（账号编号）", "Who (number of the account)", &wanted.account, Width::Long))
                }
                (actions(submit(&Button::secondary(lang.pick("查找", "Find")).icon(Icon::Search))))
            },
        ),
    )
}

fn entries<'a>(lang: Lang, rows: &[Entry]) -> Table<'a> {
    let rows = rows.iter().map(|entry| {
        let act = &entry.act;
        Row::new(vec![
            html! { a href={ "/admin/record/" (entry.id.0) } { (entry.id.0) } },
            html! { (clock_time(act.at)) },
            html! { (act.name) @if let Some(account) = act.account { p.meta { a href={ "/admin/record?account=" (account) } { (lang.pick("只看此人", "Only this one")) span.unseen { " " (act.name) } } } } },
            code(&act.verb),
            html! { (act.thing_kind) " " span.meta { (act.thing) } },
            html! { @if let Some(reason) = &act.reason { (kept(reason)) } },
        ])
    });
    Table {
        caption: lang.pick("存证记录", "Record of acts").into(),
        columns: vec![
            Column::head(lang.pick("编号", "Number")).tight(),
            Column::new(lang.pick("时间", "Time")).tight(),
            Column::new(lang.pick("谁", "Who")).tight(),
            Column::new(lang.pick("动作", "Verb")).tight(),
            Column::new(lang.pick("对象", "Thing")),
            Column::new(lang.pick("理由", "Reason")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn checkpoint_panel(lang: Lang, last: Option<&SignedCheckpoint>) -> Markup {
    let body = match last {
        None => {
            html! { p.soft { (lang.pick("还没有封存过。", "Nothing is sealed yet.")) } }
        }
        Some(signed) => checkpoint_rows(lang, signed),
    };
    boxed(&Panel::new(lang.pick("最近的检查点", "Last checkpoint")), body)
}

fn checkpoint_rows(lang: Lang, signed: &SignedCheckpoint) -> Markup {
    let checkpoint = &signed.checkpoint;
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(checkpoint.time_us) * 1_000);
    pairs([
        (lang.pick("封存条数", "Entries").into(), html! { (checkpoint.size) }),
        (lang.pick("时间", "Time").into(), html! { (at.map(clock_time).unwrap_or_default()) }),
        (lang.pick("根（SM3）", "Root (SM3)").into(), digest(&checkpoint.root.to_string())),
        (lang.pick("签名公钥", "Signed by").into(), digest(&signed.key.to_string())),
    ])
}

/// A long digest that may break anywhere.
fn digest(words: &str) -> Markup {
    let parts: Vec<&str> = words
        .as_bytes()
        .chunks(8)
        .map(|part| std::str::from_utf8(part).unwrap_or_default())
        .collect();
    html! { span.code { @for part in parts { (part) wbr; } } }
}

fn verify_panel(lang: Lang) -> Markup {
    boxed(
        &Panel::new(lang.pick("怎么核验", "How to verify")),
        html! {
            p { (lang.pick(
                "在服务器上运行下面的命令，会重算每一条；导出的文件在任何一台机器上都能离线核验。改动一个字节也会被指出来。",
                "Run these on the server: every entry is computed again. An exported file verifies offline on any machine. One changed byte is found.",
            )) }
            p { span.code { "zhengtong verify" } }
            p { span.code { "zhengtong verify --export record.jsonl" } }
            p { span.code { "zhengtong verify record.jsonl" } }
        },
    )
}

fn entry_page(frame: &Frame<'_>, entry: &Entry, proof: Option<&InclusionProof>) -> Markup {
    let lang = frame.lang;
    let links = [Link::new(lang.pick("存证记录", "Record of acts"), "/admin/record")];
    let sealed = match proof {
        Some(_) => lamp(Light::Ok, lang.pick("已封存", "Sealed")),
        None => lamp(Light::None, lang.pick("等待封存", "Waits to be sealed")),
    };
    html! {
        (crumbs(lang, &links, &entry.id.0.to_string()))
        (title(&Title::new(frame.title.as_ref()).beside(sealed)))
        (panel(&Panel::default(), pairs(act_rows(lang, entry))))
        @match proof {
            Some(proof) => (boxed(&Panel::new(lang.pick("包含证明", "Proof of inclusion")), pairs(proof_rows(lang, proof)))),
            None => (notice(&Notice::new(Mood::Info, lang.pick("几秒后封存，再打开就有证明", "It is sealed in a few seconds; open it again for its proof")))),
        }
    }
}

fn act_rows(lang: Lang, entry: &Entry) -> Vec<(Words<'static>, Markup)> {
    let act = &entry.act;
    let mut rows: Vec<(Words<'static>, Markup)> = vec![
        (lang.pick("时间", "Time").into(), html! { (act.at) }),
        (lang.pick("谁", "Who").into(), html! { (act.name) }),
        (lang.pick("动作", "Verb").into(), code(&act.verb)),
        (lang.pick("对象", "Thing").into(), html! { (act.thing_kind) " " (act.thing) }),
    ];
    let mut row = |zh: &'static str, en: &'static str, value: Option<String>| {
        if let Some(value) = value {
            rows.push((lang.pick(zh, en).into(), html! { (value) }));
        }
    };
    row("代表", "On behalf of", act.behalf.as_ref().map(|behalf| behalf.name.clone()));
    row("岗位", "Post", act.post.map(|post| post.to_string()));
    row("涉及的人", "Person it is about", act.subject.map(|subject| subject.to_string()));
    if let Some(reason) = &act.reason {
        rows.push((lang.pick("理由", "Reason").into(), kept(reason)));
    }
    let mut row = |zh: &'static str, en: &'static str, value: Option<String>| {
        if let Some(value) = value {
            rows.push((lang.pick(zh, en).into(), html! { (value) }));
        }
    };
    row("改前摘要", "Digest before", act.before.clone());
    row("改后摘要", "Digest after", act.after.clone());
    row("请求编号", "Request", Some(act.request.clone()));
    rows
}

fn proof_rows(lang: Lang, proof: &InclusionProof) -> Vec<(Words<'static>, Markup)> {
    vec![
        (
            lang.pick("叶的位置", "Place of the leaf").into(),
            html! { (proof.index) " / " (proof.checkpoint.checkpoint.size) },
        ),
        (lang.pick("叶（SM3）", "Leaf (SM3)").into(), digest(&proof.leaf.to_string())),
        (
            lang.pick("根（SM3）", "Root (SM3)").into(),
            digest(&proof.checkpoint.checkpoint.root.to_string()),
        ),
        (
            lang.pick("路径", "Path").into(),
            html! { @for step in &proof.path { p { (digest(&step.to_string())) } } },
        ),
        (lang.pick("签名公钥", "Signed by").into(), digest(&proof.checkpoint.key.to_string())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_form_asks_for_everything() {
        assert_eq!(Wanted::default().search(), Search::default());
        let wanted = Wanted { verb: " casework. ".to_owned(), ..Wanted::default() };
        assert_eq!(wanted.search().verb.as_deref(), Some("casework."));
        assert_eq!(wanted.words(), "verb=casework.");
        assert_eq!(wanted.href(), "/admin/record?verb=casework.&");
    }

    #[test]
    fn a_digest_can_break() {
        let html = digest(&"ab".repeat(32)).into_string();
        assert_eq!(html.matches("<wbr>").count(), 8);
    }
}
