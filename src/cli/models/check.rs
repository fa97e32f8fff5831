//! Whether ids are known, and what a cassette was recorded of.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bedrock_replay::bench::{MODEL_IDS_VARIABLE, Plan};
use bedrock_replay::environment::Environment;
use bedrock_replay::registry::{ModelId, Registry, Remark, Stage};
use bedrock_replay::words::counted;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use jiff::civil::Date;

use super::recorded::{Recorded, models_of};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::planned::today;
use crate::cli::recording_command::PLAN;
use crate::cli::unopened::{ELSEWHERE, unopened};
use crate::cli::values;

/// Check model ids: unknown, misspelt, by a profile that the model has not, or past their end.
///
/// Without ids, those of the plan (or of `BEDROCK_MODEL_IDS`). With a cassette also what it
/// holds: whose answers can only be replayed any more, and answers of a date on which the
/// model was gone already.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    /// Model ids, inference profiles or ARNs
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    ids: Vec<String>,

    /// Check the models that this cassette was recorded of
    #[arg(long, value_name = "FILE")]
    cassette: Option<PathBuf>,

    /// The plan: its models are checked, its folder may hold a models.toml
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    plan: PathBuf,

    /// As of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    on: Option<Date>,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay models check
  bedrock-replay models check us.anthropic.claude-3-5-sonnet-20241022-v2:0
  bedrock-replay models check --cassette cassettes/weekly.sqlite

Exit codes: 0 no id is wrong as far as is known (one that is only not in the registry is a
note, a model past its end of life a warning); 1 an id is misspelt or is none of Bedrock's, or
a recording is dated after the model's end; 2 usage";

/// What a checked id is, in one line each.
struct Finding {
    id: String,
    remarks: Vec<String>,
    level: Level,
}

/// How bad it is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Failure,
    Warning,
    Note,
    Ok,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Ok => "ok",
        }
    }

    fn of(remark: &Remark) -> Self {
        match remark {
            wrong if wrong.is_of_a_wrong_id() => Self::Failure,
            gone if gone.is_fatal() => Self::Warning,
            _ => Self::Note,
        }
    }
}

impl Check {
    pub fn run(&self) -> Result<(), Failure> {
        let today = self.on.unwrap_or_else(today);
        let registry = Registry::beside(&self.plan).map_err(Failure::general)?;
        let mut findings: Vec<Finding> = match &self.cassette {
            Some(cassette) if self.ids.is_empty() => recorded(&registry, cassette, today)?,
            Some(cassette) => {
                let mut findings = asked(&registry, &self.ids, today);
                findings.extend(recorded(&registry, cassette, today)?);
                findings
            }
            None if self.ids.is_empty() => asked(&registry, &self.planned()?, today),
            None => asked(&registry, &self.ids, today),
        };
        findings.sort_by_key(|finding| finding.level);
        print(&told(&registry, &findings))?;
        let is_bad = |finding: &&Finding| finding.level == Level::Failure;
        match findings.iter().filter(is_bad).count() {
            0 => Ok(()),
            bad => Err(Failure::general(format!(
                "{bad} of {} cannot be right",
                counted(findings.len(), "model id")
            ))),
        }
    }

    fn planned(&self) -> Result<Vec<String>, Failure> {
        let mut plan = Plan::load(&self.plan).map_err(Failure::general)?;
        if let Some(list) = Environment::of_process().get(MODEL_IDS_VARIABLE) {
            plan = plan
                .with_model_ids(list)
                .map_err(|error| Failure::with_code(exit_code::USAGE, error))?;
        }
        Ok(plan.model_ids().into_iter().map(str::to_owned).collect())
    }
}

fn asked(registry: &Registry, ids: &[String], today: Date) -> Vec<Finding> {
    let finding = |id: &String| {
        let remarks = registry.remarks(id, today);
        Finding {
            id: id.clone(),
            level: remarks.iter().map(Level::of).min().unwrap_or(Level::Ok),
            remarks: remarks.iter().flat_map(lines).collect(),
        }
    };
    ids.iter().map(finding).collect()
}

fn lines(remark: &Remark) -> Vec<String> {
    let source = remark.source().map(|source| format!("source: {source}"));
    std::iter::once(remark.to_string()).chain(source).collect()
}

/// The models of a cassette. That one is gone is no fault of a recording, unless it is dated
/// after that.
fn recorded(registry: &Registry, cassette: &Path, today: Date) -> Result<Vec<Finding>, Failure> {
    let models = models_of(cassette).map_err(|error| unopened(error, ELSEWHERE))?;
    let finding = |(id, recordings): (String, Recorded)| {
        let entry = registry.recognise(&ModelId::parse(&id)).entry();
        let stage = entry.map(|entry| entry.lifecycle.stage(today));
        let mut remarks = vec![recordings.to_string()];
        let mut level = Level::Note;
        if let Some(Stage::Ended(since)) = stage {
            let is_too_late = recordings.last_live.is_some_and(|last| last >= since);
            level = if is_too_late {
                Level::Failure
            } else {
                Level::Warning
            };
            remarks.push(if is_too_late {
                format!("recorded live after its end of life on {since}: check models.toml")
            } else {
                format!("past its end of life since {since}: it can only be replayed")
            });
        }
        Finding { id, remarks, level }
    };
    Ok(models.into_iter().map(finding).collect())
}

fn told(registry: &Registry, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let _ = writeln!(text, "{:<8} {}", finding.level.name(), finding.id);
        let entry = registry.recognise(&ModelId::parse(&finding.id)).entry();
        if let Some(entry) = entry.filter(|_| finding.remarks.is_empty()) {
            let _ = writeln!(text, "         {}, {}", entry.label, entry.provider);
        }
        for remark in &finding.remarks {
            let _ = writeln!(text, "         {remark}");
        }
    }
    text
}
