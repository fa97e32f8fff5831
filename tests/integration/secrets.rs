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
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use bedrock_replay::cassette::{Keys, Reader, export, pack_to};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Frame;
use bedrock_replay::playback::Unused;
use bedrock_replay::redaction::{Redaction, Rule, Side};
use bedrock_replay::{Cassette, Mode, ReplayMiss};
use bytes::Bytes;

use crate::lab::{
    HAIKU, Log, converse_answer, converse_frames, impatient, response, upstream, user,
};

/// Where a secret is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A header of the request, under this name.
    RequestHeader(&'static str),
    /// A member of the request's query.
    Query(&'static str),
    /// Before the host: `user:password@`.
    User,
    /// In the SDK's own credentials, with which it signs.
    Credentials,
    /// A header of the response.
    ResponseHeader(&'static str),
    /// In the model's ARN; a rule removes it.
    Label,
    /// In the body of the request; a rule removes it.
    RequestBody,
    /// In what the model says; a rule removes it.
    ResponseBody,
    /// In the text of a connector's error.
    ErrorText,
}

struct Planted {
    place: Place,
    /// What must not be found.
    secret: &'static str,
    /// What stands there, the secret in it.
    text: &'static str,
}

const fn planted(place: Place, secret: &'static str, text: &'static str) -> Planted {
    Planted {
        place,
        secret,
        text,
    }
}

/// Secrets of letters and digits, so that no encoding of text disguises one.
const PLANTED: &[Planted] = &[
    planted(Place::Credentials, "AKIAQ7ZK3M5WX2RTB8HD", ""),
    planted(
        Place::Credentials,
        "hJ7kLm2nPq9rStUvWx4yZ1aB3cD5eF6gH8iJ0kLm",
        "",
    ),
    planted(
        Place::Credentials,
        "FwoGZXIvYXdzEBYaDKz8mQ2vN5tR7yU9iO1pA3s",
        "",
    ),
    planted(
        Place::RequestHeader("authorization"),
        "ABSKQmVkcm9ja0FQSUtleTdYOW1RMnZO",
        "Bearer ABSKQmVkcm9ja0FQSUtleTdYOW1RMnZO",
    ),
    planted(
        Place::RequestHeader("authorization"),
        "dXNlcjpwYXNzd29yZDEyMzQ1Njc4",
        "Basic dXNlcjpwYXNzd29yZDEyMzQ1Njc4",
    ),
    planted(
        Place::RequestHeader("x-amz-security-token"),
        "IQoJb3JpZ2luX2VjEJr5tY7uI9oP1aS3",
        "IQoJb3JpZ2luX2VjEJr5tY7uI9oP1aS3",
    ),
    planted(
        Place::RequestHeader("x-amz-bedrock-session-token"),
        "sessQ1wE3rT5yU7iO9pA2sD4",
        "sessQ1wE3rT5yU7iO9pA2sD4",
    ),
    planted(
        Place::RequestHeader("cookie"),
        "cookieZx8Cv6Bn4Mm2Lk0",
        "sid=cookieZx8Cv6Bn4Mm2Lk0; theme=dark",
    ),
    planted(
        Place::RequestHeader("proxy-authorization"),
        "cHJveHk6c2VjcmV0OTg3NjU0",
        "Basic cHJveHk6c2VjcmV0OTg3NjU0",
    ),
    planted(
        Place::RequestHeader("x-api-key"),
        "skantapi03Rf5Tg6Yh7Uj8Ik9",
        "skantapi03Rf5Tg6Yh7Uj8Ik9",
    ),
    planted(
        Place::RequestHeader("api-key"),
        "azureKey1Qa2Ws3Ed4Rf5Tg6",
        "azureKey1Qa2Ws3Ed4Rf5Tg6",
    ),
    planted(
        Place::RequestHeader("anthropic-api-key"),
        "anthropicKey7Hy8Ju9Ki0Lo",
        "anthropicKey7Hy8Ju9Ki0Lo",
    ),
    planted(
        Place::RequestHeader("user-agent"),
        "account492817365018",
        "app/1.0 (account492817365018)",
    ),
    planted(
        Place::RequestHeader("x-forwarded-for"),
        "clientaddress10x20x30x40",
        "clientaddress10x20x30x40",
    ),
    planted(
        Place::RequestHeader("x-forwarded-client-cert"),
        "certHash3Er5Ty7Ui9Op",
        "Hash=certHash3Er5Ty7Ui9Op",
    ),
    planted(
        Place::RequestHeader("x-amzn-trace-id"),
        "trace67891233abcdef012345678",
        "Root=1-trace67891233abcdef012345678",
    ),
    planted(
        Place::RequestHeader("traceparent"),
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    planted(
        Place::RequestHeader("x-tenant-token"),
        "tenantTokenWs4Ed5Rf6Tg7",
        "tenantTokenWs4Ed5Rf6Tg7",
    ),
    planted(
        Place::RequestHeader("x-amz-sso_bearer_token"),
        "ssoBearerQz1Wx2Ec3Rv4",
        "ssoBearerQz1Wx2Ec3Rv4",
    ),
    planted(
        Place::RequestHeader("x-aws-ec2-metadata-token"),
        "imdsTokenAQAEAL5tG6yH7u",
        "imdsTokenAQAEAL5tG6yH7u",
    ),
    planted(
        Place::RequestHeader("x-csrf-token"),
        "csrfTokenPl0Ok9Ij8Uh7",
        "csrfTokenPl0Ok9Ij8Uh7",
    ),
    planted(
        Place::RequestHeader("referer"),
        "refererTokenMn1Bv2Cx3",
        "https://example.com/?token=refererTokenMn1Bv2Cx3",
    ),
    planted(
        Place::Query("X-Amz-Signature"),
        "5d672d79c15b13162d9279b0855cfba6",
        "5d672d79c15b13162d9279b0855cfba6",
    ),
    planted(
        Place::Query("X-Amz-Security-Token"),
        "presignedTokenYt6Re5Wq4",
        "presignedTokenYt6Re5Wq4",
    ),
    planted(
        Place::Query("X-Amz-Credential"),
        "ASIAPRESIGNED7X9MQ2V",
        "ASIAPRESIGNED7X9MQ2V%2F20260101%2Fus-east-1",
    ),
    planted(
        Place::Query("access_token"),
        "oauthAccessTokenVb3Nm4",
        "oauthAccessTokenVb3Nm4",
    ),
    planted(
        Place::User,
        "endpointPasswordHg5Fd6",
        "proxyuser:endpointPasswordHg5Fd6",
    ),
    planted(
        Place::ResponseHeader("set-cookie"),
        "setCookieTokenXs2Zq3",
        "AWSALB=setCookieTokenXs2Zq3; Path=/",
    ),
    planted(
        Place::ResponseHeader("www-authenticate"),
        "challengeNonceDf6Gh7Jk8",
        "Bearer nonce=challengeNonceDf6Gh7Jk8",
    ),
    planted(
        Place::ResponseHeader("x-amz-cf-id"),
        "cloudfrontIdQw2Er3Ty4Ui5",
        "cloudfrontIdQw2Er3Ty4Ui5==",
    ),
    planted(
        Place::ResponseHeader("x-amz-id-2"),
        "extendedIdAs3Df4Gh5Jk6",
        "extendedIdAs3Df4Gh5Jk6",
    ),
    planted(
        Place::ResponseHeader("x-refresh-token"),
        "refreshTokenZx4Cv5Bn6",
        "refreshTokenZx4Cv5Bn6",
    ),
    planted(
        Place::ResponseHeader("location"),
        "redirectTokenPo9Iu8Yt7",
        "https://example.com/?t=redirectTokenPo9Iu8Yt7",
    ),
    planted(Place::Label, "739184620571", ""),
    planted(Place::RequestBody, "skliveRequest8Uj7Yh6Tg5", ""),
    planted(Place::ResponseBody, "skliveResponse4Rf3Ed2Ws1", ""),
    planted(Place::ErrorText, "errorTextTokenKj8Hg7Fd6", ""),
];

fn texts(place: Place) -> impl Iterator<Item = &'static str> {
    let found = PLANTED.iter().filter(move |planted| planted.place == place);
    found.map(|planted| planted.text)
}

fn secret(place: Place) -> &'static str {
    let mut found = PLANTED.iter().filter(|planted| planted.place == place);
    found.next().unwrap().secret
}

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
    format!("{:015x}", crate::faults::mixed(index) >> 4)
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

/// Looks into every file as it lies there, and at what a reader takes out of each cassette.
fn search_folder(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(found_in(&bytes), Vec::<&str>::new(), "{}", path.display());
        if path
            .extension()
            .is_some_and(|extension| extension == "sqlite")
        {
            assert_eq!(
                found_in(&texts_of(&path)),
                Vec::<&str>::new(),
                "{}",
                path.display()
            );
        }
    }
}

