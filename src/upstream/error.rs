//! Why a request was not sent at all.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::result::ConnectorError;

use super::named::NamedBy;

/// Whether another request could fare better than one that was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// Every other one ends alike, until somebody mends what the error names.
    Lasting,
    /// A time-out, throttling or a server's own failure: it may be over soon.
    Passing,
}

/// Why a request was not sent; nothing has left the process for it. No text of it holds a
/// credential.
///
/// `Debug` is the message as well: inside an SDK error it is what `unwrap` and a failed test print.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Nobody said which region to ask.
    #[error(
        "no AWS region is known, so that there is no endpoint to send this request to (set `AWS_REGION`, or `region` in the AWS profile)"
    )]
    NoRegion,
    /// The SDK knows no endpoint there.
    #[error("region `{region}` has no Bedrock endpoint: {reason} (check the region's name)")]
    NoEndpoint {
        /// The region.
        region: String,
        /// What the SDK says.
        reason: String,
    },
    /// The configured endpoint is no URL that can be asked.
    #[error("{by} is no address: {reason} (expected `http://` or `https://` and a host)")]
    BadEndpoint {
        /// Who names it.
        by: NamedBy,
        /// What is wrong with it.
        reason: String,
    },
    /// A proxy that the environment names cannot be used.
    #[error("the proxy in `{variable}` is no address (expected `http://HOST:PORT`)")]
    BadProxy {
        /// The variable.
        variable: String,
    },
    /// The certificates that the environment names cannot be used.
    #[error(
        "the file `{path}` of `{variable}` cannot be used: {problem} (expected PEM: one `-----BEGIN CERTIFICATE-----` or more)"
    )]
    BadCaBundle {
        /// The variable.
        variable: &'static str,
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Whoever answers shows a certificate of an authority that is not trusted here.
    #[error(
        "`{host}` is not trusted: {reason} (name the PEM file of its authority in `AWS_CA_BUNDLE`)"
    )]
    Untrusted {
        /// Who was to be asked.
        host: String,
        /// What is wrong with its certificate.
        reason: String,
    },
    /// `BEDROCK_REPLAY_SIGN` holds no choice.
    #[error(
        "the environment variable {variable}: `{found}` is no choice (expected `auto`, `always` or `never`)"
    )]
    BadSigning {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        found: String,
    },
    /// The chain found none.
    #[error(
        "no AWS credentials were found in the environment, {profile}, web identity, container or instance metadata, and this request has to be sent to {host} (log in, for instance with `aws sso login`, or set `AWS_PROFILE`; what is recorded replays without)"
    )]
    NoCredentials {
        /// The profile that was looked into.
        profile: String,
        /// Who was to be asked.
        host: String,
    },
    /// A source of credentials is configured and does not give any.
    #[error("AWS credentials could not be had: {reason} ({hint})")]
    Credentials {
        /// What the source says.
        reason: String,
        /// What may help.
        hint: String,
        /// Whether the source may give some later.
        outlook: Outlook,
    },
    /// The profile that the environment names is in none of the files.
    #[error(
        "AWS_PROFILE names the profile `{name}`, and neither file of the AWS configuration has it (`aws configure --profile {name}` makes it; {known})"
    )]
    NoProfile {
        /// Its name.
        name: String,
        /// Those that there are, in words.
        known: String,
    },
    /// The files of the AWS configuration cannot be read.
    #[error(
        "the AWS configuration cannot be read: {reason} (AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name its files, else `~/.aws` holds them)"
    )]
    Profiles {
        /// What is wrong with them.
        reason: String,
    },
    /// STS did not give the role.
    #[error(
        "the role `{role}` of `BEDROCK_ASSUME_ROLE_ARN` could not be assumed: {reason} (check the role's trust policy, `BEDROCK_ASSUME_ROLE_EXTERNAL_ID`, and that your own credentials may call `sts:AssumeRole`)"
    )]
    Role {
        /// Its ARN.
        role: String,
        /// What STS says.
        reason: String,
        /// Whether STS may give it later.
        outlook: Outlook,
    },
    /// Credentials would go over the network in the clear.
    #[error(
        "credentials are not sent over plain http to `{host}` (use `https`, or set `BEDROCK_REPLAY_SIGN=never` for a gateway that signs by itself)"
    )]
    PlainHttp {
        /// The endpoint's host.
        host: String,
    },
    /// The request is none that can be signed.
    #[error("this request cannot be signed: {reason}")]
    Unsignable {
        /// Why not.
        reason: String,
    },
}

impl fmt::Debug for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UpstreamError\n{self}\n")
    }
}

impl UpstreamError {
    /// Finds one among the sources of an error, for instance of the SDK's.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// Whether another request could fare better.
    #[must_use]
    pub const fn outlook(&self) -> Outlook {
        match self {
            Self::Credentials { outlook, .. } | Self::Role { outlook, .. } => *outlook,
            _ => Outlook::Lasting,
        }
    }
}

/// The SDK retries what may be over soon; anything else would fail alike at the next try.
impl From<UpstreamError> for ConnectorError {
    fn from(error: UpstreamError) -> Self {
        match error.outlook() {
            Outlook::Lasting => Self::user(error.into()),
            Outlook::Passing => Self::io(error.into()),
        }
    }
}
