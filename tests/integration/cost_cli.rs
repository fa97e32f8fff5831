//! `cost` and `prices`: before a run, after it, and by the document's own method.

use std::fs;

use serde_json::Value;

use super::lab::Lab;
use super::models_cli::program;

const CASSETTE: &str = "cassettes/weekly.sqlite";

fn json(arguments: &[&str]) -> Value {
    let (text, code) = program(&[arguments, &["--format", "json"]].concat(), &[]);
    assert_eq!(code, 0, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn dollars(amount: &Value) -> f64 {
    amount.as_str().unwrap().parse().unwrap()
}

#[test]
fn the_documents_figure_is_reproduced_beside_the_full_one() {
    let seed = [
        "cost",
        "--plan",
        "scenarios/seed.toml",
        "--cassette",
        CASSETTE,
    ];
    let (text, code) = program(&[&seed[..], &["--method", "seed"]].concat(), &[]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "dialogue  12 runs × 5 turns × 200 tokens = 12,000 tokens → $0.18",
        "judge     60 judgments × 500 tokens = 30,000 tokens → $0.45",
        "$0.18 + $0.45 = $0.63",
        "full figure    $",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let costs = json(&seed);
    assert_eq!(costs["seed_method"]["dialogue"], "0.18");
    assert_eq!(costs["seed_method"]["judge"], "0.45");
    assert_eq!(costs["seed_total"], "0.63");
    let alone = json(&[&seed[..], &["--method", "seed"]].concat());
    assert_eq!(alone["method"], "seed");
    assert_eq!(alone["seed_total"], "0.63");
    assert_eq!(alone["full_total"], costs["total"]);
    assert!(
        alone.get("rows").is_none(),
        "the method that was asked for: {alone}"
    );
    assert_eq!(
        costs["to_record"]["calls"], 0,
        "its requests are part of the weekly plan's"
    );
}

#[test]
fn a_run_costs_what_its_answers_say_they_used() {
    let costs = json(&["cost"]);
    let run = json(&["run", "--quiet"]);
    let price = |model: &str| match model {
        "claude-3-5-haiku" => (0.80, 4.00),
        "claude-3-5-sonnet" => (3.00, 15.00),
        "llama-3-1-70b" => (0.99, 0.99),
        other => panic!("{other}"),
    };
    let cost = |tokens: &Value, (input, output): (f64, f64)| {
        let count = |name: &str| tokens[name].as_f64().unwrap();
        (count("input") * input + count("output") * output) / 1e6
    };
    for model in run["models"].as_array().unwrap() {
        let name = model["model"].as_str().unwrap();
        let rows = costs["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        for (role, tokens, price) in [
            ("tutor", "tutor_tokens", price(name)),
            ("student", "student_tokens", price("claude-3-5-haiku")),
            ("judge", "judge_tokens", price("claude-3-5-sonnet")),
        ] {
            let expected = cost(&model[tokens], price);
            let found = dollars(&row[role]["amount"]);
            assert!(
                (found - expected).abs() < 1e-9,
                "{name} {role}: {found} {expected}"
            );
        }
    }
}

#[test]
fn what_is_recorded_and_what_is_not_add_up_to_the_whole() {
    let whole = json(&["cost", "--cassette", "no/such.sqlite"]);
    assert_eq!(whole["recorded"]["calls"], 0);
    assert_eq!(
        whole["estimate"]["by_recorded"], 0,
        "nothing is recorded that could tell"
    );
    assert_eq!(whole["estimate"]["by_length"], whole["to_record"]["calls"]);
    let recorded = json(&["cost"]);
    assert_eq!(recorded["to_record"]["calls"], 0);
    assert_eq!(recorded["recorded"]["calls"], whole["to_record"]["calls"]);
    let (guess, truth) = (
        dollars(&whole["total"]["amount"]),
        dollars(&recorded["total"]["amount"]),
    );
    assert!(
        guess > truth,
        "answers of max_tokens are the most there can be"
    );
}

#[test]
fn an_unknown_price_is_not_available_and_never_a_default() {
    let ids = r#"["meta.llama3-1-8b-instruct-v1:0"]"#;
    let (text, code) = program(
        &["cost", "--cassette", "no/such.sqlite"],
        &[("BEDROCK_MODEL_IDS", ids)],
    );
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("no price for meta.llama3-1-8b-instruct-v1:0"),
        "{text}"
    );
    assert!(text.contains('≥'), "the judge has one: {text}");
    let elsewhere = json(&[
        "cost",
        "--cassette",
        "no/such.sqlite",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(elsewhere["total"]["priced"], 0);
}

#[test]
fn dialogues_add_up_to_the_models() {
    let sum = |by: &str| -> f64 {
        let costs = json(&["cost", "--by", by]);
        let rows = costs["rows"].as_array().unwrap();
        rows.iter()
            .map(|row| dollars(&row["total"]["amount"]))
            .sum()
    };
    assert!((sum("model") - sum("dialogue")).abs() < 1e-9);
    let (text, _) = program(&["cost"], &[]);
    assert!(
        text.lines()
            .filter(|line| !line.starts_with("note"))
            .all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn litellms_table_becomes_a_price_table_that_prices() {
    let folder = tempfile::tempdir().unwrap();
    let (table, prices) = (
        folder.path().join("litellm.json"),
        folder.path().join("prices.toml"),
    );
    fs::write(
        &table,
        r#"{ "meta.llama3-1-8b-instruct-v1:0": { "litellm_provider": "bedrock_converse", "mode": "chat",
             "input_cost_per_token": 2.2e-07, "output_cost_per_token": 2.2e-07 },
             "acme.odd-v1:0": { "litellm_provider": "bedrock", "input_cost_per_token": -1, "output_cost_per_token": 1e-06 },
             "acme.image-v1:0": { "litellm_provider": "bedrock", "output_cost_per_image": 0.018 },
             "gpt-4o": { "litellm_provider": "openai", "input_cost_per_token": 2.5e-06 } }"#,
    )
    .unwrap();
    let (table, prices) = (table.to_str().unwrap(), prices.to_str().unwrap());
    let import = [
        "prices",
        "import",
        "--litellm",
        table,
        "--from",
        "2026-01-01",
        "--output",
        prices,
    ];
    let (text, code) = program(&import, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("wrote 1 price to "), "{text}");
    let left_out = text.split_once("rows that became no price").unwrap().1;
    for line in [
        "     1  not on Bedrock\n",
        "     1  malformed: acme.odd-v1:0 (expected a price that is not negative, found `-1`)\n",
        "     1  not priced per token read and written (images, video, queries): acme.image-v1:0\n",
    ] {
        assert!(left_out.contains(line), "{line}{text}");
    }
    let verbose = [&import[..], &["--verbose", "--force"]].concat();
    let (text, _) = program(&verbose, &[]);
    assert!(text.contains("     1  not on Bedrock: gpt-4o\n"), "{text}");
    let (text, code) = program(&import, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("is there already (--force writes over it)"),
        "{text}"
    );
    let (text, _) = program(&["prices", "list", "llama3-1-8b", "--prices", prices], &[]);
    assert!(
        text.contains("any region  2026-01-01   0.22    0.22  litellm, imported"),
        "{text}"
    );
    let ids = r#"["meta.llama3-1-8b-instruct-v1:0"]"#;
    let cost = ["cost", "--cassette", "no/such.sqlite", "--prices", prices];
    let (text, _) = program(&cost, &[("BEDROCK_MODEL_IDS", ids)]);
    assert!(!text.contains("no price"), "{text}");
}

#[test]
fn mistakes_in_a_price_table_are_named_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.toml");
    let row = "[[prices]]\nmodel = \"a.b\"\nfrom = 2025-01-01\nsource = \"me\"\n";
    let cases = ["inptu = 1.0\n", "input = -1.0\n", "input = \"cheap\"\n"];
    let told = cases.map(|line| {
        fs::write(&path, format!("{row}{line}")).unwrap();
        let (text, code) = program(&["prices", "list", "--prices", path.to_str().unwrap()], &[]);
        assert_eq!(code, 1);
        text.replace(path.to_str().unwrap(), "prices.toml")
    });
    insta::assert_snapshot!("mistakes_in_a_price_table", told.join("\n"));
}

#[test]
fn a_run_over_its_limit_sends_nothing_and_makes_no_cassette() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("new.sqlite");
    let run = [
        "run",
        "--mode",
        "record-missing",
        // Nobody listens there: a call that was sent would fail otherwise.
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--cassette",
        cassette.to_str().unwrap(),
        "--max-cost",
        "0.10",
    ];
    let (text, code) = program(&run, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("nothing was sent: this run would cost about $"),
        "{text}"
    );
    assert!(
        text.contains("for 306 calls, more than --max-cost $0.10"),
        "{text}"
    );
    assert!(!cassette.exists());
    let (text, code) = program(&["run", "--quiet", "--max-cost", "0"], &[]);
    assert_eq!(code, 0, "a replay spends nothing: {text}");
}

#[test]
fn a_dry_run_is_a_plan() {
    let model = ["--model", "llama-3-1-70b"];
    let (dry, code) = program(&[&["run", "--dry-run"], &model[..]].concat(), &[]);
    assert_eq!(code, 0, "{dry}");
    assert_eq!(dry, program(&[&["plan"], &model[..]].concat(), &[]).0);
}

#[test]
fn a_replay_tells_what_it_saved_by_model_as_cost_does() {
    let costs = json(&["cost"]);
    let (text, code) = program(&["run"], &[]);
    assert_eq!(code, 0, "{text}");
    let (_, told) = text.split_once("cost of this run").unwrap();
    for row in costs["rows"].as_array().unwrap() {
        let (name, total) = (
            row["name"].as_str().unwrap(),
            dollars(&row["total"]["amount"]),
        );
        let line = told.lines().find(|line| line.starts_with(name)).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, paid, saved] = words[..] else {
            panic!("{line}");
        };
        assert_eq!(paid, "-", "a replay pays nothing");
        let saved: f64 = saved.trim_start_matches('$').parse().unwrap();
        assert!((saved - total).abs() < 0.000_1, "{line} {total}");
    }
    assert!(told.contains("note: saved is what the replayed calls cost as recorded on 20"));
    assert!(told.contains("note: simulated: nothing was paid for what the simulator answered"));
}

const ONE: &[&str] = &["--scenario", "APO-PHY-HEAT-TEMP-01"];
const TWO: &[&str] = &[
    "--scenario",
    "APO-PHY-HEAT-TEMP-01",
    "--scenario",
    "APO-STA-COIN-DUE-01",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_tells_what_it_paid_and_what_it_had_already() {
    let lab = Lab::new("").await;
    let (path, url) = (lab.path().display().to_string(), lab.url());
    let run = async |more: &'static [&'static str]| {
        let (path, url) = (path.clone(), url.clone());
        let work = move || {
            let mut words = vec!["run", "--cassette", &path, "--endpoint-url", &url];
            words.extend(["--model", "claude-3-5-haiku", "--mode", "record-missing"]);
            words.extend(more);
            program(&words, &[])
        };
        let (text, code) = tokio::task::spawn_blocking(work).await.unwrap();
        assert_eq!(code, 0, "{text}");
        let (_, told) = text.split_once("cost of this run").unwrap();
        let line = told
            .lines()
            .find(|line| line.starts_with("claude-3-5-haiku"));
        let words: Vec<String> = line
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        (words[1].clone(), words[2].clone())
    };
    let (first, nothing) = run(ONE).await;
    assert_eq!(nothing, "-");
    let (second, saved) = run(TWO).await;
    assert_eq!(saved, first, "what was there was not paid again");
    assert!(second.starts_with('$'), "{second}");
    assert_eq!(run(TWO).await.0, "-");
}

#[test]
fn a_plan_obeys_the_manner_of_the_run() {
    let plan = |flags: &[&str]| json(&[&["plan"], flags].concat());
    assert_eq!(plan(&[])["survey"]["to_record"], 0);
    // Streams are other calls than those that were recorded.
    let streamed = plan(&["--stream"]);
    assert_ne!(streamed["survey"]["to_record"], 0);
    let command = streamed["command"].as_str().unwrap();
    assert!(command.ends_with(" --stream"), "{command}");
    let (dry, _) = program(&["run", "--dry-run", "--stream", "--format", "json"], &[]);
    let dry: Value = serde_json::from_str(&dry).unwrap();
    assert_eq!(dry, streamed);
    let (dry, _) = program(&["run", "--dry-run", "--prompt-cache"], &[]);
    let (cached, _) = program(&["plan", "--prompt-cache"], &[]);
    assert_eq!(dry, cached);
    assert!(cached.contains("--prompt-cache"), "{cached}");
    let short = "note: nothing is cached for anthropic.claude-3-5-haiku-20241022-v1:0";
    let none = "note: meta.llama3-1-70b-instruct-v1:0 has no prompt cache";
    for note in [short, none] {
        assert!(cached.contains(note), "{note}\n{cached}");
    }
    let (hour, _) = program(&["plan", "--prompt-cache", "1h"], &[]);
    assert!(hour.contains("--prompt-cache 1h"), "{hour}");
    let (wrong, code) = program(&["plan", "--prompt-cache", "2h"], &[]);
    assert_eq!(code, 2, "{wrong}");
    assert!(wrong.contains("expected `5m` or `1h`"), "{wrong}");
}

#[test]
fn the_region_of_the_environment_is_the_one_that_is_priced() {
    let no_price = "10 of 10 calls have no known price";
    let run = [
        "run",
        "--mode",
        "record-missing",
        "--cassette",
        "no/such.sqlite",
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--max-cost",
        "0.01",
        "--model",
        "claude-3-5-haiku",
        "--scenario",
        "EL-CIV-FREE-HARM-01",
    ];
    let (flag, _) = program(&[&run[..], &["--region", "eu-west-1"]].concat(), &[]);
    assert!(flag.contains(no_price), "{flag}");
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let region = [(variable, "eu-west-1")];
        let (text, code) = program(&run, &region);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(no_price), "{variable}: {text}");
        for command in ["cost", "plan"] {
            let told = [command, "--cassette", "no/such.sqlite", "--format", "json"];
            let (text, _) = program(&told, &region);
            let told: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(told["region"], "eu-west-1", "{command}");
        }
    }
    let (text, _) = program(
        &["cost", "--cassette", "no/such.sqlite"],
        &[("AWS_REGION", "eu-west-1")],
    );
    assert!(
        text.contains("n/a: no price for meta.llama3-1-70b-instruct-v1:0 in eu-west-1"),
        "{text}"
    );
    let (text, _) = program(
        &[
            "cost",
            "--cassette",
            "no/such.sqlite",
            "--region",
            "us-east-1",
        ],
        &[("AWS_REGION", "eu-west-1")],
    );
    assert!(!text.contains("no price"), "the flag wins: {text}");
}

