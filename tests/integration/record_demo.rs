//! The shipped recording is what `just record-demo` would record today, but for dates and
//! measured times: an edit of the simulator, the plan or a prompt that forgets it is named here.

use std::path::Path;
use std::process::Command;

use bedrock_replay::simulator::Simulator;
use serde_json::Value;

const SHIPPED: &str = "cassettes/weekly.sqlite";

async fn program(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear();
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = run.await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// What was said: the exchanges of an export without dates and measured times.
async fn said(cassette: &Path) -> Vec<Value> {
    let export = program(&["cassette", "export", cassette.to_str().unwrap()]).await;
    let lines = export.lines().map(serde_json::from_str);
    lines
        .filter_map(|line: Result<Value, _>| line.unwrap().get("exchange").cloned())
        .map(without_times)
        .collect()
}

fn without_times(mut exchange: Value) -> Value {
    for attempt in exchange["attempts"].as_array_mut().unwrap() {
        let attempt = attempt.as_object_mut().unwrap();
        for measured in ["first_byte_us", "total_us", "chunks"] {
            attempt.remove(measured);
        }
        let headers = attempt["headers"].as_array_mut().unwrap();
        headers.retain(|header| header[0] != "date");
    }
    exchange
}

#[tokio::test]
async fn the_shipped_recording_can_be_made_again() {
    let simulator = Simulator::builder()
        .start("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weekly.sqlite");
    let record = ["run", "-q", "--mode", "record-all", "--cassette"];
    let (url, file) = (simulator.url(), path.to_str().unwrap());
    program(&[&record[..], &[file, "--endpoint-url", &url]].concat()).await;
    simulator.stop().await;

    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(SHIPPED);
    let (shipped, recorded) = (said(&shipped).await, said(&path).await);
    assert_eq!(shipped.len(), recorded.len());
    for (shipped, recorded) in shipped.iter().zip(&recorded) {
        assert!(
            shipped == recorded,
            "{SHIPPED} is out of date (run `just record-demo`): it holds\n{shipped}\nand today's recording\n{recorded}"
        );
    }
}
