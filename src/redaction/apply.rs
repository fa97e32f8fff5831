//! The rules in order, applied to what is hashed and stored.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::rule::{Rule, RuleError, Side};
use super::splice::Splice;
use super::stream;
use super::written::Written;
use crate::exchange::{
    Attempt, Body, Ending, Fault, Headers, Json, Outcome, Request, Response, Target,
};

/// Rules, applied in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Written>", into = "Vec<Written>")]
pub struct Redaction {
    rules: Vec<Rule>,
}

impl TryFrom<Vec<Written>> for Redaction {
    type Error = RuleError;

    fn try_from(written: Vec<Written>) -> Result<Self, Self::Error> {
        written.into_iter().map(Rule::try_from).collect()
    }
}

impl From<Redaction> for Vec<Written> {
    fn from(redaction: Redaction) -> Self {
        redaction.rules.into_iter().map(Written::from).collect()
    }
}

impl FromIterator<Rule> for Redaction {
    fn from_iter<T: IntoIterator<Item = Rule>>(rules: T) -> Self {
        Self {
            rules: rules.into_iter().collect(),
        }
    }
}

/// What a label that loses all its text becomes: no path has an empty one.
const EMPTY_LABEL: &str = "-";

impl Redaction {
    /// No rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same and one more rule at the end.
    #[must_use]
    pub fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The rules in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether there is no rule.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The request as it is hashed and stored. Where no rule finds anything it is the very same;
    /// a JSON body that changes is written in normal form.
    #[must_use]
    pub fn apply_request<'a>(&self, request: &'a Request) -> Cow<'a, Request> {
        let rules = self.of(Side::is_request);
        if rules.is_empty() {
            return Cow::Borrowed(request);
        }
        let target = rules.target(&request.target);
        let headers = rules.headers(&request.headers);
        let body = rules.body(&request.body);
        if target.is_none() && headers.is_none() && body.is_none() {
            return Cow::Borrowed(request);
        }
        Cow::Owned(Request {
            target: target.unwrap_or_else(|| request.target.clone()),
            headers: headers.unwrap_or_else(|| request.headers.clone()),
            body: body.unwrap_or_else(|| request.body.clone()),
            origin: request.origin.clone(),
            invocation: request.invocation.clone(),
        })
    }

    /// The response as it is stored. Where no rule finds anything it is the very same. Event
    /// streams change frame by frame, with new checksums: each frame's JSON (for `InvokeModel`
    /// what its base64 holds) is a body to the rules. The chunks in which a body arrived keep
    /// their times.
    #[must_use]
    pub fn apply_response<'a>(&self, response: &'a Response) -> Cow<'a, Response> {
        let rules = self.of(Side::is_response);
        let headers = rules.headers(&response.headers);
        let body = rules.response_body(response);
        let ending = match &response.ending {
            Ending::Broken(fault) => self.fault(fault).map(Ending::Broken),
            _ => None,
        };
        if headers.is_none() && body.is_none() && ending.is_none() {
            return Cow::Borrowed(response);
        }
        let headers = headers.unwrap_or_else(|| response.headers.clone());
        let headers = match &body {
            Some(body) => with_length(&headers, response, body),
            None => headers,
        };
        Cow::Owned(Response {
            status: response.status,
            headers,
            body: body.unwrap_or_else(|| response.body.clone()),
            ending: ending.unwrap_or_else(|| response.ending.clone()),
        })
    }

    /// The fault as it is stored: its message is nobody's side, so that every filter applies.
    #[must_use]
    pub fn apply_fault<'a>(&self, fault: &'a Fault) -> Cow<'a, Fault> {
        self.fault(fault).map_or(Cow::Borrowed(fault), Cow::Owned)
    }

    /// The attempt as it is stored.
    #[must_use]
    pub fn apply_attempt<'a>(&self, attempt: &'a Attempt) -> Cow<'a, Attempt> {
        let outcome = match &attempt.outcome {
            Outcome::Response(response) => match self.apply_response(response) {
                Cow::Owned(response) => Outcome::Response(response),
                Cow::Borrowed(_) => return Cow::Borrowed(attempt),
            },
            Outcome::Fault(fault) => match self.apply_fault(fault) {
                Cow::Owned(fault) => Outcome::Fault(fault),
                Cow::Borrowed(_) => return Cow::Borrowed(attempt),
            },
        };
        Cow::Owned(Attempt {
            outcome,
            first_byte: attempt.first_byte,
            total: attempt.total,
        })
    }

    fn of(&self, applies: impl Fn(Side) -> bool) -> Rules<'_> {
        Rules(
            self.rules
                .iter()
                .filter(|rule| applies(rule.side()))
                .collect(),
        )
    }

    fn fault(&self, fault: &Fault) -> Option<Fault> {
        let message = self.of(|_| true).text(&fault.message)?;
        Some(Fault {
            kind: fault.kind,
            message,
        })
    }
}

