//! Which failures are worth another try.

/// Errors that a later try may not meet.
const TRANSIENT: [&str; 8] = [
    "ThrottlingException",
    "TooManyRequestsException",
    "ModelNotReadyException",
    "ServiceUnavailableException",
    "InternalServerException",
    "InternalFailure",
    "ModelTimeoutException",
    "RequestTimeoutException",
];
/// Errors by which a service says that it is asked too often.
const THROTTLING: [&str; 2] = ["ThrottlingException", "TooManyRequestsException"];
/// Errors by which a region says that it does not have the model.
const ABSENT: [&str; 1] = ["ResourceNotFoundException"];
/// What proxies and balancers answer without a name that AWS knows.
const TRANSIENT_STATUS: [u16; 6] = [408, 429, 500, 502, 503, 504];

/// Whether a failed call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It would fail again.
    Never,
    /// Another region may have what this one does not.
    Elsewhere,
    /// It may go well at another time or place.
    Later,
    /// The same, and there was too much: whoever asks has to slow down.
    Slower,
}

impl Again {
    /// What an error answer means: its name decides, and where AWS named none its status.
    #[must_use]
    pub fn of_error(name: Option<&str>, status: u16) -> Self {
        let is = |known: &[&str]| {
            name.is_some_and(|name| known.iter().any(|known| known.eq_ignore_ascii_case(name)))
        };
        match name {
            _ if is(&THROTTLING) => Self::Slower,
            _ if is(&TRANSIENT) => Self::Later,
            _ if is(&ABSENT) => Self::Elsewhere,
            None if status == 429 => Self::Slower,
            None if TRANSIENT_STATUS.contains(&status) => Self::Later,
            Some(_) | None => Self::Never,
        }
    }

    /// Whether the same place may answer another time.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Later | Self::Slower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_good_is_never_tried_again() {
        for (name, status) in [
            ("ValidationException", 400),
            ("AccessDeniedException", 403),
            ("ServiceQuotaExceededException", 400),
            ("ModelErrorException", 424),
            ("ConflictException", 400),
        ] {
            assert_eq!(Again::of_error(Some(name), status), Again::Never, "{name}");
        }
        assert_eq!(Again::of_error(None, 403), Again::Never);
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for (name, status) in [
            ("ModelNotReadyException", 429),
            ("ServiceUnavailableException", 503),
            ("InternalServerException", 500),
            ("ModelTimeoutException", 408),
            // As an event stream spells it.
            ("modelTimeoutException", 200),
        ] {
            assert_eq!(Again::of_error(Some(name), status), Again::Later, "{name}");
        }
        assert_eq!(Again::of_error(None, 502), Again::Later);
    }

    #[test]
    fn only_throttling_asks_to_slow_down() {
        assert_eq!(
            Again::of_error(Some("ThrottlingException"), 429),
            Again::Slower
        );
        assert_eq!(Again::of_error(None, 429), Again::Slower);
    }

    #[test]
    fn a_model_that_a_region_lacks_is_looked_for_elsewhere_only() {
        let again = Again::of_error(Some("ResourceNotFoundException"), 404);
        assert_eq!((again, again.is_transient()), (Again::Elsewhere, false));
    }
}
