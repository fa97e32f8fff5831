//! A comparison as annotations of a GitHub workflow.

use super::lines;
use crate::regression::{Comparison, Verdict};
use crate::report::format::{Format, FormatError};

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

pub(super) fn command(level: &str, title: &str, said: &str) -> String {
    let title = escaped(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{level} title={title}::{}\n", escaped(said))
}

/// A line break would end the command, and what follows could be taken for another.
fn escaped(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_no_command() {
        assert_eq!(
            command("error", "a: b, c", "50%\n::set-env name=PATH::x\r"),
            "::error title=a%3A b%2C c::50%25%0A::set-env name=PATH::x%0D\n"
        );
    }
}
