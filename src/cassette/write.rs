//! Writing a cassette: a thread of its own commits what waits in one transaction with a full
//! sync, and only then acknowledges it.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, ready};
use std::thread::JoinHandle;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::codec::Packer;
use super::connection::{Opened, open_writer};
use super::error::{CassetteError, Problem};
use super::insert::{delete_exchange, insert_attempt, insert_exchange};
use super::read::read_dictionary;
use super::recording::{Recording, RecordingState};
use super::schema::KeyedBy;
use super::slot::Slot;
use crate::exchange::{Attempt, Origin, Provenance, Request};

/// The most that share one transaction.
const BATCH: usize = 64;

/// Who is writing.
#[derive(Debug, Clone)]
pub struct Session {
    /// When it began.
    pub started_at: Timestamp,
    /// The version that writes.
    pub tool_version: String,
    /// The largest size of the file in bytes, where one is set.
    pub largest: Option<u64>,
}

/// One attempt to be stored.
#[derive(Debug, Clone)]
pub struct Put {
    /// The logical call that it belongs to: one number per call of a session. If the call's
    /// exchange had to take another occurrence, its later attempts follow it there.
    pub call: u64,
    /// Where its exchange should stand.
    pub slot: Slot,
    /// Whether the exchange begins with it.
    pub place: Place,
    /// The request, redacted.
    pub request: Request,
    /// Who answered.
    pub provenance: Provenance,
    /// The attempt, redacted.
    pub attempt: Attempt,
}

/// Which attempt of its exchange it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first: it makes the exchange.
    First(Occupied),
    /// A later one, or a stored one once more, of a call that this session has begun.
    Numbered(u32),
}

/// What a first attempt does to an exchange that already stands in its slot. Whatever is not
/// replaced stays, and the new exchange takes the next free occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupied {
    /// Replaces it unless it is an answer, which another process may have just paid for, or
    /// another process may still be retrying it.
    ReplaceUnlessAnswer,
    /// Replaces it if the recording that made it has ended; an answer, which was paid for,
    /// only by an answer: a call that comes to none leaves it as it is.
    ReplaceIfEnded,
}

impl Place {
    const fn number(self) -> u32 {
        match self {
            Self::First(_) => 0,
            Self::Numbered(number) => number,
        }
    }
}

type Acknowledgement = Result<Slot, CassetteError>;

struct Job {
    put: Box<Put>,
    done: oneshot::Sender<Acknowledgement>,
}

/// A cassette that is written. Dropping it commits what waits and leaves one plain file.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// An attempt on its way to disk: a future of the slot that it got.
#[derive(Debug)]
pub struct Pending {
    path: PathBuf,
    done: oneshot::Receiver<Acknowledgement>,
}

