//! Which regions are asked: what is priced and allowed beforehand is where a run sends.

use bedrock_replay::environment::Environment;
use bedrock_replay::upstream::{Upstream, UpstreamError, configured_region};

/// The document's default, and where most models are.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The regions in the order in which a run asks them: those that were chosen, else what the
/// environment or the AWS profile says, else the default. Nobody is asked.
pub async fn asked(chosen: &[String]) -> Vec<String> {
    if !chosen.is_empty() {
        return chosen.to_vec();
    }
    let environment = Environment::of_process();
    let configured = configured_region(&environment).await;
    vec![configured.unwrap_or_else(|| DEFAULT_REGION.to_owned())]
}

/// The first of them, which is asked for as long as it answers.
pub async fn first(chosen: &[String]) -> String {
    let mut regions = asked(chosen).await;
    regions.swap_remove(0)
}

/// The region that a client asks for which none was chosen: on a machine of AWS without one in
/// the configuration it is the machine's own.
///
/// # Errors
/// A configuration of AWS that cannot be meant.
pub async fn asked_live(endpoint_url: Option<&str>) -> Result<String, UpstreamError> {
    let upstream = Upstream::builder()
        .environment(Environment::of_process())
        .endpoint_url(endpoint_url.map(str::to_owned));
    let upstream = Box::pin(upstream.load()).await?;
    let region = upstream.find_region().await;
    Ok(region.unwrap_or_else(|| DEFAULT_REGION.to_owned()))
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
