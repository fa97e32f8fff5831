//! What is said of human labels, a line each.

use super::lines::interval;
use super::words::{probability, ratio, ratios, shift};
use crate::regression::{Agreement, ClusterBy, JudgeAgreement};
use crate::words::{counted, grouped};

/// Labels that match nothing and are named.
const NAMED: usize = 3;

/// What people say, a line for each judge and one for the change; which judge that speaks for is
/// a note.
pub(super) fn lines(human: &Agreement, by: ClusterBy) -> Vec<String> {
    let between = human.between_people.map_or_else(String::new, |alpha| {
        format!("; α between people {}", ratio(Some(alpha)))
    });
    let mut lines = vec![format!(
        "{} for {} in {}{between}",
        counted(human.labels, "label"),
        counted(human.turns, "turn"),
        by.counted(human.clusters),
    )];
    lines.extend(unmatched(human));
    if human.turns == 0 {
        return lines;
    }
    lines.push(format!("A {}", agreement(&human.a)));
    lines.push(format!("B {}", agreement(&human.b)));
    lines.push(format!(
        "κ {} → {}, change {}; put right {}, put wrong {}, McNemar p {}",
        ratio(human.a.kappa),
        ratio(human.b.kappa),
        interval(human.change),
        human.put_right,
        human.put_wrong,
        probability(Some(human.mcnemar))
    ));
    lines
}

/// All of it in a line: how many labels there are, how many match nothing, and what they say.
pub(super) fn in_a_line(human: &Agreement, by: ClusterBy) -> String {
    let unmatched = match human.unmatched.len() {
        0 => String::new(),
        1 => ", 1 matches none".to_owned(),
        many => format!(", {} match none", grouped(many)),
    };
    format!(
        "{} for {}{unmatched}; {}",
        counted(human.labels, "label"),
        counted(human.turns, "turn"),
        human.said(by)
    )
}

/// `3 labels match no turn that both judges scored: SCN-99 · haiku · turn 1, …`.
fn unmatched(human: &Agreement) -> Option<String> {
    let mut names: Vec<String> = human.unmatched.iter().map(ToString::to_string).collect();
    names.dedup();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {}", counted(more, "more turn")),
    };
    names.truncate(NAMED);
    (!names.is_empty()).then(|| {
        format!(
            "{} no turn that both judges scored: {}{more}",
            match human.unmatched.len() {
                1 => "1 label matches".to_owned(),
                many => format!("{} match", counted(many, "label")),
            },
            names.join(", ")
        )
    })
}

fn agreement(judge: &JudgeAgreement) -> String {
    let [both_fail, judge_passes, judge_fails, both_pass] = judge.table;
    format!(
        "QWK {} {}, bias {} {}, same {}, pass/fail κ {} (TN {both_fail} FP {judge_passes} FN {judge_fails} TP {both_pass})",
        ratio(judge.kappa),
        ratios(judge.kappa_interval),
        shift(judge.bias),
        interval(judge.bias_interval),
        judge.same,
        ratio(judge.pass_kappa)
    )
}
