//! Pages for people. They are left in the target's folder, where the browser's tests, `just
//! browser`, open them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrock_replay::report::{Format as _, Html, Report};
use sha2::{Digest as _, Sha256};

use crate::page_reports::{HOSTILE, empty, hostile, thousand};

/// Writes a page where the browser's tests find it, whole or not at all.
pub fn keep(name: &str, page: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let partial = folder.join(format!("{name}.{}", std::process::id()));
    fs::write(&partial, page).unwrap();
    fs::rename(&partial, &path).unwrap();
    path
}

fn page(report: &Report) -> String {
    Html.render(report).unwrap()
}

/// What stands between two texts, everywhere in a page.
fn between<'a>(page: &'a str, opening: &str, closing: &str) -> Vec<&'a str> {
    let rest = page.split(opening).skip(1);
    rest.map(|text| text.split(closing).next().unwrap())
        .collect()
}

fn program(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_bedrock-replay"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .unwrap()
}

#[test]
fn the_weekly_run_is_one_page_and_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.html");
    let out = folder.path().join("out");
    for arguments in [
        ["run", "--html", one.to_str().unwrap()],
        ["run", "--out", out.to_str().unwrap()],
    ] {
        let output = program(&arguments);
        assert!(output.status.success(), "{output:?}");
    }
    let written = fs::read_to_string(&one).unwrap();
    let again = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(written == again, "two runs gave two pages");
    assert_eq!(written.matches("data-item ").count(), 27);
    assert_eq!(written.matches("data-part ").count(), 135);
    assert!(written.contains("<strong>Simulated.</strong>"));
    assert!(written.contains("<title>weekly · bedrock-replay run · simulated</title>"));
    keep("weekly.html", &written);
}

#[test]
fn a_page_that_cannot_be_written_is_told_with_its_path() {
    let output = program(&["run", "--html", "no/such/folder/page.html"]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.contains("cannot write `no/such/folder/page.html`"),
        "{errors}"
    );
}

#[test]
fn what_was_said_is_never_taken_for_the_page() {
    let page = page(&hostile());
    keep("hostile.html", &page);
    assert_eq!(between(&page, "<script>", "</script>").len(), 1);
    assert_eq!(page.matches("<img").count(), 0);
    assert!(page.contains("&lt;&#x2f;script&gt;"));
    // The plan's name twice; a student, a tutor, three rationales; a rejection and what was
    // rejected; a blocked text; a failure.
    let kept = "{{ 7 * 7 }} {% raw %} \u{202e}txet desrever\u{2066} \u{0}\u{7}";
    assert!(HOSTILE.contains(kept));
    assert_eq!(page.matches(kept).count(), 11);
}

#[test]
fn a_page_names_nothing_outside_itself() {
    for report in [hostile(), empty()] {
        let page = page(&report);
        for outside in [
            "src=\"",
            "url(",
            "@import",
            "href=\"http",
            "<link",
            "<iframe",
            "<base",
        ] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}

#[test]
fn the_policy_lets_nothing_run_but_the_page_s_own_script_and_style() {
    let page = page(&empty());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"")[0];
    let hash = |tag: &str| {
        let texts = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
        assert_eq!(texts.len(), 1);
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(texts[0])))
    };
    let expected = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash("style"),
        hash("script")
    );
    assert_eq!(policy, expected);
    assert_eq!(
        page.matches(" style=\"").count(),
        0,
        "the policy forbids it"
    );
}

#[test]
fn a_run_without_a_turn_is_a_page_that_says_so() {
    let page = page(&empty());
    keep("empty.html", &page);
    assert!(page.contains("<dt>attempted</dt><dd>0</dd>"));
    assert!(!page.contains(">NaN") && page.contains("<td>n&#x2f;a</td>"));
}

#[test]
fn a_thousand_dialogues_are_one_page() {
    let page = page(&thousand());
    keep("thousand.html", &page);
    assert_eq!(page.matches("data-part ").count(), 5_000);
    assert!(page.len() < 16_000_000, "{}", page.len());
}
