//! Taking back a cassette into which nothing was recorded.

use std::path::Path;

use super::connection::HeldBack;
use super::error::{CassetteError, Problem};
use super::read::Reader;

/// Removes a cassette that holds no exchange, and leaves any other as it is. Whoever waits for it
/// meanwhile finds no file, and makes a new one where it records.
///
/// # Errors
/// [`Problem::Busy`] while another has it open, or whatever is wrong with the file.
pub fn discard_if_empty(path: &Path) -> Result<(), CassetteError> {
    let held = HeldBack::everybody(path).map_err(|problem| problem.of(path))?;
    if !Reader::open_held(path, &held)?.is_empty()? {
        return Ok(());
    }
    std::fs::remove_file(path).map_err(|error| Problem::from(error).of(path))
}
