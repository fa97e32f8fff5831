//! The page of two pairwise judges: every contest with both answers and both orders' reasons.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bedrock_replay::bench::Choosing;
use bedrock_replay::judge::{Contender, Speaker, SubjectTurn};
use bedrock_replay::regression::{PairwiseComparison, PairwiseEvidence};
use bedrock_replay::report::{ComparisonHtml, Format as _};

use super::page::keep;
use super::page_reports::HOSTILE;
use super::pairwise::{FIRST, SECOND, Said, TIE, compared, fair, heard};

/// A judge that begins to look at the place, changes its mind, and loses a verdict.
fn edited(scenario: u32, turn: u32) -> [Said; 2] {
    match (scenario % 9, turn) {
        (2 | 5, 3) => [FIRST, FIRST],
        (4, 5) => [TIE, SECOND],
        (6, 1) => [SECOND, FIRST],
        (7, 1) => [None, SECOND],
        (8, 4) => [TIE, TIE],
        _ => fair(scenario, turn),
    }
}

fn moved(scenarios: u32) -> PairwiseComparison {
    compared(
        spoken(heard(scenarios, fair), &said),
        spoken(heard(scenarios, edited), &said),
    )
}

fn said(speaker: Speaker, turn: u32) -> String {
    let more = "only that I have not seen it otherwise so far, and nobody has shown it to me. ";
    format!("{speaker:?} in turn {turn}: I never said that it was always so, {more}{more}")
}

/// Gives the contests what was said before them.
fn spoken(mut own: PairwiseEvidence, said: &dyn Fn(Speaker, u32) -> String) -> PairwiseEvidence {
    for contest in &mut own.contests {
        let last = contest.key.turn.unwrap_or(1);
        let subject = &mut contest.subject;
        for contender in [&mut subject.first, &mut subject.second] {
            contender.dialogue = dialogue(last, said);
            let answer = contender.tutor_turn.take().unwrap_or_default();
            contender.tutor_turn = Some(format!("{answer} {}", said(Speaker::Tutor, last)));
        }
    }
    own
}

fn dialogue(last: u32, said: &dyn Fn(Speaker, u32) -> String) -> Vec<SubjectTurn> {
    let turn = |speaker, turn| SubjectTurn {
        speaker,
        text: said(speaker, turn),
    };
    let before = (1..last).flat_map(|own| [turn(Speaker::Student, own), turn(Speaker::Tutor, own)]);
    before.chain([turn(Speaker::Student, last)]).collect()
}

fn page(comparison: &PairwiseComparison) -> String {
    ComparisonHtml.render(comparison).unwrap()
}

/// The list of what moved, and the dialogues.
fn lists(page: &str) -> (&str, &str) {
    let (_, lists) = page.split_once("data-list=\"moved\"").unwrap();
    lists.split_once("data-list=\"dialogues\"").unwrap()
}

#[test]
fn every_contest_that_moved_is_listed_and_every_contest_is_in_its_dialogue() {
    let comparison = moved(9);
    assert_eq!(
        comparison.movers.len(),
        5,
        "the text shows the first of them"
    );
    let page = page(&comparison);
    keep("pairwise.html", &page);
    assert!(page.len() < 2_000_000, "{}", page.len());
    let (moved, dialogues) = lists(&page);
    assert_eq!(moved.matches("data-item ").count(), 6);
    assert!(moved.contains("39 contests got the same verdicts"));
    assert_eq!(dialogues.matches("data-item ").count(), 9);
    assert_eq!(dialogues.matches("data-part ").count(), 45);
    assert!(page.contains("Share of points by dialogue, haiku against llama: A and B"));
    // Position bias, two confusion maps, ranking; preference and shift by dialogue.
    assert_eq!(page.matches("<svg ").count(), 6);
}

