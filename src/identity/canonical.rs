//! The parts of a request that count, in one normal form.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::match_on::METADATA_HEADER;
use super::{MatchOn, Part};
use crate::exchange::{Json, Operation, Request};

/// The members that an SDK may widen from `f32` to `f64`, below `inferenceConfig`.
const F32_MEMBERS: [&str; 2] = ["temperature", "topP"];

/// The parts of a request that count.
///
/// Its text ([`Display`](std::fmt::Display), [`FromStr`](std::str::FromStr)) is one JSON object, whose SHA-256 is the
/// request's key. JSON bodies stand under `body` in their normal form, other texts under
/// `text`, other bytes under `base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalRequest {
    pub(super) operation: Operation,
    pub(super) labels: Named,
    pub(super) query: Named,
    pub(super) origin: Named,
    pub(super) headers: Named,
    pub(super) body: CanonicalBody,
}

/// Names and values in order.
pub(super) type Named = Vec<(String, String)>;

/// A body as far as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalBody {
    /// None, or none that counts.
    Empty,
    /// JSON, by value.
    Json(Json),
    /// Anything else, by its bytes.
    Raw(Bytes),
}

impl CanonicalRequest {
    /// Takes what counts under the given rules.
    #[must_use]
    pub fn of(request: &Request, match_on: &MatchOn) -> Self {
        let operation = request.target.operation();
        Self {
            operation,
            labels: labels(request, match_on)
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            query: joined(request.target.query().iter().cloned()),
            origin: origin(request, match_on),
            headers: headers(request, match_on),
            body: CanonicalBody::of(operation, &request.body, match_on),
        }
    }

    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The same, asked by another operation.
    #[must_use]
    pub fn asked_by(&self, operation: Operation) -> Self {
        Self {
            operation,
            ..self.clone()
        }
    }

    /// The model, where it counts.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        let (_, model) = self.labels.iter().find(|(name, _)| name == "modelId")?;
        Some(model)
    }

    /// The decoded labels of the path, with their names.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.labels)
    }

    /// The documented query members.
    pub fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.query)
    }

    /// Region and host, where they count.
    pub fn origin(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.origin)
    }

    /// The headers that count; several lines of one name are one list.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        pairs(&self.headers)
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &CanonicalBody {
        &self.body
    }
}

pub(super) fn pairs(named: &Named) -> impl Iterator<Item = (&str, &str)> {
    named
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

pub(super) fn labels<'a>(
    request: &'a Request,
    match_on: &MatchOn,
) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
    let with_model = match_on.counts(&Part::Model);
    let labels = request.target.labels();
    labels
        .map(|(name, value)| -> (&'a str, &'a str) { (name, value) })
        .filter(move |(name, _)| with_model || *name != "modelId")
}

pub(super) fn origin(request: &Request, match_on: &MatchOn) -> Named {
    let region = request.origin.region.as_ref();
    let host = Some(&request.origin.host).filter(|host| !host.is_empty());
    [("host", Part::Host, host), ("region", Part::Region, region)]
        .into_iter()
        .filter(|(_, part, _)| match_on.counts(part))
        .filter_map(|(name, _, value)| Some((name.to_owned(), value?.clone())))
        .collect()
}

pub(super) fn headers(request: &Request, match_on: &MatchOn) -> Named {
    let lines = request.headers.iter();
    joined(
        lines
            .filter(|(name, _)| match_on.counts_header(name))
            .map(|(name, value)| (name.to_owned(), header_value(name, value))),
    )
}

/// One pair for each name: what has one name stands together and becomes one list.
pub(super) fn joined(pairs: impl Iterator<Item = (String, String)>) -> Named {
    let mut named = Named::new();
    for (name, value) in pairs {
        match named.last_mut() {
            Some((previous, list)) if *previous == name => {
                list.push_str(", ");
                list.push_str(&value);
            }
            _ => named.push((name, value)),
        }
    }
    named
}

/// Metadata travels as JSON, whose members SDKs write in any order.
fn header_value(name: &str, value: &str) -> String {
    if name != METADATA_HEADER {
        return value.to_owned();
    }
    Json::read(value.as_bytes()).map_or_else(|_| value.to_owned(), |json| json.to_string())
}

impl CanonicalBody {
    fn of(operation: Operation, body: &Bytes, match_on: &MatchOn) -> Self {
        if body.is_empty() || match_on.ignored_body().any(super::BodyPath::is_root) {
            return Self::Empty;
        }
        let Ok(mut json) = Json::read(body) else {
            return Self::Raw(body.clone());
        };
        normalise(operation, &mut json, match_on);
        for path in match_on.ignored_body() {
            path.remove_from(&mut json);
        }
        Self::Json(json)
    }
}

/// Takes out of a body what depends on who wrote it or when.
fn normalise(operation: Operation, body: &mut Json, match_on: &MatchOn) {
    let Json::Object(members) = body else {
        return;
    };
    match operation {
        Operation::Converse | Operation::ConverseStream => {
            if !match_on.counts(&Part::RequestMetadata) {
                members.remove("requestMetadata");
            }
            narrow_inference_config(members);
        }
        Operation::CountTokens => {
            if let Some(Json::Object(converse)) = members
                .get_mut("input")
                .and_then(|input| input.at_mut("/converse"))
            {
                narrow_inference_config(converse);
            }
        }
        Operation::StartAsyncInvoke => {
            if !match_on.counts(&Part::ClientRequestToken) {
                members.remove("clientRequestToken");
            }
            if !match_on.counts(&Part::Model) {
                members.remove("modelId");
            }
        }
        _ => {}
    }
}

fn narrow_inference_config(members: &mut BTreeMap<String, Json>) {
    let Some(Json::Object(config)) = members.get_mut("inferenceConfig") else {
        return;
    };
    for name in F32_MEMBERS {
        if let Some(Json::Number(number)) = config.get_mut(name) {
            *number = number.as_f32();
        }
    }
}