/// `content-length` after a change of the body. Where the body is not whole it promised more
/// than arrived, and still does.
fn with_length(headers: &Headers, response: &Response, body: &Body) -> Headers {
    let adjusted = |value: &str| -> Option<String> {
        if response.ending == Ending::Complete {
            return Some(body.bytes.len().to_string());
        }
        let promised = value.parse::<usize>().ok()?;
        let missing = promised.checked_sub(response.body.bytes.len())?;
        Some((body.bytes.len() + missing).to_string())
    };
    headers.map_values(|name, value| {
        let length = (name == "content-length")
            .then(|| adjusted(value))
            .flatten();
        length.unwrap_or_else(|| value.to_owned())
    })
}

/// The rules of one side. Each function returns `None` where nothing changes.
struct Rules<'a>(Vec<&'a Rule>);

impl Rules<'_> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn text(&self, text: &str) -> Option<String> {
        self.each(text, Rule::rewrite)
    }

    fn label(&self, text: &str) -> Option<String> {
        let label = self.each(text, Rule::rewrite_label)?;
        Some(match label.as_str() {
            "" => EMPTY_LABEL.to_owned(),
            _ => label,
        })
    }

    fn each(
        &self,
        text: &str,
        rewrite: impl for<'t> Fn(&Rule, &'t str) -> Cow<'t, str>,
    ) -> Option<String> {
        let mut new = Cow::Borrowed(text);
        for rule in &self.0 {
            if let Cow::Owned(rewritten) = rewrite(rule, &new) {
                new = Cow::Owned(rewritten);
            }
        }
        match new {
            Cow::Owned(new) if new != text => Some(new),
            _ => None,
        }
    }

    fn target(&self, target: &Target) -> Option<Target> {
        let mut any = false;
        let new = target.map_labels(|label| {
            let new = self.label(label);
            any |= new.is_some();
            new.unwrap_or_else(|| label.to_owned())
        });
        let new = new.map_query(|value| {
            let new = self.text(value);
            any |= new.is_some();
            new.unwrap_or_else(|| value.to_owned())
        });
        any.then_some(new)
    }

    fn headers(&self, headers: &Headers) -> Option<Headers> {
        if self.is_empty() {
            return None;
        }
        let mut any = false;
        let new = headers.map_values(|name, value| {
            // A length is measured, not told.
            let new = (name != "content-length")
                .then(|| self.text(value))
                .flatten();
            any |= new.is_some();
            new.unwrap_or_else(|| value.to_owned())
        });
        any.then_some(new)
    }

    fn body(&self, bytes: &Bytes) -> Option<Bytes> {
        if bytes.is_empty() {
            return None;
        }
        let Ok(mut json) = Json::read(bytes) else {
            return self.raw(bytes);
        };
        let mut any = false;
        for rule in &self.0 {
            any |= rule.rewrite_json(&mut json);
        }
        any.then(|| {
            let mut out = Vec::with_capacity(bytes.len());
            json.write(&mut out);
            out.into()
        })
    }

    /// Rewrites whatever is text among bytes that are no JSON.
    fn raw(&self, bytes: &Bytes) -> Option<Bytes> {
        let mut out = Vec::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            match self.text(chunk.valid()) {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => out.extend_from_slice(chunk.valid().as_bytes()),
            }
            out.extend_from_slice(chunk.invalid());
        }
        (out != **bytes).then(|| out.into())
    }

    fn response_body(&self, response: &Response) -> Option<Body> {
        if self.is_empty() {
            return None;
        }
        let body = &response.body;
        let (bytes, splice) = if response.is_event_stream() {
            stream::rewrite(&body.bytes, |json| self.body(json), |rest| self.raw(rest))?
        } else {
            let bytes = self.body(&body.bytes)?;
            let mut splice = Splice::default();
            splice.push(body.bytes.len(), bytes.len());
            (bytes, splice)
        };
        Some(Body {
            bytes,
            chunks: splice.chunks(&body.chunks),
        })
    }
}
