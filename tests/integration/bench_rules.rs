//! What went wrong in other benchmarks cannot happen here: an error is never a score, a
//! missing judgment is never 0, five turns are five, the scale is the rubric's.

use std::num::NonZeroUsize;

use bedrock_replay::bench::{Outcome, Plan, Run, TutorTurn};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::judge::Points;
use bedrock_replay::report::{Format as _, Json, Report, Table};

use super::bench_stand_in::{
    Asked, Reply, StandIn, judged, plan, project, said, scores, stopped, well,
};

const HAIKU: &str = "claude-3-5-haiku";
const LLAMA: &str = "llama-3-1-70b";
const SCRIPTED: &str = "EL-CIV-FREE-HARM-01";
const PLAYED: &str = "EL-EPI-OPEN-MIND-01";

async fn outcome(plan: Plan, stand_in: &StandIn) -> Outcome {
    Run::new(plan, stand_in.client()).execute().await
}

/// One scripted dialogue of one model.
async fn dialogue(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Outcome {
    outcome(plan(&[HAIKU], &[SCRIPTED]), &StandIn::new(script)).await
}

fn report(outcome: Outcome) -> Report {
    Report {
        outcome,
        provenance: vec![Provenance::Live],
    }
}

/// Attempted, answered, judged, unscored of the first model.
fn counts(outcome: &Outcome) -> [u32; 4] {
    let model = &outcome.summaries()[0];
    [
        model.attempted,
        model.answered,
        model.judged,
        model.unscored,
    ]
}

#[tokio::test]
async fn a_throttled_model_has_no_score_and_no_judge_sees_an_error() {
    let stand_in = StandIn::new(|asked| {
        if asked.model.starts_with("meta.") {
            return Reply::Error(429, "ThrottlingException", "Too many requests");
        }
        well(asked)
    });
    let outcome = outcome(plan(&[HAIKU, LLAMA], &[SCRIPTED]), &stand_in).await;
    let [haiku, llama] = &outcome.summaries()[..] else {
        panic!("two models");
    };
    assert_eq!(haiku.overall.to_string(), "10.00");
    assert_eq!((llama.attempted, llama.answered, llama.judged), (5, 0, 0));
    assert_eq!(llama.overall.value(), None);
    assert_eq!(llama.compliance.value(), None);
    assert_eq!(llama.half_life.value(), None);
    assert_eq!(llama.not_answered_because["ThrottlingException"], 1);
    assert_eq!(llama.not_answered_because["after a failed turn"], 4);
    let judge_calls = stand_in.asked().into_iter().filter(Asked::is_judge);
    assert_eq!(judge_calls.count(), 5);
    assert_eq!(outcome.failures()["ThrottlingException"], 1);

    let report = report(outcome);
    insta::assert_snapshot!("a_throttled_model", Table.render(&report).unwrap());
    let json = Json.render(&report).unwrap();
    assert!(!json.contains("NaN") && !json.contains("[ERROR"));
}

#[tokio::test]
async fn a_failed_turn_ends_its_dialogue_and_the_rest_counts_as_attempted() {
    let outcome = dialogue(|asked| match (asked.is_judge(), asked.turn()) {
        (false, 3) => Reply::Timeout,
        _ => well(asked),
    })
    .await;
    assert_eq!(counts(&outcome), [5, 2, 2, 0]);
    let model = &outcome.summaries()[0];
    assert_eq!(model.not_answered_because["timeout"], 1);
    assert_eq!(model.not_answered_because["after a failed turn"], 2);
    // Whether it would have held is not known: two good turns are no half-life.
    assert_eq!(model.half_life.count(), 0);
}

#[tokio::test]
async fn an_empty_answer_is_no_answer() {
    let outcome = dialogue(|asked| match (asked.is_judge(), asked.turn()) {
        (false, 2) => said(" \n"),
        _ => well(asked),
    })
    .await;
    assert_eq!(counts(&outcome), [5, 1, 1, 0]);
    assert_eq!(
        outcome.summaries()[0].not_answered_because["empty answer"],
        1
    );
}

#[tokio::test]
async fn a_guardrails_words_are_not_the_tutors() {
    let outcome = dialogue(|asked| match (asked.is_judge(), asked.turn()) {
        (false, 5) => stopped("I cannot talk about that.", "guardrail_intervened"),
        _ => well(asked),
    })
    .await;
    assert_eq!(counts(&outcome), [5, 4, 4, 0]);
    let last = &outcome.transcripts[0].turns[4];
    assert!(matches!(&last.tutor, TutorTurn::Blocked { text, .. } if text.starts_with("I cannot")));
}

#[tokio::test]
async fn an_answer_cut_by_max_tokens_is_kept_and_not_judged() {
    let stand_in = StandIn::new(|asked| match (asked.is_judge(), asked.turn()) {
        (false, 2) => stopped("Before I ask, let me explain that", "max_tokens"),
        _ => well(asked),
    });
    let outcome = outcome(plan(&[HAIKU], &[SCRIPTED]), &stand_in).await;
    assert_eq!(counts(&outcome), [5, 5, 4, 1]);
    assert_eq!(
        outcome.summaries()[0].unscored_because["answer cut by max_tokens"],
        1
    );
    let judged = stand_in.asked().into_iter().filter(Asked::is_judge);
    assert!(judged.clone().count() == 4);
    assert!(
        judged
            .map(|asked| asked.last())
            .all(|text| !text.contains("that</tutor_turn>"))
    );
}

#[tokio::test]
async fn a_judgment_that_fails_a_check_is_unscored_and_never_a_zero() {
    let replies = [
        (
            "turn, number 1 ",
            judged("I would give this a 7.", "end_turn"),
            "judgment is not JSON",
        ),
        ("turn, number 2 ", scores(3, 3, 9), "score is out of range"),
        (
            "turn, number 3 ",
            judged("{\"overall_score\": 7, \"fo", "max_tokens"),
            "judge cut by max_tokens",
        ),
        (
            "turn, number 4 ",
            Reply::Text("[ERROR: throttled]"),
            "judge's answer has another form",
        ),
    ];
    let expected: Vec<&str> = replies.iter().map(|(_, _, label)| *label).collect();
    let outcome = dialogue(move |asked| {
        let is_of = |part: &str| asked.is_judge() && asked.last().contains(part);
        let reply = replies.iter().find(|(part, ..)| is_of(part));
        reply.map_or_else(|| well(asked), |(_, reply, _)| reply.clone())
    })
    .await;
    assert_eq!(counts(&outcome), [5, 5, 1, 4]);
    let model = &outcome.summaries()[0];
    // The one judgment alone is averaged; four zeros would make it 2.
    assert_eq!(model.overall.to_string(), "10.00");
    assert_eq!(model.dimensions[2].violations.to_string(), "0.0%");
    for label in expected {
        assert_eq!(model.unscored_because[label], 1, "{label}");
    }
    assert!(outcome.failures().is_empty());
}

#[tokio::test]
async fn a_judge_that_is_throttled_leaves_the_turn_unscored() {
    let outcome = dialogue(|asked| {
        if asked.is_judge() {
            return Reply::Error(429, "ThrottlingException", "slow down");
        }
        well(asked)
    })
    .await;
    assert_eq!(counts(&outcome), [5, 5, 0, 5]);
    let model = &outcome.summaries()[0];
    assert_eq!(model.overall.value(), None);
    assert_eq!(model.unscored_because["judge: ThrottlingException"], 5);
}

#[tokio::test]
async fn five_turns_are_five() {
    let stand_in = StandIn::new(well);
    let outcome = outcome(plan(&[HAIKU], &[SCRIPTED, PLAYED]), &stand_in).await;
    assert_eq!(counts(&outcome), [10, 10, 10, 0]);
    let scripted: Vec<Asked> = stand_in
        .asked()
        .into_iter()
        .filter(|asked| asked.scope.starts_with(SCRIPTED))
        .collect();
    let lengths: Vec<usize> = scripted
        .iter()
        .filter(|asked| !asked.is_judge())
        .map(|asked| asked.body["messages"].as_array().unwrap().len())
        .collect();
    assert_eq!(
        lengths,
        [1, 3, 5, 7, 9],
        "each turn sees all that was said before"
    );
    assert_eq!(scripted.iter().filter(|asked| asked.is_judge()).count(), 5);
    for transcript in &outcome.transcripts {
        assert_eq!(transcript.turns.len(), 5);
        assert!(
            transcript
                .turns
                .iter()
                .all(|turn| turn.judgment().is_some())
        );
    }
}

#[tokio::test]
async fn a_scale_of_a_hundred_is_refused_and_not_divided() {
    let outcome = dialogue(|asked| {
        if asked.is_judge() {
            return scores(30, 30, 40);
        }
        well(asked)
    })
    .await;
    assert_eq!(counts(&outcome), [5, 5, 0, 5]);
}

#[tokio::test]
async fn thresholds_are_the_rubrics() {
    let sixes = |asked: &Asked| {
        if asked.is_judge() {
            return scores(2, 2, 2);
        }
        well(asked)
    };
    let as_shipped = dialogue(sixes).await.summaries().remove(0);
    assert_eq!(as_shipped.compliance.to_string(), "100.0%");
    assert_eq!(as_shipped.half_life.to_string(), "0.00");

    let mut stricter = plan(&[HAIKU], &[SCRIPTED]);
    stricter.judge.rubric.compliance = Points::whole(7);
    stricter.judge.rubric.half_life = Points::whole(6);
    stricter.judge.rubric.violation = Points::whole(2);
    let stricter = outcome(stricter, &StandIn::new(sixes))
        .await
        .summaries()
        .remove(0);
    assert_eq!(stricter.compliance.to_string(), "0.0%");
    assert_eq!(stricter.half_life.to_string(), "5.00");
    assert_eq!(stricter.dimensions[0].violations.to_string(), "100.0%");
}

#[tokio::test]
async fn half_life_is_the_number_of_turns_before_the_first_low_one() {
    let falls_at = |turn: usize| {
        move |asked: &Asked| {
            let is_low = asked.is_judge() && asked.last().contains(&format!("number {turn} "));
            if is_low { scores(3, 3, 1) } else { well(asked) }
        }
    };
    for (turn, expected) in [(1, "0.00"), (4, "3.00"), (5, "4.00"), (6, "5.00")] {
        let outcome = dialogue(falls_at(turn)).await;
        assert_eq!(outcome.summaries()[0].half_life.to_string(), expected);
    }
}

#[tokio::test]
async fn a_dialogue_that_fell_before_its_unscored_turn_still_tells_its_half_life() {
    let outcome = dialogue(|asked| match asked.is_judge() {
        true if asked.last().contains("number 2 ") => scores(0, 0, 0),
        true if asked.last().contains("number 3 ") => judged("", "end_turn"),
        _ => well(asked),
    })
    .await;
    let model = &outcome.summaries()[0];
    assert_eq!(
        (model.half_life.count(), model.half_life.value()),
        (1, Some(1.0))
    );
}

#[tokio::test]
async fn a_played_student_hears_the_tutor_and_never_its_own_opening_twice() {
    let stand_in = StandIn::new(|asked| {
        if !asked.is_judge() && asked.system().contains("You are the student") {
            return said("Because I saw it.");
        }
        well(asked)
    });
    let outcome = outcome(plan(&[LLAMA], &[PLAYED]), &stand_in).await;
    let students: Vec<Asked> = stand_in
        .asked()
        .into_iter()
        .filter(|asked| asked.system().contains("You are the student"))
        .collect();
    assert_eq!(students.len(), 4);
    let third = students[2].body["messages"].as_array().unwrap();
    let roles: Vec<&str> = third
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user"]);
    assert_eq!(third[0]["content"][0]["text"], "What makes you say that?");
    assert_eq!(third[1]["content"][0]["text"], "Because I saw it.");
    assert_eq!(students[2].scope, format!("{PLAYED}/{LLAMA}/0"));
    let tokens = outcome.summaries()[0].student_tokens;
    assert_eq!((tokens.calls, tokens.sum.input), (4, 40));
}

#[tokio::test]
async fn a_student_who_fails_ends_the_dialogue_in_the_students_name() {
    let outcome = outcome(
        plan(&[LLAMA], &[PLAYED]),
        &StandIn::new(|asked| {
            let is_student = !asked.is_judge() && asked.system().contains("You are the student");
            if is_student && asked.turn() == 2 {
                return Reply::Error(503, "ServiceUnavailableException", "later");
            }
            well(asked)
        }),
    )
    .await;
    assert_eq!(counts(&outcome), [5, 2, 2, 0]);
    let reasons = &outcome.summaries()[0].not_answered_because;
    assert_eq!(reasons["student: ServiceUnavailableException"], 1);
    assert_eq!(reasons["after a failed turn"], 2);
}

#[tokio::test]
async fn scopes_are_the_dialogue_and_for_judges_the_turn() {
    let stand_in = StandIn::new(well);
    outcome(plan(&[HAIKU], &[SCRIPTED]), &stand_in).await;
    let mut scopes: Vec<String> = stand_in
        .asked()
        .into_iter()
        .map(|asked| asked.scope)
        .collect();
    scopes.dedup();
    let judge = |turn| format!("{SCRIPTED}/{HAIKU}/0/judge/turn-{turn}");
    let expected = [
        vec![format!("{SCRIPTED}/{HAIKU}/0")],
        (1..=5).map(judge).collect(),
    ]
    .concat();
    assert_eq!(scopes, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_result_is_the_same_at_any_concurrency() {
    // Scores and texts differ from turn to turn, and one dialogue fails.
    let uneven = |asked: &Asked| {
        let length = u32::try_from(asked.last().len()).unwrap();
        match asked.is_judge() {
            true => scores(length % 4, length % 3, length % 5),
            false if asked.last().contains("full of heat") => Reply::Timeout,
            false => said(&format!("What about {length}, {}?", asked.model)),
        }
    };
    let mut texts = Vec::new();
    for concurrency in [1, 4, 64] {
        let run = Run::new(plan(&[], &[]), StandIn::new(uneven).client());
        let outcome = run
            .concurrency(NonZeroUsize::new(concurrency).unwrap())
            .execute()
            .await;
        let report = report(outcome);
        texts.push(Json.render(&report).unwrap() + &Table.render(&report).unwrap());
    }
    assert!(texts[0] == texts[1] && texts[1] == texts[2]);
}

#[tokio::test]
async fn the_judge_is_asked_by_an_anthropic_body_and_sees_only_what_came_before() {
    let stand_in = StandIn::new(well);
    outcome(plan(&[HAIKU], &[SCRIPTED]), &stand_in).await;
    let second = stand_in
        .asked()
        .into_iter()
        .find(|asked| asked.scope.ends_with("judge/turn-2"))
        .unwrap();
    assert_eq!(second.model, "anthropic.claude-3-5-sonnet-20241022-v2:0");
    assert_eq!(second.body["anthropic_version"], "bedrock-2023-05-31");
    assert_eq!(second.body["temperature"], 0);
    insta::assert_snapshot!(
        "what_a_judge_is_asked",
        format!("{}\n\n---\n\n{}", second.system(), second.last())
    );
}

#[test]
fn the_shipped_plan_has_eight_scenarios_in_three_vectors_and_three_models() {
    let plan = plan(&[], &[]);
    assert!(plan.scenarios.len() >= 8);
    assert_eq!((plan.models.len(), plan.turns, plan.samples), (3, 5, 1));
    let vectors: std::collections::BTreeSet<_> = plan
        .scenarios
        .iter()
        .map(|scenario| scenario.vector)
        .collect();
    assert_eq!(vectors.len(), 3);
    assert_eq!(plan.calls(), 3 * (6 * 10 + 3 * 14));
    assert!(project("scenarios/judges/socratic/judge.toml").is_file());
}

#[tokio::test]
async fn the_table_says_of_how_many_dialogues_a_half_life_is() {
    let stand_in = StandIn::new(|asked| match (asked.is_judge(), asked.turn()) {
        (false, 2) if asked.scope.starts_with(PLAYED) => Reply::Timeout,
        (true, _) if asked.last().contains("number 4 ") => scores(1, 1, 1),
        _ => well(asked),
    });
    let outcome = outcome(plan(&[HAIKU], &[SCRIPTED, PLAYED]), &stand_in).await;
    let table = Table.render(&report(outcome)).unwrap();
    assert!(table.contains("3.00 (1/2)"), "{table}");
}
