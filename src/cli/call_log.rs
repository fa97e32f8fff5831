//! A line for each call, on standard error. Whoever answers calls never waits for it: lines
//! are put into a buffer, in their order, and a thread writes them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bedrock_replay::exchange::Operation;
use bedrock_replay::server::{Answered, Witness};

/// Lines of this time go out together: waking a thread for each costs more than the line.
const TOGETHER: Duration = Duration::from_millis(10);
/// Bytes that wait at the most, for a terminal that takes nothing.
const MOST: usize = 1 << 20;

/// Characters of a name that are shown, and of what is noted beside it.
const NAME: usize = 200;
const NOTE: usize = 600;

/// Writes lines.
#[derive(Debug)]
pub struct CallLog {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    text: String,
    left_out: u64,
    is_over: bool,
}

impl CallLog {
    /// A log that writes until it is dropped.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let for_writer = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("call-log".to_owned());
        let writer = thread.spawn(move || for_writer.write()).ok();
        Self { shared, writer }
    }
}

impl Drop for CallLog {
    fn drop(&mut self) {
        self.shared.with(|waiting| waiting.is_over = true);
        self.shared.changed.notify_one();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Witness for CallLog {
    fn answered(&self, call: &Answered) {
        let is_first = self.shared.with(|waiting| {
            if waiting.text.len() > MOST {
                waiting.left_out += 1;
                return false;
            }
            let is_first = waiting.text.is_empty();
            write_line(&mut waiting.text, call);
            is_first
        });
        if is_first {
            self.shared.changed.notify_one();
        }
    }
}

fn write_line(text: &mut String, call: &Answered) {
    let operation = call.operation.map_or("-", Operation::name);
    let subject = printable(&call.subject);
    let _ = write!(text, "{operation} {subject} {} ", call.source);
    let _ = match call.status {
        Some(status) => write!(text, "{status}"),
        None => write!(text, "cut"),
    };
    let _ = write!(text, " {:.1} ms", call.elapsed.as_secs_f64() * 1e3);
    if !call.scope.is_empty() {
        let _ = write!(text, " scope={}", printable(&call.scope));
    }
    if let Some(note) = &call.note {
        let _ = write!(text, " {}", shown(note, NOTE));
    }
    text.push('\n');
}

fn printable(text: &str) -> String {
    shown(text, NAME)
}

/// What a client sends is no command to a terminal.
fn shown(text: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let text: String = text.chars().take(most).map(plain).collect();
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

impl Shared {
    /// A panic elsewhere leaves it whole: lines are appended as they are made.
    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self) {
        loop {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let idle = |waiting: &mut Waiting| waiting.text.is_empty() && !waiting.is_over;
            let waiting = self.changed.wait_while(waiting, idle);
            drop(waiting);
            let (text, left_out, is_over) = self.take_after(TOGETHER);
            let mut out = std::io::stderr().lock();
            let _ = out.write_all(text.as_bytes());
            if left_out > 0 {
                let _ = writeln!(out, "({left_out} lines left out: nobody took them in time)");
            }
            if is_over {
                return;
            }
        }
    }

    fn take_after(&self, pause: Duration) -> (String, u64, bool) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let paused = self
            .changed
            .wait_timeout_while(waiting, pause, |waiting| !waiting.is_over);
        let (mut waiting, _) = paused.unwrap_or_else(PoisonError::into_inner);
        let text = std::mem::take(&mut waiting.text);
        (text, std::mem::take(&mut waiting.left_out), waiting.is_over)
    }
}
