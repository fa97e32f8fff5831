//! Two pairwise judges' verdicts, written down by a test: what both orders come to, and that bad
//! input is named.

use bedrock_replay::bench::{Choosing, Contest, ContestKey, Unscored};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::judge::{
    Contender, PairSubject, PairwiseJudge, Pick, Preference, Rejection, SubjectScenario, Unit,
};
use bedrock_replay::regression::{
    Changes, Guard, Options, PairwiseComparison, PairwiseEvidence, Verdict,
};
use bedrock_replay::report::{
    ComparisonGithub, ComparisonHtml, ComparisonJson, ComparisonJunit, ComparisonMarkdown,
    ComparisonText, Format as _, PAIRWISE_SCHEMA,
};
use proptest::prelude::*;
use serde_json::Value;

use super::bench_stand_in::project;

/// What a judge says of one order; none is an answer that was cut.
pub type Said = Option<Pick>;
pub const FIRST: Said = Some(Pick::First);
pub const SECOND: Said = Some(Pick::Second);
pub const TIE: Said = Some(Pick::Tie);

fn judge() -> PairwiseJudge {
    PairwiseJudge::load(&project("scenarios/judges/pairwise")).unwrap()
}

fn said(said: Said) -> Choosing {
    match said {
        Some(pick) => Choosing::Chosen {
            preference: Preference {
                pick,
                rationale: format!("it is {pick}"),
            },
            tokens: None,
        },
        None => Choosing::Unscored {
            reason: Unscored::Rejected {
                rejection: Rejection::Cut,
                answer: String::new(),
            },
            tokens: None,
        },
    }
}

fn contest(scenario: u32, turn: u32, both: [Said; 2]) -> Contest {
    let contender = |model: &str| Contender {
        dialogue: Vec::new(),
        tutor_turn: Some(format!("What makes {model} so sure, {scenario}?")),
    };
    let [named, swapped] = both;
    Contest {
        key: ContestKey {
            scenario: format!("SCN-{scenario:02}"),
            sample: 0,
            turn: Some(turn),
            one: "haiku".to_owned(),
            other: "llama".to_owned(),
        },
        subject: PairSubject {
            scenario: SubjectScenario {
                id: format!("SCN-{scenario:02}"),
                vector: "elenchus".to_owned(),
                persona: String::new(),
                goals: Vec::new(),
                notes: String::new(),
            },
            turn: Some(turn),
            first: contender("haiku"),
            second: contender("llama"),
        },
        named: said(named),
        swapped: said(swapped),
    }
}

pub fn heard(scenarios: u32, said: impl Fn(u32, u32) -> [Said; 2]) -> PairwiseEvidence {
    let places = (0..scenarios).flat_map(|scenario| (1..=5).map(move |turn| (scenario, turn)));
    PairwiseEvidence {
        judge: judge().identity(),
        compares: Unit::Turns,
        contests: places
            .map(|(scenario, turn)| contest(scenario, turn, said(scenario, turn)))
            .collect(),
        alone: Vec::new(),
        provenance: vec![Provenance::Simulated],
    }
}

pub fn compared(a: PairwiseEvidence, b: PairwiseEvidence) -> PairwiseComparison {
    let judge = judge();
    let changes = Changes::between_pairwise(&judge, &judge);
    PairwiseComparison::of(a, b, changes, &Options::default())
}

/// The first model is better in three turns of five, the other in one, and one is a tie.
pub fn fair(_: u32, turn: u32) -> [Said; 2] {
    match turn {
        1..=3 => [FIRST, SECOND],
        4 => [SECOND, FIRST],
        _ => [TIE, TIE],
    }
}

#[track_caller]
fn assert_verdict(comparison: &PairwiseComparison, verdict: Verdict, because: &str) {
    let decision = &comparison.decision;
    assert_eq!(decision.verdict, verdict, "{decision:?}");
    assert!(decision.because.contains(because), "{}", decision.because);
}

#[track_caller]
fn assert_noted(comparison: &PairwiseComparison, note: &str) {
    let notes = &comparison.decision.notes;
    assert!(notes.iter().any(|own| own.contains(note)), "{notes:?}");
}

#[test]
fn orders_that_agree_are_wins_ties_and_losses() {
    let comparison = compared(heard(9, fair), heard(9, fair));
    assert_verdict(&comparison, Verdict::Equivalent, "inside ±0.1");
    let side = &comparison.a;
    assert_eq!((side.contests, side.decided), (45, 45));
    let best = &side.models[0];
    assert_eq!(best.model, "haiku");
    assert_eq!(
        (best.wins, best.losses, best.ties, best.biased),
        (27, 9, 9, 0)
    );
    assert!((best.rate.unwrap() - 0.7).abs() < 1e-12);
    assert!((side.models[1].rate.unwrap() - 0.3).abs() < 1e-12);
    assert_eq!(side.bias.consistent.share.part(), 45);
    assert_eq!((side.bias.to_first, side.bias.to_second), (0, 0));
    assert_eq!(side.winner(), Some("haiku"));
}

