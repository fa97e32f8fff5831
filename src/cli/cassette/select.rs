//! Which exchanges are meant: a key's first digits, an occurrence, a scope, a model.

use bedrock_replay::cassette::{
    CassetteError, Reader, Slot, StoredExchange, in_conversation_order,
};
use bedrock_replay::exchange::Operation;
use clap::Args;

/// Which exchanges are shown.
#[derive(Debug, Clone, Default, Args)]
pub struct Filter {
    /// Only this scope; with a trailing `*`, every scope that begins so
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,

    /// Only models whose id holds this text
    #[arg(long, value_name = "TEXT")]
    model: Option<String>,

    /// Only this operation
    #[arg(long, value_name = "NAME", value_parser = operation)]
    operation: Option<Operation>,
}

fn operation(name: &str) -> Result<Operation, String> {
    let found = Operation::ALL
        .into_iter()
        .find(|operation| operation.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let names = Operation::ALL.map(Operation::name).join("`, `");
        format!("expected one of `{names}`")
    })
}

impl Filter {
    /// Whether it leaves anything out.
    pub const fn is_any(&self) -> bool {
        self.scope.is_some() || self.model.is_some() || self.operation.is_some()
    }

    /// The slots of the wanted scope, as conversations grow.
    pub fn slots(&self, reader: &mut Reader) -> Result<Vec<Slot>, CassetteError> {
        let mut slots = in_conversation_order(reader)?;
        slots.retain(|slot| self.wants_scope(&slot.scope));
        Ok(slots)
    }

    fn wants_scope(&self, scope: &str) -> bool {
        match self.scope.as_deref() {
            None => true,
            Some(pattern) => match pattern.strip_suffix('*') {
                Some(front) => scope.starts_with(front),
                None => scope == pattern,
            },
        }
    }

    /// Whether an exchange of that scope is wanted.
    pub fn wants(&self, stored: &StoredExchange) -> bool {
        let target = &stored.exchange.request.target;
        let model = self.model.as_deref().unwrap_or_default();
        target.subject().contains(model)
            && self
                .operation
                .is_none_or(|wanted| wanted == target.operation())
    }
}

/// An exchange as a person names it: `1b88e0a4`, `1b88e0a4#2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    digits: String,
    occurrence: Option<u32>,
}

impl std::str::FromStr for Pick {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = || {
            format!(
                "expected the first digits of a request key, such as `1b88e0a4` or `1b88e0a4#2`, found `{text}`"
            )
        };
        let (digits, occurrence) = match text.split_once('#') {
            Some((digits, occurrence)) => {
                (digits, Some(occurrence.parse().map_err(|_| expected())?))
            }
            None => (text, None),
        };
        let is_key = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_key {
            return Err(expected());
        }
        Ok(Self {
            digits: digits.to_ascii_lowercase(),
            occurrence,
        })
    }
}

impl Pick {
    /// Whether this slot is meant.
    pub fn is(&self, slot: &Slot) -> bool {
        slot.key.to_string().starts_with(&self.digits)
            && self.occurrence.unwrap_or(0) == slot.occurrence
    }
}

impl std::fmt::Display for Pick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.digits)?;
        match self.occurrence {
            Some(occurrence) => write!(f, "#{occurrence}"),
            None => Ok(()),
        }
    }
}
