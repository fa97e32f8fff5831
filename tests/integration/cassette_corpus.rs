//! Real exchanges in a cassette: every one is taken, comes back byte for byte, survives its
//! own export, and takes little room.

use std::path::{Path, PathBuf};

use bedrock_replay::cassette::{Incoming, Keys, Published, Reader, Verification, export, pack};
use bedrock_replay::identity::MatchOn;

use crate::cassette::session;
use crate::corpus::{self, CorpusExchange};

/// The packed cassette's size over that of all bodies, in thousandths. `zstd -19 --long=27` over
/// all bodies in one stream, without an index and without headers, comes to 166.
const LARGEST_PERMILLE: u64 = 200;

/// A cassette of the whole corpus, made once for all tests.
fn import(folder: &Path, exchanges: &[CorpusExchange]) -> (PathBuf, Published) {
    let path = folder.join("corpus.sqlite");
    let mut lines = corpus::lines().unwrap();
    let published =
        Published::read(&mut lines, "dev.jsonl.gz", &MatchOn::new(), &session(1)).unwrap();
    assert_eq!(published.refused, []);
    let imported = published.incoming.merge_into(&path).unwrap();
    assert_eq!(imported.added, exchanges.len() as u64);
    (path, published)
}

fn exported(path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    export(&mut Reader::open(path).unwrap(), &mut text).unwrap();
    text
}

#[test]
fn the_corpus_fits_into_little_room_and_survives_its_export() {
    let Some(exchanges) = corpus::read() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, published) = import(folder.path(), &exchanges);
    let packed = pack(&path, &Keys::AsTheyAre).unwrap();
    let raw: u64 = exchanges
        .iter()
        .map(|exchange| (exchange.request.body.len() + exchange.response.body.len()) as u64)
        .sum();
    let permille = packed.after * 1_000 / raw;
    eprintln!(
        "{} exchanges, {} incomplete; {raw} bytes of bodies, {} as recorded, {} packed: {permille} ‰",
        exchanges.len(),
        published.incomplete,
        packed.before,
        packed.after,
    );
    assert!(permille <= LARGEST_PERMILLE, "{permille} ‰");

    let text = exported(&path);
    eprintln!("export: {} bytes", text.len());
    let copy = folder.path().join("copy.sqlite");
    let incoming = Incoming::read_export(&mut &*text, "export").unwrap();
    incoming.merge_into(&copy).unwrap();
    assert!(exported(&copy) == text);
    pack(&copy, &Keys::AsTheyAre).unwrap();
    assert!(std::fs::read(&copy).unwrap() == std::fs::read(&path).unwrap());
    let verification = Verification::of(&path).unwrap();
    assert_eq!(verification.damaged, []);
    assert_eq!(verification.warnings.len(), published.incomplete);
}