#[test]
fn a_contest_shows_both_answers_and_both_orders_of_both_judges() {
    let page = page(&moved(9));
    let (_, dialogues) = lists(&page);
    let contest = dialogues.split("id=\"d3t3\"").nth(1).unwrap();
    let contest = contest.split("</li>").next().unwrap();
    for said in [
        "What makes haiku so sure, 2?",
        "What makes llama so sure, 2?",
        "Student in turn 3",
        "<bdi>haiku</bdi> shown first</h4>",
        "<bdi>llama</bdi> shown first: moved</h4>",
        "<b>A → <bdi>haiku</bdi></b> it is second",
        "<b>B → <bdi>llama</bdi></b> it is first",
    ] {
        assert!(contest.contains(said), "{said}: {contest}");
    }
    assert_eq!(contest.matches("Student in turn 3").count(), 1);
    let lost = dialogues.split("id=\"d8t1\"").nth(1).unwrap();
    assert!(lost.split("</li>").next().unwrap().contains("no verdict: "));
}

#[test]
fn filters_find_a_contest_by_what_became_of_it() {
    let page = page(&moved(9));
    let (moved, _) = lists(&page);
    for (kinds, toward, count) in [
        ("moved to-place lean-first", Some("llama"), 2),
        ("moved to-place lean-second", Some("haiku"), 1),
        ("moved winner", Some("llama"), 1),
        ("moved to-tie", Some("haiku"), 1),
        ("moved unscored", None, 1),
    ] {
        let attributes = match toward {
            Some(model) => format!("data-kind=\"{kinds}\" data-toward=\"{model}\""),
            None => format!("data-kind=\"{kinds}\">"),
        };
        assert_eq!(moved.matches(&attributes).count(), count, "{attributes}");
    }
}

#[test]
fn whole_dialogues_stand_beside_each_other() {
    let whole = |mut own: PairwiseEvidence| {
        own.contests.retain(|contest| contest.key.turn == Some(5));
        for contest in &mut own.contests {
            contest.key.turn = None;
            contest.subject.turn = None;
            for side in [&mut contest.subject.first, &mut contest.subject.second] {
                *side = Contender {
                    dialogue: dialogue(5, &said),
                    tutor_turn: None,
                };
            }
        }
        own
    };
    let comparison = compared(whole(heard(9, fair)), whole(heard(9, edited)));
    let page = page(&comparison);
    keep("pairwise-whole.html", &page);
    let (_, dialogues) = lists(&page);
    let first = dialogues.split("</details>").next().unwrap();
    assert_eq!(first.matches("Tutor in turn 4").count(), 2);
    assert!(first.contains("whole dialogue"));
}

#[test]
fn a_thousand_dialogues_of_two_models_are_one_page() {
    let page = page(&moved(500));
    keep("pairwise-thousand.html", &page);
    let (_, dialogues) = lists(&page);
    assert_eq!(dialogues.matches("data-part ").count(), 2_500);
    assert!(page.len() < 12_000_000, "{}", page.len());
}

#[test]
fn what_two_pairwise_judges_were_shown_and_said_is_never_taken_for_the_page() {
    let hostile = |mut own: PairwiseEvidence| {
        own = spoken(own, &|_, _| HOSTILE.to_owned());
        for contest in &mut own.contests {
            contest.key.scenario = HOSTILE.into();
            contest.key.one = HOSTILE.into();
            for said in [&mut contest.named, &mut contest.swapped] {
                if let Choosing::Chosen { preference, .. } = said {
                    preference.rationale = HOSTILE.into();
                }
            }
        }
        own.contests.truncate(5);
        own
    };
    let page = page(&compared(
        hostile(heard(9, fair)),
        hostile(heard(9, edited)),
    ));
    keep("pairwise-hostile.html", &page);
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("<img").count(), 0);
    assert!(page.matches("txet desrever").count() > 50);
}

#[test]
fn what_two_pairwise_judges_cannot_be_compared_by_is_a_page_that_says_why() {
    let page = page(&compared(heard(0, fair), heard(0, fair)));
    keep("pairwise-nothing.html", &page);
    assert!(page.contains("NOT COMPARABLE") && !page.contains("<svg "));
}
