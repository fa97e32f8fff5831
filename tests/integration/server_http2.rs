//! The endpoint to a client that speaks HTTP/2 from the first byte, as the AWS SDK for
//! JavaScript does.

use bedrock_replay::Mode;
use bedrock_replay::server::{Running, ServerLimits};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::lab::{HAIKU, Lab, soon};
use crate::server_lab::{connect, endpoint, hello, in_mode, recorder, start, with_hello};

/// One connection of a client.
async fn client(running: &Running) -> SendRequest<Full<Bytes>> {
    let stream = TokioIo::new(connect(running.addr()).await);
    let (client, connection) = http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

fn request(authority: &str, operation: &str, body: &str) -> Request<Full<Bytes>> {
    Request::post(format!("http://{authority}/model/{HAIKU}/{operation}"))
        .body(Full::from(body.to_owned()))
        .unwrap()
}

async fn ask(
    client: &SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> (StatusCode, String) {
    let answer = soon(client.clone().send_request(request)).await.unwrap();
    let status = answer.status();
    let body = soon(answer.into_body().collect()).await.unwrap();
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    (status, text)
}

#[tokio::test]
async fn a_client_of_http2_gets_answers_and_misses() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let client = client(&running).await;
    let (status, text) = ask(&client, request("127.0.0.1", "converse", &hello())).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("stopReason"), "{text}");
    let other = hello().replace("hello", "goodbye");
    let (status, text) = ask(&client, request("127.0.0.1", "converse", &other)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("/messages/0/content/0/text"), "{text}");
    let summary = running.stop().await.unwrap();
    assert_eq!((summary.hits, summary.misses), (1, 1));
}

#[tokio::test]
async fn another_authority_than_this_machine_is_refused() {
    let (_lab, running) = with_hello(ServerLimits::default()).await;
    let client = client(&running).await;
    let (status, text) = ask(&client, request("evil.example", "converse", &hello())).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(
        text.contains("`evil.example` is not this machine"),
        "{text}"
    );
}

/// Reads to the end or to what breaks the body off: how many bytes, and whether it was whole.
async fn read(mut body: Incoming) -> (usize, bool) {
    let mut length = 0;
    while let Some(frame) = soon(body.frame()).await {
        match frame {
            Ok(frame) => length += frame.into_data().map_or(0, |bytes| bytes.len()),
            Err(_) => return (length, false),
        }
    }
    (length, true)
}

#[tokio::test]
async fn a_stream_that_breaks_off_delivers_its_events_and_ends_alone() {
    let mut lab = Lab::new("reset=4").await;
    let recording = start(recorder(&lab, Mode::RecordMissing)).await;
    let stream = || request("127.0.0.1", "converse-stream", &hello());
    let (recorded, whole) = {
        let mut client = client(&recording).await;
        read(client.send_request(stream()).await.unwrap().into_body()).await
    };
    assert!(recorded > 0 && !whole, "{recorded} bytes");
    recording.stop().await.unwrap();
    lab.unplug().await;

    let running = start(endpoint(&lab.path(), in_mode(Mode::Replay))).await;
    let mut client = client(&running).await;
    let answer = client.send_request(stream()).await.unwrap();
    assert_eq!(read(answer.into_body()).await, (recorded, false));
    // The connection lives on.
    let (status, _) = ask(&client, request("127.0.0.1", "converse", &hello())).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
