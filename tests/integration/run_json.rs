//! A run's JSON keeps the schema that is shipped with it, whatever happened in the run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use bedrock_replay::report::{Format as _, Json, Report};
use serde_json::Value;

use super::page_reports::{cut_short, empty, hostile, thousand};

const DIALOGUE: &str = "run.json#/$defs/dialogue_file";

/// What is wrong with a value by the schema at this place.
fn faults(value: &Value, place: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(Json::SCHEMA).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("run.json", schema).unwrap();
    let index = compiler.compile(place, &mut schemas).unwrap();
    let found = schemas.validate(value, index).err();
    found.map(|error| format!("{error:#}"))
}

#[track_caller]
fn assert_kept(text: &str, place: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(faults(&value, place), None);
    assert_eq!(value["schema_version"], 1);
    value
}

fn replayed() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(["run", "--format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_weekly_run_keeps_the_schema() {
    let value = assert_kept(&replayed(), "run.json");
    assert_eq!(value["kind"], "run");
    assert_eq!(value["dialogues"].as_array().unwrap().len(), 27);
}

#[test]
fn a_run_that_is_empty_large_full_of_errors_or_cut_short_keeps_the_schema() {
    for report in [empty(), thousand(), hostile(), cut_short()] {
        assert_kept(&Json.render(&report).unwrap(), "run.json");
    }
}

#[test]
fn every_dialogue_s_own_file_keeps_it_too() {
    let files = |report: &Report| -> Vec<String> {
        let dialogues = report.outcome.transcripts.iter().take(20);
        let file = |own| Json.dialogue(report, own).unwrap();
        dialogues.map(file).collect()
    };
    for report in [thousand(), hostile(), cut_short()] {
        for file in files(&report) {
            assert_eq!(assert_kept(&file, DIALOGUE)["kind"], "dialogue");
        }
    }
}

#[test]
fn another_version_an_unknown_member_and_a_missing_one_are_faults() {
    let whole: Value = serde_json::from_str(&Json.render(&hostile()).unwrap()).unwrap();
    let changed = |change: fn(&mut Value)| {
        let mut own = whole.clone();
        change(&mut own);
        faults(&own, "run.json")
    };
    assert_eq!(changed(|_| ()), None);
    for change in [
        |own: &mut Value| own["schema_version"] = 2.into(),
        |own: &mut Value| own["more"] = 1.into(),
        |own: &mut Value| own["dialogues"][0]["more"] = 1.into(),
        |own: &mut Value| own["dialogues"][0]["turns"][0]["tutor"]["outcome"] = "well".into(),
        |own: &mut Value| own["models"][0]["overall"]["mean"] = "9".into(),
        |own: &mut Value| own["setup"]["rubric"] = Value::Null,
        |own: &mut Value| {
            own.as_object_mut().unwrap().remove("provenance");
        },
    ] {
        assert!(changed(change).is_some());
    }
}
