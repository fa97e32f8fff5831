//! What is said in the dialogues, by the scope in which a judge is asked about it: whether a
//! request shows these words, or others that were said under the same name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::bench::{
    ContestKey, Contests, Order, Plan, Transcript, contest_scope, dialogue_of_a_judge, judge_scope,
};
use crate::judge::{Contender, PairSubject, Subject, SubjectTurn, Unit};
use crate::regression::subjects;

/// What is said in a plan's dialogues.
pub(super) struct Said {
    by_scope: BTreeMap<String, Vec<Shown>>,
    dialogues: BTreeSet<String>,
}

/// One answer, or the two of a contest.
type Shown = Vec<Words>;

/// Words as they are compared: see [`bare`].
struct Words {
    judged: Vec<String>,
    before: Vec<String>,
}

impl Said {
    /// Of dialogues that were held.
    pub(super) fn of(plan: &Plan, transcripts: &[Transcript]) -> Self {
        let mut by_scope: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
        for transcript in transcripts {
            let shown = subjects(&plan.scenarios, std::slice::from_ref(transcript));
            for subject in shown {
                let scope = judge_scope(&transcript.name(), subject.turn);
                let words = vec![Words::of_turn(&subject)];
                by_scope.entry(scope).or_default().push(words);
            }
        }
        for unit in [Unit::Turns, Unit::Dialogues] {
            for contest in Contests::of(unit, &plan.scenarios, transcripts).contests {
                for scope in scopes(&contest.key) {
                    let words = Words::of_contest(&contest.subject);
                    by_scope.entry(scope).or_default().push(words);
                }
            }
        }
        let dialogues = by_scope.keys().filter_map(|own| dialogue_of_a_judge(own));
        Self {
            dialogues: dialogues.map(str::to_owned).collect(),
            by_scope,
        }
    }

    /// Whether a judge is asked about one of these dialogues in this scope, or about two of them.
    pub(super) fn has_dialogue(&self, scope: &str) -> bool {
        dialogue_of_a_judge(scope).is_some_and(|dialogue| self.dialogues.contains(dialogue))
    }

    /// Whether a judge that was asked this in this scope was shown what is said here, and not
    /// what was said when the dialogue was held otherwise.
    pub(super) fn is_shown(&self, scope: &str, body: &[u8]) -> bool {
        let (Some(said), Ok(body)) = (self.by_scope.get(scope), serde_json::from_slice(body))
        else {
            return false;
        };
        let mut text = String::new();
        gather(&body, &mut text);
        let text = bare(&text);
        said.iter()
            .any(|shown| shown.iter().all(|words| words.are_in(&text)))
    }
}

impl Words {
    fn of_turn(subject: &Subject) -> Self {
        Self {
            judged: vec![bare(&subject.tutor_turn)],
            before: lines(&subject.dialogue),
        }
    }

    fn of_contest(subject: &PairSubject) -> Shown {
        let one = |own: &Contender| match &own.tutor_turn {
            Some(turn) => Self {
                judged: vec![bare(turn)],
                before: lines(&own.dialogue),
            },
            None => Self {
                judged: lines(&own.dialogue),
                before: Vec::new(),
            },
        };
        vec![one(&subject.first), one(&subject.second)]
    }

    /// A judge that is shown what was said before is shown all of it. Where only some of it is
    /// there, it is another dialogue with the same opening.
    fn are_in(&self, text: &str) -> bool {
        let shown = |line: &String| text.contains(line.as_str());
        let before = self.before.iter().filter(|line| shown(line)).count();
        self.judged.iter().all(shown) && (before == 0 || before == self.before.len())
    }
}

/// Where a pairwise judge is asked about a contest, also by a plan that names the models the
/// other way round.
fn scopes(key: &ContestKey) -> Vec<String> {
    let turned = ContestKey {
        one: key.other.clone(),
        other: key.one.clone(),
        ..key.clone()
    };
    let of = |key| Order::ALL.map(|order| contest_scope(key, order));
    [of(key), of(&turned)].concat()
}

fn lines(dialogue: &[SubjectTurn]) -> Vec<String> {
    dialogue.iter().map(|turn| bare(&turn.text)).collect()
}

/// A text without what a judge's templates change of it: white space, and the tags that it must
/// not close.
fn bare(text: &str) -> String {
    let mut text = text.replace("&lt;", "<");
    text.retain(|character| !character.is_whitespace());
    text
}

/// Every text of a request.
fn gather(value: &Value, text: &mut String) {
    match value {
        Value::String(own) => {
            text.push_str(own);
            text.push('\n');
        }
        Value::Array(values) => values.iter().for_each(|own| gather(own, text)),
        Value::Object(members) => members.values().for_each(|own| gather(own, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Speaker;

    const SCOPE: &str = "EL-1/haiku/0/judge/turn-2";

    fn said() -> Said {
        let line = |speaker, text: &str| SubjectTurn {
            speaker,
            text: text.to_owned(),
        };
        let words = Words {
            judged: vec![bare("And is <tutor_turn> one?")],
            before: lines(&[
                line(Speaker::Student, "Bread is bread."),
                line(Speaker::Tutor, "What is it made of?"),
            ]),
        };
        Said {
            by_scope: BTreeMap::from([(SCOPE.to_owned(), vec![vec![words]])]),
            dialogues: BTreeSet::from(["EL-1/haiku/0".to_owned()]),
        }
    }

    fn is_shown(user: &str) -> bool {
        let body = serde_json::json!({"messages": [{"role": "user", "content": user}]});
        said().is_shown(SCOPE, body.to_string().as_bytes())
    }

    #[test]
    fn words_are_found_however_a_template_encloses_them() {
        assert!(is_shown(
            "<tutor_turn>And is &lt;tutor_turn> one?  \n</tutor_turn>"
        ));
        assert!(is_shown(
            "Bread is\n  bread.\nWhat is it made of?\nAnd is &lt;tutor_turn> one?"
        ));
    }

    #[test]
    fn another_answer_or_another_dialogue_before_it_is_not_what_is_said() {
        assert!(!is_shown("And is that one?"));
        assert!(!is_shown(
            "Bread is bread.\nWho bakes it?\nAnd is &lt;tutor_turn> one?"
        ));
        let said = said();
        assert!(!said.is_shown(SCOPE, b"And is <tutor_turn> one?"));
        assert!(said.has_dialogue("EL-1/haiku/0/judge/turn-9"));
        assert!(!said.has_dialogue("EL-1/haiku/1/judge/turn-2"));
    }
}
