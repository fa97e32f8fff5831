//! Who would be asked and as whom, told without a secret and without a call to Bedrock.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use jiff::Timestamp;

use super::credentials::{Authority, ROLE_VARIABLE};
use super::endpoint::Endpoint;
use super::{Upstream, UpstreamError};

/// Who would be asked, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Where a request would go.
    pub endpoint: Result<Endpoint, UpstreamError>,
    /// Who says which region.
    pub region_from: RegionSource,
    /// As whom it would be sent; nothing where it is not known where to.
    pub identity: Option<Result<Identity, UpstreamError>>,
}

/// Who says which region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionSource {
    /// The user, for this program.
    Chosen,
    /// `AWS_REGION`.
    AwsRegion,
    /// `AWS_DEFAULT_REGION`.
    AwsDefaultRegion,
    /// The profile.
    Profile,
    /// The machine's own cloud.
    Machine,
    /// Nobody.
    Nobody,
}

impl fmt::Display for RegionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chosen => "the command line",
            Self::AwsRegion => "AWS_REGION",
            Self::AwsDefaultRegion => "AWS_DEFAULT_REGION",
            Self::Profile => "the AWS profile",
            Self::Machine => "instance metadata",
            Self::Nobody => "nobody",
        })
    }
}

/// As whom a request is sent. No part of it is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// It is not signed: the endpoint is on this machine, or signs by itself.
    Unsigned,
    /// By a bearer token of the environment.
    Bearer,
    /// By a signature.
    Signed {
        /// Where the credentials come from.
        source: String,
        /// The access key's id, its middle left out.
        key: String,
        /// The role that is assumed.
        role: Option<String>,
        /// When they expire, where that is known.
        expires: Option<Timestamp>,
    },
}

impl Upstream {
    /// Asks the credential chain, and nobody else.
    pub async fn probe(&self) -> Probe {
        let endpoint = self.endpoint(None).await;
        let identity = match &endpoint {
            Ok(endpoint) => Some(self.identity(endpoint).await),
            Err(_) => None,
        };
        Probe {
            region_from: self.region_from(&endpoint),
            identity,
            endpoint,
        }
    }

    async fn identity(&self, endpoint: &Endpoint) -> Result<Identity, UpstreamError> {
        match self.authority(endpoint).await? {
            None => Ok(Identity::Unsigned),
            Some(Authority::Bearer(_)) => Ok(Identity::Bearer),
            Some(Authority::Credentials(credentials)) => Ok(Identity::Signed {
                source: source_of(&credentials).to_owned(),
                key: shortened(credentials.access_key_id()),
                role: self.environment().get(ROLE_VARIABLE).map(str::to_owned),
                expires: credentials.expiry().and_then(timestamp),
            }),
        }
    }

    /// Who says which region, as far as it is known without asking anybody.
    #[must_use]
    pub fn region_source(&self) -> RegionSource {
        let environment = self.environment();
        if self.has_chosen_region() {
            RegionSource::Chosen
        } else if environment.get("AWS_REGION").is_some() {
            RegionSource::AwsRegion
        } else if environment.get("AWS_DEFAULT_REGION").is_some() {
            RegionSource::AwsDefaultRegion
        } else if self.region().is_some() {
            RegionSource::Profile
        } else {
            RegionSource::Nobody
        }
    }

    fn region_from(&self, endpoint: &Result<Endpoint, UpstreamError>) -> RegionSource {
        match self.region_source() {
            RegionSource::Nobody if matches!(endpoint, Ok(endpoint) if !endpoint.region().is_empty()) => {
                RegionSource::Machine
            }
            source => source,
        }
    }
}

/// The way they came that says most: a profile may only point to it.
fn source_of(credentials: &Credentials) -> &'static str {
    let features = credentials.get_property::<Vec<Feature>>();
    let words: Vec<_> = features.into_iter().flatten().filter_map(word).collect();
    let named = words.iter().rfind(|word| **word != PROFILE);
    let named = named.or_else(|| words.first());
    named.copied().unwrap_or("the credential chain")
}

const PROFILE: &str = "the profile";

fn word(feature: &Feature) -> Option<&'static str> {
    Some(match feature {
        Feature::CredentialsEnvVars => "the environment",
        Feature::CredentialsProfile | Feature::CredentialsProfileSourceProfile => PROFILE,
        Feature::CredentialsProfileProcess | Feature::CredentialsProcess => "credential_process",
        Feature::CredentialsProfileSso | Feature::CredentialsSso => "SSO",
        Feature::CredentialsEnvVarsStsWebIdToken
        | Feature::CredentialsProfileStsWebIdToken
        | Feature::CredentialsStsAssumeRoleWebId => "a web identity",
        Feature::CredentialsHttp => "the container",
        Feature::CredentialsImds => "instance metadata",
        Feature::CredentialsStsAssumeRole => "STS",
        _ => return None,
    })
}

fn shortened(key: &str) -> String {
    match (key.get(..4), key.get(key.len().saturating_sub(4)..)) {
        (Some(first), Some(last)) if key.len() > 12 => format!("{first}…{last}"),
        _ => "…".to_owned(),
    }
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}
