//! The same as JSON.

use bedrock_replay::bench::Role;
use serde_json::{Value, json};

use super::costs::{Costs, Method};
use super::sum::{Part, Sum};

impl Costs<'_> {
    /// The seed's method alone, beside the full figure.
    fn seed_json(&self) -> Value {
        json!({
            "schema_version": 1,
            "currency": "USD",
            "method": "seed",
            "plan": self.loaded.plan.path,
            "region": self.region,
            "priced_on": self.loaded.today,
            "seed_method": self.seed,
            "seed_total": self.seed.total(),
            "full_total": self.total.total(),
        })
    }

    pub fn json(&self) -> Value {
        if self.method == Method::Seed {
            return self.seed_json();
        }
        let part =
            |part: &Part| json!({ "calls": part.calls, "usage": part.usage, "cost": part.bill });
        let row = |(name, sum): &(String, Sum)| {
            json!({
                "name": name,
                "calls": sum.calls,
                "tutor": sum.by_role[Role::Tutor as usize],
                "student": sum.by_role[Role::Student as usize],
                "judge": sum.by_role[Role::Judge as usize],
                "recorded": part(&sum.recorded),
                "to_record": part(&sum.to_record),
                "total": sum.total(),
            })
        };
        json!({
            "schema_version": 1,
            "currency": "USD",
            "method": "full",
            "plan": self.loaded.plan.path,
            "cassette": self.loaded.cassette,
            "provenance": self.survey.provenance.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "region": self.region,
            "priced_on": self.loaded.today,
            "recorded_on": self.survey.recorded_on,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "recorded": part(&self.total.recorded),
            "to_record": part(&self.total.to_record),
            "estimate": self.total.estimate,
            "total": self.total.total(),
            "seed_method": self.seed,
            "seed_total": self.seed.total(),
        })
    }
}
