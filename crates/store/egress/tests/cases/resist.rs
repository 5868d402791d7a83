//! Partners that are dead, slow, endless or broken cost a bounded time and nothing else.

use std::time::{Duration, Instant};

use zhengtong_egress::{Again, Egress, Error, Request, Settings, StatusCode};

use super::server::{BROKEN, Does, OK, Server, settings};

#[tokio::test]
async fn a_partner_that_says_nothing_is_given_up_in_time() {
    let server = Server::start(Does::Nothing).await;
    let limits = Settings {
        attempt: Duration::from_millis(300),
        whole: Duration::from_millis(800),
        ..settings(&[server.address.to_string()])
    };
    let began = Instant::now();
    let outcome = Egress::new(limits).unwrap().send(&Request::get(&server.url("/"))).await;
    assert!(matches!(outcome, Err(Error::Slow)), "{outcome:?}");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let server = Server::start(Does::Flood).await;
    let limits = Settings { answer_bytes: 100_000, ..settings(&[server.address.to_string()]) };
    let outcome = Egress::new(limits).unwrap().send(&Request::get(&server.url("/"))).await;
    assert!(matches!(outcome, Err(Error::TooLarge(100_000))), "{outcome:?}");
}

#[tokio::test]
async fn what_fails_for_a_moment_is_tried_again_and_not_for_ever() {
    let server = Server::start(Does::First(2, BROKEN, OK)).await;
    let egress = Egress::new(settings(&[server.address.to_string()])).unwrap();
    let answer = egress.send(&Request::get(&server.url("/"))).await.unwrap();
    assert_eq!((answer.status, server.asked()), (StatusCode::OK, 3));

    let dead = Server::start(Does::Say(BROKEN)).await;
    let egress = Egress::new(settings(&[dead.address.to_string()])).unwrap();
    let answer = egress.send(&Request::get(&dead.url("/"))).await.unwrap();
    assert_eq!((answer.status, dead.asked()), (StatusCode::INTERNAL_SERVER_ERROR, 3));
}

#[tokio::test]
async fn what_must_arrive_once_is_sent_once() {
    let server = Server::start(Does::Close).await;
    let egress = Egress::new(settings(&[server.address.to_string()])).unwrap();
    let mut request = Request::post(&server.url("/"), "application/json", b"{}".to_vec());
    assert!(matches!(egress.send(&request).await, Err(Error::Line(_))));
    assert_eq!(server.asked(), 1);
    request.again = Again::Allowed;
    assert!(egress.send(&request).await.is_err());
    assert_eq!(server.asked(), 4, "with a key of its own it may come again");
}

#[tokio::test]
async fn a_dead_partner_is_left_alone_and_tried_again_later() {
    let server = Server::start(Does::First(5, BROKEN, OK)).await;
    let egress = Egress::new(Settings {
        attempts: 1,
        failures: 5,
        ..settings(&[server.address.to_string()])
    })
    .unwrap();
    let request = Request::get(&server.url("/"));
    for _ in 0..5 {
        assert_eq!(egress.send(&request).await.unwrap().status, StatusCode::INTERNAL_SERVER_ERROR);
    }
    let began = Instant::now();
    for _ in 0..20 {
        assert!(matches!(egress.send(&request).await, Err(Error::Resting { .. })));
    }
    assert_eq!(server.asked(), 5, "nobody knocked while it rests");
    assert!(began.elapsed() < Duration::from_millis(400), "refused at once");
    let answer = loop {
        match egress.send(&request).await {
            Err(Error::Resting { wait, .. }) => tokio::time::sleep(wait).await,
            outcome => break outcome.unwrap(),
        }
    };
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(egress.send(&request).await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn one_dead_partner_does_not_shut_the_others() {
    let (dead, alive) = (Server::start(Does::Close).await, Server::start(Does::Say(OK)).await);
    let limits = Settings {
        attempts: 1,
        failures: 1,
        ..settings(&[dead.address.to_string(), alive.address.to_string()])
    };
    let egress = Egress::new(limits).unwrap();
    assert!(egress.send(&Request::get(&dead.url("/"))).await.is_err());
    assert!(matches!(egress.send(&Request::get(&dead.url("/"))).await, Err(Error::Resting { .. })));
    assert!(egress.send(&Request::get(&alive.url("/"))).await.is_ok());
}
