//! `bedrock-replay config`: which values hold, and where each came from.

use std::path::{Path, PathBuf};

use bedrock_replay::Mode;
use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::Upstream;
use clap::{Args, Subcommand};
use serde_json::json;

use super::layers::{Layers, Origin};
use super::readable;
use super::setting::{SETTINGS, Setting};
use crate::cli::cassette::Shown;
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::{Grid, print};
use crate::cli::record_mode::held_back;
use crate::cli::values::veiled;

/// The setting that may hold a password.
const ENDPOINT_URL: &str = "endpoint_url";
/// The setting that CI may hold back.
const MODE: &str = "mode";
/// Who holds it back.
const CI: &str = "CI=true";

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
/// `BEDROCK_REPLAY_CONFIG` names another file. A value that cannot be used is told as that, and so
/// is a plan or a price table that cannot be read. Where `CI=true` holds the mode back, the replay is
/// shown that takes its place.
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
  bedrock-replay config show -- --plan other.toml --mode record-missing

Exit codes: 0 every value can be used, 1 a plan or price table cannot be read, 2 a value cannot be used";

impl Config {
    pub async fn run(self) -> Result<(), Failure> {
        let Command::Show(show) = self.command;
        show.run().await
    }
}

/// A setting's value and where it came from.
struct Row {
    setting: Setting,
    value: String,
    origin: Origin,
    /// Why the file that it names cannot be read.
    unread: Option<String>,
    /// The mode that is written, where CI holds it back.
    held_back: Option<Mode>,
}

impl Row {
    /// The value that holds, as it may be printed.
    fn shown(&self) -> String {
        match self.setting.key {
            ENDPOINT_URL => veiled(&self.value),
            _ if self.held_back.is_some() => Mode::Replay.to_string(),
            _ => self.value.clone(),
        }
    }

    /// The same for a reader, with what it takes the place of.
    fn told(&self) -> String {
        match self.held_back {
            Some(asked) => format!("{} ({asked} held back: {CI})", self.shown()),
            None => self.shown(),
        }
    }

    /// What was expected in its place, if it cannot be used, or in the file that it names.
    fn problem(&self) -> Option<String> {
        self.refused().or_else(|| self.unread.clone())
    }

    fn refused(&self) -> Option<String> {
        match self.origin {
            Origin::Default => None,
            _ => (self.setting.check)(&self.value).err(),
        }
    }
}

impl Show {
    async fn run(&self) -> Result<(), Failure> {
        let folder = std::env::current_dir().map_err(Failure::general)?;
        let environment = Environment::of_process();
        let layers = Layers::read(&folder, environment.clone()).map_err(Failure::general)?;
        let profile = Profile::read(environment.clone()).await;
        let mut rows: Vec<Row> = SETTINGS
            .iter()
            .map(|setting| self.row(setting, &layers, &profile))
            .collect();
        look_into_files(&mut rows);
        hold_back(&mut rows, &environment);
        match self.format {
            Shown::Text => print(&text(&layers, &rows))?,
            Shown::Json => {
                let whole = json!({
                    "file": layers.path(),
                    "settings": rows.iter().map(json).collect::<Vec<_>>(),
                });
                print(&serde_json::to_string_pretty(&whole).map_err(Failure::general)?)?;
            }
        }
        usable(&rows)
    }

    fn row(&self, setting: &Setting, layers: &Layers, profile: &Profile) -> Row {
        let (value, origin) = self.flag(setting).unwrap_or_else(|| layers.value(setting));
        let (value, origin) = match (&origin, profile.value(setting)) {
            (Origin::Default, Some(value)) => (value, Origin::Profile),
            _ => (value, origin),
        };
        Row {
            setting: *setting,
            value,
            origin,
            unread: None,
            held_back: None,
        }
    }

    /// `--flag value` or `--flag=value`; the last one wins.
    fn flag(&self, setting: &Setting) -> Option<(String, Origin)> {
        if !setting.is_a_flag() {
            return None;
        }
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

fn look_into_files(rows: &mut [Row]) {
    let plan = rows.iter().find(|row| row.setting.key == "plan");
    let plan = plan
        .map(|row| PathBuf::from(&row.value))
        .unwrap_or_default();
    for row in rows.iter_mut().filter(|row| row.refused().is_none()) {
        row.unread = match row.setting.key {
            "plan" => readable::plan(&plan, &row.origin),
            "prices" => readable::prices(Path::new(&row.value), &row.origin, &plan),
            _ => None,
        };
    }
}

/// A mode that does not hold here, as every command that takes one decides it.
fn hold_back(rows: &mut [Row], environment: &Environment) {
    for row in rows.iter_mut().filter(|row| row.setting.key == MODE) {
        let asked = row.value.parse::<Mode>().ok();
        row.held_back = asked.and_then(|asked| held_back(asked, environment.clone()));
    }
}

/// What the profile of the AWS configuration says, where nothing above it does.
#[derive(Default)]
struct Profile {
    region: Option<String>,
    endpoint_url: Option<String>,
}

impl Profile {
    /// Opens no connection. What cannot be read is told where it is used, and by `doctor`.
    async fn read(environment: Environment) -> Self {
        let upstream = Upstream::builder().environment(environment).load().await;
        upstream.map_or_else(
            |_| Self::default(),
            |upstream| Self {
                region: upstream.region().map(str::to_owned),
                endpoint_url: upstream.endpoint_url().map(str::to_owned),
            },
        )
    }

    fn value(&self, setting: &Setting) -> Option<String> {
        match setting.key {
            "region" => self.region.clone(),
            ENDPOINT_URL => self.endpoint_url.clone(),
            _ => None,
        }
    }
}

fn text(layers: &Layers, rows: &[Row]) -> String {
    let file = match layers.path() {
        Some(path) => path.display().to_string(),
        None => "none (bedrock-replay.toml in this folder or above)".to_owned(),
    };
    let mut grid = Grid::new(["setting", "value", "from"]);
    for row in rows {
        let from = row.origin.to_string();
        grid.row([row.setting.key.to_owned(), row.told(), from]);
    }
    format!("file  {file}\n\n{grid}")
}

fn json(row: &Row) -> serde_json::Value {
    let mut value = json!({
        "key": row.setting.key,
        "value": row.shown(),
        "from": row.origin.to_string(),
    });
    if let Some(asked) = row.held_back {
        value["held_back"] = json!({ "mode": asked.name(), "by": CI });
    }
    if let Some(problem) = row.problem() {
        value["problem"] = problem.into();
    }
    value
}

/// An error that names every value that cannot be used.
fn usable(rows: &[Row]) -> Result<(), Failure> {
    let told: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let problem = row.problem()?;
            Some(format!(
                "\n  `{}` ({}): {problem}",
                row.setting.key, row.origin
            ))
        })
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    let code = if rows.iter().any(|row| row.refused().is_some()) {
        exit_code::USAGE
    } else {
        exit_code::FAILURE
    };
    let text = format!("what is set here cannot be used:{}", told.concat());
    Err(Failure::with_code(code, text))
}
