//! Cassettes as text and back, and exchanges that other projects published.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bedrock_replay::cassette::{
    Imported, Incoming, Keys, Place, Published, Put, Reader, Slot, Writer, export, pack,
};
use bedrock_replay::exchange::{
    Attempt, Body, Chunk, Ending, Fault, FaultKind, Frame, Headers, Operation, Outcome, Provenance,
    Response, Target,
};
use bedrock_replay::identity::{MatchOn, RequestKey};
use proptest::prelude::*;

use crate::cassette::{answer, keyed_by, put, record, session};
use crate::cassette_damage::sample;

fn exported(path: &Path) -> String {
    let mut text = Vec::new();
    export(&mut Reader::open(path).unwrap(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn import(path: &Path, text: &str) -> Imported {
    let incoming = Incoming::read_export(&mut text.as_bytes(), "an export").unwrap();
    incoming.merge_into(path).unwrap()
}

#[test]
fn an_export_reads_like_a_transcript() {
    let folder = tempfile::tempdir().unwrap();
    let text = exported(&sample(folder.path()));
    let brief = text.replace(&"What makes you think so? ".repeat(40), "What makes you …");
    let brief = brief.replace(&"Why? ".repeat(60), "Why? …");
    let lines = brief
        .lines()
        .filter(|line| !line.contains("noise") && line.len() < 2_000);
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_export_does_not_depend_on_what_was_recorded_first() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    let make = |prompt: &str| put(prompt, prompt, answer(200, prompt));
    record(&one, 1, vec![make("a"), make("b")]);
    record(&one, 2, vec![make("c")]);
    record(&two, 2, vec![make("c")]);
    record(&two, 1, vec![make("b"), make("a")]);
    assert_eq!(exported(&one), exported(&two));
}

fn any_fault() -> impl Strategy<Value = Fault> {
    (0..FaultKind::ALL.len(), ".{0,20}").prop_map(|(kind, message)| Fault {
        kind: FaultKind::ALL[kind],
        message,
    })
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Complete),
        Just(Ending::Truncated),
        Just(Ending::Abandoned),
        any_fault().prop_map(Ending::Broken),
    ]
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let frame =
        |(kind, payload): (String, String)| Frame::event(&kind, payload).encode().unwrap().to_vec();
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        Just(br#"{"messages": [{"text":"\u00e9"}]}"#.to_vec()),
        ".{0,40}".prop_map(|text| serde_json::to_vec(&[text]).unwrap()),
        "[a-z \"]{150,500}".prop_map(|text| format!("{{\"a\":{text:?}}}").into_bytes()),
        prop::collection::vec(("[a-zA-Z]{1,9}", ".{0,30}").prop_map(frame), 1..5)
            .prop_map(|frames| frames.concat()),
    ]
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    let chunks = prop::collection::vec(0..1_000_u64, 0..4);
    let response = (
        any::<u16>(),
        any_bytes(),
        chunks,
        any_ending(),
        "[a-z/]{0,9}",
    );
    let response = response.prop_map(|(status, bytes, times, ending, kind)| {
        let at = |time: u64| Chunk {
            length: 1,
            at: Duration::from_micros(time),
        };
        let mut times = times;
        times.sort_unstable();
        Outcome::Response(Response {
            status,
            headers: Headers::of_response([("content-type", &*kind)]),
            body: Body {
                bytes: bytes.into(),
                chunks: times.into_iter().map(at).collect(),
            },
            ending,
        })
    });
    let outcome = prop_oneof![4 => response, 1 => any_fault().prop_map(Outcome::Fault)];
    (outcome, any::<u32>(), any::<u32>()).prop_map(|(outcome, first_byte, total)| Attempt {
        outcome,
        first_byte: Duration::from_micros(first_byte.into()),
        total: Duration::from_micros(total.into()),
    })
}

/// The attempts of one exchange.
fn any_exchange() -> impl Strategy<Value = Vec<Put>> {
    let operation = (0..Operation::ALL.len()).prop_map(|index| Operation::ALL[index]);
    let attempts = prop::collection::vec(any_attempt(), 1..4);
    let provenance = prop_oneof![
        Just(Provenance::Live),
        ".{0,9}".prop_map(Provenance::Imported),
    ];
    (".{0,9}", operation, any_bytes(), attempts, provenance).prop_map(
        |(scope, operation, body, attempts, provenance)| {
            let mut first = put(&scope, "", attempts[0].clone());
            if Target::model_call(operation, "m").model().is_some() {
                first.request.target = Target::model_call(operation, "m:0/é");
            }
            first.request.body = body.into();
            first.slot.key = RequestKey::of(&first.request, &MatchOn::new());
            first.provenance = provenance;
            let later = (1..).zip(&attempts[1..]).map(|(number, attempt)| Put {
                place: Place::Numbered(number),
                attempt: attempt.clone(),
                ..first.clone()
            });
            [first.clone()].into_iter().chain(later).collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn an_imported_export_is_the_same_cassette(
        exchanges in prop::collection::vec(any_exchange(), 1..6)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        let writer = Writer::open(&one, &keyed_by(), session(1)).unwrap();
        for (call, puts) in (0..).zip(exchanges) {
            for put in puts {
                writer.put(Put { call, ..put }).wait().unwrap();
            }
        }
        drop(writer);
        let text = exported(&one);
        import(&two, &text);
        prop_assert_eq!(exported(&two), text);
        pack(&one, &Keys::AsTheyAre).unwrap();
        pack(&two, &Keys::AsTheyAre).unwrap();
        prop_assert!(std::fs::read(&one).unwrap() == std::fs::read(&two).unwrap());
    }
}

fn slots(path: &Path) -> Vec<(u32, String)> {
    let mut reader = Reader::open(path).unwrap();
    let slots = reader.slots().unwrap();
    let mut read = |slot: Slot| {
        let found = reader.outcome(&slot).unwrap().unwrap().attempt;
        let body = found.response().unwrap().body.bytes.to_vec();
        (slot.occurrence, String::from_utf8(body).unwrap())
    };
    slots.into_iter().map(&mut read).collect()
}

#[test]
fn what_two_recorded_apart_is_merged_and_nothing_paid_for_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] = ["ours", "theirs"].map(|name| folder.path().join(name));
    let both = || put("", "before the branch", answer(200, "same"));
    record(&ours, 1, vec![both()]);
    std::fs::copy(&ours, &theirs).unwrap();
    record(&ours, 2, vec![put("", "new", answer(200, "ours"))]);
    record(&theirs, 3, vec![put("", "new", answer(200, "theirs"))]);
    let text = exported(&theirs);
    let done = import(&ours, &text);
    assert_eq!((done.added, done.moved, done.known), (1, 1, 1));
    let merged = slots(&ours);
    assert_eq!(merged.len(), 3);
    for expected in [(0, "same"), (0, "ours"), (1, "theirs")] {
        let found = merged.iter().filter(|(occurrence, body)| {
            *occurrence == expected.0 && *body == format!(r#"{{"text":"{}"}}"#, expected.1)
        });
        assert_eq!(found.count(), 1, "{expected:?} in {merged:?}");
    }
    // Once more changes nothing.
    let before = exported(&ours);
    let done = import(&ours, &text);
    assert_eq!((done.added, done.known), (0, 2));
    assert_eq!(exported(&ours), before);
}

/// An export with one thing wrong.
fn wrong_exports(text: &str) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let with = |index: usize, line: String| {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        lines[index] = line;
        lines.join("\n")
    };
    let swapped = |from: &str, to: &str| {
        let index = lines.iter().rposition(|line| line.contains(from)).unwrap();
        with(index, lines[index].replace(from, to))
    };
    vec![
        ("nothing", String::new()),
        ("another file", "These are notes.\n".to_owned()),
        ("no header", lines[1..].join("\n")),
        (
            "a later version",
            with(0, lines[0].replace(r#""export":1"#, r#""export":9"#)),
        ),
        ("half a line", text[..text.len() - 30].to_owned()),
        (
            "an unknown member",
            swapped(r#""recording":1"#, r#""recording":1,"mood":"good""#),
        ),
        (
            "an unknown recording",
            swapped(r#""recording":1"#, r#""recording":7"#),
        ),
        ("an unknown operation", swapped("Converse", "Sing")),
        ("another path", swapped("/converse\"", "/invoke\"")),
        ("an edited prompt", swapped("retried", "edited")),
        ("a key that is none", swapped(r#""key":""#, r#""key":"x"#)),
        (
            "no attempt",
            swapped(r#""attempts":[{"#, r#""attempts":[],"later":[{"#),
        ),
        (
            "a wrong ending",
            swapped(r#""ending":"truncated""#, r#""ending":"happy""#),
        ),
        (
            "a fault of no kind",
            swapped(r#""kind":"refused""#, r#""kind":"sad""#),
        ),
        (
            "the same twice",
            format!("{text}{}\n", lines[lines.len() - 1]),
        ),
    ]
}

#[test]
fn an_export_that_cannot_be_read_is_refused_with_its_line_and_nothing_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let text = exported(&sample(folder.path()));
    let mut told = String::new();
    for (what, wrong) in wrong_exports(&text) {
        let error = Incoming::read_export(&mut wrong.as_bytes(), "a.jsonl").unwrap_err();
        told = format!("{told}{what}\n  {error}\n");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_key_that_is_left_out_is_computed() {
    let folder = tempfile::tempdir().unwrap();
    let text = exported(&sample(folder.path()));
    let keyless: String = text
        .lines()
        .map(|line| match line.find(r#""key":""#) {
            Some(at) => format!("{}{}\n", &line[..at], &line[at + 73..]),
            None => format!("{line}\n"),
        })
        .collect();
    assert!(keyless.len() < text.len() - 500, "{keyless}");
    let copy = folder.path().join("copy");
    import(&copy, &keyless);
    assert_eq!(exported(&copy), text);
}

#[test]
fn a_header_that_must_not_be_kept_is_dropped_on_the_way_in() {
    let folder = tempfile::tempdir().unwrap();
    let text = exported(&sample(folder.path()));
    let planted = text.replace(
        r#"[["accept","*/*"]"#,
        r#"[["accept","*/*"],["authorization","AKIA"]"#,
    );
    assert_ne!(planted, text);
    let copy = folder.path().join("copy");
    import(&copy, &planted);
    assert_eq!(exported(&copy), text);
}

fn published(request: &str, response: &str) -> String {
    format!(r#"{{"id":"one","repo":"a/b","request":{request},"response":{response}}}"#)
}

fn read_published(text: &str) -> Published {
    Published::read(
        &mut text.as_bytes(),
        "x.jsonl",
        &MatchOn::new(),
        &session(1),
    )
    .unwrap()
}

#[test]
fn published_exchanges_come_in_with_their_source_and_in_their_order() {
    let body = BASE64.encode(r#"{"messages":[]}"#);
    let request = format!(
        r#"{{"url":"https://bedrock-runtime.eu-west-1.amazonaws.com/model/m%3A0/converse","headers":[["Authorization","secret"],["content-type","**REDACTED**"]],"body_b64":"{body}"}}"#
    );
    let response = |text: &str| {
        let body = BASE64.encode(text);
        format!(
            r#"{{"status":200,"headers":[["content-type","**REDACTED**"],["set-cookie","a"]],"body_b64":"{body}"}}"#
        )
    };
    let answers = ["first", "second", "first"];
    let lines = answers.map(|text| published(&request, &response(text)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let read = read_published(&lines.join("\n\n"));
    assert_eq!((read.incoming.len(), read.refused.len()), (3, 0));
    assert_eq!(read.incoming.merge_into(&path).unwrap().added, 3);
    assert_eq!(
        slots(&path),
        [
            (0, "first".into()),
            (1, "second".into()),
            (2, "first".into())
        ]
    );
    let text = exported(&path);
    assert!(
        text.contains("imported(a/b)") && text.contains("eu-west-1"),
        "{text}"
    );
    assert!(
        !text.contains("secret") && !text.contains("cookie"),
        "{text}"
    );
    assert_eq!(text.matches("**REDACTED**").count(), 6);
    // Once more: each of the three is there.
    let again = read_published(&lines.join("\n"))
        .incoming
        .merge_into(&path)
        .unwrap();
    assert_eq!((again.added, again.known), (0, 3));
}

#[test]
fn a_published_exchange_that_cannot_be_replayed_is_named_with_its_reason() {
    let ok = r#"{"status":200,"body_b64":""}"#;
    let stream =
        |bytes: &[u8]| format!(r#"{{"status":200,"body_b64":"{}"}}"#, BASE64.encode(bytes));
    let frame = Frame::event("messageStart", "{}").encode().unwrap();
    let mut broken = frame.to_vec();
    broken[20] ^= 1;
    let streaming = r#"{"url":"/model/m/converse-stream"}"#;
    let lines = [
        published(r#"{"url":"/model/m/converse"}"#, ok),
        published(r#"{"url":"/model/m/sing"}"#, ok),
        published(r#"{"url":"/model/m/invoke-with-bidirectional-stream"}"#, ok),
        published(r#"{"url":"nowhere"}"#, ok),
        published(r#"{"url":"/model/m/converse","body_b64":"*"}"#, ok),
        published(streaming, &stream(&broken)),
        published(streaming, &stream(&frame)),
        r#"{"request":{}}"#.to_owned(),
        "notes".to_owned(),
    ];
    let read = read_published(&lines.join("\n"));
    assert_eq!((read.incoming.len(), read.incomplete), (2, 1));
    let told = read.refused.iter().map(|refused| {
        format!(
            "line {} {:?}: {}\n",
            refused.line, refused.id, refused.reason
        )
    });
    insta::assert_snapshot!(told.collect::<String>());
}

#[test]
fn a_rekeyed_cassette_is_found_by_its_new_rules() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let [mut one, mut two] = ["one", "two"].map(|text| put("", "hi", answer(200, text)));
    two.request.target = Target::model_call(Operation::Converse, "another-model");
    two.slot.key = RequestKey::of(&two.request, &MatchOn::new());
    record(&path, 1, vec![one.clone(), two.clone()]);
    let rules = MatchOn::new().ignore_model();
    pack(&path, &Keys::Anew(rules.clone())).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.keyed_by().unwrap().match_on, rules.to_string());
    one.slot.key = RequestKey::of(&one.request, &rules);
    assert_eq!(reader.occurrences(&one.slot.key, "").unwrap(), 2);
    drop(reader);
    pack(&path, &Keys::Anew(MatchOn::new())).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    let found = reader.outcome(&two.slot).unwrap().unwrap();
    assert_eq!(found.attempt, two.attempt);
}
