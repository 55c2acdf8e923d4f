//! Changes to the policies of named checks, from the builder and from the application's configuration.

use std::collections::HashSet;

use super::names::Names;
use super::policy_override::PolicyOverride;
use super::{Environment, RegisteredCheck};
use crate::core::model::policy::Policy;

/// One call of the builder that changes policies.
pub(crate) enum PolicyChange {
    Named(NamedEdit),
    Environment(Environment),
}

/// A change to the policy of the check with this name.
pub(crate) struct NamedEdit {
    /// The name of the builder's method.
    pub(crate) method: &'static str,
    pub(crate) name: String,
    pub(crate) edit: PolicyEdit,
}

/// A change to the policy of one check.
pub(crate) enum PolicyEdit {
    Edit(Box<dyn FnOnce(&mut Policy) + Send>),
    Override(PolicyOverride),
}

impl PolicyEdit {
    /// Changes the policies of the checks at these positions, which are several for a function with `#[each]`. Returns the problems
    /// of changes without an effect.
    pub(super) fn apply(self, checks: &mut [RegisteredCheck], indexes: &[usize]) -> Vec<String> {
        let mut problems = Vec::new();
        match self {
            Self::Edit(edit) => {
                let Some((first, others)) = indexes.split_first() else { return problems };
                let Some(first) = checks.get_mut(*first) else { return problems };
                let cache = first.policy.cache;
                let before = (!others.is_empty()).then(|| first.policy.clone());
                edit(&mut first.policy);
                let has_cache = first.policy.cache != cache;
                if let Some(before) = before {
                    let after = first.policy.clone();
                    for_each(checks, others, |check| check.policy.change(&before, &after));
                }
                for_each(checks, indexes, |check| {
                    if has_cache && check.policy.interval.is_some() {
                        let problem = "has an `interval`, so the `cache` of its policy would have no effect; remove it";
                        problems.push(format!("{check} {problem}"));
                    }
                });
            }
            Self::Override(change) => for_each(checks, indexes, |check| {
                let problem = change.clone().apply(&mut check.policy);
                problems.extend(problem.map(|problem| format!("{check} {problem}")));
            }),
        }
        problems
    }
}

fn for_each(checks: &mut [RegisteredCheck], indexes: &[usize], mut change: impl FnMut(&mut RegisteredCheck)) {
    for index in indexes {
        checks.get_mut(*index).into_iter().for_each(&mut change);
    }
}

/// Returns the change of each check, in the order of the calls, and the problems of environment variables.
pub(super) fn edits(changes: Vec<PolicyChange>, names: &Names) -> (Vec<NamedEdit>, Vec<String>) {
    let (mut edits, mut problems) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            PolicyChange::Named(edit) => edits.push(edit),
            PolicyChange::Environment(environment) => {
                let overrides = environment.overrides(names, &mut problems);
                edits.extend(overrides.into_iter().map(|(name, change)| NamedEdit {
                    method: "overrides_from_env",
                    name,
                    edit: PolicyEdit::Override(change),
                }));
            }
        }
    }
    (edits, problems)
}

/// Returns the keys of the checks that an override disables. Of several overrides for one check the last one counts.
pub(super) fn disabled_checks(edits: &[NamedEdit], names: &Names) -> HashSet<String> {
    let mut disabled = HashSet::new();
    for NamedEdit { name, edit, .. } in edits {
        match edit {
            PolicyEdit::Override(PolicyOverride { enabled: Some(false), .. }) => disabled.extend(names.keys(name)),
            PolicyEdit::Override(PolicyOverride { enabled: Some(true), .. }) => {
                for key in names.keys(name) {
                    disabled.remove(&key);
                }
            }
            PolicyEdit::Override(_) | PolicyEdit::Edit(_) => {}
        }
    }
    disabled
}
