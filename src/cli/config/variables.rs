//! Variables that look like this program's and are none: a slip must not pass in silence.

use bedrock_replay::environment::Environment;

use super::file::VARIABLE;
use super::setting::SETTINGS;

/// Whose variables they are.
const OURS: [&str; 2] = ["BEDROCK_REPLAY_", "BEDROCK_ASSUME_ROLE_"];

/// Names that are less alike than this are not suggested.
const ALIKE: f64 = 0.6;

/// Those that are no setting.
const OTHERS: [&str; 4] = [
    VARIABLE,
    "BEDROCK_REPLAY_SIGN",
    "BEDROCK_REPLAY_TOKEN",
    "BEDROCK_REPLAY_CORPUS",
];

/// A line for each variable that nobody reads.
pub fn unread(environment: &Environment) -> Vec<String> {
    let set = environment.iter().map(|(name, _)| name);
    set.filter(|name| OURS.iter().any(|ours| name.starts_with(ours)))
        .filter(|name| !known().any(|known| known == *name))
        .map(|name| match meant(name) {
            Some(meant) => format!("nobody reads the variable {name} (did you mean {meant}?)"),
            None => format!(
                "nobody reads the variable {name} (docs/configuration.md and docs/credentials.md list those that are read)"
            ),
        })
        .collect()
}

/// The known one that is most like it, if any is. What they all begin with makes none alike.
fn meant(name: &str) -> Option<&'static str> {
    let ours = OURS.into_iter().find(|ours| name.starts_with(ours))?;
    let rest = &name[ours.len()..];
    let scored = known().filter_map(|known| {
        let likeness = strsim::normalized_damerau_levenshtein(rest, known.strip_prefix(ours)?);
        Some((likeness, known))
    });
    scored
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

fn known() -> impl Iterator<Item = &'static str> {
    let settings = SETTINGS.iter().flat_map(|setting| setting.variables);
    settings.chain(&OTHERS).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_what_was_meant_and_the_rest_is_let_be() {
        let environment = Environment::from_iter([
            ("BEDROCK_REPLAY_TRYS", "3"),
            ("BEDROCK_REPLAY_WEATHER", "fair"),
            ("BEDROCK_ASSUME_ROLE_EXTERNALID", "x"),
            ("BEDROCK_REPLAY_TRIES", "3"),
            ("BEDROCK_OF_ANOTHER", "x"),
        ]);
        insta::assert_snapshot!(unread(&environment).join("\n"), @r"
        nobody reads the variable BEDROCK_ASSUME_ROLE_EXTERNALID (did you mean BEDROCK_ASSUME_ROLE_EXTERNAL_ID?)
        nobody reads the variable BEDROCK_REPLAY_TRYS (did you mean BEDROCK_REPLAY_TRIES?)
        nobody reads the variable BEDROCK_REPLAY_WEATHER (docs/configuration.md and docs/credentials.md list those that are read)
        ");
    }
}
