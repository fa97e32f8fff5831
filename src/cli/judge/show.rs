//! `bedrock-replay judge show`: everything that makes a judge this judge.

use std::fmt::Write as _;
use std::path::PathBuf;

use bedrock_replay::judge::{Judge, OutputSchema};
use clap::Args;

use super::material::{find, judges_of};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;

/// Show a judge: prompts, rubric, parameters, output schema, fingerprint.
#[derive(Debug, Args)]
pub struct Show {
    /// A folder, a name, name@fingerprint, name@pinned or git:REF:path
    #[arg(value_name = "JUDGE")]
    judge: String,

    /// The plan beside which the judges lie
    #[arg(long, value_name = "FILE", default_value = "scenarios/weekly.toml")]
    plan: PathBuf,

    /// The folder of judges and their pins [default: judges/ beside the plan]
    #[arg(long, value_name = "DIR")]
    judges: Option<PathBuf>,
}

impl Show {
    pub fn run(self) -> Result<u8, Failure> {
        let judges = judges_of(&self.plan, self.judges.as_deref());
        let judge = find(&judges, &self.judge)?;
        print(&text(&judge).map_err(Failure::general)?)?;
        Ok(exit_code::OK)
    }
}

fn text(judge: &Judge) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let identity = judge.identity();
    let mut out = String::new();
    writeln!(out, "{:<13}{}", "judge", identity.name)?;
    writeln!(out, "{:<13}{}", "fingerprint", identity.fingerprint)?;
    writeln!(out, "{:<13}{}", "model", identity.model)?;
    let parameters = serde_json::to_string(&judge.parameters)?;
    writeln!(out, "{:<13}{parameters}", "parameters")?;
    let parser = serde_json::to_string(&judge.parser)?;
    writeln!(out, "{:<13}{}", "parser", parser.trim_matches('"'))?;
    rubric(&mut out, judge)?;
    for (name, template) in [("system", &judge.system), ("user", &judge.user)] {
        writeln!(out, "\n── {name} ──\n{}", template.source().trim_end())?;
    }
    let schema = OutputSchema::of(&judge.rubric).text()?;
    writeln!(out, "\n── output schema ──\n{schema}")?;
    Ok(out)
}

fn rubric(out: &mut String, judge: &Judge) -> std::fmt::Result {
    let rubric = &judge.rubric;
    writeln!(
        out,
        "{:<13}{}, {} to {} in steps of {}; complies from {}, half-life {}",
        "rubric",
        rubric.id,
        rubric.lowest(),
        rubric.highest(),
        rubric.step,
        rubric.compliance,
        rubric.half_life
    )?;
    for dimension in &rubric.dimensions {
        let scale = format!("{} to {}", dimension.low, dimension.high);
        writeln!(
            out,
            "{:<13}{} {scale}: {}",
            "", dimension.name, dimension.asks
        )?;
    }
    Ok(())
}
