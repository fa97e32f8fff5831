//! Texts that change from run to run whatever is asked: ids, dates, times.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// A kind of text that changes from run to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Volatile {
    /// `9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d`
    Uuids,
    /// `2026-11-22`, `2026-11-22T16:08:14Z`, `20261122T160814Z`, `16:08:14`
    IsoDates,
    /// `Sunday, November 22, 2026`, `22 Nov 2026`
    WrittenDates,
    /// `1795363694`, `1795363694123`: seconds, milliseconds or finer since 1970
    Timestamps,
    /// `tooluse_…`, `toolu_…`, `call_…`
    ToolUseIds,
    /// `run_…`, `session-…`, hex digests, ULIDs
    OpaqueIds,
    /// The twelve digits in an ARN
    AccountIds,
    /// What signs a presigned URL: `X-Amz-Signature=…`, `X-Amz-Credential=…` and the like
    PresignedUrls,
}

/// The length of the shortest text of any kind, a time of day.
const SHORTEST: usize = "16:08:14".len();

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

struct Row {
    name: &'static str,
    pattern: &'static str,
    replacement: &'static str,
}

impl Volatile {
    /// Every kind, in an order in which none spoils another: the parts of a UUID are hex, too, and
    /// so is a signature.
    pub const ALL: [Self; 8] = [
        Self::PresignedUrls,
        Self::Uuids,
        Self::IsoDates,
        Self::WrittenDates,
        Self::AccountIds,
        Self::Timestamps,
        Self::ToolUseIds,
        Self::OpaqueIds,
    ];

    const fn row(self) -> Row {
        let (name, pattern, replacement) = match self {
            Self::Uuids => (
                "uuids",
                r"(?i-u:\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)",
                "<uuid>",
            ),
            Self::IsoDates => (
                "iso-dates",
                r"(?-u:\b[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:[T ][0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?)?\b|\b[0-9]{8}T[0-9]{6}Z\b|\b[0-2][0-9]:[0-5][0-9]:[0-6][0-9](?:\.[0-9]{1,9})?\b)",
                "<date>",
            ),
            Self::WrittenDates => (
                "written-dates",
                r"(?i-u:\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.? [0-3]?[0-9](?:st|nd|rd|th)?,? [0-9]{4}|[0-3]?[0-9](?:st|nd|rd|th)? (?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?,? [0-9]{4})\b)",
                "<date>",
            ),
            Self::Timestamps => (
                "timestamps",
                r"(?-u:\b1[0-9]{9}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?:\.[0-9]{1,9})?\b)",
                "<timestamp>",
            ),
            Self::ToolUseIds => (
                "tool-use-ids",
                r"(?-u:\b(?:tooluse_[0-9A-Za-z_-]{12,}|toolu_[0-9A-Za-z_]{16,}|call_[0-9A-Za-z]{16,}))",
                "<tool-use-id>",
            ),
            Self::OpaqueIds => (
                "opaque-ids",
                r"(?-u:\b(?:run|job|req|request|session|sess|thread|trace|span|conv|conversation|msg|task)[_-][0-9a-zA-Z]*[0-9][0-9a-zA-Z]{5,}\b|\b[0-9a-f]{16,}\b|\b[0-9A-F]{16,}\b|\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b)",
                "<id>",
            ),
            Self::AccountIds => (
                "account-ids",
                r"(?-u:\b(arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:)[0-9]{12}:)",
                "${1}000000000000:",
            ),
            Self::PresignedUrls => (
                "presigned-urls",
                r#"(?i:\b(X-Amz-(?:Credential|Date|Expires|Security-Token|Signature|SignedHeaders)=)[^&\s"'<>)\]]+)"#,
                "${1}<presigned>",
            ),
        };
        Row {
            name,
            pattern,
            replacement,
        }
    }

    /// The word by which a rule names it, such as `uuids`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The regular expression that finds it.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        self.row().pattern
    }

    /// What a redaction puts in its place.
    #[must_use]
    pub const fn replacement(self) -> &'static str {
        self.row().replacement
    }

    /// Whether it is looked for in the labels of a path. Dates and numbers there are parts of a
    /// model's name, and two models are never the same.
    pub(crate) const fn occurs_in_labels(self) -> bool {
        matches!(self, Self::AccountIds | Self::Uuids)
    }

    /// Whether every text of this kind holds a digit: most texts hold none.
    const fn has_digits(self) -> bool {
        !matches!(
            self,
            Self::Uuids | Self::ToolUseIds | Self::OpaqueIds | Self::PresignedUrls
        )
    }

    /// The text with its replacement in place of every find.
    pub(crate) fn strip(self, text: &str) -> Cow<'_, str> {
        if text.len() < SHORTEST || (self.has_digits() && !text.bytes().any(is_digit)) {
            return Cow::Borrowed(text);
        }
        match &COMPILED[Self::ALL.iter().position(|kind| *kind == self).unwrap_or(0)] {
            Some(pattern) => pattern.replace_all(text, self.replacement()),
            None => Cow::Borrowed(text),
        }
    }
}

