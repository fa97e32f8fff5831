//! One request in, one answer out.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Response};
use hyper::body::Incoming;

use super::access::Access;
use super::body::{AnswerBody, Entry, Lasting};
use super::call::{Call, read};
use super::control::Control;
use super::forward::Failure;
use super::limits::ServerLimits;
use super::progress::Progress;
use super::refusal::Refusal;
use super::replay::{NoAnswer, Playing, play};
use super::route::Route;
use super::sender::{Outgoing, Sender};
use super::tally::{Summary, Tally};
use super::witness::{Answered, Source, Witness};
use super::{forward, gate};
use crate::cassette::{CassetteError, Slot};
use crate::exchange::{Origin, Provenance, Request, Target};
use crate::playback::{
    Decision, Missing, Mode, Playback, PlaybackReport, ReplayMiss, Replayed, Scope, Ticket,
};
use crate::socket::{CloseSwitch, Seat, Shape};

/// What the connections of an endpoint share.
#[derive(Debug)]
pub struct Desk {
    pub playback: Arc<Playback>,
    pub sender: Option<Arc<dyn Sender>>,
    pub witness: Option<Arc<dyn Witness>>,
    pub access: Access,
    pub limits: ServerLimits,
    pub scope: Scope,
    pub help: Option<String>,
    pub simulated: Simulated,
    pub tally: Arc<Tally>,
}

/// Which of the recorded answers the simulator gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulated {
    All,
    None,
    /// The cassette says it of each.
    Some,
}

/// The connection that a request came by.
#[derive(Debug, Clone)]
pub struct Place {
    pub seat: Arc<Seat>,
    pub shape: Shape,
    pub switch: CloseSwitch,
}

/// The connection ends without an answer.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection ends here")]
pub struct Cut;

impl Desk {
    /// Answers a request.
    ///
    /// # Errors
    /// Where the connection is to end instead.
    pub async fn serve(
        &self,
        request: http::Request<Incoming>,
        place: &Place,
    ) -> Result<Response<AnswerBody>, Cut> {
        let began = self.playback.clock().elapsed();
        let (parts, body) = request.into_parts();
        let answer = match self.admit(&parts, place) {
            Ok(route) if route.control().is_some() => self.control(&parts, &route),
            Ok(route) => self.take(&parts, route, body, place, began).await,
            Err(refusal) => Err(self.refused(refusal, None, began)),
        };
        let mut response = match answer {
            Ok(response) => response,
            Err(NoAnswer::Refused(refusal)) => {
                if refusal.is_closing() {
                    place.switch.linger();
                }
                refusal.response()
            }
            Err(NoAnswer::Cut) => return Err(Cut),
        };
        if place.shape.is_last() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Ok(response)
    }

