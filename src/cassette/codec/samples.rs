//! What a dictionary is trained on: of a large cassette a part, so that packing takes no more
//! memory than for a small one, and of equal content the same part.

use std::collections::BTreeMap;

use super::texts::{Text, TextId};

/// Longer texts, images above all, teach nothing about others.
const LONGEST: usize = 16 << 10;
/// Bytes of messages, and of texts, that are kept at the most: nine times what the largest
/// dictionary is trained on.
const MOST: usize = 16 << 20;

/// Samples of messages and of the texts that were taken out of them.
#[derive(Debug)]
pub struct Samples {
    most: usize,
    exchanges: Exchanges,
    texts: Texts,
}

/// The messages of every so many exchanges: those of one stay together, since requests and
/// answers take turns.
#[derive(Debug)]
struct Exchanges {
    every: usize,
    seen: usize,
    kept: Vec<Vec<Vec<u8>>>,
    bytes: usize,
}

/// Those with the smallest ids, which are digests: as good as drawn by lot.
#[derive(Debug, Default)]
struct Texts {
    kept: BTreeMap<TextId, Vec<u8>>,
    bytes: usize,
}

impl Samples {
    /// None yet.
    pub fn new() -> Self {
        Self::within(MOST)
    }

    fn within(most: usize) -> Self {
        Self {
            most,
            exchanges: Exchanges {
                every: 1,
                seen: 0,
                kept: Vec::new(),
                bytes: 0,
            },
            texts: Texts::default(),
        }
    }

    /// Adds what is left of an exchange's messages, in the order of the cassette.
    pub fn exchange(&mut self, messages: Vec<Vec<u8>>) {
        self.exchanges.add(messages, self.most);
    }

    /// Adds a text; one that was added before changes nothing.
    pub fn text(&mut self, text: Text) {
        self.texts.add(text, self.most);
    }

    /// All that were kept: messages first, texts by their ids.
    pub fn into_all(self) -> Vec<Vec<u8>> {
        let messages = self.exchanges.kept.into_iter().flatten();
        messages.chain(self.texts.kept.into_values()).collect()
    }
}

impl Exchanges {
    fn add(&mut self, messages: Vec<Vec<u8>>, most: usize) {
        let index = self.seen;
        self.seen += 1;
        if !index.is_multiple_of(self.every) {
            return;
        }
        let messages: Vec<Vec<u8>> = messages.into_iter().map(shortened).collect();
        self.bytes += messages.iter().map(Vec::len).sum::<usize>();
        self.kept.push(messages);
        while self.bytes > most && self.kept.len() > 1 {
            self.thin_out();
        }
    }

    /// Keeps every other one.
    fn thin_out(&mut self) {
        self.every *= 2;
        let kept = std::mem::take(&mut self.kept).into_iter().step_by(2);
        self.kept = kept.collect();
        self.bytes = self.kept.iter().flatten().map(Vec::len).sum();
    }
}

impl Texts {
    fn add(&mut self, text: Text, most: usize) {
        let bytes = shortened(text.bytes);
        let length = bytes.len();
        if self.kept.insert(text.id, bytes).is_none() {
            self.bytes += length;
        }
        while self.bytes > most
            && let Some((_, last)) = self.kept.pop_last()
        {
            self.bytes -= last.len();
        }
    }
}

fn shortened(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(LONGEST);
    bytes.shrink_to_fit();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1 << 10;

    fn text(id: i64) -> Text {
        Text {
            id: TextId(id),
            bytes: vec![b'a'; KIB],
        }
    }

    fn bytes(samples: &[Vec<u8>]) -> usize {
        samples.iter().map(Vec::len).sum()
    }

    #[test]
    fn of_little_everything_is_kept_and_of_much_no_more_than_the_limit() {
        let mut samples = Samples::within(64 * KIB);
        for number in 0..8 {
            samples.exchange(vec![vec![number; KIB], vec![number; KIB]]);
            samples.text(text(number.into()));
        }
        let all = samples.into_all();
        assert_eq!((all.len(), bytes(&all)), (24, 24 * KIB));

        let mut samples = Samples::within(64 * KIB);
        for number in 0..100_000 {
            samples.exchange(vec![vec![b'q'; KIB], vec![b'a'; KIB]]);
            samples.text(text(number));
        }
        let all = samples.into_all();
        assert!(bytes(&all) <= 128 * KIB, "{}", bytes(&all));
        assert!(bytes(&all) > 80 * KIB, "{}", bytes(&all));
        // Neither requests nor answers are left out.
        let requests = all.iter().filter(|sample| sample[0] == b'q').count();
        assert!(requests >= 16, "{requests}");
    }

    #[test]
    fn texts_are_the_same_in_whatever_order_they_come() {
        let kept = |ids: &mut dyn Iterator<Item = i64>| {
            let mut samples = Samples::within(10 * KIB);
            ids.for_each(|id| samples.text(text(id)));
            samples.texts.kept.into_keys().collect::<Vec<_>>()
        };
        let forwards = kept(&mut (0..1_000));
        assert_eq!(forwards, kept(&mut (0..1_000).rev()));
        assert_eq!(forwards.len(), 10);
    }

    #[test]
    fn what_is_long_is_cut() {
        let mut samples = Samples::new();
        samples.exchange(vec![vec![0; 100 * LONGEST]]);
        assert_eq!(bytes(&samples.into_all()), LONGEST);
    }
}
