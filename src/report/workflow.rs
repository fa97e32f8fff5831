//! Commands that a GitHub workflow reads from a step's output.

/// An annotation, `::error title=…::…`: its level, its title, what it says.
pub(super) fn command(level: &str, title: &str, said: &str) -> String {
    let title = escaped(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{level} title={title}::{}\n", escaped(said))
}

/// A line break would end the command, and what follows could be taken for another.
fn escaped(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_no_command() {
        assert_eq!(
            command("error", "a: b, c", "50%\n::set-env name=PATH::x\r"),
            "::error title=a%3A b%2C c::50%25%0A::set-env name=PATH::x%0D\n"
        );
    }
}
