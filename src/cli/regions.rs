//! Which regions are asked: what is priced and allowed beforehand is where a run sends.

use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::Upstream;

use super::failure::Failure;

/// The document's default, and where most models are.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The variables of the AWS SDKs, the first that is set holds.
const VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The regions in the order in which a run asks them: those that were chosen, else what the
/// environment or the AWS profile says, else the default. No connection is opened.
///
/// # Errors
/// A configuration of AWS that cannot be meant.
pub async fn asked(chosen: &[String]) -> Result<Vec<String>, Failure> {
    if !chosen.is_empty() {
        return Ok(chosen.to_vec());
    }
    let environment = Environment::of_process();
    if let Some(region) = VARIABLES.iter().find_map(|name| environment.get(name)) {
        return Ok(vec![region.to_owned()]);
    }
    let upstream = Upstream::builder().environment(environment);
    let upstream = Box::pin(upstream.load()).await.map_err(Failure::general)?;
    Ok(vec![upstream.region().unwrap_or(DEFAULT_REGION).to_owned()])
}

/// The first of them, which is asked for as long as it answers.
///
/// # Errors
/// As [`asked`].
pub async fn first(chosen: &[String]) -> Result<String, Failure> {
    let mut regions = asked(chosen).await?;
    Ok(regions.swap_remove(0))
}

/// Told before a run: it becomes part of a host name.
pub fn parse(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2 && words.iter().all(is_word) && number.parse::<u8>().is_ok()
        }
        [] => false,
    };
    if is_region {
        return Ok(text.to_owned());
    }
    Err(format!(
        "expected a region such as `{DEFAULT_REGION}`, found `{text}`"
    ))
}
