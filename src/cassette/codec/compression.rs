//! zstd, with the dictionary that `pack` trains where there is one.

use std::borrow::Cow;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::from_samples;
use zstd::zstd_safe::get_frame_content_size;

use super::samples::Samples;
use super::texts::SharedTexts;

/// Nothing larger is unpacked: a flipped bit in a length must not take all memory.
const LARGEST: usize = 1 << 28;

/// How bytes are packed; the first byte of what is stored.
mod form {
    pub const RAW: u8 = 0;
    pub const ZSTD: u8 = 1;
    pub const ZSTD_DICTIONARY: u8 = 2;
}

/// The speed that a recording can afford.
const RECORDING_LEVEL: i32 = 3;
/// The level of a packed cassette.
const PACKED_LEVEL: i32 = 19;
/// Up to so many bytes are recorded as they are: to unpack them, or to look up a text of theirs,
/// would each be a fifth of the time that the endpoint takes for a call. `pack` makes them small.
const RECORDED_RAW: usize = 1 << 10;
/// How much larger than its dictionary the samples are (measured on two cassettes, of 0.6 and
/// of 9 MB of samples).
const SAMPLES_TO_DICTIONARY: usize = 28;
/// Bytes of a trained dictionary. A smaller one costs more than it saves, a larger one is slow
/// to load.
const DICTIONARY_SIZES: std::ops::RangeInclusive<usize> = (2 << 10)..=(64 << 10);

/// Packs messages.
pub struct Packer {
    shared: SharedTexts,
    unpacker: Unpacker,
    /// Up to so many bytes stay as they are.
    raw: usize,
    plain: Compressor<'static>,
    with_dictionary: Option<Compressor<'static>>,
}

impl Packer {
    /// A packer for recording into a cassette that may have a dictionary: fast, without using
    /// it.
    ///
    /// # Errors
    /// Where zstd has no memory.
    pub fn for_recording(dictionary: &[u8]) -> std::io::Result<Self> {
        Ok(Self {
            shared: SharedTexts::Any,
            unpacker: Unpacker::new(dictionary)?,
            raw: RECORDED_RAW,
            plain: Compressor::new(RECORDING_LEVEL)?,
            with_dictionary: None,
        })
    }

    /// A packer for `pack`: small.
    ///
    /// # Errors
    /// Where zstd has no memory.
    pub fn for_packing(dictionary: &[u8], shared: SharedTexts) -> std::io::Result<Self> {
        let with_dictionary = (!dictionary.is_empty())
            .then(|| Compressor::with_dictionary(PACKED_LEVEL, dictionary))
            .transpose()?;
        Ok(Self {
            shared,
            unpacker: Unpacker::new(dictionary)?,
            raw: 0,
            plain: Compressor::new(PACKED_LEVEL)?,
            with_dictionary,
        })
    }

    /// Which texts are taken out of a message of so many bytes.
    pub const fn shared(&self, length: usize) -> &SharedTexts {
        if length <= self.raw {
            return &SharedTexts::None;
        }
        &self.shared
    }

    /// Whether these bytes were packed into those.
    pub fn is_packed(&mut self, bytes: &[u8], packed: &[u8]) -> bool {
        self.unpacker.unpack(packed).as_deref() == Some(bytes)
    }

    /// Packs bytes into whatever form is smallest, short ones of a recording aside.
    ///
    /// # Errors
    /// Where zstd has no memory.
    pub fn pack(&mut self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut best = tagged(form::RAW, bytes);
        if bytes.len() <= self.raw {
            return Ok(best);
        }
        let plain = tagged(form::ZSTD, &self.plain.compress(bytes)?);
        if plain.len() < best.len() {
            best = plain;
        }
        if let Some(compressor) = &mut self.with_dictionary {
            let packed = tagged(form::ZSTD_DICTIONARY, &compressor.compress(bytes)?);
            if packed.len() < best.len() {
                best = packed;
            }
        }
        Ok(best)
    }
}

fn tagged(form: u8, bytes: &[u8]) -> Vec<u8> {
    let mut tagged = Vec::with_capacity(bytes.len() + 1);
    tagged.push(form);
    tagged.extend_from_slice(bytes);
    tagged
}

/// Unpacks what a [`Packer`] packed.
pub struct Unpacker {
    plain: Decompressor<'static>,
    with_dictionary: Option<Decompressor<'static>>,
}

impl Unpacker {
    /// An unpacker with a cassette's dictionary; empty where it has none.
    ///
    /// # Errors
    /// Where zstd has no memory.
    pub fn new(dictionary: &[u8]) -> std::io::Result<Self> {
        let with_dictionary = (!dictionary.is_empty())
            .then(|| Decompressor::with_dictionary(dictionary))
            .transpose()?;
        Ok(Self {
            plain: Decompressor::new()?,
            with_dictionary,
        })
    }

    /// Unpacks; `None` where the bytes are damaged.
    pub fn unpack<'p>(&mut self, packed: &'p [u8]) -> Option<Cow<'p, [u8]>> {
        let (form, rest) = packed.split_first()?;
        let decompressor = match *form {
            form::RAW => return Some(Cow::Borrowed(rest)),
            form::ZSTD => &mut self.plain,
            form::ZSTD_DICTIONARY => self.with_dictionary.as_mut()?,
            _ => return None,
        };
        let size = get_frame_content_size(rest).ok()??;
        let size = usize::try_from(size).ok().filter(|size| *size <= LARGEST)?;
        decompressor.decompress(rest, size).ok().map(Cow::Owned)
    }
}

/// Trains a dictionary; empty where there is too little to learn from.
pub fn train(samples: Samples) -> Vec<u8> {
    let samples = samples.into_all();
    let total: usize = samples.iter().map(Vec::len).sum();
    let size = (total / SAMPLES_TO_DICTIONARY).min(*DICTIONARY_SIZES.end());
    if !DICTIONARY_SIZES.contains(&size) {
        return Vec::new();
    }
    // zstd refuses samples that are all alike: then there is nothing to learn either.
    from_samples(&samples, size).unwrap_or_default()
}
