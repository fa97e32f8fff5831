//! The file `bedrock-replay.toml`, found in this folder or the nearest one above it.

use std::fmt::Display;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bedrock_replay::Mode;
use bedrock_replay::environment::Environment;
use bedrock_replay::pricing::Money;
use bedrock_replay::retry::Backoff;
use bedrock_replay::settings::{SettingsError, place_of, settings_of};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

const NAME: &str = "bedrock-replay.toml";
const WHAT: &str = "configuration";
/// Names a file in place of the one that is found.
pub const VARIABLE: &str = "BEDROCK_REPLAY_CONFIG";

/// What a file says of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub key: &'static str,
    pub value: String,
    pub line: usize,
    pub column: usize,
}

/// A file and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub path: PathBuf,
    pub entries: Vec<Entry>,
}

/// A word that is read as a value, and kept as written.
struct Word<T>(String, std::marker::PhantomData<T>);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            // A float's text has the fewest digits that give it back: what was written.
            toml::Value::Float(number) => number.to_string(),
            other => other.to_string(),
        };
        text.parse::<T>().map_err(D::Error::custom)?;
        Ok(Self(text, std::marker::PhantomData))
    }
}

/// One region, or several in the order in which they are asked.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a region such as \"us-east-1\", or a list of them"
)]
enum Regions {
    One(String),
    Many(Vec<String>),
}

/// The longest waits between tries, in seconds: a list of numbers, or one text of them.
struct Waits(String);

impl<'de> Deserialize<'de> for Waits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = |value: &toml::Value| match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(waits) => waits.iter().map(word).collect::<Vec<_>>().join(","),
            other => word(&other),
        };
        text.parse::<Backoff>().map_err(D::Error::custom)?;
        Ok(Self(text))
    }
}

/// `auto`, `on` or `off`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Quotas {
    Auto,
    On,
    Off,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    plan: Option<Spanned<PathBuf>>,
    cassette: Option<Spanned<PathBuf>>,
    mode: Option<Spanned<Word<Mode>>>,
    prices: Option<Spanned<PathBuf>>,
    region: Option<Spanned<Regions>>,
    endpoint_url: Option<Spanned<String>>,
    concurrency: Option<Spanned<Word<NonZeroUsize>>>,
    tries: Option<Spanned<Word<NonZeroU32>>>,
    backoff: Option<Spanned<Waits>>,
    quotas: Option<Spanned<Quotas>>,
    max_cost: Option<Spanned<Word<Money>>>,
    ask_above: Option<Spanned<Word<Money>>>,
}

impl File {
    /// The file that holds here, if there is one.
    pub fn find(folder: &Path, environment: &Environment) -> Result<Option<Self>, SettingsError> {
        if let Some(named) = environment.get(VARIABLE) {
            return Self::read(Path::new(named)).map(Some);
        }
        let above = folder.ancestors().map(|folder| folder.join(NAME));
        let Some(path) = above.into_iter().find(|path| path.is_file()) else {
            return Ok(None);
        };
        // As short as a person would write it.
        let short = path.strip_prefix(folder).map(Path::to_owned);
        Self::read(&short.unwrap_or(path)).map(Some)
    }

    fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => SettingsError::Missing {
                what: WHAT,
                path: path.to_owned(),
                hint: "the variable BEDROCK_REPLAY_CONFIG names it",
            },
            _ => SettingsError::Unreadable {
                what: WHAT,
                path: path.to_owned(),
                source,
            },
        })?;
        let content: Content = settings_of(WHAT, path, &text)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self {
            path: path.to_owned(),
            entries: content.entries(&text, folder),
        })
    }
}

impl Content {
    /// Paths are the file's: relative to its own folder.
    fn entries(self, text: &str, folder: &Path) -> Vec<Entry> {
        let path = |path: PathBuf| folder.join(path).display().to_string();
        let regions = |regions: Regions| match regions {
            Regions::One(region) => region,
            Regions::Many(regions) => regions.join(","),
        };
        let quotas = |quotas: Quotas| match quotas {
            Quotas::Auto => "auto".to_owned(),
            Quotas::On => "on".to_owned(),
            Quotas::Off => "off".to_owned(),
        };
        let all = [
            entry(text, "plan", self.plan, path),
            entry(text, "cassette", self.cassette, path),
            entry(text, "mode", self.mode, |Word(word, _)| word),
            entry(text, "prices", self.prices, path),
            entry(text, "region", self.region, regions),
            entry(text, "endpoint_url", self.endpoint_url, |url| url),
            entry(text, "concurrency", self.concurrency, |Word(word, _)| word),
            entry(text, "tries", self.tries, |Word(word, _)| word),
            entry(text, "backoff", self.backoff, |Waits(waits)| waits),
            entry(text, "quotas", self.quotas, quotas),
            entry(text, "max_cost", self.max_cost, |Word(word, _)| word),
            entry(text, "ask_above", self.ask_above, |Word(word, _)| word),
        ];
        all.into_iter().flatten().collect()
    }
}

fn entry<T>(
    text: &str,
    key: &'static str,
    value: Option<Spanned<T>>,
    written: impl Fn(T) -> String,
) -> Option<Entry> {
    let value = value?;
    let (line, column) = place_of(text, value.span().start);
    Some(Entry {
        key,
        value: written(value.into_inner()),
        line,
        column,
    })
}
