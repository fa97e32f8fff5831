//! Exit codes: scripts depend on them.

/// All went well.
pub const OK: u8 = 0;
/// Something failed.
pub const FAILURE: u8 = 1;
/// The command line is wrong; clap uses the same.
pub const USAGE: u8 = 2;
/// A comparison of judges cannot be decided from so few dialogues.
pub const INCONCLUSIVE: u8 = 3;
/// What is to be compared cannot be, or cannot be read.
pub const NOT_COMPARABLE: u8 = 4;
/// In replay mode a request had no recorded exchange.
pub const REPLAY_MISS: u8 = 5;
/// Recorded exchanges were left over, and that was to be an error.
pub const UNUSED: u8 = 6;
/// The command of `exec` could not be started; shells use the same.
pub const NOT_EXECUTABLE: u8 = 126;
/// The command of `exec` was not found; shells use the same.
pub const NOT_FOUND: u8 = 127;
/// The run was interrupted, as shells number it.
pub const INTERRUPTED: u8 = 130;
