//! The profile that the environment names: whether it is there, and which region it has.

use std::collections::HashMap;

use aws_config::profile::{self, ProfileFileLoadError, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::UpstreamError;
use super::reason::reason;
use crate::environment::Environment;

const PROFILE: &str = "AWS_PROFILE";

/// The region that the environment or the AWS profile names. Nothing else of the configuration
/// is looked at, so that a mistake elsewhere in it stops nobody who asks nothing of AWS; files
/// that cannot be read name none.
pub async fn configured_region(environment: &Environment) -> Option<String> {
    if let Some(region) = environment.region() {
        return Some(region.to_owned());
    }
    let profiles = load(environment).await.ok()?;
    profiles.get("region").map(str::to_owned)
}

/// Reads the files of the AWS configuration, and looks for the profile of `AWS_PROFILE`.
///
/// # Errors
/// [`UpstreamError::NoProfile`] where it is in neither of them, [`UpstreamError::Profiles`]
/// where they cannot be read.
pub async fn check_profile(environment: &Environment) -> Result<(), UpstreamError> {
    let Some(name) = environment.get(PROFILE) else {
        return Ok(());
    };
    let profiles = load(environment)
        .await
        .map_err(|error| UpstreamError::Profiles {
            reason: reason(&error),
        })?;
    let mut known: Vec<&str> = profiles.profiles().collect();
    if known.contains(&name) {
        return Ok(());
    }
    known.sort_unstable();
    Err(UpstreamError::NoProfile {
        name: name.to_owned(),
        known: match known.as_slice() {
            [] => "there is no profile yet".to_owned(),
            names => format!("those that are there: `{}`", names.join("`, `")),
        },
    })
}

async fn load(environment: &Environment) -> Result<ProfileSet, ProfileFileLoadError> {
    let variables = environment.iter();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let env = Env::from(variables.collect::<HashMap<_, _>>());
    profile::load(&Fs::real(), &env, &EnvConfigFiles::default(), None).await
}
