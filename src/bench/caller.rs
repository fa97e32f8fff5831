//! The one place from which Bedrock is called: every try of every call passes here, waits for
//! its quota, is tried again or elsewhere where that may help, and is told to whoever watches.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{Builder, StalledStreamProtectionConfig};
use tracing::Instrument as _;

use super::attempt::{Invocation, Try};
use super::call::{CallFailure, Failed};
use super::expenses::Expenses;
use super::heard::Listener;
use super::lost::{Facts, Lost};
use super::origin::Origin;
use super::progress::Tick;
use super::queue::Queue;
use super::quotas::Quotas;
use super::regions::{Answered as AnsweredIn, asked_for};
use super::stop::{Stop, Stopped};
use crate::client::{Gate, Passage, Way, Whereabouts};
use crate::clock::{SharedClock, SystemClock};
use crate::exchange::Operation;
use crate::judge::Tokens;
use crate::quota::Size;
use crate::retry::{Again, RetryPolicy};
use crate::telemetry::{CallSpan, Ended, Made, Meter};

/// Where the parts of a wait come from: each a number from 0 to 1.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// The region whose quota counts where none is named.
const UNNAMED: &str = "";

/// What a call is, before it is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) operation: Operation,
    pub(crate) temperature: Option<f32>,
    pub(crate) model: &'a str,
    pub(crate) size: Size,
}

/// An answer that may tell what it used.
pub(crate) trait Answered {
    fn tokens(&self) -> Option<Tokens>;
    fn stop_reason(&self) -> Option<&str>;
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Log {
    /// Every call.
    Calls,
    /// Nothing: who looks at what is recorded calls nobody.
    Nothing,
}

/// How Bedrock is called.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) clock: SharedClock,
    pub(crate) jitter: Jitter,
    pub(crate) tick: Tick,
    pub(crate) origin: Origin,
    pub(crate) stop: Stop,
    pub(crate) listener: Option<Listener>,
    pub(crate) meter: Option<Meter>,
    pub(crate) log: Log,
    /// Tried in this order; none is the client's own.
    pub(crate) regions: Vec<String>,
    /// Where the calls of this dialogue were answered.
    pub(crate) answered_in: AnsweredIn,
    pub(crate) expenses: Option<Expenses>,
    /// The model under test in this dialogue.
    model: String,
    /// Whether anybody answered a call of this run that was sent.
    heard: Arc<AtomicBool>,
    retry: RetryPolicy,
    quotas: Option<Arc<Quotas>>,
}

