//! Recorders in processes of their own: some are killed, some record into one file at once.
//! The child is this test binary once more, told by a variable what to do.

#![expect(
    clippy::disallowed_methods,
    reason = "a child reads its task from a variable, and says on its standard output what is safe"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::Digest as _;

use bedrock_replay::cassette::{
    Problem, Put, Reader, Slot, Verification, Writer, discard_if_empty,
};

use crate::cassette::{answer, keyed_by, put, session};
use crate::cassette_damage::{as_nobody, permit};

const TASK: &str = "BEDROCK_REPLAY_TEST_TASK";
const CHILD: &str = "cassette_processes::a_child_does_its_task";
const ROUNDS: u64 = 24;
const PROCESSES: u64 = 4;
const TASKS: u64 = 16;
const CALLS: u64 = 6;

fn child(task: &str, path: &Path, name: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--nocapture"])
        .env(TASK, format!("{task} {name} {}", path.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_child_does_its_task() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let mut words = task.splitn(3, ' ');
    let task = words.next().unwrap();
    let name: u64 = words.next().unwrap().parse().unwrap();
    let path = PathBuf::from(words.next().unwrap());
    match task {
        "until-killed" => record_until_killed(&path, name),
        "until-full" => record_until_full(&path),
        "when-told" => record_when_told(&path, name),
        _ => record_much(&path, name),
    }
}

/// The text of one answer: long ones span pages.
fn text(name: u64, n: u64) -> String {
    let times = [1, 100, 200, 400, 700][(n % 5) as usize];
    format!("answer {name}/{n} ").repeat(times)
}

fn safe(slot: &Slot, name: u64, n: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "safe {} {} {name} {n}", slot.key, slot.occurrence).unwrap();
    out.flush().unwrap();
}

/// Records and says of each exchange when it is safe; opens and closes the file on the way, so
/// that the beginning and the end of a recording are hit as well.
fn record_until_killed(path: &Path, name: u64) -> ! {
    let next = AtomicU64::new(0);
    loop {
        let writer = Writer::open(path, &keyed_by(), session(1)).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let prompt = format!("{name}/{}", n / 2);
                        let put = put("", &prompt, answer(200, &text(name, n)));
                        safe(&writer.put(put).wait().unwrap(), name, n);
                    }
                });
            }
        });
    }
}

/// Records until the disk is full; then looks whether all is there, with a little more space
/// that is not enough to settle the journal.
fn record_until_full(path: &Path) {
    let noise = |n: u64| -> String {
        let digest = |m: u64| hex::encode(sha2::Sha256::digest((n * 1_000 + m).to_le_bytes()));
        (0..400).map(digest).collect()
    };
    let ballast = path.with_file_name("ballast");
    fs::write(&ballast, vec![0; 100_000]).unwrap();
    let writer = Writer::open(path, &keyed_by(), session(1)).unwrap();
    let mut kept = Vec::new();
    let error = (0..).find_map(|n| {
        let put = put("", &n.to_string(), answer(200, &noise(n)));
        let done = writer.put(put).wait();
        done.map(|slot| kept.push((slot, noise(n)))).err()
    });
    drop(writer);
    fs::remove_file(ballast).unwrap();
    read_all(path, &kept);
    let mut out = std::io::stdout().lock();
    writeln!(out, "told: {}, {} kept", error.unwrap(), kept.len()).unwrap();
}

fn read_all(path: &Path, kept: &[(Slot, String)]) {
    let mut reader = Reader::open(path).unwrap();
    for (slot, text) in kept {
        let found = reader.outcome(slot).unwrap().unwrap();
        assert_eq!(found.attempt, answer(200, text));
    }
}

fn record_much(path: &Path, name: u64) {
    let writer = Writer::open(path, &keyed_by(), session(1)).unwrap();
    std::thread::scope(|scope| {
        for task in 0..TASKS {
            let writer = &writer;
            scope.spawn(move || {
                for call in 0..CALLS {
                    let slot = writer.put(much(name, task, call)).wait().unwrap();
                    safe(&slot, name, task * CALLS + call);
                }
            });
        }
    });
}

