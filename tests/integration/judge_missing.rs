//! Judgments that are not recorded, told to people and to programs.

use std::collections::BTreeSet;
use std::fs;

use bedrock_replay::report::MISSING_SCHEMA;
use serde_json::Value;

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};
use super::lab::{Lab, stored};

const PROMPT: &str = "scenarios/judges/socratic/system.md";
const LOWER: &str = "When two levels seem to fit";

async fn edited() -> Project {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    project.edit(PROMPT, LOWER, "Be strict. When two levels seem to fit");
    project
}

/// A document that keeps the shipped schema.
#[track_caller]
fn checked(text: &str) -> Value {
    let schema: Value = serde_json::from_str(MISSING_SCHEMA).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("missing.json", schema).unwrap();
    let index = compiler.compile("missing.json", &mut schemas).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    if let Err(error) = schemas.validate(&value, index) {
        panic!("{error:#}\n{text}");
    }
    value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_names_every_missing_call_by_the_key_under_which_it_will_be_recorded() {
    let project = edited().await;
    let some = ["--judgments", "new.sqlite", SOME[0], SOME[1]];
    let json = [&["plan", "--format", "json"][..], &some].concat();
    let planned = project.judge(&json).await;
    assert_code(&planned, 0);
    let value = checked(&out(&planned));
    assert_eq!(value["verdict"], "MISSING");
    let missing = value["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 45);
    let first = &missing[0];
    assert_eq!(first["scenario"], "EL-CIV-FREE-HARM-01");
    assert_eq!(first["turn"], 1);
    assert_eq!(
        first["scope"],
        "EL-CIV-FREE-HARM-01/llama-3-1-70b/0/judge/turn-1"
    );
    assert!(first["cost_usd"].is_string(), "{first}");

    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&["record", "--endpoint-url", &url][..], &some].concat();
    assert_code(&project.judge(&record).await, 0);
    simulator.stop().await;
    let named: BTreeSet<(String, String)> = missing
        .iter()
        .map(|call| {
            let text = |name: &str| call[name].as_str().unwrap().to_owned();
            (text("key"), text("scope"))
        })
        .collect();
    let recorded: BTreeSet<(String, String)> = stored(&project.path("new.sqlite"))
        .into_iter()
        .map(|own| (own.slot.key.to_string(), own.slot.scope))
        .collect();
    assert_eq!(named, recorded);
    let value = checked(&out(&project.judge(&json).await));
    assert_eq!(value["verdict"], "RECORDED");
    assert_eq!(value["missing"].as_array().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_of_a_pairwise_judge_names_both_orders_of_every_contest() {
    let project = Project::new();
    let plan = [
        "plan",
        "--baseline",
        "pairwise",
        "--candidate",
        "pairwise",
        "--format",
        "json",
    ];
    let planned = project.judge(&[&plan[..], &SOME].concat()).await;
    assert_code(&planned, 0);
    let value = checked(&out(&planned));
    let missing = value["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 90);
    assert!(missing.iter().all(|call| call["side"] == "judge"));
    let keys: BTreeSet<&str> = missing
        .iter()
        .filter_map(|own| own["key"].as_str())
        .collect();
    assert_eq!(keys.len(), 90);
    assert_eq!(missing[0]["against"], "llama-3-1-70b");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_of_a_judge_on_both_sides_is_listed_and_priced_once() {
    let project = Project::new();
    let judges = |name: &'static str| ["--baseline", name, "--candidate", name];
    let ask = async |command: &str, more: &[&str]| {
        let json = [command, "--format", "json"];
        let told = project.judge(&[&json[..], more].concat()).await;
        let value = checked(&out(&told));
        let sides = value["sides"].as_array().unwrap();
        let names: Vec<String> = sides.iter().map(|own| own["side"].to_string()).collect();
        (names.join(" "), value)
    };
    for name in ["scenarios/judges/demo/strict", "pairwise"] {
        let some = [&judges(name)[..], &SOME].concat();
        for command in ["plan", "regress"] {
            let (sides, value) = ask(command, &some).await;
            assert_eq!(sides, "\"judge\"", "{value}");
            let missing = value["missing"].as_array().unwrap().len() as u64;
            assert_eq!(value["sides"][0]["calls"], missing);
            assert_eq!(value["cost"], value["sides"][0]["cost"]);
        }
    }
    // Two recordings of one judge are two.
    let apart = ["--judgments", "new.sqlite", SOME[0], SOME[1]];
    let apart = [&judges("scenarios/judges/demo/strict")[..], &apart].concat();
    let (sides, _) = ask("plan", &apart).await;
    assert_eq!(sides, "\"baseline\" \"candidate\"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_is_listed_where_that_is_asked_for() {
    let project = edited().await;
    let planned = out(&project.judge(&["plan", "--all", SOME[0], SOME[1]]).await);
    assert_eq!(planned.matches(" · turn ").count(), 45, "{planned}");
    assert!(!planned.contains("more"), "{planned}");
    let missed = error(&project.judge(&["regress", SOME[0], SOME[1]]).await);
    let all = "all       bedrock-replay judge plan --model llama-3-1-70b --all";
    assert!(missed.contains(all), "{missed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_without_judgments_says_so_in_the_form_that_is_asked_for() {
    let project = edited().await;
    fs::create_dir(project.path("results")).unwrap();
    for page in ["results/comparison.html", "page.html"] {
        fs::write(project.path(page), "an older one").unwrap();
    }
    let form = |form: &'static str| {
        let project = &project;
        async move {
            let place = ["--out", "results", "--html", "page.html"];
            let compare = [&["regress", "--format", form][..], &place].concat();
            let missed = project
                .judge(&[&compare[..], &[SOME[0], SOME[1]]].concat())
                .await;
            assert_code(&missed, 5);
            assert!(error(&missed).contains("judgments are not recorded"));
            out(&missed)
        }
    };
    let value = checked(&form("json").await);
    assert_eq!(value["missing"].as_array().unwrap().len(), 45);
    assert_eq!(value["sides"][1]["missing"], 45);
    let told = [
        form("github").await,
        form("markdown").await,
        form("junit").await,
        form("text").await,
    ];
    insta::assert_snapshot!("judge_missing_forms", told.join("\n――――\n"));
    let read = |name: &str| fs::read_to_string(project.path("results").join(name)).unwrap();
    checked(&read("comparison.json"));
    assert_eq!(read("comparison.md"), told[1]);
    assert_eq!(read("comparison.xml"), told[2]);
    assert!(read("comparison.txt").starts_with("VERDICT     MISSING"));
    for page in ["results/comparison.html", "page.html"] {
        assert!(!project.path(page).exists(), "{page}");
    }

    fs::create_dir(project.path("page.html")).unwrap();
    let compare = ["regress", "--html", "page.html", SOME[0], SOME[1]];
    let stale = project.judge(&compare).await;
    assert_code(&stale, 2);
    let told = "cannot write `page.html`";
    assert!(error(&stale).contains(told), "{}", error(&stale));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_judgment_that_got_no_answer_is_missing_and_one_that_was_refused_is_not() {
    for (fault, missing, verdict) in [
        ("error=ThrottlingException", 45, "MISSING"),
        ("error=AccessDeniedException", 45, "MISSING"),
        ("error=ValidationException", 0, "RECORDED"),
    ] {
        let project = edited().await;
        let bad = Lab::new(fault).await;
        let url = bad.url();
        let some = ["--judgments", "new.sqlite", SOME[0], SOME[1]];
        let record = ["record", "--tries", "1", "--endpoint-url", &url];
        let recorded = project.judge(&[&record[..], &some].concat()).await;
        assert_code(&recorded, 1);
        let json = [&["plan", "--format", "json"][..], &some].concat();
        let value = checked(&out(&project.judge(&json).await));
        assert_eq!(value["verdict"], verdict, "{fault}");
        assert_eq!(
            value["missing"].as_array().unwrap().len(),
            missing,
            "{fault}"
        );

        let good = Lab::new("none").await;
        let url = good.url();
        let record = ["record", "--endpoint-url", &url];
        project.judge(&[&record[..], &some].concat()).await;
        assert_eq!(good.served(), missing as u64, "{fault}");
    }
}
