//! What a pairwise judge answers: which of two answers is better, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::invocation::Reply;
use super::judgment::{Rejection, check_stop, member_of, only_object};
use crate::exchange::Json;

const VERDICT: &str = "verdict";
const RATIONALE: &str = "rationale";

/// Which answer is better, by the place in which it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pick {
    /// The one shown first.
    First,
    /// The one shown second.
    Second,
    /// Neither.
    Tie,
}

impl Pick {
    /// All of them, as a judge writes them.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Tie];

    /// The same answer, had the two been shown the other way round.
    #[must_use]
    pub const fn swapped(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
            Self::Tie => Self::Tie,
        }
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Tie => "tie",
        })
    }
}

/// A checked answer of a pairwise judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preference {
    /// Which is better.
    pub pick: Pick,
    /// Why.
    pub rationale: String,
}

impl Preference {
    /// Reads and checks a judge's reply: the one JSON object in its text, with a `verdict` of
    /// `first`, `second` or `tie` and a `rationale`.
    ///
    /// # Errors
    /// The first check that does not hold.
    pub fn read(reply: &Reply) -> Result<Self, Rejection> {
        check_stop(&reply.stop_reason)?;
        let object = only_object(&reply.text)?;
        let text = |member: &str| {
            let found = member_of(&object, member).ok_or_else(|| Rejection::Missing {
                member: member.to_owned(),
            })?;
            Ok::<_, Rejection>((found.as_str().unwrap_or_default().trim(), found))
        };
        let (verdict, found) = text(VERDICT)?;
        let named = |pick: &Pick| pick.to_string() == verdict;
        let pick = Pick::ALL.into_iter().find(named);
        let pick = pick.ok_or_else(|| Rejection::UnknownVerdict {
            found: shortened(found),
        })?;
        let (rationale, _) = text(RATIONALE)?;
        if rationale.is_empty() {
            return Err(Rejection::NoRationale {
                dimension: VERDICT.to_owned(),
            });
        }
        Ok(Self {
            pick,
            rationale: rationale.to_owned(),
        })
    }
}

fn shortened(value: &Json) -> String {
    value.to_string().chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Preference, Rejection> {
        Preference::read(&Reply {
            text: text.to_owned(),
            stop_reason: "end_turn".to_owned(),
            tokens: None,
        })
    }

    #[test]
    fn a_verdict_is_read_with_its_reason() {
        let found = read(r#"{"verdict": "second", "rationale": " it asks "}"#).unwrap();
        assert_eq!(
            (found.pick, found.rationale.as_str()),
            (Pick::Second, "it asks")
        );
        assert_eq!(
            read(r#"{"verdict":"tie","rationale":"x"}"#).unwrap().pick,
            Pick::Tie
        );
    }

    #[test]
    fn what_is_no_verdict_is_named() {
        for (text, label) in [
            ("first", "judgment is not JSON"),
            (r#"{"rationale":"x"}"#, "judgment is incomplete"),
            (
                r#"{"verdict":"A","rationale":"x"}"#,
                "verdict is none of the three",
            ),
            (
                r#"{"verdict":1,"rationale":"x"}"#,
                "verdict is none of the three",
            ),
            (r#"{"verdict":"first"}"#, "judgment is incomplete"),
            (
                r#"{"verdict":"first","rationale":" "}"#,
                "rationale is empty",
            ),
            (
                r#"{"verdict":"first","rationale":"x"} {}"#,
                "judgment is not JSON",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().label(), label, "{text}");
        }
        let cut = Reply {
            text: r#"{"verdict":"first","rationale":"x"}"#.to_owned(),
            stop_reason: "max_tokens".to_owned(),
            tokens: None,
        };
        assert_eq!(Preference::read(&cut), Err(Rejection::Cut));
    }
}
