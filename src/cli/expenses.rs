//! What a run cost, told when it is over: what was sent, and what the cassette saved.

use bedrock_replay::bench::{Expense, Expenses};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::pricing::Bill;

use super::output::Grid;

/// The costs of a run by model, with what they mean.
pub fn told(expenses: &Expenses, provenance: &[Provenance]) -> String {
    let by_model = expenses.by_model();
    let mut all = Expense::default();
    for expense in by_model.values() {
        all.paid += expense.paid;
        all.saved += expense.saved;
    }
    if count(&all.paid) + count(&all.saved) == 0 {
        return String::new();
    }
    let is_simulated =
        !provenance.is_empty() && provenance.iter().all(|from| *from == Provenance::Simulated);
    // What a simulator is asked has a price, and nobody pays it.
    let paid = if is_simulated { "priced" } else { "paid" };
    let mut grid = Grid::new(["cost of this run", paid, "saved"]);
    grid.right(1..=2);
    let total = (by_model.len() > 1).then(|| ("all".to_owned(), all));
    for (name, expense) in by_model.into_iter().chain(total) {
        grid.row([name, expense.paid.to_string(), expense.saved.to_string()]);
    }
    let notes = notes(expenses, &all, provenance);
    notes.iter().fold(grid.to_string(), |text, note| {
        format!("{text}\nnote: {note}")
    })
}

fn notes(expenses: &Expenses, all: &Expense, provenance: &[Provenance]) -> Vec<String> {
    let mut notes = Vec::new();
    let days = expenses.recorded_on();
    let days: Vec<String> = days.iter().map(ToString::to_string).collect();
    if !days.is_empty() {
        notes.push(format!(
            "saved is what the replayed calls cost as recorded on {}",
            days.join(", ")
        ));
    }
    if provenance.contains(&Provenance::Simulated) {
        notes.push("simulated: nothing was paid for what the simulator answered".to_owned());
    }
    let unpriced = all.paid.unpriced + all.saved.unpriced;
    if unpriced > 0 {
        notes.push(format!(
            "{unpriced} of the calls have no known price or told no tokens (bedrock-replay prices list, prices import)"
        ));
    }
    notes
}

const fn count(bill: &Bill) -> u64 {
    bill.priced + bill.unpriced
}
