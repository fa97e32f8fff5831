//! What is said of each part of a comparison of pairwise judges, a line each.

use super::super::lines::{changed, excerpt, headings, interval, origin, reasons, used};
use super::super::words::{mean, method, or_none, probability, shift};
use crate::bench::{ContestKey, Order};
use crate::judge::{Part, Pick};
use crate::regression::{
    ClusteredShare, ModelWins, PairMover, PairwiseComparison, PairwiseSide, Ruling,
};
use crate::statistics::Interval;
use crate::words::{counted, grouped};

/// In what the judges differ.
pub(super) fn changes(comparison: &PairwiseComparison) -> String {
    let models = [&comparison.a.judge.model, &comparison.b.judge.model];
    changed(&comparison.changes, &Part::PAIRWISE, models)
}

/// Who gave the answers, and what that is worth.
pub(super) fn provenance(comparison: &PairwiseComparison) -> String {
    origin(&comparison.a.provenance, &comparison.b.provenance)
}

/// `45 contests · 9 dialogues · 2 models · 9 scenarios`.
pub(super) fn subjects(comparison: &PairwiseComparison) -> String {
    let subjects = &comparison.subjects;
    let all = subjects.baseline.max(subjects.candidate);
    [
        counted(all, "contest"),
        counted(subjects.models, "model"),
        counted(subjects.scenarios, "scenario"),
    ]
    .join(" · ")
}

/// `paired 45/45   unscored A 0  B 2 (judge cut by max_tokens)`.
pub(super) fn paired(comparison: &PairwiseComparison) -> String {
    let subjects = &comparison.subjects;
    let all = subjects.baseline.max(subjects.candidate);
    let text = format!(
        "paired {}/{}   calls without a verdict A {}  B {}",
        grouped(subjects.paired),
        grouped(all),
        unscored(&comparison.a),
        unscored(&comparison.b)
    );
    match comparison.a.tutor_cut {
        0 => text,
        cut => format!("{text}   tutor cut: {} not judged", counted(cut, "contest")),
    }
}

fn unscored(side: &PairwiseSide) -> String {
    let count = side.unscored.part();
    if count == 0 {
        return "0".to_owned();
    }
    format!("{count} ({})", reasons(&side.reasons))
}

/// The headings of a metric's row.
pub(super) fn metric_headings(comparison: &PairwiseComparison) -> [String; 10] {
    headings(&comparison.options)
}

/// How the figures were found.
pub(super) fn methods(comparison: &PairwiseComparison) -> Option<String> {
    let first = comparison.metrics.first().filter(|own| own.n > 0)?;
    let by = match first.sign_flip {
        Some(test) => format!(" p: cluster sign-flip, {}.", method(test.method)),
        None => String::new(),
    };
    let model = comparison.pairs.first().map(|pair| &pair.a.key.one);
    let model = match model.filter(|_| comparison.subjects.models == 2) {
        Some(model) => format!("what {model} gets"),
        None => "what the model that the plan names first gets".to_owned(),
    };
    Some(format!(
        "{} in {}, all dialogues of a scenario; preference: {model} (win 1, tie ½, both orders). Intervals: cluster t (CR1, {} degrees of freedom).{by}",
        counted(first.n, "contest"),
        counted(first.clusters, "cluster"),
        first.clusters.saturating_sub(1),
    ))
}

/// The headings of [`bias`].
pub(super) const BIAS: [&str; 9] = [
    "orders",
    "contests",
    "consistent",
    "follow the place",
    "interval",
    "waver",
    "first wins",
    "first/second",
    "p",
];

/// What both orders of a judge come to.
pub(super) fn bias(name: &str, side: &PairwiseSide) -> [String; 9] {
    let bias = &side.bias;
    [
        name.to_owned(),
        format!("{}/{}", side.decided, side.contests),
        bias.consistent.share.to_string(),
        bias.follows.share.to_string(),
        shares(bias.follows.interval),
        bias.wavers.share.to_string(),
        with_interval(bias.first_wins),
        format!("{}/{}", bias.to_first, bias.to_second),
        format!(
            "{} (McNemar {})",
            probability(bias.sign_flip.map(|test| test.p)),
            probability(Some(bias.mcnemar))
        ),
    ]
}

fn with_interval(share: ClusteredShare) -> String {
    format!("{} {}", share.share, shares(share.interval))
}

/// `[12%, 34%]`.
fn shares(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || "n/a".to_owned(),
        |interval| {
            format!(
                "[{:.0}%, {:.0}%]",
                interval.low * 100.0,
                interval.high * 100.0
            )
        },
    )
}

/// The headings of [`model`].
pub(super) const MODELS: [&str; 5] = [
    "model",
    "A wins",
    "W/T/L, biased",
    "B wins",
    "W/T/L, biased",
];

