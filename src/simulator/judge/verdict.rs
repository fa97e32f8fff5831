//! Writes a judge's answer: one JSON object, as the prompt asks.

use serde_json::{Map, Value, json};

use super::super::model::Model;
use super::super::part::Scene;
use super::evidence::{Evidence, Sign};
use super::instructions::{Dimension, Instructions};
use super::score;

/// The judge's answer.
pub(in crate::simulator) fn write(scene: &Scene, model: &Model) -> String {
    let instructions = Instructions::of(scene);
    let evidence = Evidence::of(&instructions.tutor_turn, &instructions.dialogue);
    let scores = score::scores(&instructions, &evidence, model.id());
    let named = || instructions.dimensions.iter().zip(&scores);
    let members: Vec<(String, Value)> =
        std::iter::once(("overall_score".to_owned(), number(scores.iter().sum())))
            .chain(named().map(|(dimension, score)| (dimension.name.clone(), number(*score))))
            .chain([
                ("heuristics".to_owned(), heuristics(&evidence)),
                (
                    "rationale".to_owned(),
                    named()
                        .map(|(dimension, score)| {
                            let reason = rationale(dimension, *score, &evidence);
                            (dimension.name.clone(), Value::String(reason))
                        })
                        .collect::<Map<_, _>>()
                        .into(),
                ),
            ])
            .collect();
    object(&members)
}

/// The members in this order, whatever order the JSON library keeps.
fn object(members: &[(String, Value)]) -> String {
    let written: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}: {value}", Value::from(name.as_str())))
        .collect();
    format!("{{{}}}", written.join(", "))
}

/// A whole number is written as one.
#[expect(clippy::cast_possible_truncation, reason = "scores are small")]
fn number(score: f64) -> Value {
    if score.fract() == 0.0 {
        return json!(score as i64);
    }
    json!(score)
}

fn heuristics(evidence: &Evidence) -> Value {
    json!({
        "has_question": evidence.shows(Sign::Question),
        "question_count": evidence.question_count,
        "open_ended": evidence.is_open_ended(),
        "has_advice": evidence.shows(Sign::Advice),
        "is_leading": evidence.shows(Sign::Leading),
    })
}

fn rationale(dimension: &Dimension, score: f64, seen: &Evidence) -> String {
    let reason = match dimension.name.as_str() {
        "form" => form(seen),
        "substance" => substance(seen),
        "purity" => purity(seen),
        _ => "taken over all, this is what the turn deserves",
    };
    let full = if (score - dimension.high).abs() < f64::EPSILON {
        ""
    } else if reason_is_praise(dimension, seen) {
        ", though it falls short of the best that one could ask"
    } else {
        ""
    };
    format!(
        "“{}”: {reason}{full}.",
        seen.excerpt.replace(['“', '”', '"'], "")
    )
}

fn form(seen: &Evidence) -> &'static str {
    match (seen.question_count, seen.shows(Sign::OpenQuestion)) {
        (0, _) => "the turn asks nothing",
        (_, false) => "the question can be answered with yes or no",
        (1, true) if seen.shows(Sign::Advice) => "an open question, but advice comes with it",
        (1, true) if seen.shows(Sign::LastWord) => "the turn ends in one open question",
        (1, true) => "one open question, but talk follows it",
        (2, true) => "two questions at once, and the student has to choose",
        _ => "a row of questions, and the student has to choose",
    }
}

fn substance(seen: &Evidence) -> &'static str {
    match (
        seen.shows(Sign::OpenQuestion),
        seen.shows(Sign::Probe),
        seen.shows(Sign::Reference),
    ) {
        (false, _, _) => "there is little here to think about",
        _ if seen.shows(Sign::Surface) => "it stays at the surface",
        (true, true, true) => "it takes up the student's words and asks for what lies under them",
        (true, true, false) => "it reaches under the surface, but it could be asked of anyone",
        (true, false, true) => "it takes up the student's words without going deeper",
        (true, false, false) => "it could be asked of anyone",
    }
}

fn purity(seen: &Evidence) -> &'static str {
    if seen.shows(Sign::Advice) {
        return "it tells the student what to do";
    }
    if seen.shows(Sign::Telling) {
        return "it explains instead of asking";
    }
    if seen.shows(Sign::Leading) {
        return "the question carries its answer";
    }
    if seen.shows(Sign::Praise) {
        return "the praise tells the student which way is right";
    }
    "nothing tells which answer the tutor holds"
}

fn reason_is_praise(dimension: &Dimension, seen: &Evidence) -> bool {
    match dimension.name.as_str() {
        "form" => {
            seen.question_count == 1 && seen.shows(Sign::LastWord) && !seen.shows(Sign::Advice)
        }
        "substance" => {
            seen.shows(Sign::Probe) && seen.shows(Sign::Reference) && !seen.shows(Sign::Surface)
        }
        "purity" => {
            !seen.shows(Sign::Advice)
                && !seen.shows(Sign::Telling)
                && !seen.shows(Sign::Leading)
                && !seen.shows(Sign::Praise)
        }
        _ => false,
    }
}
