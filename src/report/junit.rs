//! A run as a test report that CI systems read.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::format::{Format, FormatError, Report};
use super::table;
use super::test_case::{failed, test_case};
use crate::bench::{Judging, Transcript, Turn};

/// A run as JUnit XML: a suite for each model with a test for each dialogue, which fails if one
/// of its calls did. A low score, or none, is no failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Junit;

const NAME: &str = "run";

impl Format for Junit {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let outcome = &report.outcome;
        let mut all = quick_junit::Report::new(format!("{NAME} {}", outcome.setup.plan));
        for model in &outcome.setup.models {
            let mut suite = TestSuite::new(model.name.clone());
            let setup = [
                table::judge_line(&outcome.setup),
                table::origin_line(report),
            ];
            suite.set_system_out(setup.join("\n"));
            let own = outcome.transcripts.iter();
            let own = own.filter(|transcript| transcript.model == model.name);
            suite.add_test_cases(own.map(dialogue));
            all.add_test_suite(suite);
        }
        Ok(format!("{}\n", all.to_string()?.trim_end()))
    }
}

fn dialogue(transcript: &Transcript) -> TestCase {
    let mut failures = transcript.turns.iter().flat_map(Turn::failures);
    let status = match failures.next() {
        Some(first) => failed(NonSuccessKind::Error, &first.to_string(), first.label()),
        None => TestCaseStatus::success(),
    };
    let class = format!("{NAME}.{}", transcript.model);
    let name = match transcript.sample {
        0 => transcript.scenario.clone(),
        sample => format!("{}, sample {sample}", transcript.scenario),
    };
    let lines: Vec<String> = transcript.turns.iter().map(told).collect();
    test_case(&class, &name, status, &lines)
}

/// `turn 1: 8 (form 3, substance 2, purity 3)`, or why there is no score.
fn told(turn: &Turn) -> String {
    let said = match &turn.judge {
        Judging::Judged { judgment, .. } => {
            let scores = judgment.scores.iter();
            let scores: Vec<String> = scores
                .map(|score| format!("{} {}", score.dimension, score.score))
                .collect();
            format!("{} ({})", judgment.overall, scores.join(", "))
        }
        Judging::Unscored { reason, .. } => format!("unscored: {}", reason.label()),
        Judging::NotAnswered => {
            let why = turn.not_answered().unwrap_or_default();
            format!("not answered: {why}")
        }
    };
    format!("turn {}: {said}", turn.turn)
}