impl Caller {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            clock: Arc::new(SystemClock::new()),
            jitter: Arc::new(fastrand::f64),
            tick: Tick::default(),
            origin: Origin::default(),
            stop: Stop::default(),
            listener: None,
            meter: None,
            log: Log::Calls,
            quotas: None,
            regions: Vec::new(),
            answered_in: AnsweredIn::default(),
            expenses: None,
            model: String::new(),
            heard: Arc::default(),
            retry: RetryPolicy::never(),
        }
    }

    /// From now on this policy alone tries again: two on top of each other would multiply.
    pub(crate) fn set_retry(&mut self, policy: RetryPolicy) {
        self.reconfigure(|config| config.retry_config(RetryConfig::disabled()));
        self.retry = policy;
    }

    /// From now on calls wait before these turnstiles. They do so inside the SDK, which must
    /// not take it for an upload that stalls.
    pub(crate) fn set_quotas(&mut self, quotas: Quotas) {
        let patient = StalledStreamProtectionConfig::enabled().upload_enabled(false);
        self.reconfigure(|config| config.stalled_stream_protection(patient.build()));
        self.quotas = Some(Arc::new(quotas));
    }

    /// The same for one dialogue of a model: what it is told of its calls is told of no other's.
    pub(crate) fn of_dialogue(&self, model: &str) -> Self {
        Self {
            answered_in: AnsweredIn::default(),
            model: model.to_owned(),
            ..self.clone()
        }
    }

    fn reconfigure(&mut self, change: impl FnOnce(Builder) -> Builder) {
        let config = change(self.client.config().to_builder());
        self.client = Client::from_conf(config.build());
    }

    /// Makes a call, as often and where the policy allows.
    pub(crate) async fn ask<T, F>(
        &self,
        ask: Ask<'_>,
        once: impl Fn(Try) -> F,
    ) -> Result<T, CallFailure>
    where
        T: Answered,
        F: Future<Output = Result<T, Failed>>,
    {
        let answer = self.tries(ask, once).await;
        match &answer {
            Err(CallFailure::Stopped) => return answer,
            // Asking on would only say the same of every call.
            Err(failure) if failure.is_of_every_call() => self.stop.give_up(),
            _ => {}
        }
        self.tick.call_ended();
        answer
    }

    async fn tries<T, F>(&self, ask: Ask<'_>, once: impl Fn(Try) -> F) -> Result<T, CallFailure>
    where
        T: Answered,
        F: Future<Output = Result<T, Failed>>,
    {
        let invocation = (self.retry.tries > NonZeroU32::MIN || self.regions.len() > 1)
            .then(Invocation::new)
            .flatten();
        let most = ask.size.most_output;
        let span = match self.log {
            Log::Calls => CallSpan::begin(ask.model, ask.operation.name(), most, ask.temperature),
            Log::Nothing => CallSpan::silent(),
        };
        let mut tried = 0;
        loop {
            let everywhere = self.everywhere(ask, &once, invocation.as_ref(), &span);
            let lost = match everywhere.instrument(span.span()).await {
                Ok(answer) if tried == 0 => return Ok(answer),
                Ok(answer) => {
                    span.recovered();
                    return Ok(answer);
                }
                Err(lost) => lost,
            };
            tried += 1;
            // Where nobody ever listened, it is the address that is wrong, or nothing is started.
            let is_alone =
                lost.failed.failure.is_of_nobody() && !self.heard.load(Ordering::Relaxed);
            let wait = self.wait_after(tried, &lost.failed);
            let Some(wait) = wait.filter(|_| !is_alone) else {
                tell_failed(ask.model, &lost, tried, &span);
                return Err(lost.failed.failure);
            };
            let failed = lost.failed;
            let is_throttled = failed.again == Again::Slower;
            span.retrying(failed.failure.label(), is_throttled, wait);
            self.stop.or(tokio::time::sleep(wait)).await?;
        }
    }

    fn wait_after(&self, tried: u32, failed: &Failed) -> Option<Duration> {
        if !failed.again.is_transient() {
            return None;
        }
        let now = self.clock.now();
        let asked = failed.retry_after.map(|after| after.from_now(now));
        self.retry.wait(tried, asked, (self.jitter)())
    }

    /// One try: in each region, until one has an answer or an error that would be the same
    /// everywhere.
    async fn everywhere<T, F>(
        &self,
        ask: Ask<'_>,
        once: impl Fn(Try) -> F,
        invocation: Option<&Invocation>,
        span: &CallSpan,
    ) -> Result<T, Lost>
    where
        T: Answered,
        F: Future<Output = Result<T, Failed>>,
    {
        let mut hopeful: Option<Lost> = None;
        let own = [None];
        let named = asked_for(&self.regions, ask.model);
        let named: Vec<Option<&String>> = named.into_iter().map(Some).collect();
        let regions: &[Option<&String>] = if named.is_empty() { &own } else { &named };
        for (index, region) in regions.iter().enumerate() {
            let attempt = Try::new(invocation, region.cloned(), &self.origin);
            let lost = match self.transmit(ask, &once, attempt, span).await {
                Ok(answer) => return Ok(answer),
                Err(lost) if lost.failed.again == Again::Never => return Err(lost),
                Err(lost) => lost,
            };
            if let (Some(here), Some(Some(next))) = (region, regions.get(index + 1)) {
                span.going_on(lost.failed.failure.label(), here, next);
            }
            hopeful = match hopeful {
                Some(before) if before.failed.hope() > lost.failed.hope() => Some(before),
                _ => Some(lost),
            };
        }
        Err(hopeful.unwrap_or_else(|| Stopped.into()))
    }

    async fn transmit<T, F>(
        &self,
        ask: Ask<'_>,
        once: impl Fn(Try) -> F,
        attempt: Try,
        span: &CallSpan,
    ) -> Result<T, Lost>
    where
        T: Answered,
        F: Future<Output = Result<T, Failed>>,
    {
        if self.stop.is_over() {
            return Err(Stopped.into());
        }
        span.invoking(ask.model);
        let queue = self.queue(ask, &attempt);
        let gate = Some(Box::new(queue.clone()) as Box<dyn Gate>);
        let asked = self.region_of(&attempt).map(str::to_owned);
        let passage = Passage::new(gate, attempt.region.clone());
        let answer = passage.enter(once(attempt)).await;
        let answer = match passage.way() {
            Way::Replayed { .. } => answer,
            Way::Sent | Way::Unknown => self.heard_of(answer),
        };
        let used = answer
            .as_ref()
            .map(|answer| answer.tokens().map(Tokens::total));
        queue.settle(used.map_err(|failed| failed.again));
        if let Ok(answer) = &answer {
            self.book(ask, answer, passage.answer());
        }
        let facts = Self::facts(ask, &passage, &queue, asked);
        self.tell(ask, &facts, &answer, span);
        answer.map_err(|failed| Lost::new(failed, facts))
    }

    /// What is told of a transmission that is over; `asked` is the region that it was for.
    fn facts(ask: Ask<'_>, passage: &Passage, queue: &Queue, asked: Option<String>) -> Facts {
        let answer = passage.answer();
        let recorded_at = answer.as_ref().and_then(|answer| answer.recorded_at);
        let region = answer.and_then(|answer| answer.region);
        let (latency, made, region) = match passage.way() {
            Way::Replayed { total, .. } => (total, Made::Recorded(recorded_at), region),
            Way::Sent | Way::Unknown => {
                let latency = passage.took().unwrap_or_else(|| queue.underway());
                (latency, Made::Now, region.or(asked))
            }
        };
        Facts {
            operation: ask.operation.name(),
            region,
            latency,
            made,
        }
    }

    /// Notes whether somebody answered what was sent.
    fn heard_of<T>(&self, answer: Result<T, Failed>) -> Result<T, Failed> {
        let is_heard = match &answer {
            Ok(_) => true,
            Err(failed) => matches!(
                failed.failure,
                CallFailure::Refused { .. } | CallFailure::Unreadable { .. }
            ),
        };
        if is_heard {
            self.heard.store(true, Ordering::Relaxed);
        }
        answer.map_err(Failed::of_sent)
    }

    /// Keeps where an answer came from, and what it cost.
    fn book(&self, ask: Ask<'_>, answer: &impl Answered, from: Option<Whereabouts>) {
        if let Some(expenses) = &self.expenses {
            expenses.add(&self.model, ask.model, answer.tokens(), from.as_ref());
        }
        self.answered_in.count(from.and_then(|from| from.region));
    }

    /// Tells whoever watches. What was never made is nothing to tell.
    fn tell<T: Answered>(
        &self,
        ask: Ask<'_>,
        facts: &Facts,
        answer: &Result<T, Failed>,
        span: &CallSpan,
    ) {
        let ended = match answer {
            Ok(answer) => {
                let tokens = answer.tokens();
                Ended::Answered {
                    input: tokens.map(Tokens::all_input),
                    output: tokens.map(|tokens| tokens.output),
                }
            }
            Err(failed) if failed.failure.is_of_no_call() => return,
            Err(failed) => failed.ended(),
        };
        let transmission = facts.transmission(ask.model, ended);
        let finish_reason = answer.as_ref().ok().and_then(Answered::stop_reason);
        span.ended(&transmission, finish_reason);
        if let Some(meter) = &self.meter {
            meter(&transmission);
        }
    }

    /// The region that is asked, where one is set.
    fn region_of<'a>(&'a self, attempt: &'a Try) -> Option<&'a str> {
        let own = || self.client.config().region().map(AsRef::as_ref);
        attempt.region.as_deref().or_else(own)
    }

    fn queue(&self, ask: Ask<'_>, attempt: &Try) -> Queue {
        let region = self.region_of(attempt).unwrap_or(UNNAMED);
        let quotas = self.quotas.as_ref();
        let turnstile = quotas.map(|quotas| quotas.turnstile(region, ask.model));
        Queue::new(
            turnstile,
            ask.size,
            self.stop.clone(),
            Arc::clone(&self.clock),
        )
    }
}

/// Tells that a call has failed in the end. One that was stopped has not.
fn tell_failed(model: &str, lost: &Lost, tries: u32, span: &CallSpan) {
    let failed = &lost.failed;
    match &lost.facts {
        Some(facts) => span.failed(&facts.transmission(model, failed.ended()), tries),
        None if failed.failure == CallFailure::Stopped => {}
        None => span.unmade(failed.failure.label()),
    }
}
