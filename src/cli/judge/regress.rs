//! `bedrock-replay judge regress`: what an edit moves, from recordings.

use std::path::PathBuf;

use bedrock_replay::bench::Transcript;
use bedrock_replay::judge::Judge;
use bedrock_replay::regression::{Changes, Comparison, Verdict};
use bedrock_replay::report::{
    ComparisonGithub, ComparisonHtml, ComparisonJson, ComparisonJunit, ComparisonMarkdown,
    ComparisonText, Format, write_file,
};
use clap::{Args, ValueEnum};

use super::estimate::Estimate;
use super::material::{self, Where};
use super::missing::{self, Missing};
use super::rules::Rules;
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;

/// Compare a judge with its edit on recorded dialogues, offline.
///
/// Says whether the edit moved the scores, by how much, and how sure that is. Judgments that
/// are not recorded are listed with what they cost.
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

const EXAMPLES: &str = "\
Examples:
  bedrock-replay judge regress
  bedrock-replay judge regress --baseline git:main:scenarios/judges/socratic
  bedrock-replay judge regress --baseline socratic@3f9c0d1e --candidate judges/strict --format markdown

Exit codes: 0 equivalent, 1 changed or regressed, 2 usage, 3 inconclusive,
4 not comparable or bad input, 5 judgments are not recorded";

impl Shown {
    fn format(self) -> Box<dyn Format<Comparison>> {
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
        let comparison = self.compare().await?;
        self.show(&comparison)?;
        Ok(code(comparison.decision.verdict))
    }

    async fn compare(&self) -> Result<Comparison, Failure> {
        let plan = self.place.plan()?;
        let judges = self.place.judges();
        let b = material::candidate(&judges, &plan, self.candidate.as_deref())?;
        let named = bedrock_replay::bench::Plan {
            judge: b.clone(),
            ..plan.clone()
        };
        let a = material::baseline(&judges, &named, self.baseline.as_deref())?;
        let anchors = self.rules.anchors(&a.rubric)?;
        let dialogues = self.place.dialogues(&plan.name);
        let transcripts = material::dialogues(&plan, &dialogues).await?;
        let panel = Panel {
            plan: &plan,
            transcripts: &transcripts,
            epochs: self.epochs,
        };
        let candidate = self.place.candidate(&plan.name);
        let asked_a = panel.ask(&a, &dialogues).await?;
        let asked_b = panel.ask(&b, &candidate).await?;
        if let Some(missing) = self.missing(&panel, (&a, &asked_a), (&b, &asked_b)) {
            return Err(missing);
        }
        Ok(Comparison::of(
            asked_a.evidence,
            asked_b.evidence,
            &a.rubric,
            Changes::between(&a, &b),
            anchors.as_ref(),
            &self.rules.options(),
        ))
    }

    /// Judgments that are not recorded: which, what they use, how to record them.
    fn missing(
        &self,
        panel: &Panel,
        (a, asked_a): (&Judge, &material::Asked),
        (b, asked_b): (&Judge, &material::Asked),
    ) -> Option<Failure> {
        let same = Where {
            judgments: None,
            ..self.place.clone()
        };
        let reference = self.baseline.clone();
        let reference = reference.unwrap_or_else(|| a.identity().to_string());
        let sides = [
            ("baseline", a, asked_a, &same, Some(reference.as_str())),
            (
                "candidate",
                b,
                asked_b,
                &self.place,
                self.candidate.as_deref(),
            ),
        ];
        let mut missing = Vec::new();
        for (side, judge, asked, place, reference) in sides {
            let own = Missing::of(side, judge, &asked.outcomes);
            if !own.is_none() {
                let estimate = Estimate::of(judge, panel.plan, panel.transcripts);
                let own = own.with_cost(&estimate);
                let command = missing::command(place, reference, self.epochs);
                missing.push((own, command));
            }
        }
        (!missing.is_empty()).then(|| missing::failure(&missing))
    }

    fn show(&self, comparison: &Comparison) -> Result<(), Failure> {
        if let Some(folder) = &self.out {
            std::fs::create_dir_all(folder).map_err(Failure::general)?;
            let forms: [(&str, Box<dyn Format<Comparison>>); 5] = [
                ("comparison.json", Shown::Json.format()),
                ("comparison.md", Shown::Markdown.format()),
                ("comparison.txt", Shown::Text.format()),
                ("comparison.xml", Shown::Junit.format()),
                ("comparison.html", Box::new(ComparisonHtml)),
            ];
            for (name, form) in forms {
                let path = folder.join(name);
                write_file(&path, &*form, comparison).map_err(Failure::general)?;
            }
        }
        if let Some(path) = &self.html {
            write_file(path, &ComparisonHtml, comparison).map_err(Failure::general)?;
        }
        let text = self.format.format().render(comparison);
        print(&text.map_err(Failure::general)?)
    }
}

/// What is judged.
struct Panel<'a> {
    plan: &'a bedrock_replay::bench::Plan,
    transcripts: &'a [Transcript],
    epochs: u32,
}

impl Panel<'_> {
    /// Each side with a cassette of its own: two judges may ask the very same.
    async fn ask(&self, judge: &Judge, path: &std::path::Path) -> Result<material::Asked, Failure> {
        let cassette = material::replaying(path)?;
        let asked = material::ask(
            self.plan,
            judge,
            self.transcripts,
            &cassette,
            self.epochs,
            None,
        );
        let asked = asked.await?;
        cassette.finish().map_err(Failure::general)?;
        Ok(asked)
    }
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
