//! Measures signed calls of 1 KB through the gateway with client, provider and database on the same machine, beside a chain
//! of two nginx that pass the same call on, the second one behind TLS.
//!
//! `calls FOLDER [SECONDS] [CLIENTS]` starts a cluster of its own in the folder (commits reach the disk before they are
//! acknowledged) and prints one line of JSON for each figure.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request as Asked, State};
use axum::response::Response;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_crypto::{Keyring, SigningKey};
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_db::{Actor, Db, Policies, Settings, Shelf};
use zhengtong_egress::{Egress, HeaderMap};
use zhengtong_exchange::{
    Admission, Algorithm, Answered, Endpoint, Gateway, Incoming, Keep, NewAccess, NewMember,
    NewService, PublicKey, Request, SCHEMA, What, add_key, add_member, admit, approve, finish,
    grant, propose_service, propose_system, sign, told,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Who signs: the key, its name, and the clock of the database.
type Signer = (SigningKey, String, Db);

const CLIENT: &str = "330100/GOV/11330100MB0000019K/permits";
const PROVIDER: &str = "330100/GOV/11330100MB0000027E/people";
const BODY: usize = 1_024;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("usage: calls FOLDER [SECONDS] [CLIENTS]")?;
    let number = |at: usize, usual: usize| {
        arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (seconds, clients) = (number(1, 10), number(2, 16));
    let seconds = u64::try_from(seconds)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(Path::new(folder), seconds, clients))
}

async fn measure(folder: &Path, seconds: u64, clients: usize) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let provider = TcpListener::bind("127.0.0.1:0").await?;
    let at = provider.local_addr()?;
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(provider, router).await });
    let cluster = Cluster::start(&folder.join("data"), Durability::Full).await?;
    let db = Db::open(&cluster.url(), Settings { connections_max: 32, ..Settings::default() })?;
    zhengtong_db::migrate(db.pool(), &[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await?;
    let egress = Egress::new(zhengtong_egress::Settings {
        private: vec![at.to_string()],
        attempts: 1,
        at_once: 256,
        ..zhengtong_egress::Settings::default()
    })?;
    let gateway = Gateway::new(egress, Arc::new(SigningKey::from_seed([9; 32])));
    let sources = [zhengtong_access_source()];
    let policies = Policies::parse(&sources).map_err(|_faults| "the policies")?;
    db.load(policies, Shelf::default().with(gateway.clone()).with(Keyring::for_tests()));
    let key = SigningKey::from_seed([7; 32]);
    let id = seed(&db, &key, &format!("http://{at}")).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let front = listener.local_addr()?;
    let router = axum::Router::new().fallback(passed).with_state((db.clone(), gateway));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let signer = Arc::new((key, id, db.clone()));
    let ours = run(&front.to_string(), seconds, clients, Some(signer)).await?;
    say("signed call through the gateway, 1 KB", &ours, seconds)?;
    match Chain::start(folder, &at.to_string()).await {
        Ok(chain) => {
            let theirs = run(&chain.address, seconds, clients, None).await?;
            say(
                "the same call, unsigned and unrecorded, through nginx and nginx with TLS",
                &theirs,
                seconds,
            )?;
        }
        Err(error) => writeln!(std::io::stderr(), "no nginx beside: {error}")?,
    }
    db.close().await;
    cluster.stop().await;
    Ok(())
}

fn zhengtong_access_source() -> zhengtong_access::Source<'static> {
    zhengtong_access::Source { name: "calls.cedar", text: PERMIT_ALL }
}

async fn answer(request: Asked) -> Response {
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    Response::new(Body::from(body))
}

async fn seed(db: &Db, key: &SigningKey, url: &str) -> Outcome<String> {
    let mut ctx = db.begin_system("seed").await?;
    let mut systems = Vec::new();
    for name in [CLIENT, PROVIDER] {
        let parts: Vec<&str> = name.split('/').collect();
        let [instance, class, code, system] = parts.as_slice() else { return Err("a name".into()) };
        let member = NewMember {
            instance: (*instance).to_owned(),
            class: (*class).to_owned(),
            code: (*code).to_owned(),
            name: Text::same("a unit"),
            organisation: None,
        };
        let member = add_member(&mut ctx, &member).await?;
        let id = propose_system(&mut ctx, member, system, &Text::same("a system")).await?;
        approve(&mut ctx, What::System, id).await?;
        systems.push(id);
    }
    let [client, provider] = systems.as_slice() else { return Err("two systems".into()) };
    let endpoint = Endpoint { method: "POST".to_owned(), path: "/people".to_owned() };
    let service = NewService {
        system: *provider,
        code: "person".to_owned(),
        title: Text::same("a service"),
        url: url.to_owned(),
        keep: Keep::Digest,
        endpoints: vec![endpoint.clone()],
        openapi: None,
    };
    let service = propose_service(&mut ctx, &service).await?;
    approve(&mut ctx, What::Service, service).await?;
    let valid_to = ctx.now + time::Duration::days(30);
    let bytes = key.verifying_key().as_bytes().to_vec();
    let pem = PublicKey { algorithm: Algorithm::Ed25519, bytes }.pem();
    let id = add_key(&mut ctx, *client, &pem, valid_to).await?;
    let (purpose, basis) = ("a figure".to_owned(), "a bench".to_owned());
    let access = NewAccess { client: *client, service, endpoint, purpose, basis, valid_to };
    grant(&mut ctx, &access).await?;
    ctx.commit().await?;
    Ok(id)
}