#[test]
fn orders_that_disagree_are_a_position_bias_and_no_win() {
    let biased = |scenario: u32, turn: u32| match turn {
        1 | 2 => [FIRST, FIRST],
        5 if scenario < 3 => [FIRST, TIE],
        5 if scenario < 4 => [SECOND, SECOND],
        _ => fair(scenario, turn),
    };
    let comparison = compared(heard(9, fair), heard(9, biased));
    assert_verdict(&comparison, Verdict::Regressed, "0.0% → 48.9%");
    assert_eq!(comparison.decision.broken[0].guard, Guard::Position);
    let bias = &comparison.b.bias;
    assert_eq!(bias.follows.share.part(), 19);
    assert_eq!(bias.wavers.share.part(), 3);
    assert_eq!((bias.to_first, bias.to_second), (21, 1));
    assert!(bias.mcnemar < 0.001 && bias.sign_flip.unwrap().p < 0.01);
    assert!(bias.lean_interval.unwrap().low > 0.0);
    assert!(bias.first_wins.interval.unwrap().low > 0.5);
    assert_eq!(comparison.b.models[0].biased, 22);
    assert_noted(&comparison, "B favours what is shown first");
}

#[test]
fn another_preference_is_a_change() {
    let other = |scenario: u32, turn: u32| match turn {
        3 => [SECOND, FIRST],
        _ => fair(scenario, turn),
    };
    let sometimes = move |scenario: u32, turn: u32| {
        if scenario % 3 == 2 {
            fair(scenario, turn)
        } else {
            other(scenario, turn)
        }
    };
    let comparison = compared(heard(12, fair), heard(12, sometimes));
    assert_verdict(&comparison, Verdict::Changed, "preference −0.13");
    assert_eq!(comparison.movers.len(), 5);
}

#[test]
fn five_scenarios_cannot_tell() {
    let comparison = compared(heard(5, fair), heard(5, fair));
    assert_verdict(&comparison, Verdict::Inconclusive, "fewer than 6");
}

#[test]
fn a_missing_order_is_counted_and_no_result() {
    let half = |scenario: u32, turn: u32| match (scenario, turn) {
        (0, 1) => [FIRST, None],
        (0, 2) => [None, None],
        _ => fair(scenario, turn),
    };
    let comparison = compared(heard(60, fair), heard(60, half));
    let side = &comparison.b;
    assert_eq!((side.decided, side.one_order), (298, 1));
    assert_eq!((side.unscored.part(), side.unscored.whole()), (3, 600));
    assert_eq!(comparison.metrics[0].n, 298);
    assert_eq!(comparison.decision.verdict, Verdict::Equivalent);
    assert_noted(
        &comparison,
        "B: 1 contest without a result: a verdict in one order only",
    );
}

#[test]
fn a_baseline_of_one_order_compares_nothing() {
    let half = |_, _| [FIRST, None];
    let comparison = compared(heard(9, half), heard(9, fair));
    assert_verdict(&comparison, Verdict::NotComparable, "in one order only");
}

#[test]
fn all_ties_have_no_winner_and_say_so() {
    let ties = |_, _| [TIE, TIE];
    let comparison = compared(heard(9, ties), heard(9, ties));
    assert_verdict(&comparison, Verdict::Equivalent, "preference 0.00");
    assert_eq!(comparison.a.winner(), None);
    assert_eq!(comparison.a.bias.first_wins.share.value(), None);
    assert_noted(&comparison, "A calls every contest a tie");
}

#[test]
fn all_unscored_is_named_on_either_side() {
    let none = |_, _| [None, None];
    let comparison = compared(heard(9, none), heard(9, fair));
    let why = "decided none of its 45 contests in both orders (90 × judge cut by max_tokens)";
    assert_verdict(&comparison, Verdict::NotComparable, why);
    let comparison = compared(heard(9, fair), heard(9, none));
    assert_verdict(
        &comparison,
        Verdict::Regressed,
        "answers that fail a check 0.0% → 100.0%",
    );
}

#[test]
fn without_an_opponent_there_is_nothing_to_compare() {
    let mut lonely = heard(0, fair);
    lonely.alone = vec!["SCN-00/haiku/0 · turn 1".to_owned()];
    let comparison = compared(lonely.clone(), lonely);
    assert_verdict(&comparison, Verdict::NotComparable, "needs two models");
}

