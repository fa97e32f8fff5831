//! A test of paired differences that assumes only that, if nothing moved, a dialogue's
//! differences could as well have had the other sign.

use serde::Serialize;

use super::clustered::{Clustered, count};
use super::generator::Generator;

/// Sums that differ by less are equal but for rounding.
const ROUNDING: f64 = 1e-9;
/// Clusters whose sums are looked up together.
const CHUNK: usize = 8;

/// How a p was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Method {
    /// Every way to flip the signs.
    Exact,
    /// So many random ways.
    MonteCarlo {
        /// How many.
        draws: u32,
        /// Where the generator starts.
        seed: u64,
    },
}

/// The cluster sign-flip test: the share of all ways to flip whole clusters' signs whose mean is
/// at least as far from 0 as the one seen.
///
/// `p = #{s ∈ {−1,1}^G : |Σ s_g·S_g| ≥ |Σ S_g|} / 2^G` with the clusters' sums `S_g`; of random
/// flips `(1 + hits) / (1 + draws)`. Sources: Fisher, The Design of Experiments (1935);
/// clusters: Canay, Romano and Shaikh, Econometrica 85 (2017); the 1 of random flips: Phipson
/// and Smyth, SAGMB 9 (2010).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SignFlip {
    /// Two-sided.
    pub p: f64,
    /// How it was found.
    pub method: Method,
}

impl SignFlip {
    /// Every flip up to `exact_up_to` clusters that moved (the others cannot matter), else
    /// `draws` random ones.
    #[must_use]
    pub fn of(data: &Clustered, exact_up_to: usize, draws: u32, seed: u64) -> Option<Self> {
        data.mean()?;
        let sums = data.groups().map(|group| group.iter().sum::<f64>());
        let moved: Vec<f64> = sums.filter(|sum| sum.abs() > ROUNDING).collect();
        if moved.len() <= exact_up_to.min(30) {
            return Some(Self {
                p: exact(&moved),
                method: Method::Exact,
            });
        }
        Some(Self {
            p: by_chance(&moved, draws, seed),
            method: Method::MonteCarlo { draws, seed },
        })
    }
}

/// At least as far from 0 as this.
fn limit(sums: &[f64]) -> f64 {
    let size: f64 = sums.iter().map(|sum| sum.abs()).sum();
    sums.iter().sum::<f64>().abs() - ROUNDING * size.max(1.0)
}

/// Goes through the flips in Gray's order, each one sign from the last. The first sign stays:
/// the other half mirrors this one.
fn exact(sums: &[f64]) -> f64 {
    let Some((_, others)) = sums.split_first() else {
        return 1.0;
    };
    let limit = limit(sums);
    let mut signed: Vec<f64> = others.to_vec();
    let mut total: f64 = sums.iter().sum();
    let ways = 1_u64 << others.len();
    let mut hits = 0_u64;
    for way in 1..=ways {
        hits += u64::from(total.abs() >= limit);
        if let Some(sign) = signed.get_mut(way.trailing_zeros() as usize) {
            total -= 2.0 * *sign;
            *sign = -*sign;
        }
    }
    share(hits, ways)
}

fn by_chance(sums: &[f64], draws: u32, seed: u64) -> f64 {
    let limit = limit(sums);
    let tables: Vec<[f64; 1 << CHUNK]> = sums.chunks(CHUNK).map(table).collect();
    let mut generator = Generator::new(seed);
    let hits = (0..draws)
        .filter(|_| flipped(&tables, &mut generator).abs() >= limit)
        .count();
    share(hits as u64 + 1, u64::from(draws) + 1)
}

/// The sum of a few clusters under each way to flip them.
fn table(sums: &[f64]) -> [f64; 1 << CHUNK] {
    std::array::from_fn(|way| {
        let signed = sums.iter().enumerate();
        signed
            .map(|(at, sum)| if way >> at & 1 == 1 { -sum } else { *sum })
            .sum()
    })
}

