//! `bedrock-replay judge pin`: the judge that comparisons start from.

use std::path::PathBuf;

use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::judge::AnyJudge;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::material::{find, judges_of, unusable};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::values;

/// Keep a judge as it is now: the baseline of every comparison from here on.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 pinned, 2 usage, 4 no such judge, or one that cannot be used or kept"
)]
pub struct Pin {
    /// A folder, a name, name@fingerprint or git:REF:path [default: the plan's judge]
    #[arg(value_name = "JUDGE")]
    judge: Option<String>,

    /// The plan beside which the judges lie
    #[arg(long, value_name = "FILE", default_value = "scenarios/weekly.toml")]
    plan: PathBuf,

    /// The folder of judges and their pins [default: judges/ beside the plan]
    #[arg(long, value_name = "DIR")]
    judges: Option<PathBuf>,

    /// Pinned on this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    on: Option<Date>,
}

impl Pin {
    pub fn run(self) -> Result<u8, Failure> {
        let judges = judges_of(&self.plan, self.judges.as_deref());
        let judge = if let Some(reference) = &self.judge {
            find(&judges, reference)?
        } else {
            let plan = bedrock_replay::bench::Plan::load(&self.plan).map_err(unusable)?;
            AnyJudge::Rubric(plan.judge)
        };
        let before = judges.baseline(judge.name()).map_err(unusable)?;
        let today = || SystemClock::new().now().to_zoned(TimeZone::UTC).date();
        let pin = judges
            .pin(&judge, self.on.unwrap_or_else(today))
            .map_err(unusable)?;
        let identity = judge.identity();
        print(&match before {
            Some(before) if before.fingerprint == pin.fingerprint => {
                format!(
                    "{identity} is the baseline already, since {}",
                    before.pinned
                )
            }
            Some(before) => format!(
                "{identity} is the baseline now; before, it was {}@{}",
                before.judge,
                before.fingerprint.short()
            ),
            None => format!("{identity} is the baseline now"),
        })?;
        Ok(exit_code::OK)
    }
}
