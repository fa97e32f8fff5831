//! `bedrock-replay prices`: the price table, and other tables made into it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bedrock_replay::pricing::litellm::Imported;
use bedrock_replay::pricing::{Price, PriceBook, Skipped, Why, litellm, write_prices};
use bedrock_replay::words::{counted, grouped};
use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::failure::Failure;
use super::output::{Grid, print};
use super::planned::today;
use super::recording_command::PLAN;
use super::values;

const HEADINGS: [&str; 8] = [
    "where",
    "from",
    "input",
    "output",
    "cache r/w/1h",
    "batch in/out",
    "source",
    "",
];

/// What tokens cost, from which day on, and who says so
#[derive(Debug, Args)]
pub struct Prices {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(List),
    Import(Import),
}

/// List the known prices, in US dollars per million tokens.
#[derive(Debug, Args)]
struct List {
    /// Only models whose id contains this
    #[arg(value_name = "TEXT")]
    like: Option<String>,

    /// Prices of this file, over the built-in ones [default: prices.toml beside the plan]
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    /// The plan beside which a prices.toml may lie
    #[arg(long, value_name = "FILE", default_value = PLAN)]
    plan: PathBuf,
}

/// Make a prices.toml of litellm's table, with Bedrock's models.
///
/// litellm keeps `model_prices_and_context_window.json` in its repository. The table has no
/// dates: its prices hold from the day that you name. Rows that become no price are counted by
/// their reasons on standard error, and so are prices that have no place: those of long prompts,
/// of other priorities, of images.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct Import {
    /// litellm's table, `model_prices_and_context_window.json`
    #[arg(long, value_name = "FILE")]
    litellm: PathBuf,

    /// The first day on which the prices hold [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = values::date)]
    from: Option<Date>,

    /// Only models whose id contains this; may be repeated
    #[arg(long, value_name = "TEXT")]
    like: Vec<String>,

    /// Write here instead of printing
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write over a file that is there
    #[arg(long)]
    force: bool,

    /// Name every row that is left out, not only the first of a kind
    #[arg(long, short)]
    verbose: bool,
}

/// Rows of a kind that are named unless all are asked for.
const NAMED: usize = 3;

const EXAMPLES: &str = "\
Examples:
  bedrock-replay prices import --litellm model_prices_and_context_window.json \\
      --like claude --from 2026-01-01 --output scenarios/prices.toml --force";

impl Prices {
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run(),
            Command::Import(import) => import.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let book = match &self.prices {
            Some(file) => PriceBook::load(file),
            None => PriceBook::beside(&self.plan),
        };
        let book = book.map_err(Failure::general)?;
        let like = self.like.as_deref().unwrap_or_default();
        let rows: Vec<&Price> = book
            .rows()
            .iter()
            .filter(|row| row.model.contains(like))
            .collect();
        if rows.is_empty() {
            return Err(Failure::general(format!(
                "no price of a model like `{like}` ({} are known)",
                book.rows().len()
            )));
        }
        print(&table(&rows))
    }
}

fn table(rows: &[&Price]) -> String {
    let mut models: BTreeMap<&str, Vec<&Price>> = BTreeMap::new();
    for row in rows {
        models.entry(&row.model).or_default().push(row);
    }
    let mut text = "US dollars per million tokens\n".to_owned();
    let has_cache = rows
        .iter()
        .any(|row| row.cache_read.is_some() || row.cache_write.is_some());
    let has_batch = rows.iter().any(|row| row.batch_input.is_some());
    for (model, mut own) in models {
        own.sort_by_key(|row| (row.profile.clone(), row.region.clone(), row.from));
        let mut grid = Grid::of(headings(has_cache, has_batch));
        grid.right(2..=3);
        for row in own {
            grid.row_of(cells(row, has_cache, has_batch));
        }
        let _ = write!(text, "\n{model}\n{grid}\n");
    }
    text
}

fn headings(has_cache: bool, has_batch: bool) -> Vec<String> {
    let [place, from, input, output, cache, batch, source, _] = HEADINGS;
    let cache = has_cache.then_some(cache);
    let batch = has_batch.then_some(batch);
    let all = [
        Some(place),
        Some(from),
        Some(input),
        Some(output),
        cache,
        batch,
        Some(source),
    ];
    all.into_iter().flatten().map(str::to_owned).collect()
}

