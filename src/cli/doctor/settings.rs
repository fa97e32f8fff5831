//! What the environment says of credentials that cannot be meant: found without asking anybody.

use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::{
    EXTERNAL_ID_VARIABLE, ROLE_VARIABLE, SESSION_NAME_VARIABLE, check_profile,
};

use super::checks::{CREDENTIALS, told};
use super::finding::{Finding, Level};
use crate::cli::values;

const KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";

/// What stands in the way of a signature. How bad that is depends on whether one is needed.
pub async fn settings(environment: &Environment, level: Level) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(half_a_key(environment, KEY, SECRET, level));
    found.extend(half_a_key(environment, SECRET, KEY, level));
    if let Err(error) = check_profile(environment).await {
        found.push(told(level, CREDENTIALS, &error));
    }
    found.extend(role(environment, level));
    found
}

fn half_a_key(
    environment: &Environment,
    there: &str,
    missing: &str,
    level: Level,
) -> Option<Finding> {
    if environment.get(there).is_none() || environment.get(missing).is_some() {
        return None;
    }
    let text = format!("{there} is set, and {missing} is not");
    let fix = format!("set {missing} as well, or unset {there} to use a profile");
    let finding = Finding::new(level, CREDENTIALS, text);
    Some(
        finding
            .with(
                "why",
                "a request is signed with both; one alone is passed over",
            )
            .with("fix", fix),
    )
}

fn role(environment: &Environment, level: Level) -> Option<Finding> {
    let Some(role) = environment.get(ROLE_VARIABLE) else {
        return without_role(environment);
    };
    let expected = values::role(role).err()?;
    let text = format!("{ROLE_VARIABLE} is no ARN of a role: `{role}`");
    Some(Finding::new(level, CREDENTIALS, text).with("fix", expected))
}

/// What goes with a role, where none is named.
fn without_role(environment: &Environment) -> Option<Finding> {
    let with_it = [EXTERNAL_ID_VARIABLE, SESSION_NAME_VARIABLE];
    let alone = with_it
        .into_iter()
        .find(|name| environment.get(name).is_some())?;
    let text = format!("{alone} is set, and {ROLE_VARIABLE} is not: no role is assumed");
    let fix = format!("set {ROLE_VARIABLE} as well, or unset {alone}");
    Some(Finding::new(Level::Warning, CREDENTIALS, text).with("fix", fix))
}
