//! What the comparison of two judges takes, by far the largest that anybody plans: 10,000
//! dialogues of 10 turns, each judged by both, with the Monte Carlo of the sign-flip test.
//!
//! `cargo bench --bench judge`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints what it measured"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use bedrock_replay::exchange::Provenance;
use bedrock_replay::judge::{Judge, Judgment, Points, Rubric, Score};
use bedrock_replay::regression::{
    Changes, Comparison, Evidence, Judged, JudgedTurn, Options, TurnKey, Verdicts,
};
use bedrock_replay::report::{ComparisonHtml, ComparisonJson, ComparisonText, Format};

const DIALOGUES: u32 = 10_000;
const TURNS: u32 = 10;
const MODELS: u32 = 10;
const TIMES: usize = 5;

/// A report's form, and how long it took each time.
struct Form {
    name: &'static str,
    format: Box<dyn Format<Comparison>>,
    taken: Vec<Duration>,
}

impl Form {
    fn new(name: &'static str, format: impl Format<Comparison> + 'static) -> Self {
        Self {
            name,
            format: Box::new(format),
            taken: Vec::new(),
        }
    }
}

fn main() {
    let judge = Judge::load(Path::new("scenarios/judges/socratic")).unwrap();
    let mut compared = Vec::new();
    let mut forms = [
        Form::new("text", ComparisonText::default()),
        Form::new("JSON", ComparisonJson),
        Form::new("HTML", ComparisonHtml),
    ];
    for _ in 0..TIMES {
        let sides = [1, 2].map(|side| evidence(&judge, side));
        let (comparison, taken) = timed(|| compare(&judge, sides));
        compared.push(taken);
        for form in &mut forms {
            let (_, taken) = timed(|| form.format.render(&comparison).unwrap());
            form.taken.push(taken);
        }
    }
    println!("{DIALOGUES} dialogues × {TURNS} turns × 2 judges, medians of {TIMES}");
    println!("  comparison {:>8.2?}", median(compared));
    for form in forms {
        println!("  {:<10} {:>8.2?}", form.name, median(form.taken));
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

fn compare(judge: &Judge, [a, b]: [Evidence; 2]) -> Comparison {
    let changes = Changes::between(judge, judge);
    Comparison::of(a, b, &judge.rubric, changes, None, &Options::default())
}

fn median(mut taken: Vec<Duration>) -> Duration {
    taken.sort();
    taken[taken.len() / 2]
}

fn evidence(judge: &Judge, side: u64) -> Evidence {
    let mut random = fastrand::Rng::with_seed(side);
    let turns = (0..DIALOGUES).flat_map(|dialogue| (1..=TURNS).map(move |turn| (dialogue, turn)));
    let turns = turns
        .map(|(dialogue, turn)| judged(&judge.rubric, dialogue, turn, &mut random))
        .collect();
    Evidence {
        judge: judge.identity(),
        epochs: vec![Judged {
            identity: judge.identity(),
            rubric: judge.rubric.clone(),
            turns,
        }],
        provenance: vec![Provenance::Simulated],
        probes: Vec::new(),
    }
}

fn judged(rubric: &Rubric, dialogue: u32, turn: u32, random: &mut fastrand::Rng) -> JudgedTurn {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&dialogue.to_be_bytes());
    digest[4..8].copy_from_slice(&turn.to_be_bytes());
    JudgedTurn {
        key: TurnKey {
            scenario: format!("BENCH-{:04}", dialogue / MODELS),
            model: format!("model-{}", dialogue % MODELS),
            sample: 0,
            turn,
        },
        digest,
        student: format!("I am sure of claim {dialogue}, for reason {turn}."),
        tutor: format!("What would have to be so for claim {dialogue} to be false?"),
        verdict: Verdicts::Scored {
            judgment: judgment(rubric, random),
        },
        tokens: None,
    }
}

fn judgment(rubric: &Rubric, random: &mut fastrand::Rng) -> Judgment {
    let scores: Vec<Score> = rubric
        .dimensions
        .iter()
        .map(|dimension| Score {
            dimension: dimension.name.clone(),
            score: Points::whole(random.i32(0..=3)),
            rationale: "It asks for what would count against the claim.".to_owned(),
        })
        .collect();
    Judgment {
        overall: scores.iter().map(|score| score.score).sum(),
        scores,
    }
}
