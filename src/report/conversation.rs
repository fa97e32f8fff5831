//! Dialogues as they are read: who says what, and under each tutor turn what it scored and why.

use super::format::{Format, FormatError, Report};
use crate::bench::{Answer, Judging, StudentTurn, Transcript, Turn, TutorTurn};
use crate::judge::{Judgment, Points};

/// Words end here; a terminal of 80 columns shows every line whole.
const WIDTH: usize = 80;
const INDENT: &str = "           ";

/// Every dialogue, one after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conversation;

impl Conversation {
    /// One dialogue of a report.
    #[must_use]
    pub fn dialogue(self, report: &Report, dialogue: &Transcript) -> String {
        let regions = dialogue.answered_in();
        let mut lines = vec![
            format!("{} · {}", dialogue.name(), dialogue.title),
            format!(
                "{}, {} answers{}, rubric {}",
                dialogue.vector,
                report.origin(),
                regions.map_or_else(String::new, |regions| format!(" in {regions}")),
                report.outcome.setup.rubric.id
            ),
        ];
        let highest = report.outcome.setup.rubric.highest();
        for turn in &dialogue.turns {
            lines.push(String::new());
            lines.extend(turn_lines(turn, highest));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

impl Format for Conversation {
    fn render(&self, report: &Report) -> Result<String, FormatError> {
        let dialogues = report.outcome.transcripts.iter();
        let texts: Vec<String> = dialogues.map(|one| self.dialogue(report, one)).collect();
        let rule = format!("\n{}\n\n", "─".repeat(WIDTH));
        Ok(texts.join(&rule))
    }
}

fn turn_lines(turn: &Turn, highest: Points) -> Vec<String> {
    let number = turn.turn;
    let mut lines = match &turn.student {
        StudentTurn::Script { text } => spoken(&format!("{number} student"), text),
        StudentTurn::Model { text, cut_by, .. } => {
            let mut lines = spoken(&format!("{number} student"), text);
            lines.extend(
                cut_by
                    .as_ref()
                    .map(|limit| format!("{INDENT}[cut by {limit}]")),
            );
            lines
        }
        StudentTurn::Failed { failure } => spoken(
            &format!("{number} student"),
            &format!("[no answer: {failure}]"),
        ),
        StudentTurn::NotReached if turn.tutor == TutorTurn::NotReached => {
            return spoken(&format!("{number}"), "[not reached]");
        }
        StudentTurn::NotReached => spoken(&format!("{number} student"), "[not known]"),
    };
    lines.extend(match &turn.tutor {
        TutorTurn::Answered(answer) => answered(answer),
        TutorTurn::Empty { stop_reason, .. } => spoken(
            "  tutor",
            &format!("[{}]", TutorTurn::emptiness(stop_reason)),
        ),
        TutorTurn::Blocked {
            stop_reason, text, ..
        } => spoken("  tutor", &format!("[{stop_reason}: {text}]")),
        TutorTurn::Failed { failure } => spoken("  tutor", &format!("[no answer: {failure}]")),
        TutorTurn::NotReached => spoken("  tutor", "[not asked]"),
    });
    lines.extend(match &turn.judge {
        Judging::Judged { judgment, .. } => judged(judgment, highest),
        Judging::Unscored { reason, .. } => {
            spoken("  judge", &format!("[unscored: {}]", reason.detail()))
        }
        Judging::NotAnswered => Vec::new(),
    });
    lines
}

fn answered(answer: &Answer) -> Vec<String> {
    let mut lines = spoken("  tutor", &answer.text);
    let stopped = answer.stopped_by();
    lines.extend(stopped.map(|reason| format!("{INDENT}[stopped by {reason}]")));
    lines
}

fn judged(judgment: &Judgment, highest: Points) -> Vec<String> {
    let named = judgment.scores.iter();
    let scores: Vec<String> = named
        .map(|score| format!("{} {}", score.dimension, score.score))
        .collect();
    let sum = format!("{} of {highest} ({})", judgment.overall, scores.join(", "));
    let mut lines = spoken("  judge", &sum);
    for score in &judgment.scores {
        let rationale = format!("{}: {}", score.dimension, score.rationale);
        lines.extend(
            wrapped(&rationale, WIDTH - INDENT.len() - 2).map(|line| format!("{INDENT}  {line}")),
        );
    }
    lines
}

/// A speaker's words, wrapped beside the speaker's name.
fn spoken(speaker: &str, text: &str) -> Vec<String> {
    let width = WIDTH - INDENT.len();
    let paragraphs = text.lines().filter(|line| !line.trim().is_empty());
    let mut lines: Vec<String> = paragraphs
        .flat_map(|paragraph| wrapped(paragraph, width).collect::<Vec<_>>())
        .map(|line| format!("{INDENT}{line}"))
        .collect();
    if let Some(first) = lines.first_mut() {
        let said = first.trim_start();
        *first = format!("{speaker:<width$}{said}", width = INDENT.len());
    }
    lines
}

fn wrapped(text: &str, width: usize) -> impl Iterator<Item = String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.into_iter()
}
