//! What the environment and the AWS profile say, found without asking anybody.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_types::os_shim_internal::Env;
use aws_types::service_config::ServiceConfigKey;

use super::endpoint::Variant;
use super::named::{Named, NamedBy};
use super::time::ClockTime;
use super::wire::Wire;
use crate::clock::SharedClock;
use crate::environment::Environment;

/// The AWS SDKs' variable that keeps instance metadata from being asked.
const NO_METADATA: &str = "AWS_EC2_METADATA_DISABLED";

/// The AWS SDKs' variables that name an endpoint; the first that is set holds.
const ENDPOINT_VARIABLES: [&str; 2] = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"];

/// What is configured outside this program.
pub struct Settings {
    config: SdkConfig,
}

impl Settings {
    /// Reads environment and profile; opens no connection.
    pub async fn load(environment: &Environment, wire: &Wire, clock: &SharedClock) -> Self {
        let environment = environment.clone().with(NO_METADATA, "true");
        let loader = loader(&environment, wire, clock).no_credentials();
        Self {
            // Boxed: it would be a large part of every future above it.
            config: Box::pin(loader.load()).await,
        }
    }

    pub const fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, `AWS_ENDPOINT_URL`, or the profile's.
    pub fn endpoint(&self, environment: &Environment) -> Option<Named> {
        let url = self.endpoint_url()?;
        let mut variables = ENDPOINT_VARIABLES.into_iter();
        let variable = variables.find(|name| environment.get(name) == Some(&url));
        let by = variable.map_or(NamedBy::Profile, NamedBy::Variable);
        Some(Named { url, by })
    }

    fn endpoint_url(&self) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id("Bedrock Runtime")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        self.config.service_config()?.load_config(key)
    }

    pub fn variant(&self) -> Variant {
        Variant {
            fips: self.config.use_fips().unwrap_or_default(),
            dual_stack: self.config.use_dual_stack().unwrap_or_default(),
        }
    }
}

/// A loader of the standard configuration on an environment that is passed in.
pub fn loader(
    environment: &Environment,
    wire: &Wire,
    clock: &SharedClock,
) -> aws_config::ConfigLoader {
    let variables = environment.iter();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    aws_config::defaults(BehaviorVersion::latest())
        .env(Env::from(
            variables.collect::<std::collections::HashMap<_, _>>(),
        ))
        .http_client(wire.clone())
        .time_source(ClockTime(clock.clone()))
}
