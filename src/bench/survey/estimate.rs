//! What a call would use that nobody has made: by what its like used, else by the length of
//! its texts.

use std::collections::HashMap;
use std::ops::AddAssign;

use serde::Serialize;

use super::role::Role;
use super::texts::Texts;
use crate::bench::plan::Plan;
use crate::pricing::Usage;

/// How many characters are taken for one token where nothing recorded tells better.
pub const CHARACTERS_PER_TOKEN: u64 = 4;

/// Tokens that calls would use, and by which rule that is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// The tokens.
    pub usage: Usage,
    /// Calls that are estimated by recorded ones of the same turn and role.
    pub by_recorded: u64,
    /// Calls that are estimated by their texts, with answers as long as `max_tokens` allows.
    pub by_length: u64,
}

impl AddAssign for Estimate {
    fn add_assign(&mut self, other: Self) {
        self.usage += other.usage;
        self.by_recorded += other.by_recorded;
        self.by_length += other.by_length;
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    usage: Usage,
    calls: u64,
}

impl Mean {
    fn call(&self) -> Usage {
        let share = |tokens: u64| tokens.div_ceil(self.calls.max(1));
        Usage {
            input: share(self.usage.read()),
            output: share(self.usage.output),
            ..Usage::default()
        }
    }
}

/// Recorded usage, by what makes calls alike.
#[derive(Debug, Default)]
pub(super) struct Means {
    by_model: HashMap<(Role, u32, usize), Mean>,
    by_turn: HashMap<(Role, u32), Mean>,
}

impl Means {
    pub(super) fn add(&mut self, role: Role, turn: u32, model: usize, usage: Usage) {
        let own = self.by_model.entry((role, turn, model)).or_default();
        let all = self.by_turn.entry((role, turn)).or_default();
        for mean in [own, all] {
            mean.usage += usage;
            mean.calls += 1;
        }
    }

    /// The mean call; the same model's where there is one.
    fn find(&self, role: Role, turn: u32, model: usize) -> Option<Usage> {
        let own = self.by_model.get(&(role, turn, model));
        let mean = own.or_else(|| self.by_turn.get(&(role, turn)))?;
        Some(mean.call())
    }

    /// The mean call of a role, whatever the turn.
    pub(super) fn of_role(&self, role: Role) -> Option<Usage> {
        let own = self.by_turn.iter().filter(|((other, _), _)| *other == role);
        let mut mean = Mean::default();
        for (_, turn) in own {
            mean.usage += turn.usage;
            mean.calls += turn.calls;
        }
        (mean.calls > 0).then(|| mean.call())
    }
}

/// Estimates a plan's calls.
pub(super) struct Estimator<'a> {
    pub(super) plan: &'a Plan,
    pub(super) means: &'a Means,
}

impl Estimator<'_> {
    /// The call of a role in a turn, counted from 1.
    pub(super) fn call(&self, texts: &Texts, role: Role, turn: u32, model: usize) -> Estimate {
        if let Some(usage) = self.means.find(role, turn, model) {
            return Estimate {
                usage,
                by_recorded: 1,
                by_length: 0,
            };
        }
        let output = self.longest(role);
        Estimate {
            usage: Usage {
                input: self.input(texts, role, turn),
                output,
                ..Usage::default()
            },
            by_recorded: 0,
            by_length: 1,
        }
    }

    fn longest(&self, role: Role) -> u64 {
        let tokens = match role {
            Role::Tutor => i64::from(self.plan.max_tokens),
            Role::Student => {
                let player = self.plan.player.as_ref();
                player.map_or(0, |player| i64::from(player.max_tokens))
            }
            Role::Judge => i64::from(self.plan.judge.parameters.max_tokens),
        };
        u64::try_from(tokens).unwrap_or_default()
    }

    /// The prompt, and everything that was said before.
    fn input(&self, texts: &Texts, role: Role, turn: u32) -> u64 {
        let (prompt, students, tutors) = match role {
            Role::Tutor => (texts.tutor_system, turn, turn - 1),
            // Its own opening stands in the prompt.
            Role::Student => (texts.student_system, turn - 1, turn - 1),
            Role::Judge => (texts.judge, turn, turn),
        };
        let said = texts.student.iter().take(students as usize);
        let said: u64 = said
            .map(|length| length.map_or(self.longest(Role::Student), tokens))
            .sum();
        tokens(prompt) + said + u64::from(tutors) * self.longest(Role::Tutor)
    }
}

const fn tokens(characters: u64) -> u64 {
    characters.div_ceil(CHARACTERS_PER_TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_of_the_same_turn_and_rather_of_the_same_model() {
        let usage = |input, output| Usage {
            input,
            output,
            ..Usage::default()
        };
        let mut means = Means::default();
        means.add(Role::Tutor, 1, 0, usage(100, 10));
        means.add(Role::Tutor, 1, 0, usage(101, 20));
        means.add(Role::Tutor, 1, 1, usage(400, 60));
        assert_eq!(means.find(Role::Tutor, 1, 0), Some(usage(101, 15)));
        assert_eq!(means.find(Role::Tutor, 1, 7), Some(usage(201, 30)));
        assert_eq!(means.find(Role::Tutor, 2, 0), None);
        assert_eq!(means.find(Role::Judge, 1, 0), None);
        assert_eq!(means.of_role(Role::Tutor), Some(usage(201, 30)));
        assert_eq!(means.of_role(Role::Judge), None);
    }
}