impl Writer {
    /// Opens a cassette for writing, and creates it where there is none.
    ///
    /// # Errors
    /// Whatever is wrong with the file.
    pub fn open(path: &Path, keyed_by: &KeyedBy, session: Session) -> Result<Self, CassetteError> {
        let file = open_writer(path, keyed_by, session.largest)?;
        let packer = recording_packer(&file.connection).map_err(|problem| problem.of(path))?;
        let (jobs, waiting) = channel();
        let scribe = Scribe {
            path: path.to_owned(),
            file,
            packer,
            session,
            progress: Progress::default(),
        };
        let thread = std::thread::Builder::new()
            .name("cassette-writer".to_owned())
            .spawn(move || scribe.run(&waiting))
            .map_err(|error| Problem::from(error).of(path))?;
        Ok(Self {
            path: path.to_owned(),
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Hands an attempt over; it is on disk once the returned future says so.
    #[must_use = "the attempt is on disk only once it is acknowledged"]
    pub fn put(&self, put: Put) -> Pending {
        let (acknowledge, done) = oneshot::channel();
        let job = Job {
            put: Box::new(put),
            done: acknowledge,
        };
        if let Some(jobs) = &self.jobs {
            // A thread that is gone drops the acknowledgement, which `committed` reports.
            let _ = jobs.send(job);
        }
        Pending {
            path: self.path.clone(),
            done,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Pending {
    /// Waits until the attempt is on disk, for a thread that may block; the slot that it got.
    ///
    /// # Errors
    /// A full disk, or whatever else kept it from being written.
    pub fn wait(self) -> Result<Slot, CassetteError> {
        self.done.blocking_recv().map_err(|_| lost(&self.path))?
    }
}

impl Future for Pending {
    type Output = Acknowledgement;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Acknowledgement> {
        let done = ready!(Pin::new(&mut self.done).poll(context));
        Poll::Ready(done.unwrap_or_else(|_| Err(lost(&self.path))))
    }
}

fn recording_packer(connection: &Connection) -> Result<Packer, Problem> {
    Ok(Packer::for_recording(&read_dictionary(connection)?)?)
}

fn lost(path: &Path) -> CassetteError {
    Problem::damaged("its writer thread ended early").of(path)
}

/// What a session has written so far.
#[derive(Debug, Clone, Default)]
struct Progress {
    /// One recording per endpoint and provenance.
    recordings: HashMap<(Provenance, Origin), u32>,
    /// Calls whose exchange stands in another slot than asked for.
    moved: HashMap<u64, Slot>,
    /// Failed attempts, by their numbers, of calls that would replace an answer.
    waiting: HashMap<u64, BTreeMap<u32, Arc<Attempt>>>,
}

struct Scribe {
    path: PathBuf,
    file: Opened,
    packer: Packer,
    session: Session,
    progress: Progress,
}

impl Scribe {
    fn run(mut self, waiting: &Receiver<Job>) {
        while let Ok(first) = waiting.recv() {
            let mut batch = vec![first];
            batch.extend(waiting.try_iter().take(BATCH - 1));
            self.commit(batch);
        }
        self.end();
    }

    /// One transaction for all; if it fails, one for each, so that none fails for another.
    fn commit(&mut self, batch: Vec<Job>) {
        let puts: Vec<&Put> = batch.iter().map(|job| &*job.put).collect();
        let slots: Vec<Result<Slot, Problem>> = match self.transact(&puts) {
            Ok(slots) => slots.into_iter().map(Ok).collect(),
            // Each by itself would wait as long again.
            Err(Problem::Busy) => puts.iter().map(|_| Err(Problem::Busy)).collect(),
            Err(_) => puts.iter().map(|put| self.transact_one(put)).collect(),
        };
        for (job, slot) in batch.into_iter().zip(slots) {
            // Who no longer waits for it does not need to know.
            let _ = job
                .done
                .send(slot.map_err(|problem| problem.of(&self.path)));
        }
    }

    fn transact_one(&mut self, put: &Put) -> Result<Slot, Problem> {
        let slots = self.transact(&[put])?;
        let none = || Problem::damaged("a commit without a slot");
        slots.into_iter().next().ok_or_else(none)
    }

    fn transact(&mut self, puts: &[&Put]) -> Result<Vec<Slot>, Problem> {
        let transaction = self
            .file
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut page = Page {
            transaction,
            packer: &mut self.packer,
            session: &self.session,
            progress: self.progress.clone(),
        };
        let slots = puts
            .iter()
            .map(|put| page.put(put))
            .collect::<Result<Vec<_>, _>>()?;
        let progress = std::mem::take(&mut page.progress);
        page.transaction.commit()?;
        self.progress = progress;
        Ok(slots)
    }

    /// A failure here loses nothing: the next one to open the file does it.
    fn end(self) {
        for id in self.progress.recordings.values() {
            let _ = Recording::end(&self.file.connection, *id);
        }
    }
}

/// What one transaction writes.
struct Page<'a> {
    transaction: Transaction<'a>,
    packer: &'a mut Packer,
    session: &'a Session,
    progress: Progress,
}

impl Page<'_> {
    fn put(&mut self, put: &Put) -> Result<Slot, Problem> {
        if self.must_wait(put)? {
            let waiting = self.progress.waiting.entry(put.call).or_default();
            waiting.insert(put.place.number(), Arc::new(put.attempt.clone()));
            return Ok(put.slot.clone());
        }
        let waited = self.progress.waiting.remove(&put.call);
        let slot = match (put.place, &waited) {
            (Place::First(occupied), _) => self.make_room(&put.slot, occupied)?,
            (_, Some(_)) => self.make_room(&put.slot, Occupied::ReplaceIfEnded)?,
            (Place::Numbered(_), None) => self.slot_of(put),
        };
        if slot != put.slot {
            self.progress.moved.insert(put.call, slot.clone());
        }
        let recording = self.recording(put)?;
        // Each time: the last attempt says who answered, a fault before it cannot know.
        insert_exchange(
            &self.transaction,
            self.packer,
            &slot,
            recording,
            &put.request,
        )?;
        for (number, attempt) in waited.iter().flatten() {
            insert_attempt(&self.transaction, self.packer, &slot, *number, attempt)?;
        }
        let number = put.place.number();
        insert_attempt(&self.transaction, self.packer, &slot, number, &put.attempt)?;
        Ok(slot)
    }

    /// Whether a failed attempt would replace an answer.
    fn must_wait(&self, put: &Put) -> Result<bool, Problem> {
        if put.attempt.is_answer() {
            return Ok(false);
        }
        Ok(match put.place {
            Place::First(Occupied::ReplaceIfEnded) => self
                .standing(&put.slot)?
                .is_some_and(|standing| standing.is_answer && standing.has_ended),
            Place::First(Occupied::ReplaceUnlessAnswer) => false,
            Place::Numbered(_) => self.progress.waiting.contains_key(&put.call),
        })
    }

    fn slot_of(&self, put: &Put) -> Slot {
        self.progress
            .moved
            .get(&put.call)
            .unwrap_or(&put.slot)
            .clone()
    }

    fn recording(&mut self, put: &Put) -> Result<u32, Problem> {
        let origin = put.request.origin.clone();
        let endpoint = (put.provenance.clone(), origin);
        if let Some(id) = self.progress.recordings.get(&endpoint) {
            return Ok(*id);
        }
        let sql = "SELECT coalesce(max(id), 0) + 1 FROM recording";
        let id = self.transaction.query_row(sql, [], |row| row.get(0))?;
        let recording = Recording {
            id,
            started_at: self.session.started_at,
            tool_version: self.session.tool_version.clone(),
            provenance: put.provenance.clone(),
            host: endpoint.1.host.clone(),
            region: endpoint.1.region.clone(),
            state: RecordingState::Open,
        };
        recording.insert(&self.transaction)?;
        self.progress.recordings.insert(endpoint, id);
        Ok(id)
    }

    /// The slot itself, emptied, or the next free occurrence.
    fn make_room(&self, slot: &Slot, occupied: Occupied) -> Result<Slot, Problem> {
        let Some(standing) = self.standing(slot)? else {
            return Ok(slot.clone());
        };
        let replaces = match occupied {
            Occupied::ReplaceUnlessAnswer => {
                !standing.is_answer && (standing.has_ended || self.may_give_up(slot, &standing))
            }
            Occupied::ReplaceIfEnded => standing.has_ended,
        };
        if replaces {
            delete_exchange(&self.transaction, slot)?;
            return Ok(slot.clone());
        }
        let occurrence = self.transaction.query_row(
            "SELECT max(occurrence) + 1 FROM exchange WHERE request_key = ?1 AND scope = ?2",
            params![slot.key.as_bytes(), slot.scope],
            |row| row.get(0),
        )?;
        Ok(Slot {
            occurrence,
            ..slot.clone()
        })
    }

    /// Whether a failure of this very session is asked for once more. One that stands there
    /// because its own slot was taken may still be retried.
    fn may_give_up(&self, slot: &Slot, standing: &Standing) -> bool {
        let Progress {
            recordings, moved, ..
        } = &self.progress;
        recordings.values().any(|ours| *ours == standing.recording)
            && !moved.values().any(|taken| taken == slot)
    }

    fn standing(&self, slot: &Slot) -> Result<Option<Standing>, Problem> {
        let found = self.transaction.query_row(
            "SELECT exchange.recording, recording.state = 'ended', attempt.role = 'answer'
             FROM exchange
             JOIN recording ON recording.id = exchange.recording
             JOIN attempt ON attempt.id = ?4
             WHERE request_key = ?1 AND scope = ?2 AND occurrence = ?3",
            params![
                slot.key.as_bytes(),
                slot.scope,
                slot.occurrence,
                slot.outcome().id
            ],
            |row| {
                Ok(Standing {
                    recording: row.get(0)?,
                    has_ended: row.get(1)?,
                    is_answer: row.get(2)?,
                })
            },
        );
        Ok(found.optional()?)
    }
}

struct Standing {
    recording: u32,
    has_ended: bool,
    is_answer: bool,
}
