//! The smallest form of a cassette, and one form for equal content: rows in key order,
//! recordings in the order of their dates, texts that nothing refers to gone, a trained
//! dictionary, nothing free.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::codec::{MessageCodec, Packer, Samples, SharedTexts, TextId, train};
use super::connection::HeldBack;
use super::error::{CassetteError, Problem};
use super::in_order::InOrder;
use super::insert::{insert_attempt, insert_exchange};
use super::pieces;
use super::read::{Reader, StoredExchange};
use super::schema::{self, KeyedBy, PAGE_SIZE};
use super::slot::Slot;
use crate::exchange::{Attempt, Headers};
use crate::identity::{CANONICAL_VERSION, MatchOn, RequestKey};

/// A packed file of up to so many bytes is tried with other page sizes.
const SMALL: u64 = 1 << 20;
const SMALL_PAGE_SIZES: [u32; 3] = [4_096, 2_048, 1_024];

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// What becomes of the request keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Keys {
    /// They stay.
    #[default]
    AsTheyAre,
    /// They are made anew, with this version's canonical form and these rules. Requests that
    /// become equal get successive occurrences, in the order of their old occurrences and keys.
    Anew(MatchOn),
}

/// Packs a cassette in place: a packed copy is made beside it and takes its name.
///
/// # Errors
/// A damaged file, another process that records into it, a full disk; the file is then as
/// it was.
pub fn pack(path: &Path, keys: &Keys) -> Result<Packed, CassetteError> {
    pack_to(path, path, keys)
}

/// Writes a packed copy to another place, over the cassette that may stand there.
///
/// # Errors
/// A damaged file, a file at that place that is no cassette or that another process records
/// into, a full disk; nothing is then changed.
pub fn pack_to(path: &Path, output: &Path, keys: &Keys) -> Result<Packed, CassetteError> {
    // Opened as any reader does it first, so that what is no cassette is never written.
    drop(Reader::open(path)?);
    let target = std::fs::canonicalize(output).unwrap_or_else(|_| output.to_owned());
    let held_back = hold_back(output, &target)?;
    let reader = match &held_back {
        Some(held) => Reader::open_held(path, held)?,
        None => Reader::open(path)?,
    };
    let copy = Copy::beside(&target);
    copy.begin().map_err(|problem| problem.of(output))?;
    let packed = write_packed(reader, &copy, &target, keys).map_err(|problem| problem.of(path));
    drop(held_back);
    packed
}

/// Whatever were recorded from now on into a file that is about to be replaced would be lost.
fn hold_back(output: &Path, target: &Path) -> Result<Option<HeldBack>, CassetteError> {
    match Reader::open(output) {
        // A slip of the pen must not cost a file of another kind.
        Err(error) if !error.problem.is_unrecorded() => {
            return Err(error);
        }
        Err(_) => return Ok(None),
        Ok(reader) => drop(reader),
    }
    let held_back = HeldBack::everybody(target).map_err(|problem| problem.of(output))?;
    Ok(Some(held_back))
}

fn write_packed(
    reader: Reader,
    copy: &Copy,
    output: &Path,
    keys: &Keys,
) -> Result<Packed, Problem> {
    let before = std::fs::metadata(reader.path())?;
    write_copy(reader, copy, keys)?;
    std::fs::set_permissions(&copy.packed, before.permissions())?;
    std::fs::File::open(&copy.packed)?.sync_all()?;
    std::fs::rename(&copy.packed, output)?;
    sync_folder(output);
    Ok(Packed {
        before: before.len(),
        after: std::fs::metadata(output)?.len(),
    })
}

/// The new name is on disk too. Some systems cannot open a folder, and then do it themselves.
fn sync_folder(path: &Path) {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Files beside the cassette that are gone when packing ends, however it ends.
struct Copy {
    unpacked: PathBuf,
    packed: PathBuf,
    other: PathBuf,
}

impl Copy {
    fn beside(path: &Path) -> Self {
        let with = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{}.{suffix}", std::process::id()));
            PathBuf::from(name)
        };
        let copy = Self {
            unpacked: with("unpacked"),
            packed: with("packed"),
            other: with("other"),
        };
        copy.remove();
        copy
    }

    /// Makes the first of them, so that a folder that is not there or cannot be written is told
    /// of the output, not of what is packed.
    fn begin(&self) -> Result<(), Problem> {
        match std::fs::File::create(&self.unpacked) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Problem::NoFolder),
            Err(error) => Err(error.into()),
        }
    }

    fn remove(&self) {
        for path in [&self.unpacked, &self.packed, &self.other] {
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}

fn write_copy(mut reader: Reader, copy: &Copy, keys: &Keys) -> Result<(), Problem> {
    let path = reader.path().to_owned();
    let copied =
        reader.held(|reader| copy_all(reader, copy, keys).map_err(|problem| problem.of(&path)));
    copied.map_err(|error| error.problem)
}

fn copy_all(reader: &mut Reader, copy: &Copy, keys: &Keys) -> Result<(), Problem> {
    let learned = Learned::of(reader)?;
    let mut connection = Connection::open(&copy.unpacked)?;
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    schema::create(&mut connection, &keyed_by(reader, keys)?)?;
    connection.execute_batch("BEGIN")?;
    insert_dictionary(&connection, &learned.dictionary)?;
    copy_exchanges(reader, &connection, &learned, keys)?;
    connection.execute_batch("COMMIT")?;
    write_smallest(&connection, copy)
}

/// Writes the file with the page size that suits it: a few exchanges would leave large pages
/// almost empty.
fn write_smallest(connection: &Connection, copy: &Copy) -> Result<(), Problem> {
    write_with_pages(connection, &copy.packed, PAGE_SIZE)?;
    if std::fs::metadata(&copy.packed)?.len() > SMALL {
        return Ok(());
    }
    for page_size in SMALL_PAGE_SIZES {
        write_with_pages(connection, &copy.other, page_size)?;
        let length = |path| std::fs::metadata(path).map(|metadata| metadata.len());
        if length(&copy.other)? < length(&copy.packed)? {
            std::fs::rename(&copy.other, &copy.packed)?;
        }
    }
    Ok(())
}

fn write_with_pages(connection: &Connection, path: &Path, size: u32) -> Result<(), Problem> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    connection.pragma_update(None, "page_size", size)?;
    connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
    Ok(())
}

