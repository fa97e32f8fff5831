//! A comparison of pairwise judges as annotations of a GitHub workflow.

use super::super::github::{ComparisonGithub, TITLE, level};
use super::lines;
use crate::regression::{PairwiseComparison, Verdict};
use crate::report::format::{Format, FormatError};
use crate::report::workflow::command;

/// Movers that are shown: a step may write ten annotations of a kind.
const MOVERS: usize = 3;

impl Format<PairwiseComparison> for ComparisonGithub {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let decision = &comparison.decision;
        let title = format!("{TITLE}: {}", decision.verdict);
        let said = format!(
            "{}\nchanged: {}\nanswers {}",
            decision.because,
            lines::changes(comparison),
            lines::provenance(comparison)
        );
        let mut commands = vec![command(level(decision.verdict), &title, &said)];
        for broken in &decision.broken {
            let title = format!("{TITLE}: guard {}", broken.guard);
            commands.push(command("error", &title, &broken.detail));
        }
        let movers = comparison.movers.iter().take(MOVERS);
        for mover in movers.filter(|_| decision.verdict != Verdict::Equivalent) {
            let mut said = vec![lines::mover(mover)];
            said.extend(lines::rationales(mover));
            let title = format!("{TITLE}: moved");
            commands.push(command("notice", &title, &said.join("\n")));
        }
        Ok(commands.concat())
    }
}