fn cells(row: &Price, has_cache: bool, has_batch: bool) -> Vec<String> {
    let place = match (&row.profile, &row.region) {
        (Some(profile), Some(region)) => format!("{profile}. in {region}"),
        (Some(profile), None) => format!("{profile}."),
        (None, Some(region)) => region.clone(),
        (None, None) => "any region".to_owned(),
    };
    let price = |key: &str| row.written(key).unwrap_or_else(|| "n/a".to_owned());
    let cache = || {
        ["cache_read", "cache_write", "cache_write_1h"]
            .map(price)
            .join(" ")
    };
    let batch = || ["batch_input", "batch_output"].map(price).join(" ");
    let mut cells = vec![place, row.from.to_string(), price("input"), price("output")];
    cells.extend(has_cache.then(cache));
    cells.extend(has_batch.then(batch));
    cells.push(row.source.clone());
    cells
}

impl Import {
    fn run(&self) -> Result<(), Failure> {
        let json = fs::read(&self.litellm).map_err(|error| unreadable(&self.litellm, &error))?;
        let source = format!("litellm, imported {}", today());
        let from = self.from.unwrap_or_else(today);
        let mut imported = litellm::read(&json, from, &source).map_err(|error| {
            Failure::general(format!("cannot use `{}`: {error}", self.litellm.display()))
        })?;
        let all = imported.prices.len();
        imported.prices.retain(|row| self.is_like(&row.model));
        if imported.prices.is_empty() {
            let like = match self.like.as_slice() {
                [] => String::new(),
                like => format!(" and is like {}", like.join(", ")),
            };
            return Err(Failure::general(format!(
                "no Bedrock model of `{}` has a price per token{like}\n{}",
                self.litellm.display(),
                self.left_out(&imported, 0)
            )));
        }
        let text = write_prices(&imported.prices);
        let others = all - imported.prices.len();
        match &self.output {
            None => print(&text)?,
            Some(output) => {
                self.write(output, &text)?;
                let prices = counted(imported.prices.len(), "price");
                anstream::eprintln!("wrote {prices} to {}", output.display());
            }
        }
        anstream::eprint!("{}", self.left_out(&imported, others));
        Ok(())
    }

    /// What became no price, by reason, and what has no place.
    fn left_out(&self, imported: &Imported, others: usize) -> String {
        let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Skipped { key, why } in &imported.skipped {
            let (reason, name) = match why {
                Why::Malformed(problem) => ("malformed".to_owned(), format!("{key} ({problem})")),
                why => (why.to_string(), key.clone()),
            };
            reasons.entry(reason).or_default().push(name);
        }
        let mut text = String::new();
        let mut line = |count: u64, what: &str| {
            let _ = writeln!(text, "  {:>6}  {what}", grouped(count));
        };
        let foreign = Why::OtherProvider.to_string();
        for (reason, names) in &reasons {
            // There are thousands of them, and nobody misses one.
            let most = match (self.verbose, reason.as_str()) {
                (true, _) | (_, "malformed") => names.len(),
                (false, own) if own == foreign => 0,
                (false, _) => NAMED,
            };
            line(names.len() as u64, &named(reason, names, most));
        }
        if others > 0 {
            line(others as u64, "not like what was asked for");
        }
        if !text.is_empty() {
            text.insert_str(0, "rows that became no price\n");
        }
        if !imported.untaken.is_empty() {
            text.push_str("prices without a place in a price table, of so many rows\n");
            for (kind, count) in &imported.untaken {
                let _ = writeln!(text, "  {:>6}  {kind}", grouped(*count));
            }
        }
        text
    }

    fn is_like(&self, model: &str) -> bool {
        self.like.is_empty() || self.like.iter().any(|like| model.contains(like))
    }

    fn write(&self, output: &Path, text: &str) -> Result<(), Failure> {
        if output.exists() && !self.force {
            return Err(Failure::general(format!(
                "`{}` is there already (--force writes over it)",
                output.display()
            )));
        }
        fs::write(output, text).map_err(|error| {
            Failure::general(format!("cannot write `{}`: {error}", output.display()))
        })
    }
}

/// `reason: a, b, c and 9 more`
fn named(reason: &str, names: &[String], most: usize) -> String {
    let first = names.get(..most).unwrap_or(names);
    if first.is_empty() {
        return reason.to_owned();
    }
    let more = match names.len() - first.len() {
        0 => String::new(),
        more => format!(" and {more} more (--verbose names all)"),
    };
    format!("{reason}: {}{more}", first.join(", "))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::general(format!("cannot read `{}`: {error}", path.display()))
}
