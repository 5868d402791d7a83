//! The one middleware: id, session, preferences, same-site check, headers, and the drawing of faults.

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::time::Instant;
use uuid::Uuid;
use zhengtong_base::{Kind, Text};
use zhengtong_db::{Actor, ActorKind};
use zhengtong_party::Token;
use zhengtong_ui::field::{Form, form, hidden};
use zhengtong_ui::layout::{Heading, page as frame_page, section};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::problem::{Problem, ProblemPage, problem};
use zhengtong_ui::{Frame, Place, hall};

use crate::certificate;
use crate::copies::{Copies, Key};
use crate::fault::Fault;
use crate::gate::{self, Caller, Class, Full, Gate, Ticket, Wait, is_marked, mark, rate_of};
use crate::headers::{finish, forget_when_left, plain_names};
use crate::pace::{Pace, closes, gathered};
use crate::page::{redirect, see, within};
use crate::sound::{readable, same_site};
use crate::visit::{App, PREFERENCE_COOKIE, Preferences, SESSION_COOKIE, Visit};

/// Paths that need no session: files of the look and probes.
const BARE: [&str; 4] = ["/assets/", "/healthz", "/readyz", "/metrics"];

/// The cookie of a login that waits for its second factor.
pub const PENDING_COOKIE: &str = "zt_pending";
/// The cookie of an officer's mark: it only says who goes first.
const LANE_COOKIE: &str = "zt_lane";

/// Wraps every route.
pub async fn enter(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let https = app.settings.public_url.starts_with("https://");
    let path = request.uri().path().to_owned();
    if BARE.iter().any(|bare| path.starts_with(bare)) {
        return finish(next.run(request).await, None, https);
    }
    if https {
        plain_names(request.headers_mut());
    }
    let gate = request.extensions().get::<Arc<Gate>>().cloned();
    let trusted = peer(&request).zip(gate.as_deref()).is_some_and(|(at, gate)| gate.trusts(at));
    let shown = certificate::take(request.headers_mut(), trusted);
    request.extensions_mut().insert(shown);
    let pending = cookie(request.headers(), PENDING_COOKIE).is_some_and(|token| !token.is_empty());
    let (mut visit, address) = first_look(&app, gate.as_deref(), &request);
    let wants_json = wants_json(&path, request.headers());
    let officer = officer(&visit, request.headers());
    if let Some(pace) = request.extensions().get::<Pace>().copied() {
        let Some(whole) = gathered(request, pace).await else {
            let mut response = too_slow(&visit, wants_json);
            closes(&mut response);
            return finish(response, Some(&visit), https);
        };
        request = whole;
    }
    let wishes = Wishes { json: wants_json, pending };
    let copies = request.extensions().get::<Arc<Copies>>().cloned();
    let shared = copies.clone().zip(Key::of(request.method(), &visit, wants_json, pending));
    // What is drawn already takes nobody's place.
    if let Some((copies, key)) = &shared
        && let Some(page) = copy(&visit, gate.as_deref(), address, (copies, key), &request)
    {
        return finish(page, Some(&visit), https);
    }
    let response = match ticket(gate.as_deref(), &visit, address, officer, &path).await {
        Ok(ticket) => {
            let response =
                answer(&mut visit, gate.as_deref(), address, (wishes, shared), request, next).await;
            drop(ticket);
            response
        }
        Err(Refused::Crawler) => shed(),
        Err(Refused::Full) => shared
            .and_then(|(copies, key)| copies.old(&key, &visit))
            .unwrap_or_else(|| busy(&visit, wants_json, copies.as_deref())),
    };
    let response = marked(response, &visit, officer);
    finish(response, Some(&visit), https)
}

/// What is known of a client beside its session.
#[derive(Clone, Copy)]
struct Wishes {
    /// It is a program that wants JSON.
    json: bool,
    /// It has proven a password and owes the second factor.
    pending: bool,
}

