//! What a comparison is made of: the plan's dialogues, replayed, and what judges say of them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use bedrock_replay::bench::{self, Misses, Outcome, Transcript};
use bedrock_replay::environment::Environment;
use bedrock_replay::exchange::Provenance;
use bedrock_replay::judge::{Judge, JudgeError, Judges, Reference};
use bedrock_replay::playback::Unused;
use bedrock_replay::regression::{Evidence, Judged};
use bedrock_replay::{Cassette, Mode};
use clap::Args;

use crate::cli::exit_code;
use crate::cli::failure::Failure;

const PLAN: &str = "scenarios/weekly.toml";
const CASSETTES: &str = "cassettes";
const JUDGES: &str = "judges";
/// Dialogues that are replayed or judged at the same time.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// Which dialogues, and where what was said of them is recorded.
#[derive(Debug, Clone, Args)]
pub struct Where {
    /// The plan whose dialogues are judged
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    pub plan: PathBuf,

    /// The cassette of the dialogues [default: cassettes/PLAN.sqlite]
    #[arg(long, value_name = "FILE")]
    pub cassette: Option<PathBuf>,

    /// Where the candidate's judgments are recorded, if not in the same cassette
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
    /// The plan, for the chosen models and scenarios.
    pub fn plan(&self) -> Result<bench::Plan, Failure> {
        let plan = bench::Plan::load(&self.plan).map_err(unusable)?;
        plan.select(&self.model, &self.scenario)
            .map_err(|unknown| Failure::with_code(exit_code::USAGE, unknown))
    }

    /// The project's judges.
    pub fn judges(&self) -> Judges {
        judges_of(&self.plan, self.judges.as_deref())
    }

    /// The cassette of the dialogues, and of the baseline's judgments.
    pub fn dialogues(&self, plan: &str) -> PathBuf {
        let default = || Path::new(CASSETTES).join(format!("{plan}.sqlite"));
        self.cassette.clone().unwrap_or_else(default)
    }

    /// The cassette of the candidate's judgments.
    pub fn candidate(&self, plan: &str) -> PathBuf {
        let same = || self.dialogues(plan);
        self.judgments.clone().unwrap_or_else(same)
    }

    /// These choices as a command line has them, where they are not the default.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.plan != Path::new(PLAN) {
            words.push(format!("--plan {}", quoted(&self.plan)));
        }
        let paths = [
            ("--cassette", &self.cassette),
            ("--judgments", &self.judgments),
            ("--judges", &self.judges),
        ];
        for (name, path) in paths {
            words.extend(path.iter().map(|path| format!("{name} {}", quoted(path))));
        }
        words.extend(self.model.iter().map(|model| format!("--model {model}")));
        words.extend(self.scenario.iter().map(|id| format!("--scenario {id}")));
        words
    }
}

/// The judges that lie beside a plan, or elsewhere.
pub fn judges_of(plan: &Path, folder: Option<&Path>) -> Judges {
    let beside = || plan.parent().unwrap_or(Path::new("")).join(JUDGES);
    Judges::at(folder.map_or_else(beside, Path::to_owned))
}

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+=:@%".contains(&byte);
    if text.bytes().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Finds a judge by what a person calls it.
pub fn find(judges: &Judges, reference: &str) -> Result<Judge, Failure> {
    let reference: Reference = match reference.parse() {
        Ok(reference) => reference,
        Err(never) => match never {},
    };
    judges.find(&reference).map_err(unusable)
}

/// Input that cannot be compared.
pub fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::with_code(exit_code::NOT_COMPARABLE, error)
}

/// The judge whose edit is to be compared: as named, or as the plan has it.
pub fn candidate(
    judges: &Judges,
    plan: &bench::Plan,
    reference: Option<&str>,
) -> Result<Judge, Failure> {
    match reference {
        Some(reference) => find(judges, reference),
        None => Ok(plan.judge.clone()),
    }
}

