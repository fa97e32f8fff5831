//! Header lines as bytes: the number of lines, then for each the number of its name, and its
//! value with its length in front. A name without a number is spelled out.

use std::borrow::Cow;

use super::varint::{read_length, take, write_varint};
use crate::exchange::Headers;

/// Names by their number, from 1. A part of the format: names may be added at the end alone.
const NAMES: [&str; 24] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "date",
    "retry-after",
    "server-timing",
    "transfer-encoding",
    "via",
    "x-amzn-bedrock-accept",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
    "x-amzn-bedrock-content-type",
    "x-amzn-bedrock-guardrailidentifier",
    "x-amzn-bedrock-guardrailversion",
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-invocation-latency",
    "x-amzn-bedrock-output-token-count",
    "x-amzn-bedrock-performanceconfig-latency",
    "x-amzn-bedrock-requestmetadata",
    "x-amzn-bedrock-service-tier",
    "x-amzn-bedrock-trace",
    "x-amzn-errortype",
    "x-amzn-requestid",
];

/// What stands instead of a number where the name is spelled out.
const SPELLED_OUT: u64 = 0;

/// Appends header lines.
pub fn write_headers(headers: &Headers, out: &mut Vec<u8>) {
    write_varint(headers.iter().count() as u64, out);
    for (name, value) in headers.iter() {
        if let Some(index) = NAMES.iter().position(|known| *known == name) {
            write_varint(index as u64 + 1, out);
        } else {
            write_varint(SPELLED_OUT, out);
            write_text(name, out);
        }
        write_text(value, out);
    }
}

/// Takes header lines from the front; `None` where none stand there.
pub fn read_headers(bytes: &mut &[u8]) -> Option<Headers> {
    let count = read_length(bytes)?;
    // A line takes two bytes or more: a damaged count must not take all memory.
    let mut lines = Vec::with_capacity(count.min(bytes.len() / 2));
    for _ in 0..count {
        let name = match read_length(bytes)? {
            0 => Cow::Owned(read_text(bytes)?),
            number => Cow::Borrowed(*NAMES.get(number - 1)?),
        };
        lines.push((name, read_text(bytes)?));
    }
    Some(Headers::stored(lines))
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_varint(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let length = read_length(bytes)?;
    let text = std::str::from_utf8(take(bytes, length)?).ok()?;
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(headers: &Headers) {
        let mut bytes = Vec::new();
        write_headers(headers, &mut bytes);
        bytes.push(7);
        let mut rest = &bytes[..];
        assert_eq!(read_headers(&mut rest).as_ref(), Some(headers));
        assert_eq!(rest, [7]);
    }

    #[test]
    fn headers_survive_their_bytes() {
        there_and_back(&Headers::default());
        let lines = NAMES.map(|name| (name, "a value"));
        there_and_back(&Headers::of_response(lines));
        there_and_back(&Headers::of_request(lines));
        let unknown = vec![("x-of-another-version".into(), "é".into())];
        there_and_back(&Headers::stored(unknown));
    }

    #[test]
    fn every_name_that_may_be_kept_has_a_number() {
        let numbered = NAMES.map(|name| (name, ""));
        let kept = Headers::of_response(numbered).iter().count()
            + Headers::of_request(numbered).iter().count();
        // `content-type`, performance and service tier stand in both lists.
        assert_eq!(kept, NAMES.len() + 3);
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn a_damaged_count_is_refused() {
        assert_eq!(read_headers(&mut &[0xff, 0xff, 0xff, 0x7f, 1, 0][..]), None);
        assert_eq!(read_headers(&mut &[1, 99, 0][..]), None);
    }
}
