//! A client whose answers a test writes down: no socket, no simulator.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bedrock_replay::bench::Plan;
use bedrock_replay::playback::Scope;
use serde_json::{Value, json};

/// A call as the stand-in sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub operation: String,
    pub model: String,
    pub body: Value,
    pub scope: String,
}

/// What it answers.
#[derive(Debug, Clone)]
pub enum Reply {
    Body(Value),
    Text(&'static str),
    Error(u16, &'static str, &'static str),
    Timeout,
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A connector that asks the test's function.
#[derive(Clone)]
pub struct StandIn {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandIn")
    }
}

impl StandIn {
    pub fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            asked: Arc::default(),
        }
    }

    pub fn client(&self) -> Client {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.clone())
            .build();
        Client::from_conf(config)
    }

    /// Every call so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let asked = Asked::of(request);
        self.asked.lock().unwrap().push(asked.clone());
        let (status, body, error_type) = match (self.script)(&asked) {
            Reply::Body(body) => (200, body.to_string(), None),
            Reply::Text(text) => (200, text.to_owned(), None),
            Reply::Error(status, error_type, message) => {
                let body = json!({ "message": message }).to_string();
                (status, body, Some(error_type))
            }
            Reply::Timeout => return Err(ConnectorError::timeout("no answer in time".into())),
        };
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        if let Some(error_type) = error_type {
            response
                .headers_mut()
                .insert("x-amzn-errortype", error_type);
        }
        Ok(response)
    }
}

impl HttpConnector for StandIn {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (stand_in, scope) = (self.clone(), Scope::current());
        HttpConnectorFuture::new(scope.enter(async move {
            // Others go first: what depends on the schedule shows.
            for _ in 0..request.uri().len() % 3 {
                tokio::task::yield_now().await;
            }
            stand_in.answer(&request)
        }))
    }
}

impl HttpClient for StandIn {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let path = request.uri().split("/model/").nth(1).unwrap();
        let (model, operation) = path.split_once('/').unwrap();
        Self {
            operation: operation.to_owned(),
            model: model.replace("%3A", ":"),
            body: serde_json::from_slice(request.body().bytes().unwrap()).unwrap(),
            scope: Scope::current().name().to_owned(),
        }
    }

    pub fn is_judge(&self) -> bool {
        self.operation == "invoke"
    }

    /// The last message's text.
    pub fn last(&self) -> String {
        let content = &self.body["messages"].as_array().unwrap().last().unwrap()["content"];
        let text = if self.is_judge() {
            content
        } else {
            &content[0]["text"]
        };
        text.as_str().unwrap().to_owned()
    }

    pub fn system(&self) -> String {
        let system = &self.body["system"];
        let text = if self.is_judge() {
            system
        } else {
            &system[0]["text"]
        };
        text.as_str().unwrap().to_owned()
    }

    /// How many tutor turns the conversation has so far, the asked one included.
    pub fn turn(&self) -> usize {
        self.body["messages"].as_array().unwrap().len().div_ceil(2)
    }
}

/// A Converse answer.
pub fn said(text: &str) -> Reply {
    stopped(text, "end_turn")
}

/// The same, stopped otherwise.
pub fn stopped(text: &str, stop_reason: &str) -> Reply {
    Reply::Body(json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": text }] } },
        "stopReason": stop_reason,
        "usage": { "inputTokens": 10, "outputTokens": 4, "totalTokens": 14 },
        "metrics": { "latencyMs": 321 },
    }))
}

/// A judge's message around a text.
pub fn judged(text: &str, stop_reason: &str) -> Reply {
    Reply::Body(json!({
        "type": "message", "role": "assistant",
        "content": [{ "type": "text", "text": text }],
        "stop_reason": stop_reason,
        "usage": { "input_tokens": 100, "output_tokens": 20 },
    }))
}

/// A judgment with these scores.
pub fn scores(form: u32, substance: u32, purity: u32) -> Reply {
    let judgment = json!({
        "overall_score": form + substance + purity,
        "form": form, "substance": substance, "purity": purity,
        "heuristics": { "has_question": true },
        "rationale": { "form": "f", "substance": "s", "purity": "p" },
    });
    judged(&judgment.to_string(), "end_turn")
}

/// A tutor who asks and a judge who gives 3 + 3 + 4.
pub fn well(asked: &Asked) -> Reply {
    if asked.is_judge() {
        return scores(3, 3, 4);
    }
    said("What makes you say that?")
}

pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The shipped plan, for one model and some scenarios.
pub fn plan(models: &[&str], scenarios: &[&str]) -> Plan {
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let plan = Plan::load(&project("scenarios/weekly.toml")).unwrap();
    plan.select(&owned(models), &owned(scenarios)).unwrap()
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
