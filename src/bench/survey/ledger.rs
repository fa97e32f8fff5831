//! Walks through a replayed dialogue and books every call: recorded, to be recorded, or not
//! needed.

use super::cause::{Asked, Found};
use super::line::Line;
use super::places::Place;
use super::role::Role;
use crate::bench::call::CallFailure;
use crate::bench::expenses::usage_of;
use crate::bench::plan::Plan;
use crate::bench::scenario::Student;
use crate::bench::transcript::{Judging, StudentTurn, Transcript, Turn, TutorTurn, Unscored};
use crate::judge::Tokens;
use crate::pricing::Usage;

/// Whoever sums up a dialogue's calls.
pub(super) trait Book {
    /// A recorded call, with what it told of its tokens.
    fn recorded(&mut self, role: Role, turn: u32, usage: Option<Usage>);
    /// A recorded call that got an error for an answer, and keeps it.
    fn refused(&mut self, role: Role, turn: u32, failure: &CallFailure);
    /// A call that would be made, and why.
    fn to_record(&mut self, role: Role, turn: u32, cause: usize);
    /// The number of a cause.
    fn cause(&mut self, found: Found) -> usize;
}

/// How a dialogue goes on.
#[derive(Clone, Copy)]
enum Course {
    /// The next call follows.
    On,
    /// A call is missing: all that follow are too, for the same cause.
    Broken(usize),
    /// It ended as it was recorded: what the plan has beyond is not asked.
    Over,
}

/// Books the calls of a dialogue that is in the cassette, in whole or in part.
pub(super) fn book_replayed(
    plan: &Plan,
    place: Place,
    transcript: &Transcript,
    book: &mut dyn Book,
) {
    let scenario = &plan.scenarios[place.scenario];
    let mut course = Course::On;
    for turn in &transcript.turns {
        let mut clerk = Clerk {
            plan,
            place,
            turn: turn.turn,
            book,
        };
        if matches!(scenario.student, Student::Played(_)) && turn.turn > 1 {
            course = clerk.student(turn, course);
        }
        course = clerk.tutor(turn, course);
        course = clerk.judge(turn, course);
    }
}

/// Books the calls of a dialogue of which nothing is recorded.
pub(super) fn book_unrecorded(plan: &Plan, place: Place, cause: usize, book: &mut dyn Book) {
    let is_played = matches!(plan.scenarios[place.scenario].student, Student::Played(_));
    for turn in 1..=plan.turns {
        if is_played && turn > 1 {
            book.to_record(Role::Student, turn, cause);
        }
        book.to_record(Role::Tutor, turn, cause);
        book.to_record(Role::Judge, turn, cause);
    }
}

struct Clerk<'a> {
    plan: &'a Plan,
    place: Place,
    turn: u32,
    book: &'a mut dyn Book,
}

impl Clerk<'_> {
    fn student(&mut self, turn: &Turn, course: Course) -> Course {
        if let Some(course) = self.follows(Role::Student, course) {
            return course;
        }
        match &turn.student {
            StudentTurn::Model { tokens, .. } => self.found(Role::Student, *tokens),
            StudentTurn::Failed { failure } => self.failed(Role::Student, failure),
            StudentTurn::Script { .. } | StudentTurn::NotReached => course,
        }
    }

    fn tutor(&mut self, turn: &Turn, course: Course) -> Course {
        if let Some(course) = self.follows(Role::Tutor, course) {
            return course;
        }
        match &turn.tutor {
            TutorTurn::Answered(answer) => self.found(Role::Tutor, answer.tokens),
            TutorTurn::Empty { tokens, .. } | TutorTurn::Blocked { tokens, .. } => {
                self.found(Role::Tutor, *tokens);
                Course::Over
            }
            TutorTurn::Failed { failure } => self.failed(Role::Tutor, failure),
            TutorTurn::NotReached => Course::Over,
        }
    }

    /// A missing judgment breaks nothing: the next turn does not depend on it.
    fn judge(&mut self, turn: &Turn, course: Course) -> Course {
        if let Some(course) = self.follows(Role::Judge, course) {
            return course;
        }
        match &turn.judge {
            Judging::Judged { tokens, .. }
            | Judging::Unscored {
                reason: Unscored::Rejected { .. },
                tokens,
            } => {
                self.found(Role::Judge, *tokens);
            }
            Judging::Unscored {
                reason: Unscored::CallFailed(failure),
                ..
            } => {
                self.failed(Role::Judge, failure);
            }
            Judging::Unscored {
                reason: Unscored::AnswerCut,
                ..
            }
            | Judging::NotAnswered => {}
        }
        course
    }

    /// What becomes of a call after the dialogue broke or ended; `None` while it goes on.
    fn follows(&mut self, role: Role, course: Course) -> Option<Course> {
        match course {
            Course::On => return None,
            Course::Broken(cause) => self.book.to_record(role, self.turn, cause),
            Course::Over => {}
        }
        Some(course)
    }

    fn model(&self, role: Role) -> &str {
        match role {
            Role::Tutor => &self.plan.models[self.place.model].id,
            Role::Student => self.plan.player.as_ref().map_or("", |player| &player.model),
            Role::Judge => &self.plan.judge.model,
        }
    }

    fn found(&mut self, role: Role, tokens: Option<Tokens>) -> Course {
        self.book.recorded(role, self.turn, tokens.map(usage_of));
        Course::On
    }

    /// What gave no answer misses, and is asked again. What still failed was answered with an
    /// error: a dialogue ends there, each time that it is replayed.
    fn failed(&mut self, role: Role, failure: &CallFailure) -> Course {
        let miss = match failure {
            CallFailure::Missed { miss } => miss,
            // It was never recorded, and a recording would not send it either.
            CallFailure::NotSent { .. } => {
                let cause = self.book.cause(Found::plain(failure.to_string()));
                self.book.to_record(role, self.turn, cause);
                return Course::Broken(cause);
            }
            refused => {
                self.book.refused(role, self.turn, refused);
                return Course::Over;
            }
        };
        let asked = Asked {
            role,
            plan: self.plan,
            scenario: &self.plan.scenarios[self.place.scenario],
            model: self.model(role),
        };
        let cause = self.book.cause(Found::of(&miss.0, &asked));
        self.book.to_record(role, self.turn, cause);
        Course::Broken(cause)
    }
}

/// The lines of one dialogue.
pub(super) fn lines(place: Place) -> [Line; 3] {
    Role::ALL.map(|role| Line::new(place, role))
}
