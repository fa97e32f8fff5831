//! What a pairwise judge's recording came to.

use bedrock_replay::bench::{CallFailure, Choosing, Contest, Unscored};
use bedrock_replay::regression::{Options, PairwiseEvidence, PairwiseSide};
use bedrock_replay::words::counted;

use crate::cli::explained::{Whereabouts, explained, gave_up};
use crate::cli::failure::Failure;

/// What the command that goes on with a recording asks for.
pub const REST: &str = "asks only for the rest";

/// Calls that brought nothing, how the first one failed, and the command that goes on.
pub fn unanswered(contests: &[Contest], go_on: &str) -> Option<Failure> {
    let failures = contests.iter().flat_map(|contest| {
        let said = [&contest.named, &contest.swapped].into_iter();
        said.filter_map(move |said| Some((contest, failure(said)?)))
    });
    let failures: Vec<_> = failures.collect();
    let (contest, first) = failures.first()?;
    let last = failures.iter().find(|(_, own)| own.is_of_every_call());
    if let Some((contest, failure)) = last {
        return Some(gave_up(
            &contest.key.to_string(),
            failure,
            Whereabouts::default(),
            &format!("{go_on}   ({REST})"),
        ));
    }
    Some(Failure::general(format!(
        "{} failed\n  first     {}\n            {first}\n{}  help      {go_on}   ({REST})",
        counted(failures.len(), "judge call"),
        contest.key,
        explained(first, Whereabouts::default())
    )))
}

fn failure(said: &Choosing) -> Option<&CallFailure> {
    match said.unscored() {
        Some(Unscored::CallFailed(failure)) => Some(failure),
        _ => None,
    }
}

/// `45 contests: 43 decided in both orders, 40 of them consistent; 2 calls without a verdict`.
pub fn decided(evidence: &PairwiseEvidence) -> String {
    let side = PairwiseSide::of(evidence, &Options::default());
    let reasons: Vec<String> = side
        .reasons
        .iter()
        .map(|(why, count)| format!("{count} × {why}"))
        .collect();
    let why = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    format!(
        "{}: {} decided in both orders, {} of them consistent; {} without a verdict{why}",
        counted(side.contests, "contest"),
        side.decided,
        side.bias.consistent.share.part(),
        counted(side.unscored.part(), "call")
    )
}
