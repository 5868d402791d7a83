//! Several nodes: two that serve behind a plain balancer, a third that keeps the database; one of the two is killed in
//! mid-journey and comes back. Nothing is lost, nothing is done twice, no session is tied to a node.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use zhengtong_walk::city::City;
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;
use zhengtong_walk::wire::Wire;

use crate::check::{Broken, broken, number, text};
use crate::proxy;
use crate::rounds::{self, Plan, Run, WAIT};
use crate::say;

/// A balancer that gives each request to the next node, without any memory of who asked.
struct Balancer {
    address: String,
    served: Arc<[AtomicUsize; 2]>,
    task: JoinHandle<()>,
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Balancer {
    async fn before(nodes: [String; 2]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let served = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let counted = Arc::clone(&served);
        let task = tokio::spawn(async move {
            let (nodes, turn) = (Arc::new(nodes), Arc::new(AtomicUsize::new(0)));
            while let Ok((client, _)) = listener.accept().await {
                let (nodes, turn, counted) =
                    (Arc::clone(&nodes), Arc::clone(&turn), Arc::clone(&counted));
                tokio::spawn(async move { drop(carry(client, &nodes, &turn, &counted).await) });
            }
        });
        Ok(Self { address, served, task })
    }
}

/// Each request of a line goes to the next node that takes it; what breaks on the way breaks for the client.
async fn carry(
    mut client: TcpStream,
    nodes: &[String; 2],
    turn: &AtomicUsize,
    served: &[AtomicUsize; 2],
) -> Result<()> {
    let mut buffer = Vec::new();
    let mut dice = Dice::new(0);
    while let Some(request) = proxy::request(&mut client, &mut buffer).await? {
        let first = turn.fetch_add(1, Ordering::Relaxed);
        let mut line = None;
        for step in 0..2 {
            let place = (first + step) % 2;
            let Some(node) = nodes.get(place) else { continue };
            if let Ok(taken) = TcpStream::connect(node).await {
                if let Some(count) = served.get(place) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                line = Some(taken);
                break;
            }
        }
        let mut server = line.context("no node takes requests")?;
        server.write_all(&request).await?;
        if proxy::answer(&mut server, &mut client, 0, &mut dice).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Runs it; true when everything held.
pub(crate) async fn run(plan: Plan) -> Result<bool> {
    let template = rounds::template(&plan.binary, &plan.work).await?;
    let folder = plan.work.join("nodes");
    City::copy(&template, &folder).await?;
    let mut dice = Dice::new(plan.seed);
    let keeper = City::at(&plan.binary, &folder)?;
    let mut run = Run::with(plan.clone(), keeper).await?;
    let url = run.city.url()?;
    let mut nodes = [run.city.node(&url, 1)?, run.city.node(&url, 2)?];
    for node in &mut nodes {
        node.up().await?;
    }
    let addresses = nodes.each_ref().map(|node| node.address.clone());
    let balancer = Balancer::before(addresses).await?;
    let wire = Wire::through(&balancer.address, &balancer.address, WAIT);
    let people = run.people.by(&wire);
    let mut found = Vec::new();
    for round in 0..plan.rounds {
        let seed = dice.next();
        let load = run.load(seed, &people);
        now::wait(Duration::from_millis(dice.between(400, 1_500))).await;
        let place = usize::from(dice.once_in(2));
        let node = nodes.get_mut(place).context("no such node")?;
        node.kill().await?;
        now::wait(Duration::from_millis(dice.between(400, 1_500))).await;
        let back = node.up().await?;
        now::wait(Duration::from_millis(600)).await;
        let acts = load.end().await?;
        found.extend(run.read_back(&[]).await?);
        found.extend(once(&run).await?);
        say(&format!(
            "nodes {round}: node {} killed, back after {} ms, {acts} acts, {} broken",
            place + 1,
            back.as_millis(),
            found.len()
        ));
        if !found.is_empty() {
            break;
        }
    }
    let served: Vec<usize> =
        balancer.served.iter().map(|count| count.load(Ordering::Relaxed)).collect();
    if served.contains(&0) {
        found.push(broken("N", format!("one node served nothing: {served:?}")));
    }
    for node in &mut nodes {
        ensure!(node.stop().await?, "a node did not end well: {}", node.last_words());
    }
    run.city.stop().await?;
    for broken in found.iter().take(20) {
        say(&format!("  {} {}", broken.invariant, broken.what));
    }
    say(&format!("requests by node: {served:?}; seed={}", plan.seed));
    Ok(found.is_empty())
}

/// What jobs do is done once, however many nodes work on them.
async fn once(run: &Run) -> Result<Vec<Broken>> {
    let twice = "SELECT verb, thing, count(*) AS times FROM ledger.entry \
        WHERE verb IN ('document.render', 'document.issue', 'casework.open') \
        GROUP BY verb, thing HAVING count(*) > 1";
    let mut found: Vec<Broken> = run
        .city
        .rows(twice)
        .await?
        .iter()
        .map(|row| {
            let what = format!(
                "{} of {} was done {} times",
                text(row, "verb"),
                text(row, "thing"),
                number(row, "times")
            );
            broken("N", what)
        })
        .collect();
    let forks = "SELECT count(*) - count(DISTINCT size) AS forks FROM ledger.checkpoint";
    let row = run.city.rows(forks).await?.into_iter().next().unwrap_or_default();
    if number(&row, "forks") != 0 {
        found.push(broken("N", "two checkpoints of one size"));
    }
    Ok(found)
}
