//! Puts mode, scope, occurrences and the cassette together into one decision per request.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::counts::Counts;
use super::explaining::Explaining;
use super::files::Files;
use super::lanes::{Call, Lanes};
use super::whence::Recordings;
use super::{
    Attempts, Decision, MissReason, Missing, Mode, Pace, PlaybackOptions, PlaybackReport,
    ReplayMiss, Replayed, Scope, Ticket, Took, Unused, UnusedExchanges, Whence,
};
use crate::cassette::{
    CassetteError, KeyedBy, NumberedAttempt, Occupied, Pending, Place, Put, Reader, RecordingState,
    Session, Slot, is_open_elsewhere,
};
use crate::clock::SharedClock;
use crate::exchange::{Attempt, Origin, Provenance, Request};
use crate::identity::{CANONICAL_VERSION, CanonicalRequest, RequestKey};

/// One cassette in one mode: what every door asks.
#[derive(Debug)]
pub struct Playback {
    options: PlaybackOptions,
    clock: SharedClock,
    lanes: Mutex<Lanes>,
    /// Who answered at each endpoint.
    answered: Mutex<HashMap<Origin, Provenance>>,
    /// Where and when they did.
    recordings: Recordings,
    counts: Counts,
    /// What kept an attempt from the disk.
    unrecorded: OnceLock<CassetteError>,
    explaining: Explaining,
    /// The recordings that had ended before, as far as their answers do not count: all where
    /// everything is recorded anew, else those that are too old.
    earlier: BTreeSet<u32>,
    /// When this session began.
    began: Timestamp,
    files: Files,
}

impl Playback {
    /// Opens a cassette.
    ///
    /// # Errors
    /// Whatever is wrong with the file: found now, before anything is paid for.
    pub fn open(
        path: &Path,
        options: PlaybackOptions,
        clock: SharedClock,
    ) -> Result<Self, CassetteError> {
        let keyed_by = KeyedBy {
            canonical_version: CANONICAL_VERSION,
            match_on: options.match_on.to_string(),
        };
        let began = clock.now();
        let session = Session {
            started_at: began,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            largest: options.largest,
        };
        // What was killed stays open until somebody records again; alone with the file, it is over.
        let are_all_over = options.since.is_some() && !is_open_elsewhere(path);
        let files = Files::open(path, options.mode, keyed_by, session)?;
        Ok(Self {
            earlier: match (options.mode, options.since) {
                (Mode::RecordAll, _) => files.read(|reader| ended(reader))?,
                (Mode::Replay | Mode::RecordMissing, Some(since)) => {
                    files.read(|reader| older(reader, since, are_all_over))?
                }
                (Mode::Replay | Mode::RecordMissing, None) | (Mode::Passthrough, _) => {
                    BTreeSet::new()
                }
            },
            began,
            files,
            lanes: Mutex::default(),
            answered: Mutex::default(),
            recordings: Recordings::default(),
            counts: Counts::default(),
            unrecorded: OnceLock::new(),
            explaining: Explaining::default(),
            options,
            clock,
        })
    }

