//! The layers put together.

use std::fmt;
use std::path::{Path, PathBuf};

use bedrock_replay::environment::Environment;
use bedrock_replay::settings::SettingsError;

use super::file::{Entry, File};
use super::setting::{SETTINGS, Setting};
use super::variables::unread;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Flag(String),
    Variable(&'static str),
    File {
        path: PathBuf,
        line: usize,
        column: usize,
    },
    /// The profile of the AWS configuration.
    Profile,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag --{flag}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Profile => f.write_str("the AWS profile"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A variable whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable {variable}: {problem}")]
pub struct BadVariable {
    variable: &'static str,
    /// What was expected, and what was found.
    problem: String,
}

/// What the environment and the file say.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    environment: Environment,
    file: Option<File>,
}

impl Layers {
    /// Reads the file that holds in a folder.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn read(folder: &Path, environment: Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            file: File::find(folder, &environment)?,
            environment,
        })
    }

    /// The file that holds.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    /// A setting's value below the flags, and where it came from.
    pub fn value(&self, setting: &Setting) -> (String, Origin) {
        for variable in setting.variables {
            if let Some(value) = self.environment.get(variable) {
                return (value.to_owned(), Origin::Variable(variable));
            }
        }
        let written = self.file.as_ref().and_then(|file| {
            let found = file.entries.iter().find(|entry| entry.key == setting.key);
            found.map(|entry| (file, entry))
        });
        match written {
            Some((
                file,
                Entry {
                    value,
                    line,
                    column,
                    ..
                },
            )) => {
                let origin = Origin::File {
                    path: file.path.clone(),
                    line: *line,
                    column: *column,
                };
                (value.clone(), origin)
            }
            None => (setting.default.to_owned(), Origin::Default),
        }
    }

    /// What environment or file say of a setting, and which of them.
    pub fn written(&self, key: &str) -> Option<(String, Origin)> {
        let setting = Setting::of(key)?;
        let (value, origin) = self.value(setting);
        (origin != Origin::Default).then_some((value, origin))
    }

    /// Looks at the variables that become defaults of a command's flags; the file's values are
    /// looked at where it is read.
    ///
    /// # Errors
    /// The first whose value cannot be used.
    pub fn check(&self, command: &str) -> Result<(), BadVariable> {
        let own = |setting: &&Setting| setting.commands.contains(&command);
        let mut bad = SETTINGS.iter().filter(own).filter_map(|own| self.bad(own));
        bad.next().map_or(Ok(()), Err)
    }

    /// Every variable that stops some command.
    pub fn unusable(&self) -> impl Iterator<Item = BadVariable> {
        SETTINGS.iter().filter_map(|setting| self.bad(setting))
    }

    fn bad(&self, setting: &Setting) -> Option<BadVariable> {
        if setting.is_read_elsewhere() {
            return None;
        }
        let (value, Origin::Variable(variable)) = self.value(setting) else {
            return None;
        };
        let problem = (setting.check)(&value).err()?;
        Some(BadVariable { variable, problem })
    }

    /// A line for each variable that looks like this program's and that nobody reads.
    pub fn unread(&self) -> Vec<String> {
        unread(&self.environment)
    }

    /// The command line with these values as the defaults of its flags.
    pub fn over(&self, command: clap::Command) -> clap::Command {
        SETTINGS.iter().fold(command, |command, setting| {
            let (value, origin) = self.value(setting);
            match origin {
                Origin::Default => command,
                Origin::Variable(_) if setting.is_read_elsewhere() => command,
                _ => with_default(command, setting, &value),
            }
        })
    }
}

fn with_default(command: clap::Command, setting: &Setting, value: &str) -> clap::Command {
    setting.commands.iter().fold(command, |command, path| {
        let names: Vec<&str> = path.split(' ').collect();
        below(command, &names, &setting.flag(), value)
    })
}

/// The command with this default of a flag of the subcommand that these names lead to.
fn below(command: clap::Command, names: &[&str], flag: &str, value: &str) -> clap::Command {
    if let Some((name, rest)) = names.split_first() {
        return command.mut_subcommand(name, |own| below(own, rest, flag, value));
    }
    let found = command
        .get_arguments()
        .find(|arg| arg.get_long() == Some(flag));
    match found.map(|arg| arg.get_id().clone()) {
        Some(id) => command.mut_arg(id, |arg| arg.default_value(value.to_owned())),
        None => command,
    }
}
