//! Files that a person edits: every error names the path, the line and what was expected.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::place::{key_of, offset_of};
use super::suggestion::nearest;

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// There is none.
    #[error("no {what} at `{path}` ({hint})", path = path.display())]
    Missing {
        /// What the file is to the program.
        what: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// What to do.
        hint: &'static str,
    },
    /// It cannot be read.
    #[error("cannot read the {what} `{path}`", path = path.display())]
    Unreadable {
        /// What the file is to the program.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It does not follow its grammar, TOML or a template, or says there what cannot be.
    #[error("cannot use the {what} `{path}{place}`: {problem}{excerpt}", path = path.display(), place = place(*line, *column), excerpt = excerpt(text))]
    Malformed {
        /// What the file is to the program.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1, where it is known.
        column: Option<usize>,
        /// What was expected and what was found.
        problem: String,
        /// The line itself.
        text: String,
    },
    /// It lacks what it must say.
    #[error("cannot use the {what} `{path}`: `{key}`: expected {expected}, found {found}", path = path.display())]
    Invalid {
        /// What the file is to the program.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What would be right.
        expected: String,
        /// What is there.
        found: String,
    },
}

/// As editors and terminals take it: `:3:5`.
fn place(line: usize, column: Option<usize>) -> String {
    column.map_or_else(|| format!(":{line}"), |column| format!(":{line}:{column}"))
}

fn excerpt(text: &str) -> String {
    // A missing key belongs to no line; the first one, where it is reported, may be a comment.
    if text.is_empty() || text.starts_with('#') {
        return String::new();
    }
    format!("\n  {text}")
}

impl SettingsError {
    /// A mistake at an offset of a file's text, in bytes.
    #[must_use]
    pub fn at(what: &'static str, path: &Path, text: &str, offset: usize, problem: String) -> Self {
        let (line, column) = place_of(text, offset);
        Self::Malformed {
            what,
            path: path.to_owned(),
            line,
            column: Some(column),
            problem,
            text: line_text(text, line),
        }
    }
}

/// A file that was read, for the checks that its grammar cannot make.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// What the file is to the program.
    pub what: &'static str,
    /// The file.
    pub path: &'a Path,
    /// What is written in it.
    pub text: &'a str,
}

impl Source<'_> {
    /// A value that cannot be, at a place such as `models.1.name`, the second model's name; with
    /// the line, where something is written there.
    #[must_use]
    pub fn invalid(
        self,
        place: &str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> SettingsError {
        let (key, expected, found) = (key_of(place), expected.into(), found.into());
        match offset_of(self.text, place) {
            Some(offset) => {
                let problem = format!("`{key}`: expected {expected}, found {found}");
                SettingsError::at(self.what, self.path, self.text, offset, problem)
            }
            None => SettingsError::Invalid {
                what: self.what,
                path: self.path.to_owned(),
                key,
                expected,
                found,
            },
        }
    }
}

/// The text of a settings file, in the same form whichever editor or checkout wrote it: without a
/// byte order mark, and with lines that end in a line feed.
///
/// # Errors
/// [`SettingsError::Missing`] with the hint, [`SettingsError::Unreadable`], or, with the place,
/// what is no UTF-8.
pub fn read_text(
    what: &'static str,
    hint: &'static str,
    path: &Path,
) -> Result<String, SettingsError> {
    let bytes = std::fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => SettingsError::Missing {
            what,
            path: path.to_owned(),
            hint,
        },
        _ => SettingsError::Unreadable {
            what,
            path: path.to_owned(),
            source: understood(source),
        },
    })?;
    text_of(what, path, bytes)
}

/// The same of a file's bytes that are read already.
///
/// # Errors
/// [`SettingsError`] with the place of what is no UTF-8.
pub(crate) fn text_of(
    what: &'static str,
    path: &Path,
    bytes: Vec<u8>,
) -> Result<String, SettingsError> {
    let text = String::from_utf8(bytes).map(normalised);
    text.map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let found = bytes.get(offset).copied().unwrap_or_default();
        let before = String::from_utf8_lossy(&bytes[..offset]);
        let problem = format!("expected UTF-8 text, found the byte 0x{found:02X}");
        SettingsError::at(what, path, &before, offset, problem)
    })
}

/// Otherwise the same prompt would be another request on another machine.
fn normalised(text: String) -> String {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if bare.len() == text.len() && !text.contains('\r') {
        return text;
    }
    bare.replace("\r\n", "\n")
}

