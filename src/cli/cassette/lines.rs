//! One line an exchange, in columns that fit the page.

use bedrock_replay::report::fit::shortened;

use super::facts::Facts;
use super::output::{BAD, FAINT, duration};

/// Characters of a time.
const TIME: usize = 7;
/// Characters that a model or an operation keeps at least.
const LEAST: usize = 12;

/// How exchanges are written in lines.
pub struct Lines {
    key: usize,
    operation: usize,
    model: usize,
    outcome: usize,
    page: Page,
}

#[derive(Clone, Copy)]
enum Page {
    /// Everything has room.
    Wide,
    /// No line is longer than that: models and operations are shortened, and what stands last.
    Narrow(usize),
}

impl Lines {
    /// Lines for these exchanges, on a page of this width where it has one.
    pub fn of(facts: &[Facts], most: Option<usize>) -> Self {
        let widest = |width: fn(&Facts) -> usize| facts.iter().map(width).max().unwrap_or(0);
        let lines = Self {
            key: widest(|fact| fact.short_key().len()),
            operation: widest(|fact| fact.operation.len()),
            model: widest(|fact| short_model(fact).chars().count()),
            outcome: widest(|fact| fact.outcome.len()),
            page: Page::Wide,
        };
        match most {
            Some(most) if lines.front() + widest(|fact| tail(fact).len()) > most => {
                lines.narrowed(most, widest(|fact| short_tail(fact).len()))
            }
            _ => lines,
        }
    }

    /// Characters before what stands last.
    const fn front(&self) -> usize {
        2 + self.key + 2 + self.operation + 2 + self.model + 2 + self.outcome + 2 + TIME
    }

    fn narrowed(mut self, most: usize, tail: usize) -> Self {
        let excess = |lines: &Self| (lines.front() + tail).saturating_sub(most);
        self.model = less(self.model, excess(&self));
        self.operation = less(self.operation, excess(&self));
        self.page = Page::Narrow(most);
        self
    }

    /// A text in a line of its own.
    pub fn within(&self, text: &str) -> String {
        match self.page {
            Page::Wide => text.to_owned(),
            Page::Narrow(most) => shortened(text, most),
        }
    }

    /// The line of an exchange.
    pub fn line(&self, fact: &Facts) -> String {
        let style = if fact.outcome == "200" {
            anstyle::Style::new()
        } else {
            BAD
        };
        let front = format!(
            "  {:<key$}  {:<operation$}  {:<model$}  {style}{:<outcome$}{style:#}  {:>TIME$}",
            fact.short_key(),
            shortened(fact.operation, self.operation),
            self.model(fact),
            fact.outcome,
            time(fact),
            key = self.key,
            operation = self.operation,
            model = self.model,
            outcome = self.outcome,
        );
        match self.page {
            Page::Wide => front + &tail(fact),
            Page::Narrow(most) => {
                let room = most.saturating_sub(self.front());
                front + &cut(&short_tail(fact), room)
            }
        }
    }

    /// Where it has no room, without its provider, and then without its version.
    fn model(&self, fact: &Facts) -> String {
        let model = short_model(fact);
        if model.chars().count() <= self.model {
            return model;
        }
        let own = model.rsplit_once('.').map_or(&*model, |(_, own)| own);
        cut(own, self.model)
    }
}

fn less(width: usize, by: usize) -> usize {
    width.saturating_sub(by).max(LEAST.min(width))
}

/// A model id, or the end of an ARN.
fn short_model(fact: &Facts) -> String {
    match fact.model.rsplit_once(':') {
        Some((_, end)) if fact.model.starts_with("arn:") && end.contains('/') => format!("…{end}"),
        _ => fact.model.clone(),
    }
}

/// Imported exchanges come without a time.
fn time(fact: &Facts) -> String {
    if fact.total.is_zero() {
        "-".to_owned()
    } else {
        duration(fact.total)
    }
}

/// Tokens and attempts.
fn tail(fact: &Facts) -> String {
    let mut text = String::new();
    if let Some(tokens) = fact.tokens {
        text = format!("  {tokens}");
    }
    if fact.attempts > 1 {
        text = format!("{text}  {FAINT}{} attempts{FAINT:#}", fact.attempts);
    }
    text
}

/// The same in fewer characters.
fn short_tail(fact: &Facts) -> String {
    let mut text = String::new();
    if let Some(tokens) = fact.tokens {
        let output = tokens.output.map(|output| format!(", {output} out"));
        text = format!("  {} in{}", tokens.input, output.unwrap_or_default());
    }
    if fact.attempts > 1 {
        text = format!("{text}  {} attempts", fact.attempts);
    }
    text
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}
