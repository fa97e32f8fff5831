//! The search for planted secrets: in files as they lie there, and in what a reader takes out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use bedrock_replay::cassette::{Reader, export};
use bedrock_replay::environment::Environment;
use bedrock_replay::playback::Unused;
use bedrock_replay::{Cassette, Mode};

use crate::lab::{HAIKU, Log, converse_answer, impatient, response, upstream, user};
use crate::secrets_planted::PLANTED;

/// Looks into every file as it lies there, and at what a reader takes out of each cassette.
pub fn search_folder(folder: &Path) {
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
pub fn texts_of(path: &Path) -> Vec<u8> {
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
pub fn found_in(bytes: &[u8]) -> Vec<&'static str> {
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
