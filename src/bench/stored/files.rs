//! The files of a stored run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::left_alone::{LeftAlone, WhyLeftAlone};
use super::mistaken::is_error_body;
use crate::bench::scenario::Vector;

/// What that project calls its second look at raw runs.
const CURATED: &str = "curated";
/// Turns in a row that may be missing; what is named beyond them is no turn of the same run.
const MOST_MISSING: u32 = 1_000;
/// Names that an error tells.
const SHOWN: usize = 3;

/// A folder or file that cannot be read as a stored run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// The folder cannot be read.
    #[error("cannot read `{path}`: {reason}", path = path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A file of another form.
    #[error(
        "cannot use `{path}`: {problem} (expected an object with at least `scenario_id`, `student` and `ai`)",
        path = path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found, with line and column.
        problem: String,
    },
    /// No run is stored there.
    #[error(
        "no stored run below `{path}` (expected folders with turn_000.json, turn_001.json …{found})",
        path = path.display(),
        found = found(left_alone)
    )]
    NoRuns {
        /// The folder.
        path: PathBuf,
        /// Files of other names.
        left_alone: Vec<LeftAlone>,
    },
    /// None of what is stored there can be read.
    #[error("no run below `{path}` can be read:\n{problems}", path = path.display(), problems = lines(problems))]
    NothingReadable {
        /// The folder.
        path: PathBuf,
        /// What is wrong with each file.
        problems: Vec<StoredError>,
    },
}

/// `turn_NNN.json`
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TurnFile {
    pub(super) run_id: Option<String>,
    pub(super) turn_index: Option<u32>,
    pub(super) scenario_id: String,
    pub(super) vector: Option<Vector>,
    #[serde(default)]
    pub(super) persona: String,
    pub(super) student: String,
    /// Empty where none was stored.
    #[serde(default, deserialize_with = "said")]
    pub(super) ai: String,
    pub(super) latency_ms: Option<f64>,
    pub(super) input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
    #[serde(alias = "model")]
    pub(super) model_id: Option<String>,
}

/// What was stored as the answer: a text, nothing, or the object of an error.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        Value::Object(body) => {
            let text = Value::Object(body).to_string();
            if is_error_body(&text) {
                return Ok(text);
            }
            Err(D::Error::custom(format!(
                "expected a text or the body of an error in `ai`, found `{text}`"
            )))
        }
        other => Err(D::Error::custom(format!(
            "expected a text in `ai`, found `{other}`"
        ))),
    }
}

/// A run's folder.
#[derive(Debug, Clone)]
pub(super) struct RunFolder {
    pub(super) path: PathBuf,
    /// By the number in the file's name.
    pub(super) turns: Vec<(u32, TurnFile)>,
    /// The numbers of turns whose files cannot be read.
    pub(super) unreadable: BTreeSet<u32>,
    /// The text of each `judge_NNN.json`.
    pub(super) judges: Vec<(u32, String)>,
}

/// What lies below a folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their paths.
    pub(super) runs: Vec<RunFolder>,
    /// Files that cannot be read.
    pub(super) problems: Vec<StoredError>,
    /// Files of other names, and curated runs that are there raw.
    pub(super) left_alone: Vec<LeftAlone>,
}

impl RunFolder {
    /// The run's name, as its files or its folder tell it.
    pub(super) fn name(&self) -> String {
        let told = self.turns.iter().find_map(|(_, turn)| turn.run_id.clone());
        told.unwrap_or_else(|| {
            let name = self.path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        })
    }

    /// The numbers of its turns from the first file on, with those of which there is none.
    pub(super) fn numbers(&self) -> std::ops::RangeInclusive<u32> {
        let all = || {
            let read = self.turns.iter().map(|(number, _)| *number);
            read.chain(self.unreadable.iter().copied())
        };
        all().min().unwrap_or_default()..=all().max().unwrap_or_default()
    }

    fn is_curated(&self, root: &Path) -> bool {
        let below = self.path.strip_prefix(root).unwrap_or(&self.path);
        below.iter().any(|part| part == CURATED)
    }
}

impl Found {
    /// Looks into every folder below this one. A run that lies under `curated/` is read unless
    /// it is there raw: it would count twice.
    pub(super) fn below(root: &Path) -> Result<Self, StoredError> {
        let mut found = Self::default();
        found.look(root)?;
        found.runs.sort_by(|a, b| a.path.cmp(&b.path));
        found.leave_copies(root);
        found.left_alone.sort();
        if !found.runs.is_empty() {
            return Ok(found);
        }
        let path = root.to_owned();
        if found.problems.is_empty() {
            let left_alone = found.left_alone;
            return Err(StoredError::NoRuns { path, left_alone });
        }
        let problems = found.problems;
        Err(StoredError::NothingReadable { path, problems })
    }

    fn look(&mut self, root: &Path) -> Result<(), StoredError> {
        let mut waiting = vec![root.to_owned()];
        while let Some(folder) = waiting.pop() {
            let paths = match sorted(&folder) {
                Err(error) if folder != root => {
                    self.problems.push(error);
                    continue;
                }
                paths => paths?,
            };
            let (folders, files): (Vec<_>, Vec<_>) =
                paths.into_iter().partition(|path| path.is_dir());
            waiting.extend(folders);
            let run = self.run(folder, files);
            self.runs.extend(run);
        }
        Ok(())
    }

