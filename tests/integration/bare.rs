//! The program in an environment of its own: nothing that lies on the developer's machine or in
//! its variables reaches it, so that no test can ask AWS for anything.

use std::path::Path;
use std::process::Command;

use bedrock_replay::environment::Environment;

/// The program with no configuration, no credentials, and no machine of AWS below it.
pub fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-replay"));
    let path = Environment::of_process();
    command
        .env_clear()
        .env("PATH", path.get("PATH").unwrap_or_default())
        .env("HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("home"))
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}
