//! Numbers as people read them. What is not defined is `n/a`.

use crate::bench::Share;
use crate::statistics::{self, Interval, Method, signed};
use crate::words::grouped;

pub(super) const NOT_AVAILABLE: &str = "n/a";

/// Two decimals.
pub(super) fn mean(number: Option<f64>) -> String {
    or_none(number, |number| format!("{number:.2}"))
}

/// Two decimals with a sign.
pub(super) fn shift(number: Option<f64>) -> String {
    or_none(number, signed)
}

/// `.31`; `1.00` and `−.05` where they are.
pub(super) fn ratio(number: Option<f64>) -> String {
    or_none(number, statistics::ratio)
}

/// An interval of a figure that has no sign: `[.83, .99]`.
pub(super) fn ratios(interval: Option<Interval>) -> String {
    let ends = |own: Interval| [own.low, own.high].map(statistics::ratio).join(", ");
    interval.map_or_else(
        || NOT_AVAILABLE.to_owned(),
        |own| format!("[{}]", ends(own)),
    )
}

/// Three decimals, or that it is less.
pub(super) fn probability(p: Option<f64>) -> String {
    or_none(p, statistics::probability)
}

/// Whole percent.
pub(super) fn percent(share: Share) -> String {
    or_none(share.value(), |share| format!("{:.0}", share * 100.0))
}

/// How a p was found.
pub(super) fn method(method: Method) -> String {
    match method {
        Method::Exact => "exact".to_owned(),
        Method::MonteCarlo { draws, seed } => {
            format!("{} random flips, seed {seed}", grouped(draws))
        }
    }
}

pub(super) fn or_none(number: Option<f64>, shown: impl Fn(f64) -> String) -> String {
    number.map_or_else(|| NOT_AVAILABLE.to_owned(), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(mean(Some(6.816)), "6.82");
        assert_eq!(ratio(Some(0.306)), ".31");
        let interval = Interval {
            low: -0.05,
            high: 0.99,
        };
        assert_eq!(ratios(Some(interval)), "[−.05, .99]");
        assert_eq!(probability(None), "n/a");
    }
}
