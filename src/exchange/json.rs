//! A JSON body's exact value: numbers as written, not as a float holds them.
//!
//! `jiter` reads the tokens; this tree exists because other values round numbers.

use std::collections::BTreeMap;
use std::fmt;

use jiter::{Jiter, JiterError, Peek};

/// Deeper nesting is treated as no JSON: reading it would cost the stack.
pub(crate) const DEEPEST: usize = 256;

/// A JSON value. Of members with equal names the last one counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, exact
    Number(Number),
    /// A string, unescaped
    String(String),
    /// An array
    Array(Vec<Json>),
    /// An object, sorted by member name
    Object(BTreeMap<String, Json>),
}

/// A text that is no JSON value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The grammar does not hold.
    #[error("expected a JSON value: {0}")]
    Syntax(String),
    /// It is nested too deeply.
    #[error("expected at most {DEEPEST} levels of nesting")]
    TooDeep,
}

impl From<JiterError> for JsonError {
    fn from(error: JiterError) -> Self {
        Self::Syntax(error.to_string())
    }
}

impl Json {
    /// Reads a value that fills the bytes.
    ///
    /// # Errors
    /// [`JsonError`] where it is not one JSON value in UTF-8.
    pub fn read(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::read_inside(bytes, 0)
    }

    /// Reads a value that stands, with a [`Json`] of any depth inside, so many levels higher.
    pub(crate) fn read_inside(bytes: &[u8], levels: usize) -> Result<Self, JsonError> {
        let mut tokens = Jiter::new(bytes);
        let first = tokens.peek()?;
        let value = read_value(&mut tokens, first, DEEPEST + levels)?;
        tokens.finish()?;
        Ok(value)
    }

