//! The commands that a run names: the same one in another mode, and the one that goes on.

use std::path::Path;

use bedrock_replay::bench::CONCURRENCY;
use bedrock_replay::words::quoted;
use bedrock_replay::{Cassette, Mode};
use clap::ValueEnum;

use super::command::{Run, Shown};
use crate::cli::recording_command::RecordingCommand;
use crate::cli::values::veiled;

impl Run {
    /// This command, recording what is missing.
    pub(super) fn recording_command(&self) -> String {
        self.command(Mode::RecordMissing).line()
    }

    /// This command in a mode, with all that changes what is asked, of whom and for how much.
    pub(super) fn command(&self, mode: Mode) -> RecordingCommand {
        self.command_after(None, mode)
    }

    /// The same once something was recorded.
    pub(super) fn command_after(
        &self,
        recorded: Option<&Cassette>,
        mode: Mode,
    ) -> RecordingCommand {
        let concurrency = self.concurrency;
        RecordingCommand::new(mode, &self.chosen.plan)
            .path("cassette", self.cassette.as_deref())
            .option("endpoint-url", self.endpoint_url.as_deref().map(veiled))
            .each("model", &self.chosen.model)
            .each("scenario", &self.chosen.scenario)
            .option(
                "concurrency",
                (concurrency != CONCURRENCY).then_some(concurrency),
            )
            .words(self.since.words(recorded.map(|own| &**own.playback())))
            .words(self.upstream.words())
            .words(self.spending.words())
            .words(self.manner.words())
            .words(recorded.iter().flat_map(|_| self.outputs()))
    }

    /// What is written, for the command that goes on.
    pub(super) fn outputs(&self) -> impl Iterator<Item = String> {
        let written =
            |name: &str, path: &Path| format!("--{name} {}", quoted(&path.to_string_lossy()));
        let format = self.format.to_possible_value();
        let format = format.filter(|_| self.format != Shown::Text);
        let format = format.map(|format| format!("--format {}", format.get_name()));
        let html = self.html.as_deref().map(|path| written("html", path));
        let out = self.out.as_deref().map(|path| written("out", path));
        let own = [format, html, out].into_iter().flatten();
        own.chain(self.watching.words())
    }
}
