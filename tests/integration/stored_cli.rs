//! Runs that another program stored: read, shown, judged again, and what was mixed up in them
//! named.

use std::fs;
use std::path::Path;

use bedrock_replay::Scope;
use bedrock_replay::bench::{Plan, Run, StoredRuns};
use serde_json::{Value, json};

use super::bench_stand_in::{StandIn, project, scores};
use super::models_cli::program;

fn turn(index: u32, ai: &str) -> Value {
    json!({
        "run_id": "run-7", "turn_index": index, "scenario_id": "EL-CIV-FREE-HARM-01",
        "vector": "elenchus", "persona": "Mira, 19", "student": "I am free.", "ai": ai,
        "latency_ms": 1250.4, "input_tokens": 120, "output_tokens": 18,
        "timestamp": "2025-11-05T10:00:00Z", "model_id": "meta.llama3-1-70b-instruct-v1:0",
    })
}

fn judgment(form: u32, substance: u32, purity: u32) -> Value {
    json!({
        "overall_score": form + substance + purity,
        "form": form, "substance": substance, "purity": purity,
        "heuristics": { "has_question": true, "question_count": 1, "open_ended": true, "has_advice": false, "is_leading": false },
        "rationale": { "form": "f", "substance": "s", "purity": "p" },
    })
}

/// One run: a sound turn, a stored error that was scored, a judgment that did not parse and
/// became 0, one on a scale of 100, and a gap.
fn stored() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("weeks/raw/runs/run-7");
    fs::create_dir_all(&run).unwrap();
    fs::create_dir_all(folder.path().join("weeks/curated/runs/run-7")).unwrap();
    let write = |path: &Path, value: &Value| fs::write(path, value.to_string()).unwrap();
    write(
        &run.join("turn_000.json"),
        &turn(0, "What do you mean by free?"),
    );
    write(&run.join("judge_000.json"), &judgment(3, 3, 4));
    let error =
        "[ERROR: An error occurred (ThrottlingException) when calling the Converse operation]";
    write(&run.join("turn_001.json"), &turn(1, error));
    write(&run.join("judge_001.json"), &judgment(0, 0, 2));
    write(
        &run.join("turn_002.json"),
        &turn(2, "And who else is concerned?"),
    );
    write(
        &run.join("judge_002.json"),
        &json!({ "overall_score": 0, "error": "could not parse" }),
    );
    write(&run.join("turn_004.json"), &turn(4, "Why?"));
    let mut hundred = judgment(3, 2, 3);
    hundred["form"] = json!(80);
    write(&run.join("judge_004.json"), &hundred);
    // What sums raw runs up is no run of its own.
    write(
        &folder.path().join("weeks/curated/runs/run-7/turn_000.json"),
        &turn(0, "twice"),
    );
    folder
}

