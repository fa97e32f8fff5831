//! A cassette as a Rust developer uses it: open, take a client, replay.

use std::fmt;
use std::sync::Arc;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{
    BehaviorVersion, Builder, Config, Region, StalledStreamProtectionConfig,
};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::connector::ReplayHttpClient;
use super::offline::{ANY_REGION, InstantSleep, NoNetwork, NobodyListens, RecordedTimeouts};
use crate::cassette::CassetteError;
use crate::environment::Environment;
use crate::exchange::Provenance;
use crate::playback::{
    Attempts, FinishError, InScope, Mode, Pace, Playback, PlaybackReport, Scope, UnusableMode,
};

/// Why a cassette could not be opened.
#[derive(Clone, thiserror::Error)]
pub enum OpenError {
    /// The file.
    #[error("{error}{hint}", error = .0, hint = how_to_record(.0))]
    Cassette(#[from] CassetteError),
    /// `BEDROCK_REPLAY_MODE` names no mode.
    #[error(transparent)]
    Mode(#[from] UnusableMode),
}

/// Why no client could be made.
#[derive(Clone, thiserror::Error)]
pub enum ClientError {
    /// This build cannot reach AWS.
    #[error(
        "mode `{0}` needs a client that reaches AWS, and this build has none (enable the feature `live` of bedrock-replay, or use `Cassette::http_client` with a client of your own)"
    )]
    NotLive(Mode),
    /// The configuration of AWS.
    #[cfg(feature = "live")]
    #[error(transparent)]
    Upstream(#[from] crate::upstream::UpstreamError),
}

/// A test that ends with `?` prints this form: it has to read like the other.
impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// See [`OpenError`].
impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An open cassette and the doors to it.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use bedrock_replay::Cassette;
///
/// let cassette = Cassette::open("tests/cassettes/career.sqlite")?;
/// let client = cassette.client().await?;
/// let reply = client.converse().model_id("amazon.nova-lite-v1:0").send().await?;
/// cassette.finish()?;
/// # Ok(()) }
/// ```
///
/// Dropping it without [`Cassette::finish`] checks for unused exchanges as well: with
/// [`Unused::Error`](crate::playback::Unused::Error) it panics, unless the thread panics
/// already: a test's own failure is never masked.
///
/// A library cannot catch a signal: Ctrl-C while a test records leaves `-wal` and `-shm` beside the
/// file. Whoever opens the cassette next settles them, and nothing that was acknowledged is lost.
#[derive(Debug)]
pub struct Cassette {
    playback: Arc<Playback>,
    aws: Aws,
    finished: std::sync::atomic::AtomicBool,
}

/// Where and as whom a cassette records.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "live"),
    expect(dead_code, reason = "only a live client is sent anywhere")
)]
pub(super) struct Aws {
    pub endpoint_url: Option<String>,
    pub region: Option<String>,
    pub default_region: Option<String>,
    pub environment: Environment,
}

impl Aws {
    /// The endpoint that is named in place of AWS, outside of a profile.
    fn endpoint(&self) -> Option<&str> {
        endpoint(self.endpoint_url.as_deref(), &self.environment)
    }
}

fn endpoint<'a>(chosen: Option<&'a str>, environment: &'a Environment) -> Option<&'a str> {
    if chosen.is_some() {
        return chosen;
    }
    let ignored = environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let named = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"];
    named.iter().find_map(|name| environment.get(name))
}

/// Whether a client is sent to an endpoint of this machine instead of AWS: by what was chosen,
/// else by the environment.
pub(super) fn asks_this_machine(chosen: Option<&str>, environment: &Environment) -> bool {
    endpoint(chosen, environment).is_some_and(is_loopback)
}

impl Cassette {
    pub(super) fn new(playback: Arc<Playback>, aws: Aws) -> Self {
        Self {
            playback,
            aws,
            finished: false.into(),
        }
    }

