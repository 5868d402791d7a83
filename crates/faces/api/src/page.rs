//! The description as a page for people, drawn on the server from the OpenAPI document alone.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde_json::Value;
use zhengtong_base::Lang;
use zhengtong_http::{Answer, Visit, see};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page as frame_page, section, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Open, Panel, flush, fold};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::{Place, hall};

use crate::asked::Asked;
use crate::document::{document, operations, takes};

#[utoipa::path(
    get, path = "/api", operation_id = "page", tag = "about",
    summary = "给人看的接口说明 / The interface for people",
    description = "同一份说明，网页。 / The same description as a page.",
    responses((status = 200, description = "网页 / A page", body = String, content_type = "text/html")),
)]
pub(crate) async fn page(visit: Visit, asked: Asked) -> Answer {
    asked.only(&[])?;
    let frame = visit.frame(visit.lang().pick("接口说明", "Interfaces"), Place::Elsewhere);
    Ok(see(hall(&frame, body(frame.lang))))
}

fn body(lang: Lang) -> Markup {
    let lead = html! { (words(lang, text(document(), "/info/description"))) };
    frame_page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/")], lang.pick("接口说明", "Interfaces")))
        div.flow-l {
            (title(&Title::new(lang.pick("接口说明", "Interfaces")).lead(lead)))
            p { (lang.pick("机器可读的同一份说明：", "The same for machines: ")) a href="/openapi.json" { "/openapi.json" }
                " · " (lang.pick("版本 ", "version ")) (text(document(), "/info/version")) }
            @for (name, about) in tags() { (group(lang, name, about)) }
            (types(lang))
        }
    })
}

/// The groups of operations in the order of the document.
fn tags() -> Vec<(&'static str, &'static str)> {
    let tags = document().get("tags").and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (text(tag, "/name"), text(tag, "/description"))).collect()
}

fn group(lang: Lang, name: &str, about: &str) -> Markup {
    let here = operations().filter(|(_, _, operation)| text(operation, "/tags/0") == name);
    section(
        &Heading::new(format!("group-{name}"), words(lang, about)),
        html! {
            @for (method, path, said) in here { (operation(lang, method, path, said)) }
        },
    )
}

fn operation(lang: Lang, method: &str, path: &str, said: &Value) -> Markup {
    let heading =
        format!("{} {path} · {}", method.to_uppercase(), words(lang, text(said, "/summary")));
    fold(
        &heading,
        Open::No,
        html! {
            p { (words(lang, text(said, "/description"))) }
            @match (takes(said, "session"), takes(said, "token")) {
                (true, true) => { p { (tag(Tone::Line, lang.pick("要登录，或者系统自己的令牌", "Needs a login, or the token of a system"))) } },
                (true, false) => { p { (tag(Tone::Line, lang.pick("要登录", "Needs a login"))) } },
                (false, true) => { p { (tag(Tone::Line, lang.pick("要系统自己的令牌", "Needs the token of a system"))) } },
                (false, false) => {},
            }
            (parameters(lang, &heading, said))
            (responses(lang, &heading, said))
        },
    )
}

fn parameters(lang: Lang, of: &str, said: &Value) -> Markup {
    let mut rows: Vec<Row> = list(said, "parameters")
        .map(|parameter| {
            let place = match text(parameter, "/in") {
                "path" => lang.pick("地址里", "in the address"),
                "header" => lang.pick("请求头里", "in a header"),
                _ => lang.pick("问号后", "after the question mark"),
            };
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            Row::new(vec![
                code(text(parameter, "/name")),
                html! { (place) },
                shape(lang, schema),
                html! { (words(lang, text(parameter, "/description"))) },
            ])
        })
        .collect();
    let bodies = said.pointer("/requestBody/content").and_then(Value::as_object);
    for (kind, body) in bodies.into_iter().flatten() {
        let schema = body.get("schema").unwrap_or(&Value::Null);
        rows.push(Row::new(vec![
            code(kind),
            html! { (lang.pick("请求内容", "in the body")) },
            shape(lang, schema),
            html! { (words(lang, text(said, "/requestBody/description"))) },
        ]));
    }
    if rows.is_empty() {
        return html! { p.soft { (lang.pick("不带参数。", "No parameters.")) } };
    }
    let columns = [
        lang.pick("参数", "Parameter"),
        lang.pick("位置", "Where"),
        lang.pick("类型", "Type"),
        lang.pick("说明", "Meaning"),
    ];
    grid(lang, format!("{}：{of}", lang.pick("参数", "Parameters")), &columns, rows)
}

