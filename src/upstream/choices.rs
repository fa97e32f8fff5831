//! What a user chooses.

use super::UpstreamError;
use super::wire::Timeouts;
use crate::environment::Environment;

/// What a user chose.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub endpoint_url: Option<String>,
    pub region: Option<String>,
    pub signing: Option<Signing>,
    pub timeouts: Timeouts,
}

/// Which requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Signing {
    /// All but those that stay on this machine: a simulator, a proxy or another recorder needs
    /// no credentials, and must work for whoever has none.
    #[default]
    Auto,
    /// All.
    Always,
    /// None: the endpoint signs by itself.
    Never,
}

/// The environment's choice of [`Signing`]: `auto`, `always` or `never`.
pub const SIGN_VARIABLE: &str = "BEDROCK_REPLAY_SIGN";

impl Signing {
    /// The environment's choice.
    pub(super) fn of(environment: &Environment) -> Result<Self, UpstreamError> {
        match environment.get(SIGN_VARIABLE) {
            None | Some("auto") => Ok(Self::Auto),
            Some("always") => Ok(Self::Always),
            Some("never") => Ok(Self::Never),
            Some(found) => Err(UpstreamError::BadSigning {
                variable: SIGN_VARIABLE,
                found: found.to_owned(),
            }),
        }
    }
}
