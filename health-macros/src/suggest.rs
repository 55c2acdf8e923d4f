//! The "did you mean" of messages: the known name that is nearest to a misspelt one, or that other frameworks call otherwise.

use crate::keys;

/// Names that the attribute does not have, and the option that they mean, or a text where it is not an option alone.
const SYNONYMS: [(&[&str], &str); 13] = [
    (&["ttl", "cache_ttl", "cached", "cache_for", "max_age", "expires"], "cache"),
    (&["retries", "retry", "attempts", "failures", "max_failures", "threshold"], "failure_threshold"),
    (&["successes", "min_successes", "recoveries"], "success_threshold"),
    (&["every", "period", "period_seconds", "frequency", "schedule", "poll", "refresh"], "interval"),
    (&["deadline", "limit", "time_limit", "max_duration"], "timeout"),
    (&["min_up", "at_least", "min_instances", "required_instances", "any_of"], "quorum"),
    (&["group", "groups", "label", "labels", "category"], "tags"),
    (&["id", "title", "called"], "name"),
    (&["summary", "help", "about", "comment"], "description"),
    (&["depends_on", "depends", "dependencies", "requires", "needs"], "after"),
    (&["optional", "non_critical", "noncritical", "not_critical", "severity"], "`critical = false`"),
    (&["required", "essential", "mandatory"], "`critical = true`, the default"),
    (&["enabled", "enable", "disabled", "disable", "skip"], "`#[cfg(…)]`, or `enabled` in a `PolicyOverride`"),
];

/// Returns what was probably intended by an unknown argument, to follow "did you mean".
pub(crate) fn intended(unknown: &str) -> Option<String> {
    let unknown = unknown.trim_start_matches("r#").to_lowercase();
    match SYNONYMS.into_iter().find(|(names, _)| names.contains(&&*unknown)) {
        Some((_, text)) if text.starts_with('`') => Some(text.to_owned()),
        Some((_, option)) => keys::names().find(|name| *name == option).map(|name| format!("`{name}`")),
        None => nearest(&unknown, keys::names()).map(|name| format!("`{name}`")),
    }
}

/// Returns the name in `known` that was probably intended, if one is similar enough.
pub(crate) fn nearest<'k>(misspelt: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let misspelt = misspelt.trim_start_matches("r#").to_lowercase();
    let max_distance = (misspelt.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&misspelt, name), name))
        .filter(|&(distance, name)| distance <= max_distance || common_prefix(&misspelt, name) >= 4)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

fn common_prefix(left: &str, right: &str) -> usize {
    left.chars().zip(right.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 7] = ["liveness", "readiness", "startup", "timeout", "failure_threshold", "success_threshold", "tags"];

    #[test]
    fn a_misspelt_name_finds_the_intended_one() {
        for (misspelt, intended) in [
            ("rediness", "readiness"),
            ("Readiness", "readiness"),
            ("ready", "readiness"),
            ("live", "liveness"),
            ("start_up", "startup"),
            ("timeuot", "timeout"),
            ("timout", "timeout"),
            ("tag", "tags"),
            ("failure_treshold", "failure_threshold"),
            ("sucess_threshold", "success_threshold"),
            ("r#timeout", "timeout"),
        ] {
            assert_eq!(nearest(misspelt, NAMES), Some(intended), "{misspelt}");
        }
    }

    #[test]
    fn a_name_of_another_framework_finds_the_option() {
        for (unknown, intended_name) in [
            ("ttl", "`cache`"),
            ("retries", "`failure_threshold`"),
            ("every", "`interval`"),
            ("period", "`interval`"),
            ("optional", "`critical = false`"),
            ("non_critical", "`critical = false`"),
            ("Severity", "`critical = false`"),
            ("group", "`tags`"),
            ("required", "`critical = true`, the default"),
            ("enabled", "`#[cfg(…)]`, or `enabled` in a `PolicyOverride`"),
            ("timout", "`timeout`"),
        ] {
            assert_eq!(intended(unknown).as_deref(), Some(intended_name), "{unknown}");
        }
        assert_eq!(intended("foo"), None);
    }

    #[test]
    fn synonyms_are_unknown_names_and_occur_once() {
        let mut seen = std::collections::BTreeSet::new();
        for name in SYNONYMS.into_iter().flat_map(|(names, _)| names) {
            assert!(keys::names().all(|known| known != *name) && seen.insert(name), "{name}");
        }
    }

    #[test]
    fn a_dissimilar_name_finds_none() {
        for dissimilar in ["foo", "x", "", "deadline", "grüße"] {
            assert_eq!(nearest(dissimilar, NAMES), None, "{dissimilar}");
        }
    }
}