/// The judge that it is compared with: as named, or the pinned one of the candidate's name.
pub fn baseline(
    judges: &Judges,
    plan: &bench::Plan,
    reference: Option<&str>,
) -> Result<Judge, Failure> {
    if let Some(reference) = reference {
        return find(judges, reference);
    }
    let name = &plan.judge.name;
    match judges.baseline(name).map_err(unusable)? {
        Some(pin) => judges.pinned(&pin).map_err(unusable),
        None => Err(unusable(JudgeError::NotPinned {
            name: name.clone(),
            version: "pinned".to_owned(),
            hint: format!("bedrock-replay judge pin {name}, or name another with --baseline"),
        })),
    }
}

/// Replays a plan's dialogues; nothing is sent anywhere.
pub async fn dialogues(plan: &bench::Plan, path: &Path) -> Result<Vec<Transcript>, Failure> {
    let cassette = replaying(path)?;
    let client = Box::pin(cassette.client())
        .await
        .map_err(Failure::general)?;
    let run = bench::Run::new(plan.clone(), client)
        .dialogues_only()
        .concurrency(CONCURRENCY);
    let outcome = Box::pin(run.execute()).await;
    cassette.finish().map_err(Failure::general)?;
    if let Some(misses) = Misses::of(&outcome) {
        let also = format!(
            "{} of these dialogues are not recorded; judges are compared on recorded dialogues",
            counted(misses.requests, "call")
        );
        let miss = misses.first.0.with_advice(
            Some(also),
            "bedrock-replay run --mode record-missing   (holds the dialogues)",
        );
        return Err(Failure::with_code(exit_code::REPLAY_MISS, miss));
    }
    Ok(outcome.transcripts)
}

/// A cassette that is only read, whatever the environment says.
pub fn replaying(path: &Path) -> Result<Cassette, Failure> {
    Cassette::options(path)
        .mode(Mode::Replay)
        .environment(Environment::default())
        .unused(Unused::Ok)
        .open()
        .map_err(Failure::general)
}

/// What a judge says of dialogues, as often as it is asked.
pub struct Asked {
    pub evidence: Evidence,
    /// One for each epoch.
    pub outcomes: Vec<Outcome>,
}

/// Has dialogues judged through a cassette.
pub async fn ask(
    plan: &bench::Plan,
    judge: &Judge,
    transcripts: &[Transcript],
    cassette: &Cassette,
    epochs: u32,
    on_call: Option<bench::Progress>,
) -> Result<Asked, Failure> {
    let plan = bench::Plan {
        judge: judge.clone(),
        ..plan.clone()
    };
    let client = Box::pin(cassette.client())
        .await
        .map_err(Failure::general)?;
    let mut outcomes = Vec::new();
    for _ in 0..epochs {
        let mut run = bench::Run::new(plan.clone(), client.clone())
            .judging(transcripts)
            .concurrency(CONCURRENCY);
        if let Some(on_call) = &on_call {
            run = run.on_call(on_call.clone());
        }
        outcomes.push(Box::pin(run.execute()).await);
    }
    let judged = |outcome: &Outcome| Judged::of(judge, &plan.scenarios, &outcome.transcripts);
    let evidence = Evidence {
        judge: judge.identity(),
        epochs: outcomes.iter().map(judged).collect(),
        provenance: provenance(cassette, &outcomes)?,
    };
    Ok(Asked { evidence, outcomes })
}

/// Who gave the answers; what passes by a cassette says it by itself.
fn provenance(cassette: &Cassette, outcomes: &[Outcome]) -> Result<Vec<Provenance>, Failure> {
    if cassette.mode() != Mode::Passthrough {
        return cassette.provenance().map_err(Failure::general);
    }
    let is_simulated = outcomes.iter().any(|outcome| outcome.is_simulated);
    Ok(vec![if is_simulated {
        Provenance::Simulated
    } else {
        Provenance::Live
    }])
}

/// `1 call`, `2 calls`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
