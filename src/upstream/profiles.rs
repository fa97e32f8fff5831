//! Whether there is the profile that the environment names.

use std::collections::HashMap;

use aws_config::profile;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::UpstreamError;
use super::reason::reason;
use crate::environment::Environment;

const PROFILE: &str = "AWS_PROFILE";

/// Reads the files of the AWS configuration, and looks for the profile of `AWS_PROFILE`.
///
/// # Errors
/// [`UpstreamError::NoProfile`] where it is in neither of them, [`UpstreamError::Profiles`]
/// where they cannot be read.
pub async fn check_profile(environment: &Environment) -> Result<(), UpstreamError> {
    let Some(name) = environment.get(PROFILE) else {
        return Ok(());
    };
    let variables = environment.iter();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let env = Env::from(variables.collect::<HashMap<_, _>>());
    let files = EnvConfigFiles::default();
    let loaded = profile::load(&Fs::real(), &env, &files, None).await;
    let profiles = loaded.map_err(|error| UpstreamError::Profiles {
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
            [] => "none".to_owned(),
            names => format!("`{}`", names.join("`, `")),
        },
    })
}
