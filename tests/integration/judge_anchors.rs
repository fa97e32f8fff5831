//! What human labels say of two judges: they alone can call one better.

use bedrock_replay::regression::{
    Agreement, Anchors, Changes, Comparison, Guard, Options, Standing,
};
use bedrock_replay::report::{
    ComparisonGithub, ComparisonHtml, ComparisonJson, ComparisonJunit, ComparisonMarkdown,
    ComparisonText, Format,
};

use super::judge_reports::check_json;
use super::judges::{Said, evidence, judge, judged, plain};

/// Labels of so many dialogues, by two people.
fn labels(dialogues: u32, score: impl Fn(u32, u32) -> i32) -> String {
    let mut lines = vec!["scenario,model,turn,rater,overall".to_owned()];
    for dialogue in 0..dialogues {
        for turn in 1..=5 {
            let model = ["haiku", "llama"][dialogue as usize % 2];
            for rater in ["ada", "ben"] {
                let score = score(dialogue, turn);
                lines.push(format!(
                    "SCN-{:02},{model},{turn},{rater},{score}",
                    dialogue / 2
                ));
            }
        }
    }
    lines.join("\n")
}

fn sum(said: Said) -> i32 {
    said.unwrap().iter().sum()
}

/// Another judge, of another mind turn by turn.
fn other(dialogue: u32, turn: u32) -> Said {
    plain(dialogue + turn * 5, turn * 2 + 1)
}

fn with_anchors(text: &str, ending: &str, b: impl Fn(u32, u32) -> Said) -> Comparison {
    with_anchors_on(text, ending, plain, b)
}

fn with_anchors_on(
    text: &str,
    ending: &str,
    a: impl Fn(u32, u32) -> Said,
    b: impl Fn(u32, u32) -> Said,
) -> Comparison {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("labels.{ending}"));
    std::fs::write(&path, text).unwrap();
    let judge = judge();
    let anchors = Anchors::load(&path, &judge.rubric).unwrap();
    Comparison::of(
        evidence(vec![judged(12, 5, a)]),
        evidence(vec![judged(12, 5, b)]),
        &judge.rubric,
        Changes::between(&judge, &judge),
        Some(&anchors),
        &Options::default(),
    )
}

#[test]
fn human_labels_tell_a_better_judge_from_a_worse() {
    let text = labels(12, |dialogue, turn| sum(plain(dialogue, turn)));
    let comparison = with_anchors(&text, "csv", other);
    let human: &Agreement = comparison.human.as_ref().unwrap();
    assert_eq!((human.labels, human.turns), (120, 60));
    assert_eq!(human.between_people, Some(1.0));
    assert_eq!(human.a.kappa, Some(1.0));
    assert!(human.b.kappa.unwrap() < 0.5, "{human:?}");
    let broken: Vec<Guard> = comparison
        .decision
        .broken
        .iter()
        .map(|own| own.guard)
        .collect();
    assert!(broken.contains(&Guard::Human), "{broken:?}");
    assert_eq!(human.standing, Standing::Further);
    assert_everywhere(
        &comparison,
        "B is further from the human labels than A: by them it is worse",
    );
}

#[test]
fn a_candidate_nearer_to_the_human_labels_is_called_better() {
    let text = labels(12, |dialogue, turn| sum(other(dialogue, turn)));
    let comparison = with_anchors(&text, "csv", other);
    let human = comparison.human.as_ref().unwrap();
    assert_eq!((human.standing, human.clusters), (Standing::Nearer, 12));
    assert!(human.change.unwrap().low > 0.0, "{human:?}");
    assert_everywhere(
        &comparison,
        "B is nearer to the human labels than A: by them it is better",
    );
    let notes = comparison.decision.notes.join("\n");
    assert!(!notes.contains("never better"), "{notes}");
}

#[test]
fn labels_that_do_not_tell_leave_it_open() {
    let same = labels(12, |dialogue, turn| sum(plain(dialogue, turn)));
    let comparison = with_anchors(&same, "csv", plain);
    let human = comparison.human.as_ref().unwrap();
    assert_eq!(human.standing, Standing::Open);
    assert_everywhere(
        &comparison,
        "the human labels do not tell which judge is nearer to them",
    );

    let few = labels(5, |dialogue, turn| sum(plain(dialogue, turn)));
    let comparison = with_anchors(&few, "csv", other);
    let human = comparison.human.as_ref().unwrap();
    assert_eq!((human.standing, human.clusters), (Standing::Open, 5));
    assert_everywhere(
        &comparison,
        "human labels in 5 dialogues: fewer than 6 cannot tell",
    );

    let report = ComparisonJunit.render(&comparison).unwrap();
    let skipped = "<skipped message=\"human labels in 5 dialogues: fewer than 6 cannot tell";
    assert!(report.contains(skipped), "{report}");

    let flat = labels(12, |_, _| 8);
    let comparison = with_anchors_on(&flat, "csv", |_, _| Some([3, 2, 3]), |_, _| Some([3, 2, 3]));
    assert_everywhere(&comparison, "κ with the human labels is not defined");
    let report = ComparisonJunit.render(&comparison).unwrap();
    let skipped = "<skipped message=\"κ with the human labels is not defined";
    assert!(report.contains(skipped), "{report}");
}

