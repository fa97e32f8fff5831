//! What is told of each call: where its answer came from, and why there is none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::result::ConnectorError;
use bedrock_replay::Mode;
use bedrock_replay::cassette::Reader;
use bedrock_replay::exchange::{Operation, Provenance};
use bedrock_replay::playback::PlaybackOptions;
use bedrock_replay::server::{Answered, Builder, Source, Summary, Unsigned, Witness};
use tokio::io::AsyncWriteExt as _;

use crate::lab::{HAIKU, Lab, connector, response, soon};
use crate::server_lab::{connect, endpoint, hello, in_mode, post, recorder, send, start};

#[derive(Debug, Default)]
struct Notebook(Mutex<Vec<Answered>>);

impl Witness for Notebook {
    fn answered(&self, call: &Answered) {
        self.0.lock().unwrap().push(call.clone());
    }
}

/// Sends a request, and gives what was told of it, and the figures.
async fn told(builder: Builder, request: &str) -> (Answered, Summary) {
    let notebook = Arc::new(Notebook::default());
    let running = start(builder.witness(Arc::clone(&notebook) as _)).await;
    send(running.addr(), request).await;
    let summary = running.stop().await.unwrap();
    let told = notebook.0.lock().unwrap().pop();
    (told.unwrap(), summary)
}

fn sending(lab: &Lab, fails: impl Fn() -> ConnectorError + Send + Sync + 'static) -> Builder {
    let failing = connector(move |_| HttpConnectorFuture::ready(Err(fails())));
    let sender = Unsigned::new("http://127.0.0.1:1", failing).unwrap();
    endpoint(&lab.path(), in_mode(Mode::RecordMissing)).sender(Arc::new(sender))
}

#[tokio::test]
async fn what_was_never_sent_is_refused_and_says_why() {
    let lab = Lab::new("").await;
    let nobody = sending(&lab, || {
        ConnectorError::user("no credentials were found".into())
    });
    let (told, summary) = told(nobody, &post(&hello())).await;
    assert_eq!(told.source, Source::Refused);
    let note = told.note.unwrap();
    assert!(note.contains("no credentials were found"), "{note}");
    assert!(
        !note.contains("next:"),
        "advice on what the service said: {note}"
    );
    assert_eq!((summary.recorded, summary.refused), (0, 1));
    assert_eq!(told.subject, HAIKU);
}

#[tokio::test]
async fn an_upstream_that_failed_is_recorded_and_says_how() {
    let lab = Lab::new("").await;
    let down = sending(&lab, || {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        ConnectorError::io(refused.into())
    });
    let (told, summary) = told(down, &post(&hello())).await;
    assert_eq!((told.source, told.status), (Source::Recorded, Some(503)));
    let note = told.note.unwrap();
    assert!(note.contains("refused"), "{note}");
    assert_eq!((summary.recorded, summary.unanswered), (0, 1));
}

