//! What is counted and told of a call while it is answered.

use http::{Response, StatusCode};

use super::body::{AnswerBody, Entry};
use super::explained;
use super::refusal::Refusal;
use super::tally::Tally;
use super::witness::Source;
use crate::exchange::Target;

/// A call that is being answered: counted, and told of, whatever becomes of it.
#[derive(Debug)]
pub struct Progress<'a> {
    tally: &'a Tally,
    source: Source,
    entry: Option<Entry>,
}

impl<'a> Progress<'a> {
    /// A call that is refused, until more is known of it.
    pub fn new(tally: &'a Tally, entry: Option<Entry>) -> Self {
        Self {
            tally,
            source: Source::Refused,
            entry,
        }
    }

    /// Where its answer comes from.
    pub fn comes_from(&mut self, source: Source) {
        self.source = source;
        if let Some(entry) = &mut self.entry {
            entry.call.source = source;
        }
    }

    /// What is asked, and of whom.
    pub fn asks(&mut self, target: &Target) {
        if let Some(entry) = &mut self.entry {
            entry.call.operation = Some(target.operation());
            target.subject().clone_into(&mut entry.call.subject);
        }
    }

    /// What it is refused with; a miss is told in full when the endpoint stops.
    pub fn refused(&mut self, refusal: &Refusal) {
        if self.source != Source::Miss {
            self.note(|| Some(refusal.message().to_owned()));
        }
    }

    /// What the service refuses is explained where a person reads along.
    pub fn explain(&mut self, answer: &Response<AnswerBody>) {
        let status = answer.status();
        let is_new = matches!(self.source, Source::Recorded | Source::Passed);
        if let Some(body) = answer.body().bytes().filter(|_| is_new)
            && !status.is_success()
        {
            self.note(|| explained::of_answer(answer.headers(), status.as_u16(), body));
        }
    }

    /// What is left to tell when the answer has ended.
    pub fn answered(mut self, status: StatusCode) -> Option<Entry> {
        let mut entry = self.entry.take()?;
        entry.call.status = Some(status.as_u16());
        Some(entry)
    }

    fn note(&mut self, note: impl FnOnce() -> Option<String>) {
        if let Some(entry) = &mut self.entry {
            entry.call.note = note();
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.tally.count(self.source);
    }
}
