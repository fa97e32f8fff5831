//! Human labels: the only ones who can say that a judge got better.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::judged::TurnKey;
use super::options::Options;
use super::panel::{Panel, Scored};
use crate::bench::Share;
use crate::judge::{Points, Rubric};
use crate::statistics::{
    ClusterT, Clustered, Interval, Level, QuadraticKappa, Weights, kappa, krippendorff, mcnemar,
    spearman,
};

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

/// How one judge agrees with people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgeAgreement {
    /// Quadratic-weighted κ with the mean human score.
    pub kappa: Option<f64>,
    /// Its interval (jackknife over clusters).
    pub kappa_interval: Option<Interval>,
    /// The mean of judge − human, in points.
    pub bias: Option<f64>,
    /// Its interval (cluster t).
    pub bias_interval: Option<Interval>,
    /// Turns with the very score that people gave.
    pub same: Share,
    /// Rank correlation.
    pub spearman: Option<f64>,
    /// κ of passing and failing at the threshold.
    pub pass_kappa: Option<f64>,
    /// Failed by both, passed by the judge alone, failed by the judge alone, passed by both.
    pub table: [u32; 4],
}

/// What human labels say of both judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Labels in the file.
    pub labels: usize,
    /// Turns with labels that both judges scored.
    pub turns: usize,
    /// Labels of turns that are not among those.
    pub unmatched: Vec<TurnKey>,
    /// Krippendorff's α of the people (ordinal), where turns have several labels.
    pub between_people: Option<f64>,
    /// The baseline.
    pub a: JudgeAgreement,
    /// The candidate.
    pub b: JudgeAgreement,
    /// The interval of κ's change from baseline to candidate.
    pub change: Option<Interval>,
    /// Turns that only the candidate passes or fails as people do.
    pub put_right: u32,
    /// Turns that only the baseline does.
    pub put_wrong: u32,
    /// Exact McNemar p of the two.
    pub mcnemar: f64,
}

/// A turn with its human score and both judges'.
#[derive(Clone, Copy)]
struct Labelled {
    human: f64,
    a: f64,
    b: f64,
}

impl Agreement {
    pub(super) fn of(
        panel: &Panel,
        anchors: &Anchors,
        threshold: Points,
        options: &Options,
    ) -> Self {
        let mut by_turn: BTreeMap<&TurnKey, Vec<f64>> = BTreeMap::new();
        for label in &anchors.labels {
            let own = by_turn.entry(&label.key).or_default();
            own.push(label.overall.as_f64());
        }
        let groups: Vec<Vec<Labelled>> = panel
            .groups
            .iter()
            .map(|group| {
                group
                    .iter()
                    .filter_map(|one| labelled(one, &by_turn))
                    .collect()
            })
            .collect();
        let scored: std::collections::BTreeSet<&TurnKey> =
            panel.scored().map(|scored| scored.pair.key()).collect();
        let unmatched = anchors.labels.iter().map(|label| &label.key);
        let several: Vec<Vec<f64>> = by_turn.values().cloned().collect();
        let compared = Compared {
            groups: &groups,
            threshold: threshold.as_f64(),
            confidence: options.confidence(),
        };
        let (put_right, put_wrong) = compared.corrected();
        Self {
            labels: anchors.labels.len(),
            turns: groups.iter().map(Vec::len).sum(),
            unmatched: unmatched
                .filter(|key| !scored.contains(*key))
                .cloned()
                .collect(),
            between_people: krippendorff(&several, Level::Ordinal),
            a: compared.judge(|turn| turn.a),
            b: compared.judge(|turn| turn.b),
            change: QuadraticKappa::change(
                &compared.scores(|turn| turn.a),
                &compared.scores(|turn| turn.b),
                options.confidence(),
            ),
            put_right,
            put_wrong,
            mcnemar: mcnemar(put_right, put_wrong),
        }
    }
}

fn labelled(scored: &Scored, by_turn: &BTreeMap<&TurnKey, Vec<f64>>) -> Option<Labelled> {
    let labels = by_turn.get(scored.pair.key())?;
    Some(Labelled {
        human: super::metric::mean(labels.iter().copied())?,
        a: scored.a.overall.as_f64(),
        b: scored.b.overall.as_f64(),
    })
}

struct Compared<'a> {
    groups: &'a [Vec<Labelled>],
    threshold: f64,
    confidence: f64,
}

impl Compared<'_> {
    fn scores(&self, by: fn(&Labelled) -> f64) -> Vec<Vec<(f64, f64)>> {
        let pairs =
            |group: &Vec<Labelled>| group.iter().map(|turn| (turn.human, by(turn))).collect();
        self.groups.iter().map(pairs).collect()
    }

    fn judge(&self, by: fn(&Labelled) -> f64) -> JudgeAgreement {
        let scores = self.scores(by);
        let all: Vec<(f64, f64)> = scores.iter().flatten().copied().collect();
        let kappa_of_scores = QuadraticKappa::of(&scores, self.confidence);
        let differences = scores
            .iter()
            .map(|group| group.iter().map(|(human, judge)| judge - human));
        let bias = Clustered::of(differences);
        let t = ClusterT::of(&bias);
        let passes: Vec<(usize, usize)> = all
            .iter()
            .map(|(human, judge)| (self.passes(*human), self.passes(*judge)))
            .collect();
        let cell = |human, judge| {
            let own = passes.iter().filter(|pair| **pair == (human, judge));
            u32::try_from(own.count()).unwrap_or(u32::MAX)
        };
        JudgeAgreement {
            kappa: kappa_of_scores.map(|found| found.kappa),
            kappa_interval: kappa_of_scores.and_then(|found| found.interval),
            bias: bias.mean(),
            bias_interval: t.and_then(|t| t.interval(self.confidence)),
            same: Share::of(
                all.iter()
                    .map(|(human, judge)| (human - judge).abs() < 1e-9),
            ),
            spearman: spearman(&all),
            pass_kappa: kappa(&passes, 2, Weights::Nominal),
            table: [cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)],
        }
    }

    fn passes(&self, score: f64) -> usize {
        usize::from(score >= self.threshold)
    }

    /// Turns that the candidate alone, and that the baseline alone, passes or fails rightly.
    fn corrected(&self) -> (u32, u32) {
        let mut counts = (0, 0);
        for turn in self.groups.iter().flatten() {
            let human = self.passes(turn.human);
            let is_right = |score: f64| self.passes(score) == human;
            match (is_right(turn.a), is_right(turn.b)) {
                (false, true) => counts.0 += 1,
                (true, false) => counts.1 += 1,
                _ => {}
            }
        }
        counts
    }
}
