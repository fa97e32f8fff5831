//! What a run may spend: refused above one sum, asked above another.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use bedrock_replay::Mode;
use bedrock_replay::bench::{Line, Survey};
use bedrock_replay::environment::Environment;
use bedrock_replay::pricing::{Bill, Money, PriceBook};
use bedrock_replay::words::{counted, quoted};
use clap::Args;

use super::config::{Layers, Origin};
use super::failure::Failure;

/// Flags that keep a run from costing more than is meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Spending (a replay spends nothing)")]
pub struct Spending {
    /// Send nothing if the run would cost more than this, in US dollars
    #[arg(long, value_name = "USD")]
    max_cost: Option<Money>,

    /// On a terminal, ask before a run that would cost more than this
    #[arg(long, value_name = "USD", default_value = "5.00")]
    ask_above: Money,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    /// Prices of this file, over the built-in ones [default: prices.toml beside the plan]
    #[arg(long, value_name = "FILE")]
    prices: Option<std::path::PathBuf>,
}

/// What is to be done about a sum.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Go,
    Ask,
    Refuse(String),
}

/// Whether somebody can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Audience {
    Person,
    Script,
}

impl Spending {
    /// Stops what would spend too much; `help` is the command that says what for.
    pub fn allow(&self, calls: u64, bill: &Bill, help: &str) -> Result<(), Failure> {
        match self.verdict(calls, bill, audience(), help, written_limit().as_ref()) {
            Verdict::Go => Ok(()),
            Verdict::Refuse(why) => Err(Failure::general(why)),
            Verdict::Ask => ask(calls, bill),
        }
    }

    /// The prices that hold for a plan.
    pub fn book(&self, plan: &Path) -> Result<PriceBook, Failure> {
        let prices = match &self.prices {
            Some(file) => PriceBook::load(file),
            None => PriceBook::beside(plan),
        };
        prices.map_err(Failure::general)
    }

    /// The file of prices, where one is named.
    pub fn prices(&self) -> Option<&std::path::PathBuf> {
        self.prices.as_ref()
    }

    /// The same flags for the command that goes on.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let prices = self.prices.as_ref();
        let prices = prices.map(|file| format!("--prices {}", quoted(&file.to_string_lossy())));
        let limit = self
            .max_cost
            .map(|most| format!("--max-cost {}", most.exact()));
        [prices, limit].into_iter().flatten()
    }

    /// Whether a sum decides anything.
    pub fn matters(&self) -> bool {
        self.max_cost.is_some() || (audience() == Audience::Person && !self.yes)
    }

    fn verdict(
        &self,
        calls: u64,
        bill: &Bill,
        audience: Audience,
        help: &str,
        written: Option<&(Money, Origin)>,
    ) -> Verdict {
        let calls = counted(calls, "call");
        if let Some(most) = self.max_cost {
            let limit = limit(most, written);
            if bill.amount > most {
                return Verdict::Refuse(format!(
                    "nothing was sent: this run would cost about {bill} for {calls}, more than {limit} (`{help}` says why)"
                ));
            }
            if !bill.is_whole() {
                return Verdict::Refuse(format!(
                    "nothing was sent: {} of {calls} have no known price, so {limit} cannot be kept (bedrock-replay prices import)",
                    bill.unpriced
                ));
            }
        }
        let asks = audience == Audience::Person && !self.yes && bill.amount > self.ask_above;
        if asks { Verdict::Ask } else { Verdict::Go }
    }
}

/// Whether a mode asks for what is recorded already.
pub const fn asks_again(mode: Mode) -> bool {
    matches!(mode, Mode::RecordAll | Mode::Passthrough)
}

/// How many calls of a line a mode asks for where it may.
pub const fn calls_of(line: &Line, mode: Mode) -> u64 {
    if asks_again(mode) {
        return line.to_record.calls + line.recorded.calls;
    }
    line.to_record.calls
}

