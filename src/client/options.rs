//! What a user chooses when opening a cassette.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::cassette::Aws;
use super::{Cassette, OpenError};
use crate::clock::{Clock, SharedClock, SystemClock};
use crate::environment::Environment;
use crate::identity::MatchOn;
use crate::playback::{
    Attempts, Explained, Mode, Pace, Playback, PlaybackOptions, ResolvedMode, Unused,
};
use crate::redaction::Redaction;

/// The ways in.
impl Cassette {
    /// Opens a cassette in the mode that `BEDROCK_REPLAY_MODE` names, else `replay`.
    ///
    /// # Errors
    /// [`OpenError`]: no such file in mode `replay`, no cassette, a newer format, damage.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options(path).open()
    }

    /// Choices beyond the defaults.
    pub fn options(path: impl AsRef<Path>) -> CassetteOptions {
        CassetteOptions::new(path.as_ref())
    }
}

/// Choices for a cassette; [`CassetteOptions::open`] opens it.
#[derive(Debug, Clone)]
#[must_use = "nothing is opened until `open` is called"]
pub struct CassetteOptions {
    path: PathBuf,
    mode: Option<Mode>,
    playback: PlaybackOptions,
    endpoint_url: Option<String>,
    region: Option<String>,
    default_region: Option<String>,
    environment: Option<Environment>,
    clock: Option<SharedClock>,
}

impl CassetteOptions {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            mode: None,
            playback: PlaybackOptions::default(),
            endpoint_url: None,
            region: None,
            default_region: None,
            environment: None,
            clock: None,
        }
    }

    /// The record mode, unless `BEDROCK_REPLAY_MODE` names another. Under `CI=true` only that
    /// variable lets a request out.
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Which parts of a request count.
    pub fn match_on(mut self, match_on: MatchOn) -> Self {
        self.playback.match_on = match_on;
        self
    }

    /// What is replaced before anything is hashed or reaches disk.
    pub fn redaction(mut self, redaction: Redaction) -> Self {
        self.playback.redaction = redaction;
        self
    }

    /// Which attempts of an exchange are replayed.
    pub const fn attempts(mut self, attempts: Attempts) -> Self {
        self.playback.attempts = attempts;
        self
    }

    /// How fast answers are replayed.
    pub const fn pace(mut self, pace: Pace) -> Self {
        self.playback.pace = pace;
        self
    }

    /// What is said of exchanges that were not replayed.
    pub const fn unused(mut self, unused: Unused) -> Self {
        self.playback.unused = unused;
        self
    }

    /// Which misses are explained.
    pub const fn explained(mut self, explained: Explained) -> Self {
        self.playback.explained = explained;
        self
    }

    /// Lets `record-missing` ask again what was recorded by a session that began before this, and
    /// replace it: to go on with a `record-all` that was interrupted, or to renew old answers.
    pub const fn since(mut self, since: Timestamp) -> Self {
        self.playback.since = Some(since);
        self
    }

    /// The size in bytes that the file never exceeds; a recording that would fails with
    /// [`Problem::Full`](crate::cassette::Problem::Full).
    pub const fn largest(mut self, bytes: u64) -> Self {
        self.playback.largest = Some(bytes);
        self
    }

    /// The endpoint that [`Cassette::client`] records from, instead of the region's own: the
    /// simulator, a proxy, a VPC endpoint. By default `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` or
    /// `AWS_ENDPOINT_URL`, as for every SDK. A loopback endpoint is sent no credentials, unless
    /// `BEDROCK_REPLAY_SIGN=always` says so.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// The region that [`Cassette::client`] calls; by default what the AWS configuration says.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The region that [`Cassette::client`] calls where neither this program nor the AWS
    /// configuration names one; by default such a call fails.
    pub fn default_region(mut self, region: impl Into<String>) -> Self {
        self.default_region = Some(region.into());
        self
    }

    /// The environment, instead of the process's.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The clock, instead of the machine's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Whether [`Cassette::client`] will ask an endpoint of this machine instead of AWS: see
    /// [`Cassette::asks_this_machine`].
    #[must_use]
    pub fn asks_this_machine(&self) -> bool {
        let of_process = Environment::of_process;
        let environment = self.environment.clone().unwrap_or_else(of_process);
        super::cassette::asks_this_machine(self.endpoint_url.as_deref(), &environment)
    }

    /// Opens the cassette.
    ///
    /// # Errors
    /// An unknown mode in the environment, or whatever is wrong with the file.
    pub fn open(mut self) -> Result<Cassette, OpenError> {
        let environment = self
            .environment
            .take()
            .unwrap_or_else(Environment::of_process);
        let resolved = Mode::resolve(self.mode, &environment)?;
        if let ResolvedMode::HeldBackByCi { asked } = resolved {
            tracing::warn!(
                "mode `{asked}` is held back because CI=true: the cassette is replayed (set {}={asked} to record)",
                crate::playback::MODE_VARIABLE
            );
        }
        self.playback.mode = resolved.mode();
        let clock = self
            .clock
            .take()
            .unwrap_or_else(|| Arc::new(SystemClock::new()));
        let playback = Playback::open(&self.path, self.playback.clone(), clock)?;
        let aws = Aws {
            endpoint_url: self.endpoint_url,
            region: self
                .region
                .or_else(|| environment.region().map(str::to_owned)),
            default_region: self.default_region,
            environment,
        };
        Ok(Cassette::new(Arc::new(playback), aws))
    }
}
