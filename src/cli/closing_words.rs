//! What is said when an endpoint stops.

use std::fmt::Write as _;

use bedrock_replay::Mode;
use bedrock_replay::server::{MissedCall, Summary};
use bedrock_replay::words::counted;

use super::unused_file::Course;

/// What is said instead of figures where no call came, and why that may be.
pub fn nothing_came(course: &Course) -> String {
    let why = match course {
        Course::Whole => {
            "an AWS SDK finds this endpoint by AWS_ENDPOINT_URL_BEDROCK_RUNTIME, unless its program names another"
        }
        Course::CutShort(why) => why,
    };
    format!("bedrock-replay: no call came ({why})")
}

/// A line of figures; and in full the first miss, which the program may have kept to itself.
/// `saved` tells what the hits would have cost.
pub fn closing_words(mode: Mode, summary: &Summary, saved: &str, missed: &[MissedCall]) -> String {
    let mut text = String::from("bedrock-replay: ");
    let _ = write!(text, "{}", counted(summary.calls, "call"));
    let parts = [
        (summary.hits, "hit", mode == Mode::Replay),
        (summary.recorded, "recorded", mode.records()),
        (summary.unanswered, "not answered", summary.unanswered > 0),
        (summary.passed, "passed", mode == Mode::Passthrough),
        (summary.misses, "missed", mode == Mode::Replay),
        (summary.refused, "refused", summary.refused > 0),
        (summary.unused, "unused", mode == Mode::Replay),
    ];
    let shown = parts
        .iter()
        .filter(|(number, _, always)| *always || *number > 0);
    for (index, (number, word, _)) in shown.enumerate() {
        let _ = write!(
            text,
            "{}{number} {word}",
            if index == 0 { ": " } else { ", " }
        );
    }
    let (input, output) = (summary.input_tokens, summary.output_tokens);
    if input + output > 0 {
        let _ = write!(text, "; {input} tokens read, {output} written");
    }
    text.push_str(saved);
    if let Some(first) = missed.first() {
        let _ = write!(text, "\nthe first miss: {}", first.message);
    }
    text
}
