//! A comparison of pairwise judges drawn: whom they prefer, by dialogue and on the whole, and how
//! far they look at the place.

use super::super::plots::{ROWS, forest_of, shortened};
use super::meetings::grouped;
use crate::bench::{Choosing, Contest, ContestKey};
use crate::judge::Pick;
use crate::regression::{ContestPair, PairwiseComparison, Place, Ruling, points};

use crate::report::html::PlotView;
use crate::report::plot::{Bars, Group, Heat, Move, Moves, PlotError, Row, Slope, Slopes};

/// A dialogue of two models: its name, and what the model named first gets of each contest.
struct Shares {
    name: String,
    both: Vec<(f64, f64)>,
}

/// Every plot for which there is something to draw.
pub(super) fn plots(comparison: &PairwiseComparison) -> Result<Vec<PlotView>, PlotError> {
    if comparison.a.decided == 0 || comparison.b.decided == 0 || comparison.pairs.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![
        bias(&comparison.pairs)?,
        verdicts(&comparison.pairs)?,
        rulings(&comparison.pairs)?,
        ranks(comparison)?,
    ])
}

/// Those that need the whole width: dialogues in rows.
pub(super) fn wide(comparison: &PairwiseComparison) -> Result<Vec<PlotView>, PlotError> {
    let models = Whose::of(&comparison.pairs);
    let shares = shares(&comparison.pairs, &models);
    if shares.is_empty() {
        return Ok(Vec::new());
    }
    let preference = comparison.metrics.first();
    let whole = preference.and_then(|own| Some((own.shift?, own.interval)));
    let row = |own: &Shares| {
        let shifts = || own.both.iter().map(|(a, b)| b - a);
        Row {
            name: own.name.clone(),
            middle: mean(shifts()),
            low: shifts().fold(f64::INFINITY, f64::min),
            high: shifts().fold(f64::NEG_INFINITY, f64::max),
        }
    };
    let below = "B − A, share of points; the band is the margin";
    let rows = shares.iter().map(row).collect();
    Ok(vec![
        preferred(&shares, &models.told())?,
        forest_of(rows, whole, comparison.margin, below, "contests")?,
    ])
}

fn shares(pairs: &[ContestPair], models: &Whose<'_>) -> Vec<Shares> {
    let meetings = grouped(pairs).into_iter();
    let shares = meetings.filter_map(|own| {
        let both = own.iter();
        Some(Shares {
            name: shortened(&models.name(&own.first()?.a.key), 46),
            both: both
                .filter_map(|pair| Some((points(&pair.a)?, points(&pair.b)?)))
                .collect(),
        })
    });
    shares.filter(|own| !own.both.is_empty()).collect()
}

/// Whose share a row shows: the same model's in all, or another in each.
enum Whose<'a> {
    Same(&'a ContestKey),
    Each,
}

impl<'a> Whose<'a> {
    fn of(pairs: &'a [ContestPair]) -> Self {
        let mut keys = pairs.iter().map(|pair| &pair.a.key);
        match keys.next() {
            Some(first) if keys.all(|key| (&key.one, &key.other) == (&first.one, &first.other)) => {
                Self::Same(first)
            }
            _ => Self::Each,
        }
    }

    /// A row's name.
    fn name(&self, key: &ContestKey) -> String {
        let mut name = key.scenario.clone();
        if matches!(self, Self::Each) {
            name = format!("{name} · {} ({})", key.one, key.other);
        }
        if key.sample > 0 {
            name = format!("{name} · {}", key.sample);
        }
        name
    }

    /// The model that is meant, in words.
    fn told(&self) -> String {
        match self {
            Self::Same(key) => format!("{} against {}", key.one, key.other),
            Self::Each => "the model named first".to_owned(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "contests stay far below 2^53")]
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), own| (sum + own, count + 1));
    sum / count.max(1) as f64
}

/// What the model named first gets of each dialogue with both judges.
fn preferred(shares: &[Shares], whose: &str) -> Result<PlotView, PlotError> {
    let row = |own: &Shares| Move {
        name: own.name.clone(),
        before: mean(own.both.iter().map(|both| both.0)),
        after: mean(own.both.iter().map(|both| both.1)),
    };
    let mut rows: Vec<Move> = shares.iter().map(row).collect();
    let all = rows.len();
    rows.sort_by(|one, other| distance(other).total_cmp(&distance(one)));
    rows.truncate(ROWS);
    rows.sort_by(|one, other| one.after.total_cmp(&other.after));
    rows.push(Move {
        name: format!("all {all} dialogues"),
        before: mean(shares.iter().flat_map(|own| &own.both).map(|both| both.0)),
        after: mean(shares.iter().flat_map(|own| &own.both).map(|both| both.1)),
    });
    let which = if all > ROWS {
        format!(", the {ROWS} of {all} that moved farthest")
    } else {
        String::new()
    };
    let moves = Moves {
        label: "Share of points of the model named first in each dialogue, with both judges",
        below: "share of points: 1 wins all, 0.5 is even",
        scale: (0.0, 1.0),
        even: 0.5,
        rows,
    };
    Ok(PlotView {
        caption: format!("Share of points by dialogue, {whose}: A and B{which}"),
        svg: moves.svg()?,
    })
}

