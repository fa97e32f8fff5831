//! Dialogues shown as they are held. One is on the stage and heard as it speaks; what the
//! others say meanwhile is kept, and shown when the stage is free.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bedrock_replay::bench::{Heard, Listener};

/// Whether the line that was written last on standard error is not over yet. It is the process's:
/// whoever else writes there begins a line of its own. It is read and set under the lock of
/// standard error.
static IS_MID_LINE: AtomicBool = AtomicBool::new(false);

/// Where dialogues are shown: standard error, so that the report alone is on standard output.
#[derive(Debug, Default)]
struct Stage {
    /// Who is heard now.
    current: Option<String>,
    /// What the others have said, and whether they are done.
    waiting: BTreeMap<String, Waiting>,
    line: Line,
}

#[derive(Debug, Default)]
struct Waiting {
    text: String,
    line: Line,
    is_over: bool,
}

/// Who speaks in the line that is being written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Line {
    #[default]
    New,
    Student,
    Tutor,
}

/// A listener that shows what it hears.
pub fn listener() -> Listener {
    let stage = Arc::new(Mutex::new(Stage::default()));
    Arc::new(move |dialogue, heard| {
        let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = io::stderr().lock();
        if !IS_MID_LINE.load(Ordering::Relaxed) {
            // Somebody wrote in between: who speaks is said again.
            stage.line = Line::New;
        }
        show(&mut out, &stage.hear(dialogue, heard));
    })
}

impl Stage {
    /// What is to be shown now.
    fn hear(&mut self, dialogue: &str, heard: Heard<'_>) -> String {
        let mut shown = String::new();
        if self.current.is_none() {
            self.current = Some(dialogue.to_owned());
            self.line = Line::New;
            shown.push_str(&header(dialogue));
        }
        if self.current.as_deref() != Some(dialogue) {
            let waiting = self.waiting.entry(dialogue.to_owned()).or_default();
            waiting.text.push_str(&written(heard, &mut waiting.line));
            waiting.is_over = heard == Heard::Ended;
            return shown;
        }
        shown.push_str(&written(heard, &mut self.line));
        if heard == Heard::Ended {
            shown.push_str(&self.next());
        }
        shown
    }

    /// Everything that is done, and then the first of those who still speak.
    fn next(&mut self) -> String {
        self.current = None;
        let waiting = std::mem::take(&mut self.waiting);
        let (over, mut speaking): (BTreeMap<_, _>, BTreeMap<_, _>) = waiting
            .into_iter()
            .partition(|(_, waiting)| waiting.is_over);
        let whole = |(name, waiting): (String, Waiting)| header(&name) + &waiting.text;
        let mut shown: String = over.into_iter().map(whole).collect();
        if let Some((name, waiting)) = speaking.pop_first() {
            shown.push_str(&header(&name));
            shown.push_str(&waiting.text);
            self.line = waiting.line;
            self.current = Some(name);
        }
        self.waiting = speaking;
        shown
    }
}

fn header(dialogue: &str) -> String {
    format!("── {dialogue}\n")
}

/// A moment as text: each speaker begins a line.
fn written(heard: Heard<'_>, line: &mut Line) -> String {
    let (speaker, name, text) = match heard {
        Heard::Student(text) => (Line::Student, "student  ", text),
        Heard::Tutor(text) => (Line::Tutor, "tutor    ", text),
        Heard::BrokenOff => return " [broken off]".to_owned(),
        Heard::TurnEnded | Heard::Ended => {
            let ending = if *line == Line::New { "" } else { "\n" };
            *line = Line::New;
            return ending.to_owned();
        }
    };
    if *line == speaker {
        return text.to_owned();
    }
    let ending = if *line == Line::New { "" } else { "\n" };
    *line = speaker;
    format!("{ending}{name}{text}")
}

/// A reader that went away is no reason to stop a run.
fn show(out: &mut io::StderrLock<'_>, text: &str) {
    if text.is_empty() {
        return;
    }
    IS_MID_LINE.store(!text.ends_with('\n'), Ordering::Relaxed);
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Ends the line that a dialogue has begun, before something else is told.
pub fn end_line() {
    let mut out = io::stderr().lock();
    if IS_MID_LINE.load(Ordering::Relaxed) {
        show(&mut out, "\n");
    }
}

/// Standard error for whole lines: one that a dialogue has begun is ended before.
#[derive(Debug, Clone, Copy)]
pub struct OwnLines;

impl Write for OwnLines {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let mut out = io::stderr().lock();
        if IS_MID_LINE.swap(false, Ordering::Relaxed) {
            out.write_all(b"\n")?;
        }
        out.write_all(lines)?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dialogue_at_a_time_is_heard_and_none_is_lost() {
        let mut stage = Stage::default();
        let mut shown = String::new();
        for (dialogue, heard) in [
            ("A", Heard::Student("Hello.")),
            ("B", Heard::Student("Good ")),
            ("A", Heard::Tutor("What ")),
            ("C", Heard::Student("Short.")),
            ("B", Heard::Student("day.")),
            ("C", Heard::Ended),
            ("A", Heard::Tutor("for?")),
            ("A", Heard::TurnEnded),
            ("A", Heard::Ended),
            ("B", Heard::Tutor("Why?")),
            ("B", Heard::Ended),
        ] {
            shown.push_str(&stage.hear(dialogue, heard));
        }
        insta::assert_snapshot!(shown, @r"
        ── A
        student  Hello.
        tutor    What for?
        ── C
        student  Short.
        ── B
        student  Good day.
        tutor    Why?
        ");
    }
}
