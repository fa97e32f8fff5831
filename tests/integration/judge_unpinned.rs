//! A judge of which nothing is pinned: what it is compared with, and what it is told to do.

use std::process::Command;

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};

const PROMPT: &str = "scenarios/judges/socratic/system.md";
const LOWER: &str = "When two levels seem to fit";
const KEEPS: &str = "`bedrock-replay judge pin scenarios/judges/socratic` keeps the judge as it is now, for later edits)";

/// The command that a recording says is next, without the program's name.
fn next(recorded: &str) -> Vec<String> {
    let (_, next) = recorded
        .split_once("next: bedrock-replay judge ")
        .unwrap_or_else(|| panic!("{recorded}"));
    let words = next.lines().next().unwrap().split_whitespace();
    words.map(str::to_owned).collect()
}

async fn recorded(project: &Project, more: &[&str]) -> String {
    let simulator = simulator().await;
    let url = simulator.url();
    let record = ["record", "--endpoint-url", &url, SOME[0], SOME[1]];
    let output = project.judge(&[&record[..], more].concat()).await;
    simulator.stop().await;
    assert_code(&output, 0);
    out(&output)
}

/// Whether the project could be committed: git may not be there.
fn commit(project: &Project) -> bool {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(project.path(""))
            .output();
        output.is_ok_and(|output| output.status.success())
    };
    git(&["init", "--quiet"])
        && git(&["add", "scenarios"])
        && git(&["commit", "--quiet", "-m", "a judge"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_compared_with_the_last_commit_and_not_pinned_as_its_own_baseline() {
    let project = Project::new();
    if !commit(&project) {
        return;
    }
    let unedited = error(&project.judge(&["regress"]).await);
    assert!(
        unedited.contains("(name what it was by --baseline: "),
        "{unedited}"
    );
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    let regress = project.judge(&["regress", SOME[0], SOME[1]]).await;
    assert_code(&regress, 4);
    let told = format!(
        "no pinned version `socratic@pinned` (compare it by --baseline git:HEAD:scenarios/judges/socratic; {KEEPS}"
    );
    assert!(error(&regress).contains(&told), "{}", error(&regress));

    let next = next(&recorded(&project, &[]).await);
    let expected = [
        "regress",
        "--baseline",
        "git:HEAD:scenarios/judges/socratic",
    ];
    assert_eq!(next[..3], expected);
    let next: Vec<&str> = next.iter().map(String::as_str).collect();
    let compared = project.judge(&next).await;
    assert!(error(&compared).is_empty(), "{}", error(&compared));
    assert!(out(&compared).contains("prompt"), "{}", out(&compared));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_judge_is_compared_with_that_of_the_plan() {
    let project = Project::new();
    let strict = ["--candidate", "scenarios/judges/demo/strict"];
    let next = next(&recorded(&project, &strict).await);
    assert_eq!(next[..3], ["regress", "--baseline", "socratic"]);
    let next: Vec<&str> = next.iter().map(String::as_str).collect();
    let compared = project.judge(&next).await;
    assert!(error(&compared).is_empty(), "{}", error(&compared));
    let regress = project.judge(&[&["regress"][..], &strict].concat()).await;
    assert_code(&regress, 4);
    let told = "(compare it by --baseline socratic; `bedrock-replay judge pin scenarios/judges/demo/strict` keeps";
    assert!(error(&regress).contains(told), "{}", error(&regress));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_judge_of_a_project_is_to_be_pinned() {
    let project = Project::new();
    let next = next(&recorded(&project, &[]).await);
    assert_eq!(next[..2], ["pin", "scenarios/judges/socratic"]);
    assert_code(&project.judge(&["pin", &next[1]]).await, 0);
    let regress = project.judge(&["regress", SOME[0], SOME[1]]).await;
    assert_code(&regress, 0);
}
