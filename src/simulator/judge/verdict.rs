//! Writes a judge's answer: one JSON object, as the prompt asks.

use serde_json::Value;

use super::super::model::Model;
use super::super::ordered;
use super::super::part::Scene;
use super::evidence::{Evidence, Sign};
use super::instructions::{Dimension, Instructions};
use super::{pairwise, score};

/// The judge's answer.
pub(in crate::simulator) fn write(scene: &Scene, model: &Model) -> String {
    if let Some(answer) = pairwise::answer(scene, model) {
        return answer;
    }
    let instructions = Instructions::of(scene);
    let evidence = Evidence::of(&instructions.tutor_turn, &instructions.dialogue);
    let scores = score::scores(&instructions, &evidence, model.id());
    let named = || {
        let dimensions = instructions.dimensions.iter().zip(&scores);
        dimensions.map(|(dimension, score)| (dimension, *score))
    };
    let reasons = named().map(|(dimension, score)| {
        let reason = rationale(dimension, score, &evidence);
        (dimension.name.as_str(), Value::from(reason).to_string())
    });
    let overall = ("overall_score", number(scores.iter().sum()));
    let each = named().map(|(dimension, score)| (dimension.name.as_str(), number(score)));
    ordered::object(std::iter::once(overall).chain(each).chain([
        ("heuristics", heuristics(&evidence)),
        ("rationale", ordered::object(reasons)),
    ]))
}

/// A whole number is written as one.
fn number(score: f64) -> String {
    // Display of a float has no `.0`.
    score.to_string()
}

fn heuristics(evidence: &Evidence) -> String {
    let sign = |sign| evidence.shows(sign).to_string();
    ordered::object([
        ("has_question", sign(Sign::Question)),
        ("question_count", evidence.question_count.to_string()),
        ("open_ended", evidence.is_open_ended().to_string()),
        ("has_advice", sign(Sign::Advice)),
        ("is_leading", sign(Sign::Leading)),
    ])
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
