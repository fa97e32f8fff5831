//! Whether a cassette holds what was recorded: SQLite's own check, then every digest, key and
//! text, exchange by exchange.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::{CassetteError, Problem};
use super::read::{Reader, StoredExchange};
use super::slot::Slot;
use crate::exchange::Ending;
use crate::identity::{CANONICAL_VERSION, MatchOn, RequestKey};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Exchanges that were looked at.
    pub exchanges: u64,
    /// What is damaged.
    pub damaged: Vec<Finding>,
    /// What is as it was recorded, and may surprise.
    pub warnings: Vec<Finding>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The exchange; nothing for the file as a whole.
    pub slot: Option<Slot>,
    /// What is wrong with it.
    pub what: String,
}

impl Verification {
    /// Reads a whole cassette.
    ///
    /// # Errors
    /// A file that is not there, or is no cassette. One that is too damaged to be opened is found
    /// to be that.
    pub fn of(path: &Path) -> Result<Self, CassetteError> {
        match Self::read(path) {
            Err(CassetteError {
                problem: Problem::Damaged { what },
                ..
            }) => Ok(Self {
                damaged: vec![Finding::new(
                    None,
                    format!("{what}: no exchange can be read"),
                )],
                ..Self::default()
            }),
            read => read,
        }
    }

    fn read(path: &Path) -> Result<Self, CassetteError> {
        let mut reader = Reader::open(path)?;
        reader.held(|reader| {
            let mut verifying = Verifying {
                keys: KeyRule::of(reader),
                reader,
                found: Self::default(),
            };
            verifying.file();
            verifying.exchanges();
            Ok(verifying.found)
        })
    }

    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty()
    }
}

/// How keys are checked.
enum KeyRule {
    /// Made anew with these rules.
    Computed(MatchOn),
    /// Another version made them.
    Unknown,
    /// The file does not say.
    Damaged(String),
}

impl KeyRule {
    fn of(reader: &Reader) -> Self {
        let keyed_by = match reader.keyed_by() {
            Ok(keyed_by) => keyed_by,
            Err(error) => return Self::Damaged(what(error)),
        };
        if keyed_by.canonical_version != CANONICAL_VERSION {
            return Self::Unknown;
        }
        match keyed_by.match_on.parse() {
            Ok(match_on) => Self::Computed(match_on),
            Err(_) => Self::Damaged("its match-on rules".to_owned()),
        }
    }
}

struct Verifying<'a> {
    reader: &'a mut Reader,
    keys: KeyRule,
    found: Verification,
}

impl Verifying<'_> {
    fn file(&mut self) {
        match self.reader.integrity() {
            Ok(lines) => lines.into_iter().for_each(|line| self.damaged(None, line)),
            Err(error) => self.damaged(None, what(error)),
        }
        match &self.keys {
            KeyRule::Damaged(what) => self.damaged(None, what.clone()),
            KeyRule::Unknown => self.warn(
                None,
                "another version made its keys; they were not checked (`bedrock-replay cassette pack --rekey` makes them anew)",
            ),
            KeyRule::Computed(_) => {}
        }
        if let Err(error) = self.reader.recordings() {
            self.damaged(None, what(error));
        }
    }

    fn exchanges(&mut self) {
        let slots = match self.reader.slots() {
            Ok(slots) => slots,
            Err(error) => return self.damaged(None, what(error)),
        };
        let mut attempts = 0;
        for slot in &slots {
            self.found.exchanges += 1;
            match self.reader.exchange(slot) {
                Ok(Some(stored)) => {
                    attempts += stored.exchange.attempts.len() as u64;
                    self.exchange(&stored);
                }
                Ok(None) => self.damaged(Some(slot), "its request is gone"),
                Err(error) => self.damaged(Some(slot), what(error)),
            }
        }
        self.left_over(attempts);
        self.gaps(&slots);
    }

    /// An attempt to which no exchange leads belonged to one whose row was lost, or whose own row
    /// was, so that the exchange was recorded anew.
    fn left_over(&mut self, read: u64) {
        if !self.found.is_sound() {
            return;
        }
        match self.reader.attempts() {
            Ok(stored) if stored == read => {}
            Ok(stored) => {
                let what = format!(
                    "{stored} attempts are stored, exchanges lead to {read} (`bedrock-replay cassette pack` drops the rest)"
                );
                self.damaged(None, what);
            }
            Err(error) => self.damaged(None, what(error)),
        }
    }

    fn exchange(&mut self, stored: &StoredExchange) {
        let exchange = &stored.exchange;
        if let KeyRule::Computed(match_on) = &self.keys {
            let key = RequestKey::of(&exchange.request, match_on);
            if key != stored.slot.key {
                let what = format!("its request has another key, {}…", key.short());
                self.damaged(Some(&stored.slot), what);
            }
        }
        let ending = exchange
            .attempts
            .last()
            .and_then(|attempt| attempt.response())
            .map(|response| &response.ending);
        let what = match ending {
            None | Some(Ending::Complete) => return,
            Some(Ending::Truncated) => "the server cut its answer off".to_owned(),
            Some(Ending::Abandoned) => "the caller dropped its answer half-way".to_owned(),
            Some(Ending::Broken(fault)) => format!("its answer broke off: {fault}"),
        };
        self.warn(Some(&stored.slot), what);
    }

    /// An occurrence that is not there is a miss, and so are all after it to a person.
    fn gaps(&mut self, slots: &[Slot]) {
        let mut next: BTreeMap<(RequestKey, &str), u32> = BTreeMap::new();
        for slot in slots {
            let expected = next.entry((slot.key, &slot.scope)).or_default();
            let gap = (*expected < slot.occurrence).then_some(*expected);
            *expected = slot.occurrence.saturating_add(1);
            if let Some(missing) = gap {
                self.warn(Some(slot), format!("there is no occurrence {missing}"));
            }
        }
    }

    fn damaged(&mut self, slot: Option<&Slot>, what: impl Into<String>) {
        self.found.damaged.push(Finding::new(slot, what));
    }

    fn warn(&mut self, slot: Option<&Slot>, what: impl Into<String>) {
        self.found.warnings.push(Finding::new(slot, what));
    }
}

impl Finding {
    fn new(slot: Option<&Slot>, what: impl Into<String>) -> Self {
        Self {
            slot: slot.cloned(),
            what: what.into(),
        }
    }
}

/// What is wrong, without the file's name and advice.
fn what(error: CassetteError) -> String {
    match error.problem {
        Problem::Damaged { what } => what,
        problem => problem.to_string(),
    }
}
