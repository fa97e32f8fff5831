//! Explains the misses of a session: the first ones by a search, and all with what the cassette
//! holds.

use std::path::Path;
use std::sync::OnceLock;

use super::{Explained, MODE_VARIABLE, MissReason, Missing, Mode, PlaybackOptions, ReplayMiss};
use crate::cassette::{CassetteError, Reader};
use crate::exchange::Provenance;

/// Misses of a session whose nearest exchange is looked for; each costs a scan.
const EXPLAINED: u64 = 50;
/// Sources that a miss names; of more it tells the number.
const NAMED: usize = 3;

/// What every miss tells of the cassette, once it is known.
#[derive(Debug, Default)]
pub struct Explaining {
    contents: OnceLock<(u64, String)>,
}

impl Explaining {
    /// Explains a miss, by a reader of its own.
    ///
    /// # Errors
    /// A cassette that cannot be read.
    pub fn explain(
        &self,
        missing: &Missing,
        cassette: &Path,
        options: &PlaybackOptions,
    ) -> Result<ReplayMiss, CassetteError> {
        let mut reader = Reader::open(cassette)?;
        let (exchanges, provenance) = self.contents(&reader)?.clone();
        let reason = reason(missing, &mut reader, options)?;
        let Missing {
            request,
            key,
            scope,
            before,
            ..
        } = missing;
        let subject = request.labels().next().map_or("", |(_, value)| value);
        Ok(ReplayMiss {
            cassette: cassette.to_owned(),
            exchanges,
            provenance,
            scope: scope.clone(),
            operation: request.operation(),
            subject: subject.to_owned(),
            key: *key,
            reason,
            also: (*before > 0).then(|| format!("{before} missed before this one")),
            help: format!(
                "set {MODE_VARIABLE}={} to record what is missing",
                Mode::RecordMissing
            ),
        })
    }

    /// How many exchanges there are and who answered them, as the first miss found it: to
    /// count them costs a scan.
    fn contents(&self, reader: &Reader) -> Result<&(u64, String), CassetteError> {
        if let Some(known) = self.contents.get() {
            return Ok(known);
        }
        let found = (reader.len()?, sources(&reader.provenances()?));
        Ok(self.contents.get_or_init(|| found))
    }
}

/// As it is known already, or as it is found.
fn reason(
    missing: &Missing,
    reader: &mut Reader,
    options: &PlaybackOptions,
) -> Result<MissReason, CassetteError> {
    if let Some(known) = &missing.reason {
        return Ok(known.clone());
    }
    let most = match options.explained {
        Explained::First => EXPLAINED,
        Explained::Never => 0,
    };
    if missing.before >= most {
        return Ok(MissReason::Unexplained);
    }
    let (request, scope) = (&missing.request, &missing.scope);
    MissReason::look(reader, request, missing.key, scope, &options.match_on)
}

/// Who answered, as far as it can be named.
fn sources(provenances: &[Provenance]) -> String {
    let words: Vec<String> = provenances.iter().map(ToString::to_string).collect();
    match words.len() {
        0 => "nothing recorded".to_owned(),
        1..=NAMED => words.join(", "),
        number => format!("{number} sources"),
    }
}
