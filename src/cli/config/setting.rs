//! Every setting: its key in the file, its flag, its variable, its default.

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The key in `bedrock-replay.toml`; with `-` for `_` the flag.
    pub key: &'static str,
    /// The environment variable.
    pub variable: &'static str,
    /// What holds without any.
    pub default: &'static str,
    /// The commands that take it.
    pub commands: &'static [&'static str],
}

const PLANNED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "iam-policy",
    "judge list",
    "judge show",
    "judge pin",
    "judge plan",
    "judge record",
    "judge regress",
    "judge history",
    "stored show",
    "stored judge",
];
const PRICED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "judge plan",
    "judge record",
    "judge regress",
    "judge history",
];
/// Those that say what was saved as well.
const COSTED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "serve",
    "exec",
    "judge record",
    "stored judge",
];
const REGIONAL: &[&str] = &[
    "run",
    "plan",
    "cost",
    "iam-policy",
    "judge record",
    "stored judge",
];
/// Those that ask Bedrock.
const ASKING: &[&str] = &["run", "judge record", "stored judge"];
const RUN: &[&str] = &["run"];
const MODAL: &[&str] = &["run", "stored judge"];

/// All of them, in the order in which they are shown.
pub const SETTINGS: [Setting; 12] = [
    setting(
        "plan",
        "BEDROCK_REPLAY_PLAN",
        "scenarios/weekly.toml",
        PLANNED,
    ),
    setting(
        "cassette",
        "BEDROCK_REPLAY_CASSETTE",
        "cassettes/PLAN.sqlite",
        PRICED,
    ),
    setting("mode", "BEDROCK_REPLAY_MODE", "replay", MODAL),
    setting(
        "prices",
        "BEDROCK_REPLAY_PRICES",
        "prices.toml beside the plan",
        COSTED,
    ),
    setting("region", "AWS_REGION", "us-east-1", REGIONAL),
    setting(
        "endpoint_url",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "AWS's own",
        ASKING,
    ),
    setting("concurrency", "BEDROCK_REPLAY_CONCURRENCY", "8", RUN),
    setting("tries", "BEDROCK_REPLAY_TRIES", "4", ASKING),
    setting("backoff", "BEDROCK_REPLAY_BACKOFF", "2,4,8,16", ASKING),
    setting("quotas", "BEDROCK_REPLAY_QUOTAS", "auto", ASKING),
    setting("max_cost", "BEDROCK_REPLAY_MAX_COST", "no limit", ASKING),
    setting("ask_above", "BEDROCK_REPLAY_ASK_ABOVE", "5.00", ASKING),
];

const fn setting(
    key: &'static str,
    variable: &'static str,
    default: &'static str,
    commands: &'static [&'static str],
) -> Setting {
    Setting {
        key,
        variable,
        default,
        commands,
    }
}

impl Setting {
    /// Its flag, without the dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// Variables that the rest of the program reads by itself, with rules of its own: under
    /// `CI=true` only the variable lets a request out.
    pub fn is_read_elsewhere(&self) -> bool {
        matches!(self.key, "mode" | "endpoint_url" | "region")
    }
}