/// Opens a cassette, says so, and records one answer once it is told to.
fn record_when_told(path: &Path, name: u64) {
    let writer = Writer::open(path, &keyed_by(), session(1)).unwrap();
    let mut out = std::io::stdout().lock();
    writeln!(out, "open").unwrap();
    drop(out);
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let put = put("", "told", answer(200, &text(name, 0)));
    safe(&writer.put(put).wait().unwrap(), name, 0);
}

/// Half of the requests are the same in every task of every process.
fn much(name: u64, task: u64, call: u64) -> Put {
    let n = task * CALLS + call;
    let prompt = match call % 2 {
        0 => "the same for all".to_owned(),
        _ => format!("{name}/{n}"),
    };
    put("one scope", &prompt, answer(200, &text(name, n)))
}

/// What a child called safe: slot and text.
fn acknowledged(out: &str) -> Vec<(Slot, String)> {
    let lines = out.lines().filter_map(|line| line.strip_prefix("safe "));
    lines
        .filter_map(|line| {
            // The last line of a killed child may be half a line.
            let words: Vec<&str> = line.split(' ').collect();
            let [key, occurrence, name, n] = words[..] else {
                return None;
            };
            let slot = Slot {
                key: key.parse().ok()?,
                scope: String::new(),
                occurrence: occurrence.parse().ok()?,
            };
            Some((slot, text(name.parse().ok()?, n.parse().ok()?)))
        })
        .collect()
}

#[test]
fn a_killed_recorder_loses_nothing_that_it_called_safe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("killed.sqlite");
    let mut all = BTreeMap::new();
    let mut round = 0;
    // On a busy machine a recorder may be killed many times before it has recorded much.
    while round < ROUNDS || all.len() < 100 {
        let mut child = child("until-killed", &path, round);
        // From before the file exists to many commits later.
        std::thread::sleep(Duration::from_millis(round * round * 37 % 180));
        child.kill().unwrap();
        let mut out = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        child.wait().unwrap();
        for (slot, text) in acknowledged(&out) {
            assert_eq!(
                all.insert(slot.clone(), text),
                None,
                "{slot} was given twice"
            );
        }
        check(&path, &all);
        round += 1;
    }
    assert!(Verification::of(&path).unwrap().is_sound());
}

/// The next one to open the file settles it; everything is there, and one plain file is left.
fn check(path: &Path, all: &BTreeMap<Slot, String>) {
    let mut reader = match Reader::open(path).map_err(|error| error.problem) {
        Ok(reader) => reader,
        Err(Problem::NotFound | Problem::Empty) if all.is_empty() => return,
        Err(problem) => panic!("{problem}"),
    };
    for (slot, text) in all {
        let found = reader.outcome(slot).unwrap();
        let found = found.unwrap_or_else(|| panic!("{slot} is lost"));
        assert_eq!(found.attempt, answer(200, text), "{slot}");
    }
    drop(reader);
    let left = files(path.parent().unwrap());
    assert_eq!(left.len(), 1, "the journal is settled: {left:?}");
}

