//! How often a call is tried, and how long it waits between two tries.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// The tries of a call.
const TRIES: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);
/// The most seconds before the second try, the third and so on.
const SECONDS: [u64; 4] = [2, 4, 8, 16];
/// A server that asks for more is not waited for.
const PATIENCE: Duration = Duration::from_mins(5);

/// The longest wait before each further try; the last one holds for all that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff(Vec<Duration>);

/// A text that is no list of waits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected seconds such as `2,4,8,16`, found `{0}`")]
pub struct BackoffError(String);

/// How a failed call is tried again.
///
/// Waits have *full jitter*: any part of the longest wait, so that calls that failed together
/// do not come back together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a call is made at most, the first time included.
    pub tries: NonZeroU32,
    /// How long it waits at most before each further try.
    pub backoff: Backoff,
}

impl Default for Backoff {
    fn default() -> Self {
        Self(SECONDS.map(Duration::from_secs).to_vec())
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: TRIES,
            backoff: Backoff::default(),
        }
    }
}

impl RetryPolicy {
    /// One try: what fails has failed. A replayed call has it, since its recorded outcome is
    /// final.
    #[must_use]
    pub fn never() -> Self {
        Self {
            tries: NonZeroU32::MIN,
            ..Self::default()
        }
    }

    /// How long to wait after so many tries; `None` where there is to be no other. `asked` is
    /// what the server asked for, `part` of the longest wait is the jitter, from 0 to 1.
    #[must_use]
    pub fn wait(&self, tried: u32, asked: Option<Duration>, part: f64) -> Option<Duration> {
        if tried >= self.tries.get() || asked.is_some_and(|asked| asked > PATIENCE) {
            return None;
        }
        let own = self.backoff.longest(tried).mul_f64(part.clamp(0.0, 1.0));
        Some(own.max(asked.unwrap_or_default()))
    }
}

impl Backoff {
    /// The longest wait after so many tries.
    fn longest(&self, tried: u32) -> Duration {
        let index = tried.saturating_sub(1) as usize;
        let wait = self.0.get(index).or(self.0.last());
        wait.copied().unwrap_or_default()
    }
}

impl FromStr for Backoff {
    type Err = BackoffError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = |part: &str| {
            let seconds = part.trim().parse().ok()?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        let waits: Option<Vec<Duration>> = text.split(',').map(seconds).collect();
        waits.map(Self).ok_or_else(|| BackoffError(text.to_owned()))
    }
}

impl fmt::Display for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits = self.0.iter().map(|wait| wait.as_secs_f64().to_string());
        f.write_str(&waits.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn by_default_there_are_four_tries_with_two_four_and_eight_seconds_between() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = (1..=4).map(|tried| policy.wait(tried, None, 1.0)).collect();
        assert_eq!(
            waits,
            [Some(2 * SECOND), Some(4 * SECOND), Some(8 * SECOND), None]
        );
    }

    #[test]
    fn the_last_wait_holds_for_all_that_follow() {
        let policy = RetryPolicy {
            tries: NonZeroU32::new(9).unwrap(),
            backoff: "0.5,1".parse().unwrap(),
        };
        assert_eq!(policy.wait(8, None, 1.0), Some(SECOND));
    }

    #[test]
    fn what_the_server_asks_for_is_waited_for() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.wait(1, Some(30 * SECOND), 0.5), Some(30 * SECOND));
        assert_eq!(policy.wait(3, Some(SECOND), 1.0), Some(8 * SECOND));
        assert_eq!(policy.wait(1, Some(PATIENCE + SECOND), 1.0), None);
    }

    #[test]
    fn one_try_means_no_other() {
        assert_eq!(RetryPolicy::never().wait(1, None, 0.0), None);
    }

    #[test]
    fn a_list_of_waits_survives_its_text() {
        let backoff: Backoff = "2, 4,8.5".parse().unwrap();
        assert_eq!(backoff.to_string(), "2,4,8.5");
        for text in ["", "2,,4", "soon", "-1", "NaN", "inf"] {
            assert!(text.parse::<Backoff>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn jitter_stays_within_the_longest_wait(tried in 1_u32..4, part in 0.0..=1.0) {
            let policy = RetryPolicy::default();
            let wait = policy.wait(tried, None, part).unwrap();
            prop_assert!(wait <= policy.wait(tried, None, 1.0).unwrap());
        }
    }
}
