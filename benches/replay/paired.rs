//! Turns, medians and ratios.

use std::time::Duration;

/// The time per call of each contender, turn by turn.
#[derive(Default)]
pub struct Turns(Vec<(&'static str, Vec<f64>)>);

impl Turns {
    /// Adds a turn of some calls.
    pub fn add(&mut self, name: &'static str, taken: Duration, calls: usize) {
        let per_call = taken.as_secs_f64() * 1e6 / calls as f64;
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, turns)) => turns.push(per_call),
            None => self.0.push((name, vec![per_call])),
        }
    }

    /// Prints medians and their ratio to the first contender, taken turn by turn.
    pub fn print(&self, title: &str) {
        let first = &self.0[0].1;
        println!("\n{title:<32} {:>10}  {:>12}", "µs a call", "× the first");
        for (name, turns) in &self.0 {
            let ratios = turns.iter().zip(first).map(|(own, first)| own / first);
            let ratio = median(&ratios.collect::<Vec<_>>());
            println!("  {name:<30} {:>10.1}  {ratio:>12.2}", median(turns));
        }
    }
}

fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value below which a share of all lies.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * share) as usize;
    sorted[place.min(values.len() - 1)]
}
