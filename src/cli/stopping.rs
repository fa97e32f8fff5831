//! A run that is asked to stop ends between two calls; asked again, it ends at once.

use bedrock_replay::bench::Stop;

use super::exit_code;
use super::stop;

/// Waits for the interrupt key or a request to terminate, and stops the run.
pub async fn stop_at_request(run: Stop) {
    if stop::asked_for().await.is_err() {
        return;
    }
    run.ask();
    anstream::eprintln!("stopping once the calls under way have ended (again: at once)");
    if stop::asked_for().await.is_ok() {
        // What was acknowledged is on disk.
        std::process::exit(exit_code::INTERRUPTED.into());
    }
}
