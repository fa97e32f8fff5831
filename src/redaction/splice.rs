//! Where the chunks of a body end after parts of it have changed their length.

use crate::exchange::Chunk;

/// A body's parts in order: the length of each before and after.
#[derive(Debug, Default)]
pub(super) struct Splice(Vec<(usize, usize)>);

impl Splice {
    pub(super) fn push(&mut self, before: usize, after: usize) {
        self.0.push((before, after));
    }

    /// The same chunks over the new bytes. A chunk that ended between two parts still does;
    /// one that would be left empty is dropped, for an empty chunk ends a chunked body.
    pub(super) fn chunks(&self, chunks: &[Chunk]) -> Vec<Chunk> {
        let total = self.0.iter().map(|(_, after)| after).sum();
        let (mut end, mut taken) = (0, 0);
        let mut spliced = Vec::with_capacity(chunks.len());
        for (index, chunk) in chunks.iter().enumerate() {
            end += chunk.length;
            let is_last = index + 1 == chunks.len();
            let new_end = if is_last { total } else { self.moved(end) };
            if new_end > taken {
                spliced.push(Chunk {
                    length: new_end - taken,
                    at: chunk.at,
                });
                taken = new_end;
            }
        }
        spliced
    }

    /// Where an offset has gone.
    fn moved(&self, offset: usize) -> usize {
        let (mut before, mut after) = (0, 0);
        for (old, new) in &self.0 {
            if offset <= before + old {
                let within = offset - before;
                // The end of a part stays its end; a place within it stays where it was, as
                // far as there is such a place.
                return after
                    + if within == *old {
                        *new
                    } else {
                        within.min(*new)
                    };
            }
            before += old;
            after += new;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn chunks(lengths: &[usize]) -> Vec<Chunk> {
        lengths
            .iter()
            .enumerate()
            .map(|(index, length)| Chunk {
                length: *length,
                at: Duration::from_millis(index as u64),
            })
            .collect()
    }

    fn lengths(chunks: &[Chunk]) -> Vec<usize> {
        chunks.iter().map(|chunk| chunk.length).collect()
    }

    #[test]
    fn a_chunk_for_each_part_stays_one() {
        let splice = Splice(vec![(10, 10), (20, 5), (30, 40)]);
        assert_eq!(lengths(&splice.chunks(&chunks(&[10, 20, 30]))), [10, 5, 40]);
    }

    #[test]
    fn a_cut_within_a_part_stays_within_it() {
        let splice = Splice(vec![(10, 10), (20, 5), (30, 40)]);
        assert_eq!(lengths(&splice.chunks(&chunks(&[12, 2, 46]))), [12, 2, 41]);
        assert_eq!(lengths(&splice.chunks(&chunks(&[20, 5, 35]))), [15, 40]);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_no_chunk_is_empty(
            parts in prop::collection::vec((0_usize..20, 0_usize..20), 1..8),
            cuts in prop::collection::vec(1_usize..9, 1..30),
        ) {
            let before: usize = parts.iter().map(|(before, _)| before).sum();
            let mut left = before;
            let mut taken: Vec<usize> = cuts.iter().map_while(|cut| {
                let length = (*cut).min(left);
                left -= length;
                (length > 0).then_some(length)
            }).collect();
            taken.push(left);
            let spliced = Splice(parts.clone()).chunks(&chunks(&taken));
            let after: usize = parts.iter().map(|(_, after)| after).sum();
            prop_assert_eq!(spliced.iter().map(|chunk| chunk.length).sum::<usize>(), after);
            prop_assert!(spliced.iter().all(|chunk| chunk.length > 0));
            prop_assert!(spliced.is_sorted_by_key(|chunk| chunk.at));
        }
    }
}
