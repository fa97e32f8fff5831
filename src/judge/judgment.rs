//! A judge's answer counts only if every check holds; otherwise the turn has no score at all.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::invocation::{NotAMessage, Reply};
use super::points::Points;
use super::rubric::{Dimension, Rubric};
use crate::exchange::Json;

/// Reasons to stop that mean the judge had said all it wanted.
const FINISHED: [&str; 2] = ["end_turn", "stop_sequence"];
const CUT: &str = "max_tokens";

/// A dimension's score and the judge's reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Score {
    /// The dimension's name.
    #[serde(skip)]
    pub dimension: String,
    /// The score.
    pub score: Points,
    /// Why.
    pub rationale: String,
}

/// A checked judgment of one turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgment {
    /// The sum of the scores.
    pub overall: Points,
    /// One score for each dimension, in the rubric's order.
    #[serde(serialize_with = "as_members")]
    pub scores: Vec<Score>,
}

fn as_members<S: Serializer>(scores: &[Score], serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = serializer.serialize_map(Some(scores.len()))?;
    for score in scores {
        members.serialize_entry(&score.dimension, score)?;
    }
    members.end()
}

/// Why a judge's answer is no judgment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The response body has not the form of an answer.
    #[error(transparent)]
    NotAMessage(#[from] NotAMessage),
    /// The judge ran into its own limit.
    #[error("the judge was cut by its own `max_tokens` (raise it in judge.toml)")]
    Cut,
    /// The judge stopped for another reason than being done.
    #[error("expected the judge to stop at `end_turn`, found `{reason}`")]
    Stopped {
        /// The stop reason.
        reason: String,
    },
    /// There is no JSON object.
    #[error("expected one JSON object, found {found}")]
    NotJson {
        /// What is there.
        found: String,
    },
    /// A member is missing.
    #[error("expected a member `{member}`, found none")]
    Missing {
        /// Its name.
        member: String,
    },
    /// A score is no number.
    #[error("expected a number as `{member}`, found `{found}`")]
    NotANumber {
        /// Its name.
        member: String,
        /// What is there.
        found: String,
    },
    /// A score is off the rubric's scale.
    #[error("expected `{member}` from {low} to {high}, found {found}")]
    OutOfRange {
        /// The dimension.
        member: String,
        /// The lowest score.
        low: Points,
        /// The highest score.
        high: Points,
        /// What is there.
        found: Points,
    },
    /// A score is between the rubric's steps.
    #[error("expected `{member}` in steps of {step}, found {found}")]
    BetweenSteps {
        /// The dimension.
        member: String,
        /// The rubric's step.
        step: Points,
        /// What is there.
        found: String,
    },
    /// The overall score is not the sum.
    #[error("expected `overall_score` {sum}, the sum of the scores, found {stated}")]
    SumDiffers {
        /// The sum of the scores.
        sum: Points,
        /// What is there.
        stated: Points,
    },
    /// A pairwise judge named none of its three verdicts.
    #[error("expected `first`, `second` or `tie` as `verdict`, found `{found}`")]
    UnknownVerdict {
        /// What is there.
        found: String,
    },
    /// A score has no reason.
    #[error("expected a rationale for `{dimension}`, found an empty text")]
    NoRationale {
        /// The dimension.
        dimension: String,
    },
}

impl Rejection {
    /// A short name to count by.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::NotAMessage(_) => "judge's answer has another form",
            Self::Cut => "judge cut by max_tokens",
            Self::Stopped { .. } => "judge stopped early",
            Self::NotJson { .. } => "judgment is not JSON",
            Self::Missing { .. } => "judgment is incomplete",
            Self::NotANumber { .. } => "score is not a number",
            Self::OutOfRange { .. } => "score is out of range",
            Self::BetweenSteps { .. } => "score is between steps",
            Self::SumDiffers { .. } => "overall is not the sum",
            Self::UnknownVerdict { .. } => "verdict is none of the three",
            Self::NoRationale { .. } => "rationale is empty",
        }
    }
}

impl Judgment {
    /// Reads and checks a judge's reply: the one JSON object in its text, bare or in a fenced
    /// block.
    ///
    /// # Errors
    /// The first check that does not hold.
    pub fn read(reply: &Reply, rubric: &Rubric) -> Result<Self, Rejection> {
        check_stop(&reply.stop_reason)?;
        let object = only_object(&reply.text)?;
        let scores = rubric
            .dimensions
            .iter()
            .map(|dimension| read_score(&object, dimension, rubric.step))
            .collect::<Result<Vec<_>, _>>()?;
        let sum = scores.iter().map(|score| score.score).sum();
        let stated = read_points(&object, "overall_score", rubric.step)?;
        if stated != sum {
            return Err(Rejection::SumDiffers { sum, stated });
        }
        Ok(Self {
            overall: sum,
            scores,
        })
    }
}

