//! How often each request was made in each scope, and which logical call a retry belongs to.

use std::collections::{HashMap, VecDeque};

use super::Scope;
use crate::cassette::Slot;
use crate::exchange::Invocation;
use crate::identity::RequestKey;

/// Calls that may still be retried are remembered up to this number; SDKs retry within
/// seconds, so that older ones are over.
const REMEMBERED: usize = 8_192;

/// A logical call under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// One number per call of this session.
    pub number: u64,
    /// Where its exchange stands.
    pub slot: Slot,
    /// Which attempt the next transmission is.
    pub attempt: u32,
}

/// Counts occurrences and ties retries together.
#[derive(Debug, Default)]
pub struct Lanes {
    next: HashMap<(RequestKey, Scope), u32>,
    /// The highest counts of before a scope was counted anew.
    before: HashMap<(RequestKey, Scope), u32>,
    calls: HashMap<Invocation, Call>,
    order: VecDeque<Invocation>,
    numbers: u64,
}

impl Lanes {
    /// The call that a transmission belongs to: the next attempt of the call that its
    /// invocation has begun, or a new one. Whatever the last attempt came to: SDKs also retry
    /// what looks like an answer, for instance a body that they cannot read.
    pub fn call(
        &mut self,
        key: RequestKey,
        scope: &Scope,
        invocation: Option<&Invocation>,
    ) -> Call {
        let begun = invocation
            .and_then(|id| self.calls.get_mut(id))
            .filter(|call| call.slot.key == key && call.slot.scope == scope.name());
        if let Some(call) = begun {
            call.attempt += 1;
            return call.clone();
        }
        let call = self.begin(key, scope);
        if let Some(invocation) = invocation {
            self.remember(invocation, call.clone());
        }
        call
    }

    fn begin(&mut self, key: RequestKey, scope: &Scope) -> Call {
        let next = self.next.entry((key, scope.clone())).or_default();
        let occurrence = *next;
        *next += 1;
        self.numbers += 1;
        Call {
            number: self.numbers,
            slot: Slot {
                key,
                scope: scope.name().to_owned(),
                occurrence,
            },
            attempt: 0,
        }
    }

    fn remember(&mut self, invocation: &Invocation, call: Call) {
        if self.calls.insert(invocation.clone(), call).is_none() {
            self.order.push_back(invocation.clone());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.calls.remove(&oldest);
        }
    }

    /// How many answers to a request were asked for in a scope, however often it was counted anew.
    pub fn made(&self, key: RequestKey, scope: &str) -> u32 {
        let lane = (key, Scope::new(scope));
        let counts = [self.next.get(&lane), self.before.get(&lane)];
        counts.into_iter().flatten().max().copied().unwrap_or(0)
    }

    /// Starts counting anew in one scope.
    pub fn reset(&mut self, scope: &Scope) {
        for (lane, count) in self.next.extract_if(|(_, of), _| of == scope) {
            let most = self.before.entry(lane).or_default();
            *most = count.max(*most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> RequestKey {
        RequestKey::from([byte; 32])
    }

    fn invocation(id: &str) -> Invocation {
        Invocation { id: id.into() }
    }

    #[test]
    fn equal_requests_are_counted_in_each_scope_by_itself() {
        let mut lanes = Lanes::default();
        let (a, b) = (Scope::new("a"), Scope::new("b"));
        let mut occurrence = |scope| lanes.call(key(1), scope, None).slot.occurrence;
        assert_eq!([occurrence(&a), occurrence(&a), occurrence(&b)], [0, 1, 0]);
        assert_eq!(lanes.made(key(1), "b"), 1);
    }

    #[test]
    fn what_was_asked_for_stays_so_when_it_is_counted_anew() {
        let mut lanes = Lanes::default();
        let scope = Scope::new("a");
        let occurrence = |lanes: &mut Lanes| lanes.call(key(1), &scope, None).slot.occurrence;
        assert_eq!([occurrence(&mut lanes), occurrence(&mut lanes)], [0, 1]);
        lanes.reset(&scope);
        assert_eq!(occurrence(&mut lanes), 0);
        lanes.reset(&scope);
        assert_eq!(lanes.made(key(1), "a"), 2);
    }

    #[test]
    fn a_retry_belongs_to_its_call() {
        let mut lanes = Lanes::default();
        let scope = Scope::default();
        let id = invocation("one");
        let first = lanes.call(key(1), &scope, Some(&id));
        let retry = lanes.call(key(1), &scope, Some(&id));
        assert_eq!((retry.slot, retry.attempt), (first.slot, 1));
        let other = lanes.call(key(1), &scope, Some(&invocation("two")));
        assert_eq!((other.slot.occurrence, other.attempt), (1, 0));
    }

    #[test]
    fn an_invocation_that_changes_its_request_is_a_new_call() {
        let mut lanes = Lanes::default();
        let scope = Scope::default();
        let id = invocation("one");
        lanes.call(key(1), &scope, Some(&id));
        assert_eq!(lanes.call(key(2), &scope, Some(&id)).attempt, 0);
    }

    #[test]
    fn calls_of_long_ago_are_forgotten() {
        let mut lanes = Lanes::default();
        for number in 0..2 * REMEMBERED {
            let id = invocation(&number.to_string());
            lanes.call(key(1), &Scope::default(), Some(&id));
        }
        assert_eq!(
            (lanes.calls.len(), lanes.order.len()),
            (REMEMBERED, REMEMBERED)
        );
    }
}