fn distance(own: &Move) -> f64 {
    (own.after - own.before).abs()
}

/// How often the orders agree, and which place they favour where they do not.
fn bias(pairs: &[ContestPair]) -> Result<PlotView, PlotError> {
    const KINDS: [(&str, Option<Ruling>); 5] = [
        ("agree", None),
        ("1st ×2", Some(Ruling::Follows(Place::First))),
        ("1st ×1", Some(Ruling::Wavers(Place::First))),
        ("2nd ×1", Some(Ruling::Wavers(Place::Second))),
        ("2nd ×2", Some(Ruling::Follows(Place::Second))),
    ];
    let of = |side: fn(&ContestPair) -> &Contest| -> Vec<Ruling> {
        pairs
            .iter()
            .filter_map(|pair| Ruling::of(side(pair)))
            .collect()
    };
    let sides = [of(|pair| &pair.a), of(|pair| &pair.b)];
    let share = |rulings: &Vec<Ruling>, kind: Option<Ruling>| {
        let is_kind = |own: &Ruling| match kind {
            Some(kind) => *own == kind,
            None => own.is_consistent(),
        };
        let held = rulings.iter().map(|own| f64::from(u8::from(is_kind(own))));
        (!rulings.is_empty()).then(|| mean(held) * 100.0)
    };
    let bars = Bars {
        label: "Position bias of both judges: contests of which the orders agree, or favour a place in both or in one",
        groups_are: "what both orders say: the same, or a place twice or once",
        unit: "%",
        high: 100.0,
        groups: KINDS
            .into_iter()
            .map(|(name, kind)| Group {
                name: name.to_owned(),
                values: sides.iter().map(|own| share(own, kind)).collect(),
            })
            .collect(),
    };
    Ok(PlotView {
        caption: "Position bias: contests by what both orders say".into(),
        svg: bars.svg()?,
    })
}

/// What both judges said of each call.
fn verdicts(pairs: &[ContestPair]) -> Result<PlotView, PlotError> {
    let pick = |said: &Choosing| said.preference().map(|own| own.pick);
    let calls = pairs.iter().flat_map(|pair| {
        [
            (pick(&pair.a.named), pick(&pair.b.named)),
            (pick(&pair.a.swapped), pick(&pair.b.swapped)),
        ]
    });
    let place = |pick: Pick| Pick::ALL.iter().position(|own| *own == pick);
    let heat = Heat {
        label: "Confusion of the verdicts: calls by what the baseline chose, down, and the candidate, across",
        scores: Pick::ALL.iter().map(ToString::to_string).collect(),
        counts: counts(
            Pick::ALL.len(),
            calls.map(|(a, b)| (a.and_then(place), b.and_then(place))),
        ),
    };
    Ok(PlotView {
        caption: "Verdicts: calls by the place chosen by A and by B".into(),
        svg: heat.svg()?,
    })
}

/// What both orders come to with both judges.
fn rulings(pairs: &[ContestPair]) -> Result<PlotView, PlotError> {
    const NAMES: [&str; 4] = ["one", "other", "tie", "place"];
    let place = |contest: &Contest| {
        Ruling::of(contest).map(|ruling| match ruling {
            Ruling::One => 0,
            Ruling::Other => 1,
            Ruling::Tie => 2,
            Ruling::Follows(_) | Ruling::Wavers(_) => 3,
        })
    };
    let heat = Heat {
        label: "Confusion of the results: contests by what both orders come to with the baseline, down, and the candidate, across",
        scores: NAMES.map(str::to_owned).into(),
        counts: counts(
            NAMES.len(),
            pairs.iter().map(|pair| (place(&pair.a), place(&pair.b))),
        ),
    };
    Ok(PlotView {
        caption: "Results: the model named first, the other, a tie, or the place decides".into(),
        svg: heat.svg()?,
    })
}

fn counts(
    size: usize,
    both: impl Iterator<Item = (Option<usize>, Option<usize>)>,
) -> Vec<Vec<u32>> {
    let mut counts = vec![vec![0_u32; size]; size];
    for (a, b) in both {
        let (Some(row), Some(column)) = (a, b) else {
            continue;
        };
        let cell = counts.get_mut(row).and_then(|row| row.get_mut(column));
        if let Some(cell) = cell {
            *cell += 1;
        }
    }
    counts
}

fn ranks(comparison: &PairwiseComparison) -> Result<PlotView, PlotError> {
    let lines = comparison.a.models.iter().filter_map(|own| {
        let other = comparison.b.models.iter().find(|b| b.model == own.model)?;
        Some(Slope {
            name: shortened(&own.model, 22),
            before: own.rate?,
            after: other.rate?,
        })
    });
    let slopes = Slopes {
        label: "Win rates of the models with both judges",
        heads: ("A", "B"),
        lines: lines.collect(),
    };
    Ok(PlotView {
        caption: "Ranking: wins and half the ties of what both orders agree on".into(),
        svg: slopes.svg()?,
    })
}
