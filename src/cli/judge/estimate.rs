//! About what missing judgments use: prompts are known to the letter, answers are not.

use bedrock_replay::bench::{Plan, Transcript};
use bedrock_replay::judge::{Judge, Tokens};
use bedrock_replay::regression::subjects;

/// Characters of English in a token, about.
const CHARACTERS: u64 = 4;
/// Tokens of a judgment, about, where the limit is no lower.
const ANSWER: u64 = 180;

/// About what one call of a judge uses.
#[derive(Debug, Clone, Copy)]
pub struct Estimate {
    /// One call.
    pub call: Tokens,
}

impl Estimate {
    /// Fills the judge's prompts in for every turn of the dialogues.
    pub fn of(judge: &Judge, plan: &Plan, transcripts: &[Transcript]) -> Self {
        let lengths: Vec<u64> = subjects(&plan.scenarios, transcripts)
            .iter()
            .filter_map(|subject| judge.prompt(subject).ok())
            .map(|prompt| prompt.system.chars().count() + prompt.user.chars().count())
            .map(|characters| u64::try_from(characters).unwrap_or(u64::MAX))
            .collect();
        let calls = u64::try_from(lengths.len()).unwrap_or(u64::MAX).max(1);
        let input = lengths.iter().sum::<u64>() / CHARACTERS / calls;
        Self {
            call: Tokens {
                input,
                output: ANSWER.min(judge.parameters.max_tokens.into()),
                ..Tokens::default()
            },
        }
    }

    /// So many calls.
    pub fn times(self, calls: u64) -> Tokens {
        Tokens {
            input: self.call.input * calls,
            output: self.call.output * calls,
            ..Tokens::default()
        }
    }
}
