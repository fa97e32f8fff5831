//! Writes a student's turn.

use super::super::deck::Deck;
use super::super::dice::Dice;
use super::super::part::Scene;
use super::asked::Asked;
use super::themes::Theme;
use super::{general, mood};

/// From this turn on, a student looks back.
const LATE: usize = 3;

/// The student's next turn.
pub(in crate::simulator) fn write(scene: &Scene, deck: &Deck, dice: &mut Dice) -> String {
    let turn = scene.said.len();
    let asked = Asked::of(scene.last_heard());
    let start = deck.draw(mood::starts(&scene.instructions), turn);
    let mut parts = vec![start.to_owned(), thought(scene, asked, deck)];
    if matches!(asked, Asked::Assent) {
        parts.push(unsaid(scene, deck, Asked::Doubt));
    }
    if turn >= LATE && dice.below(100) < 40 {
        parts.push(deck.draw(general::LATE, turn).to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn thought(scene: &Scene, asked: Asked, deck: &Deck) -> String {
    match asked {
        Asked::Assent | Asked::Nothing => deck
            .draw(general::words(asked), scene.said.len())
            .to_owned(),
        _ => unsaid(scene, deck, asked),
    }
}

/// The first thing of that kind which this student has not said yet, on the theme if there is
/// one.
fn unsaid(scene: &Scene, deck: &Deck, asked: Asked) -> String {
    let theme = Theme::of(&scene.instructions).map_or(&[][..], |theme| theme.words(asked));
    let said = scene.said.concat();
    let is_new = |words: &&str| !said.contains(*words);
    let drawn = |cards: &'static [&'static str]| {
        (0..cards.len())
            .map(|turn| deck.draw(cards, turn))
            .find(is_new)
    };
    drawn(theme)
        .or_else(|| drawn(general::words(asked)))
        .unwrap_or_else(|| deck.draw(general::words(asked), scene.said.len()))
        .to_owned()
}