/// How a model did with both judges.
pub(super) fn model(own: &ModelWins, comparison: &PairwiseComparison) -> [String; 5] {
    let other = comparison.b.models.iter().find(|b| b.model == own.model);
    let [a_rate, a_counts] = wins(Some(own));
    let [b_rate, b_counts] = wins(other);
    [own.model.clone(), a_rate, a_counts, b_rate, b_counts]
}

fn wins(own: Option<&ModelWins>) -> [String; 2] {
    let Some(own) = own else {
        return ["n/a".to_owned(), "n/a".to_owned()];
    };
    let rate = or_none(own.rate, |rate| format!("{:.1}%", rate * 100.0));
    [
        format!("{rate} {}", shares(own.interval)),
        format!("{}/{}/{}, {}", own.wins, own.ties, own.losses, own.biased),
    ]
}

/// `lean A −0.02 [−0.05, +0.01] → B +0.20 [+0.11, +0.29]`.
pub(super) fn lean(comparison: &PairwiseComparison) -> String {
    let one = |side: &PairwiseSide| {
        let bias = &side.bias;
        format!("{} {}", shift(bias.lean), interval(bias.lean_interval))
    };
    format!(
        "towards the first place, −1 to 1: A {} → B {}",
        one(&comparison.a),
        one(&comparison.b)
    )
}

/// The best model by both judges.
pub(super) fn winner(comparison: &PairwiseComparison) -> String {
    match (comparison.a.winner(), comparison.b.winner()) {
        (Some(a), Some(b)) if a == b => format!("unchanged ({a})"),
        (a, b) => format!("{} → {}", a.unwrap_or("none"), b.unwrap_or("none")),
    }
}

/// `EL-… · haiku and llama · turn 2   haiku → the first place twice`.
pub(super) fn mover(mover: &PairMover) -> String {
    let named = |ruling: Ruling| match ruling {
        Ruling::One => mover.key.one.clone(),
        Ruling::Other => mover.key.other.clone(),
        other => other.to_string(),
    };
    format!("{}   {} → {}", mover.key, named(mover.a), named(mover.b))
}

/// Both judges' verdicts and reasons in each order in which they differ: `B, llama first → haiku:
/// it asks an open question`.
pub(super) fn rationales(mover: &PairMover) -> Vec<String> {
    let sides = [
        ("A", mover.verdicts_a, &mover.rationales_a),
        ("B", mover.verdicts_b, &mover.rationales_b),
    ];
    let orders = Order::ALL.into_iter().enumerate();
    let other = orders.filter(|(at, _)| mover.verdicts_a.get(*at) != mover.verdicts_b.get(*at));
    let lines = other.flat_map(|(at, order)| {
        sides.into_iter().filter_map(move |(name, picks, reasons)| {
            let chosen = chosen(&mover.key, order, *picks.get(at)?);
            let first = shown(&mover.key, order)[0];
            let reason = excerpt(reasons.get(at)?);
            Some(format!("{name}, {first} first → {chosen}: {reason}"))
        })
    });
    lines.collect()
}

/// Of how many those are that are shown: ` (3 of 17 contests that moved)`; nothing of all.
pub(super) fn more_moved(comparison: &PairwiseComparison) -> String {
    let pairs = comparison.pairs.iter();
    let moved = pairs.filter(|pair| pair.has_moved() && pair.distance().is_some());
    let (shown, moved) = (comparison.movers.len(), moved.count());
    if moved <= shown {
        return String::new();
    }
    format!(" ({shown} of {} that moved)", counted(moved, "contest"))
}

/// The models in the order in which they are shown.
pub(super) fn shown(key: &ContestKey, order: Order) -> [&str; 2] {
    match order {
        Order::Named => [&key.one, &key.other],
        Order::Swapped => [&key.other, &key.one],
    }
}

/// The model that a verdict is for, or that it is a tie.
pub(super) fn chosen(key: &ContestKey, order: Order, pick: Pick) -> &str {
    let [first, second] = shown(key, order);
    match pick {
        Pick::First => first,
        Pick::Second => second,
        Pick::Tie => "a tie",
    }
}

/// What both sides' calls used.
pub(super) fn cost(comparison: &PairwiseComparison) -> String {
    let side = |name: &str, side: &PairwiseSide| used(name, &side.tokens, side.cost_usd);
    format!(
        "{}   {}",
        side("A", &comparison.a),
        side("B", &comparison.b)
    )
}

/// The preference in words, for a heading.
pub(super) fn preference(comparison: &PairwiseComparison) -> String {
    let first = comparison.metrics.first();
    first.map_or_else(String::new, |own| {
        format!("{} → {}", mean(own.a), mean(own.b))
    })
}
