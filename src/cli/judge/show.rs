//! `bedrock-replay judge show`: everything that makes a judge this judge.

use std::fmt::Write as _;
use std::path::PathBuf;

use bedrock_replay::judge::{
    AnyJudge, Identity, Judge, OutputSchema, PairwiseJudge, Parameters, Template, Unit,
};
use clap::Args;

use super::material::{find, judges_of};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;

/// Show a judge: kind, prompts, rubric, parameters, output schema, fingerprint.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 shown, 2 usage, 4 no such judge, or one that cannot be used")]
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
        let text = match &judge {
            AnyJudge::Rubric(judge) => text(judge),
            AnyJudge::Pairwise(judge) => pairwise(judge),
        };
        print(&text.map_err(Failure::general)?)?;
        Ok(exit_code::OK)
    }
}

type Shown = Result<String, Box<dyn std::error::Error + Send + Sync>>;

fn text(judge: &Judge) -> Shown {
    let mut out = String::new();
    let parser = serde_json::to_string(&judge.parser)?;
    heading(&mut out, &judge.identity(), &judge.parameters, &parser)?;
    rubric(&mut out, judge)?;
    prompts(&mut out, &judge.system, &judge.user)?;
    let schema = OutputSchema::of(&judge.rubric).text()?;
    writeln!(out, "\n── output schema ──\n{schema}")?;
    Ok(out)
}

fn pairwise(judge: &PairwiseJudge) -> Shown {
    let mut out = String::new();
    let parser = serde_json::to_string(&judge.parser)?;
    heading(&mut out, &judge.identity(), &judge.parameters, &parser)?;
    let unit = match judge.compares {
        Unit::Turns => "the same turn of two models",
        Unit::Dialogues => "whole dialogues of two models",
    };
    writeln!(out, "{:<13}pairwise: {unit}, in both orders", "kind")?;
    writeln!(out, "{:<13}{}", "criteria", judge.criteria.id)?;
    for criterion in &judge.criteria.criteria {
        writeln!(out, "{:<13}{}: {}", "", criterion.name, criterion.asks)?;
    }
    prompts(&mut out, &judge.system, &judge.user)?;
    Ok(out)
}

fn heading(
    out: &mut String,
    identity: &Identity,
    parameters: &Parameters,
    parser: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    writeln!(out, "{:<13}{}", "judge", identity.name)?;
    writeln!(out, "{:<13}{}", "fingerprint", identity.fingerprint)?;
    writeln!(out, "{:<13}{}", "model", identity.model)?;
    let parameters = serde_json::to_string(parameters)?;
    writeln!(out, "{:<13}{parameters}", "parameters")?;
    writeln!(out, "{:<13}{}", "parser", parser.trim_matches('"'))?;
    Ok(())
}

fn prompts(out: &mut String, system: &Template, user: &Template) -> std::fmt::Result {
    for (name, template) in [("system", system), ("user", user)] {
        writeln!(out, "\n── {name} ──\n{}", template.source().trim_end())?;
    }
    Ok(())
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
