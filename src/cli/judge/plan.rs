//! `bedrock-replay judge plan`: what a comparison still needs, before anything is asked.

use clap::Args;

use super::estimate::Estimate;
use super::material::{self, Where};
use super::missing::{self, Missing};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use bedrock_replay::bench;
use bedrock_replay::regression::Changes;

/// Say what a comparison still needs: calls to record, their cost, the prompt's diff.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is sent. Exit codes: 0 told, 2 usage, 4 bad input, 5 the dialogues are not recorded"
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
        let plan = self.place.plan()?;
        let judges = self.place.judges();
        let b = material::candidate(&judges, &plan, self.candidate.as_deref())?;
        let named = bench::Plan {
            judge: b.clone(),
            ..plan.clone()
        };
        let a = material::baseline(&judges, &named, self.baseline.as_deref())?;
        let dialogues = self.place.dialogues(&plan.name);
        let transcripts = material::dialogues(&plan, &dialogues).await?;
        let changes = Changes::between(&a, &b);
        let mut lines = vec![format!("A {}  →  B {}", a.identity(), b.identity())];
        let parts: Vec<String> = changes.parts.iter().map(ToString::to_string).collect();
        lines.push(if parts.is_empty() {
            "the same in every part".to_owned()
        } else {
            format!(
                "changed: {} (prompts +{} −{} lines)",
                parts.join(", "),
                changes.added,
                changes.removed
            )
        });
        lines.push(String::new());
        let candidate = self.place.candidate(&plan.name);
        for (side, judge, path) in [("baseline", &a, &dialogues), ("candidate", &b, &candidate)] {
            let outcomes = self.asked(&plan, judge, &transcripts, path).await?;
            let own = Missing::of(side, judge, &outcomes).with_cost(&Estimate::of(
                judge,
                &plan,
                &transcripts,
            ));
            lines.extend(own.lines());
            if !own.is_none() && side == "candidate" {
                let command = missing::command(&self.place, self.candidate.as_deref(), self.epochs);
                lines.push(format!("  record them: {command}"));
            }
        }
        if !changes.diff.is_empty() {
            lines.push(format!("\n{}", changes.diff.trim_end()));
        }
        print(&lines.join("\n"))?;
        Ok(exit_code::OK)
    }

    /// What is recorded of a judge; a cassette that is not there yet holds nothing.
    async fn asked(
        &self,
        plan: &bench::Plan,
        judge: &bedrock_replay::judge::Judge,
        transcripts: &[bench::Transcript],
        path: &std::path::Path,
    ) -> Result<Vec<bench::Outcome>, Failure> {
        if !path.exists() {
            return Ok(Vec::new());
        }
        let cassette = material::replaying(path)?;
        let asked = material::ask(plan, judge, transcripts, &cassette, self.epochs, None).await?;
        cassette.finish().map_err(Failure::general)?;
        Ok(asked.outcomes)
    }
}
