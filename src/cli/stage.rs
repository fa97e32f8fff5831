//! Dialogues shown as they are held. One is on the stage and heard as it speaks; what the
//! others say meanwhile is kept, and shown when the stage is free.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bedrock_replay::bench::{Heard, Listener};

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
        show(&stage.hear(dialogue, heard));
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
fn show(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
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
