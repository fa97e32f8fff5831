//! Judgments of versions that are no more: told, written down for `cassette prune`, removed. And
//! what is said of a version, or a cassette of judgments, that is not there.

use std::fs;

use bedrock_replay::simulator::Simulator;

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};

const PROMPT: &str = "scenarios/judges/socratic/system.md";
const LOWER: &str = "When two levels seem to fit";
const EDITED: &str = "Be strict. When two levels seem to fit";

/// A project whose pinned judge was edited, and 45 judgments of the edit recorded.
async fn edited() -> Project {
    let project = Project::new();
    assert_code(&project.judge(&["pin"]).await, 0);
    project.edit(PROMPT, LOWER, EDITED);
    let simulator = simulator().await;
    let url = simulator.url();
    let record = ["record", "--endpoint-url", &url, SOME[0], SOME[1]];
    assert_code(&project.judge(&record).await, 0);
    simulator.stop().await;
    project
}

async fn told(project: &Project, arguments: &[&str]) -> String {
    let output = project.judge(&[&["unused"][..], arguments].concat()).await;
    assert_code(&output, 0);
    out(&output)
}

fn prune(project: &Project) -> String {
    let mut command = super::bare::bare();
    let output = command
        .args(["cassette", "prune", "cassettes/weekly.sqlite"])
        .args(["--unused", "stale.json", "--apply"])
        .current_dir(project.path(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    out(&output)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn judgments_of_a_version_that_is_no_more_are_told_and_can_be_removed() {
    let project = edited().await;
    let text = told(&project, &[]).await;
    assert!(text.contains(", 0 of them asked for by none"), "{text}");
    project.edit(PROMPT, EDITED, "Be kind. When two levels seem to fit");
    let text = told(&project, &["--unused-file", "stale.json"]).await;
    assert!(text.contains(", 45 of them asked for by none"), "{text}");
    let next = "bedrock-replay cassette prune cassettes/weekly.sqlite --unused stale.json --apply";
    assert!(text.contains(next), "{text}");
    assert!(prune(&project).contains("45 exchanges removed"));
    let text = told(&project, &["--unused-file", "stale.json"]).await;
    assert!(text.contains(", 0 of them asked for by none"), "{text}");
    assert!(
        !text.contains("prune"),
        "there is nothing to remove: {text}"
    );
    // What the pinned one said is there as before.
    let history = project.judge(&["history"]).await;
    assert_code(&history, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pinned_and_kept_versions_and_judgments_of_other_dialogues_stay() {
    let project = edited().await;
    let edited = project.path("scenarios/judges/elsewhere/edited");
    super::bench_stand_in::copy(&project.path("scenarios/judges/socratic"), &edited);
    project.edit(PROMPT, EDITED, LOWER);
    let text = told(&project, &[]).await;
    assert!(text.contains(", 0 of them asked for by none"), "{text}");
    let away = project.path("away");
    fs::rename(project.path("scenarios/judges/elsewhere"), &away).unwrap();
    let text = told(&project, &[]).await;
    assert!(text.contains(", 45 of them asked for by none"), "{text}");
    let text = told(&project, &["--keep", "away/edited"]).await;
    assert!(text.contains(", 0 of them asked for by none"), "{text}");
    let other = ["--scenario", "APO-PHY-HEAT-TEMP-01"];
    let text = told(&project, &other).await;
    assert!(text.contains(", 5 of them asked for by none"), "{text}");
    // A judge that cannot be read might ask for all of them.
    fs::write(project.path("scenarios/judges/pairwise/judge.toml"), "x").unwrap();
    let output = project.judge(&["unused"]).await;
    assert_code(&output, 4);
    assert!(
        error(&output).contains("judge.toml:1"),
        "{}",
        error(&output)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn judgments_of_a_dialogue_that_was_held_word_by_word_stay() {
    let project = Project::new();
    let address = "127.0.0.1:0".parse().unwrap();
    // Other words than those that were said at once.
    let other = Simulator::builder().seed(7).start(address).await.unwrap();
    let mut run = super::bare::bare();
    run.args(["run", "--stream", "--quiet", "--mode", "record-missing"])
        .args(["--endpoint-url", &other.url(), SOME[0], SOME[1]])
        .args(["--scenario", "APO-PHY-HEAT-TEMP-01"])
        .current_dir(project.path(""));
    let output = tokio::task::spawn_blocking(move || run.output().unwrap()).await;
    assert_code(&output.unwrap(), 0);
    other.stop().await;
    let text = told(&project, &["--unused-file", "stale.json"]).await;
    assert!(text.contains(", 0 of them asked for by none"), "{text}");
    assert!(text.contains("5 judgments of other words"), "{text}");
    // Also where the judge that is gone was asked about both.
    project.edit(PROMPT, LOWER, EDITED);
    let text = told(&project, &["--unused-file", "stale.json"]).await;
    assert!(text.contains(", 135 of them asked for by none"), "{text}");
    assert!(text.contains("5 judgments of other words"), "{text}");
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let project = Project::new();
    let told = async |arguments: &[&str]| error(&project.judge(arguments).await);
    let text = told(&["show", "socratic@b7"]).await;
    assert!(
        text.contains("give at least 4 digits; there is socratic@"),
        "{text}"
    );
    let text = told(&["show", "socratic@0000"]).await;
    assert!(text.contains(", as its folder is now)"), "{text}");
    let text = told(&["history", "socratik"]).await;
    assert!(text.contains("did you mean `socratic`?"), "{text}");
    assert_code(&project.judge(&["pin"]).await, 0);
    project.edit(PROMPT, LOWER, EDITED);
    let text = told(&["show", "socratic@0000"]).await;
    assert_eq!(text.matches("socratic@").count(), 3, "{text}");
    for command in ["plan", "regress", "history"] {
        let text = told(&[command, "--judgments", "typo.sqlite"]).await;
        let note = "note: there is no `typo.sqlite` (--judgments)";
        assert!(text.contains(note), "{command}: {text}");
    }
}
