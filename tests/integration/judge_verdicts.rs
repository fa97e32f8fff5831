//! What a comparison of judges comes to, on good input and bad.

use bedrock_replay::judge::Points;
use bedrock_replay::regression::{
    Agreement, Anchors, Changes, Comparison, Guard, JudgedTurn, Options, TurnKey, Verdict,
    WhyUnpaired,
};

use super::judges::{Said, compared, compared_by, evidence, judge, judged};

/// Scores that differ from turn to turn as a judge's do.
#[expect(clippy::unnecessary_wraps, reason = "what a judge says may be nothing")]
fn plain(dialogue: u32, turn: u32) -> Said {
    let wobble = i32::try_from((dialogue * 7 + turn * 3) % 3).unwrap();
    Some([
        3 - wobble,
        2 + wobble % 2,
        3 + i32::from(turn.is_multiple_of(2)),
    ])
}

fn shifted(by: impl Fn(u32, u32) -> [i32; 3]) -> impl Fn(u32, u32) -> Said {
    move |dialogue, turn| {
        let [form, substance, purity] = plain(dialogue, turn)?;
        let [one, two, three] = by(dialogue, turn);
        Some([form + one, substance + two, purity + three])
    }
}

#[track_caller]
fn assert_verdict(comparison: &Comparison, expected: Verdict, because: &str) {
    let decision = &comparison.decision;
    assert_eq!(decision.verdict, expected, "{decision:?}");
    assert!(decision.because.contains(because), "{}", decision.because);
}

#[test]
fn nothing_moved_is_equivalent() {
    let comparison = compared(judged(12, 5, plain), judged(12, 5, plain));
    assert_verdict(&comparison, Verdict::Equivalent, "inside ±0.25");
}

#[test]
fn a_small_shift_inside_the_margin_is_equivalent() {
    let once = shifted(|dialogue, turn| [0, 0, -i32::from(turn == 1 && dialogue % 4 == 0)]);
    let comparison = compared(judged(12, 5, plain), judged(12, 5, once));
    assert_verdict(&comparison, Verdict::Equivalent, "−0.05");
}

#[test]
fn a_shift_that_excludes_zero_is_a_change() {
    let less = shifted(|dialogue, turn| [0, 0, -i32::from((dialogue + turn) % 3 > 0)]);
    let comparison = compared(judged(12, 5, plain), judged(12, 5, less));
    assert_verdict(&comparison, Verdict::Changed, "not inside ±0.25");
}

#[test]
fn a_shift_that_cannot_be_told_says_how_many_dialogues_would_tell() {
    let uneven = shifted(|dialogue, _| [0, 0, if dialogue % 2 == 0 { -1 } else { 1 }]);
    let comparison = compared(judged(8, 5, plain), judged(8, 5, uneven));
    assert_verdict(&comparison, Verdict::Inconclusive, "dialogues would decide");
    assert!(comparison.decision.needed.unwrap() > 8);
}

#[test]
fn fewer_than_six_dialogues_are_never_conclusive() {
    let less = shifted(|_, _| [-1, -1, -1]);
    let comparison = compared(judged(5, 5, plain), judged(5, 5, less));
    assert_verdict(&comparison, Verdict::Inconclusive, "fewer than 6");
    let by_scenario = Options {
        clusters: bedrock_replay::regression::ClusterBy::Scenario,
        ..Options::default()
    };
    let comparison = compared_by(judged(10, 5, plain), judged(10, 5, plain), &by_scenario);
    assert_verdict(&comparison, Verdict::Inconclusive, "5 scenarios");
}

#[test]
fn dimensions_that_move_against_each_other_are_a_change_though_their_sum_stays() {
    let turned = shifted(|_, _| [-1, 0, 1]);
    let mild = |dialogue, turn| plain(dialogue, turn).map(|[a, b, _]| [a, b, 2]);
    let other = move |dialogue, turn| turned(dialogue, turn).map(|[a, b, _]| [a.max(0), b, 3]);
    let comparison = compared(judged(12, 5, mild), judged(12, 5, other));
    let overall = &comparison.metrics[0];
    assert!(overall.interval.unwrap().is_within(0.25), "{overall:?}");
    assert_verdict(&comparison, Verdict::Changed, "form −1.00");
}

