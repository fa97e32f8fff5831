//! A run that is asked to stop ends between two calls; asked again, it ends at once.

use std::sync::Arc;

use bedrock_replay::Cassette;
use bedrock_replay::bench::Stop;
use bedrock_replay::playback::Playback;

use super::exit_code;
use super::failure::Failure;
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

/// Work on a cassette that ends at once where that is asked for, and leaves one plain file.
pub async fn unless_stopped<T>(
    cassette: &Cassette,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let mut requests = Requests::listen().map_err(Failure::general)?;
    tokio::select! {
        done = work => Ok(done),
        asked = requests.next() => {
            asked.map_err(Failure::general)?;
            cassette.playback().close();
            let path = cassette.playback().path().display();
            let text = format!("stopped: what was answered is in `{path}` (the same command goes on)");
            Err(Failure::with_code(exit_code::INTERRUPTED, text))
        }
    }
}
