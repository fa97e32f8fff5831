//! The file `bedrock-replay.toml`, found in this folder or the nearest one above it.

use std::path::{Path, PathBuf};

use bedrock_replay::environment::Environment;
use bedrock_replay::settings::{SettingsError, place_of, read_text, settings_of};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::{Spanned, Value};

use super::super::metrics_file::is_standard_output;
use super::setting::Setting;

const NAME: &str = "bedrock-replay.toml";
const WHAT: &str = "configuration";
const HINT: &str = "the variable BEDROCK_REPLAY_CONFIG names it";
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

/// A text or a number, kept as written.
struct Word(String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        word(&value).map(Self).map_err(D::Error::custom)
    }
}

/// One word, or a list of them; with commas between, as a flag has it.
struct Words(String);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = match Value::deserialize(deserializer)? {
            Value::Array(values) if values.is_empty() => {
                return Err(D::Error::custom(
                    "expected at least one, found an empty list",
                ));
            }
            Value::Array(values) => values.iter().map(word).collect::<Result<Vec<_>, _>>(),
            value => word(&value).map(|word| vec![word]),
        };
        let words = words.map_err(D::Error::custom)?;
        Ok(Self(words.join(",")))
    }
}

fn word(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        // A float's text has the fewest digits that give it back: what was written.
        Value::Float(number) => Ok(number.to_string()),
        other => Err(format!(
            "expected a text or a number, found {}",
            other.type_str()
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    plan: Option<Spanned<PathBuf>>,
    cassette: Option<Spanned<PathBuf>>,
    mode: Option<Spanned<Word>>,
    prices: Option<Spanned<PathBuf>>,
    region: Option<Spanned<Words>>,
    endpoint_url: Option<Spanned<Word>>,
    concurrency: Option<Spanned<Word>>,
    tries: Option<Spanned<Word>>,
    backoff: Option<Spanned<Words>>,
    quotas: Option<Spanned<Word>>,
    max_cost: Option<Spanned<Word>>,
    ask_above: Option<Spanned<Word>>,
    metrics: Option<Spanned<PathBuf>>,
    log: Option<Spanned<Words>>,
}

impl File {
    /// The file that holds here, if there is one.
    pub fn find(folder: &Path, environment: &Environment) -> Result<Option<Self>, SettingsError> {
        if let Some(named) = environment.get(VARIABLE) {
            return Self::read(Path::new(named)).map(Some);
        }
        let above = folder.ancestors().map(|folder| folder.join(NAME));
        // A folder of this name is told, not passed over.
        let Some(path) = above.into_iter().find(|path| path.exists()) else {
            return Ok(None);
        };
        // As short as a person would write it.
        let short = path.strip_prefix(folder).map(Path::to_owned);
        Self::read(&short.unwrap_or(path)).map(Some)
    }

    fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = read_text(WHAT, HINT, path)?;
        let content: Content = settings_of(WHAT, path, &text)?;
        Ok(Self {
            path: path.to_owned(),
            entries: content.entries(Source { text: &text, path })?,
        })
    }
}

impl Content {
    /// Paths are the file's: relative to its own folder.
    fn entries(self, source: Source<'_>) -> Result<Vec<Entry>, SettingsError> {
        let folder = source.path.parent().unwrap_or(Path::new(""));
        let path = |path: PathBuf| folder.join(path).display().to_string();
        let file_or_output = |named: PathBuf| {
            if is_standard_output(&named) {
                return named.display().to_string();
            }
            path(named)
        };
        let word = |Word(word)| word;
        let words = |Words(words)| words;
        let all = [
            source.entry("plan", self.plan, path)?,
            source.entry("cassette", self.cassette, path)?,
            source.entry("mode", self.mode, word)?,
            source.entry("prices", self.prices, path)?,
            source.entry("region", self.region, words)?,
            source.entry("endpoint_url", self.endpoint_url, word)?,
            source.entry("concurrency", self.concurrency, word)?,
            source.entry("tries", self.tries, word)?,
            source.entry("backoff", self.backoff, words)?,
            source.entry("quotas", self.quotas, word)?,
            source.entry("max_cost", self.max_cost, word)?,
            source.entry("ask_above", self.ask_above, word)?,
            source.entry("metrics", self.metrics, file_or_output)?,
            source.entry("log", self.log, words)?,
        ];
        Ok(all.into_iter().flatten().collect())
    }
}

/// A file's text, for the place of each value.
#[derive(Clone, Copy)]
struct Source<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Source<'_> {
    fn entry<T>(
        self,
        key: &'static str,
        value: Option<Spanned<T>>,
        written: impl Fn(T) -> String,
    ) -> Result<Option<Entry>, SettingsError> {
        let Some(value) = value else {
            return Ok(None);
        };
        let offset = value.span().start;
        let value = written(value.into_inner());
        let checked = Setting::of(key).map_or(Ok(()), |setting| (setting.check)(&value));
        checked.map_err(|problem| {
            let problem = format!("`{key}`: {problem}");
            SettingsError::at(WHAT, self.path, self.text, offset, problem)
        })?;
        let (line, column) = place_of(self.text, offset);
        Ok(Some(Entry {
            key,
            value,
            line,
            column,
        }))
    }
}