pub(super) fn check_stop(reason: &str) -> Result<(), Rejection> {
    match reason {
        CUT => Err(Rejection::Cut),
        _ if FINISHED.contains(&reason) => Ok(()),
        _ => Err(Rejection::Stopped {
            reason: reason.to_owned(),
        }),
    }
}

/// The one object in a text; a second one would leave open which of them counts.
pub(super) fn only_object(text: &str) -> Result<Json, Rejection> {
    let rejected = |found: &str| Rejection::NotJson {
        found: found.to_owned(),
    };
    if text.trim().is_empty() {
        return Err(rejected("an empty answer"));
    }
    let start = text.find('{').ok_or_else(|| rejected("none"))?;
    let (_, rest) = text.split_at(start);
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {}
        Some(Err(error)) => return Err(rejected(&format!("a broken one ({error})"))),
        None => return Err(rejected("none")),
    }
    let (object, after) = rest.split_at(values.byte_offset());
    if after.contains('{') {
        return Err(rejected("several"));
    }
    Json::read(object.as_bytes()).map_err(|error| rejected(&format!("a broken one ({error})")))
}

fn read_score(object: &Json, dimension: &Dimension, step: Points) -> Result<Score, Rejection> {
    let name = &dimension.name;
    let score = read_points(object, name, step)?;
    if !dimension.spans(score) {
        return Err(Rejection::OutOfRange {
            member: name.clone(),
            low: dimension.low,
            high: dimension.high,
            found: score,
        });
    }
    Ok(Score {
        dimension: name.clone(),
        score,
        rationale: read_rationale(object, name)?,
    })
}

fn read_points(object: &Json, member: &str, step: Points) -> Result<Points, Rejection> {
    let value = member_of(object, member).ok_or_else(|| Rejection::Missing {
        member: member.to_owned(),
    })?;
    let Json::Number(number) = value else {
        return Err(Rejection::NotANumber {
            member: member.to_owned(),
            found: value.to_string().chars().take(40).collect(),
        });
    };
    let points = number.as_str().parse::<Points>().ok();
    points
        .filter(|points| points.is_multiple_of(step))
        .ok_or_else(|| Rejection::BetweenSteps {
            member: member.to_owned(),
            step,
            found: number.as_str().to_owned(),
        })
}

fn read_rationale(object: &Json, dimension: &str) -> Result<String, Rejection> {
    let text = member_of(object, "rationale")
        .and_then(|rationale| member_of(rationale, dimension))
        .and_then(Json::as_str)
        .ok_or_else(|| Rejection::Missing {
            member: format!("rationale.{dimension}"),
        })?;
    if text.trim().is_empty() {
        return Err(Rejection::NoRationale {
            dimension: dimension.to_owned(),
        });
    }
    Ok(text.to_owned())
}

