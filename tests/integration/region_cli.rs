//! Which region commands go by where none is named, and what a broken configuration of AWS does
//! to those that ask nothing of it: nothing.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::Value;

use super::judge_cli::{Project, SOME, assert_code, error, out};
use super::models_cli::program;

/// Each stops a client that is to reach AWS.
const BROKEN: [(&str, &str); 4] = [
    ("AWS_CA_BUNDLE", "/no/such"),
    ("HTTPS_PROXY", "not a proxy"),
    ("BEDROCK_REPLAY_SIGN", "perhaps"),
    ("AWS_ENDPOINT_URL", "nonsense"),
];

#[test]
fn a_broken_configuration_of_aws_stops_no_command_that_asks_nothing_of_it() {
    for broken in BROKEN {
        let run = ["run", "--model", "claude-3-5-haiku", "--quiet"];
        for arguments in [&run[..], &["plan"], &["cost"], &["iam-policy"]] {
            let (text, code) = program(arguments, &[broken]);
            assert_eq!(code, 0, "{broken:?} {arguments:?}: {text}");
        }
    }
}

#[tokio::test]
async fn a_broken_configuration_of_aws_is_no_verdict_on_a_judge() {
    let project = Project::new();
    assert_code(&project.judge(&["pin", "--on", "2026-11-22"]).await, 0);
    for (variable, value) in BROKEN {
        for name in ["regress", "plan"] {
            let mut command = project.command(&[&[name][..], &SOME].concat());
            let output = command.env(variable, value).output().unwrap();
            assert_code(&output, 0);
        }
    }
    let mut command = project.command(&[&["record"][..], &SOME].concat());
    let output = command.env("AWS_CA_BUNDLE", "/no/such").output().unwrap();
    assert_code(&output, 2);
    assert!(error(&output).contains("/no/such"), "{}", error(&output));
}

/// What a machine of AWS says of itself, to whoever asks.
fn machine(region: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&stream.unwrap(), region);
        }
    });
    url
}

fn answer(mut stream: &TcpStream, region: &str) {
    let mut head = BufReader::new(stream).lines().map(Result::unwrap);
    let first = head.next().unwrap_or_default();
    head.take_while(|line| !line.is_empty()).for_each(drop);
    let body = if first.contains("/latest/api/token") {
        "token"
    } else {
        region
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
}

#[test]
fn a_live_run_is_priced_in_the_region_of_the_machine_that_it_asks() {
    let url = machine("eu-west-1");
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("new.sqlite");
    let run = [
        "run",
        "--mode",
        "record-missing",
        "--cassette",
        cassette.to_str().unwrap(),
        "--max-cost",
        "0.01",
        "--model",
        "claude-3-5-haiku",
        "--scenario",
        "EL-CIV-FREE-HARM-01",
    ];
    let metadata = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
    ];
    let (text, code) = program(&run, &metadata);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("10 of 10 calls have no known price"),
        "{text}"
    );
    let (text, _) = program(&[&run[..], &["--region", "us-east-1"]].concat(), &metadata);
    assert!(!text.contains("no known price"), "{text}");
}

/// What a plan of a comparison says that its calls cost.
fn cost(project: &Project, variables: &[(&str, &str)]) -> Value {
    let plan = [&["plan", "--format", "json"][..], &SOME].concat();
    let mut command = project.command(&plan);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert_code(&output, 0);
    let told: Value = serde_json::from_str(&out(&output)).unwrap();
    told["sides"].clone()
}

#[tokio::test]
async fn judges_are_priced_in_the_region_of_the_configuration_file() {
    let project = Project::new();
    assert_code(&project.judge(&["pin", "--on", "2026-11-22"]).await, 0);
    project.edit(
        "scenarios/judges/socratic/system.md",
        "When two levels seem to fit",
        "Be strict. When two levels seem to fit",
    );
    let here = cost(&project, &[]);
    let there = cost(&project, &[("AWS_REGION", "eu-west-1")]);
    assert_ne!(here, there);
    let file = project.path("bedrock-replay.toml");
    fs::write(file, "region = [\"eu-west-1\", \"us-east-1\"]\n").unwrap();
    assert_eq!(cost(&project, &[]), there);
    assert_eq!(cost(&project, &[("AWS_REGION", "us-east-1")]), here);
}
