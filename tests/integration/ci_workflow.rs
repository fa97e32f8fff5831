//! `docs/ci.md` and its workflow, step by step, with the simulator as Bedrock.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bedrock_replay::environment::Environment;
use bedrock_replay::simulator::{Running, Simulator};
use tempfile::TempDir;

use super::bench_stand_in::{copy, project};

const DOCUMENT: &str = include_str!("../../docs/ci.md");
const WORKFLOW: &str = include_str!("../../docs/judge-regression.yml");
const PROMPT: &str = "scenarios/judges/socratic/system.md";
const LOWER: &str = "When two levels seem to fit";

/// The commands of the document, in its order.
fn commands() -> Vec<&'static str> {
    let blocks = DOCUMENT.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("\n```").next().unwrap())
        .collect()
}

/// What the workflow runs: every step but the first, which installs.
fn steps() -> Vec<&'static str> {
    let runs = WORKFLOW
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "));
    let (install, steps): (Vec<_>, Vec<_>) = runs.partition(|run| run.starts_with("cargo install"));
    assert_eq!((install.len(), steps.len()), (1, 2));
    steps
}

/// A user's repository: scenarios, the judge, the recorded dialogues.
struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&project("scenarios"), &folder.path().join("scenarios"));
        fs::create_dir(folder.path().join("cassettes")).unwrap();
        let cassette = "cassettes/weekly.sqlite";
        fs::copy(project(cassette), folder.path().join(cassette)).unwrap();
        Self(folder)
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.0.path().join(PROMPT);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    /// A command line as a shell runs it; with an endpoint, that is Bedrock.
    async fn run(&self, line: &str, endpoint: Option<&Running>) -> Output {
        let programs = Path::new(env!("CARGO_BIN_EXE_bedrock-replay"))
            .parent()
            .unwrap();
        let path = Environment::of_process()
            .get("PATH")
            .unwrap_or_default()
            .to_owned();
        let mut command = Command::new("sh");
        command
            .args(["-ec", line])
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("GITHUB_STEP_SUMMARY", self.0.path().join("summary.md"));
        match endpoint {
            Some(running) => command
                .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", running.url())
                .env("AWS_ACCESS_KEY_ID", "nobody")
                .env("AWS_SECRET_ACCESS_KEY", "nothing"),
            None => command.env("CI", "true"),
        };
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }
}

#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{told}");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_missed_by_ci_recorded_by_one_command_and_then_compared_offline() {
    let repository = Repository::new();
    let [pin, plan, record, regress] = commands()[..] else {
        panic!("docs/ci.md has other commands");
    };
    let [compare, summary] = steps()[..] else {
        panic!("the workflow has other steps");
    };
    ended(&repository.run(pin, None).await, 0);
    let same = ended(&repository.run(compare, None).await, 0);
    assert!(
        same.starts_with("::notice title=judge regress%3A EQUIVALENT::"),
        "{same}"
    );
    fs::remove_dir_all(repository.0.path().join("comparison")).unwrap();

    repository.edit(LOWER, "Be strict. When two levels seem to fit");
    let missing = ended(&repository.run(compare, None).await, 5);
    assert!(
        missing.starts_with("::error title=judge regress%3A MISSING::candidate socratic@"),
        "{missing}"
    );
    assert!(missing.contains("bedrock-replay judge record"), "{missing}");
    ended(&repository.run(summary, None).await, 0);
    let told = repository.read("summary.md");
    assert!(
        told.contains("135 of 135 judge calls not recorded"),
        "{told}"
    );
    assert!(told.contains("bedrock-replay judge record"), "{told}");
    fs::remove_file(repository.0.path().join("summary.md")).unwrap();
    let planned = ended(&repository.run(plan, None).await, 0);
    assert!(planned.contains("135"), "{planned}");

    let address = "127.0.0.1:0".parse().unwrap();
    let simulator = Simulator::builder().start(address).await.unwrap();
    let recorded = ended(&repository.run(record, Some(&simulator)).await, 0);
    assert!(recorded.contains("135 judgments recorded"), "{recorded}");
    simulator.stop().await;

    let compared = ended(&repository.run(compare, None).await, 1);
    assert!(
        compared.starts_with("::error title=judge regress%3A CHANGED::"),
        "{compared}"
    );
    ended(&repository.run(summary, None).await, 0);
    let markdown = repository.read("comparison/comparison.md");
    assert_eq!(repository.read("summary.md"), markdown);
    for file in ["comparison.html", "comparison.xml", "comparison.json"] {
        assert!(!repository.read(&format!("comparison/{file}")).is_empty());
    }
    ended(&repository.run(regress, None).await, 1);

    ended(&repository.run(pin, None).await, 0);
    ended(&repository.run(compare, None).await, 0);
}
