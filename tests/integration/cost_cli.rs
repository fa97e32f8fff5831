//! `cost`: before a run, after it, and by the document's own method.

use serde_json::Value;

use super::models_cli::program;

const CASSETTE: &str = "cassettes/weekly.sqlite";

pub fn json(arguments: &[&str]) -> Value {
    let (text, code) = program(&[arguments, &["--format", "json"]].concat(), &[]);
    assert_eq!(code, 0, "{text}");
    serde_json::from_str(&text).unwrap()
}

pub fn dollars(amount: &Value) -> f64 {
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
        "note: the seed's method is that of the document that this benchmark comes from",
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
fn what_the_cassette_holds_besides_is_told() {
    let note = "note: the cassette also holds 186 exchanges that this plan does not ask for";
    let seed = [
        "cost",
        "--plan",
        "scenarios/seed.toml",
        "--cassette",
        CASSETTE,
    ];
    let (text, _) = program(&seed, &[]);
    assert!(text.contains(note), "{text}");
    let (text, _) = program(&["cost"], &[]);
    assert!(!text.contains("also holds"), "{text}");
    let some = [&seed[..], &["--model", "llama-3-1-70b"]].concat();
    let (text, _) = program(&some, &[]);
    assert!(
        !text.contains("also holds"),
        "the rest is the plan's: {text}"
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
