//! A comparison drawn: what moved, by how much, where, and how far the judges agree.

use std::collections::BTreeMap;

use super::shifts::Shifts;
use crate::judge::{Judgment, Points};
use crate::regression::{Comparison, Pair};
use crate::report::html::PlotView;
use crate::report::plot::{Bars, Forest, Heat, PlotError, Row, Scatter, Slope, Slopes, Spot};
use crate::statistics::{Interval, signed};

/// Dialogues that a forest plot shows.
pub(super) const ROWS: usize = 40;
/// More scores than this are no heat map.
const SCORES: i64 = 12;
/// About 95 % of a normal distribution.
const LIMITS: f64 = 1.96;

/// Judgments of one turn by both.
type Both<'a> = (&'a Judgment, &'a Judgment);

/// Every plot for which there is something to draw.
pub(super) fn plots(comparison: &Comparison) -> Result<Vec<PlotView>, PlotError> {
    let both: Vec<Both<'_>> = comparison.pairs.iter().filter_map(both).collect();
    if both.is_empty() {
        return Ok(Vec::new());
    }
    let mut plots = vec![
        differences(comparison.rubric.step, &both)?,
        bland_altman(comparison, &both)?,
    ];
    for (index, dimension) in comparison.rubric.dimensions.iter().enumerate() {
        let scale = (dimension.low, dimension.high, comparison.rubric.step);
        plots.extend(confusion(&dimension.name, index, scale, &both)?);
    }
    if comparison.ranking.models.len() > 1 {
        plots.push(ranks(comparison)?);
    }
    Ok(plots)
}

fn both(pair: &Pair) -> Option<Both<'_>> {
    Some((pair.a.judgment()?, pair.b.judgment()?))
}

fn difference((a, b): Both<'_>) -> Points {
    b.overall - a.overall
}

