//! The README's example: compiled and run here, quoted there.

use super::bench_stand_in::project;

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

/// The relative links of a page, without what follows `#`.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split([')', '#', ' ']).next());
    let is_file = |target: &&str| !target.is_empty() && !target.contains("://");
    targets.filter(is_file).collect()
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut pages = vec![project("README.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = std::fs::read_dir(project(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    let mut seen = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let target = page.parent().unwrap().join(link);
            assert!(target.exists(), "{}: {link}", page.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} links");
}
