#![no_main]

#[allow(dead_code)]
#[path = "../../tests/integration/foreign_bytes/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::canonical_json(bytes));
