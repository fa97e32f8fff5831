//! `bedrock-replay config`: which values hold, and where each came from.

use bedrock_replay::environment::Environment;
use clap::{Args, Subcommand};
use serde_json::json;

use super::layers::{Layers, Origin};
use super::setting::{SETTINGS, Setting};
use crate::cli::cassette::Shown;
use crate::cli::failure::Failure;
use crate::cli::output::{Grid, print};

/// Which settings hold, and where each came from
#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(Show),
}

/// Show every setting with its value and its origin.
///
/// Flags win over environment variables, those over the `bedrock-replay.toml` in this folder or
/// the nearest one above it, that over the defaults. Paths in the file are relative to it.
/// `BEDROCK_REPLAY_CONFIG` names another file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Show {
    /// Flags as a command would be given them, after `--`
    #[arg(value_name = "FLAG", last = true)]
    flags: Vec<String>,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay config show
  bedrock-replay config show -- --plan other.toml --mode record-missing";

impl Config {
    pub fn run(self) -> Result<(), Failure> {
        let Command::Show(show) = self.command;
        show.run()
    }
}

impl Show {
    fn run(&self) -> Result<(), Failure> {
        let folder = std::env::current_dir().map_err(Failure::general)?;
        let layers = Layers::read(&folder, Environment::of_process()).map_err(Failure::general)?;
        let rows: Vec<(Setting, String, Origin)> = SETTINGS
            .iter()
            .map(|setting| {
                let (value, origin) = self.flag(setting).unwrap_or_else(|| layers.value(setting));
                (*setting, value, origin)
            })
            .collect();
        match self.format {
            Shown::Text => print(&text(&layers, &rows)),
            Shown::Json => {
                let rows = rows.iter().map(|(setting, value, origin)| {
                    json!({ "key": setting.key, "value": value, "from": origin.to_string() })
                });
                let whole = json!({
                    "file": layers.path(),
                    "settings": rows.collect::<Vec<_>>(),
                });
                print(&serde_json::to_string_pretty(&whole).map_err(Failure::general)?)
            }
        }
    }

    /// `--flag value` or `--flag=value`; the last one wins.
    fn flag(&self, setting: &Setting) -> Option<(String, Origin)> {
        let flag = setting.flag();
        let mut found = None;
        for (index, word) in self.flags.iter().enumerate() {
            let Some(rest) = word.strip_prefix(&format!("--{flag}")) else {
                continue;
            };
            match rest.strip_prefix('=') {
                Some(value) => found = Some(value.to_owned()),
                None if rest.is_empty() => found = self.flags.get(index + 1).cloned(),
                None => {}
            }
        }
        found.map(|value| (value, Origin::Flag(flag)))
    }
}

fn text(layers: &Layers, rows: &[(Setting, String, Origin)]) -> String {
    let file = match layers.path() {
        Some(path) => path.display().to_string(),
        None => "none (bedrock-replay.toml in this folder or above)".to_owned(),
    };
    let mut grid = Grid::new(["setting", "value", "from"]);
    for (setting, value, origin) in rows {
        grid.row([setting.key.to_owned(), value.clone(), origin.to_string()]);
    }
    format!("file  {file}\n\n{grid}")
}
