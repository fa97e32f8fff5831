//! `bedrock-replay.toml`, the variables over it, the flags over both.

use std::fs;
use std::path::Path;

use super::bare::bare;
use super::bench_stand_in::project;
use super::lab::Lab;

/// The program in a folder, with a configuration file there.
fn program(
    folder: &Path,
    file: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (String, i32) {
    fs::write(folder.join("bedrock-replay.toml"), file).unwrap();
    run(folder, arguments, variables)
}

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (String, i32) {
    let output = bare()
        .args(arguments)
        .current_dir(folder)
        .env("AWS_CONFIG_FILE", folder.join("aws"))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (text, output.status.code().unwrap())
}

const FILE: &str = "\
# where this team keeps its benchmark
plan = \"bench/seed.toml\"
region = [\"us-west-2\", \"us-east-1\"]
max_cost = 1.50
concurrency = 4
backoff = [0.5, 1, 30]
";

#[test]
fn each_value_says_where_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let shown = program(
        folder.path(),
        FILE,
        &["config", "show", "--", "--concurrency", "2"],
        &[
            ("BEDROCK_REPLAY_MAX_COST", "9.00"),
            ("BEDROCK_REPLAY_MODE", "replay"),
        ],
    );
    insta::assert_snapshot!("config_show", shown.0);
}

#[test]
fn a_file_above_is_found_and_its_paths_are_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let plan = project("scenarios/seed.toml");
    let cassette = project("cassettes/weekly.sqlite");
    let file = format!(
        "plan = {:?}\ncassette = {:?}\n",
        plan.to_str().unwrap(),
        cassette.to_str().unwrap()
    );
    fs::write(folder.path().join("bedrock-replay.toml"), file).unwrap();
    let (text, code) = run(&below, &["plan"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("6 scenarios × 2 models"), "{text}");
    assert!(text.contains("weekly.sqlite (306 exchanges"), "{text}");
    let (text, _) = run(&below, &["plan", "--cassette", "none.sqlite"], &[]);
    assert!(
        text.contains("none.sqlite (not there yet)"),
        "a flag wins: {text}"
    );
    let variable = [("BEDROCK_REPLAY_CASSETTE", "other.sqlite")];
    let (text, _) = run(&below, &["plan"], &variable);
    assert!(
        text.contains("other.sqlite (not there yet)"),
        "a variable wins: {text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn how_often_and_how_patiently_is_tried_again_stands_in_the_file() {
    let lab = Lab::new("throttle=9").await;
    let url = lab.url();
    let asked = tokio::task::spawn_blocking(move || tries_of_the_file(&url));
    asked.await.unwrap();
}

fn tries_of_the_file(url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "plan = {:?}\nendpoint_url = {url:?}\ntries = 3\nbackoff = [0, 0]\n",
        project("scenarios/weekly.toml").to_str().unwrap()
    );
    let some = [
        "--model",
        "claude-3-5-haiku",
        "--scenario",
        "APO-PHY-HEAT-TEMP-01",
    ];
    let run = [&["run", "--mode", "passthrough", "--log"], &some[..]].concat();
    let (text, _) = program(folder.path(), &file, &run, &[]);
    let failed = text.matches("[ERROR] Bedrock failed: ").count();
    assert!(failed > 0, "{text}");
    assert_eq!(text.matches("retrying in 0s").count(), 2 * failed, "{text}");
    // A flag and a variable win over it.
    let once = [&run[..], &["--tries", "1"]].concat();
    let (text, _) = program(folder.path(), &file, &once, &[]);
    assert!(text.contains("type=ThrottlingException"), "{text}");
    assert!(!text.contains("retrying"), "{text}");
    let variable = [("BEDROCK_REPLAY_BACKOFF", "never")];
    let (text, code) = program(folder.path(), &file, &run, &variable);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("`never`"), "{text}");
}