#[test]
fn what_was_mixed_up_is_told_apart_and_named() {
    let folder = stored();
    let weeks = folder.path().join("weeks");
    let (text, code) = program(&["stored", "show", weeks.to_str().unwrap()], &[]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "run-7, turn 1: an error was stored as an answer: throttled (ThrottlingException), and was scored 2",
        "run-7, turn 2: no valid judgment (its score: 0): ",
        "run-7: turn_003.json is missing",
        "run-7, turn 4: no valid judgment (its score: 8): ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.contains("imported(weeks)"), "{text}");
    // Its run is there raw: it would count twice.
    let copy = Path::new("curated").join("runs").join("run-7");
    assert!(
        text.contains(&format!(
            "\n  {}: the same run is there raw\n",
            copy.display()
        )),
        "{text}"
    );
}

#[test]
fn errors_and_broken_judgments_are_in_no_mean() {
    let folder = stored();
    let weeks = folder.path().join("weeks");
    let (text, _) = program(
        &[
            "stored",
            "show",
            weeks.to_str().unwrap(),
            "--format",
            "json",
        ],
        &[],
    );
    let report: Value = serde_json::from_str(&text).unwrap();
    let model = &report["models"][0];
    assert_eq!(model["model"], "llama-3-1-70b");
    assert_eq!(model["attempted"], 5);
    assert_eq!(model["answered"], 3);
    assert_eq!(model["judged"], 1);
    assert_eq!(
        model["overall"]["mean"], 10.0,
        "neither 2 nor 0 is averaged"
    );
    assert_eq!(model["not_answered_because"]["throttled"], 1);
    assert_eq!(report["provenance"], json!(["imported(weeks)"]));
    assert_eq!(
        report["setup"]["temperature"],
        Value::Null,
        "nobody stored it"
    );
}

#[tokio::test]
async fn stored_answers_are_judged_again_and_errors_are_not() {
    let folder = stored();
    let plan = Plan::load(&project("scenarios/weekly.toml")).unwrap();
    let runs = StoredRuns::read(folder.path(), &plan).unwrap();
    let judge = StandIn::new(|asked| {
        assert!(asked.is_judge());
        assert!(
            Scope::current()
                .name()
                .starts_with("stored/EL-CIV-FREE-HARM-01/")
        );
        scores(3, 2, 4)
    });
    let runs = Box::pin(runs.judge_again(Run::new(plan.clone(), judge.client()))).await;
    assert_eq!(judge.asked().len(), 3);
    assert!(
        judge
            .asked()
            .iter()
            .all(|asked| !asked.last().contains("[ERROR"))
    );
    let summary = &runs.outcome(&plan).summaries()[0];
    assert_eq!((summary.answered, summary.judged), (3, 3));
    assert_eq!(summary.overall.to_string(), "9.00");
}

#[test]
fn a_folder_without_runs_and_a_file_of_another_form_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path], &[]);
    assert_eq!(code, 1);
    assert!(text.contains("no stored run below"), "{text}");
    fs::write(folder.path().join("turn_000.json"), "{\"ai\": \"x\"}").unwrap();
    let (text, code) = program(&["stored", "show", path], &[]);
    assert_eq!(code, 1);
    assert!(
        text.contains("turn_000.json`: missing field `scenario_id`"),
        "{text}"
    );
}

/// A run of these answers, each with a judgment that scores it.
fn run_of(folder: &Path, turns: &[Value]) {
    fs::create_dir_all(folder).unwrap();
    for (index, turn) in turns.iter().enumerate() {
        let write = |name: &str, value: &Value| {
            let path = folder.join(format!("{name}_{index:03}.json"));
            fs::write(path, value.to_string()).unwrap();
        };
        write("turn", turn);
        write("judge", &judgment(1, 1, 0));
    }
}

#[test]
fn every_form_of_a_stored_error_is_named_by_its_kind_and_never_scored() {
    let folder = tempfile::tempdir().unwrap();
    let mut turns: Vec<Value> = [
        "ERROR: rate exceeded",
        "[Error] timeout",
        "An error occurred (AccessDeniedException) when calling the Converse operation: no",
        r#"{"error": "model not ready"}"#,
        "None",
    ]
    .iter()
    .zip(0..)
    .map(|(text, index)| turn(index, text))
    .collect();
    let mut unsaid = turn(5, "");
    unsaid["ai"] = Value::Null;
    turns.push(unsaid);
    let mut unmade = turn(6, "The model is warming up.");
    unmade["output_tokens"] = json!(0);
    turns.push(unmade);
    turns.push(turn(7, "What do you mean by an error?"));
    run_of(folder.path(), &turns);
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path], &[]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "turn 0: an error was stored as an answer: throttled, and was scored 2",
        "turn 1: an error was stored as an answer: timeout, and was scored 2",
        "turn 2: an error was stored as an answer: access denied (AccessDeniedException), and was scored 2",
        "turn 3: an error was stored as an answer: service down, and was scored 2",
        "turn 4: no answer was stored, and was scored 2",
        "turn 5: no answer was stored, and was scored 2",
        "turn 6: no output tokens: the text is not the model's, and was scored 2",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let (text, _) = program(&["stored", "show", path, "--format", "json"], &[]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let model = &report["models"][0];
    assert_eq!(
        (&model["answered"], &model["judged"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(model["not_answered_because"]["no output tokens"], 1);
}

#[test]
fn a_folder_with_nothing_but_curated_runs_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let curated = folder.path().join("curated");
    run_of(&curated.join("best/run-8"), &[turn(0, "And why?")]);
    fs::write(curated.join("scores.csv"), "run,score\n").unwrap();
    let scores = judgment(3, 3, 4).to_string();
    fs::write(curated.join("judge_000.json"), &scores).unwrap();
    fs::write(curated.join("best/run-8/judge_003.json"), &scores).unwrap();
    let (text, code) = program(&["stored", "show", folder.path().to_str().unwrap()], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("llama-3-1-70b"), "{text}");
    assert!(text.contains("left alone"), "{text}");
    let told = "scores.csv: its name is no turn's and no judgment's";
    assert!(text.contains(told), "{text}");
    let judgment = Path::new("curated").join("judge_000.json");
    assert!(text.contains(&judgment.display().to_string()), "{text}");
    let astray = "run-7: judge_003.json scores a turn that is not there";
    assert!(text.contains(astray), "{text}");
}

#[test]
fn one_bad_file_stops_nothing_and_is_a_failure_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let turns = [turn(0, "And why?"), turn(1, "x"), turn(2, "What follows?")];
    run_of(&folder.path().join("run-7"), &turns);
    run_of(&folder.path().join("run-9"), &turns[..1]);
    fs::write(folder.path().join("run-7/turn_001.json"), "{\"ai\": \"x\"").unwrap();
    fs::write(folder.path().join("run-9/judge_000.json"), [0xff, 0xfe]).unwrap();
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path, "--format", "json"], &[]);
    assert_eq!(code, 1, "{text}");
    let (report, told) = text.split_once("\nerror: ").unwrap();
    let report: Value = serde_json::from_str(report).unwrap();
    assert_eq!(report["models"][0]["answered"], 3, "{report}");
    assert!(told.starts_with("2 files could not be read"), "{told}");
    assert!(told.contains("turn_001.json`: EOF while parsing"), "{told}");
    assert!(
        told.contains("(expected an object with at least `scenario_id`, `student` and `ai`)"),
        "{told}"
    );
    assert!(told.contains("judge_000.json"), "{told}");
    let (text, _) = program(&["stored", "show", path], &[]);
    assert!(!text.contains("turn_001.json is missing"), "{text}");
}

