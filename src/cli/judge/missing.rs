//! Judgments that are not recorded: which, how many, and about what they cost.

use bedrock_replay::bench::{CallFailure, Judging, Outcome, Unscored};
use bedrock_replay::judge::Judge;

use super::estimate::Estimate;
use super::material::{Where, counted};
use crate::cli::exit_code;
use crate::cli::failure::Failure;

/// Missing calls that are named.
const NAMED: usize = 5;

/// What is missing of one side.
pub struct Missing<'a> {
    pub judge: &'a Judge,
    /// `candidate`, `baseline`.
    pub side: &'static str,
    /// The scopes of the missing calls.
    pub scopes: Vec<String>,
    /// All calls of this side.
    pub calls: u64,
    /// About what they cost, where that is known.
    pub cost: Option<String>,
}

impl<'a> Missing<'a> {
    /// Looks through what a judge was asked.
    pub fn of(side: &'static str, judge: &'a Judge, outcomes: &[Outcome]) -> Self {
        let mut missing = Self {
            judge,
            side,
            scopes: Vec::new(),
            calls: 0,
            cost: None,
        };
        for outcome in outcomes {
            for transcript in &outcome.transcripts {
                for turn in &transcript.turns {
                    missing.look(&transcript.name(), turn.turn, &turn.judge);
                }
            }
        }
        missing
    }

    fn look(&mut self, dialogue: &str, turn: u32, judging: &Judging) {
        let failure = match judging {
            Judging::Unscored {
                reason: Unscored::CallFailed(failure),
                ..
            } => Some(failure),
            Judging::Judged { .. }
            | Judging::Unscored {
                reason: Unscored::Rejected { .. },
                ..
            } => None,
            _ => return,
        };
        self.calls += 1;
        if let Some(CallFailure::Missed { .. }) = failure {
            self.scopes.push(format!("{dialogue} · turn {turn}"));
        }
    }

    /// The same with about what the missing calls use.
    pub fn with_cost(mut self, estimate: &Estimate) -> Self {
        let missing = u64::try_from(self.scopes.len()).unwrap_or(u64::MAX);
        let tokens = estimate.times(missing);
        self.cost = (missing > 0)
            .then(|| format!("about {} tokens in and {} out", tokens.input, tokens.output));
        self
    }

    pub fn is_none(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Those that are missing, named as far as there is room, and what they cost.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} {}: {} of {} not recorded{}",
            self.side,
            self.judge.identity(),
            self.scopes.len(),
            counted(self.calls, "judge call"),
            self.cost
                .as_ref()
                .map_or_else(String::new, |cost| format!(", {cost}")),
        )];
        let named = self.scopes.iter().take(NAMED);
        lines.extend(named.map(|scope| format!("  {scope}")));
        let more = self.scopes.len().saturating_sub(NAMED);
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        lines
    }
}

/// The command that records a judge's judgments.
pub fn command(place: &Where, reference: Option<&str>, epochs: u32) -> String {
    let mut words = vec!["bedrock-replay judge record".to_owned()];
    words.extend(reference.map(|reference| format!("--candidate {reference}")));
    words.extend((epochs > 1).then(|| format!("--epochs {epochs}")));
    words.extend(place.words());
    words.join(" ")
}

/// Missing judgments as a failure that scripts tell by its code.
pub fn failure(missing: &[(Missing, String)]) -> Failure {
    let mut lines = vec!["judgments are not recorded".to_owned()];
    for (own, command) in missing {
        lines.extend(own.lines().into_iter().map(|line| format!("  {line}")));
        lines.push(format!("  help      {command}"));
    }
    Failure::with_code(exit_code::REPLAY_MISS, lines.join("\n"))
}
