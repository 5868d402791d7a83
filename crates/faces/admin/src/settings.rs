//! Every setting: those that change while the platform runs, and those of the configuration with where each is from.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_http::{Answer, App, Visit, clock_time};
use zhengtong_setting::{Present, Shape};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::table::{Column, Row, Table, code, table};

use crate::bench::{Bench, reading};
use crate::console::{Configured, Console, Origin};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/settings", get(shown))
}

async fn shown(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let live = zhengtong_setting::list(&mut ctx).await?;
    let console = ctx.defs::<Console>()?;
    let changeable: Vec<bool> = live
        .iter()
        .map(|one| ctx.may("setting.change", &zhengtong_setting::thing(one.definition)))
        .collect();
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("设置", "Settings"));
    let body = page(visit.lang(), &live, &changeable, &console.settings);
    Ok(bench.page(&visit, &frame, body))
}

fn page(lang: Lang, live: &[Present], changeable: &[bool], configured: &[Configured]) -> Markup {
    html! {
        (title(&Title::new(lang.pick("设置", "Settings")).meta(html! {
            (lang.pick("每一项都写着默认值、现在的值和来处；密码不显示", "Each with its default, its value and where that is from; secrets are not shown"))
        })))
        (flush(&Panel::new(lang.pick("运行中可以改", "Changed while it runs")).note(html! {
            span.meta { (lang.pick("改动写明理由，所有节点立即生效，可以退回", "With a reason, in force on all nodes at once, and can be taken back")) }
        }), table(lang, &live_table(lang, live, changeable, configured))))
        @for (section, rows) in sections(configured) {
            (flush(&Panel::new(section_words(lang, section)).note(html! { span.meta { "[" (section) "]" } }), table(lang, &table_of(lang, section, &rows))))
        }
        p.meta { (lang.pick("配置文件里的设置改完要重启；命令 zhengtong config print --effective 也能看到同样的表。",
            "Settings of the file hold after a restart; zhengtong config print --effective shows the same.")) }
    }
}

/// The settings by the first word of their keys, in the order in which they come.
fn sections(configured: &[Configured]) -> Vec<(&str, Vec<&Configured>)> {
    let mut sections: Vec<(&str, Vec<&Configured>)> = Vec::new();
    for one in configured {
        let section = one.key.split('.').next().unwrap_or_default();
        match sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, rows)) => rows.push(one),
            None => sections.push((section, vec![one])),
        }
    }
    sections
}

fn section_words(lang: Lang, section: &str) -> String {
    let known = [
        ("server", "服务", "Server"),
        ("database", "数据库", "Database"),
        ("data", "数据目录", "Data folder"),
        ("packs", "包", "Packs"),
        ("city", "城市", "City"),
        ("log", "日志", "Log"),
        ("metrics", "指标", "Metrics"),
        ("trace", "链路跟踪", "Traces"),
        ("backup", "备份", "Backup"),
        ("keys", "密钥", "Keys"),
        ("limits", "流量限制", "Rate limits"),
        ("identity", "身份", "Identity"),
        ("passwords", "密码", "Passwords"),
        ("upload", "上传", "Uploads"),
        ("egress", "对外访问", "Outgoing requests"),
        ("mail", "邮件", "Mail"),
        ("sms", "短信", "Texts"),
        ("signon", "单点登录", "Single sign-on"),
    ];
    let words = known.iter().find(|(key, ..)| *key == section);
    words.map_or_else(|| section.to_owned(), |(_, zh, en)| lang.pick(zh, en).to_owned())
}

/// The value in words, with its unit; `none` says what the lack of one means.
pub(crate) fn value_words(lang: Lang, present: &Present) -> String {
    match (present.value(), present.definition.shape) {
        (Some(value), Shape::Number { unit, .. }) => {
            format!("{} {}", value.show(lang), lang.pick(unit.0, unit.1))
        }
        (Some(value), _) => value.show(lang),
        (None, Shape::Filter | Shape::Paths | Shape::Number { .. }) => {
            lang.pick("按配置文件", "As configured").to_owned()
        }
        (None, _) => lang.pick("没有", "None").to_owned(),
    }
}

/// The value in force in words: where nobody set one and the configuration holds, what stands there.
pub(crate) fn in_force(lang: Lang, present: &Present, configured: &[Configured]) -> String {
    let of_file = configured.iter().find(|one| one.key == present.definition.key);
    match (present.value(), present.definition.shape, of_file) {
        (None, Shape::Number { unit, .. }, Some(one)) => {
            let from = lang.pick("按配置文件", "as configured");
            format!("{} {} · {from}", one.value, lang.pick(unit.0, unit.1))
        }
        _ => value_words(lang, present),
    }
}