/// A page that was drawn for another visitor just now: with all the checks of [`answer`], without its place.
fn copy(
    visit: &Visit,
    gate: Option<&Gate>,
    address: IpAddr,
    (copies, key): (&Copies, &Key),
    request: &Request,
) -> Option<Response> {
    // Programs that want JSON have no key, so whatever is said here is a page.
    if readable(request, false).is_err()
        || gate.is_some_and(|gate| !gate.reaches(address, request.uri().path()))
    {
        return None;
    }
    let page = copies.find(key, visit)?;
    match gate.map(|gate| count(gate, visit, address, request)) {
        Some(Err(wait)) => Some(too_often(visit, wait, false)),
        _ => Some(page),
    }
}

/// The answer to a request that has its place.
async fn answer(
    visit: &mut Visit,
    gate: Option<&Gate>,
    address: IpAddr,
    (Wishes { json: wants_json, pending }, shared): (Wishes, Option<(Arc<Copies>, Key)>),
    mut request: Request,
    next: Next,
) -> Response {
    let sound = readable(&request, wants_json)
        .and_then(|()| same_site(request.method(), request.headers()));
    if let Err(fault) = sound {
        return draw(visit, &fault, wants_json);
    }
    if gate.is_some_and(|gate| !gate.reaches(address, request.uri().path())) {
        tracing::warn!(request = %visit.request, %address, "administration from elsewhere");
        return draw(visit, &Fault::absent(), wants_json);
    }
    match session(&visit.app, visit).await {
        Ok(actor) => visit.actor = actor,
        Err(fault) => return draw(visit, &fault, wants_json),
    }
    if let Some(gate) = gate
        && let Err(wait) = count(gate, visit, address, &request)
    {
        return too_often(visit, wait, wants_json);
    }
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    if let Some((copies, key)) = shared {
        response = copies.keep(key, visit, response).await;
    }
    let closes = response.headers().get(header::CONNECTION).cloned();
    let mut response = match fault_of(&response, &method, wants_json) {
        // The router adds the methods that are declared to both of these answers.
        _ if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            if method == Method::OPTIONS {
                StatusCode::NO_CONTENT.into_response()
            } else {
                not_so(visit, wants_json)
            }
        }
        _ if response.status() == StatusCode::REQUEST_TIMEOUT => too_slow(visit, wants_json),
        Some(fault) if fault.kind == Kind::Unauthenticated && !wants_json => {
            to_login(visit, method.is_safe(), pending)
        }
        // Staff without a second factor are shown where to set one up, whatever they asked for.
        Some(fault) if fault.kind == Kind::Denied && !wants_json && visit.must_enrol() => {
            to_enrol(visit, method.is_safe())
        }
        Some(fault) => draw(visit, &fault, wants_json),
        None => response,
    };
    if let Some(closes) = closes {
        response.headers_mut().insert(header::CONNECTION, closes);
    }
    forget_when_left(&mut response, &method, &path);
    response
}

/// Why a request gets no place.
enum Refused {
    /// A program that fetches pages: it is told in a line.
    Crawler,
    /// Anybody else: a page says so.
    Full,
}

async fn ticket(
    gate: Option<&Gate>,
    visit: &Visit,
    address: IpAddr,
    officer: bool,
    path: &str,
) -> Result<Option<Ticket>, Refused> {
    let Some(gate) = gate else { return Ok(None) };
    let class = gate.class(&Caller { address, path, agent: &visit.agent, officer });
    match gate.enter(class, address).await {
        Ok(ticket) => Ok(Some(ticket)),
        Err(Full::House) if class == Class::Crawler => Err(Refused::Crawler),
        Err(_full) => Err(Refused::Full),
    }
}

fn count(gate: &Gate, visit: &Visit, address: IpAddr, request: &Request) -> Result<(), Wait> {
    let uri = request.uri();
    let rate = rate_of(request.method(), uri.path(), uri.query().unwrap_or_default());
    let account = visit.actor.person;
    gate.take(rate, address, account, Instant::now()).inspect_err(|wait| {
        tracing::warn!(
            request = %visit.request, address = %address, actor = %visit.actor.who().id,
            ?rate, wait_seconds = wait.seconds(), "too often"
        );
    })
}

