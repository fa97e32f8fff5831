//! Where a judge's files lie: in a folder, or in a commit of a git repository.

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::settings::{SettingsError, read_text, text_of};

/// The file that makes a folder a judge's.
pub(super) const FILE: &str = "judge.toml";

/// A folder that may be one of the past.
pub(super) trait Files {
    /// What to call it in a message.
    fn place(&self) -> PathBuf;

    /// The text of a file by its name in the folder, and what to call it in a message.
    fn read(
        &self,
        what: &'static str,
        hint: &'static str,
        name: &Path,
    ) -> Result<(PathBuf, String), SettingsError>;
}

impl Files for Path {
    fn place(&self) -> PathBuf {
        self.to_owned()
    }

    fn read(
        &self,
        what: &'static str,
        hint: &'static str,
        name: &Path,
    ) -> Result<(PathBuf, String), SettingsError> {
        let path = self.join(name);
        let text = read_text(what, hint, &path)?;
        Ok((path, text))
    }
}

/// A repository that does not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program is not there.
    #[error("cannot run `git` (it reads `git:REF:PATH`; install it, or name a folder)")]
    NotThere(#[source] std::io::Error),
    /// The repository does not know the commit.
    #[error("git knows no commit `{reference}` here: {said}")]
    UnknownCommit {
        /// What was asked for.
        reference: String,
        /// What git said.
        said: String,
    },
    /// A path that leads out of the repository.
    #[error(
        "`git:{reference}:{path}` is outside of the repository (a path is from its root; `git:{reference}:./PATH` is from this folder)"
    )]
    Outside {
        /// The commit.
        reference: String,
        /// The path as written.
        path: String,
    },
}

/// What to do about a folder that a commit does not have.
const ROOTED: &str = "the commit has none there; a path is from the repository's root, and `git:REF:./PATH` is from this folder";

/// A folder as it was in a commit.
#[derive(Debug)]
pub(super) struct GitFolder {
    reference: String,
    commit: String,
    /// From the repository's root.
    path: PathBuf,
}

impl GitFolder {
    /// Finds the commit. As git has it, a path is from the repository's root, and one that begins
    /// with `./` or `../` from the folder that the program runs in.
    pub(super) fn open(reference: &str, path: &Path) -> Result<Self, GitError> {
        let unknown = |said: String| GitError::UnknownCommit {
            reference: reference.to_owned(),
            said,
        };
        // What begins with a dash would be an option.
        if reference.is_empty() || reference.starts_with('-') {
            return Err(unknown("that is no name of a commit".to_owned()));
        }
        let commit = git(&[
            "rev-parse",
            "--verify",
            "--end-of-options",
            &format!("{reference}^{{commit}}"),
        ])?
        .map_err(unknown)?;
        let is_relative = path.starts_with(".") || path.starts_with("..");
        let prefix = if is_relative {
            git(&["rev-parse", "--show-prefix"])?.map_err(unknown)?
        } else {
            String::new()
        };
        let inside = plain(&Path::new(prefix.trim_end_matches('\n')).join(path));
        let path = inside.ok_or_else(|| GitError::Outside {
            reference: reference.to_owned(),
            path: path.display().to_string(),
        })?;
        Ok(Self {
            reference: reference.to_owned(),
            commit: commit.trim().to_owned(),
            path: path.into(),
        })
    }
}

impl Files for GitFolder {
    fn place(&self) -> PathBuf {
        PathBuf::from(format!("git:{}:{}", self.reference, self.path.display()))
    }

    fn read(
        &self,
        what: &'static str,
        hint: &'static str,
        name: &Path,
    ) -> Result<(PathBuf, String), SettingsError> {
        let missing = |path| SettingsError::Missing {
            what,
            path,
            hint: if name == Path::new(FILE) {
                ROOTED
            } else {
                hint
            },
        };
        let whole = self.path.join(name);
        let Some(inside) = plain(&whole) else {
            let path = format!("git:{}:{}", self.reference, whole.display());
            return Err(missing(path.into()));
        };
        let shown = PathBuf::from(format!("git:{}:{inside}", self.reference));
        let unreadable = |source| SettingsError::Unreadable {
            what,
            path: shown.clone(),
            source,
        };
        let object = format!("{}:{inside}", self.commit);
        match printed(&["cat-file", "blob", &object]) {
            Ok(Ok(bytes)) => {
                let text = text_of(what, &shown, bytes)?;
                Ok((shown, text))
            }
            Ok(Err(_)) => Err(missing(shown)),
            Err(error) => Err(unreadable(std::io::Error::other(error))),
        }
    }
}

/// The words that git prints, or what it complains of.
fn git(arguments: &[&str]) -> Result<Result<String, String>, GitError> {
    let words = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(printed(arguments)?.map(words))
}

/// What git prints, byte for byte, or what it complains of.
fn printed(arguments: &[&str]) -> Result<Result<Vec<u8>, String>, GitError> {
    let output = Command::new("git")
        .args(arguments)
        .output()
        .map_err(GitError::NotThere)?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("it gave no reason");
    Ok(Err(first.trim_start_matches("fatal: ").to_owned()))
}

/// A path from the repository's root as git has it: no `.`, no `..`, slashes; none where it leads
/// out of the repository.
fn plain(path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_git_has_it() {
        for (path, expected) in [
            (
                "scenarios/judges/a/../b/judge.toml",
                Some("scenarios/judges/b/judge.toml"),
            ),
            ("scenarios//judges/./a", Some("scenarios/judges/a")),
            ("here/./a/b", Some("here/a/b")),
            ("here/../../a", None),
        ] {
            assert_eq!(plain(Path::new(path)).as_deref(), expected);
        }
    }

    #[test]
    fn an_option_is_no_commit() {
        for reference in ["", "--upload-pack=x", "-h"] {
            let error = GitFolder::open(reference, Path::new("a")).unwrap_err();
            assert!(matches!(error, GitError::UnknownCommit { .. }), "{error}");
        }
    }
}
