//! How good a turn a model manages: its skill, less what each turn takes, and some luck.

use super::super::dice::Dice;
use super::super::model::Model;

/// The kinds of turns, the best one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quality {
    /// One open question that takes up the student's own words.
    Probing,
    /// One open question that could be asked of anyone.
    Plain,
    /// Two questions at once.
    Double,
    /// A question that carries its answer.
    Leading,
    /// Advice with a question behind it.
    Advising,
    /// No question at all.
    Telling,
}

/// The least form of the day at which a turn of that quality comes.
const LEAST: [(f64, Quality); 5] = [
    (0.74, Quality::Probing),
    (0.64, Quality::Plain),
    (0.54, Quality::Double),
    (0.42, Quality::Leading),
    (0.30, Quality::Advising),
];

/// Luck moves a turn by at most this much either way, in percent.
const LUCK: usize = 14;

/// The quality of a model's `turn`, from 0.
pub(super) fn quality(model: &Model, turn: usize, dice: &mut Dice) -> Quality {
    let turn = f64::from(u32::try_from(turn).unwrap_or(u32::MAX));
    let luck = f64::from(u32::try_from(dice.below(2 * LUCK + 1)).unwrap_or(0)) / 100.0 - 0.14;
    let form = model.skill - model.decline * turn + luck;
    LEAST
        .into_iter()
        .find(|(least, _)| form >= *least)
        .map_or(Quality::Telling, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(model: &str, turn: usize) -> f64 {
        let model = Model::of(model);
        let total: f64 = (0..200_u32)
            .map(|roll| {
                let mut dice = Dice::of(&[&roll.to_be_bytes()]);
                f64::from(quality(&model, turn, &mut dice) as u8)
            })
            .sum();
        total / 200.0
    }

    #[test]
    fn weaker_models_write_worse_turns_and_get_worse_as_they_go_on() {
        let (opus, haiku, titan) = (
            "anthropic.claude-3-opus-20240229-v1:0",
            "anthropic.claude-3-5-haiku-20241022-v1:0",
            "amazon.titan-text-premier-v1:0",
        );
        assert!(mean(opus, 0) < mean(haiku, 0));
        assert!(mean(haiku, 0) < mean(titan, 0));
        assert!(mean(haiku, 0) < mean(haiku, 4));
    }
}
