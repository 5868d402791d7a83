//! A collector on this machine that records: one request becomes spans that hang together.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf, Thing};

use super::*;
use crate::ops::{Figures, count};

/// Takes one request and answers it; returns its head and its body.
async fn collect(listener: TcpListener, answer: &'static str) -> (String, Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the exporter left in the middle");
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            stream.write_all(answer.as_bytes()).await.unwrap();
            return (head.to_owned(), serde_json::from_str(body).unwrap());
        }
    }
}

/// A partner that is called once: its address, and the head it saw.
async fn partner() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let head = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    });
    (address, head)
}

fn find<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
}

fn attribute(span: &Value, key: &str) -> String {
    let rows = span["attributes"].as_array().unwrap();
    let value = &rows.iter().find(|row| row["key"] == key).unwrap()["value"];
    value["intValue"].as_str().or(value["stringValue"].as_str()).unwrap().to_owned()
}

#[tokio::test]
async fn a_request_is_followed_through_its_verbs_to_the_collector() {
    let test = TestDb::new(&[zhengtong_db::SCHEMA]).await.with(PERMIT_ALL, Shelf::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let collector =
        tokio::spawn(collect(listener, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    let layer = start(&endpoint, "test-city").unwrap();
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(Spans::filter()));
    let guard = tracing::subscriber::set_default(subscriber);
    let (away, called) = partner().await;
    let settings = zhengtong_egress::Settings {
        private: vec![away.clone()],
        trace: Some(current),
        ..zhengtong_egress::Settings::default()
    };
    let egress = zhengtong_egress::Egress::new(settings).unwrap();
    let db = test.db.clone();
    let handler = move |Path(no): Path<u32>| {
        let (db, egress, away) = (db.clone(), egress.clone(), away.clone());
        async move {
            if no == 7 {
                let call = zhengtong_egress::Request::get(&format!("http://{away}/x"));
                egress.send(&call).await.unwrap();
            }
            let mut ctx = db.begin(Actor::system("test"), "r").await.unwrap();
            ctx.allow("casework.accept", &Thing::new("case", "1")).unwrap();
            ctx.allow("casework.read", &Thing::new("case", "1")).unwrap();
            assert_eq!(zhengtong_db::jobs::waiting(ctx.conn(), 1).await.unwrap().len(), 0);
            ctx.commit().await.unwrap();
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let router: Router = Router::new()
        .route("/desk/{no}", get(handler))
        .layer(from_fn_with_state(Arc::new(Figures::default()), count));
    let request = Request::get("/desk/7")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .body(Body::empty())
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let told = response.headers()["traceresponse"].to_str().unwrap().to_owned();
    let unsampled = Request::get("/desk/8")
        .header("traceparent", "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
        .body(Body::empty())
        .unwrap();
    router.oneshot(unsampled).await.unwrap();
    flush().await;
    drop(guard);
    let (head, body) = collector.await.unwrap();
    assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 2, "the caller did not want the second request: {spans:#?}");
    let request = find(spans, "GET /desk/{no}");
    assert_eq!(request["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(request["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(request["status"]["code"], 2);
    assert_eq!(attribute(request, "http.response.status_code"), "500");
    assert_eq!(told.split('-').nth(2).unwrap(), request["spanId"].as_str().unwrap());
    let act = find(spans, "casework.accept");
    assert_eq!(act["traceId"], request["traceId"]);
    assert_eq!(act["parentSpanId"], request["spanId"]);
    assert!(attribute(act, "db.statements").parse::<u32>().unwrap() >= 1, "{act:#?}");
    let moment = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<i128>().unwrap();
    assert!(moment(act, "startTimeUnixNano") >= moment(request, "startTimeUnixNano"));
    assert!(moment(act, "endTimeUnixNano") <= moment(request, "endTimeUnixNano") + 1_000_000);
    assert!(counted().0 >= 2);
    let called = called.await.unwrap();
    let span = request["spanId"].as_str().unwrap();
    let on = format!("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-{span}-01");
    assert!(called.contains(&on), "the trace goes on to those we call: {called}");
}
