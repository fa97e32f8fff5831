//! How a person names a judge: by its folder, its version, or a commit.

use std::path::PathBuf;
use std::str::FromStr;

/// How a person names a judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A folder, or the name of one among the project's judges.
    Folder(PathBuf),
    /// A version by its name and the first digits of its fingerprint.
    Version {
        /// The name.
        name: String,
        /// Hexadecimal digits, or `pinned` for the baseline.
        version: String,
    },
    /// A folder as it was in a commit.
    Git {
        /// The commit, branch or tag.
        reference: String,
        /// The folder, from the repository's root.
        path: PathBuf,
    },
}

/// The word that stands for a name's last pin.
pub(super) const LAST: &str = "pinned";

impl FromStr for Reference {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let git = text
            .strip_prefix("git:")
            .and_then(|rest| rest.rsplit_once(':'));
        if let Some((reference, path)) = git {
            return Ok(Self::Git {
                reference: reference.to_owned(),
                path: path.into(),
            });
        }
        let version = text.split_once('@').filter(|(name, version)| {
            let is_digits = version.bytes().all(|byte| byte.is_ascii_hexdigit());
            !name.contains(['/', '\\']) && (is_digits || *version == LAST)
        });
        Ok(match version {
            Some((name, version)) => Self::Version {
                name: name.to_owned(),
                version: version.to_ascii_lowercase(),
            },
            None => Self::Folder(text.into()),
        })
    }
}
