//! What both orders of a contest come to.

use std::fmt;

use serde::Serialize;

use crate::bench::Contest;
use crate::judge::Pick;

/// A place in which an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Before the other.
    First,
    /// After it.
    Second,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Second => "second",
        })
    }
}

/// What both orders of a contest come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "ruling", content = "place", rename_all = "kebab-case")]
pub enum Ruling {
    /// The model that the key names first, in both orders.
    One,
    /// The other model, in both orders.
    Other,
    /// A tie in both orders.
    Tie,
    /// The same place in both orders: the verdict follows the position.
    Follows(Place),
    /// A tie in one order, and this place in the other.
    Wavers(Place),
}

impl Ruling {
    /// Of a contest with a verdict in both orders.
    #[must_use]
    pub fn of(contest: &Contest) -> Option<Self> {
        let named = contest.named.preference()?.pick;
        let swapped = contest.swapped.preference()?.pick;
        Some(match (named, swapped) {
            (Pick::First, Pick::Second) => Self::One,
            (Pick::Second, Pick::First) => Self::Other,
            (Pick::Tie, Pick::Tie) => Self::Tie,
            (Pick::First, Pick::First) => Self::Follows(Place::First),
            (Pick::Second, Pick::Second) => Self::Follows(Place::Second),
            (Pick::First, Pick::Tie) | (Pick::Tie, Pick::First) => Self::Wavers(Place::First),
            (Pick::Second, Pick::Tie) | (Pick::Tie, Pick::Second) => Self::Wavers(Place::Second),
        })
    }

    /// Whether both orders say the same of the models.
    #[must_use]
    pub const fn is_consistent(self) -> bool {
        matches!(self, Self::One | Self::Other | Self::Tie)
    }

    /// Which place it favours, where the orders disagree.
    #[must_use]
    pub const fn favours(self) -> Option<Place> {
        match self {
            Self::Follows(place) | Self::Wavers(place) => Some(place),
            Self::One | Self::Other | Self::Tie => None,
        }
    }

    /// How far it favours the place shown first: 1 in both orders, ½ in one of them, negative
    /// for the second.
    #[must_use]
    pub const fn lean(self) -> f64 {
        match self {
            Self::One | Self::Other | Self::Tie => 0.0,
            Self::Follows(Place::First) => 1.0,
            Self::Follows(Place::Second) => -1.0,
            Self::Wavers(Place::First) => 0.5,
            Self::Wavers(Place::Second) => -0.5,
        }
    }
}

/// What the model that the key names first gets of a contest: 1 for a win, ½ for a tie, the mean
/// of both orders, so that a position bias cancels.
#[must_use]
pub fn points(contest: &Contest) -> Option<f64> {
    let of = |pick: Pick| match pick {
        Pick::First => 1.0,
        Pick::Tie => 0.5,
        Pick::Second => 0.0,
    };
    let named = of(contest.named.preference()?.pick);
    let swapped = of(contest.swapped.preference()?.pick.swapped());
    Some(f64::midpoint(named, swapped))
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.pad("one"),
            Self::Other => f.pad("other"),
            Self::Tie => f.pad("tie"),
            Self::Follows(place) => write!(f, "the {place} place twice"),
            Self::Wavers(place) => write!(f, "the {place} place once, else a tie"),
        }
    }
}
