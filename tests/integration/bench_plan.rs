//! Plans, scenarios and judges are files that a person edits: a mistake in them is named by
//! path, line and what was expected, before anything is asked.

use std::fs;
use std::path::Path;

use bedrock_replay::bench::Plan;
use bedrock_replay::registry::{Sampling, SystemPrompt};

use super::bench_stand_in::{copy, plan, project};

/// The shipped scenarios with one file edited.
fn error_after(file: &str, from: &str, to: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    copy(&project("scenarios"), folder.path());
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let error = Plan::load(&folder.path().join("weekly.toml")).unwrap_err();
    let base = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    error.to_string().replace(&base, "")
}

#[test]
fn mistakes_are_named_with_path_line_and_expectation() {
    let scenario = "elenchus/EL-CIV-FREE-HARM-01.toml";
    let cases = [
        ("weekly.toml", "turns = 5", "turnz = 5"),
        ("weekly.toml", "turns = 5", "turns = \"five\""),
        ("weekly.toml", "turns = 5", "turns = 0"),
        ("weekly.toml", "samples = 1", "samples = 4000000000"),
        ("weekly.toml", "temperature = 0.7", "temperature = 7"),
        ("weekly.toml", "turns = 5", "turns = 9"),
        ("weekly.toml", "label =", "labl ="),
        (
            "weekly.toml",
            "name = \"llama-3-1-70b\"",
            "name = \"Claude-3-5-haiku\"",
        ),
        (
            "weekly.toml",
            "name = \"llama-3-1-70b\"",
            "name = \"llama/70b\"",
        ),
        ("weekly.toml", "EL-CIV-FREE-HARM-01", "EL-CIV-FREE-HARM-02"),
        ("weekly.toml", "prompts/tutor.md", "prompts/tuto.md"),
        ("weekly.toml", "[student]", "[[student]"),
        (scenario, "vector = \"elenchus\"", "vector = \"elenchos\""),
        (scenario, "EL-CIV-FREE-HARM-01", "../HARM"),
        ("prompts/tutor.md", "scenario.vector", "scenario.vektor"),
        ("judges/socratic/user.md", "{% endfor %}", "{% end %}"),
        ("judges/socratic/judge.toml", "\"json-1\"", "\"json-2\""),
        (
            "judges/socratic/sdb-1.toml",
            "half_life = 8.0",
            "half_life = 80",
        ),
        (
            "judges/socratic/sdb-1.toml",
            "compliance = 3.0",
            "# compliance",
        ),
    ];
    let errors: Vec<String> = cases
        .iter()
        .map(|(file, from, to)| format!("{from} → {to}\n{}\n", error_after(file, from, to)))
        .collect();
    insta::assert_snapshot!("mistakes_in_files", errors.join("\n"));
}

#[test]
fn a_missing_plan_says_what_to_do() {
    let error = Plan::load(Path::new("no/weekly.toml")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no plan at `no/weekly.toml` (run it where `scenarios/` lies, or name another with --plan FILE)"
    );
}

#[test]
fn models_and_scenarios_are_chosen_by_name() {
    let by_id = plan(&["meta.llama3-1-70b-instruct-v1:0"], &["MA-MAT-ODD-SUM-01"]);
    assert_eq!(by_id.models[0].name, "llama-3-1-70b");
    assert_eq!(by_id.scenarios.len(), 1);
    let both = plan(&["llama-3-1-70b", "claude-3-5-haiku"], &[]);
    assert_eq!(
        both.models[0].name, "claude-3-5-haiku",
        "the plan's order stays"
    );
}

#[test]
fn an_unknown_name_comes_with_the_nearest_or_with_all() {
    let select = |models: &[&str], scenarios: &[&str]| {
        let owned = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).into())
                .collect::<Vec<String>>()
        };
        let error = plan(&[], &[]).select(&owned(models), &owned(scenarios));
        error.unwrap_err().to_string()
    };
    assert_eq!(
        select(&["anthropic.claude-3-5-sonnet-20241022-v1:0"], &[]),
        "no model `anthropic.claude-3-5-sonnet-20241022-v1:0` in the plan (did you mean `anthropic.claude-3-5-sonnet-20241022-v2:0`?)"
    );
    assert_eq!(
        select(&[], &["EL-CIV-FREE-HARM-1"]),
        "no scenario `EL-CIV-FREE-HARM-1` in the plan (did you mean `EL-CIV-FREE-HARM-01`?)"
    );
    assert_eq!(
        select(&["gpt"], &[]),
        "no model `gpt` in the plan (it has claude-3-5-haiku, claude-3-5-sonnet, llama-3-1-70b)"
    );
}

#[test]
fn the_environments_ids_take_the_place_of_the_plans() {
    let list =
        r#"["meta.llama3-1-70b-instruct-v1:0", "amazon.titan-text-premier-v1:0", "acme.big-v1:0"]"#;
    let plan = plan(&[], &[]).with_model_ids(list).unwrap();
    let names: Vec<&str> = plan.models.iter().map(|model| &*model.name).collect();
    assert_eq!(
        names,
        ["llama-3-1-70b", "titan-text-premier", "acme.big-v1-0"]
    );
    assert_eq!(plan.models[1].label, "Titan Text Premier");
}

#[test]
fn profiles_of_one_model_get_names_of_their_own() {
    let list = r#"["us.meta.llama3-1-70b-instruct-v1:0", "meta.llama3-1-70b-instruct-v1:0"]"#;
    let plan = plan(&[], &[]).with_model_ids(list).unwrap();
    assert_eq!(plan.models[0].name, "llama-3-1-70b");
    assert_eq!(plan.models[1].name, "meta.llama3-1-70b-instruct-v1-0");
}

#[test]
fn a_models_toml_beside_the_plan_wins_over_the_built_in_one() {
    let folder = tempfile::tempdir().unwrap();
    copy(&project("scenarios"), folder.path());
    let own = "[[models]]\nid = \"acme.big-v1:0\"\nname = \"big\"\nlabel = \"Big\"\nprovider = \"Acme\"\n\n[models.quirks]\nsystem = \"inlined\"\nsampling = \"omitted\"\n";
    fs::write(folder.path().join("models.toml"), own).unwrap();
    let plan = Plan::load(&folder.path().join("weekly.toml")).unwrap();
    let quirks = plan.quirks("us.acme.big-v1:0");
    assert_eq!(quirks.system, SystemPrompt::Inlined);
    assert_eq!(quirks.sampling, Sampling::Omitted);
    let titan = plan.quirks("amazon.titan-text-premier-v1:0");
    assert_eq!(
        titan.system,
        SystemPrompt::Inlined,
        "the shipped models stay"
    );
    assert_eq!(
        plan.quirks("acme.other-v1:0").system,
        SystemPrompt::Separate
    );
}

#[test]
fn an_id_stands_in_a_models_toml_once() {
    let error = error_after(
        "models.toml",
        "id = \"meta.llama3-1-8b-instruct-v1:0\"",
        "id = \"meta.llama3-1-70b-instruct-v1:0\"",
    );
    assert!(
        error.starts_with("cannot use the model registry `models.toml:"),
        "{error}"
    );
    assert!(
        error.ends_with(
            "`models.id`: expected each id once, as an id or as an alias, found `meta.llama3-1-70b-instruct-v1:0` again\n  id = \"meta.llama3-1-70b-instruct-v1:0\""
        ),
        "{error}"
    );
}
