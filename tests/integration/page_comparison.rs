//! A comparison's page, test report and annotations, on what an edit seldom gives.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bedrock_replay::regression::{Comparison, Judged, JudgedTurn, Options, Verdict, Verdicts};
use bedrock_replay::report::{ComparisonGithub, ComparisonHtml, ComparisonJunit, Format as _};

use crate::judges::{compared, compared_by, judged};
use crate::page::keep;
use crate::page_reports::HOSTILE;

/// Turns of which some moved, one of them by much, and one lost its score.
fn moved(dialogues: u32) -> Comparison {
    let (before, after) = sides(dialogues);
    compared(before, after)
}

fn sides(dialogues: u32) -> (Judged, Judged) {
    let before = |dialogue: u32, turn: u32| {
        let wobble = i32::try_from((dialogue * 5 + turn * 3) % 4).unwrap();
        Some([3 - wobble / 2, 3 - wobble % 2, 4 - wobble / 3 * 3])
    };
    let after = move |dialogue: u32, turn: u32| {
        let [form, substance, purity] = before(dialogue, turn)?;
        let less = i32::from((dialogue + turn * 2).is_multiple_of(3));
        let much = 3 * i32::from(turn == 2 && dialogue == 7);
        let fails = turn == 5 && dialogue == 3;
        let own = [form, substance - less, (purity - much - less / 2).max(0)];
        let own = if fails { [0, 0, 0] } else { own };
        ((dialogue, turn) != (4, 5)).then_some(own)
    };
    (judged(dialogues, 5, before), judged(dialogues, 5, after))
}

fn page(comparison: &Comparison) -> String {
    ComparisonHtml.render(comparison).unwrap()
}

fn hostile(turn: &mut JudgedTurn) {
    turn.student = HOSTILE.into();
    turn.tutor = HOSTILE.into();
    match &mut turn.verdict {
        Verdicts::Scored { judgment } => {
            for score in &mut judgment.scores {
                score.rationale = HOSTILE.into();
            }
        }
        Verdicts::Unscored { label, detail, .. } => {
            *label = HOSTILE.into();
            *detail = HOSTILE.into();
        }
    }
}

#[test]
fn a_weekly_comparison_is_one_page_and_the_same_every_time() {
    let comparison = moved(12);
    let page = page(&comparison);
    keep("comparison.html", &page);
    assert!(page == self::page(&moved(12)));
    // With as many words as people use, and more models.
    let (before, after) = sides(27);
    let weekly = self::page(&compared(wordy(before), wordy(after)));
    assert!(weekly.len() < 2_000_000, "{}", weekly.len());
    assert!(page.contains("<h2 id=\"verdict-title\">REGRESSED</h2>") || page.contains(">CHANGED<"));
    // Differences, Bland–Altman, a heat map for each of three dimensions, ranking, forest.
    assert_eq!(page.matches("<svg ").count(), 7);
    // Each in the list of what moved, and in its dialogue.
    let flips = comparison.flips.to_fail + comparison.flips.to_pass;
    let listed = page.matches("data-kind=\"moved flip ").count();
    assert_eq!(listed, 2 * usize::try_from(flips).unwrap());
    assert_eq!(page.matches("data-kind=\"moved unscored\"").count(), 2);
    assert!(page.contains("<strong>Simulated.</strong>"));
}

#[test]
fn every_dialogue_is_there_turn_by_turn_with_both_judges_scores_and_reasons() {
    let page = page(&moved(12));
    let dialogues = page.split("data-list=\"dialogues\"").nth(1).unwrap();
    assert_eq!(dialogues.matches("data-item ").count(), 12);
    assert_eq!(dialogues.matches("data-part ").count(), 60);
    let turn = dialogues.split("id=\"d8t2\"").nth(1).unwrap();
    let turn = turn.split("</li>").next().unwrap();
    for said in [
        "I am sure of it, 7.",
        "What makes you sure of it, 2?",
        "<b>moved −3.00</b>",
        "<b>A 4</b> purity is 4",
        "<b>B 1</b> purity is 1",
        "<b>A and B 2</b> substance is 2",
    ] {
        assert!(turn.contains(said), "{said}: {turn}");
    }
    // Above, the turn that moved is one click from its dialogue.
    assert!(page.contains("<a href=\"#d8t2\">in its dialogue</a>"));
}

