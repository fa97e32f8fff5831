//! What is said of each part of a comparison, a line each.

use std::collections::BTreeMap;

use super::words::{mean, method, percent, probability, ratio, shift};
use crate::bench::TokenSum;
use crate::judge::Part;
use crate::pricing::Money;
use crate::regression::{
    Changes, Comparison, Flips, Gap, Metric, Mover, Options, ProbeShift, Ranked, Ranking, Side,
    Subjects,
};
use crate::statistics::Interval;
use crate::words::{counted, grouped};

/// Models that tie and are named.
const TIED: usize = 3;
/// Characters of a text that is shown in a line.
const EXCERPT: usize = 110;

/// In what the judges differ: `prompt +6 −4 lines; model, parameters, parser: same`.
pub(super) fn changes(comparison: &Comparison) -> String {
    let models = [&comparison.a.judge.model, &comparison.b.judge.model];
    changed(&comparison.changes, &Part::ALL, models)
}

/// The same of judges of any kind.
pub(super) fn changed(changes: &Changes, all: &[Part], [a, b]: [&String; 2]) -> String {
    let other: Vec<String> = changes
        .parts
        .iter()
        .map(|part| match part {
            Part::Prompt => format!("prompt +{} −{} lines", changes.added, changes.removed),
            Part::Model => format!("model {a} → {b}"),
            other => format!("{other} changed"),
        })
        .collect();
    let same: Vec<String> = all
        .iter()
        .filter(|part| !changes.parts.contains(part))
        .map(ToString::to_string)
        .collect();
    match (other.is_empty(), same.is_empty()) {
        (true, _) => "the same in every part".to_owned(),
        (_, true) => other.join("; "),
        _ => format!("{}; {}: same", other.join("; "), same.join(", ")),
    }
}

/// `60 turns · 12 dialogues · 2 models · 6 scenarios`.
pub(super) fn subjects(subjects: &Subjects) -> String {
    let all = subjects.baseline.max(subjects.candidate);
    [
        counted(all, "turn"),
        counted(subjects.dialogues, "dialogue"),
        counted(subjects.models, "model"),
        counted(subjects.scenarios, "scenario"),
    ]
    .join(" · ")
}

/// `paired 60/60   unscored A 0  B 1 (judge cut by max_tokens)`.
pub(super) fn paired(comparison: &Comparison) -> String {
    let subjects = &comparison.subjects;
    let all = subjects.baseline.max(subjects.candidate);
    let text = format!(
        "paired {}/{}   unscored A {}  B {}",
        grouped(subjects.paired),
        grouped(all),
        unscored(&comparison.a),
        unscored(&comparison.b)
    );
    match subjects.tutor_cut {
        0 => text,
        cut => format!("{text}   tutor cut: {} not judged", counted(cut, "turn")),
    }
}

fn unscored(side: &Side) -> String {
    let count = side.unscored.part();
    if count == 0 {
        return "0".to_owned();
    }
    format!("{count} ({})", reasons(&side.reasons))
}

pub(super) fn reasons(reasons: &BTreeMap<String, u32>) -> String {
    if reasons.len() == 1 {
        return reasons.keys().cloned().collect();
    }
    let each = reasons
        .iter()
        .map(|(why, count)| format!("{count} × {why}"));
    each.collect::<Vec<_>>().join(", ")
}

/// The headings of [`metric`].
pub(super) fn metric_headings(comparison: &Comparison) -> [String; 10] {
    headings(&comparison.options)
}

/// The same by what a comparison was decided.
pub(super) fn headings(options: &Options) -> [String; 10] {
    let confidence = format!("{:.0}% CI", options.confidence() * 100.0);
    [
        "metric",
        "A",
        "B",
        "Δ",
        &confidence,
        "p",
        "ICC",
        "MDE",
        "same%",
        "QWK",
    ]
    .map(str::to_owned)
}

/// A metric's row.
pub(super) fn metric(metric: &Metric) -> [String; 10] {
    [
        metric.name.clone(),
        mean(metric.a),
        mean(metric.b),
        shift(metric.shift),
        interval(metric.interval),
        probability(metric.sign_flip.map(|test| test.adjusted)),
        ratio(metric.icc),
        mean(metric.mde),
        percent(metric.same),
        ratio(metric.kappa),
    ]
}

