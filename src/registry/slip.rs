//! Whether an id is another one with a slip in it. A number that differs is another model, as
//! `llama3-3` is to `llama3-1`, however alike the ids look.

/// Letters that a slip may take.
const LETTERS: usize = 2;
/// Digits of a date that a slip may take; the dates of two models differ in more.
const OF_A_DATE: usize = 1;
/// Digits that make a date of a number.
const DATE: usize = 6;

/// How far an id is from another one, where it is a slip of it.
pub(super) fn slip(asked: &str, id: &str) -> Option<usize> {
    let (asked, id) = (asked.to_lowercase(), id.to_lowercase());
    let (own, other) = (Parts::of(&asked), Parts::of(&id));
    let is_dated_alike = match (&own.date, &other.date) {
        (Some(own), Some(other)) => strsim::damerau_levenshtein(own, other) <= OF_A_DATE,
        _ => true,
    };
    let is_slip = own.numbers == other.numbers
        && is_dated_alike
        && strsim::damerau_levenshtein(&own.letters, &other.letters) <= LETTERS;
    is_slip.then(|| strsim::damerau_levenshtein(&asked, &id))
}

/// An id without its version.
struct Parts<'a> {
    /// All that is no digit, but for the hyphen at the end.
    letters: String,
    numbers: Vec<&'a str>,
    date: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(id: &'a str) -> Self {
        let name = unversioned(id);
        let is_letter = |letter: char| !letter.is_ascii_digit();
        let numbers = name.split(is_letter).filter(|number| !number.is_empty());
        let (dates, numbers): (Vec<&str>, _) = numbers.partition(|number| number.len() >= DATE);
        let letters: String = name.chars().filter(|&letter| is_letter(letter)).collect();
        Self {
            letters: letters.trim_end_matches('-').to_owned(),
            numbers,
            date: dates.first().copied(),
        }
    }
}

/// `…-v1:0` and `…-v1` without what follows the name.
fn unversioned(id: &str) -> &str {
    let is_version =
        |text: &str| text.starts_with(|first: char| first.is_ascii_digit()) && !text.contains('-');
    match id.rsplit_once("-v") {
        Some((name, version)) if is_version(version) => name,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_model() {
        for (asked, id, expected) in [
            (
                "meta.llama3-1-70b-instruct-v2:0",
                "meta.llama3-1-70b-instruct-v1:0",
                true,
            ),
            (
                "meta.llama3-1-70b-instruct",
                "meta.llama3-1-70b-instruct-v1:0",
                true,
            ),
            (
                "meta.lama3-1-70b-instruct-v1:0",
                "meta.llama3-1-70b-instruct-v1:0",
                true,
            ),
            (
                "antropic.claude-3-5-haiku",
                "anthropic.claude-3-5-haiku-20241022-v1:0",
                true,
            ),
            (
                "anthropic.claude-3-5-haiku-20241020-v1:0",
                "anthropic.claude-3-5-haiku-20241022-v1:0",
                true,
            ),
            (
                "meta.llama3-3-70b-instruct-v1:0",
                "meta.llama3-1-70b-instruct-v1:0",
                false,
            ),
            (
                "anthropic.claude-3-5-sonnet-20240620-v1:0",
                "anthropic.claude-3-5-sonnet-20241022-v2:0",
                false,
            ),
            (
                "anthropic.claude-sonnet-4-5-20250929-v1:0",
                "anthropic.claude-3-opus-20240229-v1:0",
                false,
            ),
            ("amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0", false),
            (
                "anthropic.claude-opus-4-5-20251101-v1:0",
                "anthropic.claude-haiku-4-5-20251001-v1:0",
                false,
            ),
        ] {
            assert_eq!(slip(asked, id).is_some(), expected, "{asked} and {id}");
        }
    }
}
