//! What a source of credentials says, in one line that shows none.

use std::error::Error;
use std::sync::LazyLock;

use aws_smithy_types::error::ErrorMetadata;
use regex::Regex;

/// The longest that is told: a process may have printed a page.
const LONGEST: usize = 600;

/// What looks like a key or a token: long, of one piece, letters mixed with digits.
#[expect(clippy::unwrap_used, reason = "a constant; a test compiles it")]
static SECRETS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|[A-Za-z0-9+/=_-]{40,}").unwrap());

/// The service's own words where there are some, else an error's and its causes'.
pub fn reason(error: &(dyn Error + 'static)) -> String {
    let metadata = sources(error).find_map(|error| error.downcast_ref::<ErrorMetadata>());
    let said = metadata.and_then(|said| said.code().zip(said.message()));
    veiled(&match said {
        Some((code, message)) => format!("{code}: {message}"),
        None => chain(error),
    })
}

/// An error's causes, or itself where it has none.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in sources(error).skip(1).map(ToString::to_string) {
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
    }
    if words.is_empty() {
        return error.to_string();
    }
    words.join(": ")
}

fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn veiled(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = SECRETS.replace_all(&line, "…");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_left_out_and_the_rest_is_told() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let text = format!("exited with 3:\n {secret} ASIAIOSFODNN7EXAMPLE is over");
        assert_eq!(veiled(&text), "exited with 3: … … is over");
        let arn = "arn:aws:iam::123456789012:role/BedrockInvokeRole is not allowed";
        assert_eq!(veiled(arn), arn);
    }

    #[test]
    fn a_page_is_cut() {
        assert_eq!(veiled(&"é ".repeat(1_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_services_own_words_come_first() {
        let said = ErrorMetadata::builder()
            .code("AccessDenied")
            .message("no")
            .build();
        assert_eq!(reason(&said), "AccessDenied: no");
    }
}