#[test]
fn log_and_metrics_stand_in_the_file_and_in_variables() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, cassette) = (
        project("scenarios/weekly.toml"),
        project("cassettes/weekly.sqlite"),
    );
    let file = format!(
        "plan = {plan:?}\ncassette = {cassette:?}\nmetrics = \"of/run.jsonl\"\nlog = [\"bedrock_replay=info\"]\n"
    );
    fs::create_dir(folder.path().join("of")).unwrap();
    let one = ["run", "--quiet", "--scenario", "EL-CIV-FREE-HARM-01"];
    let (text, code) = program(folder.path(), &file, &one, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Invoking Bedrock"), "{text}");
    let lines = fs::read_to_string(folder.path().join("of/run.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 30, "a line for each call");
    let (text, code) = run(folder.path(), &one, &[("BEDROCK_REPLAY_LOG", "loud")]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("BEDROCK_REPLAY_LOG"), "{text}");
}

#[test]
fn metrics_of_the_file_may_go_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let (plan, cassette) = (
        project("scenarios/weekly.toml"),
        project("cassettes/weekly.sqlite"),
    );
    let file = format!("plan = {plan:?}\ncassette = {cassette:?}\nmetrics = \"-\"\n");
    fs::create_dir(folder.path().join("below")).unwrap();
    fs::write(folder.path().join("bedrock-replay.toml"), file).unwrap();
    let one = ["run", "--quiet", "--scenario", "EL-CIV-FREE-HARM-01"];
    let (text, code) = run(&folder.path().join("below"), &one, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("\"Replayed\":true"), "{text}");
    assert!(!folder.path().join("-").exists());
}

#[test]
fn what_is_known_of_credentials_by_variables_is_shown_and_half_of_it_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let role = ("BEDROCK_ASSUME_ROLE_ARN", "arn:aws:iam::1:role/x");
    let show = ["config", "show"];
    let (text, code) = run(folder.path(), &show, &[("AWS_PROFILE", "bench"), role]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("bench                        variable AWS_PROFILE"),
        "{text}"
    );
    assert!(text.contains("variable BEDROCK_ASSUME_ROLE_ARN"), "{text}");
    let alone = [("BEDROCK_ASSUME_ROLE_EXTERNAL_ID", "team-7")];
    let (text, _) = run(folder.path(), &["doctor", "--offline"], &alone);
    let warning = "BEDROCK_ASSUME_ROLE_EXTERNAL_ID is set, and BEDROCK_ASSUME_ROLE_ARN is not";
    assert!(text.contains(warning), "{text}");
}

#[test]
fn mistakes_are_named_with_path_line_column_and_expectation() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        "plan = \"a.toml\"\ncasette = \"x.sqlite\"\n",
        "mode = \"record\"\n",
        "concurrency = 0\n",
        "tries = \"many\"\n",
        "tries = true\n",
        "endpoint_url = \"localhost\"\n",
        "quotas = \"sometimes\"\n",
        "max_cost = -1\n",
        "region = 5\n",
        "region = []\n",
        "# here\nregion = [\"us-east-1\", \"nonsense\"]\n",
        "backoff = [2, \"soon\"]\n",
        "plan = \n",
        "[plan]\n",
    ];
    let told = cases.map(|file| {
        let (text, code) = program(folder.path(), file, &["run"], &[]);
        assert_eq!(code, 2, "{text}");
        format!("{file}{text}")
    });
    insta::assert_snapshot!("mistakes_in_a_configuration", told.join("\n"));
    let named = [("BEDROCK_REPLAY_CONFIG", "no/such.toml")];
    let (text, code) = run(folder.path(), &["run"], &named);
    assert_eq!(code, 2);
    assert!(
        text.contains("no configuration at `no/such.toml`"),
        "{text}"
    );
    let (_, code) = run(folder.path(), &["--help"], &named);
    assert_eq!(code, 0, "help is given whatever the file says");
}

#[test]
fn a_mode_in_the_file_lets_nothing_out_under_ci() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project("scenarios/seed.toml");
    let file = format!(
        "mode = \"record-all\"\nplan = {:?}\ncassette = \"none.sqlite\"\n",
        plan.to_str().unwrap()
    );
    let run = ["run", "--endpoint-url", "http://127.0.0.1:9"];
    let (text, code) = program(folder.path(), &file, &run, &[("CI", "true")]);
    assert_ne!(code, 0);
    assert!(text.contains("held back because CI=true"), "{text}");
}

#[test]
fn a_mode_that_ci_holds_back_is_shown_as_the_replay_that_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = "mode = \"record-missing\"\n";
    let show = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&["config", "show"], arguments].concat();
        let (text, code) = program(folder.path(), file, &arguments, variables);
        assert_eq!(code, 0, "{text}");
        text
    };
    let ci = ("CI", "true");
    let text = show(&[], &[ci]);
    let told = "replay (record-missing held back: CI=true)  bedrock-replay.toml:1:8";
    assert!(text.contains(told), "{text}");
    let text = show(&["--", "--mode", "record-all"], &[ci]);
    let told = "replay (record-all held back: CI=true)  flag --mode";
    assert!(text.contains(told), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&show(&["--format", "json"], &[ci])).unwrap();
    let settings = json["settings"].as_array().unwrap();
    let mode = settings.iter().find(|own| own["key"] == "mode").unwrap();
    assert_eq!(mode["value"], "replay");
    assert_eq!(mode["held_back"]["mode"], "record-missing");
    assert_eq!(mode["held_back"]["by"], "CI=true");
    for variables in [&[][..], &[ci, ("BEDROCK_REPLAY_MODE", "record-missing")]] {
        let text = show(&[], variables);
        assert!(text.contains("record-missing"), "{text}");
        assert!(!text.contains("held back"), "{text}");
    }
}