/// All that a cassette holds, nothing of it compressed any more: its export, and the values
/// themselves with every body as bytes.
fn texts_of(path: &Path) -> Vec<u8> {
    let mut reader = Reader::open(path).unwrap();
    let mut text = Vec::new();
    export(&mut reader, &mut text).unwrap();
    for slot in reader.slots().unwrap() {
        let exchange = reader.exchange(&slot).unwrap().unwrap().exchange;
        text.extend_from_slice(format!("{exchange:?}").as_bytes());
        text.extend_from_slice(&exchange.request.body);
        for response in exchange
            .attempts
            .iter()
            .filter_map(|attempt| attempt.response())
        {
            text.extend_from_slice(&response.body.bytes);
        }
    }
    for recording in reader.recordings().unwrap() {
        text.extend_from_slice(format!("{recording:?}").as_bytes());
    }
    text
}

/// The secrets that stand in these bytes, as they are or in base64 of either alphabet.
fn found_in(bytes: &[u8]) -> Vec<&'static str> {
    let mut layers = vec![bytes.to_vec()];
    for run in base64_runs(bytes) {
        layers.extend((0..4).map(|skipped| decode(run.get(skipped..).unwrap_or_default())));
    }
    let secrets = PLANTED.iter().map(|planted| planted.secret);
    secrets
        .filter(|secret| {
            layers
                .iter()
                .any(|layer| contains(layer, secret.as_bytes()))
        })
        .collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(bytes, wanted).is_some()
}

