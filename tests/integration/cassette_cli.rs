//! `bedrock-replay cassette`, as a person and as a script use it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::cassette_damage::sample;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    command.arg("cassette").args(arguments).current_dir(folder);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn succeeded(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn failed(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {output:?}"
    );
    let told = String::from_utf8(output.stderr).unwrap();
    let whole = folder.canonicalize().unwrap();
    told.replace(whole.to_str().unwrap(), "…")
}

#[test]
fn list_groups_by_scope_and_says_what_each_call_came_to() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let all = succeeded(folder.path(), &["list", "sample.sqlite"]);
    insta::assert_snapshot!(all);
    let some = [
        "list",
        "sample.sqlite",
        "--scope",
        "dialogue/*",
        "--model",
        "nova",
    ];
    let some = succeeded(folder.path(), &some);
    assert_eq!(
        some.lines()
            .filter(|line| line.contains("Converse"))
            .count(),
        3
    );
}

#[test]
fn show_reads_like_a_conversation() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let mut told = String::new();
    for scope in ["dialogue/1", ""] {
        told += &succeeded(folder.path(), &["show", "sample.sqlite", "--scope", scope]);
        told.push('\n');
    }
    let told = told.replace(&"Why? ".repeat(59), "Why? … ");
    let lines = told.lines().map(|line| line.get(..120).unwrap_or(line));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn show_writes_a_body_byte_for_byte_and_lists_events() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let list = succeeded(
        folder.path(),
        &["list", "sample.sqlite", "--format", "json"],
    );
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let first = list
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["scope"] == "dialogue/1");
    let key = first.unwrap()["key"].as_str().unwrap();
    let pick = ["show", "sample.sqlite", &key[..10], "--scope", "dialogue/1"];
    let raw = run(folder.path(), &[&pick[..], &["--raw"]].concat());
    assert_eq!(raw.stdout[..4], [0, 0, 0, 118], "{:?}", &raw.stdout[..20]);
    let raw = succeeded(folder.path(), &[&pick[..], &["--raw", "request"]].concat());
    assert_eq!(
        raw,
        r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#
    );
    let events = succeeded(folder.path(), &[&pick[..], &["--events"]].concat());
    assert!(
        events.contains(r#"messageStart        {"role":"assistant"}"#),
        "{events}"
    );
}

#[test]
fn stats_count_what_a_cassette_holds() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    insta::assert_snapshot!(succeeded(folder.path(), &["stats", "sample.sqlite"]));
    let json = succeeded(
        folder.path(),
        &["stats", "sample.sqlite", "--format", "json"],
    );
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["exchanges"], 8);
    assert_eq!(json["attempts"], 10);
}

#[test]
fn verify_fails_a_script_when_something_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let sound = succeeded(folder.path(), &["verify", "sample.sqlite"]);
    insta::assert_snapshot!("a sound cassette", sound);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute(
            "UPDATE attempt SET total = total + 1 WHERE ending = 'complete' AND total = 9000",
            [],
        )
        .unwrap();
    drop(connection);
    let output = run(folder.path(), &["verify", "sample.sqlite"]);
    assert_eq!(output.status.code(), Some(1));
    let told = [output.stdout, output.stderr].concat();
    insta::assert_snapshot!("a damaged cassette", String::from_utf8(told).unwrap());
}

#[test]
fn an_export_is_imported_and_packed_into_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let at = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    succeeded(
        folder.path(),
        &["export", "sample.sqlite", "--output", "a.jsonl"],
    );
    assert_eq!(
        succeeded(folder.path(), &["export", "sample.sqlite"]).as_bytes(),
        at("a.jsonl")
    );
    let told = succeeded(folder.path(), &["import", "copy.sqlite", "a.jsonl"]);
    assert_eq!(told, "copy.sqlite: 8 exchanges added\n");
    let told = succeeded(folder.path(), &["import", "copy.sqlite", "a.jsonl"]);
    assert_eq!(told, "copy.sqlite: 0 exchanges added, 8 there already\n");
    succeeded(
        folder.path(),
        &["pack", "copy.sqlite", "--output", "packed.sqlite"],
    );
    assert!(at("packed.sqlite") == at("sample.sqlite"));
}