    /// Writes the one normal form: no spaces, members sorted by code point, numbers in
    /// [`Number`]'s form, strings escaped only where JSON requires it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => out.extend_from_slice(number.as_str().as_bytes()),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_string(name, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    /// The member of an object or the item of an array that a JSON pointer names (RFC 6901).
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        pointer_steps(pointer).try_fold(self, |value, step| match value {
            Self::Object(members) => members.get(&step),
            Self::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        pointer_steps(pointer).try_fold(self, |value, step| match value {
            Self::Object(members) => members.get_mut(&step),
            Self::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// The unescaped steps of a JSON pointer.
fn pointer_steps(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// Writes a string in the one normal form.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    if !has_escapes(text.as_bytes()) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    let start = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing a `str` into memory has no way to fail.
        out.truncate(start);
    }
}

/// Looks at blocks, not at bytes, so that long texts pass quickly.
fn has_escapes(text: &[u8]) -> bool {
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    text.chunks(64).any(|block| {
        block
            .iter()
            .fold(false, |found, byte| found | is_escaped(*byte))
    })
}

/// Reads a value below which so many levels may follow.
fn read_value(tokens: &mut Jiter<'_>, next: Peek, levels: usize) -> Result<Json, JsonError> {
    Ok(match next {
        Peek::Null => {
            tokens.known_null()?;
            Json::Null
        }
        Peek::True | Peek::False => Json::Bool(tokens.known_bool(next)?),
        Peek::String => Json::String(tokens.known_str()?.to_owned()),
        Peek::Array => Json::Array(read_items(tokens, levels)?),
        Peek::Object => Json::Object(read_members(tokens, levels)?),
        _ => Json::Number(Number::read(tokens.known_number_bytes(next)?)),
    })
}

fn below(levels: usize) -> Result<usize, JsonError> {
    levels.checked_sub(1).ok_or(JsonError::TooDeep)
}

fn read_items(tokens: &mut Jiter<'_>, levels: usize) -> Result<Vec<Json>, JsonError> {
    let mut items = Vec::new();
    let mut next = tokens.known_array()?;
    while let Some(first) = next {
        items.push(read_value(tokens, first, below(levels)?)?);
        next = tokens.array_step()?;
    }
    Ok(items)
}

fn read_members(
    tokens: &mut Jiter<'_>,
    levels: usize,
) -> Result<BTreeMap<String, Json>, JsonError> {
    let mut members = BTreeMap::new();
    let mut name = tokens.known_object()?.map(str::to_owned);
    while let Some(found) = name {
        let first = tokens.peek()?;
        members.insert(found, read_value(tokens, first, below(levels)?)?);
        name = tokens.next_key()?.map(str::to_owned);
    }
    Ok(members)
}

/// A decimal number in one form: equal numbers have equal texts, however they were written.
///
/// `1`, `1.0` and `10e-1` are `1`; `-0` is `0`; no digit is lost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(String);

/// Exponents between these are written out, as JavaScript does (ECMA-262, `Number::toString`).
const PLAIN: std::ops::RangeInclusive<i64> = -6..=20;

impl Number {
    /// Reads a number that follows the JSON grammar.
    pub(crate) fn read(written: &[u8]) -> Self {
        let written = String::from_utf8_lossy(written);
        if is_normal(&written) {
            return Self(written.into_owned());
        }
        Self(normal_decimal(&written).unwrap_or_else(|| written.into_owned()))
    }

    /// Writes the normal form of a number that follows the JSON grammar.
    pub(crate) fn write_normal(written: &[u8], out: &mut Vec<u8>) {
        match std::str::from_utf8(written) {
            Ok(text) if is_normal(text) => out.extend_from_slice(written),
            _ => out.extend_from_slice(Self::read(written).as_str().as_bytes()),
        }
    }

    /// The nearest `f32`, written with the fewest digits that give it back: the Rust SDK
    /// widens an `f32` 0.7 to 0.699999988079071 on the wire.
    #[must_use]
    pub fn as_f32(&self) -> Self {
        let nearest = self.0.parse::<f32>();
        match nearest {
            Ok(value) if value.is_finite() => Self::read(value.to_string().as_bytes()),
            _ => self.clone(),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a number is short and written as its normal form is.
fn is_normal(text: &str) -> bool {
    let is_short = i64::try_from(text.len()).is_ok_and(|length| PLAIN.contains(&length));
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    is_short
        && match digits.split_once('.') {
            None => text != "-0" && is_digits(digits),
            Some((whole, fraction)) => {
                let is_small = whole == "0" && fraction.starts_with("000000");
                is_digits(whole) && is_digits(fraction) && !fraction.ends_with('0') && !is_small
            }
        }
}

/// Sign, digits without zeros at either end, and the power of ten of the first digit.
fn normal_decimal(written: &str) -> Option<String> {
    let (sign, unsigned) = match written.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", written),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()?;
    let power = exponent.checked_add(point)?.checked_sub(1)?;
    Some(format!("{sign}{}", place_point(significant, power)))
}

fn place_point(digits: &str, power: i64) -> String {
    let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let zeros = |number: i64| "0".repeat(usize::try_from(number).unwrap_or(0));
    if !PLAIN.contains(&power) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{first}{point}{rest}e{power}");
    }
    if power < 0 {
        return format!("0.{}{digits}", zeros(-power - 1));
    }
    if count <= power + 1 {
        return format!("{digits}{}", zeros(power + 1 - count));
    }
    let (whole, fraction) = digits.split_at(usize::try_from(power + 1).unwrap_or(0));
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> String {
        Json::read(text.as_bytes()).unwrap().to_string()
    }

    #[test]
    fn equal_numbers_have_one_form() {
        for written in ["1", "1.0", "1e0", "10e-1", "0.1e1", "1.000"] {
            assert_eq!(normal(written), "1", "{written}");
        }
        for written in ["0", "-0", "0.0", "-0.0e5"] {
            assert_eq!(normal(written), "0", "{written}");
        }
        assert_eq!(normal("0.00012500"), "0.000125");
        assert_eq!(normal("1e-9"), "1e-9");
        assert_eq!(normal("123000e18"), "1.23e23");
    }

    #[test]
    fn a_number_in_normal_form_is_known_as_such() {
        for written in [
            "0.7",
            "-12.05",
            "0.000001",
            "0.0000001",
            "0.10",
            "0.0",
            "1e5",
            "10.5e3",
        ] {
            let normal = normal_decimal(written).unwrap();
            assert_eq!(is_normal(written), written == normal, "{written}");
        }
    }

    #[test]
    fn no_digit_of_a_number_is_lost() {
        let digits = "12345678901234567890.123456789012345678901";
        assert_eq!(normal(digits), digits);
        assert_ne!(normal("9007199254740993"), normal("9007199254740992"));
    }

    #[test]
    fn a_widened_f32_is_what_was_meant() {
        let f32_of = |text: &str| match Json::read(text.as_bytes()).unwrap() {
            Json::Number(number) => number.as_f32(),
            other => panic!("{other}"),
        };
        assert_eq!(f32_of("0.699999988079071"), f32_of("0.7"));
        assert_eq!(f32_of("0.7").as_str(), "0.7");
        assert_ne!(f32_of("0.7"), f32_of("0.70001"));
    }

    #[test]
    fn spaces_escapes_and_order_do_not_count() {
        assert_eq!(
            normal(r#" { "b" : "\u00e9\/" , "a" : [ 1 , null ] } "#),
            "{\"a\":[1,null],\"b\":\"é/\"}"
        );
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", "{} x", "NaN", "[1,]", "\"\u{7}\"", "01", "+1"] {
            assert!(Json::read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Json::read(b"\"\xff\"").is_err());
        assert!(Json::read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_pointer_names_a_member() {
        let json = Json::read(br#"{"a/b":[{"c~d":7}]}"#).unwrap();
        assert_eq!(json.at("/a~1b/0/c~0d").unwrap().to_string(), "7");
        assert_eq!(json.at("/a~1b/1"), None);
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(Into::into),
            ".*".prop_map(serde_json::Value::String),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_normal_form_is_read_back_as_itself(value in any_json()) {
            let json = Json::read(value.to_string().as_bytes()).unwrap();
            prop_assert_eq!(Json::read(json.to_string().as_bytes()).unwrap(), json);
        }

        #[test]
        fn pretty_and_compact_have_one_form(value in any_json()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(normal(&pretty), normal(&value.to_string()));
        }

        #[test]
        fn a_float_keeps_its_value(value in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            let text = normal(&serde_json::to_string(&value).unwrap());
            prop_assert!(text.parse::<f64>().unwrap().total_cmp(&value).is_eq() || value == 0.0);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Json::read(&bytes);
        }
    }
}
