//! Whatever is wrong with a file, it is told clearly and left as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use bedrock_replay::Scope;
use bedrock_replay::cassette::{
    CassetteError, Keys, NumberedAttempt, Occupied, Place, Put, Reader, Recording, Slot,
    StoredExchange, Verification, Writer, pack, pack_to,
};
use bedrock_replay::clock::SystemClock;
use bedrock_replay::exchange::{
    Attempt, Body, Chunk, Ending, Fault, FaultKind, Frame, Headers, Outcome, Response,
};
use bedrock_replay::playback::{Playback, PlaybackOptions};
use proptest::prelude::*;

use crate::bench_stand_in::project;
use crate::cassette::{answer, keyed_by, put, record, session};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bedrock-replay");

fn fault(kind: FaultKind) -> Fault {
    Fault {
        kind,
        message: "connection reset by peer".into(),
    }
}

fn stream(ending: Ending) -> Attempt {
    let delta = format!(r#"{{"delta":{{"text":"{}"}}}}"#, "Why? ".repeat(60));
    let frames = [
        Frame::event("messageStart", r#"{"role":"assistant"}"#),
        Frame::event("contentBlockDelta", delta),
        Frame::event(
            "metadata",
            r#"{"usage":{"inputTokens":1,"outputTokens":2}}"#,
        ),
    ];
    let frames = frames.iter().map(|frame| frame.encode().unwrap());
    let bytes: Vec<u8> = frames.flat_map(|frame| frame.to_vec()).collect();
    Attempt {
        outcome: Outcome::Response(Response {
            status: 200,
            headers: Headers::of_response([("content-type", "application/vnd.amazon.eventstream")]),
            body: Body {
                chunks: vec![Chunk {
                    length: bytes.len(),
                    at: Duration::from_millis(7),
                }],
                bytes: bytes.into(),
            },
            ending,
        }),
        first_byte: Duration::from_millis(5),
        total: Duration::from_millis(9),
    }
}

fn refused() -> Attempt {
    Attempt {
        outcome: Outcome::Fault(fault(FaultKind::Refused)),
        first_byte: Duration::from_millis(1),
        total: Duration::from_millis(1),
    }
}

/// A packed cassette with a bit of everything.
pub fn sample(folder: &Path) -> PathBuf {
    let path = folder.join("sample.sqlite");
    for slot in record(&path, 1, sample_puts()) {
        slot.unwrap();
    }
    pack(&path, &Keys::AsTheyAre).unwrap();
    path
}

fn sample_puts() -> Vec<Put> {
    let long = "What makes you think so? ".repeat(40);
    let noise: String = (0..4_000_u32)
        .map(|n| char::from(33 + (n * n % 89) as u8))
        .collect();
    let mut puts = vec![
        put("dialogue/0", "hello", answer(200, &long)),
        put("dialogue/0", &long, answer(200, "and then?")),
        put("dialogue/1", "hello", stream(Ending::Complete)),
        put("", "cut", stream(Ending::Truncated)),
        put(
            "",
            "broken",
            stream(Ending::Broken(fault(FaultKind::Reset))),
        ),
        put("", "noise", answer(200, &noise.replace(['"', '\\'], "x"))),
        put("", "refused", refused()),
    ];
    let mut retried = vec![put("", "retried", answer(429, "slow down"))];
    for (number, status) in [(1, 503), (2, 200)] {
        retried.push(Put {
            place: Place::Numbered(number),
            ..put("", "retried", answer(status, "now"))
        });
    }
    puts.extend(retried);
    puts
}

/// Everything that can be read of a cassette.
#[derive(Debug, PartialEq)]
struct Content {
    recordings: Vec<Recording>,
    exchanges: Vec<StoredExchange>,
    outcomes: Vec<NumberedAttempt>,
}

impl Content {
    fn of(path: &Path) -> Self {
        let mut reader = Reader::open(path).unwrap();
        let slots = reader.slots().unwrap();
        let mut exchange = |slot: &Slot| reader.exchange(slot).unwrap().unwrap();
        let exchanges = slots.iter().map(&mut exchange).collect();
        let mut outcome = |slot: &Slot| reader.outcome(slot).unwrap().unwrap();
        let outcomes = slots.iter().map(&mut outcome).collect();
        let recordings = reader.recordings().unwrap();
        Self {
            recordings,
            exchanges,
            outcomes,
        }
    }

    /// Reads everything again: what is read at all is what was written. How much was read.
    fn hold_against(&self, path: &Path) -> Result<usize, CassetteError> {
        let mut reader = Reader::open(path)?;
        if let Ok(found) = reader.keyed_by() {
            assert_eq!(found, keyed_by());
        }
        for recording in reader.recordings().unwrap_or_default() {
            assert!(self.recordings.contains(&recording), "{recording:?}");
        }
        let mut read = 0;
        for (stored, outcome) in self.exchanges.iter().zip(&self.outcomes) {
            read += same(reader.exchange(&stored.slot), stored);
            read += same(reader.outcome(&stored.slot), outcome);
            for (number, attempt) in (0..).zip(&stored.exchange.attempts) {
                let attempt = attempt.clone();
                let expected = NumberedAttempt { number, attempt };
                read += same(reader.attempt(&stored.slot, number), &expected);
            }
        }
        for slot in reader.slots().unwrap_or_default() {
            let known = self.exchanges.iter().find(|stored| stored.slot == slot);
            if let (Ok(Some(found)), known) = (reader.exchange(&slot), known) {
                assert_eq!(Some(&found), known);
            }
        }
        Ok(read)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(
    found: Result<Option<T>, CassetteError>,
    expected: &T,
) -> usize {
    match found {
        Ok(Some(found)) => {
            assert_eq!(found, *expected);
            1
        }
        Ok(None) | Err(_) => 0,
    }
}

fn flip(bytes: &[u8], bit: usize, path: &Path) {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, bytes).unwrap();
}

#[test]
fn no_flipped_bit_in_the_header_gives_other_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let content = Content::of(&path);
    let bytes = fs::read(&path).unwrap();
    let other = folder.path().join("other.sqlite");
    for bit in 0..100 * 8 {
        flip(&bytes, bit, &other);
        let _ = content.hold_against(&other);
    }
}

#[test]
fn no_flipped_bit_anywhere_gives_other_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let content = Content::of(&path);
    let bytes = fs::read(&path).unwrap();
    let other = folder.path().join("other.sqlite");
    let all = content.hold_against(&path).unwrap();
    // A prime step, so that every kind of page and every bit of a byte has its turn.
    let damaged = (0..bytes.len() * 8).step_by(1_009).filter(|bit| {
        flip(&bytes, *bit, &other);
        content.hold_against(&other).map_or(true, |read| read < all)
    });
    assert!(damaged.count() > 20);
}

#[test]
fn what_is_damaged_is_named_by_verify_and_by_no_other_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    assert!(Verification::of(&path).unwrap().is_sound());
    let connection = rusqlite::Connection::open(&path).unwrap();
    let hurt = "UPDATE attempt SET status = 201 WHERE ending = 'complete' AND total = 9000";
    assert_eq!(connection.execute(hurt, []).unwrap(), 1);
    drop(connection);
    let found = Verification::of(&path).unwrap();
    assert_eq!(found.damaged.len(), 1);
    let slot = found.damaged[0].slot.clone().unwrap();
    assert_eq!(slot.scope, "dialogue/1");
    let mut reader = Reader::open(&path).unwrap();
    assert!(reader.outcome(&slot).is_err());
    let others = reader
        .slots()
        .unwrap()
        .into_iter()
        .filter(|other| *other != slot);
    for other in others {
        assert!(reader.exchange(&other).unwrap().is_some());
    }
}

