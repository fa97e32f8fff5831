//! The least that a role must be allowed to run a plan: [`policy`] for its models, and for a
//! role in another account [`trust_policy`] and [`any_model_policy`].

mod document;
mod policy;

pub use document::{Document, Statement};
pub use policy::{Granted, Places, Unreachable, any_model_policy, policy, trust_policy};
