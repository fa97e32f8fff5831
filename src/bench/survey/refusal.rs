//! Calls that got an error for an answer, and keep it: nothing asks them again by itself.

use serde::Serialize;

use super::role::Role;
use crate::bench::call::CallFailure;

/// One kind of error, and the calls that ended in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Who was asked.
    pub role: Role,
    /// Its model's id.
    pub model: String,
    /// The error's name.
    pub error: String,
    /// What the first of them said.
    pub message: String,
    /// How many ended so.
    pub calls: u64,
}

/// Every kind, in the order in which they are met.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<Refusal>);

impl Refusals {
    pub(super) fn add(&mut self, role: Role, model: &str, failure: &CallFailure) {
        let is_same = |own: &&mut Refusal| {
            (own.role, &*own.model, &*own.error) == (role, model, failure.label())
        };
        if let Some(known) = self.0.iter_mut().find(is_same) {
            known.calls += 1;
            return;
        }
        self.0.push(Refusal {
            role,
            model: model.to_owned(),
            error: failure.label().to_owned(),
            message: failure.to_string(),
            calls: 1,
        });
    }

    /// Most calls first.
    pub(super) fn sorted(mut self) -> Vec<Refusal> {
        self.0.sort_by_key(|own| std::cmp::Reverse(own.calls));
        self.0
    }
}
