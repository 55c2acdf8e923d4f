//! Changes to checks that were named, from the builder and from the application's configuration.

use std::collections::BTreeSet;

use super::Registered;
use crate::core::model::policy::Policy;
use crate::core::registry::policy_override::PolicyOverride;

/// A change to a check that was named.
pub(crate) enum Edit {
    Policy(Box<dyn FnOnce(&mut Policy) + Send>),
    Override(PolicyOverride),
}

impl Edit {
    /// The method of the builder that took it.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Policy(_) => "policy",
            Self::Override(_) => "overrides",
        }
    }

    pub(super) fn apply(self, check: &mut Registered) -> Option<String> {
        let mistake = match self {
            Self::Policy(edit) => {
                let cache = check.policy.cache;
                edit(&mut check.policy);
                let is_in_vain = check.policy.cache != cache && check.policy.interval.is_some();
                is_in_vain.then_some("has an `interval`, so the `cache` of its policy would do nothing; leave it out")
            }
            Self::Override(change) => change.apply(&mut check.policy),
        };
        mistake.map(|mistake| format!("{check} {mistake}"))
    }
}

/// The checks that an override leaves out, in lower case: of several overrides for one the last to say so counts.
pub(super) fn disabled(edits: &[(String, Edit)]) -> BTreeSet<String> {
    let mut disabled = BTreeSet::new();
    for (name, edit) in edits {
        match edit {
            Edit::Override(PolicyOverride { enabled: Some(false), .. }) => disabled.insert(name.to_ascii_lowercase()),
            Edit::Override(PolicyOverride { enabled: Some(true), .. }) => disabled.remove(&name.to_ascii_lowercase()),
            Edit::Override(_) | Edit::Policy(_) => false,
        };
    }
    disabled
}