pub(super) fn interval(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "n/a".to_owned(), |interval| interval.to_string())
}

/// How the figures were found.
pub(super) fn methods(comparison: &Comparison) -> Option<String> {
    let overall = comparison.metrics.first().filter(|overall| overall.n > 0)?;
    let test = overall.sign_flip.map_or_else(String::new, |test| {
        format!(
            " p: cluster sign-flip, {}, Holm over the dimensions.",
            method(test.method)
        )
    });
    Some(format!(
        "{} in {}; intervals: cluster t (CR1, {} degrees of freedom).{test} MDE at power {}.",
        counted(overall.n, "turn"),
        comparison.options.clusters.counted(overall.clusters),
        overall.clusters.saturating_sub(1),
        comparison.options.power,
    ))
}

/// `@3.0   pass→fail 3 · fail→pass 0   McNemar p 0.250, by cluster 0.500   compliance 95.0% →
/// 90.0%`.
pub(super) fn flips(flips: &Flips) -> String {
    format!(
        "@{}   pass→fail {} · fail→pass {}   McNemar p {}, by cluster {}   compliance {} → {}",
        flips.threshold,
        flips.to_fail,
        flips.to_pass,
        probability(Some(flips.mcnemar)),
        probability(flips.sign_flip.map(|test| test.p)),
        flips.a.share,
        flips.b.share
    )
}

/// `3.20 → 2.75 turns (12 dialogues)`.
pub(super) fn half_life(comparison: &Comparison) -> String {
    let half_life = comparison.half_life;
    format!(
        "{} → {} turns ({})",
        mean(half_life.a),
        mean(half_life.b),
        counted(half_life.dialogues, "dialogue")
    )
}

/// `form 0.0% → 1.7% · purity 5.0% → 6.7%`.
pub(super) fn violations(comparison: &Comparison) -> String {
    let each = comparison.violations.iter().map(|own| {
        let (a, b) = (own.a, own.b);
        format!("{} {a} → {b}", own.dimension)
    });
    each.collect::<Vec<_>>().join(" · ")
}

/// `τ-b 1.00, winner unchanged (llama); closest pair 0.12 apart < MDE 0.40: order not resolved`.
pub(super) fn ranking(ranking: &Ranking) -> String {
    if ranking.models.len() < 2 {
        return "one model: nothing to rank".to_owned();
    }
    let winner = match (&ranking.winner_a, &ranking.winner_b) {
        (Some(a), Some(b)) if a == b => format!("winner unchanged ({a})"),
        (None, None) => format!(
            "no single winner: A {}; B {}",
            tied(&ranking.ahead_a(), |model| model.a),
            tied(&ranking.ahead_b(), |model| model.b)
        ),
        (Some(a), Some(b)) => format!("winner {a} → {b}"),
        (Some(a), None) => format!(
            "winner {a} → no single one: {}",
            tied(&ranking.ahead_b(), |model| model.b)
        ),
        (None, Some(b)) => format!(
            "no single winner ({}) → {b}",
            tied(&ranking.ahead_a(), |model| model.a)
        ),
    };
    let order = format!("τ-b {}, {winner}", mean(ranking.tau));
    let Some(pair) = ranking.closest() else {
        return order;
    };
    format!(
        "{order}; closest pair {} apart ({} and {}), {}",
        mean(pair.b.ahead.map(f64::abs)),
        pair.first,
        pair.second,
        resolved(&pair.b)
    )
}

