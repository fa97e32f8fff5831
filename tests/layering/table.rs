//! The layer table of `docs/architecture.md`: the one place that says what may import what.

use std::collections::{BTreeMap, BTreeSet};

/// For each layer, the layers that it may import.
#[derive(Debug)]
pub struct Table(BTreeMap<String, BTreeSet<String>>);

impl Table {
    /// Reads the table under the heading `## Layers`: rows of layer, what it knows, imports;
    /// names in backticks. A row imports only rows above it.
    pub fn parse(page: &str) -> Result<Self, String> {
        let mut table = BTreeMap::<String, BTreeSet<String>>::new();
        for row in rows(page) {
            let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
            let [layer, _, imports] = cells[..] else {
                return Err(format!("expected three cells, found `{row}`"));
            };
            let [layer] = &names(layer)[..] else { continue };
            let imports = names(imports);
            if let Some(below) = imports.iter().find(|name| !table.contains_key(*name)) {
                return Err(format!(
                    "`{layer}` imports `{below}`, which is no row above it"
                ));
            }
            table.insert(layer.clone(), imports.into_iter().collect());
        }
        if table.is_empty() {
            return Err("no layer table under `## Layers`".to_owned());
        }
        Ok(Self(table))
    }

    /// Whether the table has such a row.
    pub fn knows(&self, layer: &str) -> bool {
        self.0.contains_key(layer)
    }

    /// Whether one layer may import another.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        from == to || self.0.get(from).is_some_and(|below| below.contains(to))
    }

    /// Every layer.
    pub fn layers(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn rows(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .skip_while(|line| *line != "## Layers")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| `"))
}

fn names(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}
