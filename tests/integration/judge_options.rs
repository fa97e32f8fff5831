//! Options that do not fit what is compared, and an edit that means nothing.

use std::fs;

use bedrock_replay::regression::Options;

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};
use super::judges::judge;

#[test]
fn margin_and_threshold_lie_on_the_scale() {
    let rubric = judge().rubric;
    let margin = |points| Options {
        margin: Some(points),
        ..Options::default()
    };
    for points in [0.0, -0.25, 5.0, 100.0, f64::NAN, f64::INFINITY] {
        let error = margin(points).fit(&rubric).unwrap_err().to_string();
        let expected = "points: expected more than 0 and less than 5, half of the scale of sdb-1";
        assert!(error.ends_with(expected), "{error}");
    }
    assert_eq!(margin(4.99).fit(&rubric), Ok(()));
    assert!(margin(0.5).fit_contests().is_err() && margin(0.1).fit_contests().is_ok());
    let threshold = |points: &str| Options {
        threshold: Some(points.parse().unwrap()),
        ..Options::default()
    };
    for points in ["99", "-1", "10.5"] {
        let error = threshold(points).fit(&rubric).unwrap_err().to_string();
        let expected =
            format!("a threshold of {points} points: expected 0 to 10, the scale of sdb-1");
        assert_eq!(error, expected);
    }
    assert_eq!(threshold("10").fit(&rubric), Ok(()));
    assert_eq!(Options::default().fit(&rubric), Ok(()));
}

#[tokio::test]
async fn an_option_that_does_not_fit_is_a_usage_error() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    project
        .judge(&["pin", "pairwise", "--on", "2026-11-22"])
        .await;
    let pairwise = ["--candidate", "pairwise"];
    let mut told = Vec::new();
    for (judge, option, value) in [
        (&[][..], "--margin", "100"),
        (&[], "--margin", "0"),
        (&[], "--margin", "-1"),
        (&[], "--margin", "NaN"),
        (&[], "--threshold", "99"),
        (&[], "--threshold", "-1"),
        (&[], "--threshold", "much"),
        (&[], "--alpha", "-1"),
        (&[], "--max-position-bias", "0.2"),
        (&pairwise, "--margin", "3"),
        (&pairwise, "--min-tau", "0.5"),
        (&pairwise, "--threshold", "3"),
        (&pairwise, "--max-flips", "0.2"),
        (&pairwise, "--max-human-fall", "0.2"),
    ] {
        let arguments = [&["regress"][..], judge, &[option, value]].concat();
        let output = project.judge(&arguments).await;
        assert_code(&output, 2);
        let text = error(&output);
        told.push(text.lines().next().unwrap_or_default().to_owned());
    }
    insta::assert_snapshot!("options_refused", told.join("\n"));
}

/// Each part of a judge's folder: not there, no text, no such part.
#[tokio::test]
async fn every_part_of_a_judge_that_is_missing_or_malformed_is_named() {
    let mut told = Vec::new();
    for (judge, part) in [
        ("socratic", "judge.toml"),
        ("socratic", "system.md"),
        ("socratic", "user.md"),
        ("socratic", "sdb-1.toml"),
        ("pairwise", "criteria.toml"),
    ] {
        for broken in [None, Some(&b"\xFF\xFE"[..]), Some(b"{{ = "), Some(b"")] {
            let project = Project::new();
            let path = project.path(&format!("scenarios/judges/{judge}/{part}"));
            match broken {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let output = project.judge(&["regress", "--candidate", judge]).await;
            let shown = broken.map_or("missing".into(), String::from_utf8_lossy);
            let code = output.status.code().unwrap();
            told.push(format!("{part} {shown:?}: {code}\n{}", error(&output)));
        }
    }
    insta::assert_snapshot!("broken_judges", told.concat());
}

#[tokio::test]
async fn labels_of_another_scale_are_bad_input() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let labels = "scenario,model,turn,overall\nEL-CIV-FREE-HARM-01,llama-3-1-70b,1,70\n";
    fs::write(project.path("labels.csv"), labels).unwrap();
    let arguments = [&["regress", "--anchors", "labels.csv"][..], &SOME].concat();
    let output = project.judge(&arguments).await;
    assert_code(&output, 4);
    let expected = "`labels.csv`, line 2: expected `overall` from 0 to 10, found `70`";
    assert!(error(&output).contains(expected), "{}", error(&output));
}

/// The simulator is a judge for whoever edits a prompt offline: other words that ask for the
/// same are no other request to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_harmless_rewording_is_equivalent_with_the_simulator_too() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let prompt = "scenarios/judges/socratic/system.md";
    project.edit(prompt, "You are a judge of", "You are the examiner of");
    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&["record", "--endpoint-url", &url][..], &SOME].concat();
    assert_code(&project.judge(&record).await, 0);
    simulator.stop().await;
    let compared = project.judge(&[&["regress"][..], &SOME].concat()).await;
    assert_code(&compared, 0);
    assert!(
        out(&compared).contains("unscored A 0  B 0"),
        "{}",
        out(&compared)
    );
}
