//! Variants of what a judge is asked that must not move its scores: recorded, compared, guarded.

use std::fs;

use bedrock_replay::judge::{Judge, Probe};
use bedrock_replay::regression::{Changes, Comparison, Guard, Options, ProbeEvidence, Verdict};
use bedrock_replay::report::{ComparisonHtml, ComparisonMarkdown, ComparisonText, Format as _};

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};
use super::judge_reports::check_json;
use super::judges::{Said, evidence, judge, judged};

const FOLDER: &str = "scenarios/judges/socratic";

/// Gives the project's judge a paraphrase.
fn paraphrase(project: &Project, name: &str, change: impl Fn(String) -> String) {
    let plain = fs::read_to_string(project.path(&format!("{FOLDER}/system.md"))).unwrap();
    let file = format!("{FOLDER}/{name}.md");
    fs::write(project.path(&file), change(plain)).unwrap();
    let parser = "parser = \"json-1\"";
    let with = format!("{parser}\nparaphrases = [\"{name}.md\"]");
    project.edit(&format!("{FOLDER}/judge.toml"), parser, &with);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_are_recorded_where_that_is_asked_for_and_one_that_moves_scores_breaks_a_guard() {
    let project = Project::new();
    let pinned = out(&project.judge(&["pin", "--on", "2026-11-22"]).await);
    paraphrase(&project, "stern", |text| {
        format!("{text}\nBe strict. Be harsh.")
    });
    let same = out(&project.judge(&["pin", "--on", "2026-11-23"]).await);
    assert!(same.contains("is the baseline already"), "{pinned}{same}");

    let without = project.judge(&[&["regress"][..], &SOME].concat()).await;
    assert_code(&without, 0);
    assert!(!out(&without).contains("probe"), "{}", out(&without));

    let simulator = simulator().await;
    let url = simulator.url();
    let record = [&["record", "--probes", "--endpoint-url", &url][..], &SOME].concat();
    let recorded = out(&project.judge(&record).await);
    assert!(
        recorded.contains("270 judgments recorded, 90 there already"),
        "{recorded}"
    );
    assert!(
        recorded.contains("probes: trailing-space, order, paraphrase-stern"),
        "{recorded}"
    );
    let again = out(&project.judge(&record).await);
    assert!(again.contains("0 judgments recorded, 360"), "{again}");
    simulator.stop().await;

    let compared = project.judge(&[&["regress"][..], &SOME].concat()).await;
    assert_code(&compared, 1);
    let text = out(&compared);
    let lines = text.lines().filter(|line| {
        [
            "VERDICT",
            "  guard",
            "probes",
            "            order",
            "            para",
        ]
        .iter()
        .any(|start| line.starts_with(start))
    });
    insta::assert_snapshot!("probes", lines.collect::<Vec<_>>().join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_probe_that_is_recorded_in_part_says_of_how_much() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    let simulator = simulator().await;
    let url = simulator.url();
    let half = [
        "record",
        "--probes",
        "--endpoint-url",
        &url,
        SOME[0],
        SOME[1],
    ];
    assert_code(&project.judge(&half).await, 0);
    simulator.stop().await;
    let compared = project.judge(&[&["regress"][..], &SOME].concat()).await;
    assert_code(&compared, 0);
    let text = out(&compared);
    assert!(text.contains("order   45 turns, shift"), "{text}");
    assert!(
        text.contains("probe order: 45 turns are not recorded"),
        "{text}"
    );
}

#[tokio::test]
async fn a_paraphrase_that_cannot_be_used_is_named() {
    let told = |list: &'static str, text: &'static str| async move {
        let project = Project::new();
        fs::write(project.path(&format!("{FOLDER}/other.md")), text).unwrap();
        let parser = "parser = \"json-1\"";
        let with = format!("{parser}\nparaphrases = {list}");
        project.edit(&format!("{FOLDER}/judge.toml"), parser, &with);
        let output = project.judge(&["show", "socratic"]).await;
        assert_code(&output, 4);
        error(&output)
    };
    let all = [
        told("[\"none.md\"]", "").await,
        told("[\"other.md\"]", "Score {{ nothing }}.").await,
        told("[\"other.md\", \"./other.md\"]", "Score it.").await,
        told("\"other.md\"", "Score it.").await,
    ];
    insta::assert_snapshot!("probes_refused", all.concat());
    let project = Project::new();
    let pairwise = ["record", "--probes", "--candidate", "pairwise"];
    let output = project.judge(&pairwise).await;
    assert_code(&output, 2);
    assert!(
        error(&output).contains("is the other order"),
        "{}",
        error(&output)
    );
}

fn scores(dialogue: u32, turn: u32) -> [i32; 3] {
    let less = i32::try_from((dialogue + turn) % 3).unwrap();
    [3, 3 - less, 4 - less]
}

/// A judge that is the same as before, and what it says of a probe.
fn probed(dialogues: u32, said: impl Fn([i32; 3]) -> Said, not_recorded: usize) -> Comparison {
    let plain = || judged(dialogues, 5, |dialogue, turn| Some(scores(dialogue, turn)));
    let mut b = evidence(vec![plain()]);
    b.probes = vec![ProbeEvidence {
        probe: Probe::Order,
        judged: judged(dialogues, 5, |dialogue, turn| said(scores(dialogue, turn))),
        not_recorded,
    }];
    let judge = judge();
    Comparison::of(
        evidence(vec![plain()]),
        b,
        &judge.rubric,
        Changes::between(&judge, &judge),
        None,
        &Options::default(),
    )
}

#[track_caller]
fn assert_noted(comparison: &Comparison, note: &str) {
    let notes = &comparison.decision.notes;
    assert!(notes.iter().any(|own| own.contains(note)), "{notes:?}");
}

#[test]
fn a_probe_that_moves_nothing_leaves_the_verdict_alone() {
    let comparison = probed(12, Some, 0);
    assert_eq!(comparison.decision.verdict, Verdict::Equivalent);
    let own = &comparison.probes[0];
    assert_eq!((own.n, own.same.part(), own.unscored.part()), (60, 60, 0));
    assert_eq!(own.shift, Some(0.0));
}

#[test]
fn a_probe_that_moves_scores_regresses_a_judge_whose_mean_stays() {
    let lower = |[form, substance, purity]: [i32; 3]| Some([form - 1, substance, purity]);
    let comparison = probed(12, lower, 0);
    assert_eq!(comparison.decision.verdict, Verdict::Regressed);
    assert_eq!(comparison.decision.broken[0].guard, Guard::Probes);
    let because = &comparison.decision.because;
    assert!(
        because.contains("order moves the overall score by −1.00"),
        "{because}"
    );
    for text in [
        ComparisonText::Full.render(&comparison).unwrap(),
        ComparisonMarkdown.render(&comparison).unwrap(),
    ] {
        assert!(text.contains("order   60 turns, shift −1.00"), "{text}");
    }
    check_json(&comparison);
    let page = ComparisonHtml.render(&comparison).unwrap();
    assert!(page.contains("order   60 turns, shift −1.00"), "{page}");
}

#[test]
fn few_clusters_missing_turns_and_no_scores_are_noted() {
    let lower = |[form, substance, purity]: [i32; 3]| Some([form - 1, substance, purity]);
    let comparison = probed(5, lower, 0);
    assert_eq!(comparison.decision.verdict, Verdict::Inconclusive);
    assert_noted(&comparison, "probe order: too few clusters");
    let comparison = probed(12, |_| None, 0);
    assert_eq!(comparison.decision.verdict, Verdict::Equivalent);
    assert_noted(
        &comparison,
        "probe order: no turn is scored with and without it",
    );
    assert_eq!(comparison.probes[0].shift, None);
    let comparison = probed(12, Some, 7);
    assert_noted(&comparison, "probe order: 7 turns are not recorded");
}

#[test]
fn what_a_probe_shows_follows_from_the_judge() {
    let judge: Judge = judge();
    let probes = judge.probes();
    let names: Vec<String> = probes.iter().map(|(probe, _)| probe.to_string()).collect();
    assert_eq!(names, ["trailing-space", "order"]);
    assert_eq!(Probe::TrailingSpace.shown("Why?"), "Why?  \n");
    assert_eq!(Probe::Order.shown("Why?"), "Why?");
    let order: Vec<&str> = probes[1]
        .1
        .rubric
        .dimensions
        .iter()
        .map(|own| own.name.as_str())
        .collect();
    assert_eq!(order, ["purity", "substance", "form"]);
}
