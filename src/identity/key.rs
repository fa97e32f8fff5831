//! The request key: the SHA-256 of a canonical request.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Hex digits that are enough for a person to tell keys apart.
const SHORT: usize = 8;

/// What an exchange is found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey([u8; 32]);

/// A text that is no request key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a request key of 64 hex digits, found `{0}`")]
pub struct RequestKeyError(String);

impl RequestKey {
    /// The key of a canonical request's text: its plain SHA-256, so that `sha256sum` agrees.
    #[must_use]
    pub(super) fn of_text(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        let mut digits = hex::encode(self.0);
        digits.truncate(SHORT);
        digits
    }
}

impl From<[u8; 32]> for RequestKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for RequestKey {
    type Error = RequestKeyError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| RequestKeyError(hex::encode(bytes)))
    }
}

impl FromStr for RequestKey {
    type Err = RequestKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| RequestKeyError(text.to_owned()))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_text_and_its_bytes() {
        let key = RequestKey::of_text(b"any");
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(RequestKey::try_from(&key.as_bytes()[..]), Ok(key));
        assert!(key.to_string().starts_with(&key.short()));
        assert_eq!(key.short().len(), 8);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!("9f2c41d0".parse::<RequestKey>().is_err());
        assert!("g".repeat(64).parse::<RequestKey>().is_err());
        assert!(RequestKey::try_from(&[0_u8; 31][..]).is_err());
    }
}
