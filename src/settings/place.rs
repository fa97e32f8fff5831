//! Where a value stands in a TOML file.

use toml::de::{DeTable, DeValue};

/// The offset in bytes of the value at a place such as `models.1.name`, the second model's name;
/// none where nothing is written there.
pub(super) fn offset_of(text: &str, place: &str) -> Option<usize> {
    let whole = DeTable::parse(text).ok()?;
    let (first, rest) = place.split_once('.').unwrap_or((place, ""));
    let mut found = whole.get_ref().get(first)?;
    for step in rest.split('.').filter(|step| !step.is_empty()) {
        found = match found.get_ref() {
            DeValue::Table(table) => table.get(step)?,
            DeValue::Array(values) => values.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(found.span().start)
}

/// The place as a person names it: without the numbers of a list's members.
pub(super) fn key_of(place: &str) -> String {
    let is_name = |step: &&str| step.parse::<usize>().is_err();
    let names: Vec<&str> = place.split('.').filter(is_name).collect();
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "turns = 5\n[[models]]\nname = \"a\"\n[[models]]\nname = \"b\"\n";

    #[test]
    fn a_value_is_found_by_its_keys_and_numbers() {
        let line = |place| Some(TEXT[..offset_of(TEXT, place)?].lines().count());
        assert_eq!(line("turns"), Some(1));
        assert_eq!(line("models.0.name"), Some(3));
        assert_eq!(line("models.1.name"), Some(5));
        for place in ["turn", "models.2.name", "models.name", "turns.0", ""] {
            assert_eq!(line(place), None, "{place}");
        }
    }

    #[test]
    fn a_key_is_told_without_numbers() {
        assert_eq!(key_of("models.1.name"), "models.name");
        assert_eq!(key_of("turns"), "turns");
    }
}
