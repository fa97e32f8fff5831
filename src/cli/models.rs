//! `bedrock-replay models`: what is known of models, and what is wrong with an id.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bedrock_replay::bench::{MODEL_IDS_VARIABLE, Plan};
use bedrock_replay::cassette::Reader;
use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::registry::{
    Entry, ModelId, Quirks, Registry, Remark, Sampling, Stage, Support, SystemPrompt,
};
use bedrock_replay::words::counted;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::cassette::Shown;
use super::exit_code;
use super::failure::Failure;
use super::output::{Grid, print, wrapped};
use super::recording_command::PLAN;
use super::unopened::{ELSEWHERE, unopened};
use super::{values, width};

/// Characters of a name and what follows it.
const NAME: usize = 20;
/// Characters of a line beside a name: the least, and where nobody says how wide the page is.
const LINE: (usize, usize) = (30, 60);

/// What is known of the models that can be asked
#[derive(Debug, Args)]
pub struct Models {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(List),
    Check(Check),
}

/// List the models of the registry: use, form of a request, quota, end of life, notes.
#[derive(Debug, Args)]
struct List {
    /// The plan whose folder may hold a models.toml
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    plan: PathBuf,

    /// As of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    on: Option<Date>,

    /// What is printed; JSON has everything
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    format: Shown,
}

/// Check model ids: unknown, misspelt, or past their end of life.
///
/// Without ids, those of the plan (or of `BEDROCK_MODEL_IDS`). With a cassette also what it
/// holds: whose answers can only be replayed any more, and answers of a date on which the
/// model was gone already.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Check {
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

Exit codes: 0 every id is known (a model past its end of life is a warning); 1 an id is
not in the registry or is none of Bedrock's, or a recording is dated after the model's end;
2 usage";

impl Models {
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run(),
            Command::Check(check) => check.run(),
        }
    }
}

fn day(on: Option<Date>) -> Date {
    on.unwrap_or_else(|| SystemClock::new().now().to_zoned(TimeZone::UTC).date())
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let today = day(self.on);
        let registry = registry(&self.plan)?;
        match self.format {
            Shown::Text => print(&listed(&registry, today)),
            Shown::Json => print(&json(&registry, today)?),
        }
    }
}

/// Everything that is known of every model.
fn json(registry: &Registry, today: Date) -> Result<String, Failure> {
    let model = |entry: &Entry| -> Result<Value, serde_json::Error> {
        let mut model = serde_json::to_value(entry)?;
        model["state"] = entry.lifecycle.stage(today).to_string().into();
        Ok(model)
    };
    let models: Result<Vec<Value>, _> = registry.entries().iter().map(model).collect();
    let whole = json!({
        "schema_version": 1,
        "on": today,
        "models": models.map_err(Failure::general)?,
    });
    serde_json::to_string_pretty(&whole).map_err(Failure::general)
}

fn listed(registry: &Registry, today: Date) -> String {
    let mut grid = Grid::new(["model", "use", "system", "cache", "quota/min", "state"]);
    for entry in registry.entries() {
        grid.row([
            entry.name.clone(),
            uses(entry),
            system(entry).to_owned(),
            cache(entry),
            quota(entry),
            entry.lifecycle.stage(today).to_string(),
        ]);
    }
    let mut text = format!("{grid}\n");
    for entry in registry.entries() {
        let mut name = &*entry.name;
        text.push('\n');
        for line in about(entry) {
            let _ = writeln!(text, "{name:<18}  {line}");
            name = "";
        }
    }
    text
}

/// Label, ids, notes and quirks, in lines.
fn about(entry: &Entry) -> Vec<String> {
    let beside = |page: usize| page.saturating_sub(NAME).max(LINE.0);
    let line = width::of_stdout().map_or(LINE.1, beside);
    let mut lines = vec![
        format!("{}, by {}", entry.label, entry.provider),
        entry.id.clone(),
    ];
    for alias in &entry.aliases {
        lines.push(format!("not {}", alias.id));
        lines.extend(wrapped(&format!("({})", alias.note), line));
    }
    lines.extend(wrapped(&entry.notes, line));
    lines.extend(wrapped(&quirks(&entry.quirks), line));
    lines
}

