//! Writes a tutor's turn.

use super::super::deck::Deck;
use super::super::dice::Dice;
use super::super::model::Model;
use super::super::part::Scene;
use super::super::words;
use super::quality::{Quality, quality};
use super::vector::Vector;
use super::{lapses, questions};

/// What a turn is written from.
struct Material<'a> {
    scene: &'a Scene,
    deck: &'a Deck,
    /// Which turn of the tutor this is, from 0.
    turn: usize,
}

/// The tutor's next turn.
pub(in crate::simulator) fn write(
    scene: &Scene,
    model: &Model,
    deck: &Deck,
    dice: &mut Dice,
) -> String {
    let material = Material {
        scene,
        deck,
        turn: scene.said.len(),
    };
    match quality(model, material.turn, dice) {
        Quality::Probing => material.probing(dice),
        Quality::Plain => material.plain(),
        Quality::Double => material.double(),
        Quality::Leading => material.with_prefix(lapses::PRAISE, lapses::LEADING),
        Quality::Advising => material.with_words(lapses::ADVISING),
        Quality::Telling => material.with_words(lapses::TELLING),
    }
}

impl Material<'_> {
    fn probing(&self, dice: &mut Dice) -> String {
        let Some(saying) = self.saying() else {
            return self.plain();
        };
        let chance = dice.below(100);
        // Two sayings need a conversation that has gone on for a while.
        if self.turn >= 2
            && chance < 45
            && let Some(earlier) = self.earlier_saying(&saying)
        {
            return fill(self.draw(questions::TWO_SAYINGS), &[&earlier, &saying]);
        }
        if chance >= 85
            && let Some(word) = self.word()
        {
            return fill(self.draw(questions::ONE_WORD), &[&word]);
        }
        format!("{} {}", self.frame(&saying), self.question(&saying))
    }

    fn plain(&self) -> String {
        self.with_prefix(questions::NODS, questions::PLAIN)
    }

    fn double(&self) -> String {
        let saying = self.saying().unwrap_or_default();
        let first = self.question(&saying);
        let second = small_start(self.draw(questions::PLAIN));
        if saying.is_empty() {
            return format!("{first} And {second}");
        }
        format!("{} {first} And {second}", self.frame(&saying))
    }

    fn with_prefix(&self, prefixes: &[&'static str], turns: &[&'static str]) -> String {
        let text = self.with_words(turns);
        match self.draw(prefixes) {
            "" => text,
            prefix => format!("{prefix} {text}"),
        }
    }

    /// A turn that may take up the student's words; one that needs none where there are none.
    fn with_words(&self, turns: &[&'static str]) -> String {
        if let Some(saying) = self.saying() {
            return fill(self.draw(turns), &[&saying]);
        }
        let wordless: Vec<&str> = turns
            .iter()
            .copied()
            .filter(|turn| !turn.contains("{}"))
            .collect();
        self.draw(&wordless).to_owned()
    }

    fn frame(&self, saying: &str) -> String {
        fill(self.draw(questions::FRAMES), &[saying])
    }

    fn question(&self, saying: &str) -> &'static str {
        let vector = Vector::of(&self.scene.instructions);
        self.draw(&questions::for_saying(vector, saying))
    }

    /// A word that the student keeps coming back to, and has just used.
    fn word(&self) -> Option<String> {
        let word = words::noun(&self.scene.heard.join(" "))?;
        let last = words::content_words(self.scene.last_heard());
        last.contains(&word).then_some(word)
    }

    fn draw(&self, cards: &[&'static str]) -> &'static str {
        self.deck.draw(cards, self.turn)
    }

    /// The most telling words of the last turn that the tutor has not quoted yet.
    fn saying(&self) -> Option<String> {
        let said = self.scene.said.concat();
        let sayings = words::quotable(self.scene.last_heard());
        let fresh = sayings
            .iter()
            .find(|saying| !said.contains(saying.as_str()));
        fresh.or(sayings.first()).cloned()
    }

    fn earlier_saying(&self, saying: &str) -> Option<String> {
        let (_, earlier) = self.scene.heard.split_last()?;
        let just_said = self.scene.said.last()?;
        let said = self.scene.said.concat();
        earlier
            .iter()
            .filter_map(|turn| words::quotable(turn).into_iter().next())
            .filter(|earlier| earlier != saying && !just_said.contains(earlier.as_str()))
            // What was quoted once already serves again; what was not serves better.
            .min_by_key(|earlier| said.contains(earlier.as_str()))
    }
}

fn fill(template: &str, words: &[&str]) -> String {
    words.iter().fold(template.to_owned(), |text, word| {
        text.replacen("{}", word, 1)
    })
}

/// A sentence that goes on behind another word.
fn small_start(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
