//! A comparison as a test report that CI systems read.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::lines;
use crate::regression::{Broken, Comparison, FEWEST, Guard, Metric, Options, Verdict};
use crate::report::format::{Format, FormatError};
use crate::report::test_case::{failed, skipped, test_case};

/// A comparison as JUnit XML: a test for the verdict, one for each guard, and one for each
/// metric, which holds its figures and cannot fail by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparisonJunit;

pub(super) const NAME: &str = "judge regress";
/// Why no guard looked.
pub(super) const NOT_COMPARED: &str = "the judges are not comparable";

impl Format<Comparison> for ComparisonJunit {
    fn render(&self, comparison: &Comparison) -> Result<String, FormatError> {
        let mut suite = TestSuite::new(NAME);
        suite.add_test_case(verdict(comparison));
        for guard in Guard::ALL {
            suite.add_test_case(guarded(guard, comparison));
        }
        for metric in comparison.metrics.iter().filter(|metric| metric.n > 0) {
            suite.add_test_case(measured(metric, comparison));
        }
        let mut report = Report::new(NAME);
        report.add_test_suite(suite);
        Ok(format!("{}\n", report.to_string()?.trim_end()))
    }
}

fn verdict(comparison: &Comparison) -> TestCase {
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
    let mut lines = vec![
        format!("A {a} → B {b}"),
        format!("changed: {}", lines::changes(comparison)),
        format!("answers {}", lines::provenance(comparison)),
        lines::paired(comparison),
    ];
    lines.extend(decision.notes.iter().cloned());
    case("verdict", status, &lines)
}

fn guarded(guard: Guard, comparison: &Comparison) -> TestCase {
    let is_own = |broken: &&Broken| broken.guard == guard;
    let status = match comparison.decision.broken.iter().find(is_own) {
        Some(broken) => failed(NonSuccessKind::Failure, &broken.detail, "guard"),
        None => match unwatched(guard, comparison) {
            Some(why) => skipped(&why),
            None => TestCaseStatus::success(),
        },
    };
    case(&format!("guard: {guard}"), status, &[])
}

/// Why a guard did not look: what was not looked at has not passed.
fn unwatched(guard: Guard, comparison: &Comparison) -> Option<String> {
    let overall = comparison.metrics.first();
    let [scored, clusters] = overall.map_or([0; 2], |overall| [overall.n, overall.clusters]);
    let why = match guard {
        _ if comparison.decision.verdict == Verdict::NotComparable => NOT_COMPARED,
        Guard::Probes if comparison.probes.is_empty() => "no probe is recorded",
        Guard::ParseFailures | Guard::Unscored | Guard::Probes => return None,
        _ if scored == 0 => "no turn is scored by both",
        Guard::Flips => return too_few(clusters, &comparison.options),
        Guard::Human => return untold(comparison),
        Guard::Tau | Guard::Winner if comparison.ranking.models.len() < 2 => {
            "there is one model only"
        }
        _ => return None,
    };
    Some(why.to_owned())
}

/// Why chance cannot be ruled out, whatever moved.
pub(super) fn too_few(clusters: usize, options: &Options) -> Option<String> {
    (clusters < FEWEST).then(|| {
        let counted = options.clusters.counted(clusters);
        format!("{counted}: fewer than {FEWEST} cannot tell")
    })
}

/// Why human labels do not tell whether the candidate is further from them.
fn untold(comparison: &Comparison) -> Option<String> {
    let Some(human) = &comparison.human else {
        return Some("there are no human labels".to_owned());
    };
    let is_told = human.clusters >= FEWEST && human.change.is_some();
    (!is_told).then(|| human.said(comparison.options.clusters))
}

fn measured(metric: &Metric, comparison: &Comparison) -> TestCase {
    let headings = lines::metric_headings(comparison);
    let cells = lines::metric(metric);
    let figures = headings.iter().zip(&cells).skip(1);
    let lines: Vec<String> = figures
        .map(|(name, cell)| format!("{name} {cell}"))
        .collect();
    case(
        &format!("metric: {}", metric.name),
        TestCaseStatus::success(),
        &lines,
    )
}

pub(super) fn case(name: &str, status: TestCaseStatus, lines: &[String]) -> TestCase {
    test_case(&NAME.replace(' ', "."), name, status, lines)
}