fn flipped(tables: &[[f64; 1 << CHUNK]], generator: &mut Generator) -> f64 {
    let mut total = 0.0;
    for tables in tables.chunks(size_of::<u64>()) {
        let ways = generator.bits().to_le_bytes();
        total += tables
            .iter()
            .zip(ways)
            .map(|(table, way)| table[usize::from(way)])
            .sum::<f64>();
    }
    total
}

fn share(part: u64, whole: u64) -> f64 {
    let float = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX));
    float(part) / float(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::clustered::tests::{dialogues, differences};
    use super::*;

    fn p_of(data: &Clustered) -> f64 {
        SignFlip::of(data, 16, 1, 1).unwrap().p
    }

    #[test]
    fn the_worked_example_is_clear_by_turns_and_open_by_dialogues() {
        let turns = Clustered::apart(differences());
        let flip = SignFlip::of(&turns, 20, 1, 1).unwrap();
        assert_eq!(
            (flip.p.to_bits(), flip.method),
            (0.019_531_25_f64.to_bits(), Method::Exact)
        );
        assert_eq!(p_of(&dialogues()).to_bits(), 0.25_f64.to_bits());
    }

    #[test]
    fn five_clusters_are_never_enough() {
        let all_down = Clustered::apart([-3.0; 5]);
        assert_eq!(p_of(&all_down).to_bits(), 0.0625_f64.to_bits());
    }

    #[test]
    fn nothing_moved_is_p_1() {
        assert_eq!(
            p_of(&Clustered::apart([0.0; 12])).to_bits(),
            1_f64.to_bits()
        );
        assert_eq!(SignFlip::of(&Clustered::default(), 16, 1, 1), None);
    }

    #[test]
    fn chance_comes_near_to_the_exact_p_and_repeats_itself() {
        let data = Clustered::apart((0..14).map(|at| f64::from(at % 5) - 1.0));
        let drawn = |seed| SignFlip::of(&data, 0, 20_000, seed).unwrap();
        assert!((drawn(7).p - p_of(&data)).abs() < 0.015);
        assert_eq!(drawn(7), drawn(7));
        assert_eq!(
            drawn(7).method,
            Method::MonteCarlo {
                draws: 20_000,
                seed: 7
            }
        );
    }

    #[test]
    fn many_clusters_are_looked_up_whole() {
        // 75 clusters: ten tables, the last one of three.
        let data = Clustered::apart((0..75).map(|at| f64::from(at % 7) - 2.5));
        let one_by_one = {
            let mut generator = Generator::new(3);
            let values = data.values();
            let seen: f64 = values.iter().sum::<f64>().abs();
            let hits = (0..2_000).filter(|_| {
                let signs: Vec<u8> = (0..2)
                    .flat_map(|_| generator.bits().to_le_bytes())
                    .collect();
                let is_flipped = |at: usize| signs[at / 8] >> (at % 8) & 1 == 1;
                let flipped = values
                    .iter()
                    .enumerate()
                    .map(|(at, value)| if is_flipped(at) { -value } else { *value });
                flipped.sum::<f64>().abs() >= seen - 1e-6
            });
            share(hits.count() as u64 + 1, 2_001)
        };
        let found = SignFlip::of(&data, 16, 2_000, 3).unwrap().p;
        assert_eq!(found.to_bits(), one_by_one.to_bits());
    }

    proptest! {
        #[test]
        fn p_is_a_share_that_signs_order_and_scale_leave_alone(
            values in proptest::collection::vec(-9_i32..9, 1..10),
        ) {
            let with = |change: fn(f64) -> f64| {
                p_of(&Clustered::apart(values.iter().map(|value| change(f64::from(*value)))))
            };
            let p = with(|value| value);
            prop_assert!(p > 0.0 && p <= 1.0);
            prop_assert!((p - with(|value| -value)).abs() < 1e-12);
            prop_assert!((p - with(|value| value * 0.1)).abs() < 1e-12);
            let back = Clustered::apart(values.iter().rev().map(|value| f64::from(*value)));
            prop_assert!((p - p_of(&back)).abs() < 1e-12);
        }
    }
}
