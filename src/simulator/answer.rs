//! An answer before anything goes wrong with it.

use bytes::Bytes;

use crate::exchange::{Frame, SIMULATED_HEADER};

use super::dice::Dice;
use super::error_type::ErrorType;
use super::ordered;

/// A whole answer; equal requests have equal answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header lines, names in lower case, without date and length.
    pub headers: Vec<(&'static str, String)>,
    /// What follows them.
    pub payload: Payload,
}

/// What follows the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// A body with a length.
    Whole(Bytes),
    /// Frames of an event stream, each sent as one chunk.
    Events(Vec<Bytes>),
}

impl Payload {
    /// Every byte, as a client puts them together.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes.clone(),
            Self::Events(frames) => frames.concat().into(),
        }
    }
}

impl Answer {
    /// A JSON body.
    pub(super) fn json(status: u16, body: impl Into<Bytes>, dice: &mut Dice) -> Self {
        Self::whole(status, "application/json", body, dice)
    }

    /// A body of bytes that stand for themselves.
    pub(super) fn octets(body: impl Into<Bytes>, dice: &mut Dice) -> Self {
        Self::whole(200, "application/octet-stream", body, dice)
    }

    fn whole(status: u16, content_type: &str, body: impl Into<Bytes>, dice: &mut Dice) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", content_type.to_owned()),
                ("x-amzn-requestid", dice.uuid()),
                (SIMULATED_HEADER, "1".to_owned()),
            ],
            payload: Payload::Whole(body.into()),
        }
    }

    /// An event stream. A frame too large to be written ends it, as a broken upstream would.
    pub(super) fn stream(frames: &[Frame], dice: &mut Dice) -> Self {
        let frames = frames.iter().map_while(|frame| frame.encode().ok());
        Self {
            status: 200,
            headers: vec![
                (
                    "content-type",
                    "application/vnd.amazon.eventstream".to_owned(),
                ),
                ("x-amzn-requestid", dice.uuid()),
                (SIMULATED_HEADER, "1".to_owned()),
            ],
            payload: Payload::Events(frames.collect()),
        }
    }

    /// An error in the form of AWS: its type in a header, its message in the body.
    pub(super) fn error(
        error: ErrorType,
        message: &str,
        model: Option<&str>,
        dice: &mut Dice,
    ) -> Self {
        let body = ordered::sorted(&error.body(message, model));
        let mut answer = Self::json(error.status(), body, dice);
        answer.headers.push(("x-amzn-errortype", error.header()));
        answer
    }

    /// The first value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.as_str())
    }
}
