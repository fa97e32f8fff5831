//! The judges of a project: the folders that are edited, and the versions that were pinned.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::any::AnyJudge;
use super::files::{FILE, Files, GitError, GitFolder};
use super::folder::{Judge, Written};
use super::identity::{Fingerprint, Identity};
use super::reference::{LAST, Reference};
use crate::settings::{SettingsError, nearest, read_settings};

const PINS: &str = "pins.toml";
const PINNED: &str = "pinned";
const HEADING: &str = "\
# The judges that comparisons start from; `bedrock-replay judge pin` writes this file.
# The last pin of a name is its baseline. Each version is kept under `pinned/`.
";
/// Digits that name a pinned version's folder.
const DIGITS: usize = 16;
/// Fewer digits of a fingerprint name nothing.
const FEWEST: usize = 4;

/// A judge that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// Its files.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is nowhere to look.
    #[error(
        "there is no folder of judges at `{path}` (a project's judges lie in `judges/` beside its plan, each a folder with a {FILE}: name the plan by --plan, or the folder by --judges)",
        path = path.display()
    )]
    NoFolder {
        /// Where it would be.
        path: PathBuf,
    },
    /// Nothing of that name.
    #[error("no judge `{name}` (it is no folder with a {FILE}; {hint})")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        hint: String,
    },
    /// No version of it.
    #[error("no pinned version `{name}@{version}` ({hint})")]
    NotPinned {
        /// The judge.
        name: String,
        /// What was asked for.
        version: String,
        /// What there is.
        hint: String,
    },
    /// More than one version of it.
    #[error("`{name}@{version}` may be any of {versions} (give more digits)")]
    Ambiguous {
        /// The judge.
        name: String,
        /// What was asked for.
        version: String,
        /// Those that begin so.
        versions: String,
    },
    /// A stored version is not what it was.
    #[error("the pinned version in `{path}` was edited: expected {expected}, found {found} (restore it, or remove its pin)", path = path.display())]
    Edited {
        /// Its folder.
        path: PathBuf,
        /// The pinned fingerprint.
        expected: String,
        /// The one that it has.
        found: String,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`", path = path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A part of it has no TOML form.
    #[error("cannot write the judge as TOML")]
    Toml(#[from] toml::ser::Error),
}

/// A version that was pinned.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The judge's name.
    pub judge: String,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The day on which it was pinned.
    pub pinned: Date,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Pins {
    #[serde(default)]
    pins: Vec<Pin>,
}

/// What can be read from a judge's folder: a judge of one kind, or of either.
trait Foldered: Sized {
    fn read(files: &(impl Files + ?Sized)) -> Result<Self, SettingsError>;
    fn who(&self) -> Identity;
}

impl Foldered for Judge {
    fn read(files: &(impl Files + ?Sized)) -> Result<Self, SettingsError> {
        Self::read_from(files)
    }

    fn who(&self) -> Identity {
        self.identity()
    }
}

impl Foldered for AnyJudge {
    fn read(files: &(impl Files + ?Sized)) -> Result<Self, SettingsError> {
        Self::read_from(files)
    }

    fn who(&self) -> Identity {
        self.identity()
    }
}

/// A folder's name with its judge, or with what is wrong with it.
pub type Listed = (String, Result<AnyJudge, SettingsError>);

/// The judges of a project.
#[derive(Debug, Clone)]
pub struct Judges {
    folder: PathBuf,
}

impl Judges {
    /// Those in a folder such as `scenarios/judges`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every folder with a `judge.toml`, by name, and what is wrong with it where it cannot be
    /// used.
    ///
    /// # Errors
    /// [`JudgeError::NoFolder`], or a folder that cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, JudgeError> {
        if !self.folder.is_dir() {
            return Err(JudgeError::NoFolder {
                path: self.folder.clone(),
            });
        }
        let unreadable = |source| SettingsError::Unreadable {
            what: "folder of judges",
            path: self.folder.clone(),
            source,
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.path().join(FILE).is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        let judges = names.into_iter();
        Ok(judges
            .map(|name| {
                let judge = AnyJudge::load(&self.folder.join(&name));
                (name, judge)
            })
            .collect())
    }

    /// The judge that is meant.
    ///
    /// # Errors
    /// [`JudgeError`] with what there is instead.
    pub fn find(&self, reference: &Reference) -> Result<Judge, JudgeError> {
        self.found(reference)
    }

    /// The judge that is meant, of either kind.
    ///
    /// # Errors
    /// [`JudgeError`] with what there is instead.
    pub fn find_any(&self, reference: &Reference) -> Result<AnyJudge, JudgeError> {
        self.found(reference)
    }

    fn found<J: Foldered>(&self, reference: &Reference) -> Result<J, JudgeError> {
        match reference {
            Reference::Git { reference, path } => {
                let files = GitFolder::open(reference, path)?;
                Ok(J::read(&files)?)
            }
            Reference::Folder(path) => self.in_folder(path),
            Reference::Version { name, version } => self.version(name, version),
        }
    }

    /// The last pin of a name.
    ///
    /// # Errors
    /// A `pins.toml` that cannot be used.
    pub fn baseline(&self, name: &str) -> Result<Option<Pin>, JudgeError> {
        let mut pins = self.pins()?.into_iter();
        Ok(pins.rfind(|pin| pin.judge == name))
    }

    /// Every pin, oldest first.
    ///
    /// # Errors
    /// A `pins.toml` that cannot be used.
    pub fn pins(&self) -> Result<Vec<Pin>, JudgeError> {
        let path = self.folder.join(PINS);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let hint = "`bedrock-replay judge pin` writes it";
        Ok(read_settings::<Pins>("list of pins", hint, &path)?.pins)
    }

    /// The judge of a pin, checked to be what it was.
    ///
    /// # Errors
    /// [`JudgeError::Edited`] where it is not, or whatever is wrong with its files.
    pub fn pinned(&self, pin: &Pin) -> Result<Judge, JudgeError> {
        self.kept(pin)
    }

    /// The same of either kind.
    ///
    /// # Errors
    /// [`JudgeError::Edited`] where it is not, or whatever is wrong with its files.
    pub fn pinned_any(&self, pin: &Pin) -> Result<AnyJudge, JudgeError> {
        self.kept(pin)
    }

    fn kept<J: Foldered>(&self, pin: &Pin) -> Result<J, JudgeError> {
        let path = self.place(&pin.judge, &pin.fingerprint);
        let judge = J::read(path.as_path())?;
        let found = judge.who().fingerprint;
        if found != pin.fingerprint {
            return Err(JudgeError::Edited {
                path,
                expected: pin.fingerprint.short(),
                found: found.short(),
            });
        }
        Ok(judge)
    }

    /// Keeps a judge as it is and makes it the baseline of its name.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn pin(&self, judge: &AnyJudge, today: Date) -> Result<Pin, JudgeError> {
        let pin = Pin {
            judge: judge.name().to_owned(),
            fingerprint: judge.identity().fingerprint,
            pinned: today,
        };
        let mut pins = self.pins()?;
        let is_last = self
            .baseline(judge.name())?
            .is_some_and(|last| last.fingerprint == pin.fingerprint);
        let place = self.place(&pin.judge, &pin.fingerprint);
        let Written { files } = judge.written()?;
        create(&place)?;
        for (name, text) in files {
            write(&place.join(name), &text)?;
        }
        self.pinned_any(&pin)?;
        if !is_last {
            pins.push(pin.clone());
            let text = toml::to_string(&Pins { pins })?;
            write(&self.folder.join(PINS), &format!("{HEADING}\n{text}"))?;
        }
        Ok(pin)
    }

    fn place(&self, name: &str, fingerprint: &Fingerprint) -> PathBuf {
        let digits: String = fingerprint.to_string().chars().take(DIGITS).collect();
        self.folder.join(PINNED).join(name).join(digits)
    }

    fn in_folder<J: Foldered>(&self, path: &Path) -> Result<J, JudgeError> {
        let named = self.folder.join(path);
        if !path.join(FILE).exists() && named.join(FILE).exists() {
            return Ok(J::read(named.as_path())?);
        }
        if path.is_dir() {
            return Ok(J::read(path)?);
        }
        let name = path.display().to_string();
        let hint = self.nearest(&name);
        Err(JudgeError::Unknown { name, hint })
    }

    /// What there is in place of a name.
    fn nearest(&self, name: &str) -> String {
        let known: Vec<String> = self.names();
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("`{}` has none", self.folder.display()),
            None => format!("`{}` has {}", self.folder.display(), known.join(", ")),
        }
    }

    fn names(&self) -> Vec<String> {
        let listed = self.list().unwrap_or_default();
        listed.into_iter().map(|(name, _)| name).collect()
    }

    /// Among the pins, and what lies in the folder of that name now.
    fn version<J: Foldered>(&self, name: &str, version: &str) -> Result<J, JudgeError> {
        let own = self.pins()?.into_iter().filter(|pin| pin.judge == name);
        let mut own: Vec<Pin> = own.collect();
        let not_pinned = |own: &[Pin]| JudgeError::NotPinned {
            name: name.to_owned(),
            version: version.to_owned(),
            hint: self.known(name, version, own),
        };
        if version == LAST {
            let last = own.last().ok_or_else(|| not_pinned(&own))?;
            return self.kept(last);
        }
        if version.len() < FEWEST {
            return Err(not_pinned(&own));
        }
        if let Some(current) = self.current(name, version) {
            return Ok(current);
        }
        own.sort_by_key(|pin| pin.fingerprint);
        own.dedup_by_key(|pin| pin.fingerprint);
        let begins = |pin: &&Pin| pin.fingerprint.to_string().starts_with(version);
        let matching: Vec<&Pin> = own.iter().filter(begins).collect();
        match matching[..] {
            [] => Err(not_pinned(&own)),
            [pin] => self.kept(pin),
            _ => Err(JudgeError::Ambiguous {
                name: name.to_owned(),
                version: version.to_owned(),
                versions: matching
                    .iter()
                    .map(|pin| told(pin))
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// The versions that there are in place of one that is not.
    fn known(&self, name: &str, version: &str, pins: &[Pin]) -> String {
        let folder = self.folder.join(name);
        if pins.is_empty() && !folder.join(FILE).exists() {
            return format!("no judge is called so; {}", self.nearest(name));
        }
        if version == LAST {
            return format!(
                "`{name}` has no pin; `bedrock-replay judge pin {name}` keeps the judge as it is now"
            );
        }
        let mut versions: Vec<String> = pins.iter().map(told).collect();
        let now = AnyJudge::load(&folder).ok();
        versions.extend(now.map(|now| format!("{}, as its folder is now", now.identity())));
        versions.dedup();
        let few = format!("give at least {FEWEST} digits; ");
        let few = if version.len() < FEWEST { &few } else { "" };
        let are = if versions.len() == 1 { "is" } else { "are" };
        format!("{few}there {are} {}", versions.join(", "))
    }

    fn current<J: Foldered>(&self, name: &str, version: &str) -> Option<J> {
        let judge = J::read(self.folder.join(name).as_path()).ok()?;
        let fingerprint = judge.who().fingerprint.to_string();
        fingerprint.starts_with(version).then_some(judge)
    }
}

/// A version as a person names it.
fn told(pin: &Pin) -> String {
    format!("{}@{}", pin.judge, pin.fingerprint.short())
}

fn create(folder: &Path) -> Result<(), JudgeError> {
    std::fs::create_dir_all(folder).map_err(|source| JudgeError::Write {
        path: folder.to_owned(),
        source,
    })
}

/// Beside the path first: nobody reads half a file.
fn write(path: &Path, text: &str) -> Result<(), JudgeError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.partial", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|source| {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
        JudgeError::Write {
            path: path.to_owned(),
            source,
        }
    })
}