/// The calls that a mode asks for where it may, and what they cost.
pub fn spent(survey: &Survey, mode: Mode) -> (u64, Bill) {
    let mut bill = Bill::default();
    let mut calls = 0;
    for line in &survey.lines {
        calls += calls_of(line, mode);
        bill += line.to_record.bill;
        if asks_again(mode) {
            bill += line.recorded.again;
        }
    }
    (calls, bill)
}

/// The limit that environment or file set, and which of them.
fn written_limit() -> Option<(Money, Origin)> {
    let folder = std::env::current_dir().ok()?;
    let layers = Layers::read(&folder, Environment::of_process()).ok()?;
    let (value, origin) = layers.written("max_cost")?;
    Some((value.parse().ok()?, origin))
}

/// The limit by the name of what set it.
fn limit(most: Money, written: Option<&(Money, Origin)>) -> String {
    match written {
        Some((value, origin)) if *value == most => format!("the {most} of {origin}"),
        _ => format!("--max-cost {most}"),
    }
}

fn audience() -> Audience {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        Audience::Person
    } else {
        Audience::Script
    }
}

fn ask(calls: u64, bill: &Bill) -> Result<(), Failure> {
    let calls = counted(calls, "call");
    anstream::eprint!("this run would cost about {bill} for {calls}. Go on? [y/N] ");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    let is_yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    match read {
        Ok(_) if is_yes => Ok(()),
        _ => Err(Failure::general("nothing was sent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spending(max_cost: Option<&str>, yes: bool) -> Spending {
        Spending {
            max_cost: max_cost.map(|most| most.parse().unwrap()),
            ask_above: "5.00".parse().unwrap(),
            yes,
            prices: None,
        }
    }

    fn bill(amount: &str, unpriced: u64) -> Bill {
        Bill {
            amount: amount.parse().unwrap(),
            priced: 10,
            unpriced,
        }
    }

    #[test]
    fn a_run_over_the_limit_or_of_unknown_price_is_refused() {
        let limited = spending(Some("1.00"), true);
        let verdict = |bill| limited.verdict(10, &bill, Audience::Script, "plan", None);
        assert_eq!(verdict(bill("1.00", 0)), Verdict::Go);
        assert!(matches!(verdict(bill("1.01", 0)), Verdict::Refuse(why) if why.contains("$1.01")));
        assert!(
            matches!(verdict(bill("0.50", 3)), Verdict::Refuse(why) if why.contains("3 of 10 calls"))
        );
    }

    #[test]
    fn a_limit_is_called_by_the_name_of_what_set_it() {
        let limited = spending(Some("1.00"), true);
        let told = |written| match limited.verdict(10, &bill("2", 0), Audience::Script, "", written)
        {
            Verdict::Refuse(why) => why,
            other => panic!("{other:?}"),
        };
        let variable = Origin::Variable("BEDROCK_REPLAY_MAX_COST");
        let one = ("1".parse().unwrap(), variable.clone());
        assert!(told(Some(&one)).contains("the $1.00 of variable BEDROCK_REPLAY_MAX_COST"));
        let other = ("5".parse().unwrap(), variable);
        assert!(
            told(Some(&other)).contains("--max-cost $1.00"),
            "the flag won"
        );
        assert!(told(None).contains("--max-cost $1.00"));
    }

    #[test]
    fn a_person_is_asked_above_a_sum_and_a_script_is_not() {
        let unlimited = spending(None, false);
        let verdict =
            |amount, audience| unlimited.verdict(10, &bill(amount, 0), audience, "plan", None);
        assert_eq!(verdict("5.01", Audience::Person), Verdict::Ask);
        assert_eq!(verdict("5.00", Audience::Person), Verdict::Go);
        assert_eq!(verdict("5.01", Audience::Script), Verdict::Go);
        let decided = spending(None, true);
        assert_eq!(
            decided.verdict(10, &bill("5.01", 0), Audience::Person, "plan", None),
            Verdict::Go
        );
    }
}