#[test]
fn prices_of_ones_own_win_over_the_built_in_ones_where_those_are_regional() {
    let folder = tempfile::tempdir().unwrap();
    let prices = folder.path().join("prices.toml");
    let rows = |more: &str| {
        let model = |id: &str| {
            format!(
                "[[prices]]\nmodel = \"{id}\"\nfrom = 2020-01-01\ninput = 1000\noutput = 1000\nsource = \"mine\"\n{more}"
            )
        };
        let models = [
            "claude-3-5-haiku-20241022-v1:0",
            "claude-3-5-sonnet-20241022-v2:0",
        ];
        let all = models.map(|id| model(&format!("anthropic.{id}")));
        fs::write(&prices, all.concat()).unwrap();
    };
    rows("");
    let cost = [
        "cost",
        "--cassette",
        "no/such.sqlite",
        "--model",
        "claude-3-5-haiku",
        "--prices",
        prices.to_str().unwrap(),
    ];
    for region in ["us-east-1", "eu-west-1"] {
        let costs = json(&[&cost[..], &["--region", region]].concat());
        let usage = &costs["to_record"]["usage"];
        let tokens = usage["input"].as_f64().unwrap() + usage["output"].as_f64().unwrap();
        let total = dollars(&costs["total"]["amount"]);
        assert!(
            (total - tokens / 1000.0).abs() < 1e-6,
            "{region}: {total} {tokens}"
        );
    }
    let (text, _) = program(&[&cost[..], &["--batch"]].concat(), &[]);
    assert!(
        text.contains("n/a: no batch price for anthropic.claude-3-5-haiku-20241022-v1:0"),
        "{text}"
    );
    rows("batch_input = 500\nbatch_output = 500\n");
    let batch = json(&[&cost[..], &["--batch"]].concat());
    let whole = json(&cost);
    assert!(
        (2.0 * dollars(&batch["total"]["amount"]) - dollars(&whole["total"]["amount"])).abs()
            < 1e-6
    );
}

