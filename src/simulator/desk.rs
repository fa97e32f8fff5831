//! One HTTP request in, one delivery out: the limits, the faults of the moment, the count of
//! equal requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;

use crate::clock::SharedClock;
use crate::exchange::{Request, RequestParts};

use super::answer::Answer;
use super::asked::Fingerprint;
use super::bedrock::Simulator;
use super::delivery::Delivery;
use super::dice::Dice;
use super::error_type::ErrorType;
use super::faults::{FAULT_HEADER, Faults};

/// Bedrock takes bodies up to this.
const LARGEST_BODY: usize = 25 * 1024 * 1024;

/// What the connections of a simulator share.
#[derive(Debug)]
pub(super) struct Desk {
    simulator: Simulator,
    faults: Faults,
    clock: SharedClock,
    seen: Mutex<HashMap<(Fingerprint, String), u32>>,
    served: AtomicU64,
}

impl Desk {
    pub(super) fn new(simulator: Simulator, faults: Faults, clock: SharedClock) -> Self {
        Self {
            simulator,
            faults,
            clock,
            seen: Mutex::default(),
            served: AtomicU64::new(0),
        }
    }

    /// How many requests were taken.
    pub(super) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    /// The `date` header: RFC 9110's form of the time.
    pub(super) fn date(&self) -> String {
        self.clock
            .now()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// Takes a request. `None` where the client went away in the middle of it.
    pub(super) async fn serve(&self, request: http::Request<Incoming>) -> Option<Delivery> {
        self.served.fetch_add(1, Ordering::Relaxed);
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Some(plain_error(
                    ErrorType::TOO_LARGE,
                    ErrorType::TOO_LARGE.message(),
                ));
            }
            Err(_) => return None,
        };
        Some(self.deliver(&parts, body))
    }

    fn deliver(&self, parts: &Parts, body: Bytes) -> Delivery {
        let faults = match self.faults_for(parts) {
            Ok(faults) => faults,
            Err(message) => return plain_error(ErrorType::VALIDATION, &message),
        };
        match Request::read(request_parts(parts, body)) {
            Ok(request) => {
                let nth = self.count(&request, &faults);
                self.simulator.deliver(&request, &faults, nth)
            }
            Err(unsupported) => Delivery::of(self.simulator.refuse(&unsupported), &faults),
        }
    }

    fn faults_for(&self, parts: &Parts) -> Result<Faults, String> {
        let Some(asked) = parts.headers.get(FAULT_HEADER) else {
            return Ok(self.faults.clone());
        };
        let text = String::from_utf8_lossy(asked.as_bytes());
        text.parse()
            .map_err(|error| format!("the header `{FAULT_HEADER}`: {error}"))
    }

    /// How many equal requests under equal faults came before.
    fn count(&self, request: &Request, faults: &Faults) -> u32 {
        if faults.throttle == 0 && faults.times.is_none() {
            return 0;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = seen
            .entry((Fingerprint::of(request), faults.to_string()))
            .or_default();
        let nth = *count;
        *count = count.saturating_add(1);
        nth
    }
}

fn plain_error(error: ErrorType, message: &str) -> Delivery {
    let dice = &mut Dice::of(&[error.name().as_bytes(), message.as_bytes()]);
    Delivery::of(
        Answer::error(error, message, None, dice),
        &Faults::default(),
    )
}

fn request_parts(parts: &Parts, body: Bytes) -> RequestParts<'_> {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let lines = parts.headers.iter();
    RequestParts {
        method: parts.method.as_str(),
        path_and_query: parts
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str),
        host: host.unwrap_or_default(),
        headers: lines
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect(),
        body,
    }
}