#[test]
fn what_other_tools_of_aws_read_is_shown_where_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let show = |file: &str, variables: &[(&str, &str)]| {
        let (text, code) = program(folder.path(), file, &["config", "show"], variables);
        assert_eq!(code, 0, "{text}");
        text
    };
    let shown = |text: &str, words: [&str; 3]| {
        let row: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let wanted: Vec<&str> = words.iter().flat_map(|word| word.split(' ')).collect();
        assert!(row.contains(&wanted), "{words:?}\n{text}");
    };
    let others = [
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("BEDROCK_MODEL_IDS", r#"["acme.big-v1:0"]"#),
    ];
    let text = show("region = \"us-west-2\"\n", &others);
    shown(
        &text,
        ["region", "eu-west-1", "variable AWS_DEFAULT_REGION"],
    );
    shown(
        &text,
        [
            "endpoint_url",
            "http://127.0.0.1:9",
            "variable AWS_ENDPOINT_URL",
        ],
    );
    shown(
        &text,
        [
            "model_ids",
            r#"["acme.big-v1:0"]"#,
            "variable BEDROCK_MODEL_IDS",
        ],
    );
    fs::write(
        folder.path().join("aws"),
        "[default]\nregion = ap-south-1\n",
    )
    .unwrap();
    shown(&show("", &[]), ["region", "ap-south-1", "the AWS profile"]);
}

#[test]
fn a_value_that_cannot_be_used_is_told_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = [
        ("BEDROCK_REPLAY_TRIES", "x"),
        ("BEDROCK_MODEL_IDS", "acme"),
        ("AWS_REGION", "nonsense"),
    ];
    let (text, code) = run(
        folder.path(),
        &["config", "show", "--", "--quotas", "never"],
        &wrong,
    );
    assert_eq!(code, 2, "{text}");
    for told in [
        "`tries` (variable BEDROCK_REPLAY_TRIES): expected a whole number from 1, found `x`",
        "`model_ids` (variable BEDROCK_MODEL_IDS): BEDROCK_MODEL_IDS: expected a JSON list",
        "`region` (variable AWS_REGION): expected a region such as `us-east-1`, found `nonsense`",
        "`quotas` (flag --quotas): expected `auto`, `on` or `off`, found `never`",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let (text, code) = run(folder.path(), &["run"], &wrong[..1]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("the variable BEDROCK_REPLAY_TRIES: expected a whole number from 1"),
        "{text}"
    );
}

#[test]
fn a_bad_variable_stops_only_the_commands_that_take_it() {
    let folder = tempfile::tempdir().unwrap();
    let bad = [("BEDROCK_REPLAY_TRIES", "x")];
    let cassette = project("cassettes/weekly.sqlite");
    let verify = ["cassette", "verify", cassette.to_str().unwrap()];
    for arguments in [&verify[..], &["models", "list"], &["prices", "list"]] {
        let (text, code) = run(folder.path(), arguments, &bad);
        assert_eq!(code, 0, "{arguments:?}: {text}");
    }
    for arguments in [&["judge", "record"][..], &["run"]] {
        let (text, code) = run(folder.path(), arguments, &bad);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains("BEDROCK_REPLAY_TRIES"), "{text}");
    }
    let (text, code) = run(folder.path(), &["doctor", "--offline"], &bad);
    assert_eq!(code, 1, "{text}");
    let line = "the variable BEDROCK_REPLAY_TRIES: expected a whole number from 1, found `x`";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("failure  variable"), "{text}");
}

#[test]
fn nothing_that_looks_like_a_setting_is_passed_over_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let slip = [("BEDROCK_REPLAY_TRYS", "3")];
    let (text, code) = run(folder.path(), &["config", "show"], &slip);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("did you mean BEDROCK_REPLAY_TRIES?"),
        "{text}"
    );
    fs::create_dir(folder.path().join("bedrock-replay.toml")).unwrap();
    let (text, code) = run(folder.path(), &["run"], &[]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("cannot read the configuration `bedrock-replay.toml`"),
        "{text}"
    );
    assert!(text.contains("expected a file, found a folder"), "{text}");
}