#[test]
fn scores_that_never_differ_have_no_kappa_and_no_nan() {
    let flat = |_, _| Some([3, 3, 4]);
    let comparison = compared(judged(12, 5, flat), judged(12, 5, flat));
    assert_verdict(&comparison, Verdict::Equivalent, "0.00 [0.00, 0.00]");
    assert_eq!(comparison.metrics[0].kappa, None);
    let notes = comparison.decision.notes.join("\n");
    assert!(notes.contains("κ is not defined"), "{notes}");
}

#[test]
fn a_shift_without_any_spread_is_a_change_with_an_interval_of_one_point() {
    let less = shifted(|_, _| [0, -1, 0]);
    let comparison = compared(judged(12, 5, plain), judged(12, 5, less));
    assert_verdict(&comparison, Verdict::Changed, "−1.00 [−1.00, −1.00]");
    let notes = comparison.decision.notes.join("\n");
    assert!(notes.contains("the interval is a point"), "{notes}");
}

#[test]
fn a_candidate_that_scores_nothing_has_regressed() {
    let comparison = compared(judged(12, 5, plain), judged(12, 5, |_, _| None));
    assert_verdict(&comparison, Verdict::Regressed, "0.0% → 100.0%");
    assert_eq!(comparison.metrics[0].n, 0);
    assert_eq!(comparison.b.reasons["judge cut by max_tokens"], 60);
}

#[test]
fn too_few_dialogues_do_not_hide_failures() {
    let comparison = compared(judged(2, 5, plain), judged(2, 5, |_, _| None));
    assert_verdict(&comparison, Verdict::Regressed, "parse failures");
}

#[test]
fn one_unscored_turn_of_sixty_breaks_no_guard() {
    let once = |dialogue, turn| plain(dialogue, turn).filter(|_| (dialogue, turn) != (3, 2));
    let comparison = compared(judged(12, 5, plain), judged(12, 5, once));
    assert_verdict(&comparison, Verdict::Equivalent, "inside");
    assert_eq!(
        (comparison.subjects.paired, comparison.metrics[0].n),
        (60, 59)
    );
}

#[test]
fn a_baseline_that_scores_nothing_cannot_be_compared_with() {
    let comparison = compared(judged(12, 5, |_, _| None), judged(12, 5, plain));
    assert_verdict(&comparison, Verdict::NotComparable, "none of its 60 turns");
    let comparison = compared(judged(0, 5, plain), judged(0, 5, plain));
    assert_verdict(&comparison, Verdict::NotComparable, "no turn has an answer");
}

#[test]
fn another_scale_or_other_dimensions_cannot_be_compared() {
    let mut other = judged(12, 5, plain);
    other.rubric.dimensions[2].high = Points::whole(10);
    let comparison = compared(judged(12, 5, plain), other);
    assert_verdict(
        &comparison,
        Verdict::NotComparable,
        "the scale of `purity` differs",
    );
    assert!(comparison.metrics.iter().all(|metric| metric.n == 0));
    let mut other = judged(12, 5, plain);
    other.rubric.dimensions[0].name = "shape".to_owned();
    let comparison = compared(judged(12, 5, plain), other);
    assert_verdict(
        &comparison,
        Verdict::NotComparable,
        "shape, substance, purity",
    );
}

#[test]
fn another_step_is_another_scale_and_another_threshold_is_not() {
    let mut other = judged(12, 5, plain);
    other.rubric.step = "0.5".parse().unwrap();
    let comparison = compared(judged(12, 5, plain), other);
    assert_verdict(&comparison, Verdict::NotComparable, "steps of 0.5");
    let mut other = judged(12, 5, plain);
    other.rubric.compliance = Points::whole(5);
    let comparison = compared(judged(12, 5, plain), other);
    assert_verdict(&comparison, Verdict::Equivalent, "inside");
}

