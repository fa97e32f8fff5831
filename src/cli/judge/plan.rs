//! `bedrock-replay judge plan`: what a comparison still needs, before anything is asked.

use bedrock_replay::judge::Identity;
use bedrock_replay::regression::Changes;
use bedrock_replay::rejudging::{Edit, NotRecorded, PairwiseEdit};
use bedrock_replay::report::{ComparisonJson, Format as _};
use clap::{Args, ValueEnum};

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

    /// Name every missing call
    #[arg(long)]
    all: bool,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// For people
    Text,
    /// One JSON object with every missing call: key, scope, scenario, model, sample, turn, cost
    Json,
}

impl Plan {
    pub async fn run(self) -> Result<u8, Failure> {
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        self.place.tell_absent();
        let source = self.place.source().await;
        if let Some(judge) = pairwise(&source, candidate)? {
            refuse(self.epochs > 1, "--epochs", EPOCHS)?;
            let edit = PairwiseEdit::load(source, baseline, candidate, judge).map_err(failed)?;
            edit.comparable().map_err(failed)?;
            let recorded = edit.recorded(today()).await.map_err(failed)?;
            let judges = [edit.a.identity(), edit.b.identity()];
            return self.show(judges, &edit.not_recorded(recorded.missing));
        }
        let edit = Edit::load(source, baseline, candidate, self.epochs).map_err(failed)?;
        edit.comparable().map_err(failed)?;
        let recorded = edit.recorded(today()).await.map_err(failed)?;
        let judges = [edit.a.identity(), edit.b.identity()];
        self.show(judges, &edit.not_recorded(recorded.missing))
    }

    fn show(&self, judges: [Identity; 2], needed: &NotRecorded) -> Result<u8, Failure> {
        let text = match self.format {
            Shown::Json => ComparisonJson.render(needed).map_err(Failure::general)?,
            Shown::Text => self.text(judges, needed),
        };
        print(&text)?;
        Ok(exit_code::OK)
    }

    fn text(&self, [a, b]: [Identity; 2], needed: &NotRecorded) -> String {
        let mut lines = vec![format!("A {a}  →  B {b}")];
        lines.extend(needed.changes.iter().map(told));
        lines.push(String::new());
        for (missing, command) in &needed.sides {
            lines.push(if self.all {
                missing.listed(usize::MAX)
            } else {
                missing.to_string()
            });
            if !missing.is_none() {
                lines.push(format!("  record them: {command}"));
            }
        }
        if needed.is_shortened() && !self.all {
            lines.push("(--all names every call, --format json is for programs)".to_owned());
        }
        let diff = needed.changes.iter().map(|own| own.diff.trim_end());
        lines.extend(
            diff.filter(|diff| !diff.is_empty())
                .map(|diff| format!("\n{diff}")),
        );
        lines.join("\n")
    }
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