/// Runs that may be base64: long enough to hold a secret.
fn base64_runs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let runs = bytes.split(move |byte| !is_base64(byte));
    runs.filter(|run| run.len() >= 16)
}

fn decode(run: &[u8]) -> Vec<u8> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
    );
    let whole = run.len() - usize::from(run.len() % 4 == 1);
    let standard: Vec<u8> = run[..whole]
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    LENIENT.decode(standard).unwrap_or_default()
}

/// The search itself is tried, or the test above could not fail.
#[tokio::test]
async fn the_search_finds_what_is_there() {
    let secret = PLANTED[0].secret;
    assert_eq!(found_in(format!("x{secret}y").as_bytes()), [secret]);
    for lead in ["", "a", "ab", "abc"] {
        let hidden = BASE64.encode(format!("{lead}user={secret}; end"));
        assert_eq!(found_in(format!("\0{hidden}\0").as_bytes()), [secret]);
        assert_eq!(found_in(format!("q{hidden}").as_bytes()), [secret]);
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sqlite");
    let options = Cassette::options(&path).mode(Mode::RecordMissing);
    let cassette = options.environment(Environment::default()).open().unwrap();
    let config = impatient(crate::lab::config()).endpoint_url("http://127.0.0.1:1");
    let server =
        upstream(|_| HttpConnectorFuture::ready(Ok(response(200, &[], converse_answer("hello")))));
    let client = Client::from_conf(cassette.configure(config, server).build());
    let long = format!("{secret} {}", "and much more ".repeat(500));
    let call = client.converse().model_id(HAIKU).messages(user(&long));
    call.send().await.unwrap();
    drop(client);
    cassette.finish().unwrap();
    assert_eq!(
        found_in(&texts_of(&path)),
        [secret],
        "without a rule a prompt is kept"
    );

    let heard = Log::of_this_process();
    let lines = vec![("CI", "true")].into_iter().collect::<Environment>();
    let options = Cassette::options(&path)
        .mode(Mode::RecordAll)
        .environment(lines);
    drop(options.unused(Unused::Ok).open().unwrap());
    assert!(
        heard.text().contains("held back because CI=true"),
        "the log is listened to"
    );
}
