//! `prices`, and which of several prices hold.

use std::fs;

use serde_json::Value;

use super::cost_cli::{dollars, json};
use super::models_cli::program;

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