/// The same line for a person, a pull request, a program, a browser, CI and a workflow.
#[track_caller]
fn assert_everywhere(comparison: &Comparison, said: &str) {
    check_json(comparison);
    let forms: [&dyn Format<Comparison>; 8] = [
        &ComparisonText::Full,
        &ComparisonText::Brief,
        &ComparisonText::Moved,
        &ComparisonMarkdown,
        &ComparisonJson,
        &ComparisonHtml,
        &ComparisonJunit,
        &ComparisonGithub,
    ];
    for form in forms {
        let text = form.render(comparison).unwrap();
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn labels_that_match_no_turn_are_counted_and_said() {
    let text = r#"{"scenario":"SCN-00","model":"haiku","turn":1,"overall":8}
{"scenario":"SCN-99","model":"haiku","turn":1,"form":3,"substance":3,"purity":4}
"#;
    let comparison = with_anchors(text, "jsonl", plain);
    let human = comparison.human.as_ref().unwrap();
    assert_eq!(
        (human.labels, human.turns, human.unmatched.len()),
        (2, 1, 1)
    );
    let shown = ComparisonText::Full.render(&comparison).unwrap();
    let told = "1 label matches no turn that both judges scored: SCN-99 · haiku · turn 1\n";
    assert!(shown.contains(told), "{shown}");
    let brief = ComparisonText::Brief.render(&comparison).unwrap();
    let told =
        "\nhuman       2 labels for 1 turn, 1 matches none; human labels in 1 dialogue: fewer";
    assert!(brief.contains(told), "{brief}");
    let five = (90..95).map(|scenario| {
        format!(r#"{{"scenario":"SCN-{scenario}","model":"haiku","turn":1,"overall":8}}"#)
    });
    let five = five.collect::<Vec<_>>().join("\n");
    let comparison = with_anchors(&five, "jsonl", plain);
    let shown = ComparisonMarkdown.render(&comparison).unwrap();
    let told = "5 labels match no turn that both judges scored: SCN-90 · haiku · turn 1, SCN-91 · haiku · turn 1, SCN-92 · haiku · turn 1 and 2 more turns";
    assert!(shown.contains(told), "{shown}");
    let json = ComparisonJson.render(&comparison).unwrap();
    assert!(
        (90..95).all(|own| json.contains(&format!("SCN-{own}"))),
        "{json}"
    );
    let none = r#"{"scenario":"X","model":"haiku","turn":1,"overall":8}"#;
    let comparison = with_anchors(none, "jsonl", plain);
    check_json(&comparison);
    assert!(
        comparison
            .decision
            .notes
            .join(" ")
            .contains("none of the human labels")
    );
}

#[test]
fn labels_that_are_none_are_named_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("a.csv", "scenario,model,turn,overall\nS,m,1,11\n"),
        ("b.csv", "scenario,model,turn,overall\nS,m,one,8\n"),
        ("c.csv", "scenario,model,turn\nS,m,1\n"),
        ("d.csv", "scenario,model,turn,form\nS,m,1,3\n"),
        ("e.csv", "scenario,model,turn,overall\nS,m,1\n"),
        ("f.csv", "scenario,model,turn,overall\n"),
        ("g.csv", ""),
        ("h.jsonl", "{\"scenario\":\"S\"}\n"),
        ("i.jsonl", "[1]\n"),
        ("j.jsonl", "\n\n{broken\n"),
        (
            "k.jsonl",
            "{\"scenario\":\"S\",\"model\":\"m\",\"turn\":1,\"overall\":\"NaN\"}\n",
        ),
        ("l.txt", "S m 1 8\n"),
    ];
    let errors = cases.map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let error = Anchors::load(&path, &judge().rubric)
            .unwrap_err()
            .to_string();
        error.replace(folder.path().to_str().unwrap(), "…")
    });
    insta::assert_snapshot!(errors.join("\n"));
}