#[test]
fn a_gzipped_file_of_published_exchanges_is_imported() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let line = |path: &str| {
        format!(r#"{{"id":"{path}","request":{{"url":"{path}"}},"response":{{"status":200}}}}"#)
    };
    let text = format!("{}\n{}\n", line("/model/m/converse"), line("/model/m/sing"));
    let file = std::fs::File::create(folder.path().join("a.jsonl.gz")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap();
    let import = ["import", "a.sqlite", "--from", "http-jsonl", "a.jsonl.gz"];
    let output = run(folder.path(), &import);
    assert_eq!(output.status.code(), Some(1));
    let told = [output.stdout, output.stderr].concat();
    insta::assert_snapshot!(String::from_utf8(told).unwrap());
    succeeded(folder.path(), &[&import[..], &["--lenient"]].concat());
    let list = succeeded(folder.path(), &["list", "a.sqlite"]);
    assert!(list.contains("imported(a.jsonl.gz)"), "{list}");
}

#[test]
fn what_a_person_gets_wrong_is_told() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let mut told = failed(folder.path(), &["show", "sample.sqlite"], 2);
    told += &failed(folder.path(), &["show", "sample.sqlite", "hello"], 2);
    told += &failed(folder.path(), &["show", "sample.sqlite", "00000000"], 1);
    told += &failed(
        folder.path(),
        &["list", "sample.sqlite", "--operation", "Sing"],
        2,
    );
    told += &failed(
        folder.path(),
        &["import", "sample.sqlite", "absent.jsonl"],
        1,
    );
    told += &failed(folder.path(), &["list", "absent.sqlite"], 1);
    std::fs::write(folder.path().join("notes.txt"), "Dear diary").unwrap();
    for file in ["notes.txt", "sample.sqlite"] {
        told += &failed(folder.path(), &["import", "other.sqlite", file], 1);
    }
    told += &succeeded(
        folder.path(),
        &["list", "sample.sqlite", "--scope", "absent"],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn no_output_is_written_over_a_file_of_another_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, "Dear diary").unwrap();
    let cassette = std::fs::read(&path).unwrap();
    let mut told = String::new();
    for arguments in [
        ["pack", "sample.sqlite", "--output", "notes.txt"],
        ["export", "sample.sqlite", "--output", "notes.txt"],
        ["export", "sample.sqlite", "--output", "sample.sqlite"],
    ] {
        told += &failed(folder.path(), &arguments, 1);
    }
    insta::assert_snapshot!(told);
    assert_eq!(std::fs::read(&notes).unwrap(), b"Dear diary");
    assert!(std::fs::read(&path).unwrap() == cassette);
}

#[test]
fn an_export_is_written_over_an_older_one_and_to_standard_output_where_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let text = succeeded(folder.path(), &["export", "sample.sqlite"]);
    let half = text.lines().next().unwrap();
    std::fs::write(folder.path().join("old.jsonl"), half).unwrap();
    for file in ["old.jsonl", "new.jsonl"] {
        succeeded(folder.path(), &["export", "sample.sqlite", "-o", file]);
        let written = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert_eq!(written, text, "{file}");
    }
    let shown = succeeded(folder.path(), &["export", "sample.sqlite", "-o", "-"]);
    assert_eq!(shown, text);
    assert!(!folder.path().join("-").exists());
}

#[test]
fn show_takes_any_filter_in_place_of_a_key() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let count = |filter: [&str; 2]| {
        let arguments = [&["show", "sample.sqlite"], &filter[..]].concat();
        succeeded(folder.path(), &arguments)
            .matches(" in scope dialogue/1, ")
            .count()
    };
    assert_eq!(
        count(["--scope", "dialogue/1"]),
        count(["--scope", "dialogue/*"])
    );
    assert_eq!(count(["--model", "nova"]), count(["--scope", "dialogue/1"]));
    assert!(count(["--operation", "converse"]) > 0);
}

#[test]
fn packing_a_cassette_onto_itself_is_packing_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    succeeded(
        folder.path(),
        &["pack", "sample.sqlite", "--output", "copy.sqlite"],
    );
    succeeded(
        folder.path(),
        &["pack", "sample.sqlite", "--output", "sample.sqlite"],
    );
    let copy = std::fs::read(folder.path().join("copy.sqlite")).unwrap();
    assert!(std::fs::read(path).unwrap() == copy);
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample(folder.path());
    // More than a pipe holds.
    let text = succeeded(folder.path(), &["export", &path.to_string_lossy()]);
    assert!(text.len() > 4_096);
    for arguments in [["export", "sample.sqlite"], ["list", "sample.sqlite"]] {
        let mut child = command(folder.path(), &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn every_command_shows_an_example_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "list", "show", "stats", "verify", "export", "import", "pack",
    ] {
        let help = succeeded(folder.path(), &[name, "--help"]);
        let (_, examples) = help.split_once("Examples:").unwrap();
        assert!(
            examples.contains(&format!("bedrock-replay cassette {name} ")),
            "{help}"
        );
    }
}

/// The lines of a text that look into cassettes with these commands, as a shell takes them;
/// whatever program they are piped into is left out.
#[cfg(unix)]
fn examples(text: &str, commands: &[&str]) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let looks_into = |line: &&str| {
        let names = |name: &&str| line.contains(&format!("bedrock-replay cassette {name} "));
        commands.iter().any(names) && !line.starts_with("git ")
    };
    let own = |line: &str| line.split(" | ").next().unwrap().to_owned();
    lines.filter(looks_into).map(own).collect()
}

#[cfg(unix)]
#[test]
fn every_example_that_only_reads_runs_on_what_is_shipped() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let shipped = folder.path().join("cassettes");
    std::fs::create_dir(&shipped).unwrap();
    for file in std::fs::read_dir(project.join("cassettes")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), shipped.join(file.file_name())).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let reading = ["list", "show", "stats", "verify", "export"];
    let mut all = examples(include_str!("../../README.md"), &reading);
    for name in reading {
        let help = succeeded(folder.path(), &[name, "--help"]);
        let (_, text) = help.split_once("Examples:").unwrap();
        all.extend(examples(text, &[name]));
    }
    assert!(all.len() > 10, "{all:?}");
    for line in all {
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", &line]).current_dir(folder.path());
        let output = shell.env_clear().env("PATH", &path).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let told = String::from_utf8_lossy(&output.stdout);
        // A heading alone: nothing was found.
        let is_found = told.lines().count() > 1 || !line.contains(" list ");
        assert!(is_found, "{line}: {told}");
    }
}
