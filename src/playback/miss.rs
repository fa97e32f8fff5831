//! A request without a recording, explained: what was asked, what comes nearest, where the two
//! part, and what to do.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

use jiff::Timestamp;

use super::Scope;
use crate::cassette::{CassetteError, Reader, Slot};
use crate::exchange::Operation;
use crate::identity::{CanonicalRequest, Difference, MatchOn, Nearest, RequestKey, Suggestion};
use crate::words::counted;

/// Recorded requests that are compared with one that missed.
const CANDIDATES: usize = 200;
/// Places of a difference that are shown.
const PLACES: usize = 4;
/// Scopes that are named.
const SCOPES: usize = 3;
/// Characters of a name that are shown: room for an inference profile's ARN.
const NAME: usize = 140;

/// A request that has no recorded exchange, in mode `replay`.
///
/// The SDK does not retry it. [`ReplayMiss::find`] takes it out of an SDK error. `Debug` is the
/// message as well: it is what `unwrap` and a failed test print.
#[derive(Clone)]
pub struct ReplayMiss {
    /// The cassette.
    pub cassette: PathBuf,
    /// How many exchanges it holds.
    pub exchanges: u64,
    /// Who answered them, such as `simulated`.
    pub provenance: String,
    /// The scope of the request.
    pub scope: Scope,
    /// Its operation.
    pub operation: Operation,
    /// Its model, or what else it was addressed to.
    pub subject: String,
    /// Its key.
    pub key: RequestKey,
    /// Why nothing was found.
    pub reason: MissReason,
    /// What else is worth a line: `59 other requests of this run would miss`.
    pub also: Option<String>,
    /// The command or setting that records it.
    pub help: String,
}

/// Why nothing was found.
#[derive(Debug, Clone)]
pub enum MissReason {
    /// The same request is recorded less often in this scope than it was made.
    UsedUp {
        /// How often it is recorded.
        recorded: u32,
    },
    /// The same request is recorded in other scopes.
    OtherScope {
        /// Their names.
        scopes: Vec<String>,
    },
    /// The same is recorded in the other form: streamed, or at once.
    OtherForm {
        /// By which operation.
        operation: Operation,
        /// In which scopes.
        scopes: Vec<String>,
    },
    /// Another request comes nearest.
    Differs {
        /// Where that one stands.
        nearest: Slot,
        /// What the request has otherwise.
        difference: Box<Difference>,
    },
    /// The request is recorded, but got no answer.
    NoAnswer {
        /// What it came to, such as `429 ThrottlingException`.
        outcome: String,
    },
    /// The request is recorded, but not since the time that was asked for.
    Older {
        /// The time.
        since: Timestamp,
    },
    /// Nothing of this operation is recorded, and nothing of its other form.
    NothingAlike,
    /// Enough misses of this session were explained.
    Unexplained,
}

impl ReplayMiss {
    /// The miss inside an error, however deep: an SDK error, or one that wraps it.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(miss) = error.downcast_ref::<Self>() {
                return Some(miss);
            }
            next = error.source();
        }
        None
    }

    /// The same miss with a line on what else would happen, and another way out.
    #[must_use]
    pub fn with_advice(mut self, also: Option<String>, help: impl Into<String>) -> Self {
        self.also = also;
        self.help = help.into();
        self
    }
}

impl MissReason {
    /// Looks for the reason.
    pub(super) fn look(
        reader: &mut Reader,
        request: &CanonicalRequest,
        key: RequestKey,
        scope: &Scope,
        match_on: &MatchOn,
    ) -> Result<Self, CassetteError> {
        let recorded = reader.occurrences(&key, scope.name())?;
        if recorded > 0 {
            return Ok(Self::UsedUp { recorded });
        }
        let scopes = scopes_of(reader, key)?;
        if !scopes.is_empty() {
            return Ok(Self::OtherScope { scopes });
        }
        let operation = request.operation();
        let counterpart = operation.counterpart();
        if let Some(operation) = counterpart {
            let scopes = scopes_of(reader, request.asked_by(operation).key())?;
            if !scopes.is_empty() {
                return Ok(Self::OtherForm { operation, scopes });
            }
        }
        // What is recorded in the other form alone is still nearer than nothing.
        for operation in [Some(operation), counterpart].into_iter().flatten() {
            let mut nearest = Nearest::to(request);
            for stored in reader.candidates(operation, scope.name(), CANDIDATES)? {
                let canonical = CanonicalRequest::of(&stored.request, match_on);
                nearest.offer(stored.slot, canonical);
            }
            if let Some((nearest, difference)) = nearest.find() {
                let difference = Box::new(difference);
                return Ok(Self::Differs {
                    nearest,
                    difference,
                });
            }
        }
        Ok(Self::NothingAlike)
    }
}

