//! Two judges' judgments, written down by a test, and what a comparison makes of them.

use bedrock_replay::exchange::Provenance;
use bedrock_replay::judge::{Judge, Judgment, Points, Rubric, Score};
use bedrock_replay::regression::{
    Changes, Comparison, Evidence, Judged, JudgedTurn, Options, TurnKey, Unjudged, Verdicts,
};

use super::bench_stand_in::project;

/// What a judge says of a turn: three scores, or none.
pub type Said = Option<[i32; 3]>;

/// Scores that differ from turn to turn as a judge's do.
#[expect(clippy::unnecessary_wraps, reason = "what a judge says may be nothing")]
pub fn plain(dialogue: u32, turn: u32) -> Said {
    let wobble = i32::try_from((dialogue * 7 + turn * 3) % 3).unwrap();
    Some([
        3 - wobble,
        2 + wobble % 2,
        3 + i32::from(turn.is_multiple_of(2)),
    ])
}

pub fn judge() -> Judge {
    Judge::load(&project("scenarios/judges/socratic")).unwrap()
}

/// So many dialogues of two models, so many turns each, and what was said of them.
pub fn judged(dialogues: u32, turns: u32, said: impl Fn(u32, u32) -> Said) -> Judged {
    let judge = judge();
    let mut own = Vec::new();
    for dialogue in 0..dialogues {
        for turn in 1..=turns {
            own.push(judged_turn(
                &judge.rubric,
                dialogue,
                turn,
                said(dialogue, turn),
            ));
        }
    }
    Judged {
        identity: judge.identity(),
        rubric: judge.rubric,
        turns: own,
    }
}

fn judged_turn(rubric: &Rubric, dialogue: u32, turn: u32, said: Said) -> JudgedTurn {
    let model = ["haiku", "llama"][dialogue as usize % 2];
    JudgedTurn {
        key: TurnKey {
            scenario: format!("SCN-{:02}", dialogue / 2),
            model: model.to_owned(),
            sample: 0,
            turn,
        },
        digest: [u8::try_from(dialogue % 250).unwrap(); 32],
        student: format!("I am sure of it, {dialogue}."),
        tutor: format!("What makes you sure of it, {turn}?"),
        verdict: verdict(rubric, said),
        tokens: None,
    }
}

pub fn verdict(rubric: &Rubric, said: Said) -> Verdicts {
    let Some(scores) = said else {
        return Verdicts::Unscored {
            by: Unjudged::Answer,
            label: "judge cut by max_tokens".to_owned(),
            detail: "the judge was cut".to_owned(),
        };
    };
    let dimensions = rubric.dimensions.iter().zip(scores);
    let scores: Vec<Score> = dimensions
        .map(|(dimension, score)| Score {
            dimension: dimension.name.clone(),
            score: Points::whole(score),
            rationale: format!("{} is {score}", dimension.name),
        })
        .collect();
    Verdicts::Scored {
        judgment: Judgment {
            overall: scores.iter().map(|score| score.score).sum(),
            scores,
        },
    }
}

pub fn evidence(epochs: Vec<Judged>) -> Evidence {
    Evidence {
        judge: judge().identity(),
        epochs,
        provenance: vec![Provenance::Simulated],
        probes: Vec::new(),
    }
}

/// Compares two sides by the given options.
pub fn compared_by(a: Judged, b: Judged, options: &Options) -> Comparison {
    let judge = judge();
    let rubric = a.rubric.clone();
    let changes = Changes::between(&judge, &judge);
    Comparison::of(
        evidence(vec![a]),
        evidence(vec![b]),
        &rubric,
        changes,
        None,
        options,
    )
}

pub fn compared(a: Judged, b: Judged) -> Comparison {
    compared_by(a, b, &Options::default())
}
