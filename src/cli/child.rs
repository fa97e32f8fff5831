//! A command: started, told of the signals that this program gets, and waited for.

use std::ffi::OsString;
use std::io;
use std::process::ExitStatus;

use tokio::process::{Child, Command};

use super::exec_environment::Variables;
use super::exit_code;
use super::failure::Failure;

/// Runs a command to its end, and gives its exit code as a shell would.
pub async fn run(
    command: &[OsString],
    variables: &Variables,
    mut signals: Signals,
) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::with_code(exit_code::USAGE, "no command was given"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    for name in &variables.removed {
        command.env_remove(name);
    }
    command.envs(variables.set.iter().map(|(name, value)| (name, value)));
    let mut child = command.spawn().map_err(|error| {
        let program = program.to_string_lossy();
        let text = format!("`{program}` could not be started: {error}");
        Failure::with_code(unstarted(&error), text)
    })?;
    let status = wait(&mut child, &mut signals).await;
    status.map(code).map_err(Failure::general)
}

/// What shells say.
fn unstarted(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::NotFound => exit_code::NOT_FOUND,
        _ => exit_code::NOT_EXECUTABLE,
    }
}

async fn wait(child: &mut Child, signals: &mut Signals) -> io::Result<ExitStatus> {
    loop {
        let signal = tokio::select! {
            status = child.wait() => return status,
            signal = signals.next() => signal,
        };
        if let Some(id) = child.id() {
            signal.pass_on(id);
        }
    }
}

#[cfg(unix)]
fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let signalled = status.signal().map(|signal| 128 + signal);
    let code = status.code().or(signalled).unwrap_or(1);
    u8::try_from(code).unwrap_or(exit_code::FAILURE)
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or(1);
    u8::try_from(code).unwrap_or(exit_code::FAILURE)
}

#[cfg(unix)]
pub use on_unix::Signals;

#[cfg(unix)]
mod on_unix {
    use std::fs::File;
    use std::io;

    use rustix::process::{Pid, Signal as Number, getpgrp, kill_process};
    use rustix::termios::tcgetpgrp;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals that are passed on, heard from the beginning: none of them ends this program
    /// while it has a cassette open for recording.
    pub struct Signals {
        interrupt: Signal,
        quit: Signal,
        hangup: Signal,
        terminate: Signal,
        first: Signal,
        second: Signal,
    }

    /// A signal that came.
    pub struct Came {
        number: Number,
        /// Whether a terminal sends such a signal to all programs in its foreground.
        is_of_a_terminal: bool,
    }

    impl Signals {
        pub fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                hangup: signal(SignalKind::hangup())?,
                terminate: signal(SignalKind::terminate())?,
                first: signal(SignalKind::user_defined1())?,
                second: signal(SignalKind::user_defined2())?,
            })
        }

        pub async fn next(&mut self) -> Came {
            let (number, is_of_a_terminal) = tokio::select! {
                _ = self.interrupt.recv() => (Number::INT, true),
                _ = self.quit.recv() => (Number::QUIT, true),
                _ = self.hangup.recv() => (Number::HUP, true),
                _ = self.terminate.recv() => (Number::TERM, false),
                _ = self.first.recv() => (Number::USR1, false),
                _ = self.second.recv() => (Number::USR2, false),
            };
            Came {
                number,
                is_of_a_terminal,
            }
        }
    }

    impl Came {
        /// A command in the terminal's foreground has had an interrupt from the terminal
        /// itself: a second one would cut short what it does about the first.
        pub fn pass_on(&self, id: u32) {
            if self.is_of_a_terminal && is_in_foreground() {
                return;
            }
            let id = i32::try_from(id).ok().and_then(Pid::from_raw);
            if let Some(id) = id {
                // It may have ended meanwhile.
                let _ = kill_process(id, self.number);
            }
        }
    }

    fn is_in_foreground() -> bool {
        let terminal = File::open("/dev/tty").ok();
        terminal.is_some_and(|terminal| tcgetpgrp(terminal) == Ok(getpgrp()))
    }
}

/// See the other one.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
struct Came;

#[cfg(not(unix))]
impl Signals {
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// The console tells the command by itself: this program only has to outlive it.
    async fn next(&mut self) -> Came {
        loop {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
impl Came {
    fn pass_on(&self, _id: u32) {}
}
