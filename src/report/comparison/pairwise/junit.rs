//! A comparison of pairwise judges as a test report that CI systems read.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::super::junit::{ComparisonJunit, NAME, NOT_COMPARED, case, too_few};
use super::super::lines::metric;
use super::lines;
use crate::regression::{Guard, PairwiseComparison, Verdict};
use crate::report::format::{Format, FormatError};
use crate::report::test_case::{failed, skipped};

impl Format<PairwiseComparison> for ComparisonJunit {
    fn render(&self, comparison: &PairwiseComparison) -> Result<String, FormatError> {
        let mut suite = TestSuite::new(NAME);
        suite.add_test_case(verdict(comparison));
        for guard in Guard::PAIRWISE {
            suite.add_test_case(guarded(guard, comparison));
        }
        let headings = lines::metric_headings(comparison);
        for own in comparison.metrics.iter().filter(|own| own.n > 0) {
            let cells = metric(own);
            let figures = headings.iter().zip(&cells).skip(1);
            let lines: Vec<String> = figures
                .map(|(name, cell)| format!("{name} {cell}"))
                .collect();
            let name = format!("metric: {}", own.name);
            suite.add_test_case(case(&name, TestCaseStatus::success(), &lines));
        }
        let mut report = Report::new(NAME);
        report.add_test_suite(suite);
        Ok(format!("{}\n", report.to_string()?.trim_end()))
    }
}

fn verdict(comparison: &PairwiseComparison) -> TestCase {
    let decision = &comparison.decision;
    let name = decision.verdict.to_string();
    let status = match decision.verdict {
        Verdict::Equivalent => TestCaseStatus::success(),
        Verdict::Changed | Verdict::Regressed | Verdict::Inconclusive => {
            failed(NonSuccessKind::Failure, &decision.because, &name)
        }
        Verdict::NotComparable => failed(NonSuccessKind::Error, &decision.because, &name),
    };
    let (a, b) = (&comparison.a.judge, &comparison.b.judge);
    let mut said = vec![
        format!("A {a} → B {b}"),
        format!("changed: {}", lines::changes(comparison)),
        format!("answers {}", lines::provenance(comparison)),
        lines::paired(comparison),
    ];
    said.extend(decision.notes.iter().cloned());
    case("verdict", status, &said)
}

fn guarded(guard: Guard, comparison: &PairwiseComparison) -> TestCase {
    let mut broken = comparison.decision.broken.iter();
    let status = match broken.find(|broken| broken.guard == guard) {
        Some(broken) => failed(NonSuccessKind::Failure, &broken.detail, "guard"),
        None => match unwatched(guard, comparison) {
            Some(why) => skipped(&why),
            None => TestCaseStatus::success(),
        },
    };
    case(&format!("guard: {guard}"), status, &[])
}

/// Why a guard did not look: what was not looked at has not passed.
fn unwatched(guard: Guard, comparison: &PairwiseComparison) -> Option<String> {
    match guard {
        _ if comparison.decision.verdict == Verdict::NotComparable => Some(NOT_COMPARED.to_owned()),
        Guard::Position => too_few(comparison.subjects.clusters, &comparison.options),
        _ => None,
    }
}
