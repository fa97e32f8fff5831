//! One request in, one answer out.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderValue, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::access::Access;
use super::body::{AnswerBody, Entry, Lasting};
use super::control::Control;
use super::forward::Failure;
use super::gate::TOKEN_HEADER;
use super::limits::ServerLimits;
use super::refusal::{Message, Refusal};
use super::replay::{NoAnswer, Playing, play};
use super::route::{Route, SCOPE_HEADER};
use super::sender::{Outgoing, Sender};
use super::tally::{Summary, Tally};
use super::witness::{Answered, Source, Witness};
use super::{explained, forward, gate};
use crate::cassette::{CassetteError, Slot};
use crate::exchange::{Origin, Provenance, Request, RequestParts, Target};
use crate::playback::{Decision, Missing, Mode, Playback, ReplayMiss, Replayed, Scope, Ticket};
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

/// A request for an operation, read.
struct Call<'a> {
    parts: &'a Parts,
    path: &'a str,
    scope: Scope,
    body: Bytes,
}

/// A call that is being answered: counted, and told of, whatever becomes of it.
struct Progress<'a> {
    tally: &'a Tally,
    source: Source,
    entry: Option<Entry>,
}

impl Progress<'_> {
    fn comes_from(&mut self, source: Source) {
        self.source = source;
        if let Some(entry) = &mut self.entry {
            entry.call.source = source;
        }
    }

    fn asks(&mut self, target: &Target) {
        if let Some(entry) = &mut self.entry {
            entry.call.operation = Some(target.operation());
            target.subject().clone_into(&mut entry.call.subject);
        }
    }

    fn note(&mut self, note: impl FnOnce() -> Option<String>) {
        if let Some(entry) = &mut self.entry {
            entry.call.note = note();
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.tally.count(self.source);
    }
}

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
        let unused = match self.playback.mode() {
            Mode::Passthrough => 0,
            _ => self.playback.report()?.unused.len(),
        };
        Ok(self.tally.summary(unused as u64))
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
        let body = match self.read(parts, path, body).await {
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
        let mut progress = Progress {
            tally: &self.tally,
            source: Source::Refused,
            entry: self.entry(&call, began),
        };
        let answer = self.answer(call, place, &mut progress).await;
        let mut answer = match answer {
            Ok(answer) => {
                explain(&mut progress, &answer);
                answer
            }
            Err(NoAnswer::Refused(refusal)) => {
                // A miss is told in full when the endpoint stops.
                if progress.source != Source::Miss {
                    progress.note(|| Some(refusal.message().to_owned()));
                }
                refusal.response()
            }
            Err(NoAnswer::Cut) => return Err(NoAnswer::Cut),
        };
        let mut entry = progress.entry.take();
        if let Some(entry) = &mut entry {
            entry.call.status = Some(answer.status().as_u16());
        }
        answer.body_mut().lasting(Lasting { answering, entry });
        Ok(answer)
    }

    /// The body, within the limits. A path that is refused is refused before its body: that
    /// of a two-way stream never ends.
    async fn read(&self, parts: &Parts, path: &str, body: Incoming) -> Result<Bytes, NoAnswer> {
        let announced = content_length(parts);
        if announced.is_none() && self.playback.mode() != Mode::Passthrough {
            let target = Target::parse(parts.method.as_str(), path);
            target.map_err(|refused| unknown(parts, path, refused).closing())?;
        }
        if announced > Some(self.limits.body as u64) {
            return Err(Refusal::too_large(self.limits.body).into());
        }
        let collected = Limited::new(body, self.limits.body).collect();
        match tokio::time::timeout(self.limits.body_time, collected).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(Refusal::too_large(self.limits.body).into())
            }
            Ok(Err(error)) if is_malformed(error.as_ref()) => {
                let message = "the request body is not in chunks, as its head says";
                Err(Refusal::invalid(message).closing().into())
            }
            Ok(Err(_)) => Err(NoAnswer::Cut),
            Err(_) => Err(Refusal::too_slow().into()),
        }
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
        let mut request = read_request(&call)?;
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
            Failure::Unsent(refusal) => {
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

impl Call<'_> {
    fn outgoing(self, region: Option<String>) -> Outgoing {
        let mut headers = self.parts.headers.clone();
        headers.remove(TOKEN_HEADER);
        headers.remove(SCOPE_HEADER);
        Outgoing {
            method: self.parts.method.clone(),
            path_and_query: self.path.to_owned(),
            headers,
            body: self.body,
            region,
        }
    }
}

fn read_request(call: &Call<'_>) -> Result<Request, Refusal> {
    let lines = call.parts.headers.iter();
    let request = Request::read(RequestParts {
        method: call.parts.method.as_str(),
        path_and_query: call.path,
        host: "",
        headers: lines
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect(),
        body: call.body.clone(),
    });
    request.map_err(|refused| unknown(call.parts, call.path, refused))
}

/// Most often what is no operation is what stands behind a `/` in a scope's name.
fn unknown(parts: &Parts, path: &str, refused: impl Into<Message>) -> Refusal {
    let is_scoped = path.len()
        < parts
            .uri
            .path_and_query()
            .map_or(0, |path| path.as_str().len());
    let rest = path.find("/model/").filter(|at| is_scoped && *at > 0);
    match rest {
        Some(at) => Refusal::unknown(format!(
            "`{}` stands between a scope and an operation (a `/` in a scope's name is written `%2F`)",
            &path[..at]
        )),
        None => Refusal::unknown(refused),
    }
}

/// A body whose chunks cannot be told apart; any other error of it is the connection's end.
fn is_malformed(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        let kinds = [io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData];
        if io.is_some_and(|error| kinds.contains(&error.kind())) {
            return true;
        }
        next = error.source();
    }
    false
}

/// A query may hold what no log should: a presigned signature, a token.
fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

fn content_length(parts: &Parts) -> Option<u64> {
    parts
        .headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// What the service refuses is explained where a person reads along.
fn explain(progress: &mut Progress<'_>, answer: &Response<AnswerBody>) {
    let status = answer.status();
    let is_new = matches!(progress.source, Source::Recorded | Source::Passed);
    if let Some(body) = answer.body().bytes().filter(|_| is_new)
        && !status.is_success()
    {
        progress.note(|| explained::of_answer(answer.headers(), status.as_u16(), body));
    }
}
