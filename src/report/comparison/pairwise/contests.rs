//! Contests as a page shows them: both answers, what both judges say of each order, and what of it
//! moved.

use serde::Serialize;

use super::lines::{chosen, shown};
use crate::bench::{Choosing, Contest, ContestKey, Order};
use crate::judge::{Contender, Speaker};
use crate::regression::{ContestPair, Ruling, points};
use crate::report::html::Said;

/// One contest.
#[derive(Debug, Serialize)]
pub(super) struct ContestView<'a> {
    id: String,
    /// Where it stands in its dialogue, for what stands elsewhere.
    place: Option<String>,
    key: &'a ContestKey,
    /// Which turn.
    told: String,
    has_moved: bool,
    /// Every kind that a filter finds it by.
    kinds: String,
    /// The model that gets more of it than before.
    toward: Option<&'a str>,
    a: RulingView,
    b: RulingView,
    /// What was answered to: of whom, where the two students did not say the same.
    students: Vec<(Option<&'a str>, Said<'a>)>,
    answers: [AnswerView<'a>; 2],
    orders: [OrderView<'a>; 2],
}

/// What both orders come to.
#[derive(Debug, Serialize)]
struct RulingView {
    words: String,
    mark: &'static str,
    level: &'static str,
    #[serde(skip)]
    ruling: Option<Ruling>,
}

#[derive(Debug, Serialize)]
struct AnswerView<'a> {
    model: &'a str,
    level: &'static str,
    /// The answer, or the whole dialogue.
    turns: Vec<SpokenView<'a>>,
}

#[derive(Debug, Serialize)]
struct SpokenView<'a> {
    speaker: &'static str,
    said: Said<'a>,
}

#[derive(Debug, Serialize)]
struct OrderView<'a> {
    first: &'a str,
    has_moved: bool,
    a: HeardView<'a>,
    b: HeardView<'a>,
}

#[derive(Debug, Serialize)]
struct HeardView<'a> {
    /// The better model, or a tie; none without a verdict.
    chosen: Option<&'a str>,
    /// The judge's reason, or why there is no verdict.
    why: String,
}

impl<'a> ContestView<'a> {
    /// The contest as part of a page.
    pub(super) fn of(id: String, place: Option<String>, pair: &'a ContestPair) -> Self {
        let key = &pair.a.key;
        let (a, b) = (RulingView::of(&pair.a), RulingView::of(&pair.b));
        let subject = &pair.a.subject;
        let [one, other] = [&subject.first, &subject.second];
        Self {
            id,
            place,
            key,
            told: match key.turn {
                Some(turn) => format!("turn {turn}"),
                None => "whole dialogue".to_owned(),
            },
            has_moved: pair.has_moved(),
            kinds: kinds(pair, &a, &b).join(" "),
            toward: toward(pair),
            students: students(key, one, other),
            answers: [
                AnswerView::of(&key.one, "one", one),
                AnswerView::of(&key.other, "other", other),
            ],
            orders: Order::ALL.map(|order| OrderView::of(order, pair)),
            a,
            b,
        }
    }
}

impl RulingView {
    fn of(contest: &Contest) -> Self {
        let ruling = Ruling::of(contest);
        let (mark, level) = match ruling {
            Some(Ruling::One) => ("1", "one"),
            Some(Ruling::Other) => ("2", "other"),
            Some(Ruling::Tie) => ("=", "tie"),
            Some(Ruling::Follows(_) | Ruling::Wavers(_)) => ("⇄", "place"),
            None => ("?", "unscored"),
        };
        let words = match ruling {
            Some(Ruling::One) => contest.key.one.clone(),
            Some(Ruling::Other) => contest.key.other.clone(),
            Some(Ruling::Tie) => "a tie".to_owned(),
            Some(place) => place.to_string(),
            None => "no verdict".to_owned(),
        };
        Self {
            words,
            mark,
            level,
            ruling,
        }
    }
}

