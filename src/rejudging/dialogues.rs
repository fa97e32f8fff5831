//! Dialogues as they were held.

use std::path::Path;

use jiff::Timestamp;

use super::error::RejudgingError;
use super::source::Source;
use crate::bench::{CONCURRENCY, Misses, Plan, Run, Transcript};
use crate::client::{Cassette, CassetteOptions, OpenError};
use crate::environment::Environment;
use crate::playback::{Attempts, Explained, Mode, Unused};

/// Replays a plan's dialogues and leaves them unjudged; nothing is sent anywhere.
///
/// # Errors
/// [`RejudgingError::NotHeld`] where some are not recorded, [`RejudgingError::NoDialogues`] where
/// none is, or what is wrong with the cassette.
pub async fn dialogues(source: &Source, plan: &Plan) -> Result<Vec<Transcript>, RejudgingError> {
    let path = source.dialogues(plan);
    let cassette = reading(&path).open().map_err(|error| match error {
        OpenError::Cassette(error) if error.problem.is_unrecorded() => {
            RejudgingError::NoDialogues {
                path: error.path,
                help: source.holding(),
            }
        }
        other => other.into(),
    })?;
    let client = Box::pin(cassette.client()).await?;
    let run = Run::new(plan.clone(), client)
        .dialogues_only()
        .concurrency(CONCURRENCY);
    let outcome = Box::pin(run.execute()).await;
    cassette.finish()?;
    match Misses::of(&outcome) {
        Some(misses) => Err(RejudgingError::NotHeld {
            misses: Box::new(misses),
            help: source.holding(),
        }),
        None => Ok(outcome.transcripts),
    }
}

/// A cassette of judgments, only read whatever the environment says: what a recording would ask
/// again, such as a throttled call or an answer of before a time, is missing from it.
///
/// # Errors
/// What is wrong with the file.
pub fn answers(
    path: &Path,
    explained: Explained,
    since: Option<Timestamp>,
) -> Result<Cassette, RejudgingError> {
    let options = reading(path).attempts(Attempts::Answers);
    let options = match since {
        Some(since) => options.since(since),
        None => options,
    };
    Ok(options.explained(explained).open()?)
}

fn reading(path: &Path) -> CassetteOptions {
    Cassette::options(path)
        .mode(Mode::Replay)
        .environment(Environment::default())
        .unused(Unused::Ok)
}