fn keyed_by(reader: &Reader, keys: &Keys) -> Result<KeyedBy, Problem> {
    match keys {
        Keys::AsTheyAre => reader.keyed_by().map_err(|error| error.problem),
        Keys::Anew(match_on) => Ok(KeyedBy {
            canonical_version: CANONICAL_VERSION,
            match_on: match_on.to_string(),
        }),
    }
}

/// What packing knows of all messages before it packs the first.
struct Learned {
    shared: SharedTexts,
    dictionary: Vec<u8>,
}

impl Learned {
    fn of(reader: &mut Reader) -> Result<Self, Problem> {
        let shared = SharedTexts::These(shared_texts(reader)?);
        let mut samples = Samples::new();
        each_exchange(reader, |messages| {
            let mut rests = Vec::new();
            for (headers, body) in messages {
                let (texts, rest) = MessageCodec::samples(headers, body, &shared);
                rests.push(rest);
                for text in texts {
                    samples.text(text);
                }
            }
            samples.exchange(rests);
        })?;
        Ok(Self {
            dictionary: train(samples),
            shared,
        })
    }
}

/// The texts that stand in more than one place.
fn shared_texts(reader: &mut Reader) -> Result<HashSet<TextId>, Problem> {
    let mut once = HashSet::new();
    let mut shared = HashSet::new();
    each_exchange(reader, |messages| {
        for (_, body) in messages {
            for text in MessageCodec::texts(body) {
                if !once.insert(text.id) {
                    shared.insert(text.id);
                }
            }
        }
    })?;
    Ok(shared)
}

fn each_exchange(
    reader: &mut Reader,
    mut look: impl FnMut(&[(&Headers, &[u8])]),
) -> Result<(), Problem> {
    for slot in slots(reader)? {
        let exchange = exchange(reader, &slot)?.exchange;
        let request = (&exchange.request.headers, &*exchange.request.body);
        let responses = exchange.attempts.iter().filter_map(Attempt::response);
        let answers = responses.map(|response| (&response.headers, &*response.body.bytes));
        look(&std::iter::once(request).chain(answers).collect::<Vec<_>>());
    }
    Ok(())
}

fn insert_dictionary(connection: &Connection, dictionary: &[u8]) -> Result<(), Problem> {
    let sql = "INSERT INTO dictionary (id, bytes, checksum) VALUES (?1, ?2, ?3)";
    pieces::insert(&mut connection.prepare(sql)?, 0, dictionary)
}

fn copy_exchanges(
    reader: &mut Reader,
    connection: &Connection,
    learned: &Learned,
    keys: &Keys,
) -> Result<(), Problem> {
    let mut packer = Packer::for_packing(&learned.dictionary, learned.shared.clone())?;
    let recordings = InOrder::of(reader).map_err(|error| error.problem)?;
    for recording in &recordings.recordings {
        recording.insert(connection)?;
    }
    for (old, new) in places(reader, keys)? {
        let stored = exchange(reader, &old)?;
        let recording = recordings.number(&stored)?;
        let request = &stored.exchange.request;
        insert_exchange(connection, &mut packer, &new, recording, request)?;
        for (number, attempt) in stored.exchange.attempts.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            insert_attempt(connection, &mut packer, &new, number, attempt)?;
        }
    }
    Ok(())
}

/// Where each exchange stands, and where it will.
fn places(reader: &mut Reader, keys: &Keys) -> Result<Vec<(Slot, Slot)>, Problem> {
    let mut slots = slots(reader)?;
    let Keys::Anew(match_on) = keys else {
        let stay = |slot: Slot| (slot.clone(), slot);
        return Ok(slots.into_iter().map(stay).collect());
    };
    slots.sort_by(|a, b| (a.occurrence, &a.key).cmp(&(b.occurrence, &b.key)));
    let mut counts: BTreeMap<(RequestKey, String), u32> = BTreeMap::new();
    let mut places = Vec::new();
    for old in slots {
        let request = exchange(reader, &old)?.exchange.request;
        let key = RequestKey::of(&request, match_on);
        let count = counts.entry((key, old.scope.clone())).or_default();
        let new = Slot {
            key,
            scope: old.scope.clone(),
            occurrence: *count,
        };
        *count += 1;
        places.push((old, new));
    }
    Ok(places)
}

fn slots(reader: &Reader) -> Result<Vec<Slot>, Problem> {
    reader.slots().map_err(|error| error.problem)
}

fn exchange(reader: &mut Reader, slot: &Slot) -> Result<StoredExchange, Problem> {
    let stored = reader.exchange(slot).map_err(|error| error.problem)?;
    stored.ok_or_else(|| Problem::damaged(format!("exchange {slot} is gone")))
}
