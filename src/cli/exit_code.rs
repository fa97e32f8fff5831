//! Exit codes: scripts depend on them.

/// All went well.
pub const OK: u8 = 0;
/// Something failed.
pub const FAILURE: u8 = 1;
/// The command line is wrong; clap uses the same.
pub const USAGE: u8 = 2;
/// In replay mode a request had no recorded exchange.
pub const REPLAY_MISS: u8 = 5;
/// The run was interrupted, as shells number it.
pub const INTERRUPTED: u8 = 130;
