//! What the environment says of credentials that cannot be meant: found without asking anybody.

use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::check_profile;

use super::checks::{CREDENTIALS, told};
use super::finding::{Finding, Level};

const KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const ROLE: &str = "BEDROCK_ASSUME_ROLE_ARN";

/// What stands in the way of a signature.
pub async fn settings(environment: &Environment) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(half_a_key(environment, KEY, SECRET));
    found.extend(half_a_key(environment, SECRET, KEY));
    if let Err(error) = check_profile(environment).await {
        found.push(told(Level::Failure, CREDENTIALS, &error));
    }
    found.extend(role(environment));
    found
}

fn half_a_key(environment: &Environment, there: &str, missing: &str) -> Option<Finding> {
    if environment.get(there).is_none() || environment.get(missing).is_some() {
        return None;
    }
    let text = format!("{there} is set, and {missing} is not");
    let fix = format!("set {missing} as well, or unset {there} to use a profile");
    let finding = Finding::new(Level::Failure, CREDENTIALS, text);
    Some(
        finding
            .with(
                "why",
                "a request is signed with both; one alone is passed over",
            )
            .with("fix", fix),
    )
}

fn role(environment: &Environment) -> Option<Finding> {
    let role = environment.get(ROLE).filter(|role| !is_role(role))?;
    Some(Finding::failure(
        CREDENTIALS,
        format!("{ROLE} is no ARN of a role: `{role}`"),
        "expected one such as `arn:aws:iam::123456789012:role/BedrockInvokeRole`",
    ))
}

/// `arn:PARTITION:iam::ACCOUNT:role/NAME`
fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = resource.strip_prefix("role/").unwrap_or_default();
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    partition.starts_with("aws") && is_account && is_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roles_arn_is_told_from_what_is_none() {
        for role in [
            "arn:aws:iam::123456789012:role/BedrockInvokeRole",
            "arn:aws-cn:iam::123456789012:role/team/Bedrock",
        ] {
            assert!(is_role(role), "{role}");
        }
        for text in [
            "BedrockInvokeRole",
            "arn:aws:iam::1234:role/BedrockInvokeRole",
            "arn:aws:iam::123456789012:user/me",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:sts::123456789012:role/x",
        ] {
            assert!(!is_role(text), "{text}");
        }
    }
}
