//! The strikes that come over the network: torn uploads, slow clients, a crowd at one case, a burst.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;
use zhengtong_crypto::Digest;
use zhengtong_walk::city::City;
use zhengtong_walk::course::{self, Told};
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::session::File;
use zhengtong_walk::wire::{Lost, Request, Wire};

use crate::clients::paper;
use crate::fault::{Scene, Struck};

/// Whether the city says that it can serve.
pub(crate) async fn serves(wire: &Wire) -> bool {
    page(wire, "/readyz").await == Ok(200)
}

/// The status of a page; none when the request was not taken, a reason when its answer was lost.
pub(crate) async fn page(wire: &Wire, path: &str) -> Result<u16, Option<String>> {
    let asked = Request { method: "GET", path: path.to_owned(), ..Request::default() };
    match wire.send(&asked).await {
        Ok(reply) => Ok(reply.status),
        Err(Lost::Unsent(_)) => Err(None),
        Err(Lost::Unknown(why)) if why == "closed" || why.contains("reset") => Err(None),
        Err(Lost::Unknown(why)) => Err(Some(why)),
    }
}

/// Uploads that break off at every kind of place, lie about their length, or never end.
pub(crate) async fn torn(scene: Scene<'_>) -> Result<Struck> {
    let Scene { city, people, mut dice, .. } = scene;
    let mut struck = Struck::default();
    let agent = &people.agent;
    let Told::Done(draft, _) = course::begin(agent).await else {
        struck.broken.push("no application could be begun".to_owned());
        return Ok(struck);
    };
    course::fill(agent, &draft, None).await.done().context("the form could not be filled")?;
    let csrf = course::fresh::<()>(agent, &draft).await.ok().context("no token")?;
    let bytes = paper(&mut dice);
    let file = File { field: "layout", name: "图.pdf", kind: "application/pdf", bytes: &bytes };
    let request = agent.multipart(
        &format!("{draft}/page/papers"),
        &[("csrf", &csrf), ("then", "check")],
        &file,
    );
    let whole = request.bytes(agent.wire.host());
    let mut sent = 0;
    for cut in cuts(&mut dice, whole.len()) {
        let mut line = TcpStream::connect(&city.address).await?;
        line.write_all(whole.get(..cut).unwrap_or_default()).await?;
        drop(line);
        sent += 1;
    }
    let there = files_of(city, &draft).await?;
    if !there.is_empty() {
        struck.broken.push(format!("files of torn uploads: {there:?}"));
    }
    for torn in lies(&whole, request.body.len()) {
        let mut line = TcpStream::connect(&city.address).await?;
        line.write_all(&torn).await?;
        line.shutdown().await?;
        let mut back = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), line.read_to_end(&mut back)).await;
        if read.is_err() {
            struck.broken.push("an upload that lies is waited for without end".to_owned());
        }
        sent += 1;
    }
    let answer = agent.wire.send(&request).await;
    let there = files_of(city, &draft).await?;
    let digest = Digest::of(&bytes).to_string();
    // A request that lies about its end may have brought the whole file: then it is the whole file.
    if !matches!(&answer, Ok(reply) if reply.status == 303) || there.is_empty() {
        let status = answer.map(|reply| reply.status);
        struck.broken.push(format!("the whole upload is not there: {status:?}"));
    }
    if there.iter().any(|kept| *kept != digest) {
        struck.broken.push(format!("sent {digest}, kept {there:?}"));
    }
    struck.word = format!("{sent} torn uploads");
    Ok(struck)
}

/// Places of every kind: in the head, at its end, in the fields, in the file, before the last byte.
fn cuts(dice: &mut Dice, length: usize) -> Vec<usize> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    // The last four bytes end the form; what is before them ends nothing.
    let length = length.saturating_sub(4);
    let mut places = vec![1, 40, length / 2, length - 40, length - 2, length - 1];
    places.extend((0..14).map(|_| dice.below(length)));
    places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()
}

/// The same request with a length that is too long, one that is too short, and in pieces without an end.
fn lies(whole: &[u8], body: usize) -> Vec<Vec<u8>> {
    let head_end = whole.len() - body;
    let head = String::from_utf8_lossy(whole.get(..head_end).unwrap_or_default()).into_owned();
    let length = format!("content-length: {body}");
    let payload = whole.get(head_end..).unwrap_or_default();
    let with = |head: String, payload: &[u8]| [head.as_bytes(), payload].concat();
    let pieces = [format!("{body:x}\r\n").as_bytes(), payload, b"\r\n"].concat();
    vec![
        with(head.replace(&length, &format!("content-length: {}", body + 100)), payload),
        with(head.replace(&length, &format!("content-length: {}", body / 2)), payload),
        with(head.replace(&length, "transfer-encoding: chunked"), &pieces),
    ]
}

async fn files_of(city: &City, draft: &str) -> Result<Vec<String>> {
    let id = draft.rsplit('/').next().unwrap_or_default();
    let rows = city.rows(&format!("SELECT digest FROM form.file WHERE draft = '{id}'")).await?;
    Ok(rows.iter().map(|row| crate::check::text(row, "digest").to_owned()).collect())
}

