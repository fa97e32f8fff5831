//! `bedrock-replay plan`: what a run would find and what it would ask, before it spends.

use std::fmt::Write as _;

use bedrock_replay::Mode;
use bedrock_replay::bench::{Cause, Survey};
use bedrock_replay::pricing::{Bill, Tier};
use bedrock_replay::words::{counted, grouped};
use clap::Args;
use serde_json::json;

use super::cassette::Shown;
use super::failure::Failure;
use super::forewarning::{Asked, asked, forewarnings};
use super::gone::{self, Gone, gone};
use super::manner::Manner;
use super::output::{cut, indented, paragraph, print, wrapped};
use super::planned::{Loaded, Planned};
use super::recording_command::RecordingCommand;
use super::refusals::{asking_anew, refusals};
use super::regions;
use super::spending::{asks_again, spent};

/// Causes that are shown with their difference.
const CAUSES: usize = 8;
/// Characters of a line.
const LINE: usize = 76;

/// Say what a run would find in the cassette, what it would ask, why, and for how much.
///
/// Nothing is sent and no file is changed. A call is missing if a prompt, a scenario or a
/// parameter is not what it was when it was recorded; what follows a missing call in its
/// dialogue is missing too. What missing calls use is an estimate: by recorded calls of the
/// same turn where there are any, else 4 characters a token and answers of `max_tokens`.
/// A recorded call that was throttled, cut or denied is missing as well; one whose request was
/// refused is not: it is told by itself, with the command that asks it anew.
#[derive(Debug, Args)]
#[command(name = "plan", after_help = EXAMPLES)]
pub struct PlanCommand {
    #[command(flatten)]
    pub planned: Planned,

    #[command(flatten)]
    pub manner: Manner,

    /// What is printed
    #[arg(long, value_enum, default_value_t = Shown::Text)]
    pub format: Shown,
}

const EXAMPLES: &str = "\
Examples:
  bedrock-replay plan
  bedrock-replay plan --model llama-3-1-70b --format json
  bedrock-replay run --dry-run

Exit codes: 0 the plan was read, whether or not calls are missing; 1 it was not";

impl PlanCommand {
    pub async fn run(self) -> Result<(), Failure> {
        let command = self.planned.recording_command();
        let command = command.words(self.manner.words());
        self.tell(Mode::RecordMissing, &command).await
    }

    /// Tells what a run in a mode would ask; `command` is the one that would ask it.
    pub async fn tell(self, mode: Mode, command: &RecordingCommand) -> Result<(), Failure> {
        let mut loaded = self.planned.load()?;
        loaded.plan = self.manner.of(loaded.plan);
        Manner::say_what_is_not_cached(&loaded.plan);
        let region = regions::first(&self.planned.region).await;
        let survey = loaded.survey(&region, Tier::OnDemand, self.manner.speaking());
        let survey = survey.await?;
        let told = Told {
            loaded: &loaded,
            survey: &survey,
            mode,
            region: &region,
            command: command.line(),
            anew: asking_anew(command, &loaded.plan, &survey),
            gone: gone(&loaded.plan, &survey, mode, loaded.today),
            warnings: warnings(&loaded, &survey, mode, &self.planned.region),
        };
        let text = match self.format {
            Shown::Text => told.text(),
            Shown::Json => told.json()?,
        };
        print(&text)
    }
}

/// Everything that is shown.
struct Told<'a> {
    loaded: &'a Loaded,
    survey: &'a Survey,
    mode: Mode,
    region: &'a str,
    command: String,
    /// The command that asks what was refused.
    anew: String,
    /// What is to be known of the models that would be asked.
    warnings: Vec<String>,
    /// What nobody answers any more.
    gone: Vec<Gone>,
}

