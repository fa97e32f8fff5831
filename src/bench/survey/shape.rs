//! A filled-in template, taken apart: its own words, and what stands between them.

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// What is filled in for a value, to find its place again.
pub(super) fn mark(name: &str) -> String {
    format!("{OPEN}{name}{CLOSE}")
}

/// The words of a template, and the names of the values between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    first: String,
    /// Each value with the words behind it.
    rest: Vec<(String, String)>,
}

impl Shape {
    /// Of a text whose values are [`mark`]s.
    pub(super) fn of(text: &str) -> Self {
        let mut parts = text.split(OPEN);
        let first = parts.next().unwrap_or_default().to_owned();
        let rest = parts.map(|part| {
            let (name, words) = part.split_once(CLOSE).unwrap_or((part, ""));
            (name.to_owned(), words.to_owned())
        });
        Self {
            first,
            rest: rest.collect(),
        }
    }

    /// The values in a text of this shape, in order; `None` of a text of another shape.
    pub(super) fn values<'s, 't>(&'s self, text: &'t str) -> Option<Vec<(&'s str, &'t str)>> {
        let mut left = text.strip_prefix(&*self.first)?;
        let mut values = Vec::new();
        for (index, (name, words)) in self.rest.iter().enumerate() {
            let is_last = index + 1 == self.rest.len();
            let value = if is_last {
                left.strip_suffix(&**words)?
            } else {
                &left[..left.find(&**words)?]
            };
            left = &left[value.len() + words.len()..];
            values.push((&**name, value));
        }
        left.is_empty().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(template: &str, text: &str) -> Option<Vec<(String, String)>> {
        let marked = template.replace('<', "\u{E000}").replace('>', "\u{E001}");
        let shape = Shape::of(&marked);
        let values = shape.values(text)?;
        let owned = values.into_iter();
        Some(
            owned
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    #[test]
    fn values_stand_between_the_words_of_a_template() {
        let found = values(
            "You are <who>.\n- <goal>\nNote: <note>",
            "You are Mira.\n- a\n- b\nNote: ",
        );
        let expected = [("who", "Mira"), ("goal", "a\n- b"), ("note", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn a_text_of_other_words_has_no_values() {
        for text in ["You were Mira.", "You are Mira!", "You are"] {
            assert_eq!(values("You are <who>.", text), None, "{text}");
        }
        assert_eq!(values("plain", "plain"), Some(Vec::new()));
        assert_eq!(values("plain", "plainer"), None);
    }
}
