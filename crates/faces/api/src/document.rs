//! The description of the interface: derived from the handlers, then completed with what is true everywhere.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse as _;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use zhengtong_http::{Answer, SESSION_COOKIE};

use crate::answer::{Problem, Wrong};
use crate::asked::Asked;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "政通接口 / Zhengtong API",
        description = "政务服务平台的 JSON 接口。文字都有中英文；出错按 RFC 9457 说明。 / The JSON interface of the platform. All texts are in Chinese and English; faults follow RFC 9457.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    paths(
        crate::items::list, crate::items::one,
        crate::me::me, crate::cases::list, crate::cases::one,
        crate::catalog::list, crate::catalog::one,
        crate::papers::verify,
        crate::tables::list, crate::tables::one, crate::tables::records, crate::tables::totals,
        crate::history::one, crate::history::all,
        crate::loads::bring, crate::loads::one, crate::loads::refused,
        crate::sharing::record, crate::sharing::verify,
        crate::messages::tell,
        crate::rules::standards, crate::rules::codes, crate::rules::elements,
        self::json, crate::page::page,
    ),
    components(schemas(Problem, Wrong)),
    tags(
        (name = "items", description = "事项 / Items"),
        (name = "catalog", description = "信息资源目录 / The directory of information"),
        (name = "datasets", description = "数据集 / Datasets"),
        (name = "shared", description = "部门间共享数据 / Data shared between departments"),
        (name = "papers", description = "证照 / Papers"),
        (name = "rules", description = "标准和代码 / Standards and codes"),
        (name = "mine", description = "我的 / Mine"),
        (name = "systems", description = "其他系统 / Other systems"),
        (name = "about", description = "接口说明 / About the interface"),
    ),
)]
struct Described;

/// The document, made once.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| complete(Described::openapi()));

/// The whole OpenAPI document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// Every operation: method, address, what is said of it.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = document().get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "about",
    summary = "OpenAPI 文档 / The OpenAPI document",
    description = "本文档，OpenAPI 3.1。 / This document, OpenAPI 3.1.",
    responses((status = 200, description = "OpenAPI 文档 / The document", body = Object)),
)]
pub(crate) async fn json(asked: Asked) -> Answer {
    asked.only(&[])?;
    let headers = [(header::CONTENT_TYPE, "application/json")];
    Ok((headers, document().to_string()).into_response())
}

/// Adds the session as a security scheme, the version, and the problems each operation may answer with.
fn complete(derived: utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(derived).unwrap_or_default();
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    }
    if let Some(parts) = document.get_mut("components").and_then(Value::as_object_mut) {
        let session = json!({
            "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
            "description": "登录后的会话 / The session after a login",
        });
        let token = json!({
            "type": "oauth2",
            "description": "登记过的系统自己的令牌 / The own token of a registered system",
            "flows": { "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": {
                "process.message": "给流程发任何消息；process.message:消息名 只发那一个 / Any message to a process; process.message:NAME that one alone",
                "sharing.use": "按本单位获得的共享授权查记录、核验 / Uses what was granted to its unit on request",
                "registry.load": "给本单位负责的数据集加载文件，看结果 / Loads files into the datasets that its unit answers for, and sees what they come to",
            } } },
        });
        let schemes = json!({ "session": session, "token": token });
        parts.insert("securitySchemes".to_owned(), schemes);
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            add_problems((method, path), operation);
        }
    }
    document
}

fn add_problems((method, path): (&str, &str), operation: &mut Value) {
    let (login, token) = (takes(operation, "session"), takes(operation, "token"));
    let writes = method == "post";
    let named = path.contains('{');
    let bodies = bodies(operation);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    let mut add = |status: &str, text: &str| {
        responses.insert(status.to_owned(), problem(path, status, text));
    };
    match (login, token) {
        (true, true) => {
            add("401", "没有登录，也没有有效的令牌 / Nobody is logged in, and no token holds");
            add("403", "不归现在的身份或令牌办 / Not allowed to this account or token");
        }
        (false, true) => {
            add("401", "没有令牌，或令牌已作废 / There is no token, or it holds no more");
            add("403", "令牌的范围不够 / The scopes of the token are not enough");
        }
        (true, false) => {
            add("401", "没有登录，或会话已结束 / Nobody is logged in, or the session has ended");
            add("403", "现在的身份不能看 / Not allowed to this account");
        }
        (false, false) => {}
    }
    if named || writes {
        add("404", "没有，或不归您看 / Absent, or not yours to see");
    }
    if writes {
        add("409", "已经办完，不能再办 / It is over, and cannot be done any more");
        add("413", "内容太大 / Too large");
        add("415", &format!("只收 {} / Only {} is accepted", bodies.join("、"), bodies.join(", ")));
        add("405", "只能用 POST / Only POST is allowed");
    } else {
        add("405", "只能用 GET / Only GET is allowed");
    }
    add("422", "参数有错，errors 里写着哪个 / Parameters are wrong; errors says which");
    add("429", "操作太频繁，按 Retry-After 等一等 / Too many requests; wait as Retry-After says");
    add("500", "平台出错，已记录 / The platform failed; it was recorded");
    add("503", "平台正在恢复，过几秒再试 / The platform is recovering; try again in some seconds");
}

