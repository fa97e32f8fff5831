//! AWS as the upstream tests meet it: a server on loopback that computes each signature by
//! itself, from the bytes that arrived, and knows who may call; and an STS that gives roles.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// A key that may call, and the session token that has to come with it.
#[derive(Debug, Clone)]
pub struct Key {
    pub secret: String,
    pub token: Option<String>,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path_and_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The fields of a form.
    pub fn form(&self) -> BTreeMap<String, String> {
        let body = std::str::from_utf8(&self.body).unwrap();
        body.split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decoded(&value.replace('+', " "))))
            .collect()
    }
}

type Answer = Box<dyn Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync>;

/// A server that answers whom it knows.
pub struct StandIn {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    service: &'static str,
    region: &'static str,
    keys: Mutex<BTreeMap<String, Key>>,
    seen: Mutex<Vec<Seen>>,
    answer: Answer,
}

impl StandIn {
    /// Starts one that signs for `service` in `region`.
    pub async fn start(
        service: &'static str,
        region: &'static str,
        answer: impl Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            service,
            region,
            keys: Mutex::default(),
            seen: Mutex::default(),
            answer: Box::new(answer),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            task,
        }
    }

    /// Starts one that lets everybody in.
    pub async fn open(
        answer: impl Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        Self::start("", "", answer).await
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn allow(&self, id: &str, secret: &str, token: Option<&str>) {
        let key = Key {
            secret: secret.to_owned(),
            token: token.map(str::to_owned),
        };
        self.shared.keys.lock().unwrap().insert(id.to_owned(), key);
    }

    pub fn forbid(&self, id: &str) {
        self.shared.keys.lock().unwrap().remove(id);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    pub fn last(&self) -> Seen {
        self.seen().pop().unwrap()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let serve = hyper::service::service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(shared.serve(request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            let _ = connection
                .serve_connection(TokioIo::new(stream), serve)
                .await;
        });
    }
}

impl Shared {
    async fn serve(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let method = request.method().to_string();
        let seen = Seen {
            path_and_query: request.uri().path_and_query().unwrap().to_string(),
            headers: request.headers().clone(),
            body: request.into_body().collect().await.unwrap().to_bytes(),
        };
        self.seen.lock().unwrap().push(seen.clone());
        match self.refusal(&method, &seen) {
            None => (self.answer)(&seen),
            Some((kind, message)) => refuse(kind, &message),
        }
    }

    /// Why a request is not let in.
    fn refusal(&self, method: &str, seen: &Seen) -> Option<(&'static str, String)> {
        if self.service.is_empty() {
            return None;
        }
        let authorization = seen.header("authorization");
        let Some(parts) = Parts::parse(authorization) else {
            return Some(("MissingAuthenticationToken", "no signature".into()));
        };
        let keys = self.keys.lock().unwrap();
        let Some(key) = keys.get(&parts.key) else {
            let message = format!("the security token `{}` is invalid", parts.key);
            return Some(("UnrecognizedClientException", message));
        };
        if seen.header("x-amz-security-token") != key.token.as_deref().unwrap_or_default() {
            return Some(("UnrecognizedClientException", "wrong token".into()));
        }
        let expected = [self.region, self.service, "aws4_request"];
        if parts.scope[1..] != expected {
            let message = format!("scope should be {expected:?}, is {:?}", parts.scope);
            return Some(("InvalidSignatureException", message));
        }
        let canonical = canonical(method, seen, &parts.signed);
        let signature = parts.signature_of(&canonical, seen.header("x-amz-date"), &key.secret);
        (signature != parts.signature).then(|| {
            let message = format!("the canonical string should have been\n{canonical}");
            ("InvalidSignatureException", message)
        })
    }
}

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
struct Parts {
    key: String,
    scope: Vec<String>,
    signed: Vec<String>,
    signature: String,
}

impl Parts {
    fn parse(authorization: &str) -> Option<Self> {
        let rest = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let fields: BTreeMap<&str, &str> = rest
            .split(',')
            .filter_map(|field| field.trim().split_once('='))
            .collect();
        let mut credential = fields.get("Credential")?.split('/').map(str::to_owned);
        Some(Self {
            key: credential.next()?,
            scope: credential.collect(),
            signed: fields
                .get("SignedHeaders")?
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: (*fields.get("Signature")?).to_owned(),
        })
    }

    fn signature_of(&self, canonical: &str, date: &str, secret: &str) -> String {
        let scope = self.scope.join("/");
        let hash = hex::encode(Sha256::digest(canonical));
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
        let first = format!("AWS4{secret}").into_bytes();
        let key = self
            .scope
            .iter()
            .fold(first, |key, part| mac(&key, part.as_bytes()));
        hex::encode(mac(&key, to_sign.as_bytes()))
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The canonical request of SigV4's description: each part of the path escaped as it arrived,
/// that is, twice in all.
fn canonical(method: &str, seen: &Seen, signed: &[String]) -> String {
    let (path, query) = seen
        .path_and_query
        .split_once('?')
        .unwrap_or((&seen.path_and_query, ""));
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (escaped(&decoded(name), ""), escaped(&decoded(value), "")))
        .collect();
    pairs.sort();
    let query: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let headers = signed.iter().map(|name| {
        let values = seen.headers.get_all(name).iter();
        let values: Vec<String> = values.map(|value| tidy(value.to_str().unwrap())).collect();
        [name.as_str(), ":", &values.join(","), "\n"].concat()
    });
    format!(
        "{method}\n{}\n{}\n{}\n{}\n{}",
        escaped(path, "/"),
        query.join("&"),
        headers.collect::<String>(),
        signed.join(";"),
        hex::encode(Sha256::digest(&seen.body)),
    )
}

fn tidy(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str, besides: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ if besides.as_bytes().contains(&byte) => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.unwrap().into_owned()
}

pub fn refuse(kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "message": message }).to_string();
    Response::builder()
        .status(403)
        .header("content-type", "application/json")
        .header("x-amzn-errortype", kind)
        .body(body.into())
        .unwrap()
}

/// What STS answers to `action` (`AssumeRole`, `AssumeRoleWithWebIdentity`).
pub fn role(action: &str, id: &str, expiry: &str) -> Response<Full<Bytes>> {
    let body = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId>\
         <Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{id}</AccessKeyId>\
         <SecretAccessKey>secret-of-{id}</SecretAccessKey>\
         <SessionToken>token-of-{id}</SessionToken><Expiration>{expiry}</Expiration></Credentials>\
         </{action}Result></{action}Response>"
    );
    Response::builder()
        .header("content-type", "text/xml")
        .body(body.into())
        .unwrap()
}

/// What Converse answers.
pub fn converse() -> Response<Full<Bytes>> {
    let body = serde_json::json!({
        "metrics": { "latencyMs": 1 },
        "output": { "message": { "role": "assistant", "content": [{ "text": "Why?" }] } },
        "stopReason": "end_turn",
        "usage": { "inputTokens": 1, "outputTokens": 1, "totalTokens": 2 },
    });
    Response::builder()
        .header("content-type", "application/json")
        .header("x-amzn-requestid", "1")
        .body(body.to_string().into())
        .unwrap()
}