/// One compiled pattern for each kind, in the order of [`Volatile::ALL`].
static COMPILED: LazyLock<[Option<Regex>; 8]> =
    LazyLock::new(|| Volatile::ALL.map(|kind| Regex::new(kind.pattern()).ok()));

impl fmt::Display for Volatile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kinds that explain why two texts differ: without them the texts are equal.
pub(super) fn explain(old: &str, new: &str) -> Option<Vec<Volatile>> {
    let differ_without = |kinds: &[Volatile]| strip_all(kinds, old) != strip_all(kinds, new);
    let alone = Volatile::ALL
        .into_iter()
        .find(|kind| !differ_without(&[*kind]));
    if let Some(kind) = alone {
        return Some(vec![kind]);
    }
    let mut kinds = Volatile::ALL.to_vec();
    if differ_without(&kinds) {
        return None;
    }
    for kind in Volatile::ALL {
        let fewer: Vec<_> = kinds.iter().copied().filter(|kept| *kept != kind).collect();
        if !differ_without(&fewer) {
            kinds = fewer;
        }
    }
    Some(kinds)
}

fn strip_all<'a>(kinds: &[Volatile], text: &'a str) -> Cow<'a, str> {
    kinds.iter().fold(Cow::Borrowed(text), |text, kind| {
        Cow::Owned(kind.strip(&text).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_every_name_is_read_back() {
        assert!(COMPILED.iter().all(Option::is_some));
        for kind in Volatile::ALL {
            assert_eq!(Volatile::from_name(kind.name()), Some(kind));
        }
    }

    #[test]
    fn each_kind_finds_its_own() {
        let seen = |kind: Volatile, text: &str| kind.strip(text).into_owned();
        assert_eq!(
            seen(Volatile::Uuids, "id 9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d."),
            "id <uuid>."
        );
        for date in [
            "2026-11-22",
            "2026-11-22T16:08:14Z",
            "2026-11-22 16:08:14.123+01:00",
            "20261122T160814Z",
            "16:08:14",
        ] {
            assert_eq!(
                seen(Volatile::IsoDates, &format!("at {date}, so")),
                "at <date>, so"
            );
        }
        for date in [
            "Sunday, November 22, 2026",
            "22 Nov 2026",
            "Nov. 3rd, 2026",
            "1 September 2026",
        ] {
            assert_eq!(
                seen(Volatile::WrittenDates, &format!("on {date}!")),
                "on <date>!"
            );
        }
        assert_eq!(
            seen(Volatile::Timestamps, "ts=1795363694123"),
            "ts=<timestamp>"
        );
        for id in [
            "tooluse_Zq0-x_9AbCdEfGhIjKlMnO",
            "toolu_bdrk_01AbCdEfGhIjKlMnOpQrStUv",
            "call_9fJk2LmN0pQrStUvWxYz1234",
        ] {
            assert_eq!(seen(Volatile::ToolUseIds, id), "<tool-use-id>");
        }
        for id in [
            "run_8f3a2b1c",
            "9f2c41d09f2c41d0",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            assert_eq!(seen(Volatile::OpaqueIds, id), "<id>");
        }
        assert_eq!(
            seen(
                Volatile::AccountIds,
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/x"
            ),
            "arn:aws:bedrock:us-east-1:000000000000:inference-profile/x"
        );
        assert_eq!(
            seen(
                Volatile::PresignedUrls,
                "see (https://b.s3.amazonaws.com/a.png?X-Amz-Credential=ASIA%2F1&v=2&x-amz-signature=0a1b)"
            ),
            "see (https://b.s3.amazonaws.com/a.png?X-Amz-Credential=<presigned>&v=2&x-amz-signature=<presigned>)"
        );
    }

    #[test]
    fn ordinary_words_and_numbers_stay() {
        let text = "In 2026, call_the_tutor for run_all tests: 16:9, 3/4, 1500 words, 100000000 km, effaced, request_body";
        assert_eq!(strip_all(&Volatile::ALL, text), text);
    }

    #[test]
    fn as_few_kinds_as_will_do_explain_a_difference() {
        let old = "Run 9d6f4a36-5d0c-4f9e-8a51-0c8a6e1f7b2d on 2026-11-22.";
        let new = "Run 0c8a6e1f-5d0c-4f9e-8a51-9d6f4a367b2d on 2026-11-23.";
        assert_eq!(
            explain(old, new),
            Some(vec![Volatile::Uuids, Volatile::IsoDates])
        );
        assert_eq!(
            explain("on 2026-11-22", "on 2026-11-23"),
            Some(vec![Volatile::IsoDates])
        );
        assert_eq!(explain("on Monday", "on Tuesday"), None);
    }
}