#[test]
fn commands_below_others_take_the_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project("scenarios/weekly.toml");
    let file = format!("plan = {:?}\n", plan.to_str().unwrap());
    let (text, _) = program(folder.path(), &file, &["models", "check"], &[]);
    assert!(text.contains("meta.llama3-1-70b-instruct-v1:0"), "{text}");
    let (text, _) = program(folder.path(), &file, &["stored", "show", "."], &[]);
    assert!(!text.contains("no plan at"), "{text}");
    let (text, code) = program(folder.path(), &file, &["judge", "list"], &[]);
    assert_eq!(code, 0, "{text}");
    let cassette = project("cassettes/weekly.sqlite");
    let both = format!("{file}cassette = {:?}\n", cassette.to_str().unwrap());
    let (text, code) = program(folder.path(), &both, &["judge", "unused"], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("weekly.sqlite"), "{text}");
    let bad = [("BEDROCK_MODEL_IDS", "acme")];
    let (text, code) = program(folder.path(), &file, &["models", "check"], &bad);
    assert_eq!(code, 2, "{text}");
    let (text, code) = program(folder.path(), &file, &["models", "check", ""], &[]);
    assert_eq!(code, 2, "{text}");
}

#[test]
fn a_password_in_an_endpoints_url_is_printed_nowhere() {
    const URL: &str = "http://me:hunter2@127.0.0.1:9";
    let folder = tempfile::tempdir().unwrap();
    let plan = project("scenarios/weekly.toml");
    let plan = plan.to_str().unwrap();
    let turn = r#"{"scenario_id": "a", "student": "I am free.", "ai": "What is free?"}"#;
    fs::write(folder.path().join("turn_000.json"), turn).unwrap();
    let url = ["--endpoint-url", URL, "--plan", plan];
    let variable = [("AWS_ENDPOINT_URL", URL)];
    let (told, _) = run(folder.path(), &["config", "show"], &variable);
    assert!(told.contains("***@127.0.0.1:9"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    for arguments in [
        &["config", "show", "--", "--endpoint-url", URL][..],
        &[
            "config",
            "show",
            "--format",
            "json",
            "--",
            "--endpoint-url",
            URL,
        ],
        &[&["run", "--dry-run", "--format", "json"], &url[..]].concat(),
        &[&["stored", "judge", "."], &url[..]].concat(),
    ] {
        let (told, _) = run(folder.path(), arguments, &[]);
        assert!(told.contains("***@127.0.0.1:9"), "{arguments:?}: {told}");
        assert!(!told.contains("hunter2"), "{arguments:?}: {told}");
    }
}

#[test]
fn a_plan_or_a_price_table_that_cannot_be_read_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let show = |file: &str| program(folder.path(), file, &["config", "show"], &[]);
    let (text, code) = show("plan = \"no.toml\"\n");
    assert_eq!(code, 1, "{text}");
    let told = "`plan` (bedrock-replay.toml:1:8): no plan at `no.toml`";
    assert!(text.contains(told), "{text}");

    fs::write(folder.path().join("own.toml"), "turns = 2\nturnz = 3\n").unwrap();
    fs::write(folder.path().join("prices.toml"), "[[prices]]\nmodel = 1\n").unwrap();
    let (text, code) = show("plan = \"own.toml\"\n");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the plan `own.toml:2:1`"), "{text}");
    let told = "`prices` (default): cannot use the price table `prices.toml:2:9`";
    assert!(text.contains(told), "{text}");

    let (text, code) = show("plan = \"own.toml\"\nprices = \"no/prices.toml\"\n");
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("no price table at `no/prices.toml`"),
        "{text}"
    );
    let as_json = ["config", "show", "--format", "json"];
    let (text, _) = program(folder.path(), "plan = \"no.toml\"\n", &as_json, &[]);
    assert!(
        text.contains("\"problem\": \"no plan at `no.toml`"),
        "{text}"
    );
}

#[test]
fn a_date_a_filter_and_an_id_that_are_none_are_refused_with_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let date = "expected a date as YYYY-MM-DD, such as 2025-11-01, found `foo`";
    for arguments in [
        &["cost", "--on", "foo"][..],
        &["plan", "--on", "foo"],
        &["doctor", "--on", "foo"],
        &["models", "list", "--on", "foo"],
        &["models", "check", "--on", "foo"],
        &["judge", "pin", "--on", "foo"],
        &["prices", "import", "--litellm", "a.json", "--from", "foo"],
    ] {
        let (text, code) = run(folder.path(), arguments, &[]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(date), "{arguments:?}: {text}");
    }
    let (text, code) = run(folder.path(), &["run", "--log", "nonsense"], &[]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("`target=level,…`, found `nonsense`"),
        "{text}"
    );
    for id in ["foo", "", "a b.c", ".x"] {
        let (text, code) = run(folder.path(), &["iam-policy", id], &[]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("expected a model id such as"), "{text}");
    }
}