/// AWS, which knows the caller and gives no access.
fn refusing(lab: &Lab) -> Builder {
    let refusal = |_| {
        let headers = [("x-amzn-errortype", "AccessDeniedException")];
        HttpConnectorFuture::ready(Ok(response(403, &headers, r#"{"message":"no"}"#)))
    };
    let sender = Unsigned::new("http://127.0.0.1:1", connector(refusal)).unwrap();
    endpoint(&lab.path(), in_mode(Mode::RecordMissing)).sender(Arc::new(sender))
}

#[tokio::test]
async fn a_call_that_was_refused_is_kept_and_neither_recorded_nor_an_answer_of_anybody() {
    let lab = Lab::new("").await;
    let provenances = || Reader::open(&lab.path()).unwrap().provenances().unwrap();
    let (told_of, summary) = told(refusing(&lab), &post(&hello())).await;
    assert_eq!(told_of.status, Some(403));
    assert_eq!(
        (summary.calls, summary.recorded, summary.unanswered),
        (1, 0, 1)
    );
    // Nobody answered: who refused is all that is known.
    assert_eq!(provenances(), [Provenance::Live]);

    let other = hello().replace("hello", "goodbye");
    let (_, summary) = told(recorder(&lab, Mode::RecordMissing), &post(&other)).await;
    assert_eq!((summary.recorded, summary.unanswered), (1, 0));
    assert_eq!(lab.stored().len(), 2);
    assert_eq!(provenances(), [Provenance::Simulated]);
    let sources = Reader::open(&lab.path()).unwrap().sources().unwrap();
    assert_eq!(sources, [Provenance::Live, Provenance::Simulated]);
}

#[tokio::test]
async fn a_failure_that_a_full_cassette_cannot_keep_is_told_as_that() {
    let lab = Lab::new("").await;
    let down = || {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        ConnectorError::io(refused.into())
    };
    let failing = connector(move |_| HttpConnectorFuture::ready(Err(down())));
    let sender = Unsigned::new("http://127.0.0.1:1", failing).unwrap();
    let small = PlaybackOptions {
        largest: Some(100_000),
        ..in_mode(Mode::RecordMissing)
    };
    let builder = endpoint(&lab.path(), small).sender(Arc::new(sender));
    // What compresses is none.
    let mut text = String::new();
    for number in 0..40_000u32 {
        write!(text, "{:08x}", number.wrapping_mul(2_654_435_761)).unwrap();
    }
    let body = hello().replace("hello", &text);
    let (told, summary) = told(builder, &post(&body)).await;
    let note = told.note.unwrap();
    assert!(note.contains("could not be recorded"), "{note}");
    assert!(!note.contains("nothing was sent"), "{note}");
    assert_eq!(summary.recorded, 0);
}

#[tokio::test]
async fn what_no_sdk_tries_again_by_itself_is_not_tried_again_while_it_is_recorded() {
    let lab = Lab::new("").await;
    let garbage = sending(&lab, || ConnectorError::other("not HTTP".into(), None));
    let recorded = told(garbage, &post(&hello())).await.0;
    let replayed = told(
        endpoint(&lab.path(), in_mode(Mode::Replay)),
        &post(&hello()),
    )
    .await
    .0;
    assert_eq!((recorded.status, replayed.status), (Some(400), Some(400)));
}

#[tokio::test]
async fn a_client_that_leaves_is_counted_by_what_it_asked_for() {
    let lab = Lab::new("latency-ms=60000").await;
    let notebook = Arc::new(Notebook::default());
    let builder = recorder(&lab, Mode::RecordMissing).witness(Arc::clone(&notebook) as _);
    let running = start(builder).await;
    let mut client = connect(running.addr()).await;
    client.write_all(post(&hello()).as_bytes()).await.unwrap();
    while lab.served() == 0 {
        tokio::task::yield_now().await;
    }
    drop(client);
    let noticed = async {
        while notebook.0.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(noticed).await;
    let told = notebook.0.lock().unwrap().pop().unwrap();
    assert_eq!((told.source, told.status), (Source::Recorded, None));
    assert_eq!(running.stop().await.unwrap().unanswered, 1);
}

#[tokio::test]
async fn what_is_passed_on_is_told_by_its_operation() {
    let lab = Lab::new("").await;
    let passing = recorder(&lab, Mode::Passthrough);
    let (told, _) = told(passing, &post(&hello())).await;
    assert_eq!(told.operation, Some(Operation::Converse));
    assert_eq!(told.subject, HAIKU);
}

#[tokio::test]
async fn what_is_refused_is_told_by_its_path_and_its_reason() {
    let lab = Lab::new("").await;
    let request = "POST /scope/tests/test_a.py/model/m/converse HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}";
    let (told, summary) = told(recorder(&lab, Mode::RecordMissing), request).await;
    assert_eq!(told.subject, "/test_a.py/model/m/converse");
    let note = told.note.unwrap();
    assert!(
        note.contains("%2F") && !note.contains("passthrough"),
        "{note}"
    );
    assert_eq!((summary.calls, summary.refused), (0, 1));
}
