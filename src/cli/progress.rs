//! How far a run has come: a bar on a terminal, a line now and then anywhere else.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bedrock_replay::clock::{Clock as _, SystemClock};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run that is over sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two lines of a log.
const SECONDS_A_LINE: u64 = 15;

/// Who is shown the progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Nobody.
    Nobody,
    /// A person before a terminal.
    Terminal,
    /// Whoever reads a log.
    Log,
}

/// The progress of one run.
#[derive(Debug, Clone)]
pub struct Progress {
    bar: ProgressBar,
    audience: Audience,
    clock: Arc<SystemClock>,
    lines: Arc<AtomicU64>,
    /// Counted here: a bar that is cleared counts itself as full.
    ended: Arc<AtomicU64>,
}

impl Audience {
    /// Who looks at standard error.
    pub fn of_stderr() -> Self {
        if io::stderr().is_terminal() {
            return Self::Terminal;
        }
        Self::Log
    }
}

impl Progress {
    /// The progress of so many calls, none of them made.
    pub fn new(calls: u64, audience: Audience) -> Self {
        let bar = ProgressBar::with_draw_target(Some(calls), ProgressDrawTarget::hidden());
        let style = "{bar:30} {pos}/{len} calls  {elapsed} of about {duration}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self {
            bar,
            audience,
            clock: Arc::new(SystemClock::new()),
            lines: Arc::default(),
            ended: Arc::default(),
        }
    }

    /// Another call has ended.
    pub fn tick(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        match self.audience {
            Audience::Terminal if self.bar.is_hidden() && self.clock.elapsed() > PATIENCE => {
                self.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            Audience::Log => self.line(),
            Audience::Terminal | Audience::Nobody => {}
        }
        self.bar.inc(1);
    }

    /// Calls that have ended.
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// Leaves the terminal as it was.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self) {
        let due = self.clock.elapsed().as_secs() / SECONDS_A_LINE;
        if self.lines.fetch_max(due, Ordering::Relaxed) < due {
            let (made, all) = (
                self.bar.position() + 1,
                self.bar.length().unwrap_or_default(),
            );
            anstream::eprintln!("{made} of {all} calls");
        }
    }
}
