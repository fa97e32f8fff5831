//! `bedrock-replay judge demo`: the whole story on the shipped cassettes.

use std::path::{Path, PathBuf};

use bedrock_replay::bench::{Misses, Plan, Transcript};
use bedrock_replay::judge::{Judge, PairwiseJudge};
use bedrock_replay::regression::{Changes, Comparison, Options, PairwiseComparison, Verdict};
use bedrock_replay::rejudging::{Asked, ContestQuestions, Questions, Source, dialogues};
use bedrock_replay::report::{ComparisonText, Format as _};
use clap::Args;

use super::material::{failed, unusable};
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::output::print;

const PLAN: &str = "scenarios/weekly.toml";
const DIALOGUES: &str = "cassettes/weekly.sqlite";
const JUDGMENTS: &str = "cassettes/judge-demo.sqlite";
const JUDGES: &str = "scenarios/judges/demo";
const PAIRWISE: &str = "scenarios/judges/pairwise";
const CONTESTS: &str = "cassettes/pairwise-demo.sqlite";
/// Whose answers the pairwise judge is shown.
const MODELS: [&str; 2] = ["claude-3-5-haiku", "llama-3-1-70b"];

/// Edits of a judge, compared without AWS: a rewording, a stricter prompt, a broken one, and a
/// pairwise judge that comes to favour a place.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every verdict is as told, 1 one is not, 4 a file of the project that cannot be used,\n5 the dialogues are not recorded, or a judge was edited"
)]
pub struct Demo {
    /// Where the project lies
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

/// An edit, and what is to be seen by it.
struct Edit {
    folder: &'static str,
    told: &'static str,
    shows: Verdict,
}

const EDITS: [Edit; 3] = [
    Edit {
        folder: "reworded",
        told: "The same in other words. Did the scores move?",
        shows: Verdict::Equivalent,
    },
    Edit {
        folder: "strict",
        told: "A prompt that asks for severity. By how much does it move the scores?",
        shows: Verdict::Changed,
    },
    Edit {
        folder: "cut",
        told: "`max_tokens` too low for some answers. A mean of what is left would look fine.",
        shows: Verdict::Regressed,
    },
];

const PARTIAL: Edit = Edit {
    folder: "partial",
    told: "A pairwise judge is asked in both orders. Does it look at the answers or at their places?",
    shows: Verdict::Regressed,
};

/// What every edit is compared with.
struct Stage {
    plan: Plan,
    transcripts: Vec<Transcript>,
    baseline: Asked,
}

impl Demo {
    pub async fn run(self) -> Result<u8, Failure> {
        let stage = self.stage().await?;
        let mut pages = vec![format!(
            "Three edits of the judge {}, and one of a pairwise judge, each compared with it on the same recorded dialogues.\nNothing is sent; the answers come from the simulator, not from a model.",
            stage.plan.judge.identity()
        )];
        let mut is_as_told = true;
        for (number, edit) in (1..).zip(&EDITS) {
            let comparison = self.compare(&stage, edit).await?;
            is_as_told &= comparison.decision.verdict == edit.shows;
            let shown = ComparisonText::Brief.render(&comparison);
            pages.push(format!(
                "{number}. {}\n   bedrock-replay judge regress --baseline socratic --candidate {JUDGES}/{} --judgments {JUDGMENTS}\n\n{}",
                edit.told,
                edit.folder,
                shown.map_err(Failure::general)?.trim_end()
            ));
        }
        let comparison = self.pairwise(&stage).await?;
        is_as_told &= comparison.decision.verdict == PARTIAL.shows;
        pages.push(page_of_contests(&comparison)?);
        pages.push("Your own: edit scenarios/judges/socratic/system.md, then\n  bedrock-replay judge regress --baseline git:HEAD:scenarios/judges/socratic".to_owned());
        print(&pages.join(&format!("\n\n{}\n\n", "─".repeat(80))))?;
        if is_as_told {
            return Ok(exit_code::OK);
        }
        let why = "a verdict is not what it was when the demo was recorded (just record-demo)";
        Err(Failure::general(why))
    }

