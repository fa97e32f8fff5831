//! What a comparison still needs, by the same formats as a comparison: a check that fails for
//! want of judgments names them.

use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report, TestSuite};
use serde::Serialize;

use super::github::{ComparisonGithub, TITLE};
use super::json::ComparisonJson;
use super::junit::{ComparisonJunit, NAME, case};
use super::markdown::{ComparisonMarkdown, folded};
use super::text::ComparisonText;
use crate::judge::Identity;
use crate::pricing::{Bill, Usage};
use crate::regression::Changes;
use crate::rejudging::{Missing, MissingCall, NotRecorded};
use crate::report::escaped::escaped;
use crate::report::format::{Format, FormatError};
use crate::report::test_case::failed;
use crate::report::workflow::command;

/// The JSON Schema (draft 2020-12) of what a comparison still needs.
pub const MISSING_SCHEMA: &str = include_str!("missing.schema.json");

/// Readers refuse a version that they do not know.
const SCHEMA_VERSION: u32 = 1;
/// Calls that are named in a pull request.
const NAMED: usize = 10;

#[derive(Serialize)]
struct Whole<'a> {
    schema_version: u32,
    kind: &'static str,
    verdict: &'static str,
    /// Of all sides together.
    cost: Bill,
    sides: Vec<Needed<'a>>,
    missing: Vec<Call<'a>>,
    changes: Option<&'a Changes>,
}

#[derive(Serialize)]
struct Needed<'a> {
    side: &'static str,
    judge: &'a Identity,
    calls: u64,
    missing: usize,
    usage: Usage,
    cost: Bill,
    record: &'a str,
}

#[derive(Serialize)]
struct Call<'a> {
    side: &'static str,
    #[serde(flatten)]
    call: &'a MissingCall,
}

/// The verdict of what cannot be compared yet, and of what can.
fn verdict(needed: &NotRecorded) -> &'static str {
    match needed.lacking().next() {
        Some(_) => "MISSING",
        None => "RECORDED",
    }
}

impl Format<NotRecorded> for ComparisonJson {
    fn render(&self, needed: &NotRecorded) -> Result<String, FormatError> {
        let sides = needed.sides.iter();
        let of = |(own, _): &'_ (Missing, String)| own.side;
        let calls = needed.sides.iter().flat_map(|own| {
            let side = of(own);
            own.0.missing.iter().map(move |call| Call { side, call })
        });
        let whole = Whole {
            schema_version: SCHEMA_VERSION,
            kind: "judge-missing",
            verdict: verdict(needed),
            cost: needed.bill(),
            sides: sides
                .map(|(own, record)| Needed {
                    side: own.side,
                    judge: &own.judge,
                    calls: own.calls,
                    missing: own.missing.len(),
                    usage: own.usage,
                    cost: own.bill,
                    record,
                })
                .collect(),
            missing: calls.collect(),
            changes: needed.changes.as_ref(),
        };
        let mut text = serde_json::to_string_pretty(&whole)?;
        text.push('\n');
        Ok(text)
    }
}

impl Format<NotRecorded> for ComparisonText {
    fn render(&self, needed: &NotRecorded) -> Result<String, FormatError> {
        let most = match self {
            Self::Full => usize::MAX,
            Self::Brief | Self::Moved => NAMED,
        };
        let mut out = String::new();
        writeln!(out, "VERDICT     {}", verdict(needed))?;
        for (missing, record) in needed.lacking() {
            writeln!(out, "{}\n  record them: {record}", missing.listed(most))?;
        }
        Ok(out)
    }
}

impl Format<NotRecorded> for ComparisonMarkdown {
    fn render(&self, needed: &NotRecorded) -> Result<String, FormatError> {
        let mut out = String::new();
        writeln!(out, "### 📼 judge {}\n", verdict(needed))?;
        for (missing, record) in needed.lacking() {
            writeln!(out, "**{}**\n", escaped(&missing.heading()))?;
            writeln!(out, "```sh\n{record}\n```\n")?;
            writeln!(out, "<details><summary>missing</summary>\n")?;
            for call in missing.missing.iter().take(NAMED) {
                writeln!(out, "- {}", escaped(&call.to_string()))?;
            }
            let more = missing.missing.len().saturating_sub(NAMED);
            if more > 0 {
                writeln!(out, "- and {more} more: `{}`", needed.listing)?;
            }
            writeln!(out, "\n</details>\n")?;
        }
        if let Some(changes) = &needed.changes {
            folded(&mut out, &changes.diff)?;
        }
        Ok(out)
    }
}

impl Format<NotRecorded> for ComparisonGithub {
    fn render(&self, needed: &NotRecorded) -> Result<String, FormatError> {
        let title = format!("{TITLE}: {}", verdict(needed));
        let told = needed.lacking().map(|(missing, record)| {
            let said = format!("{missing}\nrecord them: {record}");
            command("error", &title, &said)
        });
        Ok(told.collect())
    }
}

impl Format<NotRecorded> for ComparisonJunit {
    fn render(&self, needed: &NotRecorded) -> Result<String, FormatError> {
        let mut suite = TestSuite::new(NAME);
        for (missing, record) in needed.lacking() {
            let message = format!("{}; record them: {record}", missing.heading());
            let status = failed(NonSuccessKind::Error, &message, verdict(needed));
            let calls: Vec<String> = missing.missing.iter().map(ToString::to_string).collect();
            let name = format!("judgments of the {}", missing.side);
            suite.add_test_case(case(&name, status, &calls));
        }
        let mut report = Report::new(NAME);
        report.add_test_suite(suite);
        Ok(format!("{}\n", report.to_string()?.trim_end()))
    }
}