    /// The cassette's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.files.path()
    }

    /// The record mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.options.mode
    }

    /// How fast answers are replayed.
    #[must_use]
    pub const fn pace(&self) -> Pace {
        self.options.pace
    }

    /// Which attempts are replayed.
    #[must_use]
    pub const fn attempts(&self) -> Attempts {
        self.options.attempts
    }

    /// When this session began: what it records is as old as that.
    #[must_use]
    pub const fn began(&self) -> Timestamp {
        self.began
    }

    /// Whether there are answers of before that this session replaces.
    #[must_use]
    pub fn replaces_older(&self) -> bool {
        !self.earlier.is_empty()
    }

    /// Time as this playback sees it.
    #[must_use]
    pub const fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// Who answered, without repeats.
    ///
    /// # Errors
    /// A damaged file.
    pub fn provenance(&self) -> Result<Vec<Provenance>, CassetteError> {
        self.files.read(|reader| reader.provenances())
    }

    /// Whom the exchanges come from, answered or not, without repeats.
    ///
    /// # Errors
    /// A damaged file.
    pub fn sources(&self) -> Result<Vec<Provenance>, CassetteError> {
        self.files.read(|reader| reader.sources())
    }

    /// Who gave a recorded answer.
    ///
    /// # Errors
    /// A damaged file.
    pub fn provenance_of(&self, slot: &Slot) -> Result<Option<Provenance>, CassetteError> {
        let found = self.files.read(|reader| reader.exchange(slot))?;
        Ok(found.map(|stored| stored.exchange.provenance))
    }

    /// Where and when a recorded answer was given.
    ///
    /// # Errors
    /// A damaged file.
    pub fn whence(&self, slot: &Slot) -> Result<Option<Whence>, CassetteError> {
        self.files.read(|reader| self.recordings.of(slot, reader))
    }

    /// What a request gets.
    ///
    /// # Errors
    /// A cassette that cannot be read.
    pub fn decide(&self, request: Request, scope: &Scope) -> Result<Decision, CassetteError> {
        if self.mode() == Mode::Passthrough {
            return Ok(Decision::Pass);
        }
        let redacted = match self.options.redaction.apply_request(&request) {
            Cow::Owned(redacted) => Some(redacted),
            Cow::Borrowed(_) => None,
        };
        let request = redacted.unwrap_or(request);
        let key = RequestKey::of(&request, &self.options.match_on);
        let call = self.lanes().call(key, scope, request.invocation.as_ref());
        match self.mode() {
            Mode::RecordAll => self.forward(request, scope, call, Occupied::ReplaceIfEnded),
            Mode::RecordMissing => self.decide_missing(request, scope, call),
            Mode::Replay | Mode::Passthrough => self.decide_replay(&request, scope, call),
        }
    }

    fn decide_replay(
        &self,
        request: &Request,
        scope: &Scope,
        call: Call,
    ) -> Result<Decision, CassetteError> {
        let found = self.files.read(|reader| self.stored(reader, &call))?;
        if let Some(found) = found {
            let lack = match self.options.attempts {
                Attempts::Answers => self.lack(&call.slot, &found)?,
                Attempts::Outcome | Attempts::All => None,
            };
            return Ok(match lack {
                Some(_) => self.miss(request, call.slot.key, scope, lack),
                None => self.replay(call, found),
            });
        }
        // An exchange whose answer cannot be found is damaged, not missing.
        self.files.read(|reader| reader.exchange(&call.slot))?;
        Ok(self.miss(request, call.slot.key, scope, None))
    }

    fn decide_missing(
        &self,
        request: Request,
        scope: &Scope,
        call: Call,
    ) -> Result<Decision, CassetteError> {
        let found = self.files.read(|reader| reader.outcome(&call.slot))?;
        let Some(found) = found else {
            return self.forward(request, scope, call, Occupied::ReplaceUnlessAnswer);
        };
        match self.lack(&call.slot, &found)? {
            None => Ok(self.replay(call, found)),
            Some(MissReason::Older { .. }) => {
                self.forward(request, scope, call, Occupied::ReplaceIfEnded)
            }
            Some(_) => self.forward(request, scope, call, Occupied::ReplaceUnlessAnswer),
        }
    }

    /// Why what is recorded does not count as an answer, where it does not.
    fn lack(
        &self,
        slot: &Slot,
        found: &NumberedAttempt,
    ) -> Result<Option<MissReason>, CassetteError> {
        if !found.attempt.is_answer() {
            let outcome = found.attempt.outcome.to_string();
            return Ok(Some(MissReason::NoAnswer { outcome }));
        }
        let Some(since) = self.options.since.filter(|_| !self.earlier.is_empty()) else {
            return Ok(None);
        };
        let recording = self.files.read(|reader| reader.recording_of(slot))?;
        let is_older = recording.is_some_and(|recording| self.earlier.contains(&recording));
        Ok(is_older.then_some(MissReason::Older { since }))
    }

    fn stored(
        &self,
        reader: &mut Reader,
        call: &Call,
    ) -> Result<Option<NumberedAttempt>, CassetteError> {
        if self.options.attempts == Attempts::All
            && let Some(found) = reader.attempt(&call.slot, call.attempt)?
        {
            return Ok(Some(found));
        }
        reader.outcome(&call.slot)
    }

    fn replay(&self, call: Call, found: NumberedAttempt) -> Decision {
        self.counts.replay();
        Decision::Replay(Box::new(Replayed {
            slot: call.slot,
            number: found.number,
            attempt: found.attempt,
        }))
    }

    /// Sends a request on, if what comes back can be kept: nobody pays for what would be lost.
    fn forward(
        &self,
        request: Request,
        scope: &Scope,
        call: Call,
        occupied: Occupied,
    ) -> Result<Decision, CassetteError> {
        if let Some(error) = self.unrecorded.get() {
            return Err(error.clone());
        }
        self.files.prepare()?;
        let place = match call.attempt {
            0 => Place::First(occupied),
            number => Place::Numbered(number),
        };
        Ok(Decision::Forward(Box::new(Ticket {
            request,
            scope: scope.clone(),
            call,
            place,
            counted: None,
            counted_before: None,
            began: self.clock.elapsed(),
            took: Took::default(),
        })))
    }

    /// Tells that an attempt which was handed over did not reach the disk: it counts no more,
    /// and from now on nothing is sent on, neither the SDK's retry of the call that was lost nor
    /// another.
    pub fn not_recorded(&self, ticket: &mut Ticket, error: &CassetteError) {
        self.counts.lose(ticket);
        // The first error says what is wrong; those after it follow from it.
        let _ = self.unrecorded.set(error.clone());
    }

    /// Tells that nobody can be asked: a file that was made for answers goes when it is let go.
    pub fn cannot_ask(&self) {
        self.files.want();
    }

    fn miss(
        &self,
        request: &Request,
        key: RequestKey,
        scope: &Scope,
        reason: Option<MissReason>,
    ) -> Decision {
        Decision::Miss(Box::new(Missing {
            request: CanonicalRequest::of(request, &self.options.match_on),
            key,
            scope: scope.clone(),
            before: self.counts.miss(),
            reason,
        }))
    }

    /// Explains a miss. It reads the cassette by itself: whoever is served meanwhile waits
    /// neither for this search nor for its reader.
    ///
    /// # Errors
    /// A cassette that cannot be read.
    pub fn explain(&self, missing: &Missing) -> Result<ReplayMiss, CassetteError> {
        self.explaining.explain(missing, self.path(), &self.options)
    }

    /// A transmission that was held back begins now: the wait is no part of its time.
    pub fn leaves_now(&self, ticket: &mut Ticket) {
        ticket.began = self.clock.elapsed();
    }

    /// How long ago a ticket's transmission began.
    #[must_use]
    pub fn since(&self, ticket: &Ticket) -> Duration {
        self.clock.elapsed().saturating_sub(ticket.began)
    }

    /// Hands an attempt of a forwarded call to the cassette; it is on disk once the returned
    /// value says so. Calling it again for one ticket replaces what was stored before.
    ///
    /// # Errors
    /// A cassette that cannot be written.
    pub fn record(
        &self,
        ticket: &mut Ticket,
        attempt: &Attempt,
        provenance: Option<Provenance>,
    ) -> Result<Pending, CassetteError> {
        let attempt = self.options.redaction.apply_attempt(attempt).into_owned();
        self.counts.keep(ticket, &attempt);
        ticket.took.note(attempt.total);
        let place = std::mem::replace(&mut ticket.place, Place::Numbered(ticket.call.attempt));
        self.files.put(Put {
            call: ticket.call.number,
            slot: ticket.call.slot.clone(),
            place,
            request: ticket.request.clone(),
            provenance: self.who_answered(&ticket.request.origin, provenance),
            attempt,
        })
    }

    fn who_answered(&self, origin: &Origin, provenance: Option<Provenance>) -> Provenance {
        let mut known = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provenance) = provenance {
            known.insert(origin.clone(), provenance.clone());
            return provenance;
        }
        known.get(origin).cloned().unwrap_or(Provenance::Live)
    }

    /// Starts counting occurrences anew in one scope.
    pub fn reset(&self, scope: &Scope) {
        self.lanes().reset(scope);
    }

    /// What was done so far.
    ///
    /// # Errors
    /// A damaged file.
    pub fn report(&self) -> Result<PlaybackReport, CassetteError> {
        Ok(self.counts.report(self.unused()?))
    }

    /// Exchanges that no request of this playback asked for. Where everything is recorded anew
    /// they are those of before that no call replaced, were it only a later occurrence; what
    /// others record at the same time is theirs.
    fn unused(&self) -> Result<Vec<Slot>, CassetteError> {
        let slots = match self.mode() {
            Mode::Replay => self.files.read(|reader| reader.slots())?,
            Mode::RecordAll => self
                .files
                .read(|reader| reader.slots_of_recordings(&self.earlier))?,
            Mode::RecordMissing | Mode::Passthrough => Vec::new(),
        };
        let lanes = self.lanes();
        Ok(slots
            .into_iter()
            .filter(|slot| slot.occurrence >= lanes.made(slot.key, &slot.scope))
            .collect())
    }

    /// Commits what waits, leaves one plain file, and says what was done.
    ///
    /// # Errors
    /// A damaged file, or, with [`Unused::Error`], exchanges that no request asked for.
    pub fn finish(&self) -> Result<PlaybackReport, FinishError> {
        let report = match self.mode() {
            Mode::Passthrough => Ok(PlaybackReport::default()),
            Mode::Replay | Mode::RecordMissing | Mode::RecordAll => self.report(),
        };
        // Whatever the report says, what waits is committed.
        self.files.close();
        let report = report?;
        if report.unused.is_empty() || self.options.unused == Unused::Ok {
            return Ok(report);
        }
        let unused = UnusedExchanges {
            cassette: self.path().to_owned(),
            unused: report.unused.clone(),
        };
        if self.options.unused == Unused::Error {
            return Err(unused.into());
        }
        tracing::warn!("{unused}");
        Ok(report)
    }

    /// Commits what waits and leaves one plain file.
    pub fn close(&self) {
        self.files.close();
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The recordings of a cassette that are over: whatever is open may still grow.
fn ended(reader: &Reader) -> Result<BTreeSet<u32>, CassetteError> {
    let recordings = reader.recordings()?.into_iter();
    let ended = recordings.filter(|own| own.state == RecordingState::Ended);
    Ok(ended.map(|recording| recording.id).collect())
}

/// Those of them that began before a time.
fn older(
    reader: &Reader,
    since: Timestamp,
    are_all_over: bool,
) -> Result<BTreeSet<u32>, CassetteError> {
    let recordings = reader.recordings()?.into_iter();
    let over = recordings.filter(|own| are_all_over || own.state == RecordingState::Ended);
    let older = over.filter(|own| own.started_at < since);
    Ok(older.map(|recording| recording.id).collect())
}

/// Why a playback did not end well.
#[derive(Clone, thiserror::Error)]
pub enum FinishError {
    /// The file.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// Something was left over.
    #[error(transparent)]
    Unused(#[from] UnusedExchanges),
}

/// A test that ends with `?` prints this form: it has to read like the other.
impl fmt::Debug for FinishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
