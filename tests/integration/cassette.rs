//! The cassette file, through the library's public face.

use std::path::Path;
use std::time::Duration;

use bedrock_replay::cassette::{
    CassetteError, KeyedBy, Keys, Occupied, Pending, Place, Put, Reader, Session, Slot,
    Verification, Writer, pack, pack_to,
};
use bedrock_replay::exchange::{
    Attempt, Body, Chunk, Ending, Headers, Operation, Origin, Outcome, Provenance, Request,
    Response, Target,
};
use bedrock_replay::identity::{MatchOn, RequestKey};

pub fn keyed_by() -> KeyedBy {
    KeyedBy {
        canonical_version: 1,
        match_on: MatchOn::new().to_string(),
    }
}

pub fn session(day: u8) -> Session {
    Session {
        started_at: format!("2026-01-{day:02}T00:00:00Z").parse().unwrap(),
        tool_version: "0.1.0".into(),
        largest: None,
    }
}

pub fn request(prompt: &str) -> Request {
    Request {
        target: Target::model_call(Operation::Converse, "amazon.nova-lite-v1:0"),
        headers: Headers::of_request([("accept", "*/*")]),
        body: format!(r#"{{"messages":[{{"role":"user","content":[{{"text":"{prompt}"}}]}}]}}"#)
            .into(),
        origin: Origin::of_host("bedrock-runtime.us-east-1.amazonaws.com"),
        invocation: None,
    }
}

pub fn answer(status: u16, text: &str) -> Attempt {
    let bytes = format!(r#"{{"text":"{text}"}}"#);
    Attempt {
        outcome: Outcome::Response(Response {
            status,
            headers: Headers::of_response([("content-type", "application/json")]),
            body: Body {
                chunks: vec![Chunk {
                    length: bytes.len(),
                    at: Duration::from_micros(1_500),
                }],
                bytes: bytes.into(),
            },
            ending: Ending::Complete,
        }),
        first_byte: Duration::from_millis(1),
        total: Duration::from_micros(1_600),
    }
}

pub fn put(scope: &str, prompt: &str, attempt: Attempt) -> Put {
    let request = request(prompt);
    Put {
        call: 0,
        slot: Slot {
            key: RequestKey::of(&request, &MatchOn::new()),
            scope: scope.into(),
            occurrence: 0,
        },
        place: Place::First(Occupied::ReplaceUnlessAnswer),
        request,
        provenance: Provenance::Simulated,
        attempt,
    }
}

pub fn record(path: &Path, day: u8, puts: Vec<Put>) -> Vec<Result<Slot, CassetteError>> {
    let writer = Writer::open(path, &keyed_by(), session(day)).unwrap();
    let pending: Vec<_> = puts.into_iter().map(|put| writer.put(put)).collect();
    pending.into_iter().map(Pending::wait).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let long = "word ".repeat(3_000);
    let written = put("lane", &long, answer(200, &long));
    let slot = record(&path, 1, vec![written.clone()]).remove(0).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    let stored = reader.exchange(&slot).unwrap().unwrap().exchange;
    assert_eq!(stored.request, written.request);
    assert_eq!(stored.attempts, [written.attempt]);
    assert_eq!(stored.provenance, Provenance::Simulated);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_failed_try_is_replaced_and_an_answer_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let puts = ["slow down", "first", "second"];
    let statuses = [429, 200, 200];
    let puts = puts
        .iter()
        .zip(statuses)
        .map(|(text, status)| put("", "hi", answer(status, text)));
    let slots: Vec<u32> = record(&path, 1, puts.collect())
        .into_iter()
        .map(|slot| slot.unwrap().occurrence)
        .collect();
    assert_eq!(slots, [0, 0, 1]);
    assert_eq!(Reader::open(&path).unwrap().len().unwrap(), 2);
}

/// A 403 of that type.
fn refusal(error_type: &str) -> Attempt {
    let mut refusal = answer(403, "no");
    if let Outcome::Response(response) = &mut refusal.outcome {
        response.headers = Headers::of_response([("x-amzn-errortype", error_type)]);
    }
    refusal
}

#[test]
fn a_refusal_of_the_caller_costs_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let again = |attempt: Attempt| Put {
        place: Place::First(Occupied::ReplaceIfEnded),
        ..put("", "hi", attempt)
    };
    record(&path, 1, vec![again(answer(200, "paid for"))]);
    let read = || {
        let mut reader = Reader::open(&path).unwrap();
        let slot = reader.slots().unwrap().remove(0);
        assert_eq!(reader.len().unwrap(), 1);
        reader.outcome(&slot).unwrap().unwrap().attempt
    };
    for error in [
        "ExpiredTokenException:http://a",
        "UnrecognizedClientException",
        "AccessDeniedException",
        "ServiceQuotaExceededException",
    ] {
        record(&path, 2, vec![again(refusal(error))]);
        assert_eq!(read(), answer(200, "paid for"), "{error}");
    }
    // What is wrong with the request itself is an answer.
    let invalid = refusal("ValidationException");
    record(&path, 3, vec![again(invalid.clone())]);
    assert_eq!(read(), invalid);
    record(&path, 4, vec![again(refusal("AccessDeniedException"))]);
    assert_eq!(read(), invalid);
}

#[test]
fn an_attempt_is_found_by_its_number_and_the_outcome_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let attempts: Vec<Attempt> = [429, 503, 200].map(|status| answer(status, "hi")).into();
    let puts = attempts.iter().zip(0..).map(|(attempt, number)| Put {
        place: match number {
            0 => Place::First(Occupied::ReplaceUnlessAnswer),
            number => Place::Numbered(number),
        },
        ..put("lane", "hi", attempt.clone())
    });
    let slot = record(&path, 1, puts.collect()).remove(0).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    for (number, attempt) in (0..).zip(&attempts) {
        let found = reader.attempt(&slot, number).unwrap().unwrap();
        assert_eq!((found.number, &found.attempt), (number, attempt));
    }
    assert_eq!(reader.attempt(&slot, 3).unwrap(), None);
    assert_eq!(reader.outcome(&slot).unwrap().unwrap().number, 2);
    let exchange = reader.exchange(&slot).unwrap().unwrap().exchange;
    assert_eq!(exchange.attempts, attempts);
    drop(reader);
    // Another try at the whole call leaves nothing of the old attempts behind.
    let again = Put {
        place: Place::First(Occupied::ReplaceIfEnded),
        ..put("lane", "hi", answer(200, "anew"))
    };
    record(&path, 2, vec![again]);
    let mut reader = Reader::open(&path).unwrap();
    assert_eq!(
        reader
            .exchange(&slot)
            .unwrap()
            .unwrap()
            .exchange
            .attempts
            .len(),
        1
    );
    assert!(Verification::of(&path).unwrap().is_sound());
}