/// Slow clients beside the others: heads and bodies that drip, lines that only stand, answers nobody reads.
pub(crate) async fn slow(scene: Scene<'_>) -> Result<Struck> {
    let Scene { city, mut dice, .. } = scene;
    let mut struck = Struck::default();
    let wire = Wire::new(&city.address, Duration::from_secs(10));
    let before = latency(&wire, 30).await;
    let lines = usize::try_from(dice.between(400, 600))?;
    let mut held = Vec::with_capacity(lines);
    for number in 0..lines {
        let Ok(mut line) = TcpStream::connect(&city.address).await else { break };
        let start: &[u8] = match number % 4 {
            0 => b"GET /hall HTTP/1.1\r\nhost: x\r\nx-a: ",
            1 => b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\nlogin=",
            2 => b"",
            _ => b"GET /hall HTTP/1.1\r\nhost: x\r\n\r\n",
        };
        line.write_all(start).await?;
        held.push(line);
    }
    for line in held.iter_mut().step_by(2) {
        // A byte now and then, as slow clients do.
        drop(line.write_all(b"a").await);
    }
    let during = latency(&wire, 30).await;
    let held_lines = held.len();
    drop(held);
    if during.is_none() {
        struck.broken.push("pages could not be read beside slow clients".to_owned());
    }
    let (before, during) = (before.unwrap_or_default(), during.unwrap_or_default());
    // Generous, because tests share a small machine: what is looked for is a door that is shut.
    if during > before * 4 + Duration::from_millis(500) {
        struck.broken.push(format!("{before:?} before, {during:?} beside slow clients"));
    }
    struck.word = format!(
        "{held_lines} slow lines, slowest page {} then {} ms",
        before.as_millis(),
        during.as_millis()
    );
    Ok(struck)
}

/// The slowest of some pages; none when one failed.
async fn latency(wire: &Wire, pages: u32) -> Option<Duration> {
    let mut slowest = Duration::ZERO;
    for _ in 0..pages {
        let from = Instant::now();
        page(wire, "/hall").await.ok().filter(|status| *status == 200)?;
        slowest = slowest.max(from.elapsed());
    }
    Some(slowest)
}

/// Many officers decide one task at one moment: one wins, the others are told so.
pub(crate) async fn hot(scene: Scene<'_>) -> Result<Struck> {
    let Scene { people, fresh, .. } = scene;
    let mut struck = Struck::default();
    let Some(no) = fresh else {
        struck.broken.push("there is no fresh case for the crowd".to_owned());
        return Ok(struck);
    };
    let mut forms = Vec::new();
    for number in 0..24_u32 {
        let outcome = if number % 3 == 0 { "decline" } else { "accept" };
        if let Ok((path, csrf, seen)) = course::decision::<()>(&people.clerk, &no, outcome).await {
            forms.push((path, csrf, seen));
        }
    }
    let tried = forms.len();
    let acts: Vec<_> = forms
        .into_iter()
        .map(|(path, csrf, seen)| {
            let clerk = people.clerk.clone();
            tokio::spawn(async move {
                let fields = [("csrf", csrf.as_str()), ("seen", &seen), ("reason", "同时")];
                clerk.post(&path, &fields).await
            })
        })
        .collect();
    let (mut won, mut told, mut other) = (0, 0, Vec::new());
    for act in acts {
        match act.await? {
            Ok(reply) if reply.status == 303 => won += 1,
            Ok(reply) if matches!(reply.status, 409 | 422) => told += 1,
            Ok(reply) => other.push(format!("status {}", reply.status)),
            Err(lost) => other.push(lost.to_string()),
        }
    }
    if won != 1 || !other.is_empty() || tried < 10 {
        struck.broken.push(format!("{tried} tried, {won} won, {told} were told: {other:?}"));
    }
    struck.word = format!("{tried} at one task, {won} won");
    Ok(struck)
}

/// A burst: far more than the city can serve, then the usual. It may refuse, it may not fail, and it comes back.
pub(crate) async fn burst(scene: Scene<'_>) -> Result<Struck> {
    let Scene { city, people, .. } = scene;
    let mut struck = Struck::default();
    let wire = Wire::new(&city.address, Duration::from_secs(30));
    let agent = people.agent.by(&wire);
    let requests: Vec<_> = (0..300_u32)
        .map(|number| {
            let agent = agent.clone();
            let path = ["/hall", "/my", "/", "/hall/food-business-new"]
                .get(usize::try_from(number % 4).unwrap_or(0))
                .copied()
                .unwrap_or("/");
            tokio::spawn(async move { agent.get(path).await.map(|reply| reply.status) })
        })
        .collect();
    let (mut good, mut shed, mut bad) = (0, 0, Vec::new());
    for request in requests {
        match request.await? {
            Ok(200) => good += 1,
            Ok(429 | 503) => shed += 1,
            Ok(status) => bad.push(status.to_string()),
            Err(lost) => bad.push(lost.to_string()),
        }
    }
    if !bad.is_empty() {
        bad.truncate(5);
        struck.broken.push(format!("in the burst: {bad:?}"));
    }
    let from = Instant::now();
    while !matches!(people.agent.get("/my").await, Ok(reply) if reply.status == 200) {
        if from.elapsed() > Duration::from_secs(10) {
            struck.broken.push("not back 10 s after the burst".to_owned());
            break;
        }
        now::wait(Duration::from_millis(50)).await;
    }
    struck.word = format!("{good} served, {shed} refused");
    Ok(struck)
}
