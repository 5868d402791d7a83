//! Places for requests, and the queue before them: emergency, then officers, then citizens, then crawlers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::GateLimits;

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Officers at what cannot wait.
    Emergency,
    /// Officers.
    Officer,
    /// Everybody.
    Citizen,
    /// Programs that fetch pages.
    Crawler,
}

/// The classes in the order in which they get a place.
const CLASSES: [Class; 4] = [Class::Emergency, Class::Officer, Class::Citizen, Class::Crawler];

impl Class {
    /// How many hundredths of the places the class may take, together with those after it.
    fn share(self) -> usize {
        match self {
            Self::Emergency => 100,
            Self::Officer => 90,
            Self::Citizen => 75,
            Self::Crawler => 25,
        }
    }

    fn place(self) -> usize {
        match self {
            Self::Emergency => 0,
            Self::Officer => 1,
            Self::Citizen => 2,
            Self::Crawler => 3,
        }
    }
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// There are too many requests.
    House,
    /// There are too many of this address.
    Address,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Ticket {
    room: Arc<Room>,
    household: Option<u128>,
}

#[derive(Debug)]
struct Waiter {
    called: oneshot::Sender<Ticket>,
    household: Option<u128>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    by_household: HashMap<u128, usize>,
    waiting: [VecDeque<Waiter>; 4],
    places: usize,
    per_household: usize,
    queue: usize,
    queue_ms: u64,
}

/// All places of this process.
#[derive(Debug)]
pub(super) struct Room(Mutex<State>);

impl Room {
    pub(super) fn new(limits: &GateLimits) -> Self {
        let room = Self(Mutex::default());
        room.set(limits);
        room
    }

    pub(super) fn set(&self, limits: &GateLimits) {
        let mut state = self.lock();
        state.places = limits.in_flight.max(1);
        state.per_household = limits.address_in_flight.max(1);
        state.queue = limits.queue;
        state.queue_ms = limits.queue_ms;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn enter(
        self: Arc<Self>,
        class: Class,
        household: Option<u128>,
    ) -> Result<Ticket, Full> {
        let (called, wait) = {
            let mut state = self.lock();
            if !state.admits(household) {
                return Err(Full::Address);
            }
            if state.has_place(class) && !state.somebody_waits_before(class) {
                state.seat(household);
                return Ok(Ticket { room: Arc::clone(&self), household });
            }
            let queue = state.queue;
            let Some(line) = state.waiting.get_mut(class.place()) else { return Err(Full::House) };
            line.retain(|waiter| !waiter.called.is_closed());
            // Crawlers come again by themselves.
            if class == Class::Crawler || line.len() >= queue {
                return Err(Full::House);
            }
            let (sender, called) = oneshot::channel();
            line.push_back(Waiter { called: sender, household });
            (called, Duration::from_millis(state.queue_ms))
        };
        match tokio::time::timeout(wait, called).await {
            Ok(Ok(ticket)) => Ok(ticket),
            _ => Err(Full::House),
        }
    }

    /// Gives free places to those who wait.
    fn call(self: &Arc<Self>) {
        let mut called = Vec::new();
        {
            let mut state = self.lock();
            while let Some(waiter) = state.next_waiter() {
                state.seat(waiter.household);
                called.push(waiter);
            }
        }
        // Outside the lock: a ticket that nobody takes any more gives its place back by itself.
        for Waiter { called, household } in called {
            drop(called.send(Ticket { room: Arc::clone(self), household }));
        }
    }
}

impl State {
    fn limit(&self, class: Class) -> usize {
        (self.places * class.share() / 100).max(1)
    }

    fn has_place(&self, class: Class) -> bool {
        self.running < self.limit(class)
    }

    fn admits(&self, household: Option<u128>) -> bool {
        household.is_none_or(|one| {
            self.by_household.get(&one).is_none_or(|count| *count < self.per_household)
        })
    }

    fn somebody_waits_before(&self, class: Class) -> bool {
        let before = self.waiting.iter().take(class.place() + 1);
        before.flatten().any(|waiter| !waiter.called.is_closed())
    }

    fn seat(&mut self, household: Option<u128>) {
        self.running += 1;
        if let Some(one) = household {
            *self.by_household.entry(one).or_default() += 1;
        }
    }

