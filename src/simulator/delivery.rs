//! How an answer reaches its caller: whole, late, cut, damaged, or not at all.

use std::time::Duration;

use bytes::Bytes;

use crate::exchange::{Frame, Request};

use super::answer::{Answer, Payload};
use super::bedrock::Simulator;
use super::error_type::ErrorType;
use super::faults::{ErrorFault, Faults};
use super::ordered;

/// An answer and what befalls it on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Time before the headers.
    pub latency: Duration,
    /// Time before each event.
    pub event_delay: Duration,
    /// What is sent.
    pub answer: Answer,
    /// The length that the headers promise; more than is sent where the body is cut.
    pub promised: usize,
    /// How the connection fares.
    pub close: Close,
}

/// How the connection fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// It lives on.
    Never,
    /// It is reset before anything is sent.
    BeforeAnswer,
    /// It is reset once the payload was sent.
    AfterPayload,
}

impl Simulator {
    /// Answers the `nth` of equal requests, from 0, under these faults.
    #[must_use]
    pub fn deliver(&self, request: &Request, faults: &Faults, nth: u32) -> Delivery {
        let answer = match faults.at(nth) {
            Stage::Throttled => {
                return Delivery::of(self.fail(ErrorType::THROTTLING, request), faults);
            }
            Stage::Spared => return Delivery::of(self.answer(request), faults),
            Stage::Struck => self.struck_answer(request, faults.error),
        };
        let mut delivery = Delivery::of(answer, faults);
        delivery.damage(faults);
        delivery
    }

    fn struck_answer(&self, request: &Request, fault: Option<ErrorFault>) -> Answer {
        let Some(fault) = fault else {
            return self.answer(request);
        };
        let is_stream = request.target.operation().is_stream();
        let Some(place) = fault.place_in_stream().filter(|_| is_stream) else {
            return self.fail(fault.error, request);
        };
        let mut answer = self.answer(request);
        if let Payload::Events(frames) = &mut answer.payload {
            frames.truncate(place);
            frames.extend(exception_frame(fault.error));
        }
        answer
    }
}

fn exception_frame(error: ErrorType) -> Option<Bytes> {
    let payload = ordered::sorted(&error.body(error.message(), None));
    Frame::of_exception(&error.stream_name(), payload)
        .encode()
        .ok()
}

/// What the faults do to one of equal requests.
enum Stage {
    Throttled,
    Struck,
    Spared,
}

impl Faults {
    fn at(&self, nth: u32) -> Stage {
        let Some(later) = nth.checked_sub(self.throttle) else {
            return Stage::Throttled;
        };
        match self.times {
            Some(times) if later >= times => Stage::Spared,
            _ => Stage::Struck,
        }
    }
}

impl Delivery {
    /// An answer that arrives whole, at these faults' pace.
    #[must_use]
    pub fn of(answer: Answer, faults: &Faults) -> Self {
        Self {
            latency: faults.latency,
            event_delay: faults.event_delay,
            promised: answer.payload.bytes().len(),
            answer,
            close: Close::Never,
        }
    }

    fn damage(&mut self, faults: &Faults) {
        if faults.reset == Some(0) {
            self.close = Close::BeforeAnswer;
            return;
        }
        match &mut self.answer.payload {
            Payload::Events(frames) => self.close = damage_stream(frames, faults),
            Payload::Whole(body) if faults.reset.is_some() => {
                body.truncate(body.len() / 2);
                self.close = Close::AfterPayload;
            }
            Payload::Whole(_) => {}
        }
    }
}

fn damage_stream(frames: &mut Vec<Bytes>, faults: &Faults) -> Close {
    let damaged = faults.bad_crc.and_then(|frame| frames.get_mut(frame - 1));
    if let Some(frame) = damaged {
        *frame = with_wrong_checksum(frame);
    }
    if let Some(events) = faults.cut {
        frames.truncate(events);
    }
    match faults.reset {
        Some(events) => {
            frames.truncate(events);
            Close::AfterPayload
        }
        None => Close::Never,
    }
}

/// The message's checksum is its last four bytes.
fn with_wrong_checksum(frame: &Bytes) -> Bytes {
    let mut bytes = frame.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 0xff;
    }
    bytes.into()
}