#[test]
fn a_dry_run_is_told_in_the_mode_of_the_run() {
    let dry = |mode| json(&["run", "--dry-run", "--mode", mode]);
    let replayed = json(&["cost"]);
    for mode in ["record-all", "passthrough"] {
        let plan = dry(mode);
        assert_eq!(plan["mode"], mode);
        assert_eq!(plan["survey"]["to_record"], 0);
        assert_eq!(plan["asked"]["calls"], plan["survey"]["calls"]);
        assert_eq!(
            plan["asked"]["cost"], replayed["total"],
            "the same day's prices hold"
        );
        let command = plan["command"].as_str().unwrap();
        assert!(command.contains(&format!("--mode {mode}")), "{command}");
        let (text, _) = program(&["run", "--dry-run", "--mode", mode], &[]);
        assert!(!text.contains("nothing to record"), "{text}");
    }
    assert_eq!(dry("record-missing")["asked"]["calls"], 0);
}

#[test]
fn a_limit_of_a_variable_is_called_by_its_name() {
    let run = [
        "run",
        "--mode",
        "record-missing",
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--cassette",
        "no/such.sqlite",
    ];
    let (text, code) = program(&run, &[("BEDROCK_REPLAY_MAX_COST", "0.10")]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("more than the $0.10 of variable BEDROCK_REPLAY_MAX_COST"),
        "{text}"
    );
    assert!(
        text.contains("--cassette no/such.sqlite --endpoint-url http://127.0.0.1:9"),
        "the command that says why is this one: {text}"
    );
}

