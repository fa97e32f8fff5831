//! Test cases that CI systems read.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus};

/// Why a test did not pass.
pub(super) fn failed(kind: NonSuccessKind, message: &str, kind_of_failure: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message).set_type(kind_of_failure);
    status
}

/// Why a test did not run.
pub(super) fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

/// A test with what it printed.
pub(super) fn test_case(
    class: &str,
    name: &str,
    status: TestCaseStatus,
    lines: &[String],
) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    if !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    case
}
