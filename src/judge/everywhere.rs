//! Every judge that lies in a project's folder of judges, however deep: pinned versions and
//! folders of folders included.

use std::path::{Path, PathBuf};

use super::any::AnyJudge;
use super::files::FILE;
use super::judges::{JudgeError, Judges};
use crate::settings::SettingsError;

impl Judges {
    /// All of them, in the order of their folders.
    ///
    /// # Errors
    /// [`JudgeError::NoFolder`], or the first judge or folder that cannot be read.
    pub fn everywhere(&self) -> Result<Vec<AnyJudge>, JudgeError> {
        if !self.folder().is_dir() {
            return Err(JudgeError::NoFolder {
                path: self.folder().to_owned(),
            });
        }
        let mut judges = Vec::new();
        for folder in folders(self.folder())? {
            if folder.join(FILE).is_file() {
                judges.push(AnyJudge::load(&folder)?);
            }
        }
        Ok(judges)
    }
}

/// A folder and all below it, sorted.
fn folders(root: &Path) -> Result<Vec<PathBuf>, SettingsError> {
    let (mut found, mut waiting) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = waiting.pop() {
        let unreadable = |source| SettingsError::Unreadable {
            what: "folder of judges",
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // A link may lead back up.
            if entry.file_type().map_err(unreadable)?.is_dir() {
                waiting.push(entry.path());
            }
        }
        found.push(folder);
    }
    found.sort();
    Ok(found)
}