/// What the page's filters know of a contest.
fn kinds(pair: &ContestPair, a: &RulingView, b: &RulingView) -> Vec<&'static str> {
    if !pair.has_moved() {
        return vec!["same"];
    }
    let mut kinds = vec!["moved"];
    let (Some(before), Some(after)) = (a.ruling, b.ruling) else {
        kinds.push("unscored");
        return kinds;
    };
    let swaps = [(Ruling::One, Ruling::Other), (Ruling::Other, Ruling::One)];
    kinds.extend(swaps.contains(&(before, after)).then_some("winner"));
    kinds.extend((after == Ruling::Tie && before != after).then_some("to-tie"));
    match (before.is_consistent(), after.is_consistent()) {
        (true, false) => kinds.push("to-place"),
        (false, true) => kinds.push("to-agree"),
        _ => {}
    }
    if after.lean() > before.lean() {
        kinds.push("lean-first");
    } else if after.lean() < before.lean() {
        kinds.push("lean-second");
    }
    kinds
}

fn toward(pair: &ContestPair) -> Option<&str> {
    let shift = points(&pair.b)? - points(&pair.a)?;
    let key = &pair.a.key;
    if shift > 0.0 {
        return Some(&key.one);
    }
    (shift < 0.0).then_some(&key.other)
}

/// What the students had said last, once where they said the same.
fn students<'a>(
    key: &'a ContestKey,
    one: &'a Contender,
    other: &'a Contender,
) -> Vec<(Option<&'a str>, Said<'a>)> {
    if one.tutor_turn.is_none() {
        return Vec::new();
    }
    let last = |contender: &'a Contender| {
        let mut said = contender.dialogue.iter().rev();
        let last = said.find(|turn| turn.speaker == Speaker::Student);
        last.map(|turn| turn.text.as_str())
    };
    match (last(one), last(other)) {
        (Some(one), Some(other)) if one == other => vec![(None, Said::text(one))],
        (one, other) => {
            let both = [(&key.one, one), (&key.other, other)];
            both.into_iter()
                .filter_map(|(model, said)| Some((Some(model.as_str()), Said::text(said?))))
                .collect()
        }
    }
}

impl<'a> AnswerView<'a> {
    fn of(model: &'a str, level: &'static str, contender: &'a Contender) -> Self {
        let spoken = |(speaker, text): (Speaker, &'a str)| SpokenView {
            speaker: match speaker {
                Speaker::Student => "student",
                Speaker::Tutor => "tutor",
            },
            said: Said::text(text),
        };
        let turns: Vec<(Speaker, &str)> = match &contender.tutor_turn {
            Some(text) => vec![(Speaker::Tutor, text)],
            None => contender
                .dialogue
                .iter()
                .map(|turn| (turn.speaker, turn.text.as_str()))
                .collect(),
        };
        Self {
            model,
            level,
            turns: turns.into_iter().map(spoken).collect(),
        }
    }
}

impl<'a> OrderView<'a> {
    fn of(order: Order, pair: &'a ContestPair) -> Self {
        let key = &pair.a.key;
        let (a, b) = (said(&pair.a, order), said(&pair.b, order));
        let pick = |said: &Choosing| said.preference().map(|own| own.pick);
        Self {
            first: shown(key, order)[0],
            has_moved: pick(a) != pick(b),
            a: HeardView::of(key, order, a),
            b: HeardView::of(key, order, b),
        }
    }
}

fn said(contest: &Contest, order: Order) -> &Choosing {
    match order {
        Order::Named => &contest.named,
        Order::Swapped => &contest.swapped,
    }
}

impl<'a> HeardView<'a> {
    fn of(key: &'a ContestKey, order: Order, said: &Choosing) -> Self {
        match said {
            Choosing::Chosen { preference, .. } => Self {
                chosen: Some(chosen(key, order, preference.pick)),
                why: preference.rationale.clone(),
            },
            Choosing::Unscored { reason, .. } => Self {
                chosen: None,
                why: format!("no verdict: {}", reason.detail()),
            },
        }
    }
}