    fn next_waiter(&mut self) -> Option<Waiter> {
        for class in CLASSES {
            if !self.has_place(class) {
                return None;
            }
            while let Some(waiter) = self.waiting.get_mut(class.place())?.pop_front() {
                if !waiter.called.is_closed() {
                    return Some(waiter);
                }
            }
        }
        None
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        {
            let mut state = self.room.lock();
            state.running = state.running.saturating_sub(1);
            if let Some(one) = self.household
                && let Some(count) = state.by_household.get_mut(&one)
            {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    state.by_household.remove(&one);
                }
            }
        }
        self.room.call();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(in_flight: usize, queue: usize, queue_ms: u64) -> Arc<Room> {
        let limits = GateLimits {
            in_flight,
            queue,
            queue_ms,
            address_in_flight: 3,
            ..GateLimits::default()
        };
        Arc::new(Room::new(&limits))
    }

    async fn enter(room: &Arc<Room>, class: Class) -> Result<Ticket, Full> {
        Arc::clone(room).enter(class, None).await
    }

    /// Begins to wait, and is in the line when this returns.
    async fn line_up(
        room: &Arc<Room>,
        class: Class,
    ) -> tokio::task::JoinHandle<Result<Ticket, Full>> {
        let (place, before) = (class.place(), room.lock().waiting[class.place()].len());
        let waiting = tokio::spawn(Arc::clone(room).enter(class, None));
        while room.lock().waiting[place].len() == before {
            tokio::task::yield_now().await;
        }
        waiting
    }

    #[tokio::test]
    async fn crawlers_are_the_first_to_be_sent_away() {
        let room = room(8, 10, 60_000);
        let crawlers = [enter(&room, Class::Crawler).await, enter(&room, Class::Crawler).await];
        assert!(crawlers.iter().all(Result::is_ok));
        assert_eq!(enter(&room, Class::Crawler).await.unwrap_err(), Full::House);
        let mut held = Vec::new();
        for class in [Class::Citizen, Class::Citizen, Class::Citizen, Class::Citizen] {
            held.push(enter(&room, class).await.unwrap());
        }
        // Six of eight are taken: no citizen comes in, an officer does, and the last place is for emergencies.
        let citizen = line_up(&room, Class::Citizen).await;
        held.push(enter(&room, Class::Officer).await.unwrap());
        let officer = line_up(&room, Class::Officer).await;
        held.push(enter(&room, Class::Emergency).await.unwrap());
        assert!(!citizen.is_finished() && !officer.is_finished());
        held.truncate(4);
        let officer = officer.await.unwrap();
        assert!(officer.is_ok() && !citizen.is_finished(), "the officer came later and goes first");
        drop((held, officer, crawlers));
        assert!(citizen.await.unwrap().is_ok());
        assert_eq!(room.lock().running, 0);
    }

    #[tokio::test]
    async fn nobody_overtakes_who_waits_in_the_same_line() {
        let room = room(4, 10, 60_000);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(enter(&room, Class::Citizen).await.unwrap());
        }
        let first = line_up(&room, Class::Citizen).await;
        let second = line_up(&room, Class::Citizen).await;
        held.pop();
        let first = first.await.unwrap().unwrap();
        assert!(!second.is_finished());
        drop(first);
        assert!(second.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn a_line_has_an_end_and_waiting_has_an_end() {
        let room = room(4, 1, 300);
        let held = [
            enter(&room, Class::Citizen).await.unwrap(),
            enter(&room, Class::Citizen).await.unwrap(),
            enter(&room, Class::Citizen).await.unwrap(),
        ];
        let waiting = line_up(&room, Class::Citizen).await;
        assert_eq!(enter(&room, Class::Citizen).await.unwrap_err(), Full::House);
        assert_eq!(waiting.await.unwrap().unwrap_err(), Full::House, "after its time");
        drop(held);
        assert_eq!(room.lock().running, 0, "who gave up holds no place");
        assert!(enter(&room, Class::Citizen).await.is_ok());
    }

    #[tokio::test]
    async fn one_address_does_not_take_all_places() {
        let room = room(100, 10, 60_000);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(Arc::clone(&room).enter(Class::Citizen, Some(1)).await.unwrap());
        }
        let more = Arc::clone(&room).enter(Class::Citizen, Some(1)).await;
        assert_eq!(more.unwrap_err(), Full::Address);
        assert!(Arc::clone(&room).enter(Class::Citizen, Some(2)).await.is_ok());
        held.pop();
        assert!(Arc::clone(&room).enter(Class::Citizen, Some(1)).await.is_ok());
        drop(held);
        assert!(room.lock().by_household.is_empty());
    }
}