/// The gateway behind HTTP, as the interface of the platform does it.
async fn passed(State((db, gateway)): State<(Db, Gateway)>, request: Asked) -> Response {
    let answered = carried(&db, &gateway, request).await;
    let answered = answered.unwrap_or_else(|error| {
        let text = error.to_string();
        Answered { status: 500, headers: HeaderMap::new(), body: text.into_bytes(), refusal: None }
    });
    let mut response = Response::new(Body::from(answered.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(answered.status).unwrap_or_default();
    *response.headers_mut() = answered.headers;
    response
}

async fn carried(db: &Db, gateway: &Gateway, request: Asked) -> Outcome<Answered> {
    let id = Uuid::now_v7().to_string();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await?.to_vec();
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: None,
        headers: parts.headers.clone(),
        body,
    };
    let request = match Request::read(incoming, &id) {
        Ok(request) => request,
        Err(refusal) => return Ok(told(&refusal.of(&id), "")),
    };
    let mut ctx = db.begin(Actor::visitor(), &id).await?;
    let admitted = match admit(&mut ctx, request, &parts.headers).await? {
        Admission::Forward(admitted) => admitted,
        Admission::Refused(refusal) => return Ok(told(&refusal.of(&id), "")),
        Admission::Here(..) => return Err("answered here".into()),
    };
    ctx.commit().await?;
    let answered = gateway.forward(&admitted).await;
    let mut ctx = db.begin(Actor::visitor(), &id).await?;
    let ended = finish(&mut ctx, gateway, &admitted, answered).await?;
    ctx.commit().await?;
    Ok(ended)
}

/// How long each call took, in microseconds.
async fn run(
    address: &str,
    seconds: u64,
    clients: usize,
    signer: Option<Arc<Signer>>,
) -> Outcome<Vec<u64>> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (address, signer) = (address.to_owned(), signer.clone());
        tasks.push(tokio::spawn(async move { client(&address, end, signer.as_deref()).await }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    all.sort_unstable();
    Ok(all)
}

async fn client(address: &str, end: Instant, signer: Option<&Signer>) -> Outcome<Vec<u64>> {
    let mut line = BufReader::new(TcpStream::connect(address).await?);
    line.get_ref().set_nodelay(true)?;
    let body = vec![b'a'; BODY];
    let mut took = Vec::new();
    while Instant::now() < end {
        let path = format!("/r1/{PROVIDER}/person/people");
        let mut headers = HeaderMap::new();
        headers.insert("x-road-client", CLIENT.parse()?);
        headers.insert("x-road-id", Uuid::now_v7().to_string().parse()?);
        if let Some((key, id, db)) = signer {
            let now = db.clock().now().unix_timestamp();
            sign((key, id), now, ("POST", &path), &mut headers, &body);
        }
        let mut text =
            format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {BODY}\r\n");
        for (name, value) in &headers {
            text.extend([name.as_str(), ": ", value.to_str()?, "\r\n"]);
        }
        text.push_str("\r\n");
        let start = Instant::now();
        line.write_all(&[text.as_bytes(), &body].concat()).await?;
        whole(&mut line).await?;
        took.push(u64::try_from(start.elapsed().as_micros())?);
    }
    Ok(took)
}

/// Reads one answer, which must be a good one of the body that was sent.
async fn whole(line: &mut BufReader<TcpStream>) -> Outcome<()> {
    let mut length = 0;
    let mut head = String::new();
    loop {
        let mut one = String::new();
        if line.read_line(&mut one).await? == 0 {
            return Err("the line ended".into());
        }
        if let Some(value) = one.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if one == "\r\n" {
            break;
        }
        head.push_str(&one);
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body).await?;
    if !head.starts_with("HTTP/1.1 200") || length != BODY {
        return Err(format!("{head}{}", String::from_utf8_lossy(&body)).into());
    }
    Ok(())
}

fn say(figure: &str, took: &[u64], seconds: u64) -> Outcome<()> {
    let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or(0);
    let count = u64::try_from(took.len())?;
    let line = json!({
        "figure": figure,
        "calls": count,
        "per_second": count / seconds,
        "p50_us": at(50),
        "p99_us": at(99),
    });
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Two nginx, one behind the other.
struct Chain {
    address: String,
    process: Child,
}

impl Chain {
    async fn start(folder: &Path, provider: &str) -> Outcome<Self> {
        let folder = folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
            ])
            .args([
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
                "-subj",
                "/CN=localhost",
                "-days",
                "2",
            ])
            .current_dir(&folder)
            .stderr(Stdio::null())
            .status()?;
        if !made.success() {
            return Err("openssl made no certificate".into());
        }
        let free = || -> Outcome<String> {
            Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
        };
        let (front, back, place) = (free()?, free()?, folder.display());
        let pass = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
        let conf = format!(
            "daemon off; worker_processes auto; pid {place}/pid; error_log {place}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; keepalive_requests 1000000;\n\
             client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place}; uwsgi_temp_path {place}; scgi_temp_path {place};\n\
             upstream back {{ server {back}; keepalive 64; }} upstream provider {{ server {provider}; keepalive 64; }}\n\
             server {{ listen {front}; location / {{ {pass} proxy_pass https://back; }} }}\n\
             server {{ listen {back} ssl; ssl_certificate {place}/cert.pem; ssl_certificate_key {place}/key.pem;\n\
             location / {{ {pass} proxy_pass http://provider; }} }} }}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, conf)?;
        let process = Command::new("nginx").arg("-c").arg(&file).arg("-p").arg(&folder).spawn()?;
        let chain = Self { address: front, process };
        for _ in 0..100 {
            if TcpStream::connect(&chain.address).await.is_ok() {
                return Ok(chain);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("nginx did not start".into())
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // A stop is asked for, so that the master ends its workers.
        drop(Command::new("kill").arg(self.process.id().to_string()).status());
        drop(self.process.wait());
    }
}