#[test]
fn a_cassette_too_damaged_to_be_opened_is_found_to_be_that() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    fs::copy(project("cassettes/weekly.sqlite"), &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let hurt = "UPDATE dictionary SET checksum = checksum + 1";
    assert!(connection.execute(hurt, []).unwrap() > 0);
    drop(connection);
    let found = Verification::of(&path).unwrap();
    let told = &found.damaged[0].what;
    assert!(told.ends_with("no exchange can be read"), "{told}");
}

#[test]
fn an_exchange_whose_answer_was_lost_is_damaged_in_a_replay_and_no_miss() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let slot = record(&path, 1, vec![put("", "hello", answer(200, "hi"))]).remove(0);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let lost = "UPDATE attempt SET id = id + 1";
    assert_eq!(connection.execute(lost, []).unwrap(), 1);
    drop(connection);
    let clock = Arc::new(SystemClock::new());
    let playback = Playback::open(&path, PlaybackOptions::default(), clock).unwrap();
    let decided = playback.decide(put("", "hello", refused()).request, &Scope::default());
    let told = decided.unwrap_err().to_string();
    let place = slot.unwrap().to_string();
    assert!(told.contains("damaged") && told.contains(&place), "{told}");
}

#[test]
fn packing_into_a_folder_that_is_not_there_is_told_of_that_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let output = folder.path().join("none/b.sqlite");
    let told = pack_to(&path, &output, &Keys::AsTheyAre).unwrap_err();
    assert_eq!(told.path, output);
    assert!(told.to_string().contains("folder does not exist"), "{told}");
}

