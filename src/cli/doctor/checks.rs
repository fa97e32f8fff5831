//! The checks, each a finding or more.

use std::error::Error;
use std::path::Path;

use bedrock_replay::cassette::{CassetteError, Reader};
use bedrock_replay::clock::{Clock as _, SystemClock};
use bedrock_replay::explain::{Cause, Explanation, ServiceError};
use bedrock_replay::registry::Registry;
use bedrock_replay::upstream::{Endpoint, Identity, Probe, Trial, Upstream, UpstreamError};
use jiff::{SignedDuration, Timestamp, Unit};

use super::finding::{Finding, Level};
use crate::cli::regions;

const CASSETTE: &str = "cassette";
pub const CREDENTIALS: &str = "credentials";
const PLAN: &str = "plan";
const REGION: &str = "region";
const ENDPOINT: &str = "endpoint";
pub const MODEL: &str = "model";
pub const VARIABLE: &str = "variable";

const LOG_IN: &str = "log in again, for instance with `aws sso login`";
/// Minutes in which a run may outlive its credentials.
const SOON: i64 = 10;

const CHECK_THE_WAY: &str = "check the network, the proxy variables, the region and --endpoint-url; replay needs none of them";

/// The default plan is not there: those that need none still work.
pub fn no_plan(path: &Path) -> Finding {
    Finding::warning(
        PLAN,
        format!("there is no {}: no model is checked", whole(path)),
        "name one with --plan FILE, or go to the folder of `scenarios`; `exec` and `serve` need none",
    )
}

/// Can it be replayed? If there is nothing, `recording` is the command that records it.
pub fn cassette(path: &Path, is_named: bool, recording: &str) -> Finding {
    let record = format!("record one: `{recording}`");
    let name = path.display();
    if !path.exists() {
        let level = if is_named {
            Level::Failure
        } else {
            Level::Warning
        };
        let text = format!("there is no {}", whole(path));
        return Finding::new(level, CASSETTE, text).with("fix", record);
    }
    match contents(path) {
        Ok((0, _)) => Finding::warning(CASSETTE, format!("{name} is empty"), record),
        Ok((exchanges, from)) => {
            Finding::ok(CASSETTE, format!("{name}: {exchanges} exchanges, {from}"))
        }
        Err(error) => Finding::failure(
            CASSETTE,
            error.to_string(),
            format!("`bedrock-replay cassette verify {name}` says what can be read"),
        ),
    }
}

fn whole(path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.display().to_string()
}

fn contents(path: &Path) -> Result<(u64, String), CassetteError> {
    let reader = Reader::open(path)?;
    let from: Vec<String> = reader
        .provenances()?
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok((reader.len()?, from.join(", ")))
}

/// A region, and who says it.
#[derive(Debug, Clone)]
pub struct Place {
    pub region: String,
    pub from: String,
    /// Those that a run asks after it.
    pub then: Vec<String>,
}

impl Place {
    /// Which region a run asks, and from where that is known.
    pub fn finding(&self) -> Finding {
        let Self { region, from, then } = self;
        match regions::parse(region) {
            Ok(_) if then.is_empty() => Finding::ok(REGION, format!("{region}, by {from}")),
            Ok(_) => {
                let then = then.join(", ");
                let text = format!("{region}, by {from}; a run goes on in {then}");
                Finding::ok(REGION, text)
            }
            Err(expected) => Finding::failure(
                REGION,
                format!("`{region}`, by {from}, is no region"),
                format!("set another: {expected}"),
            ),
        }
    }
}

/// As whom, and to whom: without a call to Bedrock.
pub fn configuration(probe: &Probe) -> Vec<Finding> {
    let mut found = Vec::new();
    match &probe.endpoint {
        Ok(_) => {}
        Err(error @ UpstreamError::NoEndpoint { .. }) => {
            found.push(told(Level::Failure, REGION, error));
        }
        Err(error) => found.push(told(Level::Failure, ENDPOINT, error)),
    }
    found.extend(probe.identity.as_ref().map(identity));
    found
}

/// The endpoint, which is not asked.
pub async fn endpoint(upstream: &Upstream) -> Finding {
    match upstream.endpoint(None).await {
        Ok(endpoint) => Finding::ok(ENDPOINT, format!("{}, not asked", endpoint.url())),
        Err(error @ UpstreamError::NoEndpoint { .. }) => told(Level::Failure, REGION, &error),
        Err(error) => told(Level::Failure, ENDPOINT, &error),
    }
}

/// A setting that cannot be meant.
pub fn misconfigured(error: &UpstreamError) -> Finding {
    told(Level::Failure, ENDPOINT, error)
}

