//! Keeps the design of `docs/architecture.md` true: imports go down, maps hold no logic, files
//! import each other in one direction; the decisions are numbered in a row. The last tests break each rule in a sample tree, so that
//! the rules themselves are proved.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input must fail"
)]

mod decisions;
mod rules;
mod source;
mod table;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use rules::Tree;
use source::Source;
use table::Table;

const BINARY: [&str; 2] = ["main.rs", "cli/"];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(sources);

fn sources() -> Vec<Source> {
    let root = project().join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                sources.push(Source::parse(&name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

fn is_binary(source: &Source) -> bool {
    BINARY.iter().any(|prefix| source.path.starts_with(prefix))
}

fn library(sources: &[Source]) -> Tree<'_> {
    Tree::new(sources.iter().filter(|source| !is_binary(source)))
}

fn binary(sources: &[Source]) -> Tree<'_> {
    Tree::new(sources.iter().filter(|source| is_binary(source)))
}

fn architecture() -> Table {
    let page = fs::read_to_string(project().join("docs/architecture.md")).unwrap();
    Table::parse(&page).unwrap()
}

#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn imports_go_down() {
    none(&rules::downwards(&library(&SOURCES), &architecture()));
}

#[test]
fn every_row_of_the_table_is_a_layer() {
    none(&rules::rows_exist(&library(&SOURCES), &architecture()));
}

#[test]
fn files_of_a_layer_import_in_one_direction() {
    none(&rules::no_cycles(&library(&SOURCES)));
    none(&rules::no_cycles(&binary(&SOURCES)));
}

#[test]
fn maps_hold_no_logic() {
    none(&rules::maps_hold_no_logic(&library(&SOURCES)));
    none(&rules::maps_hold_no_logic(&binary(&SOURCES)));
}

#[test]
fn globs_hide_no_file() {
    none(&rules::no_glob_of_a_map(&library(&SOURCES)));
    none(&rules::no_glob_of_a_map(&binary(&SOURCES)));
}

#[test]
fn a_feature_never_switches_a_line_inside_a_function() {
    none(&rules::features_gate_items(&library(&SOURCES)));
    none(&rules::features_gate_items(&binary(&SOURCES)));
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let folder = project().join("docs/decisions");
    let entries = fs::read_dir(&folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "README.md").collect();
    names.sort();
    let pages = names.into_iter().map(|name| {
        let text = fs::read_to_string(folder.join(&name)).unwrap();
        let heading = text.lines().next().unwrap_or_default().to_owned();
        (name, heading)
    });
    none(&decisions::numbered(&pages.collect::<Vec<_>>()));
}

/// Each rule is shown a tree that breaks it.
mod a_broken_tree {
    use super::*;

    const PAGE: &str = "
## Layers
| layer | what it knows | imports |
|---|---|---|
| `floor` | the ground | — |
| `house` | walls | `floor` |
";

    fn tree(files: &[(&str, &str)]) -> Vec<Source> {
        let map = (
            "lib.rs",
            "pub mod floor; pub mod house; pub use house::Door;",
        );
        files
            .iter()
            .chain([&map])
            .map(|(path, text)| Source::parse(path, text))
            .collect()
    }

    #[track_caller]
    fn found(violations: &[String], expected: &[&str]) {
        assert_eq!(violations, expected);
    }

    fn downwards(files: &[(&str, &str)]) -> Vec<String> {
        rules::downwards(&Tree::new(&tree(files)), &Table::parse(PAGE).unwrap())
    }

    #[test]
    fn imports_upwards() {
        let files = [
            ("floor.rs", "use std::fmt;\nuse crate::house::{Wall, self};"),
            ("house.rs", "use crate::floor::Board;"),
        ];
        let why = "the layer `floor` may not import the layer `house`";
        found(
            &downwards(&files),
            &[
                &format!("src/floor.rs:2: `crate::house::Wall`: {why}"),
                &format!("src/floor.rs:2: `crate::house`: {why}"),
            ],
        );
    }

