//! Where an exchange came from; shown wherever a result is shown.

use std::fmt;
use std::str::FromStr;

/// The response header by which the simulator says that nothing it answers came from a model.
pub const SIMULATED_HEADER: &str = "x-bedrock-replay-simulated";

/// Who gave the answers of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provenance {
    /// Amazon Bedrock, or whatever stood at the endpoint's host.
    Live,
    /// The simulator: no model was asked.
    Simulated,
    /// Read from another tool's recordings, named here.
    Imported(String),
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Simulated => f.write_str("simulated"),
            Self::Imported(source) => write!(f, "imported({source})"),
        }
    }
}

/// A text that names no provenance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `live`, `simulated` or `imported(<source>)`, found `{0}`")]
pub struct UnknownProvenance(String);

impl FromStr for Provenance {
    type Err = UnknownProvenance;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "live" => Ok(Self::Live),
            "simulated" => Ok(Self::Simulated),
            _ => text
                .strip_prefix("imported(")
                .and_then(|rest| rest.strip_suffix(')'))
                .map(|source| Self::Imported(source.to_owned()))
                .ok_or_else(|| UnknownProvenance(text.to_owned())),
        }
    }
}

/// The endpoint that a request was sent to: kept beside an exchange, never part of its key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// Host, with a port where the URL had one.
    pub host: String,
    /// The region that the request was signed for, or that the host names.
    pub region: Option<String>,
}

impl Origin {
    /// The endpoint that every SDK calls in a region.
    #[must_use]
    pub fn of_region(region: Option<String>) -> Self {
        let host = region
            .as_deref()
            .map(|region| format!("bedrock-runtime.{region}.amazonaws.com"));
        Self {
            host: host.unwrap_or_default(),
            region,
        }
    }

    /// Reads the region from a host such as `bedrock-runtime.eu-west-1.amazonaws.com`. What
    /// stands before an `@` is a user's name and password, and is dropped.
    #[must_use]
    pub fn of_host(authority: &str) -> Self {
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let mut parts = host.split('.');
        let is_bedrock = matches!(
            parts.next(),
            Some("bedrock-runtime" | "bedrock-runtime-fips")
        );
        let region = parts
            .next()
            .filter(|_| is_bedrock)
            .filter(|_| matches!(parts.next(), Some("amazonaws" | "api")))
            .map(str::to_owned);
        Self {
            host: host.to_owned(),
            region,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provenance_survives_its_text() {
        for provenance in [
            Provenance::Live,
            Provenance::Simulated,
            Provenance::Imported("a/b (c)".into()),
        ] {
            assert_eq!(provenance.to_string().parse(), Ok(provenance));
        }
    }

    #[test]
    fn a_host_names_its_region() {
        assert_eq!(
            Origin::of_host("bedrock-runtime.us-west-2.amazonaws.com").region,
            Some("us-west-2".into())
        );
        assert_eq!(Origin::of_host("127.0.0.1:8080").region, None);
    }

    #[test]
    fn a_password_before_a_host_is_dropped() {
        assert_eq!(
            Origin::of_host("me:hunter2@localhost:9000").host,
            "localhost:9000"
        );
    }
}