fn identity(identity: &Result<Identity, UpstreamError>) -> Finding {
    match identity {
        Ok(Identity::Unsigned) => {
            Finding::ok(CREDENTIALS, "none needed: this endpoint is sent none")
        }
        Ok(Identity::Bearer) => {
            Finding::ok(CREDENTIALS, "the bearer token of AWS_BEARER_TOKEN_BEDROCK")
        }
        Ok(Identity::Signed {
            source,
            key,
            role,
            expires,
        }) => {
            let role = role
                .as_ref()
                .map_or_else(String::new, |role| format!(" as {role}"));
            let left = expires.map(|at| at.duration_since(SystemClock::new().now()));
            let text = format!("{key}, from {source}{role}{}", expiry(*expires, left));
            match left {
                Some(left) if left.is_negative() => Finding::failure(CREDENTIALS, text, LOG_IN),
                Some(left) if left.as_mins() < SOON => Finding::warning(CREDENTIALS, text, LOG_IN),
                _ => Finding::ok(CREDENTIALS, text),
            }
        }
        Err(error @ UpstreamError::NoCredentials { .. }) => {
            told(Level::Warning, CREDENTIALS, error)
        }
        Err(error) => told(Level::Failure, CREDENTIALS, error),
    }
}

fn expiry(expires: Option<Timestamp>, left: Option<SignedDuration>) -> String {
    let (Some(expires), Some(left)) = (expires, left) else {
        return String::new();
    };
    let shown = expires.round(Unit::Second).unwrap_or(expires);
    match left.as_mins() {
        minutes if !left.is_negative() => format!(", for {minutes} min (until {shown})"),
        _ => format!(", over since {shown}"),
    }
}

/// An error whose fix stands in brackets at its end, in two lines.
pub fn told(level: Level, subject: &'static str, error: &UpstreamError) -> Finding {
    let text = error.to_string();
    match text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
    {
        Some((text, fix)) => Finding::new(level, subject, text).with("fix", fix),
        None => Finding::new(level, subject, text),
    }
}

/// Does the endpoint answer, and may each model be called?
pub async fn models(
    upstream: &Upstream,
    endpoint: &Endpoint,
    models: &[String],
    registry: &Registry,
) -> Vec<Finding> {
    let region = upstream.region().map(str::to_owned);
    let mut found = Vec::new();
    for model in models {
        match upstream.try_model(model).await {
            Ok(trial) => {
                if found.is_empty() {
                    found.push(Finding::ok(ENDPOINT, answers(endpoint)));
                }
                found.push(judged(model, &trial, registry, region.as_deref()));
            }
            Err(error) => {
                found.push(silent(endpoint.url(), &error, region.as_deref()));
                break;
            }
        }
    }
    found
}

fn answers(endpoint: &Endpoint) -> String {
    let url = endpoint.url();
    if endpoint.is_loopback() {
        return format!("{url} answers, on this machine (the simulator answers for any model)");
    }
    format!("{url} answers")
}

/// Nobody answered.
fn silent(endpoint: &str, error: &(dyn Error + 'static), region: Option<&str>) -> Finding {
    let causes = causes(error);
    let text = format!("{endpoint} does not answer: {causes}");
    let finding = Finding::new(Level::Failure, ENDPOINT, text);
    match Explanation::of_silence(&causes, region) {
        Some(known) => finding.with("why", known.why).with("fix", CHECK_THE_WAY),
        None => finding.with("fix", CHECK_THE_WAY),
    }
}

/// What an answer to an empty body says of a model.
fn judged(model: &str, trial: &Trial, registry: &Registry, region: Option<&str>) -> Finding {
    let error = ServiceError {
        kind: &trial.kind,
        status: trial.status,
        message: &trial.message,
    };
    let level = match Cause::of(error) {
        // The body was looked at: this model may be called.
        None
        | Some(
            Cause::WrongBody
            | Cause::Invalid
            | Cause::Unsupported
            | Cause::Temperature
            | Cause::SystemPrompt,
        ) => {
            return Finding::ok(MODEL, format!("{model} may be called"));
        }
        Some(
            Cause::EndOfLife
            | Cause::Throttled
            | Cause::DailyQuota
            | Cause::NotReady
            | Cause::TooSlow
            | Cause::ServiceFailed,
        ) => Level::Warning,
        Some(_) => Level::Failure,
    };
    let kind = if trial.kind.is_empty() {
        "error"
    } else {
        &trial.kind
    };
    let text = format!("{model}: {kind} (HTTP {}): {}", trial.status, trial.message);
    let finding = Finding::new(level, MODEL, text);
    let known = Explanation::of(error, Some(model), region);
    let profile = |model: &str| registry.profile_for(model, region?);
    match known.map(|known| known.naming_profile(profile)) {
        Some(explanation) => finding
            .with("why", explanation.why)
            .with("fix", explanation.next),
        None => finding,
    }
}

fn causes(error: &(dyn Error + 'static)) -> String {
    let mut words = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
        next = error.source();
    }
    words.join(": ")
}
