//! Finds what bears repeating in a turn: a clause, or one noun.

use super::text::sentences;
use super::vocabulary::{COMMON, FILLERS, bare, is_in};

/// A clause that is quoted has this many words.
const QUOTABLE: std::ops::RangeInclusive<usize> = 3..=14;

/// Words that claim much: a clause that holds one is worth a question.
const CLAIMS: &str = "all always any anyone can't cannot every everybody everyone everything has just must \
    never no nobody none nothing obviously only right same should whatever whole wrong";

/// Words that a clause hangs on to another one with.
const SUBORDINATE: &str = "as how if like not one than that to when whether which who with";

/// Beginnings of clauses that speak of the talking and not of the subject.
const ASIDES: &[&str] = &[
    "i do not mean",
    "i have to let",
    "i know how",
    "i would not have put",
    "i did not expect",
    "let me",
    "that is how i",
    "that sounds",
    "i am not sure that i",
    "i do not know",
    "i suppose",
    "to her",
    "that is easy",
    "that's all",
    "if you ask me",
    "you will not",
];

/// Words of a story.
const PAST: &str = "asked became began brought came caught did fell felt forgot found gave got had knew lost \
    made put ran said sat saw shouted stood swore thought threw told took tossed tried was went were \
    worked wrote";

/// Words before an adjective: `tired` tells no story behind them.
const BEFORE_ADJECTIVE: &str =
    "a an am are be been being bit is just less more same so the too very";

/// Words before a noun.
const DETERMINERS: &str = "a about an by each every for free good her his in my no of our own some the their with \
    your";

/// Words after a noun, besides the end of its clause.
const AFTER_NOUN: &str = "and are as at because but by can could did do does for from has have if in is means must \
    of on or should than that to was were when which who will with would";

/// The clauses of a text that bear quoting, the most telling one first.
pub(in crate::simulator) fn quotable(text: &str) -> Vec<String> {
    let mut ranked: Vec<(i32, String)> = sentences(text)
        .into_iter()
        .filter(|sentence| !sentence.ends_with('?'))
        .flat_map(clauses)
        .filter_map(|clause| Some((weight(&clause), quotation(&clause)?)))
        .collect();
    // A stable sort: of equals the earlier clause comes first.
    ranked.sort_by_key(|(weight, _)| -weight);
    ranked.into_iter().map(|(_, clause)| clause).collect()
}

/// The clauses of a sentence, each as its words.
fn clauses(sentence: &str) -> Vec<Vec<&str>> {
    let sentence = sentence.trim_end_matches(['.', '!', '?', '…']);
    sentence
        .split([',', ';', ':', '–', '—', '(', ')'])
        .map(|clause| {
            let words: Vec<&str> = clause.split_whitespace().collect();
            let begin = words
                .iter()
                .position(|word| !is_in(FILLERS, &bare(word)))
                .unwrap_or(words.len());
            shortened(&words[begin..])
        })
        .collect()
}

/// A clause that is too long ends before its last conjunction that leaves enough.
fn shortened<'a>(words: &[&'a str]) -> Vec<&'a str> {
    if words.len() <= *QUOTABLE.end() {
        return words.to_vec();
    }
    let joins = |word: &&str| matches!(*word, "and" | "but" | "because" | "so" | "until" | "when");
    let fitting = &words[..=*QUOTABLE.end()];
    match fitting.iter().rposition(joins) {
        Some(end) if QUOTABLE.contains(&end) => words[..end].to_vec(),
        _ => Vec::new(),
    }
}

fn weight(words: &[&str]) -> i32 {
    let bare: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let claims = bare
        .iter()
        .filter(|word| is_in(CLAIMS, word))
        .count()
        .min(2);
    let hangs = bare.first().is_some_and(|word| is_in(SUBORDINATE, word));
    let carries = bare
        .iter()
        .filter(|word| !is_in(COMMON, word))
        .count()
        .min(4);
    let is_full = (5..=11).contains(&words.len());
    let text = bare.join(" ");
    2 * i32::try_from(claims).unwrap_or(0)
        + i32::try_from(carries).unwrap_or(0)
        + 2 * i32::from(is_full)
        - 4 * i32::from(hangs)
        - 2 * i32::from(is_report(&text))
}