fn understood(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::IsADirectory => {
            io::Error::new(ErrorKind::IsADirectory, "expected a file, found a folder")
        }
        _ => error,
    }
}

/// Reads a TOML file; keys that the type does not know are refused where it says so.
///
/// # Errors
/// [`SettingsError`] with the path and the line.
pub fn read_settings<T: DeserializeOwned>(
    what: &'static str,
    hint: &'static str,
    path: &Path,
) -> Result<T, SettingsError> {
    let text = read_text(what, hint, path)?;
    settings_of(what, path, &text)
}

/// The same of a text that is read already.
///
/// # Errors
/// [`SettingsError`] with the path and the line.
pub fn settings_of<T: DeserializeOwned>(
    what: &'static str,
    path: &Path,
    text: &str,
) -> Result<T, SettingsError> {
    toml::from_str(text).map_err(|error| malformed(what, path, text, &error))
}

fn malformed(
    what: &'static str,
    path: &Path,
    text: &str,
    error: &toml::de::Error,
) -> SettingsError {
    let offset = error.span().map_or(0, |span| span.start);
    SettingsError::at(what, path, text, offset, problem(error.message()))
}

/// What the parser says, with the nearest key in place of a list of all.
fn problem(message: &str) -> String {
    let message = message.trim_end().replace('\n', ", ");
    let suggested = message.strip_prefix("unknown field `").and_then(|rest| {
        let (found, expected) = rest.split_once("`, expected ")?;
        let known = expected.split('`').skip(1).step_by(2);
        let nearest = nearest(found, known)?;
        Some(format!("unknown key `{found}` (did you mean `{nearest}`?)"))
    });
    suggested.unwrap_or(message)
}

/// Line and column, both counted from 1, the column in characters.
#[must_use]
pub fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.split('\n').count();
    let own = before.rsplit('\n').next().unwrap_or_default();
    (line, own.chars().count() + 1)
}

/// A line of a file, short enough for a message.
pub(crate) fn line_text(text: &str, line: usize) -> String {
    let written = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    written.trim().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        #[serde(rename = "turns")]
        _turns: u32,
    }

    fn error_of(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, text).unwrap();
        let error = read_settings::<Settings>("plan", "", &path).unwrap_err();
        error
            .to_string()
            .replace(folder.path().to_str().unwrap(), "…")
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        assert_eq!(
            error_of("# a plan\nturns = 5\nturnz = 5\n"),
            "cannot use the plan `…/plan.toml:3:1`: unknown key `turnz` (did you mean `turns`?)\n  turnz = 5"
        );
    }

    #[test]
    fn a_key_unlike_all_is_answered_with_all() {
        assert_eq!(
            error_of("models = 5"),
            "cannot use the plan `…/plan.toml:1:1`: unknown field `models`, expected `turns`\n  models = 5"
        );
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(place_of("ä = 1\nöü = x", 11), (2, 3));
    }

    #[test]
    fn a_wrong_type_says_what_was_expected() {
        assert_eq!(
            error_of("turns = \"five\""),
            "cannot use the plan `…/plan.toml:1:9`: invalid type: string \"five\", expected u32\n  turns = \"five\""
        );
    }

    #[test]
    fn broken_toml_is_named_with_its_line() {
        assert!(error_of("\n\nturns = = 5").contains("plan.toml:3:9`: "));
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_are_no_part_of_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        let written = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read_text("prompt", "", &path).unwrap()
        };
        let plain = written(b"One.\n\nTwo.\n");
        assert_eq!(written(b"One.\r\n\r\nTwo.\r\n"), plain);
        assert_eq!(written(b"\xef\xbb\xbfOne.\n\nTwo.\n"), plain);
        assert_eq!(written(b"a\rb"), "a\rb", "no end of a line");
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, b"# a plan\nturns = \"\xff\"\n").unwrap();
        let error = read_settings::<Settings>("plan", "", &path).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("plan.toml:2:10`: expected UTF-8 text, found the byte 0xFF"),
            "{text}"
        );
    }

    #[test]
    fn a_folder_in_place_of_a_file_is_called_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = read_settings::<Settings>("plan", "", folder.path()).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "expected a file, found a folder");
    }

    #[test]
    fn a_missing_file_comes_with_the_hint() {
        let error =
            read_settings::<Settings>("plan", "give --plan FILE", Path::new("no/plan.toml"));
        assert_eq!(
            error.unwrap_err().to_string(),
            "no plan at `no/plan.toml` (give --plan FILE)"
        );
    }
}
