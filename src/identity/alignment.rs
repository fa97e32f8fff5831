//! Which items of two arrays belong together, so that an inserted message is one difference.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::pieces::{Pieces, fingerprint};
use crate::exchange::Json;

/// Up to so many pairs of items every alignment is weighed.
const MOST_WEIGHED: usize = 64 * 64;
/// Up to so many items a shortest edit script is looked for; beyond, items pair by index.
const MOST_EDITED: usize = 4096;

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pair {
    /// The same item on both sides, equal or changed: its old and its new index.
    Both(usize, usize),
    /// Only the old side has it.
    Old(usize),
    /// Only the new side has it.
    New(usize),
}

/// Pairs the items of two arrays that are not equal; equal ones are left out.
pub(super) fn align(old: &[Json], new: &[Json]) -> Vec<Pair> {
    let old_prints: Vec<u64> = old.iter().map(fingerprint).collect();
    let new_prints: Vec<u64> = new.iter().map(fingerprint).collect();
    let (old_range, new_range) = trim(&old_prints, &new_prints);
    if old_range.len() * new_range.len() <= MOST_WEIGHED {
        return weigh(old, old_range, new, new_range);
    }
    if old_range.len() + new_range.len() > MOST_EDITED {
        return by_index(old_range, new_range);
    }
    let script = capture_diff_slices(
        Algorithm::Myers,
        &old_prints[old_range.clone()],
        &new_prints[new_range.clone()],
    );
    script
        .into_iter()
        .filter(|step| !matches!(step, DiffOp::Equal { .. }))
        .flat_map(|step| {
            by_index(
                shift(&step.old_range(), old_range.start),
                shift(&step.new_range(), new_range.start),
            )
        })
        .collect()
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// What remains without the equal items at both ends.
fn trim(old: &[u64], new: &[u64]) -> (Range<usize>, Range<usize>) {
    let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[front..], &new[front..]);
    let back = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    (front..old.len() - back, front..new.len() - back)
}

fn by_index(old: Range<usize>, new: Range<usize>) -> Vec<Pair> {
    let both = old.len().min(new.len());
    let paired = old.clone().zip(new.clone()).map(|(a, b)| Pair::Both(a, b));
    let removed = old.skip(both).map(Pair::Old);
    let added = new.skip(both).map(Pair::New);
    paired.chain(removed).chain(added).collect()
}

/// The order-keeping alignment whose pairs are most alike.
fn weigh(
    old: &[Json],
    old_range: Range<usize>,
    new: &[Json],
    new_range: Range<usize>,
) -> Vec<Pair> {
    let pieces = |items: &[Json], range: &Range<usize>| -> Vec<Pieces> {
        items[range.clone()].iter().map(Pieces::of).collect()
    };
    let (old_pieces, new_pieces) = (pieces(old, &old_range), pieces(new, &new_range));
    // One more than the likeness: a changed item tells more than one removed and one added.
    let likeness: Vec<Vec<usize>> = old_pieces
        .iter()
        .map(|a| new_pieces.iter().map(|b| 1 + a.likeness(b)).collect())
        .collect();
    let best = best_sums(&likeness, new_pieces.len());
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < old_pieces.len() && b < new_pieces.len() {
        if best[a][b] == likeness[a][b] + best[a + 1][b + 1] {
            let (i, j) = (old_range.start + a, new_range.start + b);
            if old[i] != new[j] {
                pairs.push(Pair::Both(i, j));
            }
            a += 1;
            b += 1;
        } else if best[a][b] == best[a + 1][b] {
            pairs.push(Pair::Old(old_range.start + a));
            a += 1;
        } else {
            pairs.push(Pair::New(new_range.start + b));
            b += 1;
        }
    }
    pairs.extend((old_range.start + a..old_range.end).map(Pair::Old));
    pairs.extend((new_range.start + b..new_range.end).map(Pair::New));
    pairs
}

/// For each two suffixes the best sum of likenesses that an alignment of them reaches.
fn best_sums(likeness: &[Vec<usize>], columns: usize) -> Vec<Vec<usize>> {
    let mut best = vec![vec![0; columns + 1]; likeness.len() + 1];
    for a in (0..likeness.len()).rev() {
        for b in (0..columns).rev() {
            best[a][b] = best[a + 1][b]
                .max(best[a][b + 1])
                .max(likeness[a][b] + best[a + 1][b + 1]);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(texts: &[&str]) -> Vec<Json> {
        texts
            .iter()
            .map(|text| Json::String((*text).into()))
            .collect()
    }

    fn numbers(numbers: impl Iterator<Item = usize>) -> Vec<Json> {
        numbers.map(|n| Json::String(n.to_string())).collect()
    }

    #[test]
    fn an_inserted_item_is_the_only_one() {
        let pairs = align(&items(&["a", "b", "c"]), &items(&["a", "x", "b", "c"]));
        assert_eq!(pairs, [Pair::New(1)]);
    }

    #[test]
    fn a_changed_item_stays_with_its_like() {
        let old = items(&["One. Two.", "Three. Four."]);
        let new = items(&["Zero.", "One. Two!", "Three. Five."]);
        assert_eq!(
            align(&old, &new),
            [Pair::New(0), Pair::Both(0, 1), Pair::Both(1, 2)]
        );
    }

    #[test]
    fn an_item_without_its_like_is_a_changed_one() {
        assert_eq!(align(&items(&["a"]), &items(&["b"])), [Pair::Both(0, 0)]);
        assert_eq!(
            align(&items(&["a", "b"]), &items(&["c"])),
            [Pair::Both(0, 0), Pair::Old(1)]
        );
    }

    #[test]
    fn many_items_find_the_inserted_ones() {
        let old = numbers(0..500);
        let new = numbers((0..500).filter(|n| *n != 7).chain([900]));
        assert_eq!(align(&old, &new), [Pair::Old(7), Pair::New(499)]);
    }

    #[test]
    fn more_items_than_can_be_weighed_pair_by_index() {
        let (old, new) = (numbers(0..9_000), numbers(1..9_002));
        let pairs = align(&old, &new);
        assert_eq!(pairs.len(), 9_001);
        assert_eq!(pairs[8_999], Pair::Both(8_999, 8_999));
        assert_eq!(pairs[9_000], Pair::New(9_000));
    }
}