#[cfg(unix)]
#[test]
fn what_a_killed_recorder_left_where_nobody_can_write_is_read_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("killed.sqlite");
    let mut child = child("until-killed", &path, 0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !files(folder.path())
        .iter()
        .any(|(name, size)| name.ends_with("-wal") && *size > 50_000)
    {
        lines.next().unwrap().unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = files(folder.path());
    permit(folder.path(), 0o555);
    let output = as_nobody(&["cassette", "verify", &path.to_string_lossy()]);
    permit(folder.path(), 0o755);
    if let Some(output) = output {
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(
            told.contains("every digest, key and text holds"),
            "{output:?}"
        );
        assert_eq!(files(folder.path()), before);
    }
}

/// Names and sizes.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let name_and_size = |file: fs::DirEntry| {
        let name = file.file_name().to_string_lossy().into_owned();
        (name, file.metadata().unwrap().len())
    };
    files.map(name_and_size).collect()
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=1500k none \"$0\" && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", mount])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--nocapture"])
        .env(
            TASK,
            format!("until-full 0 {}/full.sqlite", folder.path().display()),
        )
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: this machine has no `unshare`");
        return;
    };
    let error = String::from_utf8_lossy(&output.stderr);
    if error.starts_with("unshare: ") || error.starts_with("mount: ") {
        eprintln!("skipped: {error}");
        return;
    }
    let told = String::from_utf8_lossy(&output.stdout);
    let line = told.lines().find_map(|line| line.strip_prefix("told: "));
    let line = line.unwrap_or_else(|| panic!("{told}{error}"));
    assert!(line.contains("what was recorded before is safe"), "{line}");
    assert!(!line.ends_with(" 0 kept"), "{line}");
}

#[test]
fn four_processes_record_into_one_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.sqlite");
    let children: Vec<Child> = (0..PROCESSES)
        .map(|name| child("much", &path, name))
        .collect();
    let mut slots = Vec::new();
    for mut child in children {
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines: Vec<String> = out.lines().map(Result::unwrap).collect();
        assert!(child.wait().unwrap().success());
        slots.extend(acknowledged(&lines.join("\n")));
    }
    assert_eq!(slots.len() as u64, PROCESSES * TASKS * CALLS);
    let mut reader = Reader::open(&path).unwrap();
    assert_eq!(reader.len().unwrap(), slots.len() as u64);
    for (slot, text) in slots {
        let slot = Slot {
            scope: "one scope".into(),
            ..slot
        };
        let found = reader.outcome(&slot).unwrap().unwrap();
        assert_eq!(found.attempt, answer(200, &text), "{slot}");
    }
    let same = put("one scope", "the same for all", answer(200, ""));
    let occurrences = reader.occurrences(&same.slot.key, "one scope").unwrap();
    assert_eq!(u64::from(occurrences), PROCESSES * TASKS * CALLS / 2);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn who_looks_at_a_cassette_does_not_drop_the_locks_of_who_records_into_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("looked-at.sqlite");
    let writer = Writer::open(&path, &keyed_by(), session(1)).unwrap();
    writer
        .put(put("", "before", answer(200, "a")))
        .wait()
        .unwrap();
    drop(Reader::open(&path).unwrap());
    // Were the lock gone, this process's end would take the journal from under the writer.
    let mut other = child("much", &path, 9);
    std::io::copy(&mut other.stdout.take().unwrap(), &mut std::io::sink()).unwrap();
    assert!(other.wait().unwrap().success());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    writer
        .put(put("", "after", answer(200, "b")))
        .wait()
        .unwrap();
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.len().unwrap(), TASKS * CALLS + 2);
}

#[test]
fn an_empty_cassette_is_taken_back_unless_another_process_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.sqlite");
    let mut other = child("when-told", &path, 3);
    let mut out = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(out.any(|line| line.unwrap().ends_with("open")));
    let error = discard_if_empty(&path).unwrap_err();
    assert!(matches!(error.problem, Problem::Busy), "{error}");
    drop(other.stdin.take());
    let told: Vec<String> = out.map(Result::unwrap).collect();
    assert!(other.wait().unwrap().success());
    let kept = acknowledged(&told.join("\n"));
    assert_eq!(kept.len(), 1);

    discard_if_empty(&path).unwrap();
    read_all(&path, &kept);
    let empty = folder.path().join("empty.sqlite");
    drop(Writer::open(&empty, &keyed_by(), session(1)).unwrap());
    discard_if_empty(&empty).unwrap();
    assert_eq!(files(folder.path()).len(), 1);
}
