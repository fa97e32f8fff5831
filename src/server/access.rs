//! Who may call, and the secret that they show.

use std::fmt;

use crate::socket::Reach;

/// Who may call.
#[derive(Debug, Clone, Default)]
pub enum Access {
    /// Programs of this machine.
    #[default]
    Loopback,
    /// Programs of this machine that know a token.
    LoopbackWith(Token),
    /// Whoever knows a token.
    AnyoneWith(Token),
}

/// A secret that clients show. It is never printed.
#[derive(Clone)]
pub struct Token(Box<str>);

/// A token that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a token of at least {LEAST} visible ASCII characters")]
pub struct WeakToken;

/// Characters that keep a token from being guessed.
const LEAST: usize = 8;

impl Token {
    /// A token of at least eight characters.
    ///
    /// # Errors
    /// Where it is shorter, or could not be sent in a header.
    pub fn new(text: &str) -> Result<Self, WeakToken> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() < LEAST || !is_visible {
            return Err(WeakToken);
        }
        Ok(Self(text.into()))
    }

    /// Compares in constant time, so that nobody can find a token out letter by letter.
    pub(super) fn is(&self, shown: &str) -> bool {
        let (expected, shown) = (self.0.as_bytes(), shown.as_bytes());
        let difference = expected
            .iter()
            .zip(shown.iter().chain(std::iter::repeat(&0)))
            .fold(0, |difference, (a, b)| difference | (a ^ b));
        std::hint::black_box(difference) == 0 && expected.len() == shown.len()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Access {
    pub(super) const fn is_loopback(&self) -> bool {
        matches!(self, Self::Loopback | Self::LoopbackWith(_))
    }

    pub(super) const fn token(&self) -> Option<&Token> {
        match self {
            Self::Loopback => None,
            Self::LoopbackWith(token) | Self::AnyoneWith(token) => Some(token),
        }
    }

    pub(super) const fn reach(&self) -> Reach {
        if self.is_loopback() {
            Reach::Loopback
        } else {
            Reach::Anyone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_no_part_of_it() {
        let token = Token::new("secret-token").unwrap();
        assert!(token.is("secret-token"));
        for other in [
            "",
            "secret",
            "secret-token2",
            "Secret-token",
            "secret-token\0",
        ] {
            assert!(!token.is(other), "{other}");
        }
    }
}
