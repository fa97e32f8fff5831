//! A report in a folder, under names that do not change from run to run.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io;
use std::path::{Path, PathBuf};

use super::format::{Format, FormatError, Report};
use super::html::Html;
use super::json::Json;
use super::junit::Junit;
use super::markdown::Markdown;
use super::table::Table;
use crate::bench::Transcript;

const DIALOGUES: &str = "dialogues";

/// A folder that could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file or folder cannot be written.
    #[error("cannot write `{path}`", path = path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The report has no such form.
    #[error(transparent)]
    Format(#[from] FormatError),
}

/// Writes `results.json`, `table.txt`, `report.html`, `report.md`, `report.xml` (JUnit) and one file
/// for each dialogue under `dialogues/`; each file is there whole or not at all.
///
/// # Errors
/// [`OutputError`] with the path that could not be written.
pub fn write_files(folder: &Path, report: &Report) -> Result<(), OutputError> {
    let dialogues = folder.join(DIALOGUES);
    make_folder(&dialogues)?;
    let mut written = BTreeSet::new();
    for dialogue in &report.outcome.transcripts {
        let name = file_name(dialogue);
        write_whole(&dialogues.join(&name), &Json.dialogue(report, dialogue)?)?;
        written.insert(name);
    }
    remove_others(&dialogues, &written)?;
    write_whole(&folder.join("table.txt"), &Table.render(report)?)?;
    write_whole(&folder.join("report.html"), &Html.render(report)?)?;
    write_whole(&folder.join("report.md"), &Markdown.render(report)?)?;
    write_whole(&folder.join("report.xml"), &Junit.render(report)?)?;
    write_whole(&folder.join("results.json"), &Json.render(report)?)
}

/// Writes a report, or a comparison, into one file, which is there whole or not at all.
///
/// # Errors
/// [`OutputError`] with the path that could not be written.
pub fn write_file<Shown>(
    path: &Path,
    format: &dyn Format<Shown>,
    shown: &Shown,
) -> Result<(), OutputError> {
    write_whole(path, &format.render(shown)?)
}

/// Makes a folder for reports, where it is not there yet.
///
/// # Errors
/// [`OutputError`] with the path that could not be written.
pub fn make_folder(folder: &Path) -> Result<(), OutputError> {
    std::fs::create_dir_all(folder).map_err(|source| failed(folder, source))
}

/// Removes a file that is not written this time: an older one would pass for this one's. One that
/// is not there is no error.
///
/// # Errors
/// [`OutputError`] with the path that could not be removed.
pub fn remove_stale(path: &Path) -> Result<(), OutputError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(path, source)),
        _ => Ok(()),
    }
}

/// Dialogues of an earlier run would pass for ones of this run.
fn remove_others(folder: &Path, written: &BTreeSet<String>) -> Result<(), OutputError> {
    let entries = std::fs::read_dir(folder).map_err(|source| failed(folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| failed(folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_dialogue(&name) && !written.contains(&name) {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(|source| failed(&path, source))?;
        }
    }
    Ok(())
}

/// `SCENARIO--model--SAMPLE.json`: what a person put there is left alone.
fn is_dialogue(name: &str) -> bool {
    let stem = name.strip_suffix(".json").unwrap_or_default();
    let sample = stem.rsplit("--").next().unwrap_or_default();
    stem.matches("--").count() >= 2 && sample.parse::<u32>().is_ok()
}

fn file_name(dialogue: &Transcript) -> String {
    format!("{}.json", dialogue.name().replace('/', "--"))
}

/// Puts a text where a path leads: into the file behind a link, and into a pipe or a device as it
/// is.
fn write_whole(path: &Path, text: &str) -> Result<(), OutputError> {
    let written = match std::fs::metadata(path) {
        Ok(there) if there.is_file() => std::fs::canonicalize(path)
            .and_then(|file| write_beside(&file, text, Some(there.permissions()))),
        Ok(there) if !there.is_dir() => std::fs::write(path, text),
        _ => write_beside(path, text, None),
    };
    written.map_err(|source| failed(path, source))
}

/// Writes beside the path first: a reader never sees half a file.
fn write_beside(path: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.partial", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, text)
        .and_then(|()| permissions.map_or(Ok(()), |own| std::fs::set_permissions(&beside, own)))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // What could not be finished is not left lying about; the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn failed(path: &Path, source: io::Error) -> OutputError {
    OutputError::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_link_still_leads_to_its_file_and_that_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (
            folder.path().join("week.html"),
            folder.path().join("latest"),
        );
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        write_whole(&link, "new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_no_file_is_written_into_and_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let path = pipe.clone();
        let reader = std::thread::spawn(move || std::fs::read_to_string(path).unwrap());
        write_whole(&pipe, "new").unwrap();
        assert_eq!(reader.join().unwrap(), "new");
        assert!(!std::fs::metadata(&pipe).unwrap().is_file());
    }
}
