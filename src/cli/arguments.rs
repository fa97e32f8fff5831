//! What a person types.

use clap::{Parser, Subcommand};

/// Record Amazon Bedrock benchmarks once, replay them offline, byte for byte.
#[derive(Debug, Parser)]
#[command(name = "bedrock-replay", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Cassette(super::cassette::CassetteCommand),
    Config(super::config::Config),
    Cost(super::cost::Cost),
    Doctor(super::doctor::Doctor),
    Exec(super::exec::Exec),
    IamPolicy(super::iam_policy::IamPolicy),
    Judge(super::judge::JudgeCommand),
    Models(super::models::Models),
    Plan(super::plan::PlanCommand),
    Prices(super::prices::Prices),
    Run(super::run::Run),
    Serve(super::serve::Serve),
    Simulate(super::simulate::Simulate),
    Stored(super::stored::Stored),
}
