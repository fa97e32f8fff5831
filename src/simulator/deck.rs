//! Drawing without repeating: a deck is shuffled once per conversation, and each turn takes
//! the next card.

use super::dice::Dice;

/// The shuffle of one conversation.
#[derive(Debug, Clone)]
pub(super) struct Deck {
    dice: Dice,
}

impl Deck {
    /// A deck for the conversation that these parts name.
    pub(super) const fn new(dice: Dice) -> Self {
        Self { dice }
    }

    /// The `turn`th card; the same card comes again only once all have been drawn.
    pub(super) fn draw<T: Copy + Default>(&self, cards: &[T], turn: usize) -> T {
        if cards.is_empty() {
            return T::default();
        }
        // Every list of cards has a shuffle of its own, and each its own every time.
        let order = self.dice.clone().shuffled(cards.len());
        cards[order[turn % cards.len()]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_card_comes_twice_before_all_have_come() {
        let deck = Deck::new(Dice::of(&[b"x"]));
        let mut drawn: Vec<u32> = (0..5)
            .map(|turn| deck.draw(&[1, 2, 3, 4, 5], turn))
            .collect();
        drawn.sort_unstable();
        assert_eq!(drawn, [1, 2, 3, 4, 5]);
    }
}
