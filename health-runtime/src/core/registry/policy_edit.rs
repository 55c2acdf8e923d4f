//! Changes to the policies of named checks, from the builder and from the application's configuration.

use std::collections::BTreeSet;

use super::names::{self, Names};
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
    /// Changes the policy. Returns the problem of a change without an effect.
    pub(super) fn apply(self, check: &mut RegisteredCheck) -> Option<String> {
        let problem = match self {
            Self::Edit(edit) => {
                let cache = check.policy.cache;
                edit(&mut check.policy);
                let has_no_effect = check.policy.cache != cache && check.policy.interval.is_some();
                has_no_effect.then_some("has an `interval`, so the `cache` of its policy would have no effect; remove it")
            }
            Self::Override(change) => change.apply(&mut check.policy),
        };
        problem.map(|problem| format!("{check} {problem}"))
    }
}

/// Returns the change of each check, in the order of the calls, and the problems of environment variables.
pub(super) fn edits(changes: Vec<PolicyChange>, names: &Names) -> (Vec<NamedEdit>, Vec<String>) {
    let (mut edits, mut problems) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            PolicyChange::Named(edit) => edits.push(edit),
            PolicyChange::Environment(environment) => {
                let by_name = environment.overrides(names, &mut problems);
                let method = "overrides_from_env";
                edits.extend(by_name.into_iter().map(|(name, change)| NamedEdit {
                    method,
                    name,
                    edit: PolicyEdit::Override(change),
                }));
            }
        }
    }
    (edits, problems)
}

/// Returns the keys of the checks that an override disables. Of several overrides for one check the last one counts.
pub(super) fn disabled_checks(edits: &[NamedEdit]) -> BTreeSet<String> {
    let mut disabled = BTreeSet::new();
    for NamedEdit { name, edit, .. } in edits {
        match edit {
            PolicyEdit::Override(PolicyOverride { enabled: Some(false), .. }) => disabled.insert(names::key(name)),
            PolicyEdit::Override(PolicyOverride { enabled: Some(true), .. }) => disabled.remove(&names::key(name)),
            PolicyEdit::Override(_) | PolicyEdit::Edit(_) => false,
        };
    }
    disabled
}
