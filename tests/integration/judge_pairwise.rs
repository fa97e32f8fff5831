//! `bedrock-replay judge` with a pairwise judge: pin, record both orders, provoke a position bias
//! and find it.

use std::fs;

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};

const PROMPT: &str = "scenarios/judges/pairwise/system.md";
const NEITHER: &str = "Where neither is better, say so.";
const PAIRWISE: [&str; 2] = ["--candidate", "pairwise"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_bias_that_an_edit_brings_is_found() {
    let project = Project::new();
    let pin = ["pin", "pairwise", "--on", "2026-11-22"];
    assert_code(&project.judge(&pin).await, 0);
    let with = |what: &'static str| [&[what][..], &PAIRWISE, &SOME].concat();
    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&with("record")[..], &["--endpoint-url", &url]].concat();
    let first = project.judge(&record).await;
    assert_code(&first, 0);
    assert!(
        out(&first).contains("45 contests: 45 decided in both orders, 45 of them consistent"),
        "{}",
        out(&first)
    );
    let same = project.judge(&with("regress")).await;
    assert_code(&same, 0);

    project.edit(PROMPT, NEITHER, "In doubt, prefer the first.");
    let missed = project.judge(&with("regress")).await;
    assert_code(&missed, 5);
    insta::assert_snapshot!("pairwise_missing", error(&missed));
    let planned = project.judge(&with("plan")).await;
    assert_code(&planned, 0);
    insta::assert_snapshot!("pairwise_plan", out(&planned));
    assert_code(&project.judge(&record).await, 0);
    let again = out(&project.judge(&record).await);
    assert!(
        again.contains("0 judgments recorded, 90 there already"),
        "{again}"
    );
    simulator.stop().await;

    let before = fs::read(project.path("cassettes/weekly.sqlite")).unwrap();
    let reports = [&with("regress")[..], &["--out", "reports"]].concat();
    let compared = project.judge(&reports).await;
    assert_code(&compared, 1);
    insta::assert_snapshot!("pairwise_regress", out(&compared));
    let after = fs::read(project.path("cassettes/weekly.sqlite")).unwrap();
    assert!(before == after, "a comparison changed the cassette");
    for name in ["json", "md", "txt", "html", "xml"] {
        let path = project.path(&format!("reports/comparison.{name}"));
        assert!(fs::metadata(&path).unwrap().len() > 0, "{name}");
    }

    let pin = ["pin", "pairwise", "--on", "2026-11-23"];
    assert_code(&project.judge(&pin).await, 0);
    let history = ["history", "pairwise"];
    let shown = project.judge(&[&history[..], &SOME].concat()).await;
    assert_code(&shown, 0);
    insta::assert_snapshot!("pairwise_history", out(&shown));
    let elsewhere = ["--model", "claude-3-5-sonnet", SOME[0], SOME[1]];
    let unheard = project.judge(&[&history[..], &elsewhere].concat()).await;
    assert_code(&unheard, 5);
    assert!(out(&unheard).contains("not recorded"), "{}", out(&unheard));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whole_dialogues_are_compared_too() {
    let project = Project::new();
    compare_dialogues(&project);
    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&["record", "--endpoint-url", &url][..], &PAIRWISE, &SOME].concat();
    let recorded = project.judge(&record).await;
    assert_code(&recorded, 0);
    simulator.stop().await;
    assert!(
        out(&recorded).contains("9 contests: 9 decided in both orders"),
        "{}",
        out(&recorded)
    );
}

const DIALOGUES: &str = "<first_dialogue>\n{% for turn in first.dialogue %}\n{{ turn.speaker }}: {{ turn.text }}\n{% endfor %}\n</first_dialogue>\n<second_dialogue>\n{% for turn in second.dialogue %}\n{{ turn.speaker }}: {{ turn.text }}\n{% endfor %}\n</second_dialogue>\n";

/// Lets the pairwise judge hold whole dialogues against each other.
fn compare_dialogues(project: &Project) {
    let folder = "scenarios/judges/pairwise";
    project.edit(
        &format!("{folder}/judge.toml"),
        "compares = \"turns\"",
        "compares = \"dialogues\"",
    );
    fs::write(project.path(&format!("{folder}/user.md")), DIALOGUES).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_judge_of_dialogues_after_one_of_turns_is_refused_before_anything_is_asked() {
    let project = Project::new();
    project
        .judge(&["pin", "pairwise", "--on", "2026-11-22"])
        .await;
    compare_dialogues(&project);
    let why = "one judge compares turns, the other whole dialogues";
    let nowhere: &[&str] = &["--endpoint-url", "http://127.0.0.1:1"];
    for (command, more) in [("plan", &[][..]), ("record", nowhere)] {
        let refused = project
            .judge(&[&[command][..], more, &PAIRWISE, &SOME].concat())
            .await;
        assert_code(&refused, 4);
        assert!(error(&refused).contains(why), "{}", error(&refused));
        assert!(error(&refused).contains("nothing was asked"));
    }
    for judgments in ["cassettes/weekly.sqlite", "new.sqlite"] {
        let place = ["regress", "--judgments", judgments];
        let output = project
            .judge(&[&place[..], &PAIRWISE, &SOME].concat())
            .await;
        assert_code(&output, 4);
        assert!(out(&output).contains("NOT_COMPARABLE"), "{}", out(&output));
        assert!(out(&output).contains(why), "{}", out(&output));
    }

    project
        .judge(&["pin", "pairwise", "--on", "2026-11-23"])
        .await;
    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&["record", "--endpoint-url", &url][..], &PAIRWISE, &SOME].concat();
    assert_code(&project.judge(&record).await, 0);
    simulator.stop().await;
}

#[tokio::test]
async fn what_cannot_be_compared_is_named() {
    let project = Project::new();
    project
        .judge(&["pin", "pairwise", "--on", "2026-11-22"])
        .await;
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let mut told = Vec::new();
    for (arguments, code) in [
        (
            &[
                "regress",
                "--candidate",
                "pairwise",
                "--baseline",
                "socratic",
            ][..],
            4,
        ),
        (&["regress", "--baseline", "pairwise@pinned"], 4),
        (&["regress", "--candidate", "pairwise", SOME[0], SOME[1]], 4),
        (&["plan", "--candidate", "pairwise", "--epochs", "2"], 2),
        (
            &[
                "regress",
                "--candidate",
                "pairwise",
                "--anchors",
                "labels.csv",
            ],
            2,
        ),
    ] {
        let output = project.judge(arguments).await;
        assert_code(&output, code);
        told.push(error(&output));
    }
    insta::assert_snapshot!("pairwise_refused", told.concat());
}

#[tokio::test]
async fn it_is_listed_and_shown_as_what_it_is() {
    let project = Project::new();
    insta::assert_snapshot!("pairwise_list", out(&project.judge(&["list"]).await));
    insta::assert_snapshot!(
        "pairwise_show",
        out(&project.judge(&["show", "pairwise"]).await)
    );
}
