//! How fast one model is asked: its quota in two buckets, and less than that for a while where
//! the service throttles all the same.

use std::collections::VecDeque;
use std::time::Duration;

use super::bucket::Bucket;
use super::limit::{Limit, Size};

/// A throttled model is asked at this part of the speed before.
const SLOWER: f64 = 0.5;
/// And never at less than this part of its quota.
const SLOWEST: f64 = 0.05;
/// Part of the quota by which the speed grows again in a second: from half to all in 100.
const RISE: f64 = 0.005;
/// Calls that were throttled together slow the model down once.
const ONE_EVENT: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// What a model without a known quota is asked at least after it throttled, in a minute.
const LEARNED_LEAST: f64 = 6.0;

/// What a call took of a quota, to be settled once its true use is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    tokens: u64,
}

/// The pace of one model. Times are those of one clock.
#[derive(Debug, Clone)]
pub struct Pace {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// The part of the full speed at which it is asked.
    part: f64,
    /// When it was last slowed down or speeded up.
    changed: Duration,
    slowed: Option<Duration>,
    /// When the last minute's calls left, where no quota is known.
    left: VecDeque<Duration>,
}

impl Pace {
    /// The pace of a quota; without one nothing waits until the service throttles.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "quotas are far below 2^52")]
    pub fn new(limit: Option<Limit>, now: Duration) -> Self {
        let of =
            |amount: fn(Limit) -> f64| limit.map(|limit| Bucket::of_minute(amount(limit), now));
        Self {
            requests: of(|limit| f64::from(limit.requests_per_minute)),
            tokens: of(|limit| limit.tokens_per_minute as f64),
            part: 1.0,
            changed: now,
            slowed: None,
            left: VecDeque::new(),
        }
    }

    /// Takes what a call needs.
    ///
    /// # Errors
    /// How long to wait before asking again.
    pub fn take(&mut self, now: Duration, size: Size) -> Result<Reservation, Duration> {
        self.rise(now);
        let part = self.part;
        let costs = [1.0, cost(size.tokens())];
        let wait = self.buckets().zip(costs).map(|(bucket, cost)| {
            let Some(bucket) = bucket else {
                return Duration::ZERO;
            };
            bucket.fill(now, part);
            bucket.wait(cost, part)
        });
        let wait = wait.max().unwrap_or_default();
        if !wait.is_zero() {
            return Err(wait);
        }
        for (bucket, cost) in self.buckets().zip(costs) {
            if let Some(bucket) = bucket {
                bucket.take(cost);
            }
        }
        self.remember(now);
        Ok(Reservation {
            tokens: size.tokens(),
        })
    }

    /// Gives back what a call did not use; `None` where it is not known, and all stays taken.
    pub fn settle(&mut self, reservation: Reservation, used: Option<u64>) {
        let (Some(bucket), Some(used)) = (&mut self.tokens, used) else {
            return;
        };
        bucket.give_back(cost(reservation.tokens) - cost(used));
    }

    /// The service throttled a call: from now on it is asked more slowly, for a while.
    pub fn throttled(&mut self, now: Duration) {
        let is_known = |slowed| now.saturating_sub(slowed) < ONE_EVENT;
        if self.slowed.is_some_and(is_known) {
            return;
        }
        self.rise(now);
        self.learn(now);
        self.slowed = Some(now);
        self.part = (self.part * SLOWER).max(SLOWEST);
        for bucket in self.buckets().flatten() {
            bucket.fill(now, 0.0);
            bucket.empty();
        }
    }

    /// The part of the full speed at which it is asked now, from 0 to 1.
    #[must_use]
    pub const fn part(&self) -> f64 {
        self.part
    }

    /// Without a quota the speed that was too much is taken for one.
    #[expect(clippy::cast_precision_loss, reason = "calls in a minute are few")]
    fn learn(&mut self, now: Duration) {
        if self.requests.is_none() {
            self.forget(now);
            let amount = (self.left.len() as f64).max(LEARNED_LEAST);
            self.requests = Some(Bucket::of_minute(amount, now));
        }
    }

