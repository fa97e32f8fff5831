//! How often the tests cry wolf, and what they can see: a simulation with a fixed seed.
//!
//! Differences as a judge's rounded scores give them: a part that the turns of a dialogue
//! share, a part of their own, a shift, rounded to whole points.

use std::fmt::Write as _;

use super::{ClusterT, Clustered, Generator, SignFlip, clusters_needed, minimum_detectable};

/// The weekly plan.
const DIALOGUES: usize = 12;
const TURNS: usize = 5;
const ALPHA: f64 = 0.05;
/// So many that the standard error of a rate of 5 % is a third of a percent.
const PLANS: u32 = 4_000;
/// The spread of a turn's difference, in points.
const SPREAD: f64 = 1.0;

fn plan(generator: &mut Generator, dialogues: usize, icc: f64, shift: f64) -> Clustered {
    Clustered::of((0..dialogues).map(|_| {
        let shared = generator.normal() * icc.sqrt();
        let turns: Vec<f64> = (0..TURNS)
            .map(|_| {
                let own = generator.normal() * (1.0 - icc).sqrt();
                (shift + SPREAD * (shared + own)).round()
            })
            .collect();
        turns
    }))
}

/// A test's p.
type Test = fn(&Clustered) -> Option<f64>;

fn by_turns(data: &Clustered) -> Option<f64> {
    by_t(&Clustered::apart(data.values().iter().copied()))
}

fn by_t(data: &Clustered) -> Option<f64> {
    ClusterT::of(data)?.p()
}

fn by_flips(data: &Clustered) -> Option<f64> {
    SignFlip::of(data, 16, 1, 1).map(|flip| flip.p)
}

/// The share of plans in which a test finds a shift.
fn found(test: Test, plans: u32, dialogues: usize, icc: f64, shift: f64, seed: u64) -> f64 {
    let mut generator = Generator::new(seed);
    let hits = (0..plans).filter(|_| {
        let data = plan(&mut generator, dialogues, icc, shift);
        test(&data).is_some_and(|p| p <= ALPHA)
    });
    f64::from(u32::try_from(hits.count()).unwrap_or(u32::MAX)) / f64::from(plans)
}

#[test]
fn at_the_weekly_size_false_alarms_are_as_rare_as_promised() {
    for (icc, seed) in [(0.0, 11), (0.3, 12), (0.7, 13)] {
        for (name, test) in [("cluster t", by_t as Test), ("sign-flip", by_flips)] {
            let alarms = found(test, PLANS, DIALOGUES, icc, 0.0, seed);
            assert!(
                (0.03..=0.06).contains(&alarms),
                "{name}, ICC {icc}: {alarms}"
            );
        }
    }
}

#[test]
fn a_test_by_turns_cries_wolf() {
    assert!(found(by_turns, 1_000, DIALOGUES, 0.3, 0.0, 21) > 0.12);
    assert!(found(by_turns, 1_000, DIALOGUES, 0.7, 0.0, 22) > 0.25);
}

#[test]
fn what_a_plan_can_see_is_written_down() {
    let mut table = "power of the cluster t at α = .05, spread of a turn 1.0 point\n\
                     dialogues × 5   ICC   shift .25   .40   .60   MDE (80 %)   needed for ±.25\n"
        .to_owned();
    for (dialogues, seed) in [(12, 31), (27, 32), (60, 33)] {
        for icc in [0.0, 0.3, 0.7] {
            let power = |shift| found(by_t, 600, dialogues, icc, shift, seed);
            // Rounding to whole points adds 1/12 to the variance of a turn.
            let turns = f64::from(u32::try_from(TURNS).unwrap());
            let variance = SPREAD * (icc + (1.0 - icc) / turns) + 1.0 / 12.0 / turns;
            let error = (variance / f64::from(u32::try_from(dialogues).unwrap())).sqrt();
            writeln!(
                table,
                "{dialogues:>13}   {icc:.1}        {:.2}   {:.2}   {:.2}         {:.2}   {:>15}",
                power(0.25),
                power(0.4),
                power(0.6),
                minimum_detectable(error, dialogues, ALPHA, 0.8).unwrap(),
                clusters_needed(error, dialogues, 0.25, 0.95).unwrap()
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(table);
}
