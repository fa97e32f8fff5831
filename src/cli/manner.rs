//! How the dialogues of a run are held: what a plan of it has to know too.

use bedrock_replay::bench::{Plan, Speaking};
use bedrock_replay::registry::CacheLifetime;
use clap::Args;

/// How the dialogues are held.
#[derive(Debug, Clone, Copy, Args)]
pub struct Manner {
    /// Hold the dialogues word by word, by ConverseStream: calls with a recording of their own, which a run shows as they come
    #[arg(long)]
    stream: bool,

    /// Mark the system prompts for Bedrock's prompt cache, where a model has one: for 5m, or for 1h where it can keep them so long
    #[arg(long, value_name = "LIFETIME", num_args = 0..=1, default_missing_value = "5m", value_parser = lifetime)]
    prompt_cache: Option<CacheLifetime>,
}

impl Manner {
    /// A plan whose dialogues are held so.
    pub fn of(self, mut plan: Plan) -> Plan {
        plan.prompt_cache = self.prompt_cache.or(plan.prompt_cache);
        plan
    }

    /// Says for which models the prompt cache does less than a plan asks.
    pub fn say_what_is_not_cached(plan: &Plan) {
        for why in plan.uncached() {
            anstream::eprintln!("note: {why}");
        }
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
        let stream = self.stream.then(|| "--stream".to_owned());
        let cache = self.prompt_cache.map(|lifetime| match lifetime {
            CacheLifetime::FiveMinutes => "--prompt-cache".to_owned(),
            CacheLifetime::OneHour => format!("--prompt-cache {}", lifetime.name()),
        });
        [stream, cache].into_iter().flatten()
    }
}

fn lifetime(text: &str) -> Result<CacheLifetime, String> {
    let mut all = CacheLifetime::ALL.into_iter();
    all.find(|lifetime| lifetime.name() == text)
        .ok_or_else(|| "expected `5m` or `1h`".to_owned())
}
