//! What the registry knows, in lines or as JSON.

use std::fmt::Write as _;
use std::path::PathBuf;

use bedrock_replay::registry::{Entry, Quirks, Registry, Sampling, Support, SystemPrompt};
use clap::Args;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::cli::cassette::Shown;
use crate::cli::failure::Failure;
use crate::cli::output::{Grid, print, wrapped};
use crate::cli::planned::today;
use crate::cli::recording_command::PLAN;
use crate::cli::{values, width};

/// Characters of a name and what follows it.
const NAME: usize = 20;
/// Characters of a line beside a name: the least, and where nobody says how wide the page is.
const LINE: (usize, usize) = (30, 60);

/// List the models of the registry: use, form of a request, quota, end of life, notes.
#[derive(Debug, Args)]
pub struct List {
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

impl List {
    pub fn run(&self) -> Result<(), Failure> {
        let today = self.on.unwrap_or_else(today);
        let registry = Registry::beside(&self.plan).map_err(Failure::general)?;
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
    lines.extend(profiles(entry).iter().flat_map(|own| wrapped(own, line)));
    lines.extend(wrapped(&entry.notes, line));
    lines.extend(wrapped(&quirks(&entry.quirks), line));
    lines
}

/// The ids that it can be asked by, beside its own.
fn profiles(entry: &Entry) -> Option<String> {
    let prefixes = entry.profiles.as_ref()?.iter();
    let prefixes: Vec<String> = prefixes.map(|own| format!("{own}.")).collect();
    Some(match &*prefixes {
        [] => "no inference profile".to_owned(),
        [one] => format!("inference profile {one}"),
        all => format!("inference profiles {}", all.join(" ")),
    })
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