fn responses(lang: Lang, of: &str, said: &Value) -> Markup {
    let all: BTreeMap<&String, &Value> =
        said.get("responses").and_then(Value::as_object).into_iter().flatten().collect();
    let rows = all
        .into_iter()
        .map(|(status, response)| {
            let content = response.get("content").and_then(Value::as_object);
            let (kind, body) = content
                .and_then(|content| content.iter().next())
                .map_or(("", &Value::Null), |(kind, body)| (kind.as_str(), body));
            let schema = body.get("schema").unwrap_or(&Value::Null);
            Row::new(vec![
                code(status),
                html! { (words(lang, text(response, "/description"))) },
                html! { (code(kind)) },
                shape(lang, schema),
            ])
        })
        .collect();
    let columns = [
        lang.pick("状态码", "Status"),
        lang.pick("什么时候", "When"),
        lang.pick("格式", "Format"),
        lang.pick("内容", "Content"),
    ];
    grid(lang, format!("{}：{of}", lang.pick("回答", "Answers")), &columns, rows)
}

fn types(lang: Lang) -> Markup {
    let schemas = document().pointer("/components/schemas").and_then(Value::as_object);
    section(
        &Heading::new("types", lang.pick("数据类型", "Types")),
        html! {
            @for (name, schema) in schemas.into_iter().flatten() {
                div id=(anchor(name)) {
                    (fold(
                        &format!("{name} · {}", words(lang, text(schema, "/description"))),
                        Open::Yes,
                        fields(lang, name, schema),
                    ))
                }
            }
        },
    )
}

fn fields(lang: Lang, name: &str, schema: &Value) -> Markup {
    let required: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
    let rows = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(field, inner)| {
            let always = if required.contains(&field.as_str()) {
                lang.pick("必有", "always")
            } else {
                lang.pick("可空", "may be null")
            };
            Row::new(vec![
                code(field),
                shape(lang, inner),
                html! { (always) },
                html! { (words(lang, text(inner, "/description"))) },
            ])
        })
        .collect();
    let columns = [
        lang.pick("字段", "Field"),
        lang.pick("类型", "Type"),
        lang.pick("有无", "Present"),
        lang.pick("说明", "Meaning"),
    ];
    grid(lang, format!("{}：{name}", lang.pick("字段", "Fields")), &columns, rows)
}

fn grid(lang: Lang, caption: String, columns: &[&str; 4], rows: Vec<Row>) -> Markup {
    let [first, rest @ ..] = columns;
    let head = std::iter::once(Column::head((*first).to_owned()));
    flush(
        &Panel::default(),
        table(
            lang,
            &Table {
                caption: caption.into(),
                columns: head
                    .chain(rest.iter().map(|name| Column::new((*name).to_owned())))
                    .collect(),
                rows,
                ..Table::default()
            },
        ),
    )
}

/// The shape of a value: a link to a type, a list of something, or a plain word.
fn shape(lang: Lang, schema: &Value) -> Markup {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(last) {
        return html! { a href={ "#" (anchor(name)) } { (code(name)) } };
    }
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let real = choices.iter().find(|choice| text(choice, "/type") != "null");
        return shape(lang, real.unwrap_or(&Value::Null));
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match kinds.into_iter().find(|kind| *kind != "null") {
        Some("array") => html! {
            (lang.pick("多个 ", "list of ")) (shape(lang, schema.get("items").unwrap_or(&Value::Null)))
        },
        Some("string") => html! { (lang.pick("文字", "text")) },
        Some("integer" | "number") => html! { (lang.pick("数", "number")) },
        Some("boolean") => html! { (lang.pick("是或否", "yes or no")) },
        _ => html! { (lang.pick("对象", "object")) },
    }
}

fn last(reference: &str) -> Option<&str> {
    reference.rsplit('/').next()
}

fn anchor(name: &str) -> String {
    format!("type-{name}")
}

/// One of two languages of a text of the document, which writes them as `中文 / English`.
fn words(lang: Lang, both: &str) -> String {
    let (zh, en) = both.split_once(" / ").unwrap_or((both, both));
    lang.pick(zh, en).trim().to_owned()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_operation_and_every_type() {
        for lang in [Lang::Zh, Lang::En] {
            let page = body(lang).into_string();
            for (_, path, _) in operations() {
                assert!(page.contains(path), "{path}");
            }
            let schemas = document().pointer("/components/schemas").unwrap().as_object().unwrap();
            for name in schemas.keys() {
                assert!(page.contains(&format!("id=\"{}\"", anchor(name))), "{name}");
            }
            assert!(!page.contains("<script"));
        }
    }

    #[test]
    fn a_text_is_read_in_one_language() {
        assert_eq!(words(Lang::Zh, "事项 / Items"), "事项");
        assert_eq!(words(Lang::En, "事项 / Items"), "Items");
        assert_eq!(words(Lang::En, "OpenAPI"), "OpenAPI");
    }
}