/// What is known of how it is asked; of what nobody has written down nothing is said.
fn quirks(own: &Quirks) -> String {
    let mut words = Vec::new();
    if own.system == SystemPrompt::Inlined {
        words.push("takes no system prompt: it goes into the first user message".to_owned());
    }
    if own.sampling == Sampling::Omitted {
        words.push("takes no temperature and no topP: they are left out".to_owned());
    }
    for (name, support) in [
        ("streams", own.streaming),
        ("calls tools", own.tools),
        ("counts tokens", own.count_tokens),
    ] {
        match support {
            Support::Supported => words.push(name.to_owned()),
            Support::Unsupported => words.push(format!("never {name}")),
            Support::Unknown => {}
        }
    }
    if let Some(cache) = &own.prompt_cache {
        let least = cache.minimum_tokens;
        let from = least.map_or_else(String::new, |least| format!(" from {least} tokens"));
        words.push(format!("caches prompts{from}"));
    }
    words.extend(own.invoke.map(|dialect| format!("body: {dialect}")));
    words.join("; ")
}

fn uses(entry: &Entry) -> String {
    let uses: Vec<String> = entry.use_cases.iter().map(ToString::to_string).collect();
    uses.join(", ")
}

const fn system(entry: &Entry) -> &'static str {
    match entry.quirks.system {
        SystemPrompt::Separate => "yes",
        SystemPrompt::Inlined => "inlined",
    }
}

fn cache(entry: &Entry) -> String {
    let Some(cache) = &entry.quirks.prompt_cache else {
        return "?".to_owned();
    };
    let names: Vec<&str> = cache
        .lifetimes
        .iter()
        .map(|lifetime| lifetime.name())
        .collect();
    names.join(" ")
}

fn quota(entry: &Entry) -> String {
    entry.quota.as_ref().map_or_else(
        || "n/a".to_owned(),
        |quota| {
            let thousands = quota.tokens_per_minute / 1000;
            format!("{}/{thousands}k", quota.requests_per_minute)
        },
    )
}

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
    fn run(&self) -> Result<(), Failure> {
        let today = day(self.on);
        let registry = registry(&self.plan)?;
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

fn registry(plan: &Path) -> Result<Registry, Failure> {
    Registry::beside(plan).map_err(Failure::general)
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

/// What a cassette holds of one model.
#[derive(Default)]
struct Recorded {
    exchanges: u64,
    first: Option<Date>,
    last: Option<Date>,
    last_live: Option<Date>,
    is_simulated: bool,
}

impl std::fmt::Display for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.exchanges == 1 { "" } else { "s" };
        write!(f, "{} exchange{plural}", self.exchanges)?;
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, ", recorded {first}")?,
            (Some(first), Some(last)) => write!(f, ", recorded {first} to {last}")?,
            _ => {}
        }
        if self.is_simulated {
            f.write_str(", simulated")?;
        }
        Ok(())
    }
}

fn models_of(
    cassette: &Path,
) -> Result<BTreeMap<String, Recorded>, bedrock_replay::cassette::CassetteError> {
    let mut reader = Reader::open(cassette)?;
    let recordings: BTreeMap<u32, (Date, Provenance)> = reader
        .recordings()?
        .into_iter()
        .map(|recording| {
            let date = recording.started_at.to_zoned(TimeZone::UTC).date();
            (recording.id, (date, recording.provenance))
        })
        .collect();
    let mut models: BTreeMap<String, Recorded> = BTreeMap::new();
    for slot in reader.slots()? {
        let Some(stored) = reader.exchange(&slot)? else {
            continue;
        };
        let Some(model) = stored.exchange.request.target.model() else {
            continue;
        };
        let own = models.entry(model.to_owned()).or_default();
        own.exchanges += 1;
        if let Some((date, provenance)) = recordings.get(&stored.recording) {
            own.first = own
                .first
                .map_or(Some(*date), |first| Some(first.min(*date)));
            own.last = own.last.max(Some(*date));
            match provenance {
                Provenance::Live => own.last_live = own.last_live.max(Some(*date)),
                Provenance::Simulated => own.is_simulated = true,
                Provenance::Imported(_) => {}
            }
        }
    }
    Ok(models)
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