/// The scopes in which a request is recorded, each once.
fn scopes_of(reader: &Reader, key: RequestKey) -> Result<Vec<String>, CassetteError> {
    let slots = reader.slots_of(&key)?.into_iter();
    let mut scopes: Vec<String> = slots.map(|slot| slot.scope).collect();
    scopes.dedup();
    Ok(scopes)
}

impl Error for ReplayMiss {}

impl fmt::Debug for ReplayMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplayMiss\n{self}\n")
    }
}

impl fmt::Display for ReplayMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = "no recorded exchange matches this request\n".to_owned();
        let mut row = |name: &str, value: &str| {
            let indented = value.replace('\n', "\n    ");
            let _ = writeln!(text, "  {name:<9} {indented}");
        };
        let cassette = self.cassette.display();
        row(
            "cassette",
            &format!(
                "{cassette} ({}, {})",
                counted(self.exchanges, "exchange"),
                self.provenance
            ),
        );
        row("scope", &shortened(&self.scope.to_string()));
        let (operation, key) = (self.operation, self.key.short());
        let subject = shortened(&self.subject);
        row("request", &format!("{operation} {subject} (key {key})"));
        self.reason_rows(&mut row);
        if let Some(also) = &self.also {
            row("also", also);
        }
        row("help", &self.help);
        f.write_str(text.trim_end())
    }
}

impl ReplayMiss {
    fn reason_rows(&self, row: &mut impl FnMut(&str, &str)) {
        match &self.reason {
            MissReason::UsedUp { recorded } => row(
                "recorded",
                &format!("this very request {recorded} × in this scope; it was made once more"),
            ),
            MissReason::OtherScope { scopes } => {
                let names = scope_names(scopes);
                row(
                    "recorded",
                    &format!("this very request, in other scopes: {names}"),
                );
            }
            MissReason::OtherForm { operation, scopes } => {
                let place = if scopes.iter().any(|scope| scope == self.scope.name()) {
                    "in this scope".to_owned()
                } else {
                    format!("in other scopes: {}", scope_names(scopes))
                };
                row(
                    "recorded",
                    &format!("this very request as {operation}, {place}"),
                );
                row("hint", &other_form(*operation));
            }
            MissReason::Differs {
                nearest,
                difference,
            } => {
                let short = nearest.key.short();
                let place = if nearest.scope == self.scope.name() {
                    "same scope".to_owned()
                } else {
                    format!("scope {}", scope_name(&nearest.scope))
                };
                let places = difference.text(PLACES);
                row(
                    "nearest",
                    &format!("exchange {short}, {place}, differs at\n{places}"),
                );
                if let Some(suggestions) = difference.volatile() {
                    row("hint", &suggestion_text(&suggestions));
                }
            }
            MissReason::NoAnswer { outcome } => row(
                "recorded",
                &format!("this very request, without an answer: {outcome}"),
            ),
            MissReason::Older { since } => {
                row("recorded", &format!("this very request, before {since}"));
            }
            MissReason::NothingAlike => row(
                "nearest",
                &format!("nothing: no {} is recorded here", self.operation),
            ),
            MissReason::Unexplained => row("nearest", "not looked for: too many misses before"),
        }
    }
}

fn scope_name(scope: &str) -> String {
    shortened(&Scope::new(scope).to_string())
}

/// A text of any length on a part of a line: its beginning and its end.
fn shortened(text: &str) -> String {
    if text.chars().count() <= NAME {
        return text.to_owned();
    }
    let half = NAME / 2 - 1;
    let front: String = text.chars().take(half).collect();
    let back: Vec<char> = text.chars().rev().take(half).collect();
    let back: String = back.into_iter().rev().collect();
    format!("{front}…{back}")
}

fn scope_names(scopes: &[String]) -> String {
    let named: Vec<String> = scopes
        .iter()
        .take(SCOPES)
        .map(|scope| scope_name(scope))
        .collect();
    let more = scopes.len() - named.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", named.join(", "))
}

/// What to do about an answer that is recorded in another form than it is asked for.
fn other_form(recorded: Operation) -> String {
    let form = if recorded.is_stream() {
        "as a stream"
    } else {
        "at once"
    };
    format!("an answer is replayed in the form of its recording: ask for it {form}, by {recorded}")
}

fn suggestion_text(suggestions: &[Suggestion]) -> String {
    let rules: Vec<String> = suggestions.iter().map(ToString::to_string).collect();
    format!(
        "only ids or dates differ; with the redaction {} both are one request",
        rules.join(" and ")
    )
}
