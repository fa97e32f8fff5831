//! A run for a pull request, for a CI system, for a workflow: whatever happened in it.

use bedrock_replay::report::{Format as _, Github, Junit, Markdown, Report};

use super::page_reports::{empty, hostile, thousand};

#[test]
fn a_pull_request_gets_a_run_in_sixty_lines() {
    let mut many = thousand();
    let model = many.outcome.setup.models[0].clone();
    for number in 0..100 {
        let mut other = model.clone();
        other.name = format!("model-{number}");
        many.outcome.setup.models.push(other);
    }
    for report in [empty(), hostile(), thousand(), many] {
        let text = Markdown.render(&report).unwrap();
        assert!(text.lines().count() <= 60, "{text}");
        assert!(text.contains("simulated"), "{text}");
        assert!(!text.contains("NaN"), "{text}");
    }
    insta::assert_snapshot!("run_markdown", Markdown.render(&thousand()).unwrap());
}

#[test]
fn a_dialogue_fails_in_a_test_report_where_a_call_of_it_did() {
    let text = Junit.render(&thousand()).unwrap();
    assert!(text.contains(r#"tests="1000" skipped="0" failures="0" errors="0""#));
    let text = Junit.render(&hostile()).unwrap();
    assert!(
        text.contains(r#"tests="1" skipped="0" failures="0" errors="1""#),
        "{text}"
    );
    assert!(text.contains("ThrottlingException"), "{text}");
    // XML has no form for these.
    assert!(!text.contains(['\u{0}', '\u{7}']), "{text}");
}

#[test]
fn annotations_say_what_failed_and_nothing_that_was_said_is_a_command() {
    let of = |report: &Report| Github.render(report).unwrap();
    for text in [of(&empty()), of(&hostile()), of(&thousand())] {
        assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
    }
    let text = of(&hostile());
    assert!(text.starts_with("::error title=run%3A "), "{text}");
    assert!(text.contains("ThrottlingException"), "{text}");
    insta::assert_snapshot!("run_annotations", of(&thousand()));
}
