//! Several checks with one name.

use std::collections::{BTreeMap, BTreeSet};

use super::RegisteredCheck;
use super::names::key;

/// Returns a problem for each name that several checks have. The name of a function with `#[each]` stands for all its instances,
/// so no other check may have it.
pub(super) fn problems(checks: &[RegisteredCheck]) -> Vec<String> {
    let mut by_key: BTreeMap<String, Vec<Named<'_>>> = BTreeMap::new();
    let mut functions = BTreeSet::new();
    for check in checks {
        by_key.entry(key(&check.name).into_owned()).or_default().push(Named { name: &check.name, check });
        if let Some(group) = check.group.filter(|group| functions.insert(group.index)) {
            by_key.entry(key(group.name()).into_owned()).or_default().push(Named { name: group.name(), check });
        }
    }
    // Instances of two functions with one name have the same names.
    let is_duplicate = |name: &str| by_key.get(&*key(name)).is_some_and(|named| named.len() > 1);
    let is_consequence =
        |named: &Named<'_>| named.check.group.is_some_and(|group| group.name() != named.name && is_duplicate(group.name()));
    let duplicates = by_key.values().filter(|named| named.len() > 1 && !named.iter().all(is_consequence));
    duplicates.map(|named| describe(named)).collect()
}

/// A check under its own name or under that of its function.
struct Named<'c> {
    name: &'c str,
    check: &'c RegisteredCheck,
}

fn describe(named: &[Named<'_>]) -> String {
    let checks: Vec<String> =
        named.iter().map(|Named { name, check }| format!("health check `{name}` ({})", check.location)).collect();
    let has_linked = named.iter().any(|named| named.check.source.is_linked());
    let how = if has_linked { ", add `name = …` to the attribute" } else { "" };
    let remedy = if named.len() == 2 { "rename one" } else { "rename all but one" };
    format!("duplicate check name: {}; {remedy}{how}", checks.join(" and "))
}
