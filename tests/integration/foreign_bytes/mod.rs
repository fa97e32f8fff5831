//! Bytes that others wrote, broken in many ways: no parser stops the program, and each refuses
//! what it would not give back. `fuzz/` searches the same checks for longer.

mod checks;

use std::path::PathBuf;

use checks::{ALL, Check};

/// Broken copies of each seed.
const COPIES: usize = 60;
/// Changes of a broken copy, at the most.
const CHANGES: usize = 4;

/// Numbers that are the same in each run (`SplitMix64`, Steele et al. 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap()
    }
}

/// The seeds of a target; a whole cassette is one for files.
fn seeds(target: &str) -> Vec<PathBuf> {
    let project = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(project.join("fixtures/foreign").join(target)).unwrap();
    let mut seeds: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    if target == "cassette_file" {
        seeds.push(project.join("tests/cassettes/tutor.sqlite"));
    }
    seeds.sort();
    seeds
}

fn break_it(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.next(bytes.len());
    let until = (at + 1 + numbers.next(9)).min(bytes.len());
    match numbers.next(5) {
        _ if bytes.is_empty() => bytes.push(b'{'),
        0 => bytes[at] ^= 1 << numbers.next(8),
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..until)),
        3 => bytes.insert(at, u8::try_from(numbers.next(256)).unwrap()),
        _ => {
            let repeated = bytes[at..until].to_vec();
            bytes.splice(at..at, repeated);
        }
    }
}

fn hold(target: &str, check: Check) {
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "{target} has no seed");
    let mut numbers = Numbers(7);
    for path in &seeds {
        let seed = std::fs::read(path).unwrap();
        check(&seed);
        for _ in 0..COPIES {
            let mut broken = seed.clone();
            for _ in 0..=numbers.next(CHANGES) {
                break_it(&mut broken, &mut numbers);
            }
            check(&broken);
        }
    }
}

#[test]
fn broken_bytes_stop_no_parser() {
    std::thread::scope(|scope| {
        for (target, check) in ALL {
            scope.spawn(move || hold(target, check));
        }
    });
}

#[test]
fn every_check_has_its_fuzz_target() {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
    // A published package does not hold the fuzz targets.
    let Ok(manifest) = std::fs::read_to_string(manifest) else {
        return;
    };
    for (target, _) in ALL {
        let row = format!("name = \"{target}\"");
        assert!(manifest.contains(&row), "{target}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), ALL.len());
}
