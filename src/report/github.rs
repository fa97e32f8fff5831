//! A run as annotations of a GitHub workflow.

use super::format::{Format, FormatError, Report};
use super::table;
use super::workflow::command;
use crate::bench::ModelSummary;

/// Failures that are shown: a step may write ten annotations of a kind.
const FAILURES: usize = 5;

/// A run as workflow commands, `::notice …`, a line each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Github;

impl Format for Github {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let summaries = report.outcome.summaries();
        let mut commands = vec![whole(report, &summaries)];
        commands.extend(failures(report));
        for (title, lines) in table::remarks(&summaries) {
            let title = format!("run: {title}");
            commands.push(command("notice", &title, &lines.join("\n")));
        }
        for (overall, transcript, turn) in table::lowest(&report.outcome) {
            let place = format!("{}, turn {}", transcript.name(), turn.turn);
            let title = format!("run: lowest, {overall} {place}");
            commands.push(command("notice", &title, &table::words_of(turn)));
        }
        Ok(commands.concat())
    }
}

fn whole(report: &Report, summaries: &[ModelSummary]) -> String {
    let setup = &report.outcome.setup;
    let failed: u32 = report.outcome.failures().values().sum();
    let is_scored = summaries.iter().all(|model| model.unscored == 0);
    let (level, ending) = match failed {
        0 if is_scored => ("notice", String::new()),
        0 => ("warning", ": some answers have no score".to_owned()),
        1 => ("error", ": 1 call failed".to_owned()),
        some => ("error", format!(": {some} calls failed")),
    };
    let mut lines = vec![
        table::plan_line(setup),
        table::judge_line(setup),
        table::origin_line(report),
    ];
    lines.extend(summaries.iter().map(|model| {
        format!(
            "{}: overall {}, compliance {}, {} of {} turns judged",
            model.model, model.overall, model.compliance, model.judged, model.attempted
        )
    }));
    let title = format!("run: {}{ending}", setup.plan);
    command(level, &title, &lines.join("\n"))
}

/// Where calls failed, and how.
fn failures(report: &Report) -> Vec<String> {
    let mut commands = Vec::new();
    for transcript in &report.outcome.transcripts {
        for turn in &transcript.turns {
            let title = format!("run: {}, turn {}", transcript.name(), turn.turn);
            let own = turn.failures();
            commands.extend(own.map(|failure| command("error", &title, &failure.to_string())));
        }
    }
    commands.truncate(FAILURES);
    commands
}