#[test]
fn the_margin_follows_the_scale() {
    let on = |high: i32| {
        let mut rubric = judge().rubric;
        rubric.dimensions[2].high = Points::whole(high);
        Options::default().margin_on(&rubric)
    };
    assert!((on(4) - 0.25).abs() < 1e-12);
    assert!((on(94) - 2.5).abs() < 1e-12);
}

#[test]
fn what_finds_no_partner_is_listed() {
    let mut b = judged(8, 5, plain);
    b.turns[0].digest = [0xFF; 32];
    let gone = b.turns.remove(1);
    let twice: JudgedTurn = b.turns[4].clone();
    b.turns.push(twice.clone());
    let mut more = gone.clone();
    more.key.turn = 77;
    b.turns.push(more);
    let comparison = compared(judged(8, 5, plain), b);
    let mut found: Vec<(TurnKey, WhyUnpaired)> = comparison
        .subjects
        .unpaired
        .iter()
        .map(|own| (own.key.clone(), own.why))
        .collect();
    found.sort_by_key(|own| own.0.clone());
    let why: Vec<WhyUnpaired> = found.iter().map(|own| own.1).collect();
    assert_eq!(found.len(), 4, "{found:?}");
    for expected in [
        WhyUnpaired::OtherText,
        WhyUnpaired::OnlyBaseline,
        WhyUnpaired::OnlyCandidate,
        WhyUnpaired::Twice,
    ] {
        assert!(why.contains(&expected), "{expected:?}: {found:?}");
    }
    assert_eq!(comparison.subjects.paired, 38);
}

#[test]
fn nothing_in_common_cannot_be_compared() {
    let mut b = judged(8, 5, plain);
    b.turns.iter_mut().for_each(|turn| turn.digest = [0xFF; 32]);
    let comparison = compared(judged(8, 5, plain), b);
    assert_verdict(&comparison, Verdict::NotComparable, "context differs");
}

#[test]
fn one_model_has_no_ranking() {
    let only = |mut judged: bedrock_replay::regression::Judged| {
        judged.turns.retain(|turn| turn.key.model == "llama");
        judged
    };
    let comparison = compared(only(judged(14, 5, plain)), only(judged(14, 5, plain)));
    assert_verdict(&comparison, Verdict::Equivalent, "inside");
    assert_eq!(
        (comparison.ranking.tau, comparison.ranking.pairs.len()),
        (None, 0)
    );
    assert!(comparison.ranking.winner_a.is_none());
    assert!(
        comparison
            .decision
            .notes
            .join(" ")
            .contains("one model only")
    );
}

#[test]
fn many_passes_that_become_fails_break_a_guard() {
    let failing = |dialogue, turn| match turn {
        1 => Some([1, 0, 0]),
        _ => plain(dialogue, turn),
    };
    let comparison = compared(judged(12, 5, plain), judged(12, 5, failing));
    let broken: Vec<Guard> = comparison
        .decision
        .broken
        .iter()
        .map(|own| own.guard)
        .collect();
    assert!(broken.contains(&Guard::Flips), "{broken:?}");
    assert_eq!(
        (comparison.flips.to_fail, comparison.flips.to_pass),
        (12, 0)
    );
    assert_verdict(&comparison, Verdict::Regressed, "pass→fail 12");
}

#[test]
fn a_candidate_that_disagrees_turn_by_turn_breaks_the_guard_of_kappa() {
    let mirrored = |dialogue, turn| {
        plain(dialogue, turn)
            .map(|[form, substance, purity]| [4 - form.max(1), 5 - substance, 7 - purity])
    };
    let comparison = compared(judged(24, 5, plain), judged(24, 5, mirrored));
    let broken: Vec<Guard> = comparison
        .decision
        .broken
        .iter()
        .map(|own| own.guard)
        .collect();
    assert!(
        broken.contains(&Guard::Kappa),
        "{broken:?} {:?}",
        comparison.metrics[0]
    );
}