fn quotation(words: &[&str]) -> Option<String> {
    let small = words.join(" ").to_lowercase();
    let is_aside = ASIDES.iter().any(|aside| small.starts_with(aside));
    if is_aside || !QUOTABLE.contains(&words.len()) {
        return None;
    }
    let (first, rest) = words.split_first()?;
    let mut text = small_start(first, rest);
    for word in rest {
        text.push(' ');
        text.push_str(word);
    }
    text.retain(|c| !matches!(c, '"' | '“' | '”' | '«' | '»'));
    Some(text)
}

/// A sentence's first word is written small, unless it is `I` or part of a name.
fn small_start(first: &str, rest: &[&str]) -> String {
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let is_name = rest
        .first()
        .is_some_and(|next| is_capital(next) && !is_i(next));
    if is_i(first) || is_name || first.chars().skip(1).any(char::is_uppercase) {
        return first.to_owned();
    }
    first.to_lowercase()
}

fn is_i(word: &str) -> bool {
    word == "I" || word.starts_with("I'") || word.starts_with("I’")
}

/// Whether a clause tells what happened, and not what holds.
pub(in crate::simulator) fn is_report(clause: &str) -> bool {
    let words: Vec<String> = clause.split_whitespace().map(bare).collect();
    let is_past = |at: usize| {
        let before = at.checked_sub(1).map_or("", |before| &words[before]);
        let may_be_past = words[at].len() > 5 && words[at].ends_with("ed");
        is_in(PAST, &words[at]) || (may_be_past && !is_in(BEFORE_ADJECTIVE, before))
    };
    (0..words.len()).any(is_past)
}

/// A noun that carries the text: the one that comes most often and more than once, of those
/// the first. Names are none.
pub(in crate::simulator) fn noun(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut best: Option<(usize, String)> = None;
    for (at, word) in words.iter().enumerate() {
        if !is_noun(&words, at) {
            continue;
        }
        let noun = bare(word);
        let times = words.iter().filter(|other| bare(other) == noun).count();
        if best.as_ref().is_none_or(|(most, _)| times > *most) {
            best = Some((times, noun));
        }
    }
    best.filter(|(times, _)| *times > 1).map(|(_, noun)| noun)
}

fn is_noun(words: &[&str], at: usize) -> bool {
    let word = bare(words[at]);
    let is_name = at > 0 && words[at].starts_with(char::is_uppercase);
    if is_name
        || word.chars().count() < 3
        || is_in(COMMON, &word)
        || !word.chars().all(char::is_alphabetic)
    {
        return false;
    }
    let ends_clause = words[at].ends_with(|c: char| c.is_ascii_punctuation());
    let before = at
        .checked_sub(1)
        .map(|before| bare(words[before]))
        .unwrap_or_default();
    let after = words.get(at + 1).map(|word| bare(word)).unwrap_or_default();
    is_in(DETERMINERS, &before) && (ends_clause || after.is_empty() || is_in(AFTER_NOUN, &after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIRA: &str = "A free country means nobody gets to tell me what to do, as long as I break no law. And obviously the law should stop people from hurting each other.";

    #[test]
    fn a_claim_is_quoted_before_what_hangs_on_it() {
        assert_eq!(
            quotable(MIRA),
            [
                "obviously the law should stop people from hurting each other",
                "a free country means nobody gets to tell me what to do",
                "as long as I break no law",
            ]
        );
    }

    #[test]
    fn fillers_are_not_quoted() {
        assert_eq!(
            quotable("Okay, so maybe it is my flat. Hm. No."),
            ["it is my flat"]
        );
    }

    #[test]
    fn a_story_is_no_claim() {
        assert!(is_report("my neighbour's night shift came up once"));
        assert!(!is_report("I need the same hundred things"));
    }

    #[test]
    fn the_noun_that_comes_most_often_carries_the_text() {
        assert_eq!(noun(MIRA).as_deref(), Some("law"));
        assert_eq!(noun("Yes, I think so."), None);
    }
}
