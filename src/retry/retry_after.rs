//! What a server says about when to come back.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// A `Retry-After` header: seconds, or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long from now.
    Wait(Duration),
    /// Not before this time.
    Until(Timestamp),
}

impl RetryAfter {
    /// Reads the header's value; what is neither form counts as not said.
    #[must_use]
    pub fn read(value: &str) -> Option<Self> {
        let value = value.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Self::Wait(Duration::from_secs(seconds)));
        }
        let date = DateTimeParser::new().parse_timestamp(value);
        date.ok().map(Self::Until)
    }

    /// How long that is from now; nothing if it is over.
    #[must_use]
    pub fn from_now(self, now: Timestamp) -> Duration {
        match self {
            Self::Wait(wait) => wait,
            Self::Until(date) => Duration::try_from(date.duration_since(now)).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let seconds = |value| RetryAfter::read(value).map(|after| after.from_now(now).as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds("Sun, 22 Nov 2026 10:00:12 GMT"), Some(12));
        assert_eq!(seconds("Sun, 22 Nov 2026 09:59:00 GMT"), Some(0));
        for value in ["", "soon", "-3", "1.5"] {
            assert_eq!(seconds(value), None, "{value}");
        }
    }
}
