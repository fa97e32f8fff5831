//! Sees the heads of requests as they arrive, for what an HTTP library hides: two statements
//! of a body's length, or a coding of it beside `chunked`. Who believes the one and who the other part the stream in different
//! places, and a request is smuggled past whoever looked first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// As much of a line as is kept: the longer of the two names, and a length.
const LINE: usize = 64;

const SOUND: u8 = 0;
const CHUNKED: u8 = 1;
const AMBIGUOUS: u8 = 2;

/// What the heads of a connection came to; shared with who answers its requests.
#[derive(Debug, Clone, Default)]
pub struct Shape(Arc<AtomicU8>);

impl Shape {
    /// A head stated its body's length in two ways, or in one that is not known here.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.0.load(Ordering::Relaxed) == AMBIGUOUS
    }

    /// A body came in chunks: nothing behind it was looked at, so that it has to be the
    /// connection's last.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.0.load(Ordering::Relaxed) != SOUND
    }
}

/// Follows a connection's bytes from head to head.
#[derive(Debug)]
pub struct Heads {
    shape: Shape,
    state: State,
    line: Vec<u8>,
    length: Option<u64>,
    coding: Coding,
}

/// What a head says of how its body is coded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Coding {
    #[default]
    Plain,
    Chunked,
    Other,
}

#[derive(Debug)]
enum State {
    Head,
    /// So many bytes of a body are still to come.
    Body(u64),
    Over,
}

impl Heads {
    /// Looks from the connection's first byte on.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            state: State::Head,
            line: Vec::with_capacity(LINE),
            length: None,
            coding: Coding::Plain,
        }
    }

    /// Sees what has arrived.
    pub fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Head => self.see_line(bytes),
                State::Body(left) => self.see_body(left, bytes),
                State::Over => return,
            };
        }
    }

    fn see_body<'a>(&mut self, left: u64, bytes: &'a [u8]) -> &'a [u8] {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let left = left - here as u64;
        self.state = if left == 0 {
            State::Head
        } else {
            State::Body(left)
        };
        &bytes[here..]
    }

    fn see_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = memchr::memchr(b'\n', bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let room = LINE.saturating_sub(self.line.len()).min(part.len());
        self.line.extend_from_slice(&part[..room]);
        let Some(end) = end else {
            return &[];
        };
        self.end_line();
        self.line.clear();
        &bytes[end + 1..]
    }

    fn end_line(&mut self) {
        if self.line.trim_ascii_end().is_empty() {
            return self.end_head();
        }
        let Some(colon) = memchr::memchr(b':', &self.line) else {
            return;
        };
        let (name, value) = self.line.split_at(colon);
        // Blanks around a name make some readers overlook it.
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let is_chunked = value[1..].trim_ascii().eq_ignore_ascii_case(b"chunked");
            self.coding = match self.coding {
                Coding::Plain if is_chunked => Coding::Chunked,
                _ => Coding::Other,
            };
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let value = std::str::from_utf8(&value[1..]).unwrap_or_default();
            // What is no number is refused by whoever parses the head.
            self.length = Some(value.trim().parse().unwrap_or(u64::MAX));
        }
    }

    fn end_head(&mut self) {
        let length = self.length.take();
        let (shape, state) = match (std::mem::take(&mut self.coding), length) {
            (Coding::Plain, None | Some(0)) => (SOUND, State::Head),
            (Coding::Plain, Some(length)) => (SOUND, State::Body(length)),
            (Coding::Chunked, None) => (CHUNKED, State::Over),
            (Coding::Chunked, Some(_)) | (Coding::Other, _) => (AMBIGUOUS, State::Over),
        };
        self.state = state;
        if shape != SOUND {
            self.shape.0.store(shape, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the parts that it arrives in, a stream has one shape.
    fn shape_of(stream: &str) -> u8 {
        let shapes = [1, 2, 7, stream.len()].map(|part| {
            let shape = Shape::default();
            let mut heads = Heads::new(shape.clone());
            stream.as_bytes().chunks(part).for_each(|b| heads.see(b));
            shape.0.load(Ordering::Relaxed)
        });
        assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{stream}");
        shapes[0]
    }

    #[test]
    fn one_length_is_sound_also_in_the_second_of_two_requests() {
        let one = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12\r\n5";
        assert_eq!(shape_of(one), SOUND);
        assert_eq!(
            shape_of(&format!("{one}{one}GET / HTTP/1.1\r\n\r\n")),
            SOUND
        );
    }

    #[test]
    fn two_lengths_are_ambiguous_in_either_order_and_any_spelling() {
        for head in [
            "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
            "Transfer-Encoding: chunked\r\nX: y\r\nCONTENT-LENGTH: 0\r\n\r\n",
            "Transfer-Encoding : chunked\nContent-Length: 0\n\n",
        ] {
            let stream = format!("POST / HTTP/1.1\r\n{head}");
            assert_eq!(shape_of(&stream), AMBIGUOUS, "{head}");
            let behind = format!("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}{stream}");
            assert_eq!(shape_of(&behind), AMBIGUOUS, "{head}");
        }
    }

    #[test]
    fn a_coding_beside_chunked_is_ambiguous() {
        for coding in [
            "gzip, chunked",
            "xchunked",
            "chunked\r\nTransfer-Encoding: chunked",
            "",
        ] {
            let stream = format!("POST / HTTP/1.1\r\nTransfer-Encoding: {coding}\r\n\r\n");
            assert_eq!(shape_of(&stream), AMBIGUOUS, "{coding}");
        }
    }

    #[test]
    fn what_a_body_holds_is_no_head() {
        let body = "transfer-encoding: chunked\r\n\r\n";
        let stream = format!(
            "POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(shape_of(&stream), SOUND);
    }

    #[test]
    fn a_body_in_chunks_is_the_last() {
        assert_eq!(
            shape_of("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            CHUNKED
        );
    }
}
