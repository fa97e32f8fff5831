//! The end of a body that passes, kept for what it tells of tokens.

use std::sync::Arc;

use http::HeaderMap;

use super::tally::Tally;
use super::tokens::{END, Tokens};

/// The end of a body that passes; what it tells is counted when the body is let go.
#[derive(Debug)]
pub struct Passing {
    headers: HeaderMap,
    end: Vec<u8>,
    tally: Arc<Tally>,
}

impl Passing {
    /// A body behind these headers.
    pub const fn new(headers: HeaderMap, tally: Arc<Tally>) -> Self {
        Self {
            headers,
            end: Vec::new(),
            tally,
        }
    }

    /// Sees a part of it.
    pub fn see(&mut self, part: &[u8]) {
        self.end.extend_from_slice(part);
        let surplus = self.end.len().saturating_sub(END);
        // Seldom, so that a long body is not moved about for each of its parts.
        if surplus > 4 * END {
            self.end.drain(..surplus);
        }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(tokens) = Tokens::of(&self.headers, &self.end) {
            self.tally.spent(tokens);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::PlaybackReport;

    #[test]
    fn a_body_that_passed_in_parts_tells_what_it_tells_whole() {
        let tally = Arc::new(Tally::default());
        let mut passing = Passing::new(HeaderMap::new(), Arc::clone(&tally));
        let long = "x".repeat(50_000);
        let body = format!(r#"{{"text":"{long}","usage":{{"inputTokens":5,"outputTokens":6}}}}"#);
        body.as_bytes().chunks(7).for_each(|part| passing.see(part));
        drop(passing);
        let summary = tally.summary(&PlaybackReport::default());
        assert_eq!((summary.input_tokens, summary.output_tokens), (5, 6));
    }
}
