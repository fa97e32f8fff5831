//! Weighs what was seen: a merit between 0 and 1 per dimension, put on the prompt's scale. A
//! more severe prompt never raises a score, and a more lenient one never lowers it.

use super::super::dice::Dice;
use super::evidence::{Evidence, Sign};
use super::instructions::{Dimension, Instructions};

/// What severity is divided by before it is added to the exponent of a merit: a plain word, five
/// fifths, adds a quarter.
const WEIGHT: f64 = 20.0;
/// No judge gives full marks every time: at most so much is taken, in thousandths.
const GRUDGE: usize = 100;

/// The scores, in the order of the prompt's dimensions.
pub(super) fn scores(instructions: &Instructions, evidence: &Evidence, judge: &str) -> Vec<f64> {
    let dimensions = instructions.dimensions.iter();
    dimensions
        .map(|dimension| {
            let merit = merit(&dimension.name, evidence)
                * (1.0 - grudge(&dimension.name, &instructions.tutor_turn, judge));
            on_scale(
                severely(merit, instructions.severity),
                dimension,
                instructions.step,
            )
        })
        .collect()
}

/// What a turn is worth on a scale of its own, 0 to 1: the mean of the three merits.
pub(super) fn worth(turn: &str, evidence: &Evidence, judge: &str) -> f64 {
    let merits = ["form", "substance", "purity"];
    let each = merits.map(|name| merit(name, evidence) * (1.0 - grudge(name, turn, judge)));
    each.iter().sum::<f64>() / 3.0
}

fn severely(merit: f64, severity: i32) -> f64 {
    let weight = 1.0 + f64::from(severity.abs()) / WEIGHT;
    merit.powf(if severity < 0 { 1.0 / weight } else { weight })
}

fn on_scale(merit: f64, dimension: &Dimension, step: f64) -> f64 {
    let exact = dimension.low + merit * (dimension.high - dimension.low);
    ((exact / step).round() * step).clamp(dimension.low, dimension.high)
}

/// What this judge holds against this turn, whatever its prompt says.
fn grudge(dimension: &str, turn: &str, judge: &str) -> f64 {
    let mut dice = Dice::of(&[
        b"grudge",
        judge.as_bytes(),
        dimension.as_bytes(),
        turn.as_bytes(),
    ]);
    let thousandths = u32::try_from(dice.below(GRUDGE)).unwrap_or(0);
    f64::from(thousandths) / 1_000.0
}

fn merit(dimension: &str, evidence: &Evidence) -> f64 {
    match dimension {
        "form" => form(evidence),
        "substance" => substance(evidence),
        "purity" => purity(evidence),
        _ => (form(evidence) + substance(evidence) + purity(evidence)) / 3.0,
    }
}

/// What flaws take, where they are there.
fn less(seen: &Evidence, flaws: &[(Sign, f64)]) -> f64 {
    let there = flaws.iter().filter(|(sign, _)| seen.shows(*sign));
    there.map(|(_, weight)| weight).sum()
}

/// What the lack of a merit takes.
fn lacking(seen: &Evidence, sign: Sign, weight: f64) -> f64 {
    if seen.shows(sign) { 0.0 } else { weight }
}

fn form(seen: &Evidence) -> f64 {
    if !seen.shows(Sign::Question) {
        return 0.0;
    }
    if !seen.shows(Sign::OpenQuestion) {
        return 0.22 - less(seen, &[(Sign::Advice, 0.1), (Sign::Telling, 0.1)]);
    }
    let crowd = match seen.question_count {
        1 => 0.0,
        2 => 0.36,
        _ => 0.5,
    };
    let flaws = less(
        seen,
        &[
            (Sign::ClosedQuestion, 0.15),
            (Sign::Advice, 0.55),
            (Sign::Length, 0.15),
            (Sign::Praise, 0.1),
        ],
    );
    (1.0 - crowd - flaws - lacking(seen, Sign::LastWord, 0.2)).max(0.1)
}

fn substance(seen: &Evidence) -> f64 {
    if !seen.shows(Sign::Question) {
        return 0.0;
    }
    if !seen.shows(Sign::OpenQuestion) {
        return 0.25 - lacking(seen, Sign::Reference, 0.1);
    }
    let flaws = less(seen, &[(Sign::Surface, 0.25), (Sign::Advice, 0.2)]);
    let lacks = lacking(seen, Sign::Probe, 0.15) + lacking(seen, Sign::Reference, 0.15);
    (1.0 - flaws - lacks).max(0.1)
}

fn purity(seen: &Evidence) -> f64 {
    let flaws = less(
        seen,
        &[
            (Sign::Advice, 0.85),
            (Sign::Telling, 0.6),
            (Sign::Leading, 0.45),
            (Sign::Praise, 0.2),
        ],
    );
    let asks = match (seen.shows(Sign::Question), seen.shows(Sign::OpenQuestion)) {
        (_, true) => 0.0,
        (true, false) => 0.1,
        (false, false) => 0.35,
    };
    (1.0 - flaws - asks).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURNS: [&str; 6] = [
        "You say “it has to even out in the end”. How would you notice if it were not so?",
        "What makes you think so?",
        "What do you mean by that? And why does it matter to you?",
        "Don't you think that there is more to it?",
        "You should look at it from the other side. What do you think?",
        "Actually, it is simpler than it looks.",
    ];

    fn instructions(turn: &str, severity: i32) -> Instructions {
        let dimension = |name: &str, high| Dimension {
            name: name.to_owned(),
            low: 0.0,
            high,
        };
        Instructions {
            dimensions: vec![
                dimension("form", 3.0),
                dimension("substance", 3.0),
                dimension("purity", 4.0),
            ],
            step: 1.0,
            severity,
            tutor_turn: turn.to_owned(),
            dialogue: String::new(),
        }
    }

    fn total(turn: &str, severity: i32) -> f64 {
        let evidence = Evidence::of(turn, "");
        scores(&instructions(turn, severity), &evidence, "a judge")
            .iter()
            .sum()
    }

    #[test]
    fn better_turns_score_higher() {
        let totals = TURNS.map(|turn| total(turn, 0));
        assert!(
            totals.windows(2).all(|pair| pair[0] >= pair[1]),
            "{totals:?}"
        );
        assert!(totals[0] >= 9.0 && totals[5] <= 2.0, "{totals:?}");
    }

    #[test]
    fn severity_never_raises_a_score_and_lowers_the_mean_step_by_step() {
        let mean = |severity| TURNS.iter().map(|turn| total(turn, severity)).sum::<f64>();
        for turn in TURNS {
            for severity in -30..30 {
                assert!(total(turn, severity + 1) <= total(turn, severity), "{turn}");
            }
        }
        assert!(mean(-20) > mean(0) && mean(0) > mean(20) && mean(20) > mean(40));
    }
}
