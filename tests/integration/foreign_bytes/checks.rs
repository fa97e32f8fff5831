//! What must hold for any bytes at all, parser by parser. The fuzz targets in `fuzz/` include
//! this file and search for bytes that break it; the tests beside it try what is known.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a check that does not hold stops the fuzzer"
)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bedrock_replay::cassette::{Incoming, Published, Reader, Session, export};
use bedrock_replay::exchange::{
    EventStream, Frame, Headers, Json, Operation, Origin, Request, RequestParts, StreamWatch,
    Target,
};
use bedrock_replay::identity::{CanonicalRequest, MatchOn, RequestKey};
use bytes::Bytes;

/// A check of any bytes; it panics where it does not hold.
pub type Check = fn(&[u8]);

/// Every check under the name of its fuzz target.
#[allow(dead_code, reason = "each fuzz target runs one of them")]
pub const ALL: [(&str, Check); 7] = [
    ("canonical_json", canonical_json),
    ("cassette_file", cassette_file),
    ("event_stream", event_stream),
    ("export_lines", export_lines),
    ("http_jsonl", http_jsonl),
    ("request_path", request_path),
    ("stored_message", stored_message),
];

/// Event streams: a frame that is read is written again and read as the same.
pub fn event_stream(bytes: &[u8]) {
    for operation in [
        Operation::ConverseStream,
        Operation::InvokeModelWithResponseStream,
    ] {
        let whole = StreamWatch::is_whole(operation, bytes);
        assert!(!whole || EventStream::begins(bytes));
    }
    let Ok(stream) = EventStream::read(&Bytes::copy_from_slice(bytes)) else {
        return;
    };
    let _ = stream.exception();
    for frame in &stream.frames {
        let _ = frame.json();
        let encoded = frame.encode().expect("what was read can be written");
        assert_eq!(Frame::decode(&encoded).expect("and read again"), *frame);
    }
}

/// The canonical form is read back as itself, and does not depend on how it was written.
pub fn canonical_json(bytes: &[u8]) {
    let written = Json::read(bytes).map(|json| json.to_string());
    for operation in [
        Operation::Converse,
        Operation::CountTokens,
        Operation::StartAsyncInvoke,
    ] {
        let request = canonical(operation, bytes);
        assert_eq!(request.to_string().parse(), Ok(request.clone()));
        if let Ok(written) = &written {
            assert_eq!(canonical(operation, written.as_bytes()), request);
        }
    }
    if let Ok(written) = written {
        let read = Json::read(written.as_bytes()).expect("what was written can be read");
        assert_eq!(read.to_string(), written);
    }
}

/// However a request is keyed, the key is that of its canonical text.
fn canonical(operation: Operation, body: &[u8]) -> CanonicalRequest {
    let request = Request {
        target: Target::model_call(operation, "m"),
        headers: Headers::default(),
        body: Bytes::copy_from_slice(body),
        origin: Origin::default(),
        invocation: None,
    };
    let match_on = MatchOn::new();
    let canonical = CanonicalRequest::of(&request, &match_on);
    assert_eq!(RequestKey::of(&request, &match_on), canonical.key());
    canonical
}

/// A request's path and header lines: what is taken is written again as the same target, and
/// no header passes that no list names.
pub fn request_path(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let path_and_query = lines.next().unwrap_or_default();
    let headers = lines.map(|line| line.split_once(':').unwrap_or((line, "")));
    let headers: Vec<(&str, &str)> = headers.collect();
    for method in ["GET", "POST"] {
        let parts = RequestParts {
            method,
            path_and_query,
            host: "localhost",
            headers: headers.clone(),
            body: Bytes::new(),
        };
        let Ok(request) = Request::read(parts) else {
            continue;
        };
        let again = Target::parse(method, &request.target.path_and_query());
        assert_eq!(again.as_ref(), Ok(&request.target));
        let kept = Headers::of_request(request.headers.iter());
        assert_eq!(kept, request.headers);
    }
}

/// Exports that others wrote: refused with a line, or taken and written again.
pub fn export_lines(bytes: &[u8]) {
    let _ = Incoming::read_export(&mut &*bytes, "export");
    let text = [EXPORT_HEADER.as_bytes(), bytes].concat();
    let Ok(incoming) = Incoming::read_export(&mut &*text, "export") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.sqlite");
    incoming
        .merge_into(&path)
        .expect("what was read can be stored");
    let mut text = Vec::new();
    let mut reader = Reader::open(&path).expect("what was stored can be read");
    export(&mut reader, &mut text).expect("what was read can be written");
    Incoming::read_export(&mut &*text, "export").expect("and read again");
}

const EXPORT_HEADER: &str = r#"{"cassette":{"export":1,"canonical_version":1,"match_on":{}}}
{"recording":{"id":1,"started_at":"2026-01-01T00:00:00Z","tool_version":"0","provenance":"live"}}
"#;

/// Exchanges that others published: each line is taken or named.
pub fn http_jsonl(bytes: &[u8]) {
    let session = Session {
        started_at: "2026-01-01T00:00:00Z".parse().expect("a date"),
        tool_version: "0".to_owned(),
        largest: None,
    };
    let _ = Published::read(&mut &*bytes, "published", &MatchOn::new(), &session);
}

/// A file of any bytes, perhaps behind a cassette's header: refused, and left as it is unless
/// it says that a recording was interrupted.
pub fn cassette_file(bytes: &[u8]) {
    open_file(bytes);
    let mut behind_a_header = b"SQLite format 3\0".to_vec();
    behind_a_header.extend_from_slice(bytes);
    if let Some(id) = behind_a_header.get_mut(68..72) {
        id.copy_from_slice(b"BdRp");
    }
    open_file(&behind_a_header);
}

/// In the header of a file that a recording left open.
const WRITE_AHEAD: u8 = 2;

fn open_file(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.sqlite");
    std::fs::write(&path, bytes).expect("a file");
    read_all(&path);
    let is_interrupted = bytes.get(18) == Some(&WRITE_AHEAD);
    assert!(is_interrupted || std::fs::read(&path).expect("the file") == bytes);
}

fn read_all(path: &Path) {
    let Ok(mut reader) = Reader::open(path) else {
        return;
    };
    for slot in reader.slots().unwrap_or_default() {
        let _ = reader.outcome(&slot);
        let _ = reader.exchange(&slot);
    }
}

/// The stored form of a message: whatever stands in its column is refused, not believed.
pub fn stored_message(bytes: &[u8]) {
    let (_, path) = &*CASSETTE;
    let connection = rusqlite::Connection::open(path).expect("the cassette");
    for table in ["attempt", "exchange"] {
        let sql = format!("UPDATE {table} SET message = ?1");
        connection.execute(&sql, [bytes]).expect("a changed row");
    }
    drop(connection);
    read_all(path);
}

static CASSETTE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.sqlite");
    let text = [EXPORT_HEADER, EXCHANGE].concat();
    let incoming = Incoming::read_export(&mut text.as_bytes(), "export").expect("an export");
    incoming.merge_into(&path).expect("a cassette");
    (folder, path)
});

const EXCHANGE: &str = r#"{"exchange":{"recording":1,"operation":"Converse","path":"/model/m/converse","attempts":[{"status":200,"body":{"json":{}},"first_byte_us":1,"total_us":1}]}}
"#;
