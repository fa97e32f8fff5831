//! The files of a stored run.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::bench::scenario::Vector;

/// A folder or file that cannot be read as a stored run.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// The folder cannot be read.
    #[error("cannot read `{path}`", path = path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of another form.
    #[error("cannot use `{path}`: {problem}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found, with line and column.
        problem: String,
    },
    /// No run is stored there.
    #[error("no stored run below `{path}` (expected folders with turn_000.json, turn_001.json …)", path = path.display())]
    NoRuns {
        /// The folder.
        path: PathBuf,
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
    pub(super) ai: String,
    pub(super) latency_ms: Option<f64>,
    pub(super) input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
    #[serde(alias = "model")]
    pub(super) model_id: Option<String>,
}

/// A run's folder.
#[derive(Debug, Clone)]
pub(super) struct RunFolder {
    pub(super) path: PathBuf,
    /// By the number in the file's name.
    pub(super) turns: Vec<(u32, TurnFile)>,
    /// The text of each `judge_NNN.json`.
    pub(super) judges: Vec<(u32, String)>,
}

/// Every folder below this one that holds turns, in the order of their names. What lies under
/// `curated/` sums raw runs up: it is no run of its own.
pub(super) fn run_folders(root: &Path) -> Result<Vec<RunFolder>, StoredError> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        let mut turns = Vec::new();
        let mut judges = Vec::new();
        for path in sorted(&folder)? {
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "curated") {
                    waiting.push(path);
                }
            } else if let Some(number) = number(&path, "turn_") {
                turns.push((number, read(&path)?));
            } else if let Some(number) = number(&path, "judge_") {
                judges.push((number, text(&path)?));
            }
        }
        if !turns.is_empty() {
            found.push(RunFolder {
                path: folder,
                turns,
                judges,
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    if found.is_empty() {
        return Err(StoredError::NoRuns {
            path: root.to_owned(),
        });
    }
    Ok(found)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, StoredError> {
    let unreadable = |source| StoredError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths: Result<Vec<PathBuf>, _> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.map_err(unreadable)?;
    paths.sort();
    Ok(paths)
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
    fs::read_to_string(path).map_err(|source| StoredError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, StoredError> {
    serde_json::from_str(&text(path)?).map_err(|error| StoredError::Malformed {
        path: path.to_owned(),
        problem: error.to_string(),
    })
}
