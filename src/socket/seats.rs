//! A limited number of connections. Where all seats are taken, the connection that has waited
//! longest for a request gives way: whoever opens many and sends nothing shuts nobody out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// In place of a time of waiting: a request is being answered.
const ANSWERING: u64 = u64::MAX;

/// All seats.
#[derive(Debug)]
pub struct Seats {
    most: usize,
    taken: Mutex<HashMap<u64, Arc<State>>>,
    /// Counts up with each event: the order of events is all that matters.
    moment: AtomicU64,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    waiting_since: AtomicU64,
    /// Answers under way: HTTP/2 has several at a time.
    answers: AtomicUsize,
    give_way: Notify,
}

/// A connection's seat; dropped, it is free again.
#[derive(Debug)]
pub struct Seat {
    number: u64,
    state: Arc<State>,
    seats: Arc<Seats>,
}

/// While it lives, its connection is in the middle of an answer and keeps its seat.
#[derive(Debug)]
pub struct Answering {
    state: Arc<State>,
    seats: Arc<Seats>,
}

impl Seats {
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            taken: Mutex::default(),
            moment: AtomicU64::new(0),
            freed: Notify::new(),
        })
    }

    /// A seat, as soon as one is free.
    pub async fn take(self: &Arc<Self>) -> Seat {
        loop {
            if let Some(seat) = self.take_free() {
                return seat;
            }
            self.free_one();
            self.freed.notified().await;
        }
    }

    /// Waits until a connection has given way, or somebody else has gone.
    pub async fn one_left(&self) {
        self.freed.notified().await;
    }

    /// Asks the connection that has waited longest to give way.
    pub fn free_one(&self) {
        let taken = self.taken();
        let waiting = taken.values().map(|state| (state.waiting_since(), state));
        let longest = waiting
            .filter(|(since, _)| *since != ANSWERING)
            .min_by_key(|(since, _)| *since);
        if let Some((_, state)) = longest {
            state.give_way.notify_one();
        }
    }

    fn take_free(self: &Arc<Self>) -> Option<Seat> {
        let mut taken = self.taken();
        if taken.len() >= self.most {
            return None;
        }
        let number = self.now();
        let state = Arc::new(State {
            waiting_since: AtomicU64::new(number),
            answers: AtomicUsize::new(0),
            give_way: Notify::new(),
        });
        taken.insert(number, Arc::clone(&state));
        Some(Seat {
            number,
            state,
            seats: Arc::clone(self),
        })
    }

    fn now(&self) -> u64 {
        self.moment.fetch_add(1, Ordering::Relaxed)
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<u64, Arc<State>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waiting_since(&self) -> u64 {
        self.waiting_since.load(Ordering::Relaxed)
    }
}

impl Seat {
    /// A request has arrived whole: until the returned value is dropped, the seat is kept.
    #[must_use]
    pub fn answering(&self) -> Answering {
        self.state.answers.fetch_add(1, Ordering::AcqRel);
        self.state.waiting_since.store(ANSWERING, Ordering::Relaxed);
        Answering {
            state: Arc::clone(&self.state),
            seats: Arc::clone(&self.seats),
        }
    }

    /// Waits until the connection is to give way to another.
    pub async fn given_up(&self) {
        self.state.give_way.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().remove(&self.number);
        self.seats.freed.notify_one();
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if self.state.answers.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let now = self.seats.now();
        self.state.waiting_since.store(now, Ordering::Relaxed);
        // A full house waits for the first who has nothing to do.
        self.seats.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_has_waited_longest_gives_way_but_never_who_is_being_answered() {
        let seats = Seats::new(3);
        let (first, second, third) = (seats.take().await, seats.take().await, seats.take().await);
        let answering = first.answering();
        seats.free_one();
        tokio::select! {
            () = second.given_up() => {}
            () = third.given_up() => panic!("it came later"),
            () = first.given_up() => panic!("it is being answered"),
        }
        drop(second);
        let _fourth = seats.take().await;
        drop(answering);
        seats.free_one();
        third.given_up().await;
    }

    #[tokio::test]
    async fn a_full_house_takes_another_as_soon_as_one_has_left() {
        let seats = Seats::new(1);
        let only = seats.take().await;
        let leave = async {
            only.given_up().await;
            drop(only);
        };
        let (seat, ()) = tokio::join!(seats.take(), leave);
        assert_eq!(seats.taken().len(), 1);
        drop(seat);
        assert!(seats.taken().is_empty());
    }
}
