//! Every setting: its key in the file, its flag, its variables, its default, what it must be.

use std::num::{NonZeroU32, NonZeroUsize};

use bedrock_replay::Mode;
use bedrock_replay::bench::MODEL_IDS_VARIABLE;
use bedrock_replay::environment::REGION_VARIABLES;
use bedrock_replay::pricing::Money;
use bedrock_replay::retry::Backoff;
use bedrock_replay::upstream::{
    DEFAULT_SESSION_NAME, EXTERNAL_ID_VARIABLE, ROLE_VARIABLE, SESSION_NAME_VARIABLE,
};

use crate::cli::regions::DEFAULT_REGION;
use crate::cli::values::{self, Check};
use crate::cli::watching::filter;

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The key in `bedrock-replay.toml`; with `-` for `_` the flag.
    pub key: &'static str,
    /// The environment variables; the first that is set holds.
    pub variables: &'static [&'static str],
    /// What holds without any.
    pub default: &'static str,
    /// The commands that take it, each with its subcommand.
    pub commands: &'static [&'static str],
    /// What it must be.
    pub check: Check,
}

const PLANNED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "iam-policy",
    "doctor",
    "models list",
    "models check",
    "judge list",
    "judge show",
    "judge pin",
    "judge plan",
    "judge record",
    "judge regress",
    "judge history",
    "judge unused",
    "stored show",
    "stored judge",
];
const RECORDED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "doctor",
    "judge plan",
    "judge record",
    "judge regress",
    "judge history",
    "judge unused",
];
/// Those that say what was saved as well.
const PRICED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "serve",
    "exec",
    "judge record",
    "stored judge",
];
const PLACED: &[&str] = &[
    "run",
    "plan",
    "cost",
    "iam-policy",
    "doctor",
    "judge record",
    "stored judge",
];
const SENT: &[&str] = &["run", "doctor", "judge record", "stored judge"];
const FORWARDED: &[&str] = &["run", "stored judge"];
const RUN: &[&str] = &["run"];
/// Those that ask Bedrock for answers.
const ASKED: &[&str] = &["run", "judge record", "stored judge"];
/// No flag and no key: the variable alone.
const NONE: &[&str] = &[];

/// All of them, in the order in which they are shown.
pub const SETTINGS: [Setting; 19] = [
    Setting {
        key: "plan",
        variables: &["BEDROCK_REPLAY_PLAN"],
        default: "scenarios/weekly.toml",
        commands: PLANNED,
        check: values::file,
    },
    Setting {
        key: "model_ids",
        variables: &[MODEL_IDS_VARIABLE],
        default: "the plan's",
        commands: NONE,
        check: values::model_ids,
    },
    Setting {
        key: "cassette",
        variables: &["BEDROCK_REPLAY_CASSETTE"],
        default: "cassettes/PLAN.sqlite",
        commands: RECORDED,
        check: values::file,
    },
    Setting {
        key: "mode",
        variables: &["BEDROCK_REPLAY_MODE"],
        default: "replay",
        commands: FORWARDED,
        check: values::parsed::<Mode>,
    },
    Setting {
        key: "prices",
        variables: &["BEDROCK_REPLAY_PRICES"],
        default: "prices.toml beside the plan",
        commands: PRICED,
        check: values::file,
    },
    Setting {
        key: "region",
        variables: &REGION_VARIABLES,
        default: DEFAULT_REGION,
        commands: PLACED,
        check: values::regions,
    },
    Setting {
        key: "endpoint_url",
        variables: &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"],
        default: "AWS's own",
        commands: SENT,
        check: values::url,
    },
    Setting {
        key: "profile",
        variables: &["AWS_PROFILE"],
        default: "default",
        commands: NONE,
        check: |_| Ok(()),
    },
    Setting {
        key: "role_arn",
        variables: &[ROLE_VARIABLE],
        default: "none",
        commands: NONE,
        check: values::role,
    },
    Setting {
        key: "role_external_id",
        variables: &[EXTERNAL_ID_VARIABLE],
        default: "none",
        commands: NONE,
        check: |_| Ok(()),
    },
    Setting {
        key: "role_session_name",
        variables: &[SESSION_NAME_VARIABLE],
        default: DEFAULT_SESSION_NAME,
        commands: NONE,
        check: |_| Ok(()),
    },
    Setting {
        key: "concurrency",
        variables: &["BEDROCK_REPLAY_CONCURRENCY"],
        default: "8",
        commands: RUN,
        check: values::counted::<NonZeroUsize>,
    },
    Setting {
        key: "tries",
        variables: &["BEDROCK_REPLAY_TRIES"],
        default: "4",
        commands: ASKED,
        check: values::counted::<NonZeroU32>,
    },
    Setting {
        key: "backoff",
        variables: &["BEDROCK_REPLAY_BACKOFF"],
        default: "2,4,8,16",
        commands: ASKED,
        check: values::parsed::<Backoff>,
    },
    Setting {
        key: "quotas",
        variables: &["BEDROCK_REPLAY_QUOTAS"],
        default: "auto",
        commands: ASKED,
        check: values::quotas,
    },
    Setting {
        key: "max_cost",
        variables: &["BEDROCK_REPLAY_MAX_COST"],
        default: "no limit",
        commands: ASKED,
        check: values::parsed::<Money>,
    },
    Setting {
        key: "ask_above",
        variables: &["BEDROCK_REPLAY_ASK_ABOVE"],
        default: "5.00",
        commands: ASKED,
        check: values::parsed::<Money>,
    },
    Setting {
        key: "metrics",
        variables: &["BEDROCK_REPLAY_METRICS"],
        default: "none",
        commands: ASKED,
        check: values::file,
    },
    Setting {
        key: "log",
        variables: &["BEDROCK_REPLAY_LOG"],
        default: "none",
        commands: ASKED,
        check: |text| filter(text).map(drop),
    },
];

impl Setting {
    /// The one of a key.
    pub fn of(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// Whether a command takes it as a flag.
    pub const fn is_a_flag(&self) -> bool {
        !self.commands.is_empty()
    }

    /// Variables that the rest of the program reads by itself, with rules of its own: under
    /// `CI=true` only the variable lets a request out.
    pub fn is_read_elsewhere(&self) -> bool {
        !self.is_a_flag() || matches!(self.key, "mode" | "endpoint_url" | "region")
    }
}