    fn rise(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.changed).as_secs_f64();
        self.part = (self.part + passed * RISE).min(1.0);
        self.changed = self.changed.max(now);
    }

    fn remember(&mut self, now: Duration) {
        if self.requests.is_none() {
            self.forget(now);
            self.left.push_back(now);
        }
    }

    fn forget(&mut self, now: Duration) {
        while let Some(first) = self.left.front()
            && now.saturating_sub(*first) > MINUTE
        {
            self.left.pop_front();
        }
    }

    fn buckets(&mut self) -> impl Iterator<Item = Option<&mut Bucket>> {
        [self.requests.as_mut(), self.tokens.as_mut()].into_iter()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "tokens of a call are far below 2^52"
)]
fn cost(tokens: u64) -> f64 {
    tokens as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HAIKU: Limit = Limit {
        requests_per_minute: 500,
        tokens_per_minute: 500_000,
    };

    fn size(tokens: u64) -> Size {
        Size {
            input: tokens,
            most_output: 0,
        }
    }

    /// Sends so many calls as fast as the pace lets them go; when each one left.
    fn send(pace: &mut Pace, sizes: impl Iterator<Item = u64>) -> Vec<Duration> {
        let mut now = Duration::ZERO;
        let leave = |tokens| loop {
            match pace.take(now, size(tokens)) {
                Ok(_) => return now,
                Err(wait) => now += wait,
            }
        };
        sizes.map(leave).collect()
    }

    fn most_in_a_minute(left: &[Duration], amount: impl Fn(usize) -> u64) -> u64 {
        let in_minute = |first: usize| {
            let end = left[first] + MINUTE;
            let own = (first..left.len()).take_while(|index| left[*index] < end);
            own.map(&amount).sum()
        };
        (0..left.len()).map(in_minute).max().unwrap_or_default()
    }

    #[test]
    fn a_thousand_calls_stay_under_the_quota_and_lose_less_than_a_tenth() {
        let mut pace = Pace::new(Some(HAIKU), Duration::ZERO);
        let left = send(&mut pace, std::iter::repeat_n(100, 1_000));
        assert!(most_in_a_minute(&left, |_| 1) <= 500);
        let ideal = Duration::from_mins(2);
        let last = *left.last().unwrap();
        assert!(
            last > ideal.mul_f64(0.9) && last < ideal.mul_f64(1.1),
            "{last:?}"
        );
    }

    #[test]
    fn what_was_not_used_is_given_back() {
        let limit = Limit {
            requests_per_minute: 1_000_000,
            tokens_per_minute: 60_000,
        };
        let mut pace = Pace::new(Some(limit), Duration::ZERO);
        let reserved = pace.take(Duration::ZERO, size(1_200)).unwrap();
        assert!(pace.take(Duration::ZERO, size(1_000)).is_err());
        pace.settle(reserved, Some(100));
        assert!(pace.take(Duration::ZERO, size(1_000)).is_ok());
    }

    #[test]
    fn a_call_larger_than_the_bucket_goes_and_the_next_one_pays() {
        let mut pace = Pace::new(Some(HAIKU), Duration::ZERO);
        pace.take(Duration::ZERO, size(100_000)).unwrap();
        let wait = pace.take(Duration::ZERO, size(1)).unwrap_err();
        assert!(wait > Duration::from_secs(10), "{wait:?}");
    }

    #[test]
    fn throttling_halves_the_speed_once_and_it_grows_again() {
        let mut pace = Pace::new(Some(HAIKU), Duration::ZERO);
        let at = Duration::from_secs(10);
        for _ in 0..8 {
            pace.throttled(at);
        }
        assert!((pace.part() - 0.5).abs() < 1e-9);
        pace.throttled(at + Duration::from_secs(5));
        assert!((pace.part() - 0.2625).abs() < 1e-9, "{}", pace.part());
        let _ = pace.take(at + 4 * MINUTE, size(1));
        assert!((pace.part() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_model_without_a_known_quota_learns_one_when_it_is_throttled() {
        let mut pace = Pace::new(None, Duration::ZERO);
        for _ in 0..60 {
            pace.take(Duration::from_secs(1), size(1)).unwrap();
        }
        pace.throttled(Duration::from_secs(2));
        let wait = pace.take(Duration::from_secs(2), size(1)).unwrap_err();
        // Half of the 60 of this minute: one in two seconds.
        assert!(
            wait > Duration::from_secs(1) && wait < Duration::from_secs(3),
            "{wait:?}"
        );
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_than_the_quota(
            requests in 1_u32..400,
            sizes in prop::collection::vec(1_u64..3_000, 1..300),
        ) {
            let limit = Limit { requests_per_minute: requests, tokens_per_minute: 400_000 };
            let mut pace = Pace::new(Some(limit), Duration::ZERO);
            let left = send(&mut pace, sizes.iter().copied());
            prop_assert!(most_in_a_minute(&left, |_| 1) <= requests.into());
            prop_assert!(most_in_a_minute(&left, |index| sizes[index]) <= 400_000);
        }
    }
}
