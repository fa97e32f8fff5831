//! What a run says, and what stops it, before anything is sent.

use bedrock_replay::Mode;
use bedrock_replay::bench::{Plan, Survey};
use bedrock_replay::playback::ResolvedMode;
use bedrock_replay::pricing::Tier;

use super::command::{Run, Shown};
use crate::cli::failure::Failure;
use crate::cli::forewarning::{Asked, Forewarning, asked, forewarnings, say};
use crate::cli::manner::Manner;
use crate::cli::plan::PlanCommand;
use crate::cli::planned::{Loaded, Planned, today};
use crate::cli::spending::{asks_again, spent};

impl Run {
    /// The same run as `plan` takes it, in the mode that holds.
    pub(super) async fn tell_plan(&self) -> Result<(), Failure> {
        if self.resolved_mode()?.mode() != Mode::Replay {
            self.check_mode()?;
        }
        let (mode, command) = match self.resolved_mode()?.mode() {
            Mode::Replay => (Mode::RecordMissing, self.command(Mode::RecordMissing)),
            mode => (mode, self.command(mode)),
        };
        let plan = PlanCommand {
            planned: Planned {
                chosen: self.chosen.clone(),
                cassette: self.cassette.clone(),
                prices: self.spending.prices().cloned(),
                region: self.upstream.regions().to_vec(),
                since: self.since.clone(),
                on: None,
            },
            manner: self.manner,
            format: match self.format {
                Shown::Json => crate::cli::cassette::Shown::Json,
                _ => crate::cli::cassette::Shown::Text,
            },
        };
        plan.tell(mode, &command).await
    }

    /// Says what will fail, and stops what would cost too much, before anything is sent. A
    /// replay sends nothing and looks at nothing.
    pub(super) async fn look_ahead(&mut self, plan: &Plan) -> Result<(), Failure> {
        // An unknown mode is told where the cassette is opened.
        let Ok(mode) = self.resolved_mode().map(ResolvedMode::mode) else {
            return Ok(());
        };
        if !mode.forwards() {
            return Ok(());
        }
        if !self.quiet {
            Manner::say_what_is_not_cached(plan);
        }
        let settled = self.upstream.settle(self.endpoint_url.as_deref()).await;
        settled.map_err(Failure::general)?;
        let mut warnings = self.forewarnings(plan, &plan.model_ids());
        // Where everything is asked, every model is.
        let is_of_some = !warnings.is_empty() && !asks_again(mode);
        if !is_of_some && !self.spending.matters() {
            say(&warnings, self.reader());
            return Ok(());
        }
        let survey = Box::pin(self.survey(plan)).await?;
        if is_of_some {
            warnings = self.forewarnings(plan, &asked(plan, &survey, mode));
        }
        say(&warnings, self.reader());
        let (calls, bill) = spent(&survey, mode);
        let help = format!("{} --dry-run", self.command(mode).line());
        self.spending.allow(calls, &bill, &help)
    }

    /// What is to be known of models.
    pub(super) fn forewarnings(&self, plan: &Plan, models: &[&str]) -> Vec<Forewarning> {
        let whom = if self.options(plan).asks_this_machine() {
            Asked::ThisMachine
        } else {
            Asked::Aws(self.upstream.regions())
        };
        forewarnings(&plan.registry, models, whom, today())
    }

    /// What the cassette has of the plan.
    pub(super) async fn survey(&self, plan: &Plan) -> Result<Survey, Failure> {
        let loaded = Loaded {
            plan: plan.clone(),
            cassette: self.cassette_path(plan),
            prices: self.spending.book(&plan.path)?,
            today: today(),
            since: self.since.time(),
        };
        let region = self.upstream.first_region().await;
        let survey = loaded.survey(&region, Tier::OnDemand, self.manner.speaking());
        survey.await
    }
}
