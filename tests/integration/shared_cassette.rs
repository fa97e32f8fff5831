//! A second process at a cassette is no error, but it is told before it pays for the same calls.

use bedrock_replay::Mode;

use super::lab::{Lab, ask};
use super::models_cli::program;

const ONE: [&str; 4] = [
    "--scenario",
    "EL-CIV-FREE-HARM-01",
    "--model",
    "llama-3-1-70b",
];

async fn run(lab: &Lab, mode: &'static str) -> String {
    let (path, url) = (lab.path(), lab.url());
    let told = tokio::task::spawn_blocking(move || {
        let cassette = ["--cassette", path.to_str().unwrap()];
        let from = ["--endpoint-url", &*url];
        let run = ["run", "--quiet", "--mode", mode];
        program(&[&run[..], &ONE, &cassette, &from].concat(), &[])
    });
    let (text, code) = told.await.unwrap();
    assert_eq!(code, 0, "{text}");
    text
}

async fn exec(lab: &Lab, mode: &'static str) -> String {
    let (path, url) = (lab.path(), lab.url());
    let told = tokio::task::spawn_blocking(move || {
        let cassette = ["--cassette", path.to_str().unwrap()];
        let from = ["--endpoint-url", &*url];
        let exec = ["exec", "--quiet", "--mode", mode];
        program(
            &[&exec[..], &cassette, &from, &["--", "true"]].concat(),
            &[],
        )
    });
    let (text, code) = told.await.unwrap();
    assert_eq!(code, 0, "{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_records_beside_another_process_is_told() {
    let lab = Lab::new("none").await;
    assert!(!run(&lab, "record-missing").await.contains("warning"));
    let other = lab.open(Mode::RecordMissing);
    ask(&other.client().await.unwrap(), "mine").await;
    let told = run(&lab, "record-missing").await;
    let warning = format!(
        "warning: another process has `{}` open: if it records too, ",
        lab.path().display()
    );
    assert!(told.contains(&warning), "{told}");
    assert!(
        !run(&lab, "replay").await.contains("warning"),
        "nothing is paid"
    );
    let served = exec(&lab, "record-missing").await;
    assert!(served.contains(&warning), "{served}");
    assert!(!exec(&lab, "replay").await.contains("warning"));
    other.finish().unwrap();
    drop(other);
    assert!(!run(&lab, "record-missing").await.contains("warning"));
}