/// Whether the mark of an officer came along with the session that it was given to.
fn officer(visit: &Visit, headers: &HeaderMap) -> bool {
    let Some(token) = &visit.token else { return false };
    let now = visit.app.db.clock().now().unix_timestamp();
    cookie(headers, LANE_COOKIE)
        .is_some_and(|given| is_marked(&visit.app.secret, token, &given, now))
}

/// Gives an officer who has none the mark.
fn marked(mut response: Response, visit: &Visit, officer: bool) -> Response {
    let Some(token) = visit.token.as_ref().filter(|_| visit.is_staff() && !officer) else {
        return response;
    };
    let now = visit.app.db.clock().now().unix_timestamp();
    let mark = mark(&visit.app.secret, token, now);
    let cookie = format!("{LANE_COOKIE}={mark}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// No room for a program: a line, and when to come again.
fn shed() -> Response {
    let headers =
        [(header::RETRY_AFTER, "60"), (header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, "busy: people go first; come again later\n")
        .into_response()
}

/// No room for a person.
fn busy(visit: &Visit, json: bool, copies: Option<&Copies>) -> Response {
    let fault = Fault::new(
        Kind::Unavailable,
        "现在来办事的人太多，请过一会儿再试。您之前保存的都在",
        "too many people are here at the moment; try again shortly, what you saved is kept",
    );
    let mut response = match copies.filter(|_| !json) {
        Some(copies) => {
            copies.anywhere("busy", visit, |visit| page_of(visit, &fault, Problem::of(fault.kind)))
        }
        None => draw(visit, &fault, json),
    };
    *response.status_mut() = fault.status();
    // Not all at the same moment again: two to nine seconds, by chance.
    let chance = visit.request.bytes().map(u64::from).sum::<u64>() % 8;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(2 + chance));
    response
}

/// Too many requests of one visitor.
fn too_often(visit: &Visit, wait: Wait, json: bool) -> Response {
    let seconds = wait.seconds();
    let fault = Fault::new(
        Kind::TooMany,
        &format!("操作太频繁了，请 {seconds} 秒后再试。没有做成的这一步可以重做，不会重复"),
        &format!("too many requests; wait {seconds} s and try again, nothing is done twice"),
    );
    let mut response = draw(visit, &fault, json);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// A body that came too slowly.
fn too_slow(visit: &Visit, json: bool) -> Response {
    let fault = Fault::new(
        Kind::Unavailable,
        "网络太慢，内容没有传完，请再试一次。您之前保存的都在",
        "the content came too slowly and was cut off; try again, what you saved is kept",
    );
    let mut response = if json {
        as_json(visit, &fault, StatusCode::REQUEST_TIMEOUT)
    } else {
        as_page(visit, &fault, Problem::of(fault.kind))
    };
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    response
}

/// The route of everything that is not there.
pub async fn missing() -> Fault {
    Fault::absent()
}

fn first_look(app: &App, gate: Option<&Gate>, request: &Request) -> (Visit, IpAddr) {
    let headers = request.headers();
    let preferences = cookie(headers, PREFERENCE_COOKIE)
        .map_or_else(|| by_language(headers), |value| Preferences::parse(&value));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let peer = peer(request);
    let from = match gate {
        Some(gate) => gate.address(peer, headers),
        None => gate::address_of(peer),
    };
    let address = peer.map_or_else(String::new, |_| from.to_string());
    let agent = text(headers, header::USER_AGENT).chars().take(200).collect();
    let visit = Visit {
        app: app.clone(),
        actor: Actor::visitor(),
        token: cookie(headers, SESSION_COOKIE),
        session_seconds: idle_seconds(app),
        preferences,
        request: request_id(),
        path,
        nonce: Uuid::new_v4().simple().to_string(),
        address,
        agent,
    };
    (visit, from)
}

/// The address at the other end of the line.
fn peer(request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(address)| address.ip())
}

/// Where staff set up their second factor.
const ENROL: &str = "/desk/me";

/// Seconds until an idle session ends, as the page's warning counts them.
fn idle_seconds(app: &App) -> u32 {
    let minutes = zhengtong_party::limits_in_force(&app.db).idle_minutes;
    u32::try_from(minutes.saturating_mul(60)).unwrap_or(u32::MAX)
}

/// Short enough to be read out on the telephone: eight hexadecimal digits in two groups.
fn request_id() -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("{}-{}", id.get(..4).unwrap_or_default(), id.get(4..8).unwrap_or_default())
}

fn by_language(headers: &HeaderMap) -> Preferences {
    let accepted = text(headers, header::ACCEPT_LANGUAGE).to_ascii_lowercase();
    let first = accepted.split(',').next().unwrap_or_default();
    let lang = if first.starts_with("en") && !accepted.contains("zh") {
        zhengtong_base::Lang::En
    } else {
        zhengtong_base::Lang::Zh
    };
    Preferences { lang, ..Preferences::default() }
}

async fn session(app: &App, visit: &Visit) -> Result<Actor, Fault> {
    let Some(token) = &visit.token else { return Ok(Actor::visitor()) };
    let token = Token::from_text(token.as_str());
    Ok(zhengtong_party::actor(&app.db, &token).await?.unwrap_or_else(Actor::visitor))
}

fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    path.starts_with("/api/v1")
        || (text(headers, header::ACCEPT).contains("json")
            && !text(headers, header::ACCEPT).contains("text/html"))
}

