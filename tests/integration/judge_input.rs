//! What `bedrock-replay judge` says of input that cannot be used, and by which exit code.

use std::fs;
use std::process::Command;

use super::judge_cli::{Project, SOME, assert_code, error, out, simulator};

const RUBRIC: &str = "scenarios/judges/socratic/sdb-1.toml";
const SYSTEM: &str = "scenarios/judges/socratic/system.md";
const USER: &str = "scenarios/judges/socratic/user.md";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cassette_that_is_none_is_bad_input_and_absent_dialogues_are_a_miss() {
    let project = Project::new();
    fs::write(project.path("README.md"), "# A project\n").unwrap();
    let whole = fs::read(project.path("cassettes/weekly.sqlite")).unwrap();
    fs::write(project.path("cut.sqlite"), &whole[..whole.len() / 2]).unwrap();
    fs::write(project.path("empty.sqlite"), "").unwrap();
    for command in ["regress", "plan", "record"] {
        let baseline: &[&str] = if command == "record" {
            &["--endpoint-url", "http://127.0.0.1:1"]
        } else {
            &["--baseline", "socratic"]
        };
        for (cassette, code, told) in [
            ("README.md", 4, "this is no cassette"),
            ("cut.sqlite", 4, "the file is truncated"),
            (
                "nope.sqlite",
                5,
                "bedrock-replay run --mode record-missing --cassette nope.sqlite",
            ),
            (
                "empty.sqlite",
                5,
                "the dialogues are not recorded: there is nothing in `empty.sqlite`",
            ),
        ] {
            let named = [&[command, "--cassette", cassette][..], baseline].concat();
            let output = project.judge(&named).await;
            assert_code(&output, code);
            assert!(error(&output).contains(told), "{}", error(&output));
        }
        let elsewhere = [&[command, "--judgments", "README.md"][..], baseline].concat();
        assert_code(&project.judge(&elsewhere).await, 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_cannot_be_written_is_named_by_its_path() {
    let project = Project::new();
    fs::write(project.path("taken"), "a file").unwrap();
    for (option, path) in [("--out", "taken/reports"), ("--html", "nowhere/page.html")] {
        let compare = ["regress", "--baseline", "socratic", option, path];
        let output = project.judge(&[&compare[..], &SOME].concat()).await;
        assert_code(&output, 2);
        let told = format!("cannot write `{path}`");
        assert!(error(&output).contains(&told), "{}", error(&output));
    }
}

#[tokio::test]
async fn every_help_lists_the_exit_codes() {
    let project = Project::new();
    for command in [
        "list", "show", "pin", "plan", "record", "regress", "history", "demo",
    ] {
        let help = out(&project.judge(&[command, "--help"]).await);
        assert!(help.contains("Exit codes: 0 "), "{help}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rubric_with_another_scale_is_refused_before_anything_is_asked() {
    let project = Project::new();
    project.judge(&["pin", "--on", "2026-11-22"]).await;
    project.edit(RUBRIC, "high = 4", "high = 5");
    let why = "the scale of `purity` differs";
    for command in ["plan", "record"] {
        let output = project.judge(&[command, SOME[0], SOME[1]]).await;
        assert_code(&output, 4);
        assert!(error(&output).contains(why), "{}", error(&output));
    }
    for judgments in ["cassettes/weekly.sqlite", "new.sqlite"] {
        let compare = ["regress", "--judgments", judgments, SOME[0], SOME[1]];
        let output = project.judge(&compare).await;
        assert_code(&output, 4);
        assert!(out(&output).contains(why), "{}", out(&output));
        assert!(out(&output).contains("NOT_COMPARABLE"), "{}", out(&output));
    }

    project.judge(&["pin", "--on", "2026-11-23"]).await;
    let simulator = simulator().await;
    let url = simulator.url();
    let record = ["record", "--endpoint-url", &url, SOME[0], SOME[1]];
    assert_code(&project.judge(&record).await, 0);
    simulator.stop().await;
}

#[tokio::test]
async fn a_prompt_that_says_nothing_or_not_what_is_judged_is_no_prompt() {
    let whole = fs::read_to_string(Project::new().path(USER)).unwrap();
    let unused = whole.replace("{{ tutor_turn }}", "(the turn)");
    assert_ne!(unused, whole);
    for (file, text, told) in [
        (
            SYSTEM,
            " \n",
            "system.md:1`: expected a prompt, found no word",
        ),
        (
            USER,
            "{# later #}",
            "user.md:1`: expected a prompt, found no word",
        ),
        (
            USER,
            &unused,
            "user.md:1`: expected `{{ tutor_turn }}`, what is judged, here or in `",
        ),
        (
            USER,
            "{% if tutor_turn %}Judge it.{% endif %}",
            "user.md:1`: expected `{{ tutor_turn }}`",
        ),
    ] {
        let project = Project::new();
        fs::write(project.path(file), text).unwrap();
        for command in [
            &["show", "socratic"][..],
            &["plan", "--baseline", "socratic"],
            &["record", "--endpoint-url", "http://127.0.0.1:1"],
        ] {
            let output = project.judge(command).await;
            assert_code(&output, 4);
            assert!(error(&output).contains(told), "{}", error(&output));
        }
    }
}

#[tokio::test]
async fn a_pairwise_prompt_shows_both_answers() {
    let project = Project::new();
    let user = "scenarios/judges/pairwise/user.md";
    project.edit(user, "{{ second.tutor_turn }}", "(the other)");
    let output = project.judge(&["show", "pairwise"]).await;
    assert_code(&output, 4);
    let told = "expected `{{ second.tutor_turn }}`, what is judged";
    assert!(error(&output).contains(told), "{}", error(&output));
}

#[tokio::test]
async fn a_project_without_judges_is_told_where_they_would_lie() {
    let project = Project::new();
    let output = project.judge(&["list", "--judges", "nowhere"]).await;
    assert_code(&output, 4);
    let told = "there is no folder of judges at `nowhere`";
    assert!(error(&output).contains(told), "{}", error(&output));
}

#[tokio::test]
async fn a_path_in_a_commit_is_read_as_git_reads_it() {
    let project = Project::new();
    let git = |arguments: &[&str]| {
        Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(project.path(""))
            .output()
    };
    if git(&["init", "--quiet"]).is_err() {
        return;
    }
    git(&["add", "scenarios"]).unwrap();
    git(&["commit", "--quiet", "-m", "a judge"]).unwrap();
    let show = |reference: &str| {
        let mut command = project.command(&["show", reference]);
        command.current_dir(project.path("scenarios/judges"));
        command.output().unwrap()
    };
    for reference in [
        "git:HEAD:scenarios/judges/socratic",
        "git:HEAD:./socratic",
        "git:HEAD:../judges/socratic",
    ] {
        assert_code(&show(reference), 0);
    }
    for (reference, told) in [
        (
            "git:HEAD:socratic",
            "a path is from the repository's root, and `git:REF:./PATH` is from this folder",
        ),
        (
            "git:HEAD:../../../socratic",
            "`git:HEAD:../../../socratic` is outside of the repository",
        ),
    ] {
        let output = show(reference);
        assert_code(&output, 4);
        assert!(error(&output).contains(told), "{}", error(&output));
    }
}

#[tokio::test]
async fn a_judge_in_a_commit_is_read_as_in_its_folder_whoever_wrote_its_files() {
    let project = Project::new();
    let git = |arguments: &[&str]| {
        Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(["-c", "core.autocrlf=false"])
            .args(arguments)
            .current_dir(project.path(""))
            .output()
    };
    if git(&["init", "--quiet"]).is_err() {
        return;
    }
    let commit = || {
        git(&["add", "scenarios"]).unwrap();
        git(&["commit", "--quiet", "-m", "a judge"]).unwrap();
    };
    let plain = fs::read_to_string(project.path(SYSTEM)).unwrap();
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    fs::write(project.path(SYSTEM), windows).unwrap();
    commit();
    let shown = async |judge: &str| project.judge(&["show", judge]).await;
    let there = "git:HEAD:scenarios/judges/socratic";
    assert!(out(&shown("socratic").await).contains("b7ded9fe"));
    let output = shown(there).await;
    assert!(out(&output).contains("b7ded9fe"), "{}", out(&output));
    fs::write(project.path(SYSTEM), b"A judge.\nAn: \xe9.").unwrap();
    commit();
    let output = shown(there).await;
    assert_code(&output, 4);
    let told = format!("`{there}/system.md:2:5`: expected UTF-8 text, found the byte 0xE9");
    assert!(error(&output).contains(&told), "{}", error(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_after_failed_calls_does_not_begin_everything_anew() {
    let project = Project::new();
    for candidate in ["socratic", "pairwise"] {
        let place = ["--judgments", "new.sqlite", "--candidate", candidate];
        let mut command = project.command(&[&["record"][..], &place, &SOME].concat());
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("BEDROCK_REPLAY_MODE", "record-all");
        let output = command.output().unwrap();
        assert_code(&output, 1);
        let told = error(&output);
        let help = "help      BEDROCK_REPLAY_MODE=record-missing bedrock-replay judge record";
        assert!(told.contains(help), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_without_credentials_makes_no_call_after_the_first_ones_and_says_what_to_do() {
    let project = Project::new();
    for candidate in ["socratic", "pairwise"] {
        let place = ["--judgments", "new.sqlite", "--candidate", candidate];
        let record = [&["record", "--log", "info"][..], &place, &SOME].concat();
        let mut command = project.command(&record);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        let output = command.output().unwrap();
        assert_code(&output, 1);
        let told = error(&output);
        let help = format!("help      bedrock-replay judge record --candidate {candidate} ");
        for part in [
            "since no other call would fare better",
            "why       there are no AWS credentials",
            help.as_str(),
            "   (asks only for the rest)",
        ] {
            assert!(told.contains(part), "{told}");
        }
        let is_said = |line: &&str| !line.starts_with('[') && line.contains("no credentials");
        assert_eq!(told.lines().filter(is_said).count(), 1, "{told}");
        // The dialogues are replayed with their answers; of the candidate's 45 or 90 calls none
        // is made but those that were under way.
        let replayed = told.matches("Bedrock response: ").count();
        let sent = told.matches("Invoking Bedrock: ").count() - replayed;
        assert!((1..=8).contains(&sent), "{told}");
    }
}