    /// The run whose files these are, if they are a run's.
    fn run(&mut self, folder: PathBuf, files: Vec<PathBuf>) -> Option<RunFolder> {
        let mut judgments = Vec::new();
        let (turns, files) = numbered(files, "turn_");
        let (turns, beyond) = of_one_run(turns);
        self.left_alone.extend(WhyLeftAlone::FarBeyond.all(beyond));
        let mut run = RunFolder {
            path: folder,
            turns: Vec::new(),
            unreadable: BTreeSet::new(),
            judges: Vec::new(),
        };
        for (number, path) in turns {
            match turn(&path) {
                Ok(turn) => run.turns.push((number, turn)),
                Err(problem) => {
                    run.unreadable.insert(number);
                    self.problems.push(problem);
                }
            }
        }
        for path in files {
            if let Some(number) = number(&path, "judge_") {
                match text(&path) {
                    Ok(text) => run.judges.push((number, text)),
                    Err(problem) => self.problems.push(problem),
                }
                judgments.push(path);
            } else {
                let why = WhyLeftAlone::OtherName;
                self.left_alone.push(LeftAlone { path, why });
            }
        }
        if run.turns.is_empty() {
            self.left_alone.extend(WhyLeftAlone::NoTurns.all(judgments));
            return None;
        }
        Some(run)
    }

    fn leave_copies(&mut self, root: &Path) {
        let raw = self.runs.iter().filter(|run| !run.is_curated(root));
        let raw: BTreeSet<String> = raw.map(RunFolder::name).collect();
        let is_copy = |run: &RunFolder| run.is_curated(root) && raw.contains(&run.name());
        let (copies, runs) = std::mem::take(&mut self.runs)
            .into_iter()
            .partition(is_copy);
        self.runs = runs;
        let copies: Vec<RunFolder> = copies;
        let paths = copies.into_iter().map(|run| run.path);
        self.left_alone.extend(WhyLeftAlone::ThereRaw.all(paths));
    }
}

/// Files of other names, in the words of an error.
fn found(left_alone: &[LeftAlone]) -> String {
    let names: Vec<String> = left_alone
        .iter()
        .take(SHOWN)
        .map(|own| format!("`{}`", own.path.display()))
        .collect();
    let more = left_alone.len().saturating_sub(SHOWN);
    match (names.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("; found {}", names.join(", ")),
        (false, more) => format!("; found {} and {more} more files", names.join(", ")),
    }
}

fn lines(problems: &[StoredError]) -> String {
    let lines: Vec<String> = problems.iter().map(|own| format!("  {own}")).collect();
    lines.join("\n")
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, StoredError> {
    let unreadable = |error: std::io::Error| StoredError::Unreadable {
        path: folder.to_owned(),
        reason: error.to_string(),
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths: Result<Vec<PathBuf>, _> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

/// The files with such a name, by their number, and the others.
fn numbered(files: Vec<PathBuf>, prefix: &str) -> (Vec<(u32, PathBuf)>, Vec<PathBuf>) {
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for path in files {
        match number(&path, prefix) {
            Some(number) => named.push((number, path)),
            None => others.push(path),
        }
    }
    // `turn_9.json` comes before `turn_10.json`.
    named.sort();
    (named, others)
}

/// The turns up to the first gap that is too wide, and the files beyond it.
fn of_one_run(mut turns: Vec<(u32, PathBuf)>) -> (Vec<(u32, PathBuf)>, Vec<PathBuf>) {
    let is_wide = |pair: &[(u32, PathBuf)]| pair[1].0 - pair[0].0 > MOST_MISSING + 1;
    let end = turns.windows(2).position(is_wide);
    let beyond = turns.split_off(end.map_or(turns.len(), |last| last + 1));
    (turns, beyond.into_iter().map(|(_, path)| path).collect())
}

/// The number in `turn_004.json`.
fn number(path: &Path, prefix: &str) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(prefix)?
        .strip_suffix(".json")?
        .parse()
        .ok()
}

fn text(path: &Path) -> Result<String, StoredError> {
    let text = fs::read_to_string(path).map_err(|error| StoredError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    // Some programs begin their files with a byte order mark; JSON knows none.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn turn(path: &Path) -> Result<TurnFile, StoredError> {
    serde_json::from_str(&text(path)?).map_err(|error| StoredError::Malformed {
        path: path.to_owned(),
        problem: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize as _;
    use serde::de::value::Error;
    use serde::de::{Deserializer, Error as _, Visitor};

    use super::TurnFile;

    const PAGE: &str = include_str!("../../../docs/stored-runs.md");

    /// Reads nothing and keeps the names of the fields that are asked for.
    struct Asked<'a>(&'a mut BTreeSet<&'static str>);

    impl<'de> Deserializer<'de> for Asked<'_> {
        type Error = Error;

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            self.0.extend(fields);
            Err(Error::custom("nothing to read"))
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::custom("no struct"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    #[test]
    fn the_page_tells_every_field_of_a_turn_that_is_read_and_no_other() {
        let mut read = BTreeSet::new();
        TurnFile::deserialize(Asked(&mut read)).unwrap_err();
        let (_, part) = PAGE.split_once("## `turn_NNN.json`").unwrap();
        let (part, _) = part.split_once("\n## ").unwrap();
        let rows = part.lines().filter_map(|line| line.strip_prefix("| `"));
        let told: BTreeSet<&str> = rows.map(|row| row.split('`').next().unwrap()).collect();
        assert_eq!(told, read);
    }
}
