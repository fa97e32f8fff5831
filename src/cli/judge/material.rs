//! What a comparison is made of, as a command line names it: the plan's dialogues, replayed, and
//! what judges say of them.

use std::path::{Path, PathBuf};

use bedrock_replay::client::OpenError;
use bedrock_replay::environment::Environment;
use bedrock_replay::judge::{AnyJudge, Judges, PairwiseJudge, Reference};
use bedrock_replay::rejudging::{RejudgingError, Source};
use bedrock_replay::report::OutputError;
use bedrock_replay::words::counted;
use clap::Args;

use crate::cli::config::Layers;
use crate::cli::exit_code;
use crate::cli::failure::Failure;
use crate::cli::recording_command::PLAN;
use crate::cli::regions;

/// Which dialogues, and where what was said of them is recorded.
#[derive(Debug, Clone, Args)]
pub struct Where {
    /// The plan whose dialogues are judged
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    pub plan: PathBuf,

    /// The cassette of the dialogues [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    pub cassette: Option<PathBuf>,

    /// Where judgments are recorded that are not in the same cassette: the candidate's, or of a history every version's
    #[arg(long, value_name = "FILE")]
    pub judgments: Option<PathBuf>,

    /// The folder of judges and their pins [default: judges/ beside the plan]
    #[arg(long, value_name = "DIR")]
    pub judges: Option<PathBuf>,

    /// Only this model, by name or id; may be repeated
    #[arg(long, value_name = "MODEL")]
    pub model: Vec<String>,

    /// Only this scenario, by id; may be repeated
    #[arg(long, value_name = "ID")]
    pub scenario: Vec<String>,
}

impl Where {
    /// A note on a cassette of judgments that is named and not there: what is missing then may
    /// be no more than a slip.
    pub fn tell_absent(&self) {
        if let Some(path) = self.judgments.as_ref().filter(|path| !path.exists()) {
            anstream::eprintln!(
                "note: there is no `{}` (--judgments): no judgment counts as recorded there",
                path.display()
            );
        }
    }

    /// As the library has it.
    pub async fn source(&self) -> Source {
        Source {
            plan: self.plan.clone(),
            cassette: self.cassette.clone(),
            judgments: self.judgments.clone(),
            judges: self.judges.clone(),
            models: self.model.clone(),
            scenarios: self.scenario.clone(),
            region: Some(region().await),
        }
    }
}

/// Where what is missing would be asked, and so priced: as `judge record` finds it without
/// `--region`.
async fn region() -> String {
    let folder = std::env::current_dir().ok();
    let layers = folder.and_then(|folder| Layers::read(&folder, Environment::of_process()).ok());
    let written = layers.and_then(|layers| layers.written("region"));
    let written = written.and_then(|(list, _)| list.split(',').next().map(str::to_owned));
    regions::first(written.as_slice()).await
}

/// The judges that lie beside a plan, or elsewhere.
pub fn judges_of(plan: &Path, folder: Option<&Path>) -> Judges {
    let source = Source {
        judges: folder.map(Path::to_owned),
        ..Source::of_plan(plan)
    };
    source.judges()
}

/// Finds a judge by what a person calls it.
pub fn find(judges: &Judges, reference: &str) -> Result<AnyJudge, Failure> {
    let reference: Reference = match reference.parse() {
        Ok(reference) => reference,
        Err(never) => match never {},
    };
    judges.find_any(&reference).map_err(unusable)
}

/// The candidate, where it is a pairwise judge.
pub fn pairwise(
    source: &Source,
    candidate: Option<&str>,
) -> Result<Option<PairwiseJudge>, Failure> {
    let Some(reference) = candidate else {
        return Ok(None);
    };
    Ok(match source.find_any(reference).map_err(failed)? {
        AnyJudge::Pairwise(judge) => Some(judge),
        AnyJudge::Rubric(_) => None,
    })
}

/// Why a pairwise judge has no epochs.
pub const EPOCHS: &str = "a pairwise judge is asked twice about every contest already";

/// Refuses an option that means nothing to a pairwise judge.
pub fn refuse(is_given: bool, option: &str, why: &str) -> Result<(), Failure> {
    if !is_given {
        return Ok(());
    }
    let why = format!("{option} is for a rubric's judge: {why}");
    Err(Failure::with_code(exit_code::USAGE, why))
}

/// Input that cannot be compared.
pub fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::with_code(exit_code::NOT_COMPARABLE, error)
}

/// Each kind of failure by its exit code.
pub fn failed(error: RejudgingError) -> Failure {
    match error {
        RejudgingError::Settings(_)
        | RejudgingError::Judge(_)
        | RejudgingError::OneModel { .. }
        | RejudgingError::OtherKind { .. }
        | RejudgingError::Incomparable { .. }
        | RejudgingError::Open(OpenError::Cassette(_))
        | RejudgingError::Cassette(_)
        | RejudgingError::Finish(_) => unusable(error),
        RejudgingError::Unknown(_)
        | RejudgingError::Option(_)
        | RejudgingError::Client(_)
        | RejudgingError::Open(OpenError::Mode(_)) => Failure::with_code(exit_code::USAGE, error),
        RejudgingError::NotHeld { misses, help } => {
            let also = format!(
                "{} of these dialogues are not recorded; judges are compared on recorded dialogues",
                counted(misses.requests, "call")
            );
            let help = format!("{help}   (holds the dialogues)");
            let miss = misses.first.0.with_advice(Some(also), help);
            Failure::with_code(exit_code::REPLAY_MISS, miss)
        }
        RejudgingError::NotRecorded(_) | RejudgingError::NoDialogues { .. } => {
            Failure::with_code(exit_code::REPLAY_MISS, error)
        }
    }
}

/// A report that cannot be put where the command line wants it.
pub fn unwritable(error: OutputError) -> Failure {
    match error {
        OutputError::Write { .. } => Failure::with_code(exit_code::USAGE, error),
        OutputError::Format(_) => Failure::general(error),
    }
}
