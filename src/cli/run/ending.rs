//! What a run leaves: its report, what was left over, and what it says of calls that missed or failed.

use std::io::{self, Write as _};

use bedrock_replay::bench::{Misses, Outcome, Speaking, is_of_a_judge};
use bedrock_replay::cassette::Slot;
use bedrock_replay::exchange::Operation;
use bedrock_replay::playback::{MissReason, PlaybackReport};
use bedrock_replay::registry::Remark;
use bedrock_replay::report::{Html, Report, write_file, write_files};
use bedrock_replay::words::counted;
use bedrock_replay::{Cassette, Mode};

use super::command::Run;
use crate::cli::exit_code;
use crate::cli::explained::{Whereabouts, explained};
use crate::cli::failure::Failure;
use crate::cli::planned::today;
use crate::cli::spending::spent;
use crate::cli::unused_file::Course;

impl Run {
    pub(super) fn cut_short(&self, cassette: &Cassette, why: &str) -> Result<(), Failure> {
        let course = Course::CutShort(why.to_owned());
        self.unused_file
            .write(cassette.playback().path(), &[], course)
    }

    /// Writes down what this run left over, and says so where nobody would look for it.
    pub(super) fn tell_unused(
        &self,
        cassette: &Cassette,
        report: &PlaybackReport,
        outcome: &Outcome,
    ) -> Result<(), Failure> {
        // Other judges than the plan's were asked about these dialogues, and are compared with it.
        let unused: Vec<Slot> = report
            .unused
            .iter()
            .filter(|slot| !is_of_a_judge(&slot.scope))
            .cloned()
            .collect();
        let left = unused.len() as u64;
        let records = cassette.mode() == Mode::RecordAll;
        let failed: u32 = outcome.failures().values().sum();
        // Of a dialogue that broke off the rest was not asked for, and is not left over.
        let is_sure = records && failed == 0;
        if is_sure && left > 0 && !self.quiet && !self.unused_file.is_asked_for() {
            anstream::eprintln!(
                "note: {} of before stayed, which this run did not ask for (--unused-file FILE writes them down, `bedrock-replay cassette prune` removes them)",
                counted(left, "exchange")
            );
        }
        let course = match (records, failed) {
            // What the rest of the plan asks for is not left over.
            _ if self.chosen.is_a_selection() => {
                Course::CutShort("only some of the plan was run".to_owned())
            }
            (true, failed @ 1..) => {
                Course::CutShort(format!("{} failed", counted(u64::from(failed), "call")))
            }
            _ => Course::Whole,
        };
        let path = cassette.playback().path();
        self.unused_file.write(path, &unused, course)
    }

    pub(super) fn show(&self, report: &Report) -> Result<(), Failure> {
        if let Some(folder) = &self.out {
            write_files(folder, report).map_err(Failure::general)?;
        }
        if let Some(path) = &self.html {
            write_file(path, &Html, report).map_err(Failure::general)?;
        }
        let text = self
            .format
            .format()
            .render(report)
            .map_err(Failure::general)?;
        if self.watching.takes_standard_output() {
            anstream::eprint!("{text}");
            return Ok(());
        }
        print(&text).map_err(Failure::general)
    }

    pub(super) async fn missed(&self, misses: Misses) -> Failure {
        let others = misses.requests - 1;
        let also = (others > 0).then(|| {
            format!(
                "{} of this run would miss",
                counted(others, "other request")
            )
        });
        let asked = self.asked_for_missing().await;
        let asked = asked.unwrap_or_else(|| counted(misses.requests, "call"));
        let help = format!("{}   ({asked})", self.recording_command());
        let help = match self.other_form(&misses.first.0.reason) {
            Some(flag) => format!("the same command {flag} replays it; to record it anew:\n{help}"),
            None => help,
        };
        let help = match self.meant(&misses.first.0.subject) {
            Some(remark) => format!("{remark}; to record it as it is:\n{help}"),
            None => help,
        };
        let miss = misses.first.0.with_advice(also, help);
        Failure::with_code(exit_code::REPLAY_MISS, miss)
    }

    /// `60 calls, about $0.21`: what the command asks that records what is missing, and what that
    /// costs where a price is known.
    pub(super) async fn asked_for_missing(&self) -> Option<String> {
        let plan = self.manner.of(self.chosen.load().ok()?);
        let survey = Box::pin(self.survey(&plan)).await.ok()?;
        let (calls, bill) = spent(&survey, Mode::RecordMissing);
        let calls = counted(calls, "call");
        Some(match bill.priced {
            0 => calls,
            _ => format!("{calls}, about {bill}"),
        })
    }

    /// What is wrong with the id of a model that looks wrong.
    pub(super) fn meant(&self, model: &str) -> Option<String> {
        let registry = self.chosen.load().ok()?.registry;
        let mut remarks = registry.remarks(model, today()).into_iter();
        let wrong = remarks.find(Remark::is_of_a_wrong_id)?;
        Some(format!("{model}: {wrong}"))
    }

    /// How a call of a dialogue is asked for that is recorded in the other form.
    pub(super) fn other_form(&self, reason: &MissReason) -> Option<&'static str> {
        let MissReason::OtherForm { operation, .. } = reason else {
            return None;
        };
        match (operation, self.manner.speaking()) {
            (Operation::Converse, Speaking::Streamed) => Some("without --stream"),
            (Operation::ConverseStream, Speaking::AtOnce) => Some("with --stream"),
            _ => None,
        }
    }
}

/// What failed, how often, how it failed first, and how to ask again.
pub(super) fn failed_calls(
    outcome: &Outcome,
    asked: Whereabouts<'_>,
    next: &str,
) -> Option<String> {
    let (place, first) = outcome.first_failure()?;
    let failures = outcome.failures();
    let reasons: Vec<String> = failures
        .iter()
        .map(|(reason, count)| format!("{count} × {reason}"))
        .collect();
    let count = failures.values().sum::<u32>();
    Some(format!(
        "{} of this run failed: {}\n  first     {place}\n            {first}\n{}  help      {}",
        counted(count, "call"),
        reasons.join(", "),
        explained(first, asked),
        next
    ))
}

/// Prints to standard output; a reader that has seen enough is no failure.
fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
