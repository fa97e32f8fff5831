//! `bedrock-replay judge plan`: what a comparison still needs, before anything is asked.

use bedrock_replay::judge::Identity;
use bedrock_replay::regression::Changes;
use bedrock_replay::rejudging::{Edit, Missing, PairwiseEdit};
use clap::Args;

use super::material::{EPOCHS, Where, failed, pairwise, refuse};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::planned::today;

/// Say what a comparison still needs: calls to record, their cost, the prompt's diff.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is sent. Exit codes: 0 told, 2 usage, 4 not comparable or bad input,\n5 the dialogues are not recorded"
)]
pub struct Plan {
    /// The judge before the edit: a folder, name@fingerprint or git:REF:path [default: the
    /// pinned one]
    #[arg(long, value_name = "JUDGE")]
    baseline: Option<String>,

    /// The judge after it [default: the plan's]
    #[arg(long, value_name = "JUDGE")]
    candidate: Option<String>,

    #[command(flatten)]
    place: Where,

    /// Judgments of every turn
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    epochs: u32,
}

impl Plan {
    pub async fn run(self) -> Result<u8, Failure> {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        let source = self.place.source();
        if let Some(judge) = pairwise(&source, candidate)? {
            refuse(self.epochs > 1, "--epochs", EPOCHS)?;
            let edit = PairwiseEdit::load(source, baseline, candidate, judge).map_err(failed)?;
            let recorded = edit.recorded(today()).await.map_err(failed)?;
            let judges = [edit.a.identity(), edit.b.identity()];
            return show(judges, &edit.changes(), &recorded.missing);
        }
        let edit = Edit::load(source, baseline, candidate, self.epochs).map_err(failed)?;
        edit.comparable().map_err(failed)?;
        let recorded = edit.recorded(today()).await.map_err(failed)?;
        let judges = [edit.a.identity(), edit.b.identity()];
        show(judges, &edit.changes(), &recorded.missing)
    }
}

fn show(
    [a, b]: [Identity; 2],
    changes: &Changes,
    missing: &[(Missing, String)],
) -> Result<u8, Failure> {
    let mut lines = vec![format!("A {a}  →  B {b}"), told(changes), String::new()];
    for (missing, command) in missing {
        lines.push(missing.to_string());
        if !missing.is_none() {
            lines.push(format!("  record them: {command}"));
        }
    }
    if !changes.diff.is_empty() {
        lines.push(format!("\n{}", changes.diff.trim_end()));
    }
    print(&lines.join("\n"))?;
    Ok(exit_code::OK)
}

fn told(changes: &Changes) -> String {
    if changes.parts.is_empty() {
        return "the same in every part".to_owned();
    }
    let parts: Vec<String> = changes.parts.iter().map(ToString::to_string).collect();
    format!(
        "changed: {} (prompts +{} −{} lines)",
        parts.join(", "),
        changes.added,
        changes.removed
    )
}
