use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use proptest::prelude::*;

use super::{Redaction, Rule, Side};
use crate::exchange::{
    Attempt, Body, Chunk, Ending, EventStream, Fault, FaultKind, Frame, Headers, Json, Operation,
    Outcome, Request, RequestParts, Response, StreamWatch, Target,
};
use crate::identity::{CanonicalRequest, Difference, MatchOn, RequestKey, Volatile};

const UUID: &str = "9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d";

fn request(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    Request::read(RequestParts {
        method: "POST",
        path_and_query: path,
        host: "",
        headers: headers.to_vec(),
        body: Bytes::copy_from_slice(body),
    })
    .unwrap()
}

fn body_after(redaction: &Redaction, body: &str) -> String {
    let request = request("/model/m/converse", &[], body.as_bytes());
    let redacted = redaction.apply_request(&request);
    String::from_utf8(redacted.body.to_vec()).unwrap()
}

fn response(body: impl Into<Bytes>, headers: &[(&str, &str)]) -> Response {
    Response {
        status: 200,
        headers: Headers::of_response(headers.iter().copied()),
        body: Body::whole(body),
        ending: Ending::Complete,
    }
}

fn filter(pattern: &str, replacement: &str) -> Rule {
    Rule::filter(pattern, replacement).unwrap()
}

#[test]
fn what_no_rule_finds_is_the_very_same() {
    let redaction = Redaction::new()
        .with(Rule::uuids().on(Side::Both))
        .with(Rule::json_path("$.nothing", "x").unwrap().on(Side::Both));
    let request = request("/model/m/converse", &[], b"{ \"a\" : 1.0 }");
    assert!(matches!(
        redaction.apply_request(&request),
        Cow::Borrowed(_)
    ));
    let response = response("{ \"a\" : 1.0 }", &[]);
    assert!(matches!(
        redaction.apply_response(&response),
        Cow::Borrowed(_)
    ));
}

#[test]
fn a_path_replaces_values_wherever_it_finds_them() {
    let rule = Rule::json_path("$.messages[*].content[*].text", "<text>").unwrap();
    assert_eq!(
        body_after(
            &Redaction::new().with(rule),
            r#"{"messages":[{"content":[{"text":"a"},{"image":1}]},{"content":[{"text":"b"}]}]}"#
        ),
        r#"{"messages":[{"content":[{"text":"<text>"},{"image":1}]},{"content":[{"text":"<text>"}]}]}"#
    );
}