#[test]
fn a_turn_that_is_not_compared_is_named_in_its_dialogue() {
    let said = |_, _| Some([3, 3, 4]);
    let mut after = judged(6, 5, said);
    after.turns[1].digest = [255; 32];
    after.turns.remove(2);
    let mut before = judged(6, 5, said);
    before.turns.retain(|turn| turn.key.turn != 4);
    after.turns.retain(|turn| turn.key.turn != 4);
    let page = page(&compared(before, after));
    let first = page.split("id=\"d1\"").nth(1).unwrap();
    let first = first.split("</details>").next().unwrap();
    for told in [
        "turn 2 is not compared: the judged text or its context differs",
        "turn 3 is not compared: only the baseline has it",
        "turn 4 has no answer: there is nothing to judge",
    ] {
        assert!(first.contains(told), "{told}: {first}");
    }
}

/// The same with as many words as people and judges use.
fn wordy(mut own: Judged) -> Judged {
    let said = "I never said that it was always so, only that I have not seen it otherwise. ";
    for turn in &mut own.turns {
        turn.student = format!("{} {}", turn.student, said.repeat(2));
        turn.tutor = format!("{} {}", turn.tutor, said.repeat(4));
        if let Verdicts::Scored { judgment } = &mut turn.verdict {
            for score in &mut judgment.scores {
                score.rationale = format!("{}: {said}{said}", score.rationale);
            }
        }
    }
    own
}

#[test]
fn a_thousand_dialogues_are_one_page_with_the_thousand_turns_that_moved_farthest() {
    let (before, after) = sides(1_000);
    let page = page(&compared(wordy(before), wordy(after)));
    keep("comparison-thousand.html", &page);
    let (moved, dialogues) = page.split_once("data-list=\"dialogues\"").unwrap();
    assert_eq!(moved.matches("data-item ").count(), 1_000);
    assert!(moved.contains("are left out here and stand in their dialogues below"));
    assert_eq!(dialogues.matches("data-item ").count(), 1_000);
    assert_eq!(dialogues.matches("data-part ").count(), 5_000);
    assert!(page.len() < 20_000_000, "{}", page.len());
}

#[test]
fn of_more_dialogues_than_a_page_holds_those_that_moved_least_are_left_out() {
    let page = page(&moved(2_500));
    assert!(page.contains("500 dialogues that moved less are left out here"));
    let dialogues = page.split("data-list=\"dialogues\"").nth(1).unwrap();
    assert_eq!(dialogues.matches("data-item ").count(), 2_000);
}

#[test]
fn what_two_judges_said_is_never_taken_for_the_page() {
    let mut before = judged(6, 5, |_, _| Some([3, 3, 4]));
    let mut after = judged(6, 5, |dialogue, turn| {
        ((dialogue, turn) != (1, 1)).then_some([2, 3, 3])
    });
    before.turns.iter_mut().for_each(hostile);
    after.turns.iter_mut().for_each(hostile);
    let page = page(&compared(before, after));
    keep("comparison-hostile.html", &page);
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("<img").count(), 0);
    assert!(page.matches("txet desrever").count() > 200);
}

#[test]
fn what_cannot_be_compared_is_a_page_that_says_why() {
    let nothing = judged(0, 0, |_, _| None);
    let comparison = compared(nothing.clone(), nothing);
    assert_eq!(comparison.decision.verdict, Verdict::NotComparable);
    let page = page(&comparison);
    keep("comparison-nothing.html", &page);
    assert!(page.contains("NOT COMPARABLE") && !page.contains("<svg "));
}

#[test]
fn every_verdict_has_a_page_without_a_number_that_is_none() {
    let flat = || judged(6, 2, |_, _| Some([3, 3, 4]));
    let none = || judged(6, 2, |_, _| None);
    for (before, after) in [(flat(), flat()), (flat(), none()), (none(), none())] {
        let comparison = compared_by(before, after, &Options::default());
        let page = page(&comparison);
        let body = page.split("<script>").next().unwrap();
        for odd in ["NaN", ">inf", "undefined"] {
            assert!(
                !body.contains(odd),
                "{odd}: {}",
                comparison.decision.verdict
            );
        }
    }
}

#[test]
fn a_test_report_fails_where_the_verdict_and_a_guard_do() {
    let report = ComparisonJunit.render(&moved(12)).unwrap();
    insta::with_settings!({ filters => [("@[0-9a-f]{8}", "@…")] }, {
        insta::assert_snapshot!(report);
    });
}

#[test]
fn a_workflow_is_told_the_verdict_and_what_moved_most() {
    insta::assert_snapshot!(ComparisonGithub.render(&moved(12)).unwrap());
}