#[test]
fn what_is_recorded_anew_mends_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let connection = rusqlite::Connection::open(&path).unwrap();
    for hurt in [
        "UPDATE text SET checksum = 1",
        "UPDATE attempt SET total = total + 1",
    ] {
        assert!(connection.execute(hurt, []).unwrap() > 0, "{hurt}");
    }
    drop(connection);
    assert!(!Verification::of(&path).unwrap().is_sound());
    let puts = sample_puts().into_iter().map(|put| Put {
        place: match put.place {
            Place::First(_) => Place::First(Occupied::ReplaceIfEnded),
            later @ Place::Numbered(_) => later,
        },
        ..put
    });
    // A call of its own for each, but for the retried one.
    let puts = puts.zip(1..).map(|(put, call)| Put {
        call: call.min(8),
        ..put
    });
    for slot in record(&path, 2, puts.collect()) {
        assert_eq!(slot.unwrap().occurrence, 0);
    }
    assert_eq!(Verification::of(&path).unwrap().damaged, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_file_cut_anywhere_is_refused_and_left_alone(part in 0..1_000_usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = sample(folder.path());
        let bytes = fs::read(&path).unwrap();
        let cut = &bytes[..bytes.len() * part / 1_000];
        fs::write(&path, cut).unwrap();
        prop_assert!(Reader::open(&path).is_err());
        if !cut.is_empty() {
            prop_assert!(Writer::open(&path, &keyed_by(), session(2)).is_err());
        }
        prop_assert_eq!(fs::read(&path).unwrap(), cut);
        prop_assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

/// A file that is no cassette, by what is wrong with it.
fn misfits(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let at = |name: &str| folder.join(name);
    fs::write(
        at("notes.txt"),
        "These are notes, many of them. ".repeat(20),
    )
    .unwrap();
    fs::write(
        at("picture.png"),
        [b"\x89PNG\r\n\x1a\n", &[7; 300][..]].concat(),
    )
    .unwrap();
    fs::write(at("short"), "SQL").unwrap();
    fs::write(at("empty.sqlite"), "").unwrap();
    let other = rusqlite::Connection::open(at("other.sqlite")).unwrap();
    other.execute_batch("CREATE TABLE a (b)").unwrap();
    let sound = sample(folder);
    let bytes = fs::read(&sound).unwrap();
    fs::write(at("truncated.sqlite"), &bytes[..bytes.len() - 10_000]).unwrap();
    for (name, version) in [("newer.sqlite", 99), ("older.sqlite", 1)] {
        fs::copy(&sound, at(name)).unwrap();
        let newer = rusqlite::Connection::open(at(name)).unwrap();
        newer.pragma_update(None, "user_version", version).unwrap();
    }
    fs::create_dir(at("folder.sqlite")).unwrap();
    vec![
        ("a text file", at("notes.txt")),
        ("a picture", at("picture.png")),
        ("three bytes", at("short")),
        ("an empty file", at("empty.sqlite")),
        ("another database", at("other.sqlite")),
        ("a truncated file", at("truncated.sqlite")),
        ("a newer format", at("newer.sqlite")),
        ("a format that was never released", at("older.sqlite")),
        ("a folder", at("folder.sqlite")),
        ("nothing", at("absent.sqlite")),
    ]
}

#[test]
fn every_misfit_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = String::new();
    for (what, path) in misfits(folder.path()) {
        let before = fs::read(&path).ok();
        let error = Reader::open(&path).unwrap_err();
        told = format!("{told}{what}\n  {error}\n");
        if !matches!(what, "an empty file" | "nothing") {
            let writing = Writer::open(&path, &keyed_by(), session(1)).unwrap_err();
            assert_eq!(writing.to_string(), error.to_string());
            assert!(pack(&path, &Keys::AsTheyAre).is_err());
        }
        assert_eq!(fs::read(&path).ok(), before, "{what}");
    }
    let told = told.replace(&*folder.path().to_string_lossy(), "…");
    insta::assert_snapshot!(told);
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 10, "no journal is left beside any of them");
}