#[test]
fn equal_content_packs_to_equal_bytes_whatever_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.sqlite");
    let two = folder.path().join("two.sqlite");
    let make = |prompt: &str| put("", prompt, answer(200, &prompt.repeat(100)));
    record(&one, 1, vec![make("a"), make("b")]);
    record(&one, 2, vec![make("c")]);
    record(&two, 2, vec![make("c"), put("", "gone", answer(503, "x"))]);
    record(&two, 2, vec![put("", "gone", answer(503, "y"))]);
    record(&two, 1, vec![make("b")]);
    record(&two, 1, vec![make("a")]);
    record(&one, 2, vec![put("", "gone", answer(503, "y"))]);
    pack(&one, &Keys::AsTheyAre).unwrap();
    pack(&two, &Keys::AsTheyAre).unwrap();
    assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_cassette_of_one_call_takes_little_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.sqlite");
    record(&path, 1, vec![put("", "hello", answer(200, "hi"))]);
    let packed = pack(&path, &Keys::AsTheyAre).unwrap();
    assert!(packed.after < 16 << 10, "{packed:?}");
    // And grows on from there.
    let slots = record(
        &path,
        2,
        vec![put("", &"b".repeat(9_000), answer(200, "ho"))],
    );
    let slot = slots[0].as_ref().unwrap();
    let found = Reader::open(&path).unwrap().outcome(slot).unwrap().unwrap();
    assert_eq!(found.attempt, answer(200, "ho"));
}

