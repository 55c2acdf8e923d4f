//! Changes to the policies of named checks, from the builder and from the application's configuration.

use std::collections::BTreeSet;

use super::RegisteredCheck;
use super::policy_override::PolicyOverride;
use crate::core::model::policy::Policy;

/// A change to the policy of one check.
pub(crate) enum PolicyEdit {
    Edit(Box<dyn FnOnce(&mut Policy) + Send>),
    Override(PolicyOverride),
}

impl PolicyEdit {
    /// Returns the name of the builder's method.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Edit(_) => "policy",
            Self::Override(_) => "overrides",
        }
    }

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

/// Returns the checks that an override disables, in lower case. Of several overrides for one check the last one counts.
pub(super) fn disabled_checks(edits: &[(String, PolicyEdit)]) -> BTreeSet<String> {
    let mut disabled = BTreeSet::new();
    for (name, edit) in edits {
        match edit {
            PolicyEdit::Override(PolicyOverride { enabled: Some(false), .. }) => disabled.insert(name.to_ascii_lowercase()),
            PolicyEdit::Override(PolicyOverride { enabled: Some(true), .. }) => disabled.remove(&name.to_ascii_lowercase()),
            PolicyEdit::Override(_) | PolicyEdit::Edit(_) => false,
        };
    }
    disabled
}
