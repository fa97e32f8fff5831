//! The costs for a person: the whole, by rows, and by the method of the benchmark's first document.

use std::fmt::Write as _;

use bedrock_replay::bench::Role;
use bedrock_replay::pricing::Money;
use bedrock_replay::words::grouped;

use super::costs::{Costs, Method};
use super::notes::SEED;
use super::sum::Part;
use crate::cli::output::{Grid, paragraph};

/// Characters of a line.
const LINE: usize = 80;

fn note(text: &str) -> String {
    paragraph(&format!("note: {text}"), LINE).join("\n") + "\n"
}

impl Costs<'_> {
    pub fn text(&self) -> String {
        let mut text = self.loaded.heading(self.survey);
        if self.method == Method::Seed {
            text.push_str(&self.seed_text());
            let full = self.total.total();
            let _ = writeln!(
                text,
                "\nfull figure    {full} with input tokens, each model at its own price"
            );
            text.push_str(&note(SEED));
            return text;
        }
        let _ = write!(text, "\n{}\n\n{}\n", self.parts(), self.table());
        let _ = writeln!(text, "\nby the seed's method {}", self.seed_line());
        for own in self.notes() {
            text.push_str(&note(&own));
        }
        text
    }

    /// Recorded, to record, together.
    fn parts(&self) -> Grid {
        let mut grid = Grid::new(["", "calls", "tokens in", "tokens out", "cost"]);
        grid.right(1..=4);
        let mut usage = self.total.recorded.usage;
        usage += self.total.to_record.usage;
        let whole = Part {
            calls: self.total.calls,
            usage,
            bill: self.total.total(),
        };
        let parts = [
            ("recorded", self.total.recorded),
            ("to record", self.total.to_record),
            ("whole plan", whole),
        ];
        for (name, part) in parts {
            grid.row([
                name.to_owned(),
                grouped(part.calls),
                grouped(part.usage.read()),
                grouped(part.usage.output),
                part.bill.to_string(),
            ]);
        }
        grid
    }

    fn table(&self) -> Grid {
        let mut grid = Grid::new([
            "whole plan",
            "calls",
            "tutor",
            "student",
            "judge",
            "to record",
            "all",
        ]);
        grid.right(1..=6);
        let total = (self.rows.len() != 1).then(|| ("all".to_owned(), self.total));
        for (name, sum) in self.rows.iter().cloned().chain(total) {
            grid.row([
                name,
                grouped(sum.calls),
                sum.by_role[Role::Tutor as usize].to_string(),
                sum.by_role[Role::Student as usize].to_string(),
                sum.by_role[Role::Judge as usize].to_string(),
                sum.to_record.bill.to_string(),
                sum.total().to_string(),
            ]);
        }
        grid
    }

    fn seed_text(&self) -> String {
        let seed = &self.seed;
        let tokens = |count: u64| grouped(count);
        let dialogue = seed.judgments * seed.turn_tokens;
        let judge = seed.judgments * seed.judgment_tokens;
        let mut text = String::new();
        let _ = write!(
            text,
            "\ndialogue  {} runs × {} turns × {} tokens = {} tokens → {}\n",
            seed.dialogues,
            seed.turns,
            seed.turn_tokens,
            tokens(dialogue),
            money(seed.dialogue)
        );
        let _ = writeln!(
            text,
            "judge     {} judgments × {} tokens = {} tokens → {}",
            seed.judgments,
            seed.judgment_tokens,
            tokens(judge),
            money(seed.judge)
        );
        let _ = writeln!(text, "\nseed's method  {}", self.seed_line());
        text
    }

    fn seed_line(&self) -> String {
        let seed = &self.seed;
        format!(
            "{} + {} = {} (output only, at the judge's price)",
            money(seed.dialogue),
            money(seed.judge),
            money(seed.total())
        )
    }
}

fn money(amount: Option<Money>) -> String {
    amount.map_or_else(|| "n/a".to_owned(), |amount| amount.to_string())
}
