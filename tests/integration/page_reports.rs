//! Reports made up for the tests of pages: what a run seldom gives, and what it should never.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;

use bedrock_replay::bench::{
    Answer, CallFailure, Judging, Model, Outcome, Plan, Reach, Setup, StudentKind, StudentTurn,
    Transcript, Turn, TutorTurn, Unscored, Vector,
};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::judge::{Heuristics, Judgment, Points, Rejection, Rubric, Score, Tokens};
use bedrock_replay::report::Report;

/// What ends a script, closes an attribute, turns the line around, and is no character at all.
pub const HOSTILE: &str = "</script><script>document.title='taken'</script>\
     <img src=x onerror=\"document.title='taken'\"> \" ' > & {{ 7 * 7 }} {% raw %} \
     \u{202e}txet desrever\u{2066} \u{0}\u{7}\u{feff} 👩‍🏫 e\u{301} \r\n\tend";

fn rubric() -> Rubric {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weekly.toml");
    Plan::load(&plan).unwrap().judge.rubric
}

fn model(name: &str) -> Model {
    Model {
        id: format!("id.of-{name}"),
        name: name.to_owned(),
        label: name.to_owned(),
    }
}

fn setup(models: &[&str], scenarios: usize) -> Setup {
    let rubric = rubric();
    Setup {
        plan: "made up".into(),
        scenarios,
        turns: 5,
        samples: 1,
        temperature: Some(0.7),
        max_tokens: Some(200),
        models: models.iter().map(|name| model(name)).collect(),
        judge: "socratic".into(),
        judge_model: "a judge".into(),
        rubric,
    }
}

fn answered(text: &str) -> TutorTurn {
    TutorTurn::Answered(Answer {
        text: text.to_owned(),
        stop_reason: "end_turn".into(),
        tokens: Some(Tokens {
            input: 120,
            output: 18,
            ..Tokens::default()
        }),
        latency_ms: Some(1250),
        heuristics: Heuristics::of(text),
    })
}

/// A judgment whose scores add up to `overall`, from 0 to 10.
fn judged(overall: i32, rationale: &str) -> Judging {
    let shares = [
        overall.min(3),
        (overall - 3).clamp(0, 3),
        (overall - 6).clamp(0, 4),
    ];
    let names = ["form", "substance", "purity"];
    let score = |(name, share): (&str, i32)| Score {
        dimension: name.into(),
        score: Points::whole(share),
        rationale: rationale.to_owned(),
    };
    Judging::Judged {
        judgment: Judgment {
            overall: Points::whole(overall),
            scores: names.into_iter().zip(shares).map(score).collect(),
        },
        tokens: None,
    }
}

fn turn(turn: u32, said: &str, tutor: TutorTurn, judge: Judging) -> Turn {
    Turn {
        turn,
        student: StudentTurn::Script { text: said.into() },
        tutor,
        judge,
    }
}

fn transcript(scenario: &str, vector: Vector, model: &str, turns: Vec<Turn>) -> Transcript {
    Transcript {
        scenario: scenario.into(),
        vector,
        title: format!("about {scenario}"),
        model: model.into(),
        model_id: format!("id.of-{model}"),
        student: StudentKind::Script,
        sample: 0,
        regions: BTreeMap::new(),
        turns,
    }
}

fn report(setup: Setup, transcripts: Vec<Transcript>) -> Report {
    Report {
        outcome: Outcome {
            setup,
            transcripts,
            is_simulated: true,
        },
        provenance: vec![Provenance::Simulated],
    }
}

/// One turn of each kind, with texts that a page must not take for its own.
pub fn hostile() -> Report {
    let rejected = Unscored::Rejected {
        rejection: Rejection::NotJson {
            found: HOSTILE.into(),
        },
        answer: HOSTILE.into(),
    };
    let unscored = |reason| Judging::Unscored {
        reason,
        tokens: None,
    };
    let refused = CallFailure::Refused {
        error: "ThrottlingException".into(),
        status: 429,
        message: HOSTILE.into(),
    };
    let blocked = TutorTurn::Blocked {
        stop_reason: "guardrail_intervened".into(),
        text: HOSTILE.into(),
        tokens: None,
    };
    let turns = vec![
        turn(1, HOSTILE, answered(HOSTILE), judged(9, HOSTILE)),
        turn(2, "a", answered(&"long ".repeat(20_000)), judged(0, "r")),
        turn(3, "b", answered("c"), unscored(rejected)),
        turn(4, "d", blocked, Judging::NotAnswered),
        turn(
            5,
            "e",
            TutorTurn::Failed { failure: refused },
            Judging::NotAnswered,
        ),
    ];
    let scenario = "\"><script>document.title='taken'</script>";
    let model = "a'b\"c<d>&";
    let transcripts = vec![transcript(scenario, Vector::Aporia, model, turns)];
    let mut setup = setup(&[model], 1);
    setup.plan = HOSTILE.into();
    report(setup, transcripts)
}

