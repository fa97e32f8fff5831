//! Every integration test, in one binary: each further one would link the AWS SDK again.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input must fail"
)]

mod bench_plan;
mod bench_rules;
mod bench_run;
mod bench_shipped;
mod bench_stand_in;
mod busy_bedrock;
mod cassette;
mod cassette_cli;
mod cassette_corpus;
mod cassette_damage;
mod cassette_processes;
mod cassette_transfer;
mod ci_workflow;
mod config_cli;
mod corpus;
mod corpus_replay;
mod cost_cli;
mod doctor;
mod faults;
mod foreign_bytes;
mod iam_cli;
mod identity;
mod interrupted;
mod judge_cli;
mod judge_pairwise;
mod judge_probes;
mod judge_reports;
mod judge_verdicts;
mod judges;
mod lab;
mod models_cli;
mod modes;
mod narrow;
mod offline;
mod operations;
mod page;
mod page_comparison;
mod page_reports;
mod pairwise;
mod plan_cli;
mod prune;
mod quotas;
mod readme;
mod record_demo;
mod recording;
mod redaction_live;
mod regions;
mod retries;
mod run_reports;
mod secrets;
mod server_calls;
mod server_corpus;
mod server_exec;
mod server_http2;
mod server_lab;
mod server_rules;
mod server_wire;
mod simulator;
mod simulator_faults;
mod simulator_wire;
mod speaking;
mod stored_cli;
mod streams;
mod testing;
mod together;
mod unused;
mod upstream;
mod upstream_credentials;
mod upstream_stand_in;
mod upstream_ways;
mod watching;
