//! The run from its first look at the plan to its last word.

use std::path::PathBuf;
use std::sync::Arc;

use bedrock_replay::bench::{self, Expenses, Misses, Outcome, Plan, Speaking};
use bedrock_replay::client::{CassetteOptions, OpenError};
use bedrock_replay::clock::SystemClock;
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::playback::{PlaybackReport, ResolvedMode, Unused};
use bedrock_replay::report::Report;
use bedrock_replay::{Cassette, Mode};

use super::command::Run;
use super::ending::failed_calls;
use crate::cli::attended::Attended;
use crate::cli::exit_code;
use crate::cli::expenses::told;
use crate::cli::explained::{Whereabouts, gave_up};
use crate::cli::failure::Failure;
use crate::cli::progress::Audience;
use crate::cli::record_mode;
use crate::cli::stage;
use crate::cli::unopened::unopened;

impl Run {
    pub async fn run(mut self) -> Result<(), Failure> {
        self.watching.start_log();
        if self.only_planned {
            return Box::pin(self.tell_plan()).await;
        }
        let plan = self.manner.of(self.chosen.load()?);
        self.check_mode()?;
        self.look_ahead(&plan).await?;
        let mut attended = Attended::listen(plan.calls(), self.audience(), &self.watching)?;
        let done = Box::pin(self.hold(plan, &mut attended)).await;
        attended.end(done)
    }

    /// Holds the dialogues, and tells what came of them.
    pub(super) async fn hold(self, plan: Plan, attended: &mut Attended) -> Result<(), Failure> {
        let cassette = self.open(&plan)?;
        let prices = self.spending.book(&plan.path)?;
        let clock = Arc::new(SystemClock::new());
        let region = self.upstream.first_region().await;
        let registry = plan.registry.clone();
        let asked = Whereabouts {
            region: Some(&region),
            registry: Some(&registry),
        };
        let expenses = Expenses::new(prices, registry.clone(), Some(region.clone()), clock);
        let run = self.equip(plan, &cassette, attended).await?;
        let run = run.expenses(expenses.clone()).execute();
        let outcome = attended.wait(&cassette, run).await;
        stage::end_line();
        let provenance = provenance(&cassette, &outcome);
        let report = match (cassette.finish(), outcome.gave_up()) {
            // A cassette that failed the calls may fail the end as well.
            (Err(_), Some(_)) => PlaybackReport::default(),
            (finished, _) => finished.map_err(Failure::general)?,
        };
        let next = self.command_after(Some(&cassette), Mode::RecordMissing);
        let next = next.line();
        if let Some(stopped) = attended.stopped(&cassette, &next) {
            self.cut_short(&cassette, "it was interrupted")?;
            return Err(stopped);
        }
        if let Some((place, failure)) = outcome.gave_up() {
            let known = failure.explanation(asked.region);
            let why = known.map_or_else(|| failure.to_string(), |known| known.what.to_string());
            self.cut_short(&cassette, &why)?;
            return Err(gave_up(&place, failure, asked, &next));
        }
        if let Some(misses) = Misses::of(&outcome) {
            self.cut_short(&cassette, "calls missed")?;
            return Err(self.missed(misses).await);
        }
        self.tell_unused(&cassette, &report, &outcome)?;
        let report = Report {
            outcome,
            provenance: provenance?,
        };
        self.show(&report)?;
        self.tell_expenses(&expenses, &report);
        match failed_calls(&report.outcome, asked, &next) {
            Some(text) => Err(Failure::general(text)),
            None => Ok(()),
        }
    }

    /// After the report, so that it is the last that is read.
    pub(super) fn tell_expenses(&self, expenses: &Expenses, report: &Report) {
        let told = told(expenses, &report.provenance);
        if !self.quiet && !told.is_empty() {
            anstream::eprintln!("\n{told}");
        }
    }

    pub(super) fn open(&self, plan: &Plan) -> Result<Cassette, Failure> {
        let resolved = self.resolved_mode()?;
        if !self.quiet {
            record_mode::say_if_held_back(resolved);
        }
        record_mode::say_if_shared(resolved.mode(), &self.cassette_path(plan));
        let opened = self.options(plan).open();
        opened.map_err(|error| match error {
            OpenError::Mode(_) => Failure::with_code(exit_code::USAGE, error),
            OpenError::Cassette(error) => unopened(error, record_mode::how_to_record(resolved)),
        })
    }

    pub(super) fn options(&self, plan: &Plan) -> CassetteOptions {
        let mut options = Cassette::options(self.cassette_path(plan))
            .environment(self.environment())
            .unused(Unused::Ok);
        if let Some(mode) = self.mode {
            options = options.mode(mode);
        }
        if let Some(url) = &self.endpoint_url {
            options = options.endpoint_url(url);
        }
        if let Some(since) = self.since.time() {
            options = options.since(since);
        }
        self.upstream.at(options)
    }

    pub(super) fn cassette_path(&self, plan: &Plan) -> PathBuf {
        self.cassette.clone().unwrap_or_else(|| plan.cassette())
    }

    pub(super) fn environment(&self) -> Environment {
        record_mode::environment(self.mode, Environment::of_process())
    }

    pub(super) fn resolved_mode(&self) -> Result<ResolvedMode, Failure> {
        record_mode::resolved(self.mode, &self.environment())
    }

    pub(super) async fn equip(
        &self,
        plan: Plan,
        cassette: &Cassette,
        attended: &Attended,
    ) -> Result<bench::Run, Failure> {
        let client = cassette.client().await.map_err(Failure::general)?;
        let run = bench::Run::new(plan, client).concurrency(self.concurrency);
        let run = attended.equip(run, cassette, &self.upstream);
        Ok(match (self.manner.speaking(), self.quiet) {
            (Speaking::AtOnce, _) => run,
            (Speaking::Streamed, false) => run.listener(stage::listener()),
            (Speaking::Streamed, true) => run.listener(Arc::new(|_, _| {})),
        })
    }

    /// Who is shown the progress: before dialogues that are heard word by word, nobody.
    pub(super) fn audience(&self) -> Audience {
        if self.manner.speaking() == Speaking::Streamed {
            return Audience::Nobody;
        }
        self.reader()
    }

    /// Who reads notes.
    pub(super) fn reader(&self) -> Audience {
        if self.quiet {
            return Audience::Nobody;
        }
        Audience::of_stderr()
    }

    /// Told before any file is touched; an unknown mode is told where the cassette is opened.
    pub(super) fn check_mode(&self) -> Result<(), Failure> {
        match self.resolved_mode() {
            Ok(resolved) => {
                self.since.check(resolved.mode())?;
                self.unused_file.check(resolved.mode())
            }
            Err(_) => Ok(()),
        }
    }
}

/// Who gave the answers of this run.
fn provenance(cassette: &Cassette, outcome: &Outcome) -> Result<Vec<Provenance>, Failure> {
    match (cassette.mode(), outcome.is_simulated) {
        (Mode::Passthrough, true) => Ok(vec![Provenance::Simulated]),
        (Mode::Passthrough, false) => Ok(vec![Provenance::Live]),
        _ => cassette.provenance().map_err(Failure::general),
    }
}
