//! A live run on a terminal asks before it spends, and takes only a yes for one.

#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::bare::bare;
use super::bench_stand_in::project;
use super::lab::Lab;

/// Both ends of a terminal.
fn terminal() -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = PathBuf::from(name.into_string().unwrap());
    let theirs = OpenOptions::new().read(true).write(true).open(theirs);
    (ours.into(), theirs.unwrap())
}

/// Runs one dialogue on a terminal, types an answer where it is asked, and tells how it ended.
fn run(url: &str, cassette: PathBuf, more: &[&str], answer: &str) -> (String, i32) {
    let (mut ours, theirs) = terminal();
    let mut command = bare();
    command
        .args(["run", "--mode", "record-missing", "--endpoint-url", url])
        .args(["--scenario", "EL-CIV-FREE-HARM-01"])
        .args(["--model", "llama-3-1-70b", "--cassette"])
        .arg(cassette)
        .args(more)
        .current_dir(project(""))
        .stdin(theirs.try_clone().unwrap())
        .stdout(Stdio::null())
        .stderr(theirs);
    let mut run = command.spawn().unwrap();
    drop(command);
    let (mut shown, mut is_asked) = (String::new(), false);
    let mut part = [0; 4096];
    // It ends with an error once nobody has the other end.
    while let Ok(length @ 1..) = ours.read(&mut part) {
        shown.push_str(&String::from_utf8_lossy(&part[..length]));
        if !is_asked && shown.contains("[y/N]") {
            is_asked = true;
            ours.write_all(answer.as_bytes()).unwrap();
        }
    }
    (shown, run.wait().unwrap().code().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_yes_lets_a_run_spend_more_than_is_let_pass() {
    let end_of_input = "\u{4}";
    for (answer, code, calls) in [
        ("y\n", 0, 10),
        ("YES\n", 0, 10),
        ("n\n", 1, 0),
        ("\n", 1, 0),
        ("yesterday\n", 1, 0),
        (end_of_input, 1, 0),
    ] {
        let lab = Lab::new("none").await;
        let (url, path) = (lab.url(), lab.path());
        let above = ["--ask-above", "0.01"];
        let told = tokio::task::spawn_blocking(move || run(&url, path, &above, answer));
        let (shown, ended) = told.await.unwrap();
        assert!(shown.contains("this run would cost about $"), "{shown}");
        assert!(shown.contains("for 10 calls. Go on? [y/N]"), "{shown}");
        assert_eq!(ended, code, "{answer:?}: {shown}");
        assert_eq!(shown.contains("nothing was sent"), calls == 0, "{shown}");
        assert_eq!(lab.served(), calls, "{answer:?}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_below_that_sum_nor_where_it_is_waived() {
    for more in [
        &["--ask-above", "5.00"][..],
        &["--ask-above", "0.01", "--yes"],
    ] {
        let lab = Lab::new("none").await;
        let (url, path) = (lab.url(), lab.path());
        let told = tokio::task::spawn_blocking(move || run(&url, path, more, "n\n"));
        let (shown, ended) = told.await.unwrap();
        assert_eq!(ended, 0, "{shown}");
        assert!(!shown.contains("Go on?"), "{shown}");
        assert_eq!(lab.served(), 10);
    }
}