    #[test]
    fn imports_upwards_past_every_disguise() {
        let why = "the layer `floor` may not import the layer `house`";
        for (code, told) in [
            (
                "fn f() -> super::house::Wall { todo!() }",
                "super::house::Wall",
            ),
            ("fn f() { crate::house::build(); }", "crate::house::build"),
            (
                "fn f() { println!(\"{}\", [crate::house::HEIGHT]); }",
                "crate::house::HEIGHT",
            ),
            ("use crate::Door;", "crate::Door"),
            ("use crate::house::*;", "crate::house"),
            ("impl crate::house::Open for u8 {}", "crate::house::Open"),
            (
                "mod inner { use super::super::house::Wall; }",
                "super::super::house::Wall",
            ),
        ] {
            let violations = downwards(&[("floor.rs", code), ("house.rs", "")]);
            found(&violations, &[&format!("src/floor.rs:1: `{told}`: {why}")]);
        }
    }

    #[test]
    fn has_a_layer_without_a_row() {
        let violations = downwards(&[("floor.rs", ""), ("house.rs", ""), ("attic.rs", "")]);
        found(
            &violations,
            &["src/attic.rs: the layer `attic` has no row in docs/architecture.md"],
        );
    }

    #[test]
    fn has_a_row_without_a_layer() {
        let sources = tree(&[("floor.rs", "")]);
        let violations = rules::rows_exist(&Tree::new(&sources), &Table::parse(PAGE).unwrap());
        found(
            &violations,
            &["docs/architecture.md: the layer `house` has no module in src/"],
        );
    }

    #[test]
    fn has_a_table_that_goes_up() {
        let page = PAGE.replace("| — |", "| `house` |");
        let error = Table::parse(&page).unwrap_err();
        assert_eq!(error, "`floor` imports `house`, which is no row above it");
    }

    #[test]
    fn has_a_circle_of_files_behind_a_map() {
        let sources = tree(&[
            (
                "house/mod.rs",
                "mod door;\nmod wall;\npub use door::Door;\npub use wall::Wall;",
            ),
            ("house/door.rs", "use super::Wall;"),
            ("house/wall.rs", "\nuse crate::Door;"),
        ]);
        found(
            &rules::no_cycles(&Tree::new(&sources)),
            &["files import each other in a circle:\n    \
               src/house/door.rs:1: `super::Wall`\n    \
               src/house/wall.rs:2: `crate::Door`"],
        );
    }

    #[test]
    fn has_no_circle_where_only_tests_close_it() {
        let sources = tree(&[
            (
                "house/mod.rs",
                "mod door;\nmod wall;\npub use door::Door;\npub use wall::Wall;",
            ),
            ("house/door.rs", "use super::Wall;"),
            (
                "house/wall.rs",
                "#[cfg(test)]\nmod tests { use crate::house::Door; }",
            ),
        ]);
        none(&rules::no_cycles(&Tree::new(&sources)));
    }

    #[test]
    fn has_logic_in_a_map() {
        let sources = tree(&[("house/mod.rs", "mod door;\n\nfn build() {}")]);
        let violations = rules::maps_hold_no_logic(&Tree::new(&sources));
        found(
            &violations,
            &[
                "src/house/mod.rs:3: a map holds `mod` and `use` lines only, found `fn` (give it a file)",
            ],
        );
    }

    #[test]
    fn hides_a_file_behind_a_glob() {
        let sources = tree(&[
            ("house/mod.rs", "mod door;"),
            ("house/door.rs", "use super::*;"),
        ]);
        let violations = rules::no_glob_of_a_map(&Tree::new(&sources));
        found(
            &violations,
            &["src/house/door.rs:1: `super`: a glob of a map hides which file is meant"],
        );
    }

    #[test]
    fn switches_a_line_by_a_feature() {
        let code = "#[cfg(feature = \"x\")]\nfn a() {}\nfn b() {\n#[cfg(feature = \"x\")]\na();\n}";
        let sources = tree(&[("floor.rs", code)]);
        found(
            &rules::features_gate_items(&Tree::new(&sources)),
            &["src/floor.rs:4: a feature switches a line inside a function"],
        );
    }

    #[test]
    fn has_two_decisions_of_one_number() {
        let page = |name: &str, heading: &str| (name.to_owned(), heading.to_owned());
        let pages = [
            page("0001-stone.md", "# 1. Stone"),
            page("0001-wood.md", "# 1. Wood"),
        ];
        assert_eq!(
            decisions::numbered(&pages),
            ["docs/decisions/0001-wood.md: expected 2 in name and heading, found `# 1. Wood`"]
        );
    }
}
