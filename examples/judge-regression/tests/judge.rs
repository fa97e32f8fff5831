//! The tests that a project with a judge has.

use bedrock_replay::testing::{JudgeTest, assert_judge_is_equivalent};
use judge_regression_example::PLAN;

/// Edit `scenarios/judges/tutoring/system.md` and see what this says.
#[test]
fn the_judge_is_equivalent_to_the_pinned_one() {
    assert_judge_is_equivalent(PLAN);
}

#[test]
fn the_dialogues_read_as_they_did() {
    let one = JudgeTest::of(PLAN).scenario("FRACTION-HALF");
    insta::assert_yaml_snapshot!(one.transcripts().unwrap());
}

#[test]
fn every_judgment_is_what_it_was() {
    let judge = JudgeTest::of(PLAN).model("llama-3-1-70b");
    insta::assert_yaml_snapshot!(judge.judgings().unwrap());
}

/// What the first test would say of an edit: judgments of this one are recorded.
#[test]
fn an_edit_that_moves_the_scores_is_told_with_what_moved() {
    let edited = JudgeTest::of(PLAN).candidate("strict");
    let moved = edited.baseline("tutoring@pinned").check();
    insta::assert_snapshot!(moved.unwrap_err());
}

/// And of one whose judgments are not recorded yet. What they cost has the price of the day.
#[test]
fn an_edit_that_nobody_has_recorded_is_told_with_what_that_costs() {
    let unrecorded = JudgeTest::of(PLAN).judgments("cassettes/edited.sqlite");
    let told = unrecorded.check().unwrap_err();
    insta::with_settings!({ filters => vec![(r"\$\d+\.\d+", "[price]")] }, {
        insta::assert_snapshot!(told);
    });
}
