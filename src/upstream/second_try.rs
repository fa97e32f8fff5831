//! An answer that is about us and not about the request: our credentials are over, or our clock
//! is wrong. No model was asked for it, so that the request may be sent once more.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// What an answer says of whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// The session token is over.
    Expired,
    /// The signature is not the one expected: of another time, perhaps.
    Signature,
}

impl Complaint {
    /// Reads a refusal's type.
    pub fn of(response: &HttpResponse) -> Option<Self> {
        if !matches!(response.status().as_u16(), 400 | 403) {
            return None;
        }
        let kind = response.headers().get("x-amzn-errortype")?;
        match kind.split([':', '#']).next()? {
            "ExpiredToken" | "ExpiredTokenException" => Some(Self::Expired),
            "InvalidSignatureException"
            | "RequestExpired"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch" => Some(Self::Signature),
            _ => None,
        }
    }
}

/// Two clocks this close need no correction.
const CLOSE: i64 = 60;

/// How far the server's clock is ahead of ours, in seconds.
#[derive(Debug, Default)]
pub struct Skew(AtomicI64);

impl Skew {
    /// Our time as the server has it.
    pub fn correct(&self, now: SystemTime) -> SystemTime {
        let skew = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(skew.unsigned_abs());
        let corrected = if skew < 0 {
            now.checked_sub(by)
        } else {
            now.checked_add(by)
        };
        corrected.unwrap_or(now)
    }

    /// Reads the server's clock off an answer; true where it tells something new.
    pub fn learn(&self, response: &HttpResponse, now: SystemTime) -> bool {
        let Some(date) = response.headers().get("date") else {
            return false;
        };
        let Ok(date) = DateTime::from_str(date, Format::HttpDate) else {
            return false;
        };
        let skew = date.secs() - DateTime::from(now).secs();
        let before = self.0.load(Ordering::Relaxed);
        if (skew - before).abs() <= CLOSE {
            return false;
        }
        self.0.store(skew, Ordering::Relaxed);
        true
    }
}
