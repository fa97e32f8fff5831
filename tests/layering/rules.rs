//! The rules, each a function from the sources to its violations.

use std::collections::BTreeMap;

use crate::source::{Mention, Source};
use crate::table::Table;

/// One crate's files by module: the library's, or the binary's.
pub struct Tree<'a>(BTreeMap<&'a [String], &'a Source>);

impl<'a> Tree<'a> {
    pub fn new(sources: impl IntoIterator<Item = &'a Source>) -> Self {
        Self(
            sources
                .into_iter()
                .map(|source| (&source.module[..], source))
                .collect(),
        )
    }

    fn sources(&self) -> impl Iterator<Item = &'a Source> {
        self.0.values().copied()
    }

    /// The file that a path leads to, through the names that maps pass on.
    fn target(&self, path: &[String]) -> Option<&'a Source> {
        let mut path = path.to_vec();
        // A chain of re-exports is as long as the tree is deep.
        for _ in 0..8 {
            let depth = (0..=path.len())
                .rev()
                .find(|n| self.0.contains_key(&path[..*n]))?;
            let source = self.0[&path[..depth]];
            let alias = path.get(depth).and_then(|name| source.aliases.get(name));
            match alias {
                Some(alias) if source.is_map() => {
                    path = alias.iter().chain(&path[depth + 1..]).cloned().collect();
                }
                _ => return Some(source),
            }
        }
        None
    }
}

/// A layer imports only what the table says.
pub fn downwards(tree: &Tree, table: &Table) -> Vec<String> {
    let mut violations = Vec::new();
    for source in tree.sources() {
        let Some(layer) = source.module.first() else {
            continue;
        };
        if !table.knows(layer) {
            violations.push(format!(
                "src/{}: the layer `{layer}` has no row in docs/architecture.md",
                source.path
            ));
            continue;
        }
        let upwards = source.mentions.iter().filter_map(|mention| {
            let to = tree.target(&mention.path)?.module.first()?;
            (!table.allows(layer, to)).then(|| {
                import(
                    source,
                    mention,
                    &format!("the layer `{layer}` may not import the layer `{to}`"),
                )
            })
        });
        violations.extend(upwards);
    }
    violations
}

/// Every row of the table is a module.
pub fn rows_exist(tree: &Tree, table: &Table) -> Vec<String> {
    table
        .layers()
        .filter(|layer| !tree.0.contains_key(&[(*layer).to_owned()][..]))
        .map(|layer| format!("docs/architecture.md: the layer `{layer}` has no module in src/"))
        .collect()
}

/// `mod.rs` and `lib.rs` show the way and do nothing.
pub fn maps_hold_no_logic(tree: &Tree) -> Vec<String> {
    let maps = tree.sources().filter(|source| source.is_map());
    maps.flat_map(|source| {
        source.logic.iter().map(|(line, kind)| {
            format!(
                "src/{}:{line}: a map holds `mod` and `use` lines only, found {kind} (give it a file)",
                source.path
            )
        })
    })
    .collect()
}

/// A feature gates whole items, never a line inside a function.
pub fn features_gate_items(tree: &Tree) -> Vec<String> {
    let sources = tree.sources();
    sources
        .flat_map(|source| {
            source.gated_lines.iter().map(|line| {
                format!(
                    "src/{}:{line}: a feature switches a line inside a function",
                    source.path
                )
            })
        })
        .collect()
}

/// A glob of a map hides which file is meant.
pub fn no_glob_of_a_map(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for source in tree.sources() {
        let globs = source
            .mentions
            .iter()
            .filter(|mention| mention.glob && !mention.in_tests);
        let hidden = globs.filter(|mention| {
            tree.target(&mention.path)
                .is_some_and(|to| to.is_map() && to.path != source.path)
        });
        violations.extend(
            hidden.map(|mention| {
                import(source, mention, "a glob of a map hides which file is meant")
            }),
        );
    }
    violations
}

/// The files of one layer import each other in one direction.
pub fn no_cycles(tree: &Tree) -> Vec<String> {
    let edges: BTreeMap<&str, Vec<Edge>> = tree
        .sources()
        .map(|source| (&source.path[..], edges(tree, source)))
        .collect();
    let mut finished = Vec::new();
    let mut violations = Vec::new();
    for source in edges.keys() {
        walk(
            source,
            &edges,
            &mut Vec::new(),
            &mut finished,
            &mut violations,
        );
    }
    violations
}

struct Edge<'a> {
    to: &'a str,
    /// `src/a.rs:3: b::C`
    told: String,
}

fn edges<'a>(tree: &Tree<'a>, source: &'a Source) -> Vec<Edge<'a>> {
    let mut edges: Vec<Edge> = Vec::new();
    if source.is_map() || source.path == "main.rs" {
        return edges;
    }
    for mention in source.mentions.iter().filter(|mention| !mention.in_tests) {
        let Some(to) = tree.target(&mention.path) else {
            continue;
        };
        let same_layer = to.module.first() == source.module.first();
        let known = edges.iter().any(|edge| edge.to == to.path);
        if same_layer && !known && !to.is_map() && to.path != source.path {
            let told = format!("src/{}:{}: `{}`", source.path, mention.line, mention.text);
            edges.push(Edge { to: &to.path, told });
        }
    }
    edges
}

fn walk<'a>(
    at: &'a str,
    edges: &'a BTreeMap<&'a str, Vec<Edge<'a>>>,
    trail: &mut Vec<(&'a str, &'a str)>,
    finished: &mut Vec<&'a str>,
    violations: &mut Vec<String>,
) {
    if finished.contains(&at) {
        return;
    }
    for edge in &edges[at] {
        trail.push((at, &edge.told));
        match trail.iter().position(|(from, _)| *from == edge.to) {
            Some(start) => {
                let round: Vec<&str> = trail[start..].iter().map(|(_, told)| *told).collect();
                violations.push(format!(
                    "files import each other in a circle:\n    {}",
                    round.join("\n    ")
                ));
            }
            None => walk(edge.to, edges, trail, finished, violations),
        }
        trail.pop();
    }
    finished.push(at);
}

fn import(source: &Source, mention: &Mention, why: &str) -> String {
    format!(
        "src/{}:{}: `{}`: {why}",
        source.path, mention.line, mention.text
    )
}
