//! What calls add up to.

use bedrock_replay::bench::{Estimate, Line, Survey};
use bedrock_replay::pricing::{Bill, Usage};

/// What one row sums up.
#[derive(Default, Clone, Copy)]
pub struct Sum {
    pub calls: u64,
    pub by_role: [Bill; 3],
    pub recorded: Part,
    pub to_record: Part,
    pub estimate: Estimate,
}

/// The recorded part, or the part to record.
#[derive(Default, Clone, Copy)]
pub struct Part {
    pub calls: u64,
    pub usage: Usage,
    pub bill: Bill,
}

impl Sum {
    pub fn add(&mut self, line: &Line) {
        self.calls += line.recorded.calls + line.to_record.calls;
        self.by_role[line.role as usize] += line.bill();
        self.recorded.calls += line.recorded.calls;
        self.recorded.usage += line.recorded.usage;
        self.recorded.bill += line.recorded.bill;
        self.to_record.calls += line.to_record.calls;
        self.to_record.usage += line.to_record.estimate.usage;
        self.to_record.bill += line.to_record.bill;
        self.estimate += line.to_record.estimate;
    }

    pub fn total(&self) -> Bill {
        let mut bill = self.recorded.bill;
        bill += self.to_record.bill;
        bill
    }
}

/// Of every line.
pub fn total(survey: &Survey) -> Sum {
    let mut sum = Sum::default();
    survey.lines.iter().for_each(|line| sum.add(line));
    sum
}
