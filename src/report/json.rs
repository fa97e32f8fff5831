//! JSON for programs: every number with what it is of, every turn with its reason.

use serde::Serialize;

use super::format::{Format, FormatError, Report};
use crate::bench::{ModelSummary, Setup, Transcript};

/// Readers refuse a version that they do not know.
const SCHEMA_VERSION: u32 = 1;

/// The whole report in one object; [`Json::SCHEMA`] says what is in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

#[derive(Serialize)]
struct Whole<'a> {
    schema_version: u32,
    kind: &'static str,
    provenance: Vec<String>,
    setup: &'a Setup,
    models: Vec<ModelSummary>,
    dialogues: &'a [Transcript],
}

#[derive(Serialize)]
struct One<'a> {
    schema_version: u32,
    kind: &'static str,
    provenance: Vec<String>,
    judge: &'a str,
    judge_model: &'a str,
    rubric: &'a str,
    #[serde(flatten)]
    dialogue: &'a Transcript,
}

impl Json {
    /// The JSON Schema (draft 2020-12) of what is written; under `#/$defs/dialogue_file` that of
    /// one dialogue.
    pub const SCHEMA: &'static str = include_str!("run.schema.json");

    /// One dialogue of a report.
    ///
    /// # Errors
    /// [`FormatError`] where a value has no JSON form.
    pub fn dialogue(self, report: &Report, dialogue: &Transcript) -> Result<String, FormatError> {
        let setup = &report.outcome.setup;
        text(&One {
            schema_version: SCHEMA_VERSION,
            kind: "dialogue",
            provenance: provenance(report),
            judge: &setup.judge,
            judge_model: &setup.judge_model,
            rubric: &setup.rubric.id,
            dialogue,
        })
    }
}

impl Format for Json {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        text(&Whole {
            schema_version: SCHEMA_VERSION,
            kind: "run",
            provenance: provenance(report),
            setup: &report.outcome.setup,
            models: report.outcome.summaries(),
            dialogues: &report.outcome.transcripts,
        })
    }
}

fn provenance(report: &Report) -> Vec<String> {
    report.provenance.iter().map(ToString::to_string).collect()
}

fn text(value: &impl Serialize) -> Result<String, FormatError> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
