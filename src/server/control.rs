//! What the endpoint tells of itself, under a path that no operation has.

use http::{Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::body::AnswerBody;
use super::refusal::{Refusal, json};
use super::tally::{MissedCall, Summary};
use crate::cassette::CassetteError;
use crate::playback::{Mode, Playback, Scope};

/// Where the control API begins.
pub const CONTROL_PATH: &str = "/_replay/";

#[derive(Serialize)]
struct Health {
    status: &'static str,
    mode: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Misses {
    misses: Vec<MissedCall>,
}

#[derive(Serialize)]
struct Reset {
    reset: String,
}

/// What the control API reads.
pub struct Control<'a> {
    /// The playback.
    pub playback: &'a Playback,
    /// The figures, made when they are asked for.
    pub summary: &'a dyn Fn() -> Result<Summary, CassetteError>,
    /// The misses, made when they are asked for.
    pub missed: &'a dyn Fn() -> Vec<MissedCall>,
    /// The scope that the request's own path or header names.
    pub scope: Option<&'a Scope>,
}

impl Control<'_> {
    /// Answers.
    ///
    /// # Errors
    /// What is not asked for rightly.
    pub fn answer(&self, method: &Method, path: &str) -> Result<Response<AnswerBody>, Refusal> {
        let (name, query) = path.split_once('?').unwrap_or((path, ""));
        let reads = matches!(*method, Method::GET | Method::HEAD);
        match name {
            "health" if reads => written(&self.health()),
            "summary" if reads => {
                let summary = (self.summary)().map_err(Refusal::invalid)?;
                written(&summary)
            }
            "misses" if reads => written(&Misses {
                misses: (self.missed)(),
            }),
            "reset" if method == Method::POST => self.reset(query),
            "health" | "summary" | "misses" | "reset" => Err(Refusal::invalid(format!(
                "`{CONTROL_PATH}{name}` takes no {method} (GET health, summary and misses; POST reset)"
            ))),
            _ => Err(Refusal::unknown(format!(
                "`{CONTROL_PATH}{name}` is not here (GET {CONTROL_PATH}health, summary, misses; POST {CONTROL_PATH}reset?scope=NAME)"
            ))),
        }
    }

    fn health(&self) -> Health {
        Health {
            status: "ok",
            mode: Mode::name(self.playback.mode()),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The scope that the query names, else the request's own, else the empty one.
    fn reset(&self, query: &str) -> Result<Response<AnswerBody>, Refusal> {
        let scope = match query.split_once('=') {
            None if query.is_empty() => self.scope.cloned().unwrap_or_default(),
            Some(("scope", name)) if !name.contains('&') => decoded(name)?,
            _ => {
                return Err(Refusal::invalid(format!(
                    "expected `reset?scope=NAME`, found `reset?{query}`"
                )));
            }
        };
        self.playback.reset(&scope);
        written(&Reset {
            reset: scope.name().to_owned(),
        })
    }
}

fn decoded(name: &str) -> Result<Scope, Refusal> {
    let name = percent_decode_str(name).decode_utf8();
    let name = name.map_err(|_| Refusal::invalid("the scope is not UTF-8"))?;
    Ok(Scope::new(&name))
}

fn written(value: &impl Serialize) -> Result<Response<AnswerBody>, Refusal> {
    let text = serde_json::to_string(value).map_err(Refusal::invalid)?;
    Ok(json(StatusCode::OK, text + "\n"))
}
