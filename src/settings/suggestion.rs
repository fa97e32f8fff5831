//! Did you mean …?

/// Names that are less alike than this are not suggested.
const ALIKE: f64 = 0.82;

/// The known word that is most like another one, if any is alike.
///
/// ```
/// use bedrock_replay::settings::nearest;
///
/// assert_eq!(nearest("turnz", ["turns", "models"]), Some("turns"));
/// assert_eq!(nearest("gpt-4", ["turns", "models"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known
        .into_iter()
        .map(|candidate| (likeness(word, candidate), candidate));
    scored
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Model ids differ at their end as often as at their beginning, so both measures count: one
/// that favours a common front, and one that counts slips wherever they are.
fn likeness(word: &str, candidate: &str) -> f64 {
    let (word, candidate) = (word.to_lowercase(), candidate.to_lowercase());
    let slips = strsim::normalized_damerau_levenshtein(&word, &candidate);
    let front = strsim::jaro_winkler(&word, &candidate);
    // The front alone would suggest any other model of the same provider.
    if slips < 0.5 {
        0.0
    } else {
        f64::midpoint(slips, front)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 4] = [
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "meta.llama3-1-70b-instruct-v1:0",
        "amazon.titan-text-premier-v1:0",
    ];

    #[test]
    fn the_nearest_of_several_is_suggested() {
        let asked = "anthropic.claude-3-5-sonnet-20241022-v1:0";
        assert_eq!(nearest(asked, IDS), Some(IDS[0]));
        assert_eq!(nearest("meta.llama3-1-70b-instruct", IDS), Some(IDS[2]));
        assert_eq!(nearest("AMAZON.titan-text-premier-v1", IDS), Some(IDS[3]));
        assert_eq!(
            nearest("EL-CIV-FREE-HARM-1", ["EL-CIV-FREE-HARM-01"]),
            Some("EL-CIV-FREE-HARM-01")
        );
    }

    #[test]
    fn what_is_unlike_every_word_is_not_guessed() {
        assert_eq!(nearest("cohere.command-r-plus-v1:0", IDS), None);
        assert_eq!(nearest("gpt", IDS), None);
        assert_eq!(nearest("", IDS), None);
        assert_eq!(nearest("turns", []), None);
    }
}
