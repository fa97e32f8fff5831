//! The README's example: compiled and run here, quoted there.

#[rustfmt::skip]
#[path = "readme_example.rs"]
mod example;

#[test]
fn the_readme_quotes_the_example_that_is_tested() {
    let readme = include_str!("../../README.md");
    let example = include_str!("readme_example.rs");
    assert!(
        readme.contains(&format!("```rust,ignore\n{example}```\n")),
        "the README's example is not tests/integration/readme_example.rs"
    );
}