#[test]
fn turns_are_not_compared_with_dialogues() {
    let mut whole = heard(9, fair);
    whole.compares = Unit::Dialogues;
    let comparison = compared(heard(9, fair), whole);
    assert_verdict(
        &comparison,
        Verdict::NotComparable,
        "`compares` in judge.toml",
    );
}

#[test]
fn what_finds_no_partner_is_listed() {
    let mut other = heard(9, fair);
    other.contests[0].subject.first.tutor_turn = Some("Other words?".to_owned());
    other.contests[1].key.turn = Some(9);
    let comparison = compared(heard(9, fair), other);
    assert_eq!(comparison.subjects.paired, 43);
    let why: Vec<String> = comparison
        .subjects
        .unpaired
        .iter()
        .map(|own| own.why.to_string())
        .collect();
    assert_eq!(
        why,
        [
            "the judged text or its context differs",
            "only the baseline has it",
            "only the candidate has it"
        ]
    );
    assert_noted(&comparison, "3 contests not paired");
}

#[test]
fn a_comparison_reads_from_the_verdict_downwards() {
    let other = |scenario: u32, turn: u32| match (scenario, turn) {
        (2 | 5, 3) => [FIRST, FIRST],
        (4, 5) => [TIE, SECOND],
        (7, 1) => [None, SECOND],
        _ => fair(scenario, turn),
    };
    let comparison = compared(heard(9, fair), heard(9, other));
    insta::assert_snapshot!(
        "pairwise_text",
        ComparisonText::Full.render(&comparison).unwrap()
    );
    insta::assert_snapshot!(
        "pairwise_markdown",
        ComparisonMarkdown.render(&comparison).unwrap()
    );
    check(&comparison);
}

#[test]
fn what_is_shown_of_a_contest_that_moved_is_the_order_that_moved() {
    let swapped = |scenario: u32, turn: u32| match (scenario, turn) {
        (2, 3) => [FIRST, FIRST],
        _ => fair(scenario, turn),
    };
    let comparison = compared(heard(9, fair), heard(9, swapped));
    let text = ComparisonText::Full.render(&comparison).unwrap();
    assert!(
        text.contains("A, llama first → haiku: it is second"),
        "{text}"
    );
    assert!(
        text.contains("B, llama first → llama: it is first"),
        "{text}"
    );
    assert!(!text.contains("haiku first →"), "{text}");
}

#[test]
fn a_contest_that_wavers_in_the_other_order_has_moved() {
    let wavers = |both: [Said; 2]| {
        move |scenario: u32, turn: u32| match (scenario, turn) {
            (2, 3) => both,
            _ => fair(scenario, turn),
        }
    };
    let (before, after) = (wavers([FIRST, TIE]), wavers([TIE, FIRST]));
    let comparison = compared(heard(9, before), heard(9, after));
    assert_eq!(comparison.movers.len(), 1);
}

/// Every format has a form of it, and JSON keeps its own schema.
fn check(comparison: &PairwiseComparison) {
    let schema: Value = serde_json::from_str(PAIRWISE_SCHEMA).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("pairwise.json", schema).unwrap();
    let index = compiler.compile("pairwise.json", &mut schemas).unwrap();
    let json = ComparisonJson.render(comparison).unwrap();
    let value: Value = serde_json::from_str(&json).unwrap();
    if let Err(error) = schemas.validate(&value, index) {
        panic!("{error:#}\n{json}");
    }
    let markdown = ComparisonMarkdown.render(comparison).unwrap();
    assert!(markdown.lines().count() <= 60, "{markdown}");
    for text in [
        ComparisonText::Full.render(comparison).unwrap(),
        ComparisonText::Brief.render(comparison).unwrap(),
        ComparisonJunit.render(comparison).unwrap(),
        ComparisonGithub.render(comparison).unwrap(),
        markdown,
    ] {
        assert!(!text.contains("NaN") && !text.contains("inf%"), "{text}");
    }
    // The page's script has the word.
    let page = ComparisonHtml.render(comparison).unwrap();
    assert!(page.matches("NaN").count() == script_nans(), "{page}");
}

fn script_nans() -> usize {
    include_str!("../../src/report/html/templates/page.js")
        .matches("NaN")
        .count()
}

fn any_heard() -> impl Strategy<Value = PairwiseEvidence> {
    let said = prop_oneof![Just(None), Just(FIRST), Just(SECOND), Just(TIE)];
    let both = proptest::collection::vec([said.clone(), said], 40);
    (0..9_u32, both).prop_map(|(scenarios, both)| {
        heard(scenarios, |scenario, turn| {
            both[(scenario * 5 + turn) as usize % both.len()]
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_two_judges_are_compared_without_a_panic_or_a_nan(a in any_heard(), b in any_heard()) {
        check(&compared(a, b));
    }
}