#[test]
fn a_filter_sees_strings_as_they_mean_and_leaves_names_alone() {
    let redaction = Redaction::new().with(filter(r"(\w+)@example\.com", "<$1>"));
    assert_eq!(
        body_after(&redaction, r#"{"a@example.com":["b\u0040example.com",7]}"#),
        r#"{"a@example.com":["<b>",7]}"#
    );
}

#[test]
fn a_filter_reads_bodies_that_are_no_json() {
    let redaction = Redaction::new().with(Rule::uuids());
    assert_eq!(
        body_after(&redaction, &format!("{{\"id\":\"{UUID}")),
        "{\"id\":\"<uuid>"
    );
    let bytes = [&b"\xff"[..], UUID.as_bytes(), b"\xfe"].concat();
    let request = request("/model/m/invoke", &[], &bytes);
    let expected = [&b"\xff"[..], b"<uuid>", b"\xfe"].concat();
    assert_eq!(redaction.apply_request(&request).body, expected);
}

#[test]
fn labels_and_headers_are_filtered_too() {
    let redaction = Redaction::new()
        .with(Rule::account_ids())
        .with(Rule::iso_dates())
        .with(filter("secret-[a-z]+", "<guardrail>"));
    let request = request(
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fx-2026-01-01/converse",
        &[("x-amzn-bedrock-guardrailidentifier", "secret-one")],
        b"{}",
    );
    let redacted = redaction.apply_request(&request);
    assert_eq!(
        redacted.target.model(),
        Some("arn:aws:bedrock:us-east-1:000000000000:inference-profile/x-2026-01-01")
    );
    assert_eq!(
        redacted.headers.get("x-amzn-bedrock-guardrailidentifier"),
        Some("<guardrail>")
    );
}

#[test]
fn query_values_are_filtered_too() {
    let redaction = Redaction::new()
        .with(Rule::iso_dates())
        .with(filter("tok-[a-z]+", "<token>"));
    let path = "/async-invoke?nextToken=tok-abc&submitTimeAfter=2026-11-22T16%3A08%3A14Z";
    let target = Target::parse("GET", path).unwrap();
    let request = Request {
        target,
        ..request("/model/m/converse", &[], b"")
    };
    assert_eq!(
        redaction.apply_request(&request).target.path_and_query(),
        "/async-invoke?nextToken=%3Ctoken%3E&submitTimeAfter=%3Cdate%3E"
    );
}

#[test]
fn rules_apply_in_order_and_on_their_side() {
    let redaction = Redaction::new()
        .with(filter("a+", "b"))
        .with(filter("b+", "c"))
        .with(filter("c", "d").on(Side::Response));
    assert_eq!(body_after(&redaction, r#"["aab"]"#), r#"["c"]"#);
    let seen = response(r#"["abc"]"#, &[]);
    assert_eq!(redaction.apply_response(&seen).body.bytes, r#"["abd"]"#);
}

#[test]
fn a_changed_response_says_its_new_length() {
    let redaction = Redaction::new().with(filter("secret", "-").on(Side::Response));
    let whole = response(
        r#"{"a":"secret"}"#,
        &[("content-length", "14"), ("x-amzn-requestid", "a secret")],
    );
    let redacted = redaction.apply_response(&whole);
    assert_eq!(redacted.body.bytes, r#"{"a":"-"}"#);
    assert_eq!(redacted.headers.get("content-length"), Some("9"));
    assert_eq!(redacted.headers.get("x-amzn-requestid"), Some("a -"));
    let cut = Response {
        ending: Ending::Truncated,
        ..response(r#"{"a":"secret"#, &[("content-length", "14")])
    };
    let redacted = redaction.apply_response(&cut);
    assert_eq!(redacted.body.bytes, r#"{"a":"-"#);
    assert_eq!(redacted.headers.get("content-length"), Some("9"));
}

fn streamed(frames: &[Frame]) -> Response {
    let encoded: Vec<Bytes> = frames.iter().map(|frame| frame.encode().unwrap()).collect();
    let chunks = encoded.iter().enumerate().map(|(index, bytes)| Chunk {
        length: bytes.len(),
        at: Duration::from_millis(index as u64),
    });
    let chunks = chunks.collect();
    let mut whole = response(encoded.concat(), &[]);
    whole.body.chunks = chunks;
    whole
}

#[test]
fn a_stream_is_redacted_frame_by_frame() {
    let delta = |text: &str| {
        let payload = format!(r#"{{"delta":{{"text":"{text}"}},"p":"abc"}}"#);
        Frame::event("contentBlockDelta", payload)
    };
    let frames = [
        delta("plain"),
        delta(UUID),
        Frame::event("metadata", r#"{"usage":{}}"#),
    ];
    let before = streamed(&frames);
    let redaction = Redaction::new().with(Rule::uuids().on(Side::Both));
    let after = redaction.apply_response(&before).into_owned();
    assert_eq!(
        after.body,
        streamed(&[frames[0].clone(), delta("<uuid>"), frames[2].clone()]).body
    );
    assert!(StreamWatch::is_whole(
        Operation::ConverseStream,
        &after.body.bytes
    ));
}

#[test]
fn a_stream_of_chunks_is_redacted_inside_its_base64() {
    let chunk = |json: &str| {
        let payload = format!(r#"{{"bytes":"{}","p":"abcd"}}"#, BASE64.encode(json));
        Frame::event("chunk", payload)
    };
    let before = streamed(&[
        chunk(&format!(r#"{{"id":"{UUID}"}}"#)),
        chunk(r#"{"amazon-bedrock-invocationMetrics":{}}"#),
    ]);
    let redaction =
        Redaction::new().with(Rule::json_path("$.id", "<id>").unwrap().on(Side::Response));
    let after = redaction.apply_response(&before).into_owned();
    let frames = EventStream::read(&after.body.bytes).unwrap().frames;
    assert_eq!(frames[0].json(), r#"{"id":"<id>"}"#);
    assert_eq!(
        Json::read(frames[0].payload()).unwrap().at("/p"),
        Some(&Json::String("abcd".into()))
    );
    assert_eq!(after.body.chunks.len(), 2);
    let operation = Operation::InvokeModelWithResponseStream;
    assert!(StreamWatch::is_whole(operation, &after.body.bytes));
}

#[test]
fn the_tail_of_a_cut_stream_is_filtered_as_text() {
    let frame = Frame::event("contentBlockDelta", format!(r#"{{"a":"{UUID}"}}"#));
    let mut before = streamed(&[Frame::event("messageStart", "{}"), frame]);
    let cut = before.body.bytes.len() - 4;
    before.body.bytes.truncate(cut);
    before.body.chunks[1].length -= 4;
    before.ending = Ending::Truncated;
    let redaction = Redaction::new().with(Rule::uuids().on(Side::Response));
    let after = redaction.apply_response(&before).into_owned();
    let text = String::from_utf8_lossy(&after.body.bytes).into_owned();
    assert!(text.contains("<uuid>") && !text.contains(UUID), "{text}");
    let lengths = after.body.chunks.iter().map(|chunk| chunk.length);
    assert_eq!(lengths.sum::<usize>(), after.body.bytes.len());
}

#[test]
fn the_message_of_a_fault_passes_every_filter() {
    let redaction = Redaction::new().with(filter("[a-z]+[.]internal", "<host>"));
    let fault = Fault {
        kind: FaultKind::Refused,
        message: "no route to proxy.internal".into(),
    };
    assert_eq!(redaction.apply_fault(&fault).message, "no route to <host>");
    let attempt = Attempt {
        outcome: Outcome::Response(Response {
            ending: Ending::Broken(fault),
            ..response("", &[])
        }),
        first_byte: Duration::ZERO,
        total: Duration::ZERO,
    };
    let redacted = redaction.apply_attempt(&attempt).into_owned();
    let Some(Ending::Broken(fault)) = redacted.response().map(|response| &response.ending) else {
        panic!("{redacted:?}");
    };
    assert_eq!(fault.message, "no route to <host>");
}

#[test]
fn the_rules_that_a_difference_suggests_make_both_requests_equal() {
    let body = |uuid: &str, day: u8, stamp: u64, session: &str| {
        format!(
            r#"{{"system":[{{"text":"It is 2026-11-{day}. Run {uuid}."}}],"at":{stamp},"m":[{{"sessionId":"{session}"}}]}}"#
        )
    };
    let read = |body: String| request("/model/m/converse", &[], body.as_bytes());
    let one = read(body(UUID, 21, 1_795_363_694, "aB3"));
    let other = read(body(&UUID.replace('9', "8"), 22, 1_795_363_999, "zZ9"));
    let rules = MatchOn::new();
    let canonical = |request: &Request| CanonicalRequest::of(request, &rules);
    let difference = Difference::between(&canonical(&one), &canonical(&other));
    let redaction: Redaction = difference
        .volatile()
        .unwrap()
        .iter()
        .map(|suggestion| Rule::suggested(suggestion).unwrap())
        .collect();
    let key = |request: &Request| RequestKey::of(&redaction.apply_request(request), &rules);
    assert_ne!(canonical(&one).key(), canonical(&other).key());
    assert_eq!(key(&one), key(&other));
}

proptest! {
    #[test]
    fn to_redact_twice_is_to_redact_once(
        text in "([a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-8[a-f0-9]{3}-[a-f0-9]{12}|2026-1[0-2]-[0-3][0-9]|1[0-9]{9,12}|run_[a-z0-9]{9}|[ .,a-z]{0,9}){0,6}"
    ) {
        let redaction: Redaction = Volatile::ALL.into_iter().map(Rule::built_in).collect();
        let once = body_after(&redaction, &serde_json::to_string(&[&text]).unwrap());
        prop_assert_eq!(body_after(&redaction, &once), once);
    }
}
