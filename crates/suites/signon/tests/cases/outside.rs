//! Providers of logins that are dead, slow, elsewhere or lying: each call goes the one way out.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use zhengtong_base::Text;
use zhengtong_egress::Settings as Way;
use zhengtong_signon::*;

use crate::world::{City, ORIGIN};

/// A server that answers each request with what stands for its path, and counts.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    says: Arc<Mutex<Vec<(&'static str, String)>>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, says) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let server = Self { address, asked: Arc::clone(&asked), says: Arc::clone(&says) };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let says = Arc::clone(&says);
                tokio::spawn(async move {
                    let mut head = vec![0; 8_192];
                    let read = stream.read(&mut head).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&head[..read]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                    let found = {
                        let says: std::sync::MutexGuard<'_, Vec<(&'static str, String)>> =
                            says.lock().unwrap();
                        says.iter().find(|(known, _)| *known == path).map(|(_, said)| said.clone())
                    };
                    match found {
                        Some(said) if said == "slow" => {
                            tokio::time::sleep(Duration::from_mins(1)).await;
                        }
                        Some(said) => drop(stream.write_all(said.as_bytes()).await),
                        None => drop(stream.write_all(answer(500, "").as_bytes()).await),
                    }
                });
            }
        });
        server
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn says(&self, path: &'static str, answer: String) {
        let mut says = self.says.lock().unwrap();
        says.retain(|(known, _)| *known != path);
        says.push((path, answer));
    }

    /// Says of itself what a provider says, with the token endpoint elsewhere.
    fn introduces(&self, token: &str) {
        let url = self.url();
        let document = format!(
            r#"{{"issuer":"{url}","authorization_endpoint":"{url}/a","token_endpoint":"{token}",
            "jwks_uri":"{url}/k","response_types_supported":["code"],
            "subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]}}"#
        );
        self.says(DOCUMENT, answer(200, &document));
        self.says("/k", answer(200, r#"{"keys":[]}"#));
    }
}

const DOCUMENT: &str = "/.well-known/openid-configuration";

fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn provider(issuer: String) -> Provider {
    Provider {
        id: "province".to_owned(),
        title: Text::new("省统一认证", "Province"),
        issuer,
        client_id: "city".to_owned(),
        secret: "secret".to_owned(),
        real_name: false,
    }
}

/// A way out that may call this machine, with little patience.
fn near() -> Way {
    Way {
        networks: vec!["127.0.0.0/8".to_owned()],
        attempt: Duration::from_millis(400),
        rest: Duration::from_mins(1),
        ..Way::default()
    }
}

async fn begun(city: &City) -> Result<Outward> {
    let mut ctx = city.visitor().await;
    let outward = begin_outside(&mut ctx, "province", "/my").await?;
    ctx.commit().await.unwrap();
    Ok(outward)
}

/// What comes of it when the browser is back with these values.
async fn returned(
    city: &City,
    outward: &Outward,
    values: &[(&str, &str)],
    cookie: &Secret,
) -> Returned {
    let url = url::Url::parse(&outward.url).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let mut params = vec![("state".to_owned(), state)];
    params.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut ctx = city.visitor().await;
    let returned = finish_outside(&mut ctx, "province", &params, cookie, ORIGIN).await.unwrap();
    ctx.commit().await.unwrap();
    returned
}

fn why(outcome: Result<Outward>) -> String {
    match outcome {
        Ok(outward) => panic!("{outward:?}"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_provider_lies_where_the_operator_says() {
    let server = Server::start().await;
    server.introduces("http://127.0.0.1:9/token");
    let far = City::with(vec![provider(server.url())], Way::default()).await;
    let said = why(begun(&far).await);
    assert!(said.contains("must not be called"), "{said}");
    assert_eq!(server.asked(), 0, "this machine was called though no network holds it");
    let near = City::with(vec![provider(server.url())], near()).await;
    let outward = begun(&near).await.unwrap();
    assert!(outward.url.starts_with(&format!("{}/a?", server.url())), "{}", outward.url);
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_is_not_followed() {
    let (server, inside) = (Server::start().await, Server::start().await);
    let leads =
        format!("HTTP/1.1 302 X\r\nlocation: {}/x\r\ncontent-length: 0\r\n\r\n", inside.url());
    server.says(DOCUMENT, leads);
    let city = City::with(vec![provider(server.url())], near()).await;
    assert!(begun(&city).await.is_err());
    assert_eq!((server.asked(), inside.asked()), (1, 0));
}

#[tokio::test]
async fn the_code_goes_to_the_provider_and_nowhere_else() {
    let (server, inside) = (Server::start().await, Server::start().await);
    server.introduces(&format!("{}/token", inside.url()));
    let city = City::with(vec![provider(server.url())], near()).await;
    let outward = begun(&city).await.unwrap();
    let returned = returned(&city, &outward, &[("code", "c")], &outward.cookie).await;
    assert!(matches!(returned, Returned::Refused(_)), "{returned:?}");
    assert_eq!(inside.asked(), 0, "code and secret went to a host that nobody registered");
}

#[tokio::test]
async fn a_dead_provider_is_left_alone_and_everybody_else_goes_on() {
    let server = Server::start().await;
    let city = City::with(vec![provider(server.url())], near()).await;
    for _ in 0..5 {
        assert!(begun(&city).await.is_err());
    }
    let asked = server.asked();
    let said = why(begun(&city).await);
    assert!(said.contains("left alone"), "{said}");
    assert_eq!(server.asked(), asked, "it was called though the circuit is open");
    let citizen = city.enter("citizen").await;
    assert!(citizen.account.is_some());
}

#[tokio::test]
async fn a_slow_provider_holds_a_bounded_number_of_visitors_for_a_bounded_time() {
    let server = Server::start().await;
    server.says(DOCUMENT, "slow".to_owned());
    let way = Way { attempt: Duration::from_millis(800), at_once: 2, ..near() };
    let city = Arc::new(City::with(vec![provider(server.url())], way).await);
    let began = tokio::time::Instant::now();
    let tries = (0..12).map(|_| {
        let city = Arc::clone(&city);
        tokio::spawn(async move { why(begun(&city).await) })
    });
    let mut said = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        said.push(one.await.unwrap());
    }
    let busy = said.iter().filter(|one| one.contains("under way")).count();
    assert!(busy >= 8, "{said:?}");
    assert!(server.asked() <= 4, "{} calls", server.asked());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(city.enter("citizen").await.account.is_some());
}

#[tokio::test]
async fn an_answer_of_another_provider_another_browser_or_a_second_time_is_not_taken() {
    let server = Server::start().await;
    server.introduces(&format!("{}/token", server.url()));
    let city = City::with(vec![provider(server.url())], near()).await;
    let asked = |before: usize| server.asked() - before;
    // A provider that mixes up who asked (RFC 9207).
    let outward = begun(&city).await.unwrap();
    let before = server.asked();
    let mixed = [("code", "c"), ("iss", "https://evil.example")];
    let said = returned(&city, &outward, &mixed, &outward.cookie).await;
    assert!(matches!(said, Returned::Refused(_)), "{said:?}");
    // Another browser than the one that began.
    let outward = begun(&city).await.unwrap();
    let stranger = Secret::from_text("another");
    let said = returned(&city, &outward, &[("code", "c")], &stranger).await;
    assert!(matches!(said, Returned::Refused(_)), "{said:?}");
    assert_eq!(asked(before), 2, "only the beginning of the second way: what it says and its keys");
    // The same answer twice: the second time there is nothing to be exchanged.
    let outward = begun(&city).await.unwrap();
    let before = server.asked();
    drop(returned(&city, &outward, &[("code", "c")], &outward.cookie).await);
    assert!(asked(before) > 0, "the first time it is exchanged");
    let before = server.asked();
    let said = returned(&city, &outward, &[("code", "c")], &outward.cookie).await;
    assert!(matches!(said, Returned::Refused(_)), "{said:?}");
    assert_eq!(asked(before), 0);
}
