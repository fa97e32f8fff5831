//! `doctor`, as a person uses it.

use std::path::Path;
use std::process::Command;

use bedrock_replay::cassette::Reader;

use super::bench_stand_in::project;
use super::simulator::start;
use super::upstream::{ID, SECRET};
use super::upstream_stand_in::{StandIn, refuse};

const NOVA: &str = "amazon.nova-lite-v1:0";
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-20250514-v1:0";

/// What the program prints with these variables and no others.
fn doctor(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    doctor_in(&project(""), arguments, variables)
}

fn doctor_in(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(["doctor", "--on", "2026-11-22"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    format!(
        "$ bedrock-replay doctor {}\n{}{}(exit code {})\n",
        arguments.join(" "),
        found
            .replace(&shipped(), "N exchanges")
            .replace(project("").to_str().unwrap(), "…/"),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap()
    )
}

/// How much the shipped cassette holds.
fn shipped() -> String {
    let cassette = Reader::open(&project("cassettes/weekly.sqlite")).unwrap();
    format!("{} exchanges", cassette.len().unwrap())
}

const KEYS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", ID),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_REGION", "us-east-1"),
    ("BEDROCK_REPLAY_SIGN", "always"),
];

#[test]
fn a_machine_without_aws_can_replay_and_is_told_what_recording_needs() {
    let region = [("AWS_REGION", "eu-west-1")];
    insta::assert_snapshot!(
        [
            doctor(&["--offline"], &[]),
            doctor(&[], &[]),
            doctor(&["--model", NOVA], &region),
            doctor(
                &["--cassette", "cassettes/nope.sqlite", "--offline"],
                &region
            ),
            doctor(&["--offline"], &[("AWS_ENDPOINT_URL", "ftp://example.org")],),
        ]
        .join("\n")
    );
}

#[test]
fn what_is_half_set_or_names_nothing_is_found_without_a_connection() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::fs::write(&config, "[profile work]\nregion = eu-west-1\n").unwrap();
    let config = config.to_str().unwrap();
    let found = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&["--offline", "--model", NOVA], arguments].concat();
        doctor(&arguments, variables)
    };
    insta::assert_snapshot!(
        [
            found(&[], &[("AWS_ACCESS_KEY_ID", ID)]),
            found(&[], &[("AWS_SECRET_ACCESS_KEY", SECRET)]),
            found(&[], &[("AWS_PROFILE", "wrok"), ("AWS_CONFIG_FILE", config)]),
            found(&[], &[("AWS_PROFILE", "work"), ("AWS_CONFIG_FILE", config)]),
            found(&[], &[("BEDROCK_ASSUME_ROLE_ARN", "BedrockInvokeRole")]),
            found(&[], &[("AWS_CA_BUNDLE", "/no/such.pem")]),
            found(&[], &[("BEDROCK_MODEL_IDS", "meta.llama")]),
            found(&[], &[("AWS_REGION", "nonsense")]),
            found(
                &["--model", "anthropic.claude-3-5-sonnet-20241022-v1:0"],
                &[]
            ),
            found(&["--model", "foo", "--model", "claude-3-5-haiku"], &[]),
        ]
        .join("\n")
    );
}

#[test]
fn a_folder_without_a_plan_is_told_so_and_what_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let text = doctor_in(folder.path(), &["--offline"], &[]);
    for told in [
        "warning  plan         there is no ",
        "scenarios/weekly.toml: no model is checked",
        "fix  name one with --plan FILE, or ",
        "record one: `bedrock-replay exec --cassette cassettes/weekly.sqlite --mode record-missing -- COMMAND`",
        "(exit code 0)",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.contains("bedrock-replay run"), "{text}");
}

