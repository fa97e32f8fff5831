//! IAM's policy language, as far as it is needed here.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

/// One of its statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Principal>,
    #[serde(serialize_with = "one_or_many")]
    action: Vec<&'static str>,
    #[serde(serialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<&'static str, Vec<String>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Principal {
    #[serde(rename = "AWS", serialize_with = "one_or_many")]
    aws: Vec<String>,
}

/// IAM writes a list of one as its member.
fn one_or_many<T: Serialize, S: Serializer>(all: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    match all {
        [one] => one.serialize(serializer),
        many => many.serialize(serializer),
    }
}

impl Document {
    /// A document of these statements.
    #[must_use]
    pub(super) fn new(statement: Vec<Statement>) -> Self {
        Self {
            version: "2012-10-17",
            statement,
        }
    }
}

impl Statement {
    pub(super) fn allow(action: &[&'static str], resource: Vec<String>) -> Self {
        Self {
            effect: "Allow",
            principal: None,
            action: action.to_vec(),
            resource,
            condition: BTreeMap::new(),
        }
    }

    pub(super) fn to(mut self, aws: Vec<String>) -> Self {
        self.principal = Some(Principal { aws });
        self
    }

    pub(super) fn only_if(
        mut self,
        operator: &'static str,
        key: &'static str,
        values: Vec<String>,
    ) -> Self {
        self.condition
            .entry(operator)
            .or_default()
            .insert(key, values);
        self
    }
}