/// `haiku and llama tie at 2.00`.
fn tied(models: &[&Ranked], by: fn(&Ranked) -> f64) -> String {
    let names: Vec<&str> = models
        .iter()
        .take(TIED)
        .map(|own| own.model.as_str())
        .collect();
    let more = match models.len().saturating_sub(TIED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let at = mean(models.first().map(|own| by(own)));
    match names.as_slice() {
        [one, other] if more.is_empty() => format!("{one} and {other} tie at {at}"),
        names => format!("{}{more} tie at {at}", names.join(", ")),
    }
}

fn resolved(gap: &Gap) -> String {
    let apart = gap.ahead.map_or(0.0, f64::abs);
    match gap.mde {
        _ if gap.is_resolved() => "order resolved".to_owned(),
        // Nothing spreads: no number of scenarios would show more.
        Some(mde) if mde <= apart && apart < 0.005 => "equal in every scenario".to_owned(),
        mde => format!("MDE {}: order not resolved", mean(mde)),
    }
}

/// What a judge's repeated judgments differ by.
pub(super) fn noise(side: &Side) -> Option<String> {
    let noise = side.noise.as_ref()?;
    Some(format!(
        "{} epochs of {}: same {}, spread of a turn {}, epochs {} apart, α {}",
        noise.epochs,
        counted(noise.turns, "turn"),
        noise.same,
        mean(noise.spread),
        mean(noise.between_epochs),
        ratio(noise.alpha)
    ))
}

/// What variants that must not matter do, a line each: `order   60 turns, shift +0.02 [−0.01,
/// +0.05], p 0.500, same 97%`.
pub(super) fn probes(probes: &[ProbeShift]) -> Vec<String> {
    probes
        .iter()
        .map(|own| {
            format!(
                "{}   {}, shift {} {}, p {}, same {}{}",
                own.probe,
                counted(own.n, "turn"),
                shift(own.shift),
                interval(own.interval),
                probability(own.sign_flip.map(|test| test.p)),
                own.same,
                match own.unscored.part() {
                    0 => String::new(),
                    some => format!(", unscored {some}"),
                }
            )
        })
        .collect()
}

/// `APO-PHY-HEAT-TEMP-01 · claude-3-5-haiku · turn 2   7 → 4 (purity 4→1)`.
pub(super) fn mover(mover: &Mover) -> String {
    let dimensions: Vec<String> = mover
        .dimensions
        .iter()
        .map(|moved| format!("{} {}→{}", moved.dimension, moved.a, moved.b))
        .collect();
    format!(
        "{}   {} → {} ({})",
        mover.key,
        mover.a,
        mover.b,
        dimensions.join(", ")
    )
}

/// Both judges' reasons for what moved most in a turn.
pub(super) fn rationales(mover: &Mover) -> Vec<String> {
    let Some(most) = mover.dimensions.first() else {
        return Vec::new();
    };
    vec![
        format!("A: {}", excerpt(&most.rationale_a)),
        format!("B: {}", excerpt(&most.rationale_b)),
    ]
}

pub(super) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT {
        return line;
    }
    let kept: String = line.chars().take(EXCERPT - 1).collect();
    format!("{}…", kept.trim_end())
}

/// `60 judge calls   A $0.39  B $0.44`, or the tokens where no price is known.
pub(super) fn cost(comparison: &Comparison) -> String {
    let side = |name: &str, side: &Side| used(name, &side.tokens, side.cost_usd);
    format!(
        "{}   {}",
        side("A", &comparison.a),
        side("B", &comparison.b)
    )
}

/// What one side's calls used.
pub(super) fn used(name: &str, tokens: &TokenSum, cost_usd: Option<Money>) -> String {
    let told = format!(
        "{} in {} out",
        grouped(tokens.sum.all_input()),
        grouped(tokens.sum.output)
    );
    let price = match cost_usd {
        Some(price) => format!(" {price}"),
        None => " price n/a".to_owned(),
    };
    let untold = match tokens.untold {
        0 => String::new(),
        some => format!(", {some} untold"),
    };
    format!(
        "{name} {} calls, {told}{untold},{price}",
        grouped(u64::from(tokens.calls) + u64::from(tokens.untold))
    )
}

/// Who gave the answers, and what that is worth.
pub(super) fn provenance(comparison: &Comparison) -> String {
    origin(&comparison.a.provenance, &comparison.b.provenance)
}

/// The same of both sides of any comparison.
pub(super) fn origin(a: &[String], b: &[String]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for name in a.iter().chain(b) {
        if !all.contains(&name.as_str()) {
            all.push(name);
        }
    }
    if all.is_empty() {
        return "of unknown origin".to_owned();
    }
    let caution = if all.contains(&"simulated") {
        ": no model was asked, the scores say nothing about the models"
    } else {
        ""
    };
    format!("{}{caution}", all.join(" and "))
}
