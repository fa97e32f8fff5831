//! A comparison as annotations of a GitHub workflow.

use super::lines;
use crate::regression::{Comparison, Verdict};
use crate::report::format::{Format, FormatError};
use crate::report::workflow::command;

/// Movers that are shown: a step may write ten annotations of a kind.
const MOVERS: usize = 3;
pub(super) const TITLE: &str = "judge regress";

/// A comparison as workflow commands, `::error …`, a line each.
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparisonGithub;

impl Format<Comparison> for ComparisonGithub {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let decision = &comparison.decision;
        let title = format!("{TITLE}: {}", decision.verdict);
        let mut said = format!(
            "{}\nchanged: {}\nanswers {}",
            decision.because,
            lines::changes(comparison),
            lines::provenance(comparison)
        );
        if let Some(human) = &comparison.human {
            said.push('\n');
            said.push_str(&human.said(comparison.options.clusters));
        }
        let mut commands = vec![command(level(decision.verdict), &title, &said)];
        for broken in &decision.broken {
            let title = format!("{TITLE}: guard {}", broken.guard);
            commands.push(command("error", &title, &broken.detail));
        }
        if decision.verdict != Verdict::Equivalent {
            for mover in comparison.movers.iter().take(MOVERS) {
                let mut said = vec![lines::mover(mover)];
                said.extend(lines::rationales(mover));
                let title = format!("{TITLE}: moved");
                commands.push(command("notice", &title, &said.join("\n")));
            }
        }
        Ok(commands.concat())
    }
}

pub(super) fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equivalent => "notice",
        Verdict::Inconclusive => "warning",
        Verdict::Changed | Verdict::Regressed | Verdict::NotComparable => "error",
    }
}
