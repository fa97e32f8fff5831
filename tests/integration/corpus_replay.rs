//! Real exchanges through the real SDK: 1,424 that other projects recorded against Bedrock, put
//! into a cassette and replayed, and once more the long way: served over a socket, recorded by
//! this library, replayed. Every answer must be the recorded one byte for byte, and must mean
//! the same to the SDK.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it counted"
)]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{SharedHttpClient, http_client_fn};
use bedrock_replay::cassette::{Published, Reader};
use bedrock_replay::environment::Environment;
use bedrock_replay::identity::MatchOn;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use crate::cassette::session;
use crate::corpus::{self, CorpusExchange};
use crate::corpus_player::{
    Player, Verdict, WANTED, all_as_recorded, all_as_served, error_type, holds, is_end_to_end,
};

/// How many exchanges the corpus holds.
const ALL: usize = 1_424;
/// How many of them have an error's status; two more are errors inside a stream.
const ERRORS: usize = 42;

#[tokio::test]
async fn the_corpus_replays_byte_for_byte_and_means_the_same_to_the_sdk() {
    let Some(corpus) = corpus::read() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.sqlite");
    import(&path, &corpus);
    report_repeats(&path);
    let cassette = open(&path, Mode::Replay);
    let player = Player::new(&cassette, no_upstream());
    let mut tally = Tally::default();
    for (index, exchange) in corpus.iter().enumerate() {
        let call = player.play(index, exchange).await;
        tally.note(
            exchange,
            call.means_the_same
                .and(all_as_recorded(exchange, &call.seen)),
        );
    }
    tally.close("imported and replayed");
    cassette.finish().unwrap();
}

#[tokio::test]
async fn the_corpus_survives_the_long_way_from_a_socket_through_a_recording() {
    let Some(corpus) = corpus::read() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.sqlite");
    let corpus = Arc::new(corpus);
    let url = serve(Arc::clone(&corpus)).await;

    let cassette = open(&path, Mode::RecordAll);
    let network = aws_smithy_http_client::Builder::new().build_http();
    let player = Player::at(&url, &cassette, network);
    let mut live = Tally::default();
    let mut answers = Vec::new();
    for (index, exchange) in corpus.iter().enumerate() {
        let call = player.play(index, exchange).await;
        live.note(
            exchange,
            call.means_the_same.and(all_as_served(exchange, &call.seen)),
        );
        answers.push(call.seen);
    }
    live.close("served and recorded");
    drop(player);
    assert_eq!(cassette.finish().unwrap().missed, 0);

    let cassette = open(&path, Mode::Replay);
    let player = Player::new(&cassette, no_upstream());
    let mut replayed = Tally::default();
    for (index, exchange) in corpus.iter().enumerate() {
        let call = player.play(index, exchange).await;
        let same = holds("answers", call.seen.last() == answers[index].last());
        replayed.note(exchange, call.means_the_same.and(same));
    }
    replayed.close("replayed from the recording");
    cassette.finish().unwrap();
}

fn open(path: &Path, mode: Mode) -> Cassette {
    let options = Cassette::options(path).mode(mode).unused(Unused::Error);
    options.environment(Environment::default()).open().unwrap()
}

/// Equal requests have one slot each, so that comparing in order proves their order.
fn report_repeats(path: &Path) {
    let slots = Reader::open(path).unwrap().slots().unwrap();
    let repeated = slots.iter().filter(|slot| slot.occurrence == 1).count();
    let repeats = slots.iter().filter(|slot| slot.occurrence > 0).count();
    println!("corpus: {repeated} requests occur more than once, {repeats} times in addition");
    assert!(repeated > 0);
}

/// Counts what passed and names what did not.
#[derive(Default)]
struct Tally {
    passed: BTreeMap<String, usize>,
    typed_errors: usize,
    untyped_errors: usize,
    failed: Vec<String>,
}

impl Tally {
    fn note(&mut self, exchange: &CorpusExchange, verdict: Verdict) {
        if exchange.response.status >= 400 {
            match error_type(exchange) {
                Some(_) => self.typed_errors += 1,
                None => self.untyped_errors += 1,
            }
        }
        match verdict {
            Ok(()) => *self.passed.entry(exchange.operation.clone()).or_default() += 1,
            Err(reason) => self
                .failed
                .push(format!("{} {}: {reason}", exchange.operation, exchange.id)),
        }
    }

    fn close(self, what: &str) {
        let passed: usize = self.passed.values().sum();
        let failed = self.failed.len();
        let (typed, untyped) = (self.typed_errors, self.untyped_errors);
        println!("corpus, {what}: {passed} of {ALL}: {:?}", self.passed);
        println!("  errors: {typed} typed, {untyped} without the header that names their type");
        assert_eq!((passed + failed, typed + untyped), (ALL, ERRORS));
        assert!(
            self.failed.is_empty(),
            "{failed} failed\n{}",
            self.failed.join("\n")
        );
    }
}

/// Imports the corpus as a user would.
fn import(path: &Path, corpus: &[CorpusExchange]) {
    let mut lines = corpus::lines().unwrap();
    let match_on = MatchOn::new();
    let published = Published::read(&mut lines, "dev.jsonl.gz", &match_on, &session(1)).unwrap();
    assert_eq!(published.refused, []);
    let imported = published.incoming.merge_into(path).unwrap();
    assert_eq!(imported.added, corpus.len() as u64);
}

/// A client that nothing may reach.
fn no_upstream() -> SharedHttpClient {
    SharedHttpClient::new(http_client_fn(|_, _| {
        panic!("a replay asked for a connection")
    }))
}

/// Serves every exchange on a socket.
async fn serve(corpus: Arc<Vec<CorpusExchange>>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let corpus = Arc::clone(&corpus);
            let service = service_fn(move |request| {
                let answer = answer(&corpus, &request);
                async { Ok::<_, Infallible>(answer) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service);
            tokio::spawn(connection);
        }
    });
    format!("http://{address}")
}

fn answer(
    corpus: &[CorpusExchange],
    request: &http::Request<hyper::body::Incoming>,
) -> http::Response<Full<Bytes>> {
    let index: usize = request.headers()[WANTED].to_str().unwrap().parse().unwrap();
    let exchange = &corpus[index].response;
    let mut response = http::Response::builder().status(exchange.status);
    for (name, value) in &exchange.headers {
        if is_end_to_end(name) {
            response = response.header(name, value);
        }
    }
    response.body(Full::new(exchange.body.clone())).unwrap()
}
