//! A run that somebody waits for: it is shown how far it has come, and the interrupt key ends it
//! between two calls.

use std::sync::Arc;

use bedrock_replay::bench::{Run, Stop};
use bedrock_replay::words::counted;
use bedrock_replay::{Cassette, Mode};

use super::exit_code;
use super::failure::Failure;
use super::metrics_file::MetricsFile;
use super::progress::{Audience, Progress};
use super::stop::Requests;
use super::stopping::stop_at_request;
use super::upstream_options::UpstreamOptions;
use super::watching::Watching;

/// The one who waits.
pub struct Attended {
    progress: Progress,
    stop: Stop,
    /// Heard from the beginning, until they stop the run.
    requests: Option<Requests>,
    metrics: Option<Arc<MetricsFile>>,
}

impl Attended {
    /// Waits for so many calls. Whoever records begins with it, before a cassette is made: a
    /// request to stop is heard from now on, and there is a place for the metrics.
    pub fn listen(calls: u64, audience: Audience, watching: &Watching) -> Result<Self, Failure> {
        Ok(Self {
            metrics: watching.metrics()?.map(Arc::new),
            progress: Progress::new(calls, audience),
            stop: Stop::default(),
            requests: Some(Requests::listen().map_err(Failure::general)?),
        })
    }

    /// Tells a run how to ask, whom to tell of it, and by what it is stopped.
    pub fn equip(&self, run: Run, cassette: &Cassette, upstream: &UpstreamOptions) -> Run {
        let ticked = self.progress.clone();
        let run = run
            .stop(self.stop.clone())
            .on_call(Arc::new(move || ticked.tick()));
        let run = upstream.apply(run, cassette);
        match &self.metrics {
            Some(metrics) => run.meter(metrics.meter()),
            None => run,
        }
    }

    /// How the command went, once everything else is told: metrics that could not be written
    /// are a failure as well, beside another one.
    pub fn end<T>(&self, done: Result<T, Failure>) -> Result<T, Failure> {
        let written = self.metrics.as_ref().map_or(Ok(()), |file| file.check());
        match (done, written) {
            (Ok(done), written) => written.map(|()| done),
            (Err(failure), Ok(())) => Err(failure),
            (Err(failure), Err(unwritten)) => {
                unwritten.report();
                Err(failure)
            }
        }
    }

    /// Waits for the end of what was equipped.
    pub async fn wait<T>(&mut self, cassette: &Cassette, work: impl Future<Output = T>) -> T {
        let listening = self.requests.take().map(|requests| {
            let playback = Arc::clone(cassette.playback());
            tokio::spawn(stop_at_request(requests, self.stop.clone(), playback))
        });
        let ended = work.await;
        if let Some(listening) = listening {
            listening.abort();
        }
        self.progress.clear();
        ended
    }

    /// Where it was stopped: what was done before, and the command that goes on.
    pub fn stopped(&self, cassette: &Cassette, go_on: &str) -> Option<Failure> {
        if !self.stop.is_asked() {
            return None;
        }
        let calls = counted(self.progress.ended(), "call");
        let path = cassette.playback().path().display();
        let text = match cassette.mode() {
            Mode::Replay => format!("stopped after {calls}"),
            Mode::Passthrough => format!("stopped after {calls}, none of them recorded"),
            Mode::RecordMissing | Mode::RecordAll => format!(
                "stopped after {calls}: what was answered is in `{path}`\n  go on     {go_on}"
            ),
        };
        Some(Failure::with_code(exit_code::INTERRUPTED, text))
    }
}