/// The fault that a handler returned, or that the router made of a wrong path, method or body.
fn fault_of(response: &Response, method: &Method, wants_json: bool) -> Option<Fault> {
    if let Some(fault) = response.extensions().get::<Fault>() {
        return Some(fault.clone());
    }
    let status = response.status();
    let drawn = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.to_str().unwrap_or_default();
        kind.starts_with("text/html") || kind.contains("json")
    });
    if !(status.is_client_error() || status.is_server_error()) || drawn {
        return None;
    }
    let (kind, zh, en) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => (
            Kind::TooLarge,
            "内容太大了，请缩短或分开提交",
            "too large; shorten it or send it in parts",
        ),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (Kind::Unsupported, "这里不收这种格式", "this format is not accepted here")
        }
        StatusCode::NOT_FOUND => (Kind::NotFound, "没有找到这一页", "this page is not there"),
        // A page whose address cannot be read is a page that is not there.
        StatusCode::BAD_REQUEST if method.is_safe() && !wants_json => return Some(Fault::absent()),
        StatusCode::SERVICE_UNAVAILABLE => (
            Kind::Unavailable,
            "现在太忙，请过一会儿再试",
            "too busy at the moment; try again shortly",
        ),
        status if status.is_server_error() => (
            Kind::Internal,
            "我们这边出错了，已经记下",
            "something failed on our side and was recorded",
        ),
        _ => (
            Kind::Invalid,
            "请求不完整，请退回上一页再试",
            "the request was not complete; go back and try again",
        ),
    };
    Some(Fault::new(kind, zh, en))
}

/// Staff without a second factor, on the way to one and back to where they were.
fn to_enrol(visit: &Visit, reads: bool) -> Response {
    if !reads {
        return redirect(ENROL);
    }
    redirect(&format!("{ENROL}?back={}", zhengtong_ui::words::encode(&visit.path)))
}

/// To the login; who has proven the password goes on with the second step.
fn to_login(visit: &Visit, reads: bool, pending: bool) -> Response {
    let back = zhengtong_ui::words::encode(&visit.path);
    if reads {
        let step = if pending { "/login/code" } else { "/login" };
        return redirect(&format!("{step}?back={back}"));
    }
    // The browser sends what was typed on to the login, which gives it back afterwards.
    let place = format!("/login/kept?back={back}");
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response()
}