#[test]
fn a_turn_that_is_missing_or_unreadable_is_counted_as_that_and_no_stop_reason_is_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut unsaid = turn(4, "");
    unsaid["ai"] = Value::Null;
    let turns = [
        turn(0, "And why?"),
        turn(1, "x"),
        turn(2, "x"),
        turn(3, "What follows?"),
        unsaid,
    ];
    run_of(folder.path(), &turns);
    fs::write(folder.path().join("turn_001.json"), "{").unwrap();
    fs::remove_file(folder.path().join("turn_002.json")).unwrap();
    let path = folder.path().to_str().unwrap();
    let (text, _) = program(&["stored", "show", path], &[]);
    assert!(!text.contains("after a failed turn"), "{text}");
    let show = |format: &str| program(&["stored", "show", path, "--format", format], &[]).0;
    let text = show("json");
    let (report, _) = text.split_once("\nerror: ").unwrap();
    let report: Value = serde_json::from_str(report).unwrap();
    assert_eq!(
        report["models"][0]["not_answered_because"],
        json!({ "no answer": 1, "stored turn cannot be read": 1, "turn not stored": 1 })
    );
    assert_eq!(report["models"][0]["attempted"], 5);
    let text = show("dialogues");
    assert!(!text.contains("stopped by"), "{text}");
    for told in [
        "[no answer: stored turn cannot be read: turn_001.json]",
        "[no answer: turn not stored: turn_002.json]",
        "[no answer was stored]",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
}

#[test]
fn turns_are_read_in_the_order_of_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("turn_9.json", "Ninth?"), ("turn_10.json", "Tenth?")] {
        fs::write(folder.path().join(name), turn(0, text).to_string()).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path, "--format", "dialogues"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.find("Ninth?").unwrap() < text.find("Tenth?").unwrap(),
        "{text}"
    );
}

#[test]
fn a_number_far_beyond_the_others_is_no_turn_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["turn_000.json", "turn_002.json", "turn_20251105.json"] {
        fs::write(folder.path().join(name), turn(0, "And why?").to_string()).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("turn_001.json is missing"), "{text}");
    assert!(!text.contains("turn_003.json is missing"), "{text}");
    let (_, left_alone) = text.split_once("left alone").unwrap();
    let told = "turn_20251105.json: its number comes after too wide a gap";
    assert!(left_alone.contains(told), "{text}");
}

#[test]
fn an_object_that_is_no_error_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut object = turn(1, "");
    object["ai"] = json!({"question": "What is justice?"});
    run_of(folder.path(), &[turn(0, "And why?"), object]);
    let path = folder.path().to_str().unwrap();
    let (text, code) = program(&["stored", "show", path], &[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("turn_001.json`: expected a text or the body of an error in `ai`, found `{"),
        "{text}"
    );
}
