//! What a replayed call costs beside an ordinary one and beside AWS's own test doubles, in one
//! run on one machine: the contenders take turns, and the ratios are of their medians.
//!
//! `cargo bench --bench replay -- --quick` leaves the large cassette out; a word runs only the
//! contenders whose names hold it; `--keep FOLDER` makes the cassettes there, or takes those that
//! are there, and `--alone CASSETTE` measures the decisions and the memory of a replay of one.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark that cannot go on stops, and prints what it measured"
)]

mod alone;
mod contenders;
mod paired;
mod recording;
mod recordings;

use std::path::Path;

use contenders::{Call, Contender};
use paired::Turns;

/// Calls of one contender before the next one's turn.
const CALLS: usize = 200;
/// Turns of each contender.
const TURNS: usize = 40;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| {
        let place = words.iter().position(|word| word == flag)?;
        words.get(place + 1).map(Path::new)
    };
    if let Some(path) = after(alone::FLAG) {
        return alone::measure(path);
    }
    let is_quick = words.iter().any(|word| word == "--quick");
    let kept = after("--keep");
    let word = words
        .iter()
        .find(|word| !word.starts_with("--") && kept != Some(Path::new(word)));
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or(temporary.path());
    let small = recordings::cassette(folder, 1_000);
    let large = (!is_quick).then(|| recordings::cassette(folder, 100_000));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for call in [Call::Converse, Call::ConverseStream] {
        let mut contenders = runtime.block_on(contenders(call, &small, large.as_deref()));
        contenders.retain(|contender| word.is_none_or(|word| contender.name.contains(word)));
        runtime
            .block_on(take_turns(&mut contenders))
            .print(call.name());
    }
    if word.is_none() {
        for path in [Some(&small), large.as_ref()].into_iter().flatten() {
            alone::in_a_process(path);
        }
        runtime.block_on(recording::compare(temporary.path()));
    }
}

async fn contenders(call: Call, small: &Path, large: Option<&Path>) -> Vec<Contender> {
    let mut contenders = vec![
        Contender::ordinary(call),
        Contender::cassette("cassette, 1,000 exchanges", call, small).await,
        Contender::static_replay(call),
        Contender::dvr(call),
    ];
    if let Some(large) = large {
        contenders.insert(
            2,
            Contender::cassette("cassette, 100,000 exchanges", call, large).await,
        );
    }
    contenders
}

async fn take_turns(contenders: &mut [Contender]) -> Turns {
    let mut turns = Turns::default();
    for turn in 0..=TURNS {
        for contender in &mut *contenders {
            let taken = contender.run(CALLS).await;
            // The first turn warms caches and is not counted.
            if turn > 0 {
                turns.add(contender.name, taken, CALLS);
            }
        }
    }
    turns
}