#[test]
fn a_call_that_another_process_still_retries_keeps_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let [ours, theirs] = [1, 2].map(|day| Writer::open(&path, &keyed_by(), session(day)).unwrap());
    let at = |call: u64, occurrence: u32, place: Place, attempt: Attempt| {
        let mut put = put("", "hi", attempt);
        put.slot.occurrence = occurrence;
        Put { call, place, ..put }
    };
    let first = Place::First(Occupied::ReplaceUnlessAnswer);
    let wait = |writer: &Writer, put: Put| writer.put(put).wait().unwrap().occurrence;
    assert_eq!(wait(&theirs, at(0, 0, first, answer(429, "later"))), 0);
    // Slot 0 is theirs, so ours is moved; our next call must not take what it was moved to.
    assert_eq!(wait(&ours, at(0, 0, first, answer(429, "later"))), 1);
    assert_eq!(wait(&ours, at(1, 1, first, answer(200, "second"))), 2);
    let retried = Place::Numbered(1);
    assert_eq!(wait(&ours, at(0, 0, retried, answer(200, "first"))), 1);
    assert_eq!(wait(&theirs, at(0, 0, retried, answer(200, "theirs"))), 0);
    drop((ours, theirs));
    let mut reader = Reader::open(&path).unwrap();
    let texts = [(0, "theirs", 2), (1, "first", 2), (2, "second", 1)];
    for (occurrence, text, attempts) in texts {
        let slot = at(0, occurrence, first, answer(200, "")).slot;
        let found = reader.exchange(&slot).unwrap().unwrap().exchange.attempts;
        assert_eq!(found.len(), attempts);
        assert_eq!(found.last(), Some(&answer(200, text)));
    }
}

#[test]
fn a_cassette_is_packed_over_a_cassette_and_over_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [path, output, notes] = ["a", "b", "notes"].map(|name| folder.path().join(name));
    record(&path, 1, vec![put("", "hello", answer(200, "hi"))]);
    pack_to(&path, &output, &Keys::AsTheyAre).unwrap();
    pack_to(&path, &output, &Keys::AsTheyAre).unwrap();
    assert_eq!(Reader::open(&output).unwrap().len().unwrap(), 1);
    std::fs::write(&notes, "notes").unwrap();
    assert!(pack_to(&path, &notes, &Keys::AsTheyAre).is_err());
    assert_eq!(std::fs::read(&notes).unwrap(), b"notes");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_cassette_that_is_being_recorded_into_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let writer = Writer::open(&path, &keyed_by(), session(1)).unwrap();
    writer
        .put(put("", "hello", answer(200, "hi")))
        .wait()
        .unwrap();
    let error = pack(&path, &Keys::AsTheyAre).unwrap_err().to_string();
    assert!(
        error.contains("another process is using the file"),
        "{error}"
    );
    drop(writer);
    pack(&path, &Keys::AsTheyAre).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn packing_while_others_record_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    record(&path, 1, vec![put("", "first", answer(200, "hi"))]);
    std::thread::scope(|scope| {
        for lane in 0..2 {
            let path = &path;
            scope.spawn(move || {
                for n in 0..20 {
                    let put = put(&format!("{lane}/{n}"), "hello", answer(200, "hi"));
                    record(path, 1, vec![put]).remove(0).unwrap();
                }
            });
        }
        let packed = (0..40).filter(|_| pack(&path, &Keys::AsTheyAre).is_ok());
        assert!(packed.count() > 0);
    });
    assert_eq!(Reader::open(&path).unwrap().len().unwrap(), 41);
}
