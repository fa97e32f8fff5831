//! What the calls of a run cost: those that were sent now, and those that a cassette answered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::client::Whereabouts;
use crate::clock::SharedClock;
use crate::judge::Tokens;
use crate::pricing::{Bill, Call, PriceBook, Usage, saved};
use crate::registry::Registry;

/// What the calls of one model's dialogues cost: tutor, student and judge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expense {
    /// Calls that were sent.
    pub paid: Bill,
    /// Calls that were answered from a cassette: what they cost when they were recorded.
    pub saved: Bill,
}

/// Adds up what a run's answered calls cost.
#[derive(Clone)]
pub struct Expenses(Arc<Accounts>);

struct Accounts {
    prices: PriceBook,
    registry: Registry,
    /// Where calls are made that do not tell it.
    region: Option<String>,
    clock: SharedClock,
    sums: Mutex<Sums>,
}

#[derive(Default)]
struct Sums {
    by_model: BTreeMap<String, Expense>,
    recorded_on: BTreeSet<Date>,
}

impl fmt::Debug for Expenses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expenses").field(&self.by_model()).finish()
    }
}

impl Expenses {
    /// By these prices; a call that is sent is priced on the clock's day, and one of which no
    /// region is known, behind an endpoint that names none, in this one.
    #[must_use]
    pub fn new(
        prices: PriceBook,
        registry: Registry,
        region: Option<String>,
        clock: SharedClock,
    ) -> Self {
        Self(Arc::new(Accounts {
            prices,
            registry,
            region,
            clock,
            sums: Mutex::default(),
        }))
    }

    /// By the name of the model under test.
    #[must_use]
    pub fn by_model(&self) -> BTreeMap<String, Expense> {
        self.sums().by_model.clone()
    }

    /// The days on which the replayed calls were recorded.
    #[must_use]
    pub fn recorded_on(&self) -> BTreeSet<Date> {
        self.sums().recorded_on.clone()
    }

    /// Adds an answered call in a dialogue of a model; `id` is who was asked.
    pub(crate) fn add(
        &self,
        model: &str,
        id: &str,
        tokens: Option<Tokens>,
        from: Option<&Whereabouts>,
    ) {
        let accounts = &self.0;
        let recorded_on = from.and_then(Whereabouts::recorded_on);
        let today = || accounts.clock.now().to_zoned(TimeZone::UTC).date();
        let call = Call {
            model: &accounts.registry.priced_as(id),
            region: from
                .and_then(|from| from.region.as_deref())
                .or(accounts.region.as_deref()),
            on: recorded_on.unwrap_or_else(today),
            usage: tokens.map(usage_of),
        };
        let bill = match recorded_on {
            Some(_) => saved(&accounts.prices, [call]),
            None => Bill::of(&accounts.prices, [call]),
        };
        let mut sums = self.sums();
        sums.recorded_on.extend(recorded_on);
        let own = sums.by_model.entry(model.to_owned()).or_default();
        match recorded_on {
            Some(_) => own.saved += bill,
            None => own.paid += bill,
        }
    }

    /// A panic elsewhere leaves them whole: bills are added in one step.
    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.0.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is charged of a call's tokens.
pub(crate) fn usage_of(tokens: Tokens) -> Usage {
    Usage {
        input: tokens.input,
        output: tokens.output,
        cache_read: tokens.cache_read,
        cache_write: tokens.cache_write,
        cache_write_1h: tokens.cache_write_1h,
    }
}
