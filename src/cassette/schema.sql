-- Format 2. No table depends on the order in which exchanges were recorded:
-- primary keys are content or counts, and dates stand in `recording` alone.
-- A digest is the front of a SHA-256 over a row, its bodies as they were on the wire; a checksum
-- is an XXH3 over a row as it is stored. One flipped bit makes them, or a word, false.

-- What keyed this cassette: one row.
CREATE TABLE identity (
    one               INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    canonical_version INTEGER NOT NULL,
    match_on          TEXT    NOT NULL,
    digest            BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- A session that wrote here.
CREATE TABLE recording (
    id           INTEGER NOT NULL PRIMARY KEY,
    started_at   TEXT    NOT NULL,
    tool_version TEXT    NOT NULL,
    provenance   TEXT    NOT NULL,
    host         TEXT    NOT NULL,
    region       TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('open', 'ended')),
    digest       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- One logical call. `message` is its headers and body, in the codec of docs/cassette-format.md.
CREATE TABLE exchange (
    request_key BLOB    NOT NULL CHECK (length(request_key) = 32),
    scope       TEXT    NOT NULL,
    occurrence  INTEGER NOT NULL CHECK (occurrence >= 0),
    recording   INTEGER NOT NULL REFERENCES recording (id),
    operation   TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    message     BLOB    NOT NULL,
    digest      BLOB    NOT NULL,
    PRIMARY KEY (request_key, scope, occurrence)
) STRICT, WITHOUT ROWID;

-- One transmission of it, found in one step: `id` is the front of a SHA-256 over the exchange's
-- key, and for all but the last one over its number too. Times are microseconds from the
-- request's first byte. `previous` is the number of the transmission before it; `role` says what
-- it came to: another one follows (`retried`), or it is the exchange's outcome, an `answer` or a
-- `failure`.
CREATE TABLE attempt (
    id            INTEGER NOT NULL PRIMARY KEY,
    number        INTEGER NOT NULL CHECK (number >= 0),
    previous      INTEGER,
    role          TEXT    NOT NULL CHECK (role IN ('retried', 'answer', 'failure')),
    ending        TEXT    NOT NULL
                  CHECK (ending IN ('complete', 'truncated', 'abandoned', 'broken', 'fault')),
    status        INTEGER,
    message       BLOB,
    chunks        BLOB,
    fault_kind    TEXT,
    fault_message TEXT,
    first_byte    INTEGER NOT NULL,
    total         INTEGER NOT NULL,
    checksum      INTEGER NOT NULL,
    digest        BLOB    NOT NULL
) STRICT;

-- Long texts, each once, cut into pieces of which four fill a page: `id` is the front of the
-- text's SHA-256, and one more for each further piece.
CREATE TABLE text (
    id       INTEGER NOT NULL PRIMARY KEY,
    bytes    BLOB    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;

-- The compression dictionary that `pack` trains, in pieces; empty until then.
CREATE TABLE dictionary (
    id       INTEGER NOT NULL PRIMARY KEY,
    bytes    BLOB    NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