#[test]
fn the_command_that_is_named_keeps_what_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let prices = folder.path().join("my prices.toml");
    fs::copy(
        super::bench_stand_in::project("scenarios/prices.toml"),
        &prices,
    )
    .unwrap();
    let quoted = format!("--prices '{}'", prices.display());
    let chosen = [
        "--cassette",
        "no/such.sqlite",
        "--model",
        "llama-3-1-70b",
        "--scenario",
        "EL-CIV-FREE-HARM-01",
        "--region",
        "us-east-1,us-west-2",
    ];
    let table = ["--prices", prices.to_str().unwrap()];
    let asked = [
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--tries",
        "2",
        "--max-cost",
        "9.5",
    ];
    let (plan, _) = program(&[&["plan"], &chosen[..], &table].concat(), &[]);
    let dry = [&["run", "--dry-run"], &chosen[..], &table, &asked].concat();
    let (dry, _) = program(&dry, &[]);
    for text in [&plan, &dry] {
        for word in [
            "--cassette no/such.sqlite",
            "--model llama-3-1-70b",
            "--scenario EL-CIV-FREE-HARM-01",
            "--region us-east-1,us-west-2",
            &quoted,
        ] {
            assert!(text.contains(word), "{word}\n{text}");
        }
    }
    for word in [
        "--endpoint-url http://127.0.0.1:9",
        "--tries 2",
        "--max-cost 9.5",
    ] {
        assert!(dry.contains(word), "{word}\n{dry}");
    }
    assert_eq!(dry.matches("--prices").count(), 1, "{dry}");
    let miss = [
        &["run", "--model", "llama-3-1-70b", "--stream"],
        &table[..],
        &asked,
    ]
    .concat();
    let (miss, code) = program(&miss, &[]);
    assert_eq!(code, 5, "{miss}");
    for word in [&quoted, "--tries 2", "--max-cost 9.5", "--stream"] {
        assert!(miss.contains(word), "{word}\n{miss}");
    }
}

/// The simulator's host names no region, as a VPC endpoint's does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_behind_an_endpoint_is_priced_where_it_was_asked() {
    let lab = Lab::new("").await;
    let (path, url) = (lab.path().display().to_string(), lab.url());
    let ask = |command: &'static str, more: &[&str], region: &'static str| {
        let mut words = vec![command.to_owned(), "--cassette".to_owned(), path.clone()];
        words.extend(["--model", "claude-3-5-haiku"].map(str::to_owned));
        words.extend(ONE.iter().chain(more).map(|word| (*word).to_owned()));
        tokio::task::spawn_blocking(move || {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            program(&words, &[("AWS_REGION", region)]).0
        })
    };
    let record = ["--mode", "record-missing", "--endpoint-url", &url];
    let told = ask("run", &record, "eu-west-1").await.unwrap();
    let told = told.split_once("cost of this run").unwrap().1;
    assert!(told.contains("n/a"), "eu-west-1 has no price: {told}");
    let cost = async |region| {
        let text = ask("cost", &["--format", "json"], region).await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["recorded"]["cost"].clone()
    };
    assert_eq!(cost("eu-west-1").await["priced"], 0);
    assert_eq!(cost("us-east-1").await["unpriced"], 0);
}
