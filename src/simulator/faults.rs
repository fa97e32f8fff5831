//! What is to go wrong, in one small grammar that command line and request header share.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::error_type::ErrorType;

/// The request header that asks for the faults of one call, in place of the standing ones:
/// `x-bedrock-replay-fault: throttle=2; cut=3`, or `none`.
pub const FAULT_HEADER: &str = "x-bedrock-replay-fault";

/// Events that pass before an error asked for without a place breaks a stream.
const DEFAULT_PLACE: usize = 3;

/// Faults to answer with. The default is none.
///
/// The text form is a list: `throttle=2; latency-ms=50; cut=3`. [`Faults::GRAMMAR`] names
/// every fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first so many of equal requests get a `ThrottlingException`. Requests are counted
    /// by what they ask (operation, model, canonical body), not by call and not in all: so
    /// each request of a program is throttled as often, on whatever schedule it is sent, and
    /// whether the SDK or the program retries.
    pub throttle: u32,
    /// The other faults befall only the first so many equal requests that were not throttled.
    pub times: Option<u32>,
    /// Time before an answer's headers.
    pub latency: Duration,
    /// Time before each event of a stream.
    pub event_delay: Duration,
    /// An error in place of the answer, or inside its stream.
    pub error: Option<ErrorFault>,
    /// A stream ends cleanly after so many events.
    pub cut: Option<usize>,
    /// The connection is reset: before any answer at 0, else after so many events of a
    /// stream, or in the middle of a unary body.
    pub reset: Option<usize>,
    /// This frame of a stream, counted from 1, has a wrong checksum.
    pub bad_crc: Option<usize>,
}

/// An error to answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorFault {
    /// Which one.
    pub error: ErrorType,
    /// After how many events of a stream it comes, as an exception frame; a unary call gets
    /// it as its answer. Without a place the error is the HTTP answer, but for
    /// `ModelStreamErrorException`, which on a stream comes after three events.
    pub after: Option<usize>,
}

impl ErrorFault {
    /// After how many events the error comes inside a stream; `None` where it is the answer.
    pub(super) fn place_in_stream(self) -> Option<usize> {
        let is_stream_error = self.error == ErrorType::MODEL_STREAM;
        self.after
            .or_else(|| is_stream_error.then_some(DEFAULT_PLACE))
    }
}

/// A text that asks for no known fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// The name of a fault is not known.
    #[error("expected one of {}, found `{found}`", Faults::GRAMMAR)]
    Unknown {
        /// What stands there.
        found: String,
    },
    /// A fault has a value that it cannot have.
    #[error("expected {expected} as the value of `{fault}`, found `{found}`")]
    Value {
        /// The fault's name.
        fault: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The name of an error is not known.
    #[error(
        "expected the name of an error of Bedrock Runtime, found `{found}` (known: {})",
        error_names()
    )]
    ErrorName {
        /// What stands there.
        found: String,
    },
    /// A fault is named more than once.
    #[error("expected each fault once, found `{fault}` again")]
    Twice {
        /// The fault's name.
        fault: &'static str,
    },
}

fn error_names() -> String {
    ErrorType::names().collect::<Vec<_>>().join(", ")
}

/// The faults' names.
const NAMES: [&str; 8] = [
    "throttle",
    "times",
    "latency-ms",
    "event-ms",
    "error",
    "cut",
    "reset",
    "bad-crc",
];

impl Faults {
    /// The faults and their values.
    pub const GRAMMAR: &str = "`throttle=N`, `times=N`, `latency-ms=N`, `event-ms=N`, `error=NAME`, `error=NAME@EVENTS`, `cut=EVENTS`, `reset`, `reset=EVENTS`, `bad-crc=FRAME`, `none`";

    fn set(&mut self, fault: &'static str, value: &str) -> Result<(), FaultError> {
        match fault {
            "throttle" => self.throttle = number(fault, value)?,
            "times" => self.times = Some(number(fault, value)?),
            "latency-ms" => self.latency = Duration::from_millis(number(fault, value)?),
            "event-ms" => self.event_delay = Duration::from_millis(number(fault, value)?),
            "error" => self.error = Some(value.parse()?),
            "cut" => self.cut = Some(number(fault, value)?),
            "reset" if value.is_empty() => self.reset = Some(0),
            "reset" => self.reset = Some(number(fault, value)?),
            _ => self.bad_crc = Some(frame_number(fault, value)?),
        }
        Ok(())
    }
}

fn number<T: FromStr>(fault: &'static str, value: &str) -> Result<T, FaultError> {
    value.parse().map_err(|_| FaultError::Value {
        fault,
        expected: "a whole number",
        found: value.to_owned(),
    })
}

fn frame_number(fault: &'static str, value: &str) -> Result<usize, FaultError> {
    match number(fault, value)? {
        0 => Err(FaultError::Value {
            fault,
            expected: "a frame's number, from 1",
            found: value.to_owned(),
        }),
        frame => Ok(frame),
    }
}

impl FromStr for ErrorFault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, place) = match text.split_once('@') {
            Some((name, place)) => (name, Some(place)),
            None => (text, None),
        };
        let error = ErrorType::from_name(name.trim()).ok_or_else(|| FaultError::ErrorName {
            found: name.trim().to_owned(),
        })?;
        let after = place
            .map(|place| number("error", place.trim()))
            .transpose()?;
        Ok(Self { error, after })
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        let mut named = Vec::new();
        let parts = text.split([';', ',']).map(str::trim);
        for part in parts.filter(|part| !part.is_empty() && *part != "none") {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = name.trim();
            let fault = NAMES
                .into_iter()
                .find(|known| *known == name)
                .ok_or_else(|| FaultError::Unknown {
                    found: part.to_owned(),
                })?;
            if named.contains(&fault) {
                return Err(FaultError::Twice { fault });
            }
            named.push(fault);
            faults.set(fault, value.trim())?;
        }
        Ok(faults)
    }
}

impl fmt::Display for ErrorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.name())?;
        self.after.map_or(Ok(()), |after| write!(f, "@{after}"))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let some = |number: u128| (number > 0).then_some(number.to_string());
        let places = |place: Option<usize>| place.map(|place| place.to_string());
        let values = [
            some(self.throttle.into()),
            self.times.map(|times| times.to_string()),
            some(self.latency.as_millis()),
            some(self.event_delay.as_millis()),
            self.error.map(|error| error.to_string()),
            places(self.cut),
            places(self.reset),
            places(self.bad_crc),
        ];
        let mut parts = NAMES
            .into_iter()
            .zip(values)
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        match parts.next() {
            None => f.write_str("none"),
            Some(first) => {
                f.write_str(&first)?;
                parts.try_for_each(|part| write!(f, "; {part}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_survives_its_text() {
        let text = "throttle=2; times=1; latency-ms=40; event-ms=5; error=ModelStreamErrorException@4; cut=3; reset=0; bad-crc=2";
        let faults: Faults = text.parse().unwrap();
        assert_eq!(faults.to_string(), text);
        assert_eq!(Faults::default().to_string(), "none");
        assert_eq!("none".parse(), Ok(Faults::default()));
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_would_be_one() {
        let refusal = |text: &str| text.parse::<Faults>().unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                "explode=1",
                "cut=soon",
                "error=Nonsense",
                "bad-crc=0",
                "cut=1; cut=2"
            ]
            .map(refusal)
            .join("\n")
        );
    }

    #[test]
    fn an_error_may_leave_its_ending_out() {
        let faults: Faults = "error=throttling".parse().unwrap();
        assert_eq!(faults.error.unwrap().error, ErrorType::THROTTLING);
    }
}
