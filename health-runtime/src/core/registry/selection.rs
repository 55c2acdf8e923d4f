//! Which checks take part: `only`, `without`, and overrides with `enabled = false`.

use std::collections::HashSet;

use super::names::{self, Names};

pub(super) struct Selection {
    /// `None` for all linked checks.
    only: Option<Vec<String>>,
    without: Vec<String>,
    only_keys: HashSet<String>,
    without_keys: HashSet<String>,
    disabled_keys: HashSet<String>,
}

impl Selection {
    pub(super) fn new(only: Option<Vec<String>>, without: Vec<String>, disabled_keys: HashSet<String>, names: &Names) -> Self {
        let keys = |listed: &[String]| listed.iter().flat_map(|name| names.keys(name)).collect();
        let only_keys = keys(only.as_deref().unwrap_or_default());
        let without_keys = keys(&without);
        Self { only, without, only_keys, without_keys, disabled_keys }
    }

    /// Whether a check created at run time takes part.
    pub(super) fn includes(&self, name: &str) -> bool {
        !self.disabled_keys.contains(&*names::key(name))
    }

    /// Whether a linked check takes part.
    pub(super) fn includes_linked(&self, name: &str) -> bool {
        let key = &*names::key(name);
        let is_listed = self.only.is_none() || self.only_keys.contains(key);
        is_listed && !self.without_keys.contains(key) && !self.disabled_keys.contains(key)
    }

    /// Returns the names that no linked check has, and those that are both included and left out.
    pub(super) fn problems(&self, names: &Names) -> Vec<String> {
        let only = self.only.as_deref().unwrap_or_default();
        let listed = only.iter().map(|name| ("only", name)).chain(self.without.iter().map(|name| ("without", name)));
        let unknown = listed.filter(|(_, name)| !names.contains_linked(name));
        let without: HashSet<String> = self.without.iter().map(|name| names::key(name).into_owned()).collect();
        let contradictory = only.iter().filter(|name| without.contains(&*names::key(name)));
        unknown
            .map(|(method, name)| names.unknown_linked(method, name))
            .chain(contradictory.map(|name| format!("health check `{name}` is in both `only` and `without`; remove it from one")))
            .collect()
    }
}
