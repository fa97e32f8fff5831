//! Human labels, as a file has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::judged::TurnKey;
use crate::judge::{Points, Rubric};

/// What a person said of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    /// Which turn.
    pub key: TurnKey,
    /// The overall score.
    pub overall: Points,
}

/// Human labels, as many a turn as there were people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Anchors {
    /// In the file's order.
    pub labels: Vec<Anchor>,
}

/// A file of labels that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// It cannot be read.
    #[error("cannot read the human labels `{path}`", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is of another kind.
    #[error("cannot read the human labels `{path}`: expected a file that ends in .csv or .jsonl", path = path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A line is no label.
    #[error("cannot use the human labels `{path}`, line {line}: expected {expected}, found {found}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What would be right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// There is no label in it.
    #[error("no human labels in `{path}` (a line for each: scenario, model, turn, overall)", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// One line of the file, by column.
type Row = BTreeMap<String, String>;

/// What is wrong with a line.
struct Slip {
    expected: String,
    found: String,
}

impl Anchors {
    /// Reads labels from CSV with a heading, or from JSON lines: `scenario`, `model`, `turn`,
    /// `sample` (0 where there is none), and either `overall` or every dimension. What else
    /// stands there (a rater's name, a comment) is theirs.
    ///
    /// # Errors
    /// [`AnchorError`] with the line of the first mistake.
    pub fn load(path: &Path, rubric: &Rubric) -> Result<Self, AnchorError> {
        let text = std::fs::read_to_string(path).map_err(|source| AnchorError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let at = |(line, slip): (u64, Slip)| AnchorError::Malformed {
            path: path.to_owned(),
            line,
            expected: slip.expected,
            found: slip.found,
        };
        let rows = match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => rows_of_csv(&text),
            Some("jsonl" | "ndjson") => rows_of_json(&text),
            _ => return Err(AnchorError::Unknown { path: path.into() }),
        };
        let mut labels = Vec::new();
        for (line, row) in rows.map_err(at)? {
            labels.push(label(&row, rubric).map_err(|slip| at((line, slip)))?);
        }
        if labels.is_empty() {
            return Err(AnchorError::Empty { path: path.into() });
        }
        Ok(Self { labels })
    }
}

fn rows_of_csv(text: &str) -> Result<Vec<(u64, Row)>, (u64, Slip)> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let slip = Slip {
            expected: "as many fields as the heading has".to_owned(),
            found: error.to_string(),
        };
        (line, slip)
    };
    let heading = reader.headers().map_err(|error| broken(&error))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(1, csv::Position::line);
        let fields = heading.iter().zip(&record);
        let row = fields.filter(|(_, field)| !field.is_empty());
        rows.push((
            line,
            row.map(|(name, field)| (name.to_owned(), field.to_owned()))
                .collect(),
        ));
    }
    Ok(rows)
}

fn rows_of_json(text: &str) -> Result<Vec<(u64, Row)>, (u64, Slip)> {
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            let slip = |found: String| Slip {
                expected: "a JSON object".to_owned(),
                found,
            };
            match serde_json::from_str(line) {
                Ok(Value::Object(members)) => Ok((number, row(members))),
                Ok(other) => Err((number, slip(shortened(&other.to_string())))),
                Err(error) => Err((number, slip(error.to_string()))),
            }
        })
        .collect()
}

fn row(members: serde_json::Map<String, Value>) -> Row {
    let shown = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    };
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name, shown(value)?)))
        .collect()
}

fn label(row: &Row, rubric: &Rubric) -> Result<Anchor, Slip> {
    let key = TurnKey {
        scenario: text(row, "scenario")?.to_owned(),
        model: text(row, "model")?.to_owned(),
        sample: match row.get("sample") {
            Some(_) => number(row, "sample")?,
            None => 0,
        },
        turn: number(row, "turn")?,
    };
    let overall = match row.get("overall") {
        Some(_) => points(row, "overall", rubric.lowest(), rubric.highest())?,
        None => sum(row, rubric)?,
    };
    Ok(Anchor { key, overall })
}

fn sum(row: &Row, rubric: &Rubric) -> Result<Points, Slip> {
    let is_there = |name: &str| row.contains_key(name);
    if !rubric.dimensions.iter().any(|own| is_there(&own.name)) {
        return Err(Slip {
            expected: format!("`overall`, or every dimension of {}", rubric.id),
            found: format!(
                "only {}",
                row.keys().cloned().collect::<Vec<_>>().join(", ")
            ),
        });
    }
    let dimensions = rubric.dimensions.iter();
    dimensions
        .map(|own| points(row, &own.name, own.low, own.high))
        .sum()
}

fn text<'a>(row: &'a Row, name: &str) -> Result<&'a str, Slip> {
    row.get(name).map(String::as_str).ok_or_else(|| Slip {
        expected: format!("a `{name}`"),
        found: "none".to_owned(),
    })
}

fn number(row: &Row, name: &str) -> Result<u32, Slip> {
    let written = text(row, name)?;
    written.parse().map_err(|_| Slip {
        expected: format!("a whole number as `{name}`"),
        found: format!("`{}`", shortened(written)),
    })
}

fn points(row: &Row, name: &str, low: Points, high: Points) -> Result<Points, Slip> {
    let written = text(row, name)?;
    let points = written.parse::<Points>().ok();
    points
        .filter(|points| (low..=high).contains(points))
        .ok_or_else(|| Slip {
            expected: format!("`{name}` from {low} to {high}"),
            found: format!("`{}`", shortened(written)),
        })
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
