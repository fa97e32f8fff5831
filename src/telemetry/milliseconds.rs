//! A latency as a number.

use std::time::Duration;

/// Milliseconds with the microseconds behind the point: a recording keeps no more, so that a
/// replay tells the very number that was told live.
pub fn milliseconds(latency: Duration) -> f64 {
    let kept = latency.saturating_sub(Duration::from_nanos(u64::from(
        latency.subsec_nanos() % 1_000,
    )));
    (kept.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_recording_does_not_keep_is_not_told() {
        let live = Duration::from_nanos(98_630_999);
        let recorded = Duration::from_micros(98_630);
        assert_eq!(milliseconds(live).to_string(), "98.63");
        assert_eq!(milliseconds(recorded).to_string(), "98.63");
    }
}
