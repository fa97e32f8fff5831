//! An endpoint in place of a region's own, and who names it.

use std::fmt;

/// Who names an endpoint in place of a region's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The program or its command line.
    Choice,
    /// This environment variable.
    Variable(&'static str),
    /// The AWS profile.
    Profile,
}

impl fmt::Display for NamedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice => f.write_str("the endpoint that was chosen"),
            Self::Variable(name) => write!(f, "the endpoint of the variable `{name}`"),
            Self::Profile => f.write_str("the endpoint of the AWS profile"),
        }
    }
}

/// An endpoint in place of a region's own.
#[derive(Debug, Clone)]
pub struct Named {
    pub url: String,
    pub by: NamedBy,
}
