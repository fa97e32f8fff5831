# What a person types; .ci/run calls the same recipes.

set shell := ["bash", "-euo", "pipefail", "-c"]

program := env("CARGO_TARGET_DIR", "target") / "debug/bedrock-replay"

# List the recipes
default:
    @just --list

# Every test, as the README says
test:
    cargo test

# The example crate, with the features of `cargo test`: nothing else is built a second time
example:
    cargo test -p bedrock-replay -p judge-regression-example --test judge

# Formatting, clippy and spelling
lint: format clippy typos

# Is everything formatted?
format:
    cargo fmt --all --check

# Clippy on every target; a warning is an error
clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# Spelling
typos:
    typos

# Each feature alone, and none: it builds without a warning, and the core tests pass without any
features:
    for feature in live bench serve cli; do \
        echo "== --features $feature"; \
        cargo clippy --no-default-features --features "$feature" -- -D warnings; \
    done
    cargo clippy --no-default-features --test core --test layering -- -D warnings
    cargo test --no-default-features --test core --test layering

# The documentation; a broken link is an error
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

# Licences, banned crates and features, sources
deny:
    # Advisories are left out: their database is a git repository, and this check needs no network.
    cargo deny check --hide-inclusion-graph licenses bans sources

# Replay 1,424 real Bedrock exchanges that lie outside the project
corpus folder=env("BEDROCK_REPLAY_CORPUS", "../shared/corpus"): (_some "corpus")
    test -e "{{ folder }}/dev.jsonl.gz" || { echo "no corpus in {{ folder }}" >&2; exit 1; }
    BEDROCK_REPLAY_CORPUS="{{ absolute_path(folder) }}" \
        cargo test --test integration corpus -- --nocapture

# The replay tests and the main job in a network namespace without a network, loopback down
offline: (_some "offline::") build
    unshare -rn cargo test --offline --test integration offline::
    unshare -rn {{ program }} run > /dev/null

# The pages in a headless Chromium: filters, keys, themes, print, and that they ask no host
browser *arguments: (_some "page")
    cargo test --test integration page
    tests/browser/run {{ arguments }}

# Build the program
build:
    cargo build

# Replay the weekly benchmark
run *arguments:
    cargo run -- run {{ arguments }}

# Record the shipped cassettes again, from the simulator
record-demo: build
    #!/usr/bin/env bash
    set -euo pipefail
    work=$(mktemp -d)
    "{{ program }}" simulate --listen 127.0.0.1:0 > "$work/simulator" &
    simulator=$!
    trap 'kill $simulator; rm -r "$work"' EXIT
    until endpoint=$(sed -n 's/^listening on //p' "$work/simulator") && [ -n "$endpoint" ]; do
        kill -0 $simulator
        sleep 0.1
    done
    mkdir -p cassettes tests/cassettes
    rm -f cassettes/weekly.sqlite cassettes/judge-demo.sqlite cassettes/pairwise-demo.sqlite tests/cassettes/tutor.sqlite
    unset CI
    "{{ program }}" run --mode record-all --cassette "$work/weekly.sqlite" --endpoint-url "$endpoint"
    "{{ program }}" cassette pack "$work/weekly.sqlite" --output cassettes/weekly.sqlite
    for edit in reworded strict cut; do
        "{{ program }}" judge record --quiet --cassette cassettes/weekly.sqlite \
            --judgments "$work/judge-demo.sqlite" --candidate scenarios/judges/demo/$edit \
            --endpoint-url "$endpoint"
    done
    "{{ program }}" cassette pack "$work/judge-demo.sqlite" --output cassettes/judge-demo.sqlite
    for judge in pairwise demo/partial; do
        "{{ program }}" judge record --quiet --cassette cassettes/weekly.sqlite \
            --judgments "$work/pairwise-demo.sqlite" --candidate scenarios/judges/$judge \
            --model claude-3-5-haiku --model llama-3-1-70b --endpoint-url "$endpoint"
    done
    "{{ program }}" cassette pack "$work/pairwise-demo.sqlite" --output cassettes/pairwise-demo.sqlite
    BEDROCK_REPLAY_MODE=record-all AWS_ENDPOINT_URL_BEDROCK_RUNTIME=$endpoint \
        cargo test --test integration readme::example
    "{{ program }}" cassette pack tests/cassettes/tutor.sqlite