/// How many turns moved by how much.
fn differences(step: Points, both: &[Both<'_>]) -> Result<PlotView, PlotError> {
    let differences: Vec<Points> = both.iter().copied().map(difference).collect();
    let shifts = Shifts::of(step, &differences);
    let bars = Bars {
        label: "Paired differences of the overall score, candidate minus baseline",
        groups_are: "B − A, points",
        unit: "",
        high: f64::from(shifts.most()) * 1.05,
        groups: shifts.groups(),
    };
    Ok(PlotView {
        caption: "Paired differences: turns by shift".into(),
        svg: bars.svg()?,
    })
}

/// Each turn's difference against its mean.
fn bland_altman(comparison: &Comparison, both: &[Both<'_>]) -> Result<PlotView, PlotError> {
    let mut spots: BTreeMap<(i64, i64), u32> = BTreeMap::new();
    for (a, b) in both {
        let sum = (a.overall + b.overall).thousandths();
        *spots
            .entry((sum, difference((a, b)).thousandths()))
            .or_default() += 1;
    }
    let differences: Vec<f64> = both.iter().map(|own| difference(*own).as_f64()).collect();
    let (middle, spread) = spread(&differences);
    let reach = differences
        .iter()
        .fold(1.0, |most: f64, own| most.max(own.abs()));
    let reach = (reach.max((middle.abs() + LIMITS * spread).abs()) * 1.1).ceil();
    let (lowest, highest) = (comparison.rubric.lowest(), comparison.rubric.highest());
    let limits = [middle - LIMITS * spread, middle + LIMITS * spread];
    let scatter = Scatter {
        label: "Bland–Altman: difference against the mean of both judges, a spot for turns that fall together",
        below: "mean of A and B",
        x: (lowest.as_f64() - 0.5, highest.as_f64() + 0.5),
        y: (-reach, reach),
        spots: spots
            .into_iter()
            .map(|((sum, difference), count)| Spot {
                x: Points::of_thousandths(sum).as_f64() / 2.0,
                y: Points::of_thousandths(difference).as_f64(),
                count,
            })
            .collect(),
        middle: Some(middle),
        limits: limits.to_vec(),
    };
    Ok(PlotView {
        caption: format!(
            "Bland–Altman: B − A by their mean; 95% of turns {} to {}",
            signed(limits[0]),
            signed(limits[1])
        ),
        svg: scatter.svg()?,
    })
}

/// Mean and standard deviation.
#[expect(clippy::cast_precision_loss, reason = "turns stay far below 2^53")]
fn spread(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}

/// Which scores both judges gave in a dimension; none where a scale has too many.
fn confusion(
    name: &str,
    index: usize,
    (low, high, step): (Points, Points, Points),
    both: &[Both<'_>],
) -> Result<Option<PlotView>, PlotError> {
    let step = step.thousandths().max(1);
    let steps = (high - low).thousandths() / step;
    if steps >= SCORES {
        return Ok(None);
    }
    let place = |judgment: &Judgment| {
        let score = judgment.scores.get(index)?.score;
        usize::try_from((score - low).thousandths() / step).ok()
    };
    let size = usize::try_from(steps).unwrap_or(0) + 1;
    let mut counts = vec![vec![0_u32; size]; size];
    for (a, b) in both {
        let (Some(row), Some(column)) = (place(a), place(b)) else {
            continue;
        };
        let cell = counts.get_mut(row).and_then(|row| row.get_mut(column));
        if let Some(cell) = cell {
            *cell += 1;
        }
    }
    let label = format!(
        "Confusion of {name}: turns by the baseline's score, down, and the candidate's, across"
    );
    let score = |at: i64| Points::of_thousandths(low.thousandths() + at * step).to_string();
    let heat = Heat {
        label: &label,
        scores: (0..=steps).map(score).collect(),
        counts,
    };
    Ok(Some(PlotView {
        caption: format!("{name}: scores of A by scores of B"),
        svg: heat.svg()?,
    }))
}

fn ranks(comparison: &Comparison) -> Result<PlotView, PlotError> {
    let slopes = Slopes {
        label: "Means of the models with both judges",
        heads: ("A", "B"),
        lines: comparison
            .ranking
            .models
            .iter()
            .map(|model| Slope {
                name: shortened(&model.model, 22),
                before: model.a,
                after: model.b,
            })
            .collect(),
    };
    Ok(PlotView {
        caption: "Ranking: mean overall score of each model".into(),
        svg: slopes.svg()?,
    })
}

/// Each dialogue's shift; below them the whole with its interval.
pub(super) fn forest(comparison: &Comparison) -> Result<Option<PlotView>, PlotError> {
    let rows = dialogues(comparison);
    if rows.is_empty() {
        return Ok(None);
    }
    let overall = comparison.metrics.first();
    let whole = overall.and_then(|overall| Some((overall.shift?, overall.interval)));
    let below = "B − A, points; the band is the margin";
    forest_of(rows, whole, comparison.margin, below, "turns").map(Some)
}

/// The rows that moved farthest, from the lowest to the highest; below them the whole with its
/// interval.
pub(super) fn forest_of(
    mut rows: Vec<Row>,
    whole: Option<(f64, Option<Interval>)>,
    band: f64,
    below: &str,
    members: &str,
) -> Result<PlotView, PlotError> {
    let all = rows.len();
    // The farthest first; equal ones in the order of their names.
    rows.sort_by(|one, other| other.middle.abs().total_cmp(&one.middle.abs()));
    rows.truncate(ROWS);
    rows.sort_by(|one, other| one.middle.total_cmp(&other.middle));
    let whole = whole.map(|(middle, interval)| Row {
        name: format!("all {all} dialogues, interval"),
        middle,
        low: interval.map_or(middle, |interval| interval.low),
        high: interval.map_or(middle, |interval| interval.high),
    });
    let shown = if all > rows.len() {
        format!(", the {} of {all} that moved farthest", rows.len())
    } else {
        String::new()
    };
    let label = format!(
        "Shift of each dialogue with the reach of its {members}, and of all dialogues with its interval"
    );
    let forest = Forest {
        label: &label,
        below,
        band,
        rows,
        whole,
    };
    Ok(PlotView {
        caption: format!("Shift by dialogue: mean and reach of its {members}{shown}"),
        svg: forest.svg()?,
    })
}

fn dialogues(comparison: &Comparison) -> Vec<Row> {
    let mut shifts: BTreeMap<(&str, &str, u32), Vec<f64>> = BTreeMap::new();
    for pair in &comparison.pairs {
        if let Some(own) = both(pair) {
            let key = pair.key();
            let dialogue = (key.scenario.as_str(), key.model.as_str(), key.sample);
            shifts
                .entry(dialogue)
                .or_default()
                .push(difference(own).as_f64());
        }
    }
    let row = |((scenario, model, sample), shifts): ((&str, &str, u32), Vec<f64>)| {
        let name = match sample {
            0 => format!("{scenario} · {model}"),
            sample => format!("{scenario} · {model} · {sample}"),
        };
        Row {
            name: shortened(&name, 46),
            middle: spread(&shifts).0,
            low: shifts.iter().copied().fold(f64::INFINITY, f64::min),
            high: shifts.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    };
    shifts.into_iter().map(row).collect()
}

pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{kept}…")
}