    /// The record mode that holds.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.playback.mode()
    }

    /// The decision behind every door.
    #[must_use]
    pub const fn playback(&self) -> &Arc<Playback> {
        &self.playback
    }

    /// Who gave the recorded answers.
    ///
    /// # Errors
    /// A damaged file.
    pub fn provenance(&self) -> Result<Vec<Provenance>, CassetteError> {
        self.playback.provenance()
    }

    /// Whether [`Cassette::client`] asks an endpoint of this machine instead of AWS: the
    /// simulator, a proxy.
    #[must_use]
    pub fn asks_this_machine(&self) -> bool {
        self.aws.endpoint().is_some_and(is_loopback)
    }

    /// A client of the AWS SDK on this cassette. In mode `replay` it needs no credentials, no
    /// TLS and no network; otherwise it uses the standard AWS configuration. Credentials are
    /// asked for when a call has to be sent on, and not before; a role that
    /// `BEDROCK_ASSUME_ROLE_ARN` names is assumed.
    ///
    /// # Errors
    /// [`ClientError`] where the mode records and this build cannot, or the AWS configuration
    /// cannot be meant.
    pub async fn client(&self) -> Result<Client, ClientError> {
        if !self.mode().forwards() {
            return Ok(Client::from_conf(self.offline().build()));
        }
        let builder = self.live().await;
        let builder = builder.inspect_err(|_| self.playback.cannot_ask())?;
        Ok(Client::from_conf(builder.build()))
    }

    /// An HTTP client for an SDK configuration of your own; what is forwarded goes through
    /// `inner`, which mode `replay` never calls.
    #[must_use]
    pub fn http_client(&self, inner: impl HttpClient + 'static) -> SharedHttpClient {
        SharedHttpClient::new(ReplayHttpClient::new(Arc::clone(&self.playback), inner))
    }

    /// Puts this cassette into an SDK configuration of your own; in mode `replay` also the
    /// settings that a replay wants: no timeouts, no waiting between retries, and no retries
    /// but those of [`Attempts::All`].
    #[must_use]
    pub fn configure(&self, builder: Builder, inner: impl HttpClient + 'static) -> Builder {
        let builder = builder.http_client(self.http_client(inner));
        if self.mode().forwards() {
            return builder;
        }
        self.without_waiting(builder)
    }

    /// Runs a future in a scope: equal requests are counted for each scope by itself. A task
    /// that it spawns is carried along by
    /// `tokio::spawn(Scope::current().enter(future))`.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn scope<F: Future>(&self, name: impl AsRef<str>, future: F) -> InScope<F> {
        Scope::new(name).enter(future)
    }

    /// Commits what waits, leaves one plain file, and reports what was done and what was not
    /// asked for.
    ///
    /// # Errors
    /// A damaged file, or unused exchanges where the choice is
    /// [`Unused::Error`](crate::playback::Unused::Error).
    pub fn finish(&self) -> Result<PlaybackReport, FinishError> {
        self.finished
            .store(true, std::sync::atomic::Ordering::Relaxed);
        self.playback.finish()
    }

    fn offline(&self) -> Builder {
        let region = self.aws.region.as_deref().unwrap_or(ANY_REGION).to_owned();
        let builder = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .allow_no_auth()
            .interceptor(NobodyListens {
                attempts: self.playback.attempts(),
            })
            .http_client(self.http_client(NoNetwork));
        self.without_waiting(builder)
    }

    /// Sleeps are over at once, so that nothing that measures time by them may be on.
    fn without_waiting(&self, builder: Builder) -> Builder {
        let builder = self
            .retries(builder)
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .interceptor(RecordedTimeouts);
        match self.playback.pace() {
            Pace::Instant => builder.sleep_impl(InstantSleep),
            Pace::Recorded | Pace::Times(_) => builder,
        }
    }

    /// A recorded outcome is final. Where each attempt is replayed, retries are free: an SDK
    /// lets all clients of a process share one budget of them, which would make a replay
    /// depend on what else runs.
    fn retries(&self, builder: Builder) -> Builder {
        match self.playback.attempts() {
            Attempts::Outcome | Attempts::Answers => builder.retry_config(RetryConfig::disabled()),
            Attempts::All => builder.retry_partition(
                RetryPartition::custom("bedrock-replay")
                    .token_bucket(TokenBucket::unlimited())
                    .build(),
            ),
        }
    }

    #[cfg(feature = "live")]
    async fn live(&self) -> Result<Builder, ClientError> {
        use super::forward::{ToUpstream, configuration};

        let upstream = crate::upstream::Upstream::builder()
            .endpoint_url(self.aws.endpoint_url.clone())
            .environment(self.aws.environment.clone())
            .clock(Arc::clone(self.playback.clock()))
            .load()
            .await?;
        let region = match &self.aws.region {
            Some(region) => Some(region.clone()),
            None => upstream
                .find_region()
                .await
                .or_else(|| self.aws.default_region.clone()),
        };
        let builder = configuration(&upstream, region.as_deref());
        Ok(builder.http_client(self.http_client(ToUpstream::new(upstream, region))))
    }

    #[cfg(not(feature = "live"))]
    #[expect(clippy::unused_async, reason = "the other build of it awaits")]
    async fn live(&self) -> Result<Builder, ClientError> {
        Err(ClientError::NotLive(self.mode()))
    }
}

/// How a cassette is recorded that is not there yet.
const fn how_to_record(error: &CassetteError) -> &'static str {
    if error.problem.is_unrecorded() {
        RECORDING
    } else {
        ""
    }
}

#[cfg(feature = "live")]
const RECORDING: &str = " (to record it: BEDROCK_REPLAY_MODE=record-missing)";
#[cfg(not(feature = "live"))]
const RECORDING: &str = " (to record it: BEDROCK_REPLAY_MODE=record-missing); this build replays only (to record by `Cassette::client`, enable the feature `live` of bedrock-replay: `cargo test --features bedrock-replay/live`)";

/// Whether a URL stays on this machine: it is sent no credentials.
fn is_loopback(url: &str) -> bool {
    let uri = url.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl Drop for Cassette {
    fn drop(&mut self) {
        if *self.finished.get_mut() {
            return;
        }
        if std::thread::panicking() {
            self.playback.close();
            return;
        }
        match self.playback.finish() {
            Ok(_) => {}
            Err(FinishError::Unused(unused)) => panic!("{unused}"),
            Err(FinishError::Cassette(error)) => tracing::error!("{error}"),
        }
    }
}
