//! What is never called: what is not listed, what leads inside, what an answer points at.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use zhengtong_egress::{Egress, Error, Names, Request, Settings, StatusCode};

use super::server::{Does, OK, Server, settings};

/// Gives each look-up the next answer, and counts.
fn changing(answers: &'static [&'static [&'static str]]) -> (Names, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names = Names::new(move |_name| {
        let number = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        Box::pin(async move {
            Ok(answers[number].iter().map(|one| one.parse::<IpAddr>().unwrap()).collect())
        })
    });
    (names, asked)
}

async fn refused(egress: &Egress, url: &str) -> bool {
    matches!(egress.send(&Request::get(url)).await, Err(Error::Refused(_)))
}

#[tokio::test]
async fn what_is_not_listed_is_not_called() {
    let server = Server::start(Does::Say(OK)).await;
    let egress = Egress::new(settings(&[])).unwrap();
    assert!(refused(&egress, &server.url("/")).await);
    let public = Settings { allow: vec![server.address.to_string()], ..settings(&[]) };
    let egress = Egress::new(public).unwrap();
    assert!(refused(&egress, &server.url("/")).await, "plain http only where private is named");
    let https = format!("https://{}/", server.address);
    assert!(refused(&egress, &https).await, "this machine, and not named as private");
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn this_machine_is_called_when_it_is_named() {
    let server = Server::start(Does::Say(OK)).await;
    let egress = Egress::new(settings(&[server.address.to_string()])).unwrap();
    let answer = egress.send(&Request::get(&server.url("/x?y=1"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (StatusCode::OK, b"ok".as_slice()));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let inside: [&'static [&'static [&'static str]]; 8] = [
        &[&["127.0.0.1"]],
        &[&["10.0.0.7"]],
        &[&["169.254.169.254"]],
        &[&["::1"]],
        &[&["::ffff:127.0.0.1"]],
        &[&["fd00::1"]],
        &[&["100.100.100.200"]],
        // A public one first does not help.
        &[&["8.8.8.8", "127.0.0.1"]],
    ];
    for answers in inside {
        let (names, _) = changing(answers);
        let allow = vec!["pay.example.cn:443".to_owned()];
        let egress = Egress::with_names(Settings { allow, ..settings(&[]) }, names).unwrap();
        assert!(refused(&egress, "https://pay.example.cn/").await, "{answers:?}");
    }
}

#[tokio::test]
async fn metadata_is_refused_even_where_private_is_named() {
    let (names, _) = changing(&[&["169.254.169.254"]]);
    let private = vec!["inner.example.cn:80".to_owned(), "169.254.169.254:80".to_owned()];
    let egress = Egress::with_names(settings(&private), names).unwrap();
    assert!(refused(&egress, "http://inner.example.cn/").await);
    assert!(refused(&egress, "http://169.254.169.254/latest/meta-data/").await);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let server = Server::start(Does::Say(OK)).await;
    // Sound when it is checked, somebody else's machine when it is asked again: the line goes to what was checked.
    let (names, asked) = changing(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let host = format!("inner.example.cn:{}", server.address.port());
    let egress = Egress::with_names(settings(std::slice::from_ref(&host)), names).unwrap();
    let answer = egress.send(&Request::get(&format!("http://{host}/"))).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "looked up once for a call");
    // And the second call is judged by the second answer.
    assert!(refused(&egress, &format!("http://{host}/")).await);
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn an_answer_that_leads_elsewhere_is_given_back_and_not_followed() {
    let other = Server::start(Does::Say(OK)).await;
    let said = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        other.url("/secret")
    );
    let server = Server::start(Does::Say(Box::leak(said.into_boxed_str()))).await;
    let egress =
        Egress::new(settings(&[server.address.to_string(), other.address.to_string()])).unwrap();
    let answer = egress.send(&Request::get(&server.url("/"))).await.unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!((server.asked(), other.asked()), (1, 0));
}
