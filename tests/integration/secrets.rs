//! Secrets of every kind pass through a recording, and none of them is found in what it leaves:
//! the database while it is being written, its journal, its free pages, the finished file, the
//! packed file, the export, the log.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{
    BehaviorVersion, Config, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_sdk_bedrockruntime::error::BoxError;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bedrock_replay::cassette::{Keys, pack_to};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Frame;
use bedrock_replay::playback::Unused;
use bedrock_replay::redaction::{Redaction, Rule, Side};
use bedrock_replay::{Cassette, Mode, ReplayMiss};
use bytes::Bytes;

use crate::lab::{
    HAIKU, Log, converse_answer, converse_frames, impatient, response, upstream, user,
};
use crate::secrets_planted::{PLANTED, Place, secret, texts};
use crate::secrets_search::{found_in, search_folder, texts_of};

/// Plants what a request can carry, after it was signed.
#[derive(Debug)]
struct Planter;

impl Intercept for Planter {
    fn name(&self) -> &'static str {
        "Planter"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let signed = request.headers().get("authorization").unwrap_or_default();
        assert!(signed.contains("Signature="), "the SDK signs: {signed}");
        let mut query = Vec::new();
        for planted in PLANTED {
            match planted.place {
                Place::RequestHeader(name) => {
                    request.headers_mut().append(name, planted.text);
                }
                Place::Query(name) => query.push(format!("{name}={}", planted.text)),
                _ => {}
            }
        }
        let user = texts(Place::User).next().unwrap();
        let (scheme, rest) = request.uri().split_once("://").unwrap();
        let uri = format!("{scheme}://{user}@{rest}?{}", query.join("&"));
        request.set_uri(uri)?;
        Ok(())
    }
}

/// What the upstream saw of the planted secrets, so that the test proves something.
type Arrived = Arc<Mutex<String>>;

