//! What a run cost, told when it is over: what was sent, and what the cassette saved.

use bedrock_replay::bench::{Expense, Expenses};
use bedrock_replay::exchange::Provenance;
use bedrock_replay::pricing::Bill;
use bedrock_replay::words::counted;

use super::output::Grid;

/// The costs of a run by model, with what they mean.
pub fn told(expenses: &Expenses, provenance: &[Provenance]) -> String {
    let by_model = expenses.by_model();
    let all = summed(expenses);
    if count(&all.paid) + count(&all.saved) == 0 {
        return String::new();
    }
    // What a simulator is asked has a price, and nobody pays it.
    let paid = if is_all_simulated(provenance) {
        "priced"
    } else {
        "paid"
    };
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

/// What a judge that was asked alone was paid for, in a line; none where nothing was sent.
pub fn paid(expenses: &Expenses, provenance: &[Provenance]) -> Option<String> {
    paid_line(&summed(expenses).paid, provenance)
}

fn paid_line(paid: &Bill, provenance: &[Provenance]) -> Option<String> {
    let calls = count(paid);
    if calls == 0 {
        return None;
    }
    let told = counted(calls, "call");
    if is_all_simulated(provenance) {
        return Some(format!("simulated: nothing was paid for {told}"));
    }
    let unpriced = if paid.is_whole() {
        String::new()
    } else {
        format!(
            " ({} of them have no known price: bedrock-replay prices list)",
            paid.unpriced
        )
    };
    let simulated = if provenance.contains(&Provenance::Simulated) {
        ", nothing for what the simulator answered"
    } else {
        ""
    };
    Some(format!("paid about {paid} for {told}{unpriced}{simulated}"))
}

fn summed(expenses: &Expenses) -> Expense {
    let mut all = Expense::default();
    for expense in expenses.by_model().values() {
        all.paid += expense.paid;
        all.saved += expense.saved;
    }
    all
}

fn is_all_simulated(provenance: &[Provenance]) -> bool {
    !provenance.is_empty() && provenance.iter().all(|from| *from == Provenance::Simulated)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_paid_is_told_in_a_line_and_a_simulator_is_paid_nothing() {
        let mut bill = Bill::default();
        assert_eq!(paid_line(&bill, &[Provenance::Live]), None);
        bill.add(45, Some("0.12".parse().unwrap()));
        let told = |bill: &Bill, from: &[Provenance]| paid_line(bill, from).unwrap();
        let (live, simulated) = (Provenance::Live, Provenance::Simulated);
        let one = std::slice::from_ref(&live);
        assert_eq!(told(&bill, one), "paid about $0.12 for 45 calls");
        assert_eq!(
            told(&bill, std::slice::from_ref(&simulated)),
            "simulated: nothing was paid for 45 calls"
        );
        bill.add(1, None);
        assert_eq!(
            told(&bill, one),
            "paid about ≥ $0.12 for 46 calls (1 of them have no known price: bedrock-replay prices list)"
        );
        let both = [live, simulated];
        assert!(told(&bill, &both).ends_with(", nothing for what the simulator answered"));
    }
}
