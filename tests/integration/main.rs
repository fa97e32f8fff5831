//! Every integration test, in one binary: each further one would link the AWS SDK again.
mod cassette;
mod simulator;