/// Whether an operation takes a way to show who asks.
pub(crate) fn takes(operation: &Value, scheme: &str) -> bool {
    let ways = operation.get("security").and_then(Value::as_array);
    ways.is_some_and(|ways| ways.iter().any(|way| way.get(scheme).is_some()))
}

/// The types of what an operation takes in its body.
fn bodies(operation: &Value) -> Vec<String> {
    let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
    content.into_iter().flatten().map(|(kind, _)| kind.clone()).collect()
}

fn problem(path: &str, status: &str, text: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let mut response = Map::new();
    response.insert("description".to_owned(), text.into());
    let mut content = json!({ "application/problem+json": { "schema": schema } });
    if let Some(kinds) = content.as_object_mut().filter(|_| !path.starts_with("/api/v1")) {
        // Addresses that people open answer them with a page.
        kinds.insert("text/html".to_owned(), json!({ "schema": { "type": "string" } }));
    }
    response.insert("content".to_owned(), content);
    let header = match status {
        "405" => Some(("Allow", "可用的方法 / The methods that are allowed")),
        "429" | "503" => Some(("Retry-After", "几秒后再试 / Seconds to wait")),
        _ => None,
    };
    if let Some((name, description)) = header {
        let header = json!({ "description": description, "schema": { "type": "string" } });
        response.insert("headers".to_owned(), json!({ name: header }));
    }
    Value::Object(response)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// All `$ref` of a value.
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(to)) = object.get("$ref") {
                    found.insert(to);
                }
                object.values().for_each(|inner| references(inner, found));
            }
            Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let mut found = BTreeSet::new();
        references(document(), &mut found);
        assert!(found.len() > 10, "{found:?}");
        for to in found {
            let pointer = to.strip_prefix('#').unwrap();
            assert!(document().pointer(pointer).is_some(), "{to}");
        }
    }

    #[test]
    fn every_operation_names_its_problems() {
        assert_eq!(document()["openapi"], "3.1.0");
        for (method, path, operation) in operations() {
            let has = |status: &str| {
                let kind = "/content/application~1problem+json";
                operation["responses"][status].pointer(kind).is_some()
            };
            for status in ["405", "422", "500", "503"] {
                assert!(has(status), "{path} {status}");
            }
            assert_eq!(has("404"), path.contains('{') || method == "post", "{path}");
            assert_eq!(has("409") && has("413") && has("415"), method == "post", "{path}");
            assert_eq!(has("401"), operation.get("security").is_some(), "{path}");
            let done = ["200", "202"].map(|status| &operation["responses"][status]["content"]);
            assert_eq!(done.iter().filter(|content| content.is_object()).count(), 1, "{path}");
            assert!(operation["operationId"].is_string(), "{path}");
        }
    }

    #[test]
    fn every_text_stands_in_both_languages() {
        fn check(value: &Value, at: &str) {
            match value {
                Value::Object(object) => {
                    for (key, inner) in object {
                        let text =
                            inner.as_str().filter(|_| key == "description" || key == "summary");
                        if let Some(text) = text {
                            assert!(text.contains(" / "), "{at}/{key}: {text}");
                        }
                        check(inner, &format!("{at}/{key}"));
                    }
                }
                Value::Array(list) => list.iter().for_each(|inner| check(inner, at)),
                _ => {}
            }
        }
        check(&document()["paths"], "paths");
        check(&document()["components"], "components");
    }

    #[test]
    fn operation_names_are_unique() {
        let names: Vec<&Value> =
            operations().map(|(_, _, operation)| &operation["operationId"]).collect();
        let unique: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), unique.len(), "{names:?}");
    }
}
