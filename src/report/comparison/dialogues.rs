//! Every dialogue turn by turn, with both judges' scores and reasons.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::turns::{TurnView, distance, has_moved, shift};
use super::view::farthest;
use super::words;
use crate::regression::{Comparison, Pair, TurnKey, Unpaired};
use crate::words::counted;

/// More turns than this would make a page that no browser opens with pleasure.
const MOST: usize = 10_000;

/// The dialogues that are shown, and how many are not.
#[derive(Debug, Serialize)]
pub(super) struct ComparedDialogues<'a> {
    shown: Vec<DialogueView<'a>>,
    left_out: usize,
    /// Where each turn stands on the page.
    #[serde(skip)]
    places: HashMap<&'a TurnKey, String>,
}

#[derive(Debug, Serialize)]
struct DialogueView<'a> {
    id: String,
    /// Of its first turn.
    key: &'a TurnKey,
    /// How many of its turns moved.
    told: String,
    /// The mean shift of its turns.
    shift: String,
    /// Turns that are not compared, and why.
    gaps: Vec<String>,
    turns: Vec<TurnView<'a>>,
}

/// Which dialogue a turn belongs to.
type Name<'a> = (&'a str, &'a str, u32);

fn name(key: &TurnKey) -> Name<'_> {
    (&key.scenario, &key.model, key.sample)
}

impl<'a> ComparedDialogues<'a> {
    /// In the baseline's order.
    pub(super) fn of(comparison: &'a Comparison) -> Self {
        let dialogues = grouped(&comparison.pairs);
        let far = |own: &Vec<&Pair>| {
            let distances = own.iter().map(|pair| distance(pair));
            distances.fold(0, u64::saturating_add)
        };
        let (shown, left_out) = farthest(dialogues, MOST, far, Vec::len);
        let mut unpaired: BTreeMap<Name<'_>, Vec<&Unpaired>> = BTreeMap::new();
        for own in &comparison.subjects.unpaired {
            unpaired.entry(name(&own.key)).or_default().push(own);
        }
        let mut places = HashMap::new();
        let mut views = Vec::with_capacity(shown.len());
        for (place, pairs) in shown.into_iter().enumerate() {
            let Some(first) = pairs.first() else { continue };
            let id = format!("d{}", place + 1);
            let alone = unpaired
                .get(&name(first.key()))
                .map_or(&[][..], Vec::as_slice);
            for pair in &pairs {
                places.insert(pair.key(), turn_id(&id, pair.key()));
            }
            views.push(DialogueView::of(id, &pairs, alone, comparison));
        }
        Self {
            shown: views,
            left_out,
            places,
        }
    }

    /// The id of a turn, where its dialogue is shown.
    pub(super) fn place_of(&self, key: &TurnKey) -> Option<String> {
        self.places.get(key).cloned()
    }
}

fn turn_id(dialogue: &str, key: &TurnKey) -> String {
    format!("{dialogue}t{}", key.turn)
}

/// Turns by dialogue, both in their own order.
fn grouped(pairs: &[Pair]) -> Vec<Vec<&Pair>> {
    let mut places: HashMap<Name<'_>, usize> = HashMap::new();
    let mut dialogues: Vec<Vec<&Pair>> = Vec::new();
    for pair in pairs {
        let place = *places.entry(name(pair.key())).or_insert(dialogues.len());
        match dialogues.get_mut(place) {
            Some(own) => own.push(pair),
            None => dialogues.push(vec![pair]),
        }
    }
    dialogues
}

impl<'a> DialogueView<'a> {
    fn of(id: String, pairs: &[&'a Pair], alone: &[&Unpaired], comparison: &'a Comparison) -> Self {
        let threshold = comparison.flips.threshold;
        let moved = pairs.iter().filter(|pair| has_moved(pair)).count();
        let turn = |pair: &&'a Pair| TurnView::of(turn_id(&id, pair.key()), None, pair, threshold);
        Self {
            key: pairs[0].key(),
            told: match moved {
                0 => "did not move".to_owned(),
                moved => format!("{} moved", counted(moved, "turn")),
            },
            shift: words::shift(mean_shift(pairs)),
            gaps: gaps(pairs, alone),
            turns: pairs.iter().map(turn).collect(),
            id,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "turns stay far below 2^53")]
fn mean_shift(pairs: &[&Pair]) -> Option<f64> {
    let shifts: Vec<f64> = pairs
        .iter()
        .filter_map(|pair| shift(pair))
        .map(crate::judge::Points::as_f64)
        .collect();
    (!shifts.is_empty()).then(|| shifts.iter().sum::<f64>() / shifts.len() as f64)
}

/// Turns between the first and the last that both judges were not asked about.
fn gaps(pairs: &[&Pair], alone: &[&Unpaired]) -> Vec<String> {
    let mut told: Vec<String> = alone
        .iter()
        .map(|own| format!("turn {} is not compared: {}", own.key.turn, own.why))
        .collect();
    let known: BTreeSet<u32> = pairs
        .iter()
        .map(|pair| pair.key().turn)
        .chain(alone.iter().map(|own| own.key.turn))
        .collect();
    let last = known.last().copied().unwrap_or(0);
    let missing = (1..last).filter(|turn| !known.contains(turn));
    told.extend(
        missing.map(|turn| format!("turn {turn} has no answer: there is nothing to judge")),
    );
    told
}
