//! How wide the page is that a person reads.

use bedrock_replay::environment::Environment;
use bedrock_replay::report::{Format, Table, TableWithin};

/// Tables per model, for the page that is there.
pub fn table() -> Box<dyn Format> {
    match of_stdout() {
        Some(most) => Box::new(TableWithin(most)),
        None => Box::new(Table),
    }
}

/// Columns of a line: what `COLUMNS` says, else what the terminal has; none where standard
/// output goes to a file or a program, which lose nothing.
pub fn of_stdout() -> Option<usize> {
    let environment = Environment::of_process();
    let named = environment
        .get("COLUMNS")
        .and_then(|columns| columns.parse().ok());
    named.or_else(of_terminal).filter(|columns| *columns > 0)
}

#[cfg(unix)]
fn of_terminal() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(size.ws_col.into())
}

#[cfg(not(unix))]
fn of_terminal() -> Option<usize> {
    None
}
