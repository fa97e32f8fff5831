//! A run that is asked to stop ends between two calls; asked again, it ends at once.

use std::sync::Arc;

use bedrock_replay::bench::Stop;
use bedrock_replay::playback::Playback;

use super::exit_code;
use super::stop::Requests;

/// Waits for a request to stop, and stops the run.
pub async fn stop_at_request(mut requests: Requests, run: Stop, playback: Arc<Playback>) {
    if requests.next().await.is_err() {
        return;
    }
    run.ask();
    anstream::eprintln!("stopping once the calls under way have ended (again: at once)");
    if requests.next().await.is_ok() {
        playback.close();
        std::process::exit(exit_code::INTERRUPTED.into());
    }
}
