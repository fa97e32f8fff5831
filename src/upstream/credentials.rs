//! As whom: the standard chain, a role where one is named, renewed in time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use tokio::sync::{Mutex, OnceCell};

use super::UpstreamError;
use super::endpoint::Endpoint;
use super::reason::{outlook, reason};
use super::settings::loader;
use super::wire::Wire;
use crate::clock::SharedClock;
use crate::environment::Environment;

/// The role in the account that has Bedrock.
pub const ROLE_VARIABLE: &str = "BEDROCK_ASSUME_ROLE_ARN";
/// What that account asks for besides.
pub const EXTERNAL_ID_VARIABLE: &str = "BEDROCK_ASSUME_ROLE_EXTERNAL_ID";
/// By what its logs tell this session from others.
pub const SESSION_NAME_VARIABLE: &str = "BEDROCK_ASSUME_ROLE_SESSION_NAME";
/// What it is called where nobody names it.
pub const DEFAULT_SESSION_NAME: &str = "bedrock-replay";
/// An API key of Bedrock.
const BEARER: &str = "AWS_BEARER_TOKEN_BEDROCK";

/// Renewed so long before they expire: a request on its way must not meet the end.
const BEFORE_EXPIRY: Duration = Duration::from_mins(1);
/// Those without an expiry are asked for again after this time: a file may have changed.
const UNLESS_TOLD: Duration = Duration::from_mins(15);
/// How long a failure holds for those who wait behind it.
const FAILED_FOR: Duration = Duration::from_secs(5);
/// No source takes longer, or it waits for what will not come.
const LONGEST: Duration = Duration::from_mins(2);

/// What a request is authorised by.
pub enum Authority {
    /// A token, sent as it is.
    Bearer(String),
    /// Credentials that sign.
    Credentials(Credentials),
}

/// Where credentials come from; those in force are kept, and all requests share a renewal.
pub struct Sources {
    environment: Environment,
    wire: Wire,
    clock: SharedClock,
    region: OnceCell<Option<String>>,
    held: Mutex<Held>,
}

#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    Fresh {
        credentials: Credentials,
        until: SystemTime,
    },
    Failed {
        error: Arc<CredentialsError>,
        until: SystemTime,
    },
}

impl Sources {
    pub fn new(environment: Environment, wire: Wire, clock: SharedClock) -> Self {
        Self {
            environment,
            wire,
            clock,
            region: OnceCell::new(),
            held: Mutex::default(),
        }
    }

    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What a request to an endpoint is authorised by; `region` is where the chain asks. A bearer token wins, as in the SDKs.
    pub async fn authority(
        &self,
        endpoint: &Endpoint,
        region: &str,
    ) -> Result<Authority, UpstreamError> {
        if let Some(token) = self.environment.get(BEARER) {
            return Ok(Authority::Bearer(token.to_owned()));
        }
        match self.credentials(region).await {
            Ok(credentials) => Ok(Authority::Credentials(credentials)),
            Err(error) => Err(self.explain(&error, endpoint)),
        }
    }

    /// Asks for others than those with this key, which have been refused; true if there are.
    pub async fn renew(&self, refused: &str, region: &str) -> bool {
        let mut held = self.held.lock().await;
        if matches!(&*held, Held::Fresh { credentials, .. } if credentials.access_key_id() == refused)
        {
            *held = Held::Nothing;
        }
        drop(held);
        let found = self.credentials(region).await;
        found.is_ok_and(|credentials| credentials.access_key_id() != refused)
    }

    /// The credentials in force. Whoever finds none asks for new ones; the others wait for it.
    async fn credentials(&self, region: &str) -> Result<Credentials, Arc<CredentialsError>> {
        let mut held = self.held.lock().await;
        let now = SystemTime::from(self.clock.now());
        match &*held {
            Held::Fresh { credentials, until } if now < *until => return Ok(credentials.clone()),
            Held::Failed { error, until } if now < *until => return Err(Arc::clone(error)),
            _ => {}
        }
        // Made anew each time: a chain reads its files once, and whoever logs in writes them.
        let provider = self.chain(region).await;
        let asked = tokio::time::timeout(LONGEST, provider.provide_credentials()).await;
        let asked = asked.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(LONGEST)));
        match asked {
            Ok(credentials) => {
                let until = in_force_until(&credentials, now);
                *held = Held::Fresh {
                    credentials: credentials.clone(),
                    until,
                };
                Ok(credentials)
            }
            Err(error) => {
                let error = Arc::new(error);
                *held = Held::Failed {
                    error: Arc::clone(&error),
                    until: now + FAILED_FOR,
                };
                Err(error)
            }
        }
    }

    async fn chain(&self, region: &str) -> SharedCredentialsProvider {
        let config = loader(&self.environment, &self.wire, &self.clock)
            .region(Region::new(region.to_owned()))
            .load();
        let config = Box::pin(config).await;
        let Some(role) = self.environment.get(ROLE_VARIABLE) else {
            // The loader makes one unless it is told not to.
            return config
                .credentials_provider()
                .unwrap_or_else(|| SharedCredentialsProvider::new(Nobody));
        };
        let session = self.environment.get(SESSION_NAME_VARIABLE);
        let mut builder = AssumeRoleProvider::builder(role)
            .configure(&config)
            .session_name(session.unwrap_or(DEFAULT_SESSION_NAME));
        if let Some(id) = self.environment.get(EXTERNAL_ID_VARIABLE) {
            builder = builder.external_id(id);
        }
        SharedCredentialsProvider::new(builder.build().await)
    }

    /// The region of the machine itself, which only its metadata service knows.
    pub async fn region_of_machine(&self) -> Option<String> {
        let asked = self.region.get_or_init(|| async {
            let config = loader(&self.environment, &self.wire, &self.clock).no_credentials();
            Box::pin(config.load())
                .await
                .region()
                .map(ToString::to_string)
        });
        asked.await.clone()
    }

    fn explain(&self, error: &CredentialsError, endpoint: &Endpoint) -> UpstreamError {
        let (reason, outlook) = (reason(error), outlook(error));
        if let Some(role) = self.environment.get(ROLE_VARIABLE) {
            return UpstreamError::Role {
                role: role.to_owned(),
                reason,
                outlook,
            };
        }
        if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
            return UpstreamError::NoCredentials {
                profile: self.profile(),
                host: endpoint.authority().to_owned(),
            };
        }
        UpstreamError::Credentials {
            reason,
            hint: "log in again, for instance with `aws sso login`, or choose another profile with `AWS_PROFILE`".to_owned(),
            outlook,
        }
    }

    fn profile(&self) -> String {
        match self.environment.get("AWS_PROFILE") {
            Some(name) => format!("the profile `{name}`"),
            None => "the default profile".to_owned(),
        }
    }
}

fn in_force_until(credentials: &Credentials, now: SystemTime) -> SystemTime {
    match credentials.expiry() {
        Some(expiry) => expiry.checked_sub(BEFORE_EXPIRY).unwrap_or(now),
        None => now + UNLESS_TOLD,
    }
}

/// A chain without a link.
#[derive(Debug)]
struct Nobody;

impl ProvideCredentials for Nobody {
    fn provide_credentials<'a>(
        &'a self,
    ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let none = CredentialsError::not_loaded_no_source();
        aws_credential_types::provider::future::ProvideCredentials::ready(Err(none))
    }
}