/// One of two models is a clear winner, by whom is up to the judge.
fn favouring(favourite: u32) -> impl Fn(u32, u32) -> Said {
    move |dialogue, turn| {
        let wobble = i32::try_from((dialogue + turn) % 2).unwrap();
        Some(if dialogue % 2 == favourite {
            [3, 3, 4 - wobble]
        } else {
            [2, 2, 2 + wobble]
        })
    }
}

#[test]
fn another_winner_breaks_two_guards() {
    let comparison = compared(judged(12, 5, favouring(0)), judged(12, 5, favouring(1)));
    let broken: Vec<Guard> = comparison
        .decision
        .broken
        .iter()
        .map(|own| own.guard)
        .collect();
    assert!(
        broken.contains(&Guard::Tau) && broken.contains(&Guard::Winner),
        "{broken:?}"
    );
    assert_eq!(comparison.ranking.winner_a.as_deref(), Some("haiku"));
    assert_eq!(comparison.ranking.winner_b.as_deref(), Some("llama"));
    assert_eq!(comparison.ranking.tau, Some(-1.0));
}

#[test]
fn an_order_that_was_never_known_breaks_no_guard() {
    let close = |extra: u32| {
        move |dialogue: u32, turn: u32| {
            let [form, substance, _] = plain(dialogue / 2, turn)?;
            let bonus = i32::from(dialogue % 2 == extra && dialogue < 2 && turn == 1);
            Some([form, substance, 3 + bonus])
        }
    };
    let comparison = compared(judged(12, 5, close(0)), judged(12, 5, close(1)));
    assert_ne!(comparison.ranking.winner_a, comparison.ranking.winner_b);
    assert_verdict(&comparison, Verdict::Equivalent, "inside");
}

fn labels(score: impl Fn(u32, u32) -> i32) -> String {
    let mut lines = vec!["scenario,model,turn,rater,overall".to_owned()];
    for dialogue in 0..12 {
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

fn with_anchors(text: &str, ending: &str, b: impl Fn(u32, u32) -> Said) -> Comparison {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("labels.{ending}"));
    std::fs::write(&path, text).unwrap();
    let judge = judge();
    let anchors = Anchors::load(&path, &judge.rubric).unwrap();
    Comparison::of(
        evidence(vec![judged(12, 5, plain)]),
        evidence(vec![judged(12, 5, b)]),
        &judge.rubric,
        Changes::between(&judge, &judge),
        Some(&anchors),
        &Options::default(),
    )
}

#[test]
fn human_labels_tell_a_better_judge_from_a_worse() {
    let text = labels(|dialogue, turn| sum(plain(dialogue, turn)));
    let worse = |dialogue, turn| {
        let [form, substance, purity] = plain(dialogue + turn * 5, turn * 2 + 1)?;
        Some([form, substance, purity])
    };
    let comparison = with_anchors(&text, "csv", worse);
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
    let none = r#"{"scenario":"X","model":"haiku","turn":1,"overall":8}"#;
    let comparison = with_anchors(none, "jsonl", plain);
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

#[test]
fn repeated_judgments_tell_the_noise_floor() {
    let judge = judge();
    let with_noise = |epoch: u32| {
        judged(12, 5, move |dialogue, turn| {
            let [form, substance, _] = plain(dialogue, turn)?;
            Some([
                form,
                substance,
                3 - i32::from((dialogue + turn + epoch).is_multiple_of(3)),
            ])
        })
    };
    let comparison = Comparison::of(
        evidence(vec![with_noise(0), with_noise(1), with_noise(2)]),
        evidence(vec![with_noise(1)]),
        &judge.rubric,
        Changes::between(&judge, &judge),
        None,
        &Options::default(),
    );
    let noise = comparison.a.noise.as_ref().unwrap();
    assert_eq!((noise.epochs, noise.turns, noise.same.part()), (3, 60, 0));
    assert!((noise.spread.unwrap() - (1.0_f64 / 3.0).sqrt()).abs() < 1e-9);
    assert!(noise.alpha.unwrap() < 0.9);
    assert!(comparison.b.noise.is_none());
}