impl Told<'_> {
    fn text(&self) -> String {
        let survey = self.survey;
        let mut text = self.loaded.heading(survey);
        let row = |name: &str, calls: u64, rest: &str| {
            let line = format!("{name:<9} {:>11}   {rest}", grouped(calls));
            format!("{}\n", line.trim_end())
        };
        text.push('\n');
        text.push_str(&row("calls", survey.calls, ""));
        text.push_str(&row("recorded", survey.recorded, ""));
        if survey.refused > 0 {
            text.push_str(&row(
                "  refused",
                survey.refused,
                "an error is what they got",
            ));
        }
        if survey.not_needed > 0 {
            text.push_str(&row(
                "not asked",
                survey.not_needed,
                "a recorded dialogue ends before",
            ));
        }
        text.push_str(&row("missing", survey.to_record, &about(&missing(survey))));
        if asks_again(self.mode) {
            let (calls, bill) = spent(survey, self.mode);
            text.push_str(&row("asked", calls, &about(&bill)));
        } else if survey.causes.is_empty() {
            text.push_str("\nnothing to record: `bedrock-replay run` replays the whole plan\n");
            text.push_str(&self.refused());
            return text;
        }
        text.push_str(&self.why());
        for warning in &self.warnings {
            let _ = writeln!(text, "\n{}", paragraph(warning, LINE).join("\n"));
        }
        let (asked, _) = spent(survey, self.mode);
        if !self.gone.is_empty() {
            text.push_str(&gone::told(&self.gone, asked));
        }
        let asking = match self.mode {
            Mode::RecordAll => {
                "record-all asks for what is recorded as well, and keeps the new answers"
            }
            Mode::Passthrough => "passthrough asks for everything and records nothing",
            Mode::Replay | Mode::RecordMissing if !self.gone.is_empty() => {
                "then record what is missing"
            }
            Mode::Replay | Mode::RecordMissing => "record only those",
        };
        let _ = writeln!(text, "\n{asking}\n  {}", self.command);
        text.push_str(&self.refused());
        text
    }

    fn refused(&self) -> String {
        if self.survey.refused == 0 || asks_again(self.mode) {
            return String::new();
        }
        refusals(self.survey, &self.anew)
    }

    fn why(&self) -> String {
        let survey = self.survey;
        let mut text = String::new();
        if survey.causes.is_empty() {
            return text;
        }
        text.push_str("\nwhy they are missing\n");
        for cause in survey.causes.iter().take(CAUSES) {
            text.push_str(&told(cause));
        }
        let more = survey.causes.iter().skip(CAUSES);
        if let (count @ 1.., calls) = (
            more.clone().count(),
            more.map(|cause| cause.calls).sum::<u64>(),
        ) {
            let calls = counted(calls, "call");
            let _ = writeln!(
                text,
                "  {calls} for {count} other reasons (--format json has all)"
            );
        }
        text
    }

    fn json(&self) -> Result<String, Failure> {
        let (calls, bill) = spent(self.survey, self.mode);
        let whole = json!({
            "schema_version": 1,
            "plan": self.loaded.plan.path,
            "cassette": self.loaded.cassette,
            "mode": self.mode.name(),
            "region": self.region,
            "priced_on": self.loaded.today,
            "survey": self.survey,
            "cost_to_record": missing(self.survey),
            "asked": { "calls": calls, "cost": bill },
            "warnings": self.warnings,
            "cannot_be_recorded": self.gone,
            "command": self.command,
            "command_to_ask_refused_anew": (self.survey.refused > 0).then_some(&self.anew),
        });
        serde_json::to_string_pretty(&whole).map_err(Failure::general)
    }
}

fn warnings(loaded: &Loaded, survey: &Survey, mode: Mode, regions: &[String]) -> Vec<String> {
    let plan = &loaded.plan;
    let models = asked(plan, survey, mode);
    let all = forewarnings(&plan.registry, &models, Asked::Aws(regions), loaded.today);
    all.iter().map(ToString::to_string).collect()
}

fn missing(survey: &Survey) -> Bill {
    let mut bill = Bill::default();
    survey.causes.iter().for_each(|cause| bill += cause.bill);
    bill
}

/// What recording costs, as far as prices are known.
fn about(bill: &Bill) -> String {
    match (bill.priced, bill.unpriced) {
        (0, 0) => String::new(),
        (0, _) => "no price is known (bedrock-replay prices list)".to_owned(),
        _ => format!("about {bill}"),
    }
}

fn told(cause: &Cause) -> String {
    let mut text = String::new();
    let cost = cause.bill.to_string();
    let calls = counted(cause.calls, "call");
    for (index, line) in wrapped(&cause.what, 52).iter().enumerate() {
        let (calls, cost) = if index == 0 {
            (&*calls, &*cost)
        } else {
            ("", "")
        };
        let _ = writeln!(text, "  {calls:>13}  {cost:>9}  {line}");
    }
    if cause.alike > 0 {
        let alike = counted(cause.alike, "call");
        let _ = writeln!(text, "{:28}({alike} not compared, taken for the same)", "");
    }
    if let Some(example) = &cause.example {
        text.push_str(&indented(&cut(example, 76), 4));
    }
    text
}