    fn path(&self, path: &str) -> PathBuf {
        self.project.join(Path::new(path))
    }

    async fn stage(&self) -> Result<Stage, Failure> {
        let plan = Plan::load(&self.path(PLAN)).map_err(unusable)?;
        let path = self.path(DIALOGUES);
        let source = Source {
            cassette: Some(path.clone()),
            ..Source::of_plan(&plan.path)
        };
        let transcripts = dialogues(&source, &plan).await.map_err(failed)?;
        let questions = Questions {
            plan: &plan,
            judge: &plan.judge,
            transcripts: &transcripts,
            epochs: 1,
        };
        let baseline = questions.replayed(&path).await.map_err(failed)?;
        as_shipped(&plan.judge, &baseline)?;
        Ok(Stage {
            plan,
            transcripts,
            baseline,
        })
    }

    async fn pairwise(&self, stage: &Stage) -> Result<PairwiseComparison, Failure> {
        let load = |folder: PathBuf| PairwiseJudge::load(&folder).map_err(unusable);
        let a = load(self.path(PAIRWISE))?;
        let b = load(self.path(JUDGES).join(PARTIAL.folder))?;
        let plan = stage.plan.clone();
        let plan = plan.select(&MODELS.map(str::to_owned), &[]);
        let plan = plan.map_err(Failure::general)?;
        let all = stage.transcripts.iter();
        let own = all.filter(|own| MODELS.contains(&own.model.as_str()));
        let transcripts: Vec<Transcript> = own.cloned().collect();
        let path = self.path(CONTESTS);
        let of_a = ContestQuestions::new(&plan, &a, &transcripts).map_err(failed)?;
        let of_b = ContestQuestions::new(&plan, &b, &transcripts).map_err(failed)?;
        Ok(PairwiseComparison::of(
            of_a.replayed(&path).await.map_err(failed)?,
            of_b.replayed(&path).await.map_err(failed)?,
            Changes::between_pairwise(&a, &b),
            &Options::default(),
        ))
    }

    async fn compare(&self, stage: &Stage, edit: &Edit) -> Result<Comparison, Failure> {
        let folder = self.path(JUDGES).join(edit.folder);
        let judge = Judge::load(&folder).map_err(unusable)?;
        let questions = Questions {
            plan: &stage.plan,
            judge: &judge,
            transcripts: &stage.transcripts,
            epochs: 1,
        };
        let judgments = self.path(JUDGMENTS);
        let asked = questions.replayed(&judgments).await.map_err(failed)?;
        as_shipped(&judge, &asked)?;
        let baseline = &stage.plan.judge;
        Ok(Comparison::of(
            stage.baseline.evidence.clone(),
            asked.evidence,
            &baseline.rubric,
            Changes::between(baseline, &judge),
            None,
            &Options::default(),
        ))
    }
}

/// A judge that was edited has said nothing yet: that is no verdict on it.
fn as_shipped(judge: &Judge, asked: &Asked) -> Result<(), Failure> {
    if asked.outcomes.iter().find_map(Misses::of).is_none() {
        return Ok(());
    }
    let text = format!(
        "the demo shows the judges as they are shipped, and `{}` was edited: what it says is not recorded\n  help      bedrock-replay judge regress --baseline git:HEAD:scenarios/judges/socratic   (what an edit moves)",
        judge.identity()
    );
    Err(Failure::with_code(exit_code::REPLAY_MISS, text))
}

fn page_of_contests(comparison: &PairwiseComparison) -> Result<String, Failure> {
    let shown = ComparisonText::Brief.render(comparison);
    Ok(format!(
        "{}. {}\n   bedrock-replay judge regress --baseline pairwise --candidate {JUDGES}/{} --judgments {CONTESTS}{}\n\n{}",
        EDITS.len() + 1,
        PARTIAL.told,
        PARTIAL.folder,
        MODELS.map(|model| format!(" --model {model}")).concat(),
        shown.map_err(Failure::general)?.trim_end()
    ))
}
