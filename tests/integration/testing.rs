//! `bedrock_replay::testing` as a user's test calls it.

use std::path::{Path, PathBuf};

use bedrock_replay::testing::JudgeTest;

use super::bench_stand_in::project;

/// The shipped plan, wherever the tests run.
fn weekly() -> JudgeTest {
    JudgeTest::of(project("scenarios/weekly.toml")).cassette(project("cassettes/weekly.sqlite"))
}

fn demo(edit: &str) -> JudgeTest {
    let folder = project("scenarios/judges/demo").join(edit);
    weekly()
        .baseline("socratic")
        .candidate(folder.to_str().unwrap())
        .judgments(project("cassettes/judge-demo.sqlite"))
}

/// What a failing test prints, with the project's folder out of it.
fn told(test: &JudgeTest) -> String {
    let moved = test.check().unwrap_err().to_string();
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).into();
    moved.replace(&format!("{}/", root.display()), "")
}

#[test]
fn an_equivalent_judge_passes() {
    demo("reworded").assert_equivalent();
}

#[tokio::test]
async fn it_may_be_asked_inside_of_a_runtime() {
    demo("reworded").assert_equivalent();
}

#[test]
#[should_panic(expected = "VERDICT     REGRESSED")]
fn a_broken_judge_fails() {
    demo("cut").assert_equivalent();
}

#[test]
fn a_judge_that_moved_says_how_far_and_what_to_do() {
    insta::assert_snapshot!("judge_test_moved", told(&demo("strict")));
}

#[test]
fn a_judge_that_was_not_asked_says_what_is_missing_and_what_it_costs() {
    let unrecorded = demo("strict").judgments("nowhere.sqlite");
    let told = told(&unrecorded);
    assert!(
        told.contains("135 of 135 judge calls not recorded, about $0."),
        "{told}"
    );
    assert!(
        told.contains("bedrock-replay judge record --baseline socratic --candidate"),
        "{told}"
    );
    let not_pinned = weekly().check().unwrap_err().to_string();
    for told in [
        "name what it was by --baseline",
        "judges/socratic",
        "as it is now",
    ] {
        assert!(not_pinned.contains(told), "{told}: {not_pinned}");
    }
}

#[test]
fn dialogues_that_are_not_recorded_name_the_command_that_holds_them() {
    let elsewhere = weekly().cassette(project("cassettes/judge-demo.sqlite"));
    let told = told(&elsewhere.baseline("socratic"));
    assert!(
        told.contains("bedrock-replay run --mode record-missing --plan"),
        "{told}"
    );
}

#[test]
fn transcripts_hold_nothing_that_another_recording_changes() {
    let one = weekly()
        .model("llama-3-1-70b")
        .scenario("EL-CIV-FREE-HARM-01");
    let transcripts = one.transcripts().unwrap();
    let text = serde_json::to_string(&transcripts).unwrap();
    for volatile in ["latency", "request_id", "tokens", "model_id", "stop_reason"] {
        assert!(!text.contains(volatile), "{volatile}: {text}");
    }
    insta::assert_yaml_snapshot!("judge_test_transcript", transcripts[0].turns[0]);
    insta::assert_yaml_snapshot!("judge_test_judgings", one.judgings().unwrap());
}