# Record the example's cassette again, from the simulator
record-example: build
    #!/usr/bin/env bash
    set -euo pipefail
    program="{{ absolute_path(program) }}"
    cd examples/judge-regression
    work=$(mktemp -d)
    "$program" simulate --listen 127.0.0.1:0 > "$work/simulator" &
    simulator=$!
    trap 'kill $simulator; rm -r "$work"' EXIT
    until endpoint=$(sed -n 's/^listening on //p' "$work/simulator") && [ -n "$endpoint" ]; do
        kill -0 $simulator
        sleep 0.1
    done
    unset CI
    plan=(--plan scenarios/tutoring.toml)
    recording=("${plan[@]}" --cassette "$work/tutoring.sqlite" --endpoint-url "$endpoint")
    "$program" run --mode record-all "${recording[@]}"
    "$program" judge record "${recording[@]}" --candidate strict
    "$program" cassette pack "$work/tutoring.sqlite" --output cassettes/tutoring.sqlite
    "$program" judge pin "${plan[@]}"
    cd ../..
    INSTA_UPDATE=always just example

# boto3, the AWS CLI, JavaScript, Rust and LangChain against the built server
clients *checks: (_python "clients" ".ci/requirements-clients.txt") (_node "clients" "tests/clients/javascript")
    cargo build --bin bedrock-replay --example sdk-client
    PYTHONPATH=tests/clients target/clients/venv/bin/python -m driver {{ checks }}

# Our recorder beside aimock and ddapm-test-agent (several minutes; needs wrk)
peers: (_python "peers" "benches/peers/requirements.txt") (_node "peers" "benches/peers")
    cargo build --release --bin bedrock-replay
    CLIENTS_PROFILE=release PYTHONPATH=tests/clients target/peers/venv/bin/python -m driver compare

# Speed and size
bench *arguments:
    cargo bench {{ arguments }}

# Search for bytes that break a parser (needs a nightly Rust and cargo-fuzz)
fuzz target seconds="60":
    #!/usr/bin/env bash
    set -euo pipefail
    if ! cargo +nightly fuzz --version > /dev/null 2>&1; then
        echo "expected a nightly Rust and cargo-fuzz, found at least one missing" >&2
        echo "  rustup toolchain install nightly --profile minimal" >&2
        echo "  cargo install cargo-fuzz" >&2
        echo "\`cargo test --test integration foreign_bytes\` tries the same checks on known bytes" >&2
        exit 1
    fi
    mkdir -p "fuzz/corpus/{{ target }}"
    cargo +nightly fuzz run "{{ target }}" "fuzz/corpus/{{ target }}" "fixtures/foreign/{{ target }}" \
        -- -max_total_time={{ seconds }} -rss_limit_mb=2048

# How fast the endpoint replays (needs wrk; records for some minutes, 1.3 GB)
bench-serve turns="7" *kept:
    cargo build --release
    benches/serve/run target/release/bedrock-replay {{ turns }} {{ kept }}

# What a large run and a large plan take
bench-run times="5":
    cargo build --release
    benches/run/run target/release/bedrock-replay {{ times }}

# Look at changed snapshots one by one (needs cargo-insta)
snapshots:
    cargo insta test --review

# Replaying left no changed byte behind
untouched:
    git status --porcelain
    test -z "$(git status --porcelain)"

# Everything that CI does
ci:
    CI=true bash .ci/run

# Pinned packages below target/, installed once for each list of them.
_python folder requirements:
    #!/usr/bin/env bash
    set -euo pipefail
    venv="target/{{ folder }}/venv"
    cmp -s "{{ requirements }}" "$venv/requirements.txt" && exit
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: \
        -r "{{ requirements }}"
    cp "{{ requirements }}" "$venv/requirements.txt"

_node folder sources:
    #!/usr/bin/env bash
    set -euo pipefail
    modules="target/{{ folder }}/npm"
    cmp -s "{{ sources }}/package-lock.json" "$modules/installed.json" && exit
    mkdir -p "$modules"
    cp "{{ sources }}"/package*.json "$modules"
    PATH="$PWD/target/{{ folder }}/venv/bin:$PATH" npm ci --prefix "$modules" \
        --ignore-scripts --no-audit --no-fund
    cp "{{ sources }}/package-lock.json" "$modules/installed.json"

# A filter that matches no test would pass unseen.
_some filter:
    cargo test --test integration -- --list "{{ filter }}" | grep ': test$' > /dev/null \
        || { echo "no test matches {{ filter }}" >&2; exit 1; }
