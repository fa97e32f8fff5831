//! `bedrock-replay judge list`: the judges of a project and the versions that were pinned.

use std::path::PathBuf;

use bedrock_replay::judge::{JudgeError, Judges, Pin};
use bedrock_replay::settings::SettingsError;
use clap::Args;

use super::material::{judges_of, unusable};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::{Grid, print};

/// List the project's judges, their fingerprints and their pins.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 listed, 2 usage, 4 a judge or the list of pins that cannot be used"
)]
pub struct List {
    /// The plan beside which the judges lie
    #[arg(long, value_name = "FILE", default_value = "scenarios/weekly.toml")]
    plan: PathBuf,

    /// The folder of judges and their pins [default: judges/ beside the plan]
    #[arg(long, value_name = "DIR")]
    judges: Option<PathBuf>,
}

impl List {
    pub fn run(self) -> Result<u8, Failure> {
        let judges = judges_of(&self.plan, self.judges.as_deref());
        let listed = judges.list().map_err(unusable)?;
        let pins = judges.pins().map_err(unusable)?;
        let mut grid = Grid::new(["folder", "kind", "judge", "rubric", "model", "pinned"]);
        let mut broken = Vec::new();
        for (folder, judge) in listed {
            let (kind, judge) = match judge {
                Ok(judge) => (judge.kind().to_string(), judge.identity()),
                Err(error) => {
                    broken.push(error.to_string());
                    continue;
                }
            };
            let own = pins.iter().rfind(|pin| pin.judge == judge.name);
            let pinned = match own {
                Some(pin) if pin.fingerprint == judge.fingerprint => {
                    format!("this version, {}{}", pin.pinned, flaw(&judges, pin))
                }
                Some(pin) => format!(
                    "{} {}{}",
                    pin.fingerprint.short(),
                    pin.pinned,
                    flaw(&judges, pin)
                ),
                None => "—".to_owned(),
            };
            let shown = judge.to_string();
            grid.row([folder, kind, shown, judge.rubric, judge.model, pinned]);
        }
        print(&grid.to_string())?;
        if broken.is_empty() {
            return Ok(exit_code::OK);
        }
        Err(unusable(broken.join("\n")))
    }
}

/// What is wrong with the copy that a comparison would start from.
fn flaw(judges: &Judges, pin: &Pin) -> &'static str {
    match judges.pinned_any(pin) {
        Ok(_) => "",
        Err(JudgeError::Settings(SettingsError::Missing { .. })) => " (its copy is missing)",
        Err(JudgeError::Edited { .. }) => " (its copy was edited)",
        Err(_) => " (its copy cannot be used)",
    }
}