pub(super) fn member_of<'a>(value: &'a Json, name: &str) -> Option<&'a Json> {
    match value {
        Json::Object(members) => members.get(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rubric::tests::rubric;
    use super::*;

    const GOOD: &str = r#"{"overall_score": 8, "form": 3, "substance": 2.0, "purity": 3,
        "heuristics": {"has_question": true},
        "rationale": {"form": "one {open} question", "substance": "probes", "purity": "neutral"}}"#;

    fn reply(text: &str, stop_reason: &str) -> Reply {
        Reply {
            text: text.into(),
            stop_reason: stop_reason.into(),
            tokens: None,
        }
    }

    fn read(text: &str) -> Result<Judgment, Rejection> {
        Judgment::read(&reply(text, "end_turn"), &rubric())
    }

    fn rejection(change: (&str, &str)) -> String {
        let text = GOOD.replace(change.0, change.1);
        assert_ne!(text, GOOD);
        read(&text).unwrap_err().to_string()
    }

    #[test]
    fn a_judgment_is_read_bare_fenced_or_in_prose() {
        let expected = read(GOOD).unwrap();
        assert_eq!(expected.overall, Points::whole(8));
        assert_eq!(expected.scores[1].score, Points::whole(2));
        for text in [
            format!("```json\n{GOOD}\n```"),
            format!("Here is my judgment:\n\n```\n{GOOD}\n```\nDone."),
            format!("  {GOOD}  "),
        ] {
            assert_eq!(read(&text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_judge_cut_by_its_own_limit_is_rejected_even_if_its_answer_parses() {
        let rejected = Judgment::read(&reply(GOOD, "max_tokens"), &rubric());
        assert_eq!(rejected.unwrap_err(), Rejection::Cut);
    }

    #[test]
    fn a_refusal_or_a_missing_stop_reason_is_rejected() {
        for reason in ["refusal", "", "tool_use"] {
            let rejected = Judgment::read(&reply(GOOD, reason), &rubric()).unwrap_err();
            assert!(matches!(rejected, Rejection::Stopped { .. }), "{reason}");
        }
    }

    #[test]
    fn what_does_not_parse_is_rejected_and_never_a_zero() {
        for text in [
            "",
            "  ",
            "7/10",
            "{\"overall_score\": 8,",
            "[ERROR: {throttled}]",
        ] {
            let rejected = read(text).unwrap_err();
            assert_eq!(rejected.label(), "judgment is not JSON", "{text}");
        }
        let rejected = read(&format!("{GOOD}\nor rather\n{GOOD}")).unwrap_err();
        assert_eq!(
            rejected.to_string(),
            "expected one JSON object, found several"
        );
    }

    #[test]
    fn every_member_is_needed() {
        for (member, change) in [
            ("overall_score", ("overall_score", "overall")),
            ("substance", ("\"substance\": 2.0,", "")),
            ("rationale.purity", (", \"purity\": \"neutral\"", "")),
            ("rationale.form", ("\"rationale\"", "\"reasons\"")),
        ] {
            let expected = format!("expected a member `{member}`, found none");
            assert_eq!(rejection(change), expected);
        }
    }

    #[test]
    fn scores_are_integral_in_range_and_add_up() {
        let cases = [
            (
                ("\"form\": 3", "\"form\": 4"),
                "expected `form` from 0 to 3, found 4",
            ),
            (
                ("\"form\": 3", "\"form\": -1"),
                "expected `form` from 0 to 3, found -1",
            ),
            (
                ("2.0", "2.5"),
                "expected `substance` in steps of 1, found 2.5",
            ),
            (
                ("2.0", "1e-30"),
                "expected `substance` in steps of 1, found 1e-30",
            ),
            (
                ("\"form\": 3", "\"form\": \"3\""),
                "expected a number as `form`, found `\"3\"`",
            ),
            (
                ("\"form\": 3", "\"form\": null"),
                "expected a number as `form`, found `null`",
            ),
            (
                ("\"overall_score\": 8", "\"overall_score\": 80"),
                "expected `overall_score` 8, the sum of the scores, found 80",
            ),
            (
                ("\"probes\"", "\" \\n\""),
                "expected a rationale for `substance`, found an empty text",
            ),
        ];
        for (change, expected) in cases {
            assert_eq!(rejection(change), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_judge_says_what_is_accepted_adds_up(
            form in -1..5_i32, substance in 0..8_i32, purity in 0..6_i32, overall in 0..12_i32,
            before in ".{0,20}", after in ".{0,20}",
        ) {
            let halves = f64::from(substance) / 2.0;
            let text = format!(
                r#"{before}{{"overall_score":{overall},"form":{form},"substance":{halves},"purity":{purity},
                "rationale":{{"form":"a","substance":"b","purity":"c"}}}}{after}"#
            );
            if let Ok(judgment) = read(&text) {
                let scores = judgment.scores.iter();
                prop_assert_eq!(scores.map(|score| score.score).sum::<Points>(), judgment.overall);
                prop_assert_eq!(judgment.overall, Points::whole(overall));
                for (score, dimension) in judgment.scores.iter().zip(rubric().dimensions) {
                    prop_assert!(dimension.spans(score.score));
                    prop_assert!(score.score.is_multiple_of(Points::whole(1)));
                }
            }
        }
    }

    #[test]
    fn half_points_are_fine_where_the_rubric_has_them() {
        let mut halves = rubric();
        halves.step = "0.5".parse().unwrap();
        let text = GOOD.replace("2.0", "2.5").replace(": 8", ": 8.5");
        let judgment = Judgment::read(&reply(&text, "end_turn"), &halves).unwrap();
        assert_eq!(judgment.overall.to_string(), "8.5");
    }
}
