//! What a comparison of judges comes to, on good input and bad.

use bedrock_replay::judge::Points;
use bedrock_replay::regression::{
    Changes, Comparison, Guard, JudgedTurn, Options, Ranking, TurnKey, Verdict, WhyUnpaired,
};
use bedrock_replay::report::{ComparisonText, Format as _};

use super::judges::{Said, compared, compared_by, evidence, judge, judged, plain};

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
    let why =
        "5 dialogues scored by both: fewer than 6 cannot tell (the smallest p of 5 is 0.0625)";
    assert_verdict(&comparison, Verdict::Inconclusive, why);
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
    let told =
        "overall, substance: every cluster moved by the same amount: the interval is a point";
    assert!(notes.contains(told), "{notes}");
}

#[test]
fn a_dimension_that_moves_alike_in_every_dialogue_is_named_too() {
    let form = shifted(|_, turn| [-i32::from(turn == 2), 0, 0]);
    let other = move |dialogue: u32, turn: u32| {
        let [form, substance, purity] = form(dialogue, turn)?;
        Some([
            form.max(0),
            substance,
            purity - i32::from(dialogue == 3 && turn == 1),
        ])
    };
    let flat = |_, _| Some([3, 3, 4]);
    let comparison = compared(
        judged(12, 5, flat),
        judged(12, 5, move |dialogue, turn| {
            let [form, _, purity] = other(dialogue, turn)?;
            let [was_form, _, was_purity] = plain(dialogue, turn)?;
            Some([3 + form - was_form, 3, 4 + purity - was_purity])
        }),
    );
    let form = &comparison.metrics[1];
    let interval = form.interval.unwrap();
    assert!(
        (interval.low + 0.2).abs() < 1e-9 && (interval.high + 0.2).abs() < 1e-9,
        "{form:?}"
    );
    let notes = comparison.decision.notes.join("\n");
    assert!(
        notes.contains("form: every cluster moved by the same amount"),
        "{notes}"
    );
}

#[test]
fn a_candidate_that_scores_nothing_has_regressed() {
    let comparison = compared(judged(12, 5, plain), judged(12, 5, |_, _| None));
    assert_verdict(&comparison, Verdict::Regressed, "0.0% → 100.0%");
    assert_eq!(comparison.metrics[0].n, 0);
    assert_eq!(comparison.b.reasons["judge cut by max_tokens"], 60);
}

#[test]
fn where_neither_scores_anything_the_baseline_is_named() {
    let comparison = compared(judged(12, 5, |_, _| None), judged(12, 5, |_, _| None));
    let why = "the baseline scored none of its 60 turns (60 × judge cut by max_tokens)";
    assert_verdict(&comparison, Verdict::NotComparable, why);
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

/// McNemar's p of six flips one way is .031, whoever flips. They are one dialogue's: one witness.
#[test]
fn one_dialogue_alone_does_not_break_the_guard_of_flips() {
    let failing = |dialogue, turn| match dialogue {
        3 => Some([1, 0, 0]),
        _ => plain(dialogue, turn),
    };
    let comparison = compared(judged(12, 6, plain), judged(12, 6, failing));
    let flips = &comparison.flips;
    assert_eq!((flips.to_fail, flips.to_pass), (6, 0));
    assert!(flips.mcnemar < 0.05, "{flips:?}");
    assert_eq!(flips.sign_flip.unwrap().p.to_bits(), 1_f64.to_bits());
    let broken = &comparison.decision.broken;
    assert!(
        broken.iter().all(|own| own.guard != Guard::Flips),
        "{broken:?}"
    );
    assert_verdict(&comparison, Verdict::Inconclusive, "would decide");
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

fn ranking(comparison: &Comparison) -> String {
    let text = ComparisonText::Full.render(comparison).unwrap();
    let mut lines = text.lines();
    let line = lines.find(|line| line.starts_with("ranking"));
    line.unwrap().to_owned()
}

#[test]
fn a_tie_is_no_other_winner() {
    let flat = |_, _| Some([1, 1, 0]);
    let comparison = compared(judged(12, 5, favouring(1)), judged(12, 5, flat));
    assert_eq!(comparison.ranking.winner_a.as_deref(), Some("llama"));
    assert_eq!(comparison.ranking.winner_b, None);
    let broken = &comparison.decision.broken;
    assert!(
        broken.iter().all(|own| own.guard != Guard::Winner),
        "{broken:?}"
    );
    let told = "winner llama → no single one: haiku and llama tie at 2.00; closest pair 0.00 apart (llama and haiku), equal in every scenario";
    assert!(
        ranking(&comparison).contains(told),
        "{}",
        ranking(&comparison)
    );

    let back = compared(judged(12, 5, flat), judged(12, 5, favouring(1)));
    let told = "no single winner (haiku and llama tie at 2.00) → llama;";
    assert!(ranking(&back).contains(told), "{}", ranking(&back));
}

#[test]
fn ties_with_both_judges_are_told_of_both() {
    let on = |purity| move |_, _| Some([1, 1, purity]);
    let comparison = compared(judged(12, 5, on(0)), judged(12, 5, on(1)));
    let Ranking {
        winner_a, winner_b, ..
    } = &comparison.ranking;
    assert_eq!((winner_a, winner_b), (&None, &None));
    let told =
        "τ-b n/a, no single winner: A haiku and llama tie at 2.00; B haiku and llama tie at 3.00;";
    assert!(
        ranking(&comparison).contains(told),
        "{}",
        ranking(&comparison)
    );
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