/// A run in which nothing was answered.
pub fn empty() -> Report {
    let setup = setup(&["one"], 0);
    report(setup, Vec::new())
}

/// A run that was stopped: turns of every kind that a failure leaves, and calls of which nothing
/// is known.
pub fn cut_short() -> Report {
    let unanswered = CallFailure::Unanswered {
        problem: "timed out".into(),
        message: "no answer in 60 s".into(),
        reach: Reach::OneCall,
    };
    let failed = |failure: CallFailure| TutorTurn::Failed { failure };
    let by_model = |cut_by: Option<&str>| StudentTurn::Model {
        text: "So it is.".into(),
        tokens: None,
        cut_by: cut_by.map(str::to_owned),
    };
    let untold = TutorTurn::Answered(Answer {
        text: "Is it?".into(),
        stop_reason: "max_tokens".into(),
        tokens: None,
        latency_ms: None,
        heuristics: Heuristics::of("Is it?"),
    });
    let empty = TutorTurn::Empty {
        stop_reason: "end_turn".into(),
        tokens: None,
    };
    let unscored = |reason| Judging::Unscored {
        reason,
        tokens: None,
    };
    let call_failed = unscored(Unscored::CallFailed(CallFailure::Unreadable {
        message: "expected an object".into(),
    }));
    let unsent = CallFailure::NotSent {
        message: "no body".into(),
    };
    let kinds = [
        (
            by_model(None),
            untold.clone(),
            unscored(Unscored::AnswerCut),
        ),
        (by_model(Some("max_tokens")), untold, call_failed),
        (by_model(None), empty, Judging::NotAnswered),
        (by_model(None), failed(unanswered), Judging::NotAnswered),
        (by_model(None), failed(unsent), Judging::NotAnswered),
        (
            by_model(None),
            failed(CallFailure::Stopped),
            Judging::NotAnswered,
        ),
        (
            StudentTurn::Failed {
                failure: CallFailure::Cassette {
                    message: "it is no database".into(),
                    reach: Reach::OneCall,
                },
            },
            TutorTurn::NotReached,
            Judging::NotAnswered,
        ),
        (
            StudentTurn::NotReached,
            TutorTurn::NotReached,
            Judging::NotAnswered,
        ),
    ];
    let turns = (1..)
        .zip(kinds)
        .map(|(turn, (student, tutor, judge))| Turn {
            turn,
            student,
            tutor,
            judge,
        });
    let mut own = transcript("SC-1", Vector::Maieutics, "one", turns.collect());
    own.student = StudentKind::Model;
    own.regions = BTreeMap::from([("us-east-1".to_owned(), 3), ("us-west-2".to_owned(), 1)]);
    let mut setup = setup(&["one"], 1);
    setup.temperature = None;
    setup.max_tokens = None;
    report(setup, vec![own])
}

/// A thousand dialogues of five turns.
pub fn thousand() -> Report {
    const MODELS: [&str; 5] = ["ada", "bertha", "clara", "dora", "edith"];
    let setup = setup(&MODELS, 200);
    let vector = |index: usize| Vector::ALL[index % Vector::ALL.len()];
    let said = "I never said that it was always so, only that I have not seen it otherwise.";
    let turns = |seed: usize| {
        (1..=5)
            .map(|number| {
                let place = seed * 5 + number as usize;
                let text = format!(
                    "What would you have to see, in case {place}, to say it was otherwise? {said}"
                );
                let overall = i32::try_from(place * 7 % 11).unwrap();
                let why = format!(
                    "Case {place} asks one open question and takes up the student's own words."
                );
                turn(number, said, answered(&text), judged(overall, &why))
            })
            .collect()
    };
    let dialogue = |index: usize| {
        let scenario = format!("SC-{:03}", index / MODELS.len());
        let model = MODELS[index % MODELS.len()];
        transcript(&scenario, vector(index / MODELS.len()), model, turns(index))
    };
    report(setup, (0..1_000).map(dialogue).collect())
}