#[test]
fn a_cassette_keyed_by_other_rules_is_not_recorded_into() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let mut other = keyed_by();
    other.match_on = r#"{"add":["region"]}"#.into();
    let error = Writer::open(&path, &other, session(2)).unwrap_err();
    assert!(error.to_string().contains("--rekey"), "{error}");
}

#[test]
fn a_full_file_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full.sqlite");
    let mut limited = session(1);
    limited.largest = Some(300_000);
    let writer = Writer::open(&path, &keyed_by(), limited).unwrap();
    let noise = |n: u64| -> String {
        let mut state = n + 1;
        let mut letter = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'a' + u8::try_from((state >> 33) % 26).unwrap())
        };
        (0..20_000).map(|_| letter()).collect()
    };
    let mut kept = Vec::new();
    let error = (0..).find_map(|n| {
        let stored = writer
            .put(put("", &n.to_string(), answer(200, &noise(n))))
            .wait();
        stored.map(|slot| kept.push((slot, n))).err()
    });
    drop(writer);
    let error = error.unwrap().to_string();
    assert!(error.contains("limit is full"), "{error}");
    assert!(kept.len() > 5);
    let mut reader = Reader::open(&path).unwrap();
    assert_eq!(reader.len().unwrap(), kept.len() as u64);
    for (slot, n) in kept {
        let found = reader.outcome(&slot).unwrap().unwrap().attempt;
        assert_eq!(found, answer(200, &noise(n)));
    }
    assert!(Verification::of(&path).unwrap().is_sound());
}

fn run(command: &mut Command) -> Option<Output> {
    let output = command.output().ok()?;
    // `setpriv` and `unshare` say so themselves where the machine does not let them.
    let denied = ["setpriv: ", "unshare: ", "mount: "];
    let told = String::from_utf8_lossy(&output.stderr);
    if denied.iter().any(|front| told.starts_with(front)) {
        return None;
    }
    Some(output)
}

/// The program as a user who owns nothing; `None` where the machine has no `setpriv`.
pub fn as_nobody(arguments: &[&str]) -> Option<Output> {
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    run(Command::new("setpriv")
        .args(nobody)
        .arg(PROGRAM)
        .args(arguments))
}

#[cfg(unix)]
pub fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_replayed_from_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    permit(&path, 0o444);
    permit(folder.path(), 0o555);
    let name = path.to_string_lossy();
    let before = fs::read(&path).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    if let Some(output) = as_nobody(&["cassette", "verify", &name]) {
        assert!(output.status.success(), "{output:?}");
    }
    if let Some(output) = as_nobody(&["cassette", "pack", &name]) {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("permission denied"), "{told}");
        assert_eq!(output.status.code(), Some(1));
    }
    permit(&path, 0o000);
    if let Some(output) = as_nobody(&["cassette", "list", &name]) {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("permission denied (check"), "{told}");
    }
    permit(&path, 0o644);
    permit(folder.path(), 0o755);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A recording was killed, its log is empty or gone, and the header still names it.
#[cfg(unix)]
#[test]
fn a_log_that_cannot_be_ended_keeps_nobody_from_reading_whatever_the_folders_name() {
    let folder = tempfile::Builder::new().prefix("100%41 ?#").tempdir();
    let folder = folder.unwrap();
    let path = sample(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    bytes[18..20].fill(2);
    fs::write(&path, bytes).unwrap();
    permit(&path, 0o444);
    permit(folder.path(), 0o555);
    if let Some(output) = as_nobody(&["cassette", "verify", &path.to_string_lossy()]) {
        assert!(output.status.success(), "{output:?}");
    }
    permit(folder.path(), 0o755);
}

#[test]
fn reading_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let before = fs::read(&path).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let content = Content::of(&path);
    content.hold_against(&path).unwrap();
    let reader = Reader::open(&path).unwrap();
    reader.integrity().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(reader);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
}