fn answer(request: &HttpRequest, extra: &[String]) -> Result<HttpResponse, ConnectorError> {
    let said = format!("my key is {}", secret(Place::ResponseBody));
    let body = String::from_utf8_lossy(request.body().bytes().unwrap()).into_owned();
    let (status, bytes) = if body.contains("please fail") {
        let text = format!("https://proxy.example/?t={}", secret(Place::ErrorText));
        return Err(ConnectorError::io(std::io::Error::other(text).into()));
    } else if body.contains("please refuse") {
        (400, Bytes::from(format!(r#"{{"message":"{said}"}}"#)))
    } else if request.uri().contains("invoke-with-response-stream") {
        let chunk = serde_json::json!({"completion": said, "amazon-bedrock-invocationMetrics": {}});
        let payload = serde_json::json!({"bytes": BASE64.encode(chunk.to_string())});
        (
            200,
            Frame::event("chunk", payload.to_string()).encode().unwrap(),
        )
    } else if request.uri().contains("converse-stream") {
        (200, converse_frames(&[&said, "end"]).concat().into())
    } else {
        let mut answer: serde_json::Value = serde_json::from_str(&converse_answer(&said)).unwrap();
        answer["extra"] = extra.into();
        (200, answer.to_string().into())
    };
    let mut response = response(
        status,
        &[("x-amzn-errortype", "ValidationException")],
        bytes.to_vec(),
    );
    for planted in PLANTED {
        if let Place::ResponseHeader(name) = planted.place {
            response.headers_mut().append(name, planted.text);
        }
    }
    Ok(response)
}

fn server(arrived: &Arrived) -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    let arrived = Arc::clone(arrived);
    let round = AtomicUsize::new(0);
    upstream(move |request| {
        let mut text = arrived.lock().unwrap();
        text.push_str(request.uri());
        for (_, value) in request.headers() {
            text.push_str(value);
        }
        text.push_str(&String::from_utf8_lossy(request.body().bytes().unwrap()));
        // The first answers are long: what replaces them leaves free pages.
        let length = [70, 0][round.fetch_add(1, Ordering::SeqCst) / ROUND];
        let extra: Vec<String> = (0..length).map(noise).collect();
        HttpConnectorFuture::ready(answer(&request, &extra))
    })
}

/// Transmissions of one [`talk`].
const ROUND: usize = 10 + REPEATS;
/// Equal requests in it.
const REPEATS: usize = 40;

fn noise(index: u64) -> String {
    format!("{:015x}", crate::lab::mixed(index) >> 4)
}

fn rules() -> Redaction {
    Redaction::new()
        .with(Rule::json_path("$.requestMetadata.token", "<token>").unwrap())
        .with(
            Rule::filter("sklive[A-Za-z0-9]+", "<key>")
                .unwrap()
                .on(Side::Both),
        )
        .with(Rule::filter(r"\b[0-9]{12}\b", "000000000000").unwrap())
}

struct Vault {
    folder: tempfile::TempDir,
    arrived: Arrived,
}

impl Vault {
    fn path(&self) -> PathBuf {
        self.folder.path().join("a.sqlite")
    }

    fn open(&self, mode: Mode) -> Cassette {
        let options = Cassette::options(self.path()).mode(mode).redaction(rules());
        let options = options
            .unused(Unused::Warn)
            .environment(Environment::default());
        options.open().unwrap()
    }
}

fn client(
    cassette: &Cassette,
    server: aws_smithy_runtime_api::client::http::SharedHttpClient,
) -> Client {
    let mut own = PLANTED
        .iter()
        .filter(|planted| planted.place == Place::Credentials);
    let mut own = || own.next().unwrap().secret;
    let credentials = Credentials::new(own(), own(), Some(own().to_owned()), None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .interceptor(Planter);
    Client::from_conf(cassette.configure(impatient(config), server).build())
}

/// Every operation, error and fault, secrets in all of them.
async fn talk(client: &Client) {
    let model = format!(
        "arn:aws:bedrock:us-east-1:{}:inference-profile/{HAIKU}",
        secret(Place::Label)
    );
    let prompt = format!("my key is {}", secret(Place::RequestBody));
    for prompt in [
        &*prompt,
        &format!("please refuse {prompt}"),
        &format!("please fail {prompt}"),
    ] {
        let call = client.converse().model_id(&model).messages(user(prompt));
        let call = call.request_metadata("token", secret(Place::RequestBody));
        let _ = call.send().await;
        let call = client
            .converse_stream()
            .model_id(&model)
            .messages(user(prompt));
        if let Ok(mut output) = call.send().await {
            while let Ok(Some(_)) = output.stream.recv().await {}
        }
    }
    for _ in 0..REPEATS {
        let call = client.converse().model_id(&model).messages(user("again"));
        call.send().await.unwrap();
    }
    // A body that is no JSON, and a stream that is given up.
    let call = client.invoke_model_with_response_stream().model_id(&model);
    let body = Blob::new(format!("{prompt}\u{1}{prompt}"));
    let mut output = call.body(body).send().await.unwrap();
    while let Ok(Some(_)) = output.body.recv().await {}
    let call = client.converse_stream().model_id(&model);
    let given_up = call.messages(user(&format!("given up {prompt}")));
    let mut output = given_up.send().await.unwrap();
    output.stream.recv().await.unwrap();
}

#[tokio::test]
async fn no_secret_is_left_behind() {
    let log = Log::of_this_process();
    let vault = Vault {
        folder: tempfile::tempdir().unwrap(),
        arrived: Arrived::default(),
    };
    let server = server(&vault.arrived);
    for mode in [Mode::RecordMissing, Mode::RecordAll] {
        let cassette = vault.open(mode);
        let client = client(&cassette, server.clone());
        talk(&client).await;
        assert!(
            journal(&vault.path()) > 0,
            "{mode}: there is a journal to look into"
        );
        search_folder(vault.folder.path());
        drop(client);
        cassette.finish().unwrap();
        search_folder(vault.folder.path());
    }
    assert!(
        free_pages(&vault.path()) > 0,
        "there are free pages to look into"
    );

    let cassette = vault.open(Mode::Replay);
    let client = client(
        &cassette,
        upstream(|_| panic!("a replay asked for a connection")),
    );
    talk(&client).await;
    let prompt = format!("another {}", secret(Place::RequestBody));
    let call = client.converse().model_id(HAIKU).messages(user(&prompt));
    let miss = ReplayMiss::find(&call.send().await.unwrap_err())
        .unwrap()
        .to_string();
    assert_eq!(found_in(miss.as_bytes()), Vec::<&str>::new(), "{miss}");
    drop(client);
    cassette.finish().unwrap();

    let packed = vault.folder.path().join("packed.sqlite");
    pack_to(&vault.path(), &packed, &Keys::AsTheyAre).unwrap();
    search_folder(vault.folder.path());
    let text = texts_of(&vault.path());
    assert_eq!(found_in(&text), Vec::<&str>::new(), "the export");
    assert_eq!(
        found_in(log.text().as_bytes()),
        Vec::<&str>::new(),
        "the log"
    );

    let arrived = vault.arrived.lock().unwrap();
    let sent = PLANTED
        .iter()
        .filter(|planted| arrived.contains(planted.secret))
        .count();
    // The secret key signs and never travels; six more are the server's.
    let of_server = PLANTED
        .iter()
        .filter(|planted| is_of_server(planted.place))
        .count();
    assert_eq!(sent, PLANTED.len() - 1 - of_server);
    let kinds: BTreeSet<&str> = PLANTED.iter().map(|planted| planted.secret).collect();
    assert!(kinds.len() >= 25);
}

fn is_of_server(place: Place) -> bool {
    matches!(
        place,
        Place::ResponseHeader(_) | Place::ResponseBody | Place::ErrorText
    )
}

fn journal(path: &Path) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(name).map_or(0, |metadata| metadata.len())
}

fn free_pages(path: &Path) -> i64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    let count = connection.pragma_query_value(None, "freelist_count", |row| row.get(0));
    count.unwrap()
}