/// An address that does not take this method.
fn not_so(visit: &Visit, json: bool) -> Response {
    let fault = Fault::new(
        Kind::Conflict,
        "这个地址不能这样访问",
        "this address does not take that method",
    );
    let mut response = if json {
        as_json(visit, &fault, StatusCode::METHOD_NOT_ALLOWED)
    } else {
        as_page(visit, &fault, Problem::Method)
    };
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

fn draw(visit: &Visit, fault: &Fault, json: bool) -> Response {
    let mut response = if json {
        as_json(visit, fault, fault.status())
    } else {
        as_page(visit, fault, Problem::of(fault.kind))
    };
    *response.status_mut() = fault.status();
    if matches!(fault.kind, Kind::Unavailable | Kind::TooMany) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// Problem details of RFC 9457.
fn as_json(visit: &Visit, fault: &Fault, status: StatusCode) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": fault.text.get(visit.lang()),
        "status": status.as_u16(),
        "detail": fault.text.get(visit.lang()),
        "text": fault.text,
        "instance": visit.request,
        "errors": fault.fields,
    });
    ([(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

fn as_page(visit: &Visit, fault: &Fault, kind: Problem) -> Response {
    see(page_of(visit, fault, kind))
}

fn page_of(visit: &Visit, fault: &Fault, kind: Problem) -> Markup {
    let lang = visit.lang();
    let title = kind.title(lang);
    let frame = visit.frame(title, Place::Elsewhere);
    let mut page = ProblemPage::new(kind);
    page.text = Some(sentence(&fault.text));
    hall(
        &frame,
        html! {
            (problem(&frame, &page))
            @if !fault.typed.is_empty() { (frame_page(again(&frame, &visit.path, &fault.typed))) }
        },
    )
}

/// What was typed and not carried out, with a button that sends it to where it was meant for.
pub fn again(frame: &Frame<'_>, to: &str, typed: &[(String, String)]) -> Markup {
    let lang = frame.lang;
    let shown = typed.iter().filter(|(name, value)| {
        !value.trim().is_empty() && !matches!(name.as_str(), "seen" | "then")
    });
    section(
        &Heading::new("typed", lang.pick("您刚才填的都在", "What you typed is kept")),
        form(
            frame,
            &Form::post(to),
            html! {
                ul { @for (_, value) in shown { li { (value) } } }
                @for (name, value) in typed { (hidden(name, value)) }
                (actions(submit(&Button::new(lang.pick("继续提交", "Send it now")))))
                p.meta { (lang.pick("选好的文件要重新选一次。", "Files have to be chosen again.")) }
            },
        ),
    )
}

fn sentence(text: &Text) -> Text {
    let mut text = text.clone();
    if !text.zh.ends_with('。') {
        text.zh.push('。');
    }
    if let Some(first) = text.en.get(..1).map(str::to_uppercase) {
        text.en = format!("{first}{}.", text.en.get(1..).unwrap_or_default().trim_end_matches('.'));
    }
    text
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

pub(crate) fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the visitor is somebody.
impl Visit {
    /// Whether this is staff without a second factor, anywhere but where one is set up.
    fn must_enrol(&self) -> bool {
        let half_way = self.actor.roles.iter().any(|role| role == zhengtong_party::HALF_WAY);
        half_way && !within(&self.path, ENROL)
    }

    /// Whether an officer is logged in.
    pub fn is_staff(&self) -> bool {
        self.actor.kind == ActorKind::Staff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(rows: &[(&'static str, &str)]) -> HeaderMap {
        rows.iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_our_own_pages_change_anything() {
        let rows: [(&[(&'static str, &str)], bool); 6] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://a.example"), ("host", "a.example")], true),
            (&[("origin", "http://b.example"), ("host", "a.example")], false),
            (&[], true),
        ];
        for (given, allowed) in rows {
            assert_eq!(same_site(&Method::POST, &headers(given)).is_ok(), allowed, "{given:?}");
            assert!(same_site(&Method::GET, &headers(given)).is_ok());
        }
    }

    #[test]
    fn cookies_and_preferences_are_read() {
        let headers = headers(&[("cookie", "a=1; zt_display=en.dark.elder; zt_session=abc")]);
        assert_eq!(cookie(&headers, "zt_session").as_deref(), Some("abc"));
        let preferences = Preferences::parse(&cookie(&headers, PREFERENCE_COOKIE).unwrap());
        assert_eq!(preferences.cookie(), "en.dark.elder");
        assert_eq!(Preferences::parse("x.y.z"), Preferences::default());
    }
}
