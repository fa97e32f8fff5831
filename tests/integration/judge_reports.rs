//! How a comparison of judges reads: text, Markdown and JSON, on any input.

use bedrock_replay::judge::Points;
use bedrock_replay::regression::{Comparison, Judged, Options};
use bedrock_replay::report::{
    ComparisonJson, ComparisonJunit, ComparisonMarkdown, ComparisonText, Format as _,
};
use proptest::prelude::*;
use serde_json::Value;

use super::judges::{compared, compared_by, judged};

/// Sixty turns as in the specification: one of them cut, some moved.
fn weekly() -> Comparison {
    let before = |dialogue: u32, turn: u32| {
        let wobble = i32::try_from((dialogue * 5 + turn * 3) % 4).unwrap();
        Some([3 - wobble / 2, 3 - wobble % 2, 4 - wobble / 3 * 3])
    };
    let after = move |dialogue: u32, turn: u32| {
        let [form, substance, purity] = before(dialogue, turn)?;
        let less = i32::from((dialogue + turn * 2).is_multiple_of(3));
        let much = 3 * i32::from(turn == 2 && dialogue == 7);
        ((dialogue, turn) != (4, 5)).then_some([
            form,
            substance - less,
            (purity - much - less / 2).max(0),
        ])
    };
    compared(judged(12, 5, before), judged(12, 5, after))
}

#[test]
fn a_comparison_reads_from_the_verdict_downwards() {
    insta::assert_snapshot!(ComparisonText::Full.render(&weekly()).unwrap());
}

#[test]
fn a_pull_request_gets_the_same_in_short() {
    let text = ComparisonMarkdown.render(&weekly()).unwrap();
    assert!(text.lines().count() <= 60, "{text}");
    insta::assert_snapshot!(text);
}

/// What was not looked at has not passed.
#[test]
fn a_test_report_skips_the_guards_that_did_not_look() {
    let report = |comparison: &Comparison| ComparisonJunit.render(comparison).unwrap();
    let count = |text: &str, what: &str| text.matches(what).count();
    let flat = || judged(12, 5, |_, _| Some([3, 3, 4]));
    let looked = report(&compared(flat(), flat()));
    assert_eq!(count(&looked, "<skipped"), 2, "{looked}");
    assert!(
        looked.contains("there are no human labels") && looked.contains("no probe is recorded"),
        "{looked}"
    );
    let mut other = flat();
    other.rubric.dimensions[2].high = Points::whole(10);
    let apart = report(&compared(flat(), other));
    assert_eq!(count(&apart, "guard: "), 8, "{apart}");
    assert_eq!(
        count(&apart, "<skipped message=\"the judges are not comparable\""),
        8,
        "{apart}"
    );
    let cut = report(&compared(flat(), judged(12, 5, |_, _| None)));
    assert!(
        cut.contains("<skipped message=\"no turn is scored by both\""),
        "{cut}"
    );
    let five = || judged(5, 5, |_, _| Some([3, 3, 4]));
    let few = report(&compared(five(), five()));
    assert!(
        few.contains("<skipped message=\"5 dialogues: fewer than 6 cannot tell\""),
        "{few}"
    );
}

#[test]
fn json_keeps_its_own_schema() {
    check_json(&weekly());
    let text = ComparisonJson.render(&weekly()).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["schema_version"], 1);
    assert_eq!(value["turns"].as_array().unwrap().len(), 60);
    assert_eq!(value["metrics"][0]["sign_flip"]["method"]["kind"], "exact");
    assert_eq!(value["metrics"][0]["clusters"], 12);
}

pub fn check_json(comparison: &Comparison) {
    let schema: Value = serde_json::from_str(ComparisonJson::SCHEMA).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("comparison.json", schema).unwrap();
    let index = compiler.compile("comparison.json", &mut schemas).unwrap();
    let text = ComparisonJson.render(comparison).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    if let Err(error) = schemas.validate(&value, index) {
        panic!("{error:#}\n{text}");
    }
}

/// Dialogues of any number and scores of any kind, some of them none.
fn any_judged() -> impl Strategy<Value = Judged> {
    let score = prop_oneof![
        1 => Just(None),
        6 => (0..4_i32, 0..4_i32, 0..5_i32).prop_map(|(a, b, c)| Some([a, b, c])),
        3 => Just(Some([3, 3, 4])),
    ];
    let turns = proptest::collection::vec(score, 40);
    (0..9_u32, 1..5_u32, turns, 0..3_usize).prop_map(|(dialogues, turns, scores, odd)| {
        let place = |dialogue: u32, turn: u32| (dialogue * 5 + turn) as usize % scores.len();
        let mut own = judged(dialogues, turns, |dialogue, turn| {
            scores[place(dialogue, turn)]
        });
        if odd == 1 {
            own.turns
                .iter_mut()
                .step_by(3)
                .for_each(|turn| turn.digest = [9; 32]);
        }
        if odd == 2 {
            own.rubric.dimensions[0].high = Points::whole(7);
        }
        own
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_brings_a_panic_a_nan_or_a_loss(a in any_judged(), b in any_judged()) {
        let (left, right) = (a.turns.len(), b.turns.len());
        let options = Options { draws: 100, ..Options::default() };
        let comparison = compared_by(a, b, &options);
        let subjects = &comparison.subjects;
        let alone = subjects.unpaired.len();
        prop_assert!(subjects.paired * 2 + alone * 2 >= left + right);
        let text = ComparisonText::Full.render(&comparison).unwrap();
        let markdown = ComparisonMarkdown.render(&comparison).unwrap();
        prop_assert!(markdown.lines().count() <= 60, "{}", markdown);
        for shown in [&text, &markdown] {
            prop_assert!(!shown.contains("NaN") && !shown.contains("inf "), "{}", shown);
            prop_assert!(shown.contains(&comparison.decision.verdict.to_string()));
        }
        check_json(&comparison);
    }
}
