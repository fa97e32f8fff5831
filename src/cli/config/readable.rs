//! Whether the files that the settings name can be read: those that a person writes.

use std::error::Error;
use std::path::Path;

use bedrock_replay::bench::Plan;
use bedrock_replay::pricing::PriceBook;

use super::layers::Origin;

/// Why a plan cannot be read, with path and line. One that nobody named need not be there.
pub fn plan(path: &Path, origin: &Origin) -> Option<String> {
    if *origin == Origin::Default && !path.exists() {
        return None;
    }
    Plan::load(path).err().map(|error| told(&error))
}

/// The same of a price table, by default the one beside the plan.
pub fn prices(path: &Path, origin: &Origin, plan: &Path) -> Option<String> {
    let book = match origin {
        Origin::Default => PriceBook::beside(plan),
        _ => PriceBook::load(path),
    };
    book.err().map(|error| told(&error))
}

/// An error with its cause.
fn told(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