#[test]
fn credentials_that_a_replay_does_not_need_fail_only_where_somebody_is_asked() {
    let wrong = [("AWS_PROFILE", "nope")];
    let offline = doctor(&["--offline"], &wrong);
    for told in [
        "warning  credentials  AWS_PROFILE names the profile `nope`",
        "fix  `aws configure --profile nope` makes it; there is no profile yet",
        "(exit code 0)",
    ] {
        assert!(offline.contains(told), "{told}\n{offline}");
    }
    let text = doctor(&[], &wrong);
    assert!(text.contains("failure  credentials  AWS_PROFILE"), "{text}");
    assert!(text.contains("(exit code 1)"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_answers_on_this_machine_is_not_said_to_fail() {
    let bedrock = start("none").await;
    let url = bedrock.url();
    let text = doctor(&["--endpoint-url", &url], &[]);
    let told = "answers, on this machine (the simulator answers for any model)";
    assert_eq!(text.matches(told).count(), 1, "{text}");
    let ended = "anthropic.claude-3-5-haiku-20241022-v1:0";
    assert!(text.contains(&format!("{ended} may be called")), "{text}");
    assert!(!text.contains("its calls fail"), "{text}");
    assert!(text.contains("(exit code 0)"), "{text}");
}

#[test]
fn half_a_key_is_named_before_anybody_is_asked() {
    let half = [("AWS_ACCESS_KEY_ID", ID), ("BEDROCK_REPLAY_SIGN", "always")];
    let text = doctor(
        &["--endpoint-url", "http://127.0.0.1:1", "--model", NOVA],
        &half,
    );
    assert!(
        text.contains("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"),
        "{text}"
    );
    assert!(!text.contains("does not answer"), "{text}");
    assert!(text.contains("(exit code 1)"), "{text}");
}

#[test]
fn plan_cassette_region_and_endpoint_are_those_that_a_run_takes_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project("scenarios/seed.toml");
    let file = format!(
        "plan = {:?}\ncassette = \"none.sqlite\"\nregion = [\"eu-west-1\", \"us-west-2\"]\nendpoint_url = \"http://127.0.0.1:9\"\n",
        plan.to_str().unwrap()
    );
    std::fs::write(folder.path().join("bedrock-replay.toml"), file).unwrap();
    let text = doctor_in(folder.path(), &["--offline"], &[]);
    for told in [
        "none.sqlite\n                      fix  record one: `bedrock-replay run --mode record-missing --plan ",
        " --cassette none.sqlite`",
        "ok       region       eu-west-1, by bedrock-replay.toml:3:10; a run goes on in us-west-2",
        "ok       endpoint     http://127.0.0.1:9, not asked",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let variable = [("AWS_REGION", "ap-southeast-1")];
    let text = doctor_in(folder.path(), &["--offline"], &variable);
    assert!(text.contains("ap-southeast-1, by AWS_REGION"), "{text}");
    let text = doctor_in(folder.path(), &["--offline", "--region", "nonsense"], &[]);
    assert!(
        text.contains("expected a region such as `us-east-1`"),
        "{text}"
    );
    assert!(text.contains("(exit code 2)"), "{text}");
}

/// A Bedrock that lets one model be called; the other's provider wants its form.
async fn strict() -> StandIn {
    let bedrock = StandIn::start("bedrock", "us-east-1", |seen| {
        assert_eq!(&seen.body[..], b"{}");
        let (status, kind, message) = if seen.path_and_query.contains("nova") {
            let malformed = "Malformed input request: #: required key [messages] not found, please reformat your input and try again.";
            (400, "ValidationException", malformed)
        } else {
            let form = "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model.";
            (404, "ResourceNotFoundException", form)
        };
        let mut answer = refuse(kind, message);
        *answer.status_mut() = status.try_into().unwrap();
        answer
    })
    .await;
    bedrock.allow(ID, SECRET, None);
    bedrock
}

#[tokio::test(flavor = "multi_thread")]
async fn each_model_is_asked_without_anything_being_generated() {
    let bedrock = strict().await;
    let url = bedrock.url();
    let asked = ["--endpoint-url", &url, "--model", NOVA, "--model", CLAUDE];
    let text = doctor(&asked, &KEYS);
    assert!(!text.contains(SECRET), "{text}");
    insta::assert_snapshot!(text.replace(&url, "http://BEDROCK"));
    assert_eq!(bedrock.seen().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_with_its_fix() {
    let bedrock = strict().await;
    let url = bedrock.url();
    let mut keys = KEYS;
    keys[1].1 = "another";
    let text = doctor(&["--endpoint-url", &url, "--model", NOVA], &keys);
    assert!(text.contains("failure  model"), "{text}");
    assert!(text.contains("aws sts get-caller-identity"), "{text}");
    assert!(text.contains("(exit code 1)"), "{text}");
}

#[test]
fn an_id_that_the_registry_does_not_know_is_a_warning_where_nobody_is_asked() {
    let text = doctor(&["--offline", "--model", "acme.big-v1:0"], &[]);
    let warning = "warning  model        acme.big-v1:0: not in the registry";
    assert!(text.contains(warning), "{text}");
    assert!(text.contains("fix  look at its spelling"), "{text}");
}

#[test]
fn an_endpoint_that_is_not_there_is_a_failure_and_no_hang() {
    let text = doctor(
        &["--endpoint-url", "http://127.0.0.1:1", "--model", NOVA],
        &KEYS,
    );
    assert!(text.contains("failure  endpoint"), "{text}");
    assert!(text.contains("from the environment"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_refused_says_why_and_what_comes_next() {
    let message = "You don't have access to the model with the specified model ID.";
    let bedrock = StandIn::open(move |_| refuse("AccessDeniedException", message)).await;
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("a.sqlite");
    let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(["run", "--mode", "record-missing", "--quiet"])
        .args([
            "--scenario",
            "EL-CIV-FREE-HARM-01",
            "--model",
            "claude-3-5-haiku",
        ])
        .args(["--endpoint-url", &bedrock.url()])
        .arg("--cassette")
        .arg(&cassette)
        .current_dir(project(""))
        .env_clear()
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("why       the account has no access to this model"),
        "{text}"
    );
    assert!(
        text.contains("in the model catalog of the Bedrock console"),
        "{text}"
    );
    assert!(!text.contains("modelaccess"), "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_on_demand_is_named_with_its_own_profile_for_the_region() {
    let message = "Invocation of model ID X with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";
    let bedrock = StandIn::open(move |request| {
        let model = request.path_and_query.split('/').nth(2).unwrap_or_default();
        let model = model.replace("%3A", ":");
        refuse("ValidationException", &message.replace('X', &model))
    })
    .await;
    for (model, region, expected) in [
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "us-gov-west-1",
            "write its inference profile, `us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0`,",
        ),
        (
            "anthropic.claude-opus-9-v1:0",
            "eu-west-1",
            "write an inference profile of it in place of its id: `aws bedrock list-inference-profiles --region eu-west-1`",
        ),
    ] {
        let list = format!("[\"{model}\"]");
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
            .args(["run", "--mode", "record-missing", "--quiet"])
            .args(["--scenario", "APO-PHY-HEAT-TEMP-01"])
            .args(["--endpoint-url", &bedrock.url(), "--cassette"])
            .arg(folder.path().join("a.sqlite"))
            .current_dir(project(""))
            .env_clear()
            .env("BEDROCK_MODEL_IDS", list)
            .env("AWS_REGION", region)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(expected), "{text}");
    }
}

/// A run of one scripted dialogue that has to be sent, and what it says.
fn sent(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(["run", "--mode", "record-missing", "--log", "info"])
        .args(["--scenario", "APO-PHY-HEAT-TEMP-01"])
        .args(["--concurrency", "1", "--tries", "1", "--cassette"])
        .arg(folder.path().join("a.sqlite"))
        .args(arguments)
        .current_dir(project(""))
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_run_without_credentials_stops_at_its_first_call_and_says_what_to_do() {
    let text = sent(&[]);
    assert_eq!(text.matches("Invoking Bedrock").count(), 1, "{text}");
    for told in [
        "error: stopped at APO-PHY-HEAT-TEMP-01/",
        "no credentials: no AWS credentials were found in the environment",
        "bedrock-runtime.us-east-1.amazonaws.com",
        "why       there are no AWS credentials",
        "next      log in (`aws sso login`)",
        "`bedrock-replay doctor`",
        "help      bedrock-replay run --mode record-missing",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
}

#[test]
fn judges_that_cannot_be_asked_are_not_asked_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(["judge", "record", "--log", "info"])
        .args(["--candidate", "scenarios/judges/demo/strict", "--judgments"])
        .arg(folder.path().join("a.sqlite"))
        .current_dir(project(""))
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("error: stopped at "), "{text}");
    assert!(
        text.contains("why       there are no AWS credentials"),
        "{text}"
    );
    // The plan's own judge is replayed with the dialogues; of the candidate's as many calls no
    // more were made than were under way.
    let own = text.matches("Bedrock response: ").count();
    let asked = text.matches("Invoking Bedrock: ").count() - own;
    assert!((1..=8).contains(&asked), "{text}");
}

#[test]
fn a_run_that_nobody_answers_says_why_and_what_comes_next() {
    let text = sent(&["--endpoint-url", "http://127.0.0.1:1"]);
    assert_eq!(text.matches("Invoking Bedrock").count(), 1, "{text}");
    for told in [
        "error: stopped at APO-PHY-HEAT-TEMP-01/",
        "why       nobody listens at the endpoint",
        "`bedrock-replay doctor`",
        "help      bedrock-replay run --mode record-missing",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_cassette_is_full_stops_keeps_what_it_has_and_says_how_to_go_on() {
    let bedrock = start("none").await;
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("a.sqlite");
    // Files of 100 kB at the most; whoever writes more gets an error and no signal.
    let limited = "trap '' XFSZ; ulimit -f 200; exec \"$@\"";
    let run = |shell: &str| {
        let output = Command::new("sh")
            .args(["-c", shell, "sh"])
            .arg(env!("CARGO_BIN_EXE_bedrock-replay"))
            .args(["run", "--mode", "record-missing", "--log", "info"])
            .args(["--concurrency", "1", "--endpoint-url", &bedrock.url()])
            .arg("--cassette")
            .arg(&cassette)
            .current_dir(project(""))
            .env_clear()
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (text, output.status.code().unwrap())
    };
    let (text, code) = run(limited);
    assert_eq!(code, 1, "{text}");
    for told in [
        "error: stopped at ",
        "a.sqlite`: ",
        "next      see to the disk's space",
        "help      bedrock-replay run --mode record-missing",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let answered = text.matches("Bedrock response: ").count();
    let asked = text.matches("Invoking Bedrock: ").count();
    assert_eq!(asked, answered + 1, "{text}");
    // What was answered before is there, and nothing is asked for it again.
    let (text, code) = run("exec \"$@\"");
    assert_eq!(code, 0, "{text}");
    assert_eq!(Reader::open(&cassette).unwrap().len().unwrap(), 306);
    assert_eq!(bedrock.served(), 306 + 1);
}

#[test]
fn credentials_that_are_over_are_a_failure() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    let given = r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLEEXAMPLE","SecretAccessKey":"s","SessionToken":"t","Expiration":"2020-01-01T00:00:00Z"}"#;
    std::fs::write(home.path().join("given"), given).unwrap();
    let process = format!(
        "[default]\nregion = us-east-1\ncredential_process = cat {}\n",
        home.path().join("given").display()
    );
    std::fs::write(&config, process).unwrap();
    let variables = [
        ("AWS_CONFIG_FILE", config.to_str().unwrap()),
        ("BEDROCK_REPLAY_SIGN", "always"),
        ("PATH", "/usr/bin:/bin"),
    ];
    let text = doctor(
        &["--endpoint-url", "http://127.0.0.1:1", "--model", NOVA],
        &variables,
    );
    insta::assert_snapshot!(text);
}
