//! How the dialogues of a run are held: what a plan of it has to know too.

use bedrock_replay::bench::{Plan, Speaking};
use clap::Args;

/// How the dialogues are held.
#[derive(Debug, Clone, Copy, Args)]
pub struct Manner {
    /// Show the dialogues as they are held, word by word (by ConverseStream)
    #[arg(long)]
    stream: bool,

    /// Mark the system prompts for Bedrock's prompt cache, where a model has one
    #[arg(long)]
    prompt_cache: bool,
}

impl Manner {
    /// A plan whose dialogues are held so.
    pub fn of(self, mut plan: Plan) -> Plan {
        plan.prompt_cache |= self.prompt_cache;
        plan
    }

    /// In which form the models are asked.
    pub const fn speaking(self) -> Speaking {
        if self.stream {
            Speaking::Streamed
        } else {
            Speaking::AtOnce
        }
    }

    /// The same flags for the command that goes on.
    pub fn words(self) -> impl Iterator<Item = String> {
        let flags = [
            (self.stream, "--stream"),
            (self.prompt_cache, "--prompt-cache"),
        ];
        let set = flags.into_iter().filter(|(is_set, _)| *is_set);
        set.map(|(_, flag)| flag.to_owned())
    }
}