    fn admit<'a>(&self, parts: &'a Parts, place: &Place) -> Result<Route<'a>, Refusal> {
        if place.shape.is_ambiguous() {
            let message = "the request's length cannot be told for certain (expected a `Content-Length`, or `Transfer-Encoding: chunked`, once)";
            return Err(Refusal::invalid(message).closing());
        }
        gate::check(parts, &self.access)?;
        let route = Route::of(parts)?;
        gate::admit(&self.access, route.token.as_deref())?;
        Ok(route)
    }

    fn control(&self, parts: &Parts, route: &Route<'_>) -> Result<Response<AnswerBody>, NoAnswer> {
        let control = Control {
            playback: &self.playback,
            summary: &|| self.summary(),
            missed: &|| self.tally.missed(),
            scope: route.scope.as_ref(),
        };
        let path = route.control().unwrap_or_default();
        Ok(control.answer(&parts.method, path)?)
    }

    /// The figures so far.
    ///
    /// # Errors
    /// A damaged file.
    pub fn summary(&self) -> Result<Summary, CassetteError> {
        let played = match self.playback.mode() {
            Mode::Passthrough => PlaybackReport::default(),
            Mode::Replay | Mode::RecordMissing | Mode::RecordAll => self.playback.report()?,
        };
        Ok(self.tally.summary(&played))
    }

    async fn take(
        &self,
        parts: &Parts,
        route: Route<'_>,
        body: Incoming,
        place: &Place,
        began: Duration,
    ) -> Result<Response<AnswerBody>, NoAnswer> {
        let path = route.path;
        let body = match read(parts, path, body, &self.limits, self.playback.mode()).await {
            Ok(body) => body,
            Err(NoAnswer::Refused(refusal)) => {
                return Err(self.refused(refusal, Some(path), began));
            }
            Err(NoAnswer::Cut) => return Err(NoAnswer::Cut),
        };
        let answering = place.seat.answering();
        let call = Call {
            parts,
            path,
            scope: route.scope.unwrap_or_else(|| self.scope.clone()),
            body,
        };
        let mut progress = Progress::new(&self.tally, self.entry(&call, began));
        let answer = self.answer(call, place, &mut progress).await;
        let mut answer = match answer {
            Ok(answer) => {
                progress.explain(&answer);
                answer
            }
            Err(NoAnswer::Refused(refusal)) => {
                progress.refused(&refusal);
                refusal.response()
            }
            Err(NoAnswer::Cut) => return Err(NoAnswer::Cut),
        };
        let entry = progress.answered(answer.status());
        answer.body_mut().lasting(Lasting { answering, entry });
        Ok(answer)
    }

    async fn answer(
        &self,
        call: Call<'_>,
        place: &Place,
        progress: &mut Progress<'_>,
    ) -> Result<Response<AnswerBody>, NoAnswer> {
        if self.playback.mode() == Mode::Passthrough {
            if let Ok(target) = Target::parse(call.parts.method.as_str(), call.path) {
                progress.asks(&target);
            }
            progress.comes_from(Source::Passed);
            return Ok(self.pass(call).await?);
        }
        let mut request = call.request()?;
        progress.asks(&request.target);
        self.find_origin(&mut request).await?;
        let region = request.origin.region.clone();
        let decision = self.playback.decide(request, &call.scope);
        match decision.map_err(Refusal::invalid)? {
            Decision::Replay(replayed) => {
                progress.comes_from(Source::Hit);
                self.replay(*replayed, place).await
            }
            Decision::Miss(missing) => {
                progress.comes_from(Source::Miss);
                Err(self.missed(missing).await.into())
            }
            Decision::Pass => {
                progress.comes_from(Source::Passed);
                Ok(self.pass(call).await?)
            }
            Decision::Forward(ticket) => {
                let answer = self.record(ticket, call.outgoing(region), progress).await;
                Ok(answer?)
            }
        }
    }

    /// Sends a request on and records what comes of it; what was not sent is refused.
    async fn record(
        &self,
        ticket: Box<Ticket>,
        outgoing: Outgoing,
        progress: &mut Progress<'_>,
    ) -> Result<Response<AnswerBody>, Refusal> {
        let sender = forward::sender(self.sender.as_ref(), self.playback.mode())?;
        progress.comes_from(Source::Recorded);
        let sent = forward::record(&self.playback, ticket, &**sender, outgoing, &self.tally).await;
        sent.map_err(|failure| match failure {
            Failure::Unrecorded(refusal) => {
                progress.comes_from(Source::Refused);
                refusal
            }
            Failure::Recorded(refusal) => refusal,
        })
    }

    async fn replay(
        &self,
        replayed: Replayed,
        place: &Place,
    ) -> Result<Response<AnswerBody>, NoAnswer> {
        let playing = self.playing(place, &replayed.slot);
        play(replayed, playing).await
    }

    fn playing(&self, place: &Place, slot: &Slot) -> Playing {
        Playing {
            pace: self.playback.pace(),
            is_simulated: self.is_simulated(slot),
            tally: Arc::clone(&self.tally),
            switch: place.switch.clone(),
        }
    }

    fn is_simulated(&self, slot: &Slot) -> bool {
        match self.simulated {
            Simulated::All => true,
            Simulated::None => false,
            Simulated::Some => {
                let provenance = self.playback.provenance_of(slot);
                matches!(provenance, Ok(Some(Provenance::Simulated)))
            }
        }
    }

    async fn pass(&self, call: Call<'_>) -> Result<Response<AnswerBody>, Refusal> {
        let sender = forward::sender(self.sender.as_ref(), self.playback.mode())?;
        forward::pass(&**sender, call.outgoing(None), &self.tally).await
    }

    /// The endpoint that the request is meant for: never this one.
    async fn find_origin(&self, request: &mut Request) -> Result<(), Refusal> {
        let region = request.origin.region.take();
        request.origin = match &self.sender {
            Some(sender) if self.playback.mode().forwards() => sender
                .origin(region.as_deref())
                .await
                .inspect_err(|_| self.playback.cannot_ask())
                .map_err(|error| forward::failed(&error))?,
            _ => Origin::of_region(region),
        };
        Ok(())
    }

    /// Explains a miss, away from the thread that serves everybody else.
    async fn missed(&self, missing: Box<Missing>) -> Refusal {
        let playback = Arc::clone(&self.playback);
        let explained = tokio::task::spawn_blocking(move || playback.explain(&missing)).await;
        match explained {
            Ok(Ok(miss)) => self.refuse(miss),
            Ok(Err(error)) => Refusal::invalid(error),
            Err(error) => Refusal::invalid(format!("a miss, which was not explained: {error}")),
        }
    }

    fn refuse(&self, miss: ReplayMiss) -> Refusal {
        let miss = match &self.help {
            Some(help) => {
                let also = miss.also.clone();
                miss.with_advice(also, help)
            }
            None => miss,
        };
        let message = miss.to_string();
        self.tally.keep(&miss, &message);
        Refusal::miss(message)
    }

    fn entry(&self, call: &Call<'_>, began: Duration) -> Option<Entry> {
        let witness = self.witness.as_ref()?;
        Some(Entry {
            witness: Arc::clone(witness),
            clock: self.playback.clock().clone(),
            began,
            call: Answered {
                operation: None,
                subject: without_query(call.path).to_owned(),
                scope: call.scope.name().to_owned(),
                source: Source::Refused,
                status: None,
                elapsed: Duration::ZERO,
                note: None,
            },
        })
    }

    /// Counts and tells what is refused before it is a call.
    fn refused(&self, refusal: Refusal, path: Option<&str>, began: Duration) -> NoAnswer {
        self.tally.count(Source::Refused);
        if let Some(witness) = &self.witness {
            let elapsed = self.playback.clock().elapsed().saturating_sub(began);
            witness.answered(&Answered {
                operation: None,
                subject: without_query(path.unwrap_or_default()).to_owned(),
                scope: String::new(),
                source: Source::Refused,
                status: Some(refusal.status().as_u16()),
                elapsed,
                note: Some(refusal.message().to_owned()),
            });
        }
        refusal.into()
    }
}

/// A query may hold what no log should: a presigned signature, a token.
fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}
