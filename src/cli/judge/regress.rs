//! `bedrock-replay judge regress`: what an edit moves, from recordings.

use std::path::{Path, PathBuf};

use bedrock_replay::judge::PairwiseJudge;
use bedrock_replay::regression::Verdict;
use bedrock_replay::rejudging::{Edit, NotRecorded, PairwiseEdit, RejudgingError, Source};
use bedrock_replay::report::{
    ComparisonGithub, ComparisonHtml, ComparisonJson, ComparisonJunit, ComparisonMarkdown,
    ComparisonText, Format, make_folder, remove_stale, write_file,
};
use clap::{Args, ValueEnum};

use super::material::{EPOCHS, Where, failed, pairwise, refuse, unwritable};
use super::rules::Rules;
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::cli::planned::today;

/// Compare a judge with its edit on recorded dialogues, offline.
///
/// Says whether the edit moved the scores, by how much, and how sure that is. Judgments that
/// are not recorded are listed with what they cost, in the form of `--format` and in `--out` too.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Regress {
    /// The judge before the edit: a folder, name@fingerprint or git:REF:path [default: the
    /// pinned one]
    #[arg(long, value_name = "JUDGE")]
    pub baseline: Option<String>,

    /// The judge after it [default: the plan's]
    #[arg(long, value_name = "JUDGE")]
    pub candidate: Option<String>,

    #[command(flatten)]
    pub place: Where,

    /// Judgments of every turn by each judge; more than one tell the noise floor
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub epochs: u32,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub format: Shown,

    /// Also write one page with everything on it, to open in a browser
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Also write comparison.json, .md, .txt, .html and .xml (JUnit) into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub rules: Rules,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// For people
    Text,
    /// The verdict and the figures that it rests on
    Brief,
    /// One JSON object with every figure and every turn
    Json,
    /// For a pull request
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
    /// A test report that CI systems read
    Junit,
}

/// The page among the files of a folder.
const PAGE: &str = "comparison.html";

const EXAMPLES: &str = "\
Examples:
  bedrock-replay judge regress
  bedrock-replay judge regress --baseline git:main:scenarios/judges/socratic
  bedrock-replay judge regress --baseline socratic@3f9c0d1e --candidate judges/strict --format markdown
  bedrock-replay judge regress --baseline pairwise@pinned --candidate pairwise

Exit codes: 0 equivalent, 1 changed or regressed, 2 usage (a report that cannot be written too),
3 inconclusive, 4 not comparable or bad input (a damaged or foreign cassette too),
5 judgments or dialogues are not recorded";

impl Shown {
    fn format<S>(self) -> Box<dyn Format<S>>
    where
        ComparisonText: Format<S>,
        ComparisonJson: Format<S>,
        ComparisonMarkdown: Format<S>,
        ComparisonGithub: Format<S>,
        ComparisonJunit: Format<S>,
    {
        match self {
            Self::Text => Box::new(ComparisonText::Full),
            Self::Brief => Box::new(ComparisonText::Brief),
            Self::Json => Box::new(ComparisonJson),
            Self::Markdown => Box::new(ComparisonMarkdown),
            Self::Github => Box::new(ComparisonGithub),
            Self::Junit => Box::new(ComparisonJunit),
        }
    }
}

impl Regress {
    pub async fn run(self) -> Result<u8, Failure> {
        self.place.tell_absent();
        let source = self.place.source().await;
        if let Some(judge) = pairwise(&source, self.candidate.as_deref())? {
            return self.pairwise(source, judge).await;
        }
        self.rules.for_scores()?;
        let edit = Edit::load(
            source,
            self.baseline.as_deref(),
            self.candidate.as_deref(),
            self.epochs,
        );
        let edit = edit.map_err(failed)?;
        let anchors = self.rules.anchors(&edit.a.rubric)?;
        let options = self.rules.options();
        let compared = edit.compare(today(), anchors.as_ref(), &options).await;
        let comparison = compared.map_err(|error| self.not_compared(error))?;
        self.show(&comparison)?;
        Ok(code(comparison.decision.verdict))
    }

    async fn pairwise(&self, source: Source, judge: PairwiseJudge) -> Result<u8, Failure> {
        refuse(self.epochs > 1, "--epochs", EPOCHS)?;
        self.rules.for_contests()?;
        let (baseline, candidate) = (self.baseline.as_deref(), self.candidate.as_deref());
        let edit = PairwiseEdit::load(source, baseline, candidate, judge).map_err(failed)?;
        let compared = edit.compare(today(), &self.rules.options()).await;
        let comparison = compared.map_err(|error| self.not_compared(error))?;
        self.show(&comparison)?;
        Ok(code(comparison.decision.verdict))
    }

    /// A program that reads the report is told what is missing too, and people are told as well.
    fn not_compared(&self, error: RejudgingError) -> Failure {
        if let RejudgingError::NotRecorded(needed) = &error
            && let Err(failure) = self.show_needed(needed)
        {
            return failure;
        }
        failed(error)
    }

    fn show_needed(&self, needed: &NotRecorded) -> Result<(), Failure> {
        if let Some(folder) = &self.out {
            write_forms(folder, needed)?;
        }
        // There is no page of it: an older one would pass for this comparison's.
        for page in self.pages() {
            remove_stale(&page).map_err(unwritable)?;
        }
        if matches!(self.format, Shown::Text | Shown::Brief) {
            return Ok(());
        }
        let text = self.format.format().render(needed);
        print(&text.map_err(Failure::general)?)
    }

    /// Where pages are wanted.
    fn pages(&self) -> Vec<PathBuf> {
        let beside = self.out.iter().map(|folder| folder.join(PAGE));
        beside.chain(self.html.clone()).collect()
    }

    fn show<S>(&self, comparison: &S) -> Result<(), Failure>
    where
        ComparisonText: Format<S>,
        ComparisonJson: Format<S>,
        ComparisonMarkdown: Format<S>,
        ComparisonGithub: Format<S>,
        ComparisonJunit: Format<S>,
        ComparisonHtml: Format<S>,
    {
        if let Some(folder) = &self.out {
            write_forms(folder, comparison)?;
        }
        for page in self.pages() {
            write_file(&page, &ComparisonHtml, comparison).map_err(unwritable)?;
        }
        let text = self.format.format().render(comparison);
        print(&text.map_err(Failure::general)?)
    }
}

/// Every form but the page, each into its file.
fn write_forms<S>(folder: &Path, shown: &S) -> Result<(), Failure>
where
    ComparisonText: Format<S>,
    ComparisonJson: Format<S>,
    ComparisonMarkdown: Format<S>,
    ComparisonGithub: Format<S>,
    ComparisonJunit: Format<S>,
{
    make_folder(folder).map_err(unwritable)?;
    for (name, form) in [
        ("comparison.json", Shown::Json),
        ("comparison.md", Shown::Markdown),
        ("comparison.txt", Shown::Text),
        ("comparison.xml", Shown::Junit),
    ] {
        write_file(&folder.join(name), &*form.format(), shown).map_err(unwritable)?;
    }
    Ok(())
}

/// Says a verdict to scripts.
pub fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Equivalent => exit_code::OK,
        Verdict::Changed | Verdict::Regressed => exit_code::FAILURE,
        Verdict::Inconclusive => exit_code::INCONCLUSIVE,
        Verdict::NotComparable => exit_code::NOT_COMPARABLE,
    }
}
