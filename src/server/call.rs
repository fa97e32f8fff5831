//! A request for an operation: its body, read within the limits, and what counts of it.

use std::error::Error;
use std::io;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::gate::TOKEN_HEADER;
use super::limits::ServerLimits;
use super::refusal::{Message, Refusal};
use super::replay::NoAnswer;
use super::route::SCOPE_HEADER;
use super::sender::Outgoing;
use crate::exchange::{Request, RequestParts, Target};
use crate::playback::{Mode, Scope};

/// A request for an operation, read.
pub struct Call<'a> {
    /// Its head.
    pub parts: &'a Parts,
    /// Path and query, without token and scope.
    pub path: &'a str,
    /// The scope that it is counted in.
    pub scope: Scope,
    /// Its body.
    pub body: Bytes,
}

impl Call<'_> {
    /// The same without what is the endpoint's own, for a sender.
    pub fn outgoing(self, region: Option<String>) -> Outgoing {
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

    /// What counts of it.
    ///
    /// # Errors
    /// A path that is no operation.
    pub fn request(&self) -> Result<Request, Refusal> {
        let lines = self.parts.headers.iter();
        let request = Request::read(RequestParts {
            method: self.parts.method.as_str(),
            path_and_query: self.path,
            host: "",
            headers: lines
                .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
                .collect(),
            body: self.body.clone(),
        });
        request.map_err(|refused| unknown(self.parts, self.path, refused))
    }
}

/// The body, within the limits. A path that is refused is refused before its body: that
/// of a two-way stream never ends.
///
/// # Errors
/// A body beyond the limits, or one that does not arrive whole.
pub async fn read(
    parts: &Parts,
    path: &str,
    body: Incoming,
    limits: &ServerLimits,
    mode: Mode,
) -> Result<Bytes, NoAnswer> {
    let announced = content_length(parts);
    if announced.is_none() && mode != Mode::Passthrough {
        let target = Target::parse(parts.method.as_str(), path);
        target.map_err(|refused| unknown(parts, path, refused).closing())?;
    }
    if announced > Some(limits.body as u64) {
        return Err(Refusal::too_large(limits.body).into());
    }
    let collected = Limited::new(body, limits.body).collect();
    match tokio::time::timeout(limits.body_time, collected).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Refusal::too_large(limits.body).into())
        }
        Ok(Err(error)) if is_malformed(error.as_ref()) => {
            let message = "the request body is not in chunks, as its head says";
            Err(Refusal::invalid(message).closing().into())
        }
        Ok(Err(_)) => Err(NoAnswer::Cut),
        Err(_) => Err(Refusal::too_slow().into()),
    }
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

fn content_length(parts: &Parts) -> Option<u64> {
    parts
        .headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