fn live_table<'a>(
    lang: Lang,
    live: &[Present],
    changeable: &[bool],
    configured: &[Configured],
) -> Table<'a> {
    let rows = live.iter().zip(changeable).map(|(one, changeable)| {
        let definition = one.definition;
        let href = format!("/admin/settings/{}", definition.key);
        let origin = match &one.change {
            Some(change) if one.changed().is_some() => {
                html! { (tag(Tone::Active, lang.pick("改过", "Changed"))) " " span.meta { (change.name) " " (clock_time(change.at)) } }
            }
            _ => tag(Tone::Plain, lang.pick("默认", "Default")),
        };
        let act = if *changeable { lang.pick("看和改", "Look, change") } else { lang.pick("看", "Look") };
        Row::new(vec![
            html! { a href=(href) { strong { (lang.pick(definition.name.0, definition.name.1)) } } p.meta { (lang.pick(definition.meaning.0, definition.meaning.1)) } p { (code(definition.key)) } },
            html! { (in_force(lang, one, configured)) },
            origin,
            html! { a href=(href) { (act) span.unseen { " " (lang.pick(definition.name.0, definition.name.1)) } } },
        ])
    });
    Table {
        caption: lang.pick("运行中可以改的设置", "Settings that change while it runs").into(),
        columns: vec![
            Column::head(lang.pick("设置", "Setting")),
            Column::new(lang.pick("现在", "Now")),
            Column::new(lang.pick("来处", "From")),
            Column::new(lang.pick("操作", "Act")).quiet().tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn table_of<'a>(lang: Lang, section: &str, rows: &[&Configured]) -> Table<'a> {
    let rows = rows.iter().map(|one| {
        let same = one.value == one.default;
        Row::new(vec![
            html! { (code(&one.key)) p.meta { (one.meaning.get(lang)) } },
            value_cell(&one.value),
            html! { @if same { span.meta { (lang.pick("同左", "the same")) } } @else { (value_cell(&one.default)) } },
            origin(lang, &one.origin),
        ])
    });
    Table {
        caption: section.to_owned().into(),
        columns: vec![
            Column::head(lang.pick("设置", "Setting")),
            Column::new(lang.pick("现在", "Now")),
            Column::new(lang.pick("默认", "Default")),
            Column::new(lang.pick("来处", "From")),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

/// A value as it is written in the file; a long one may break.
fn value_cell(value: &str) -> Markup {
    if value.chars().count() > 32 {
        html! { (value) }
    } else {
        code(value)
    }
}

fn origin(lang: Lang, origin: &Origin) -> Markup {
    let named = |zh, en, name: &str| html! { (tag(Tone::Active, lang.pick(zh, en))) " " span.meta { (name) } };
    match origin {
        Origin::Default => tag(Tone::Plain, lang.pick("默认", "Default")),
        Origin::File(path) => named("文件", "File", path),
        Origin::Environment(name) => named("环境变量", "Environment", name),
        Origin::Flag => tag(Tone::Active, lang.pick("命令行", "Command line")),
    }
}

#[cfg(test)]
mod tests {
    use zhengtong_base::Text;

    use super::*;

    #[test]
    fn settings_stand_in_their_sections() {
        let one = |key: &str, value: &str, origin| Configured {
            key: key.to_owned(),
            meaning: Text::new("意思", "meaning"),
            value: value.to_owned(),
            default: "\"a\"".to_owned(),
            origin,
        };
        let rows = [
            one(
                "server.listen",
                "\"b\"",
                Origin::Environment("ZHENGTONG__SERVER__LISTEN".to_owned()),
            ),
            one("log.level", "\"a\"", Origin::Default),
            one("server.x", "\"a\"", Origin::File("/etc/z.toml".to_owned())),
        ];
        let found = sections(&rows);
        assert_eq!(
            found.iter().map(|(name, rows)| (*name, rows.len())).collect::<Vec<_>>(),
            [("server", 2), ("log", 1)]
        );
        let html = page(Lang::En, &[], &[], &rows).into_string();
        assert!(html.contains("ZHENGTONG__SERVER__LISTEN") && html.contains("/etc/z.toml"));
        assert!(html.contains("the same") && html.contains("[server]"));
    }
}
