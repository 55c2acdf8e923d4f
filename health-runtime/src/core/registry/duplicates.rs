//! Several checks with one name.

use std::borrow::Cow;
use std::collections::HashSet;

use super::RegisteredCheck;
use super::names::key;
use crate::core::model::sort::sort_by;

/// Returns a problem for each name that several checks have. The name of a function with `#[each]` stands for all its instances,
/// so no other check may have it.
pub(super) fn problems(checks: &[RegisteredCheck]) -> Vec<String> {
    let mut all = Vec::new();
    let mut functions = HashSet::new();
    for check in checks {
        all.push(Named { key: key(&check.name), name: &check.name, check });
        if let Some(group) = check.group.filter(|group| functions.insert(group.index)) {
            all.push(Named { key: key(group.name()), name: group.name(), check });
        }
    }
    sort_by(&mut all, |a, b| a.key.cmp(&b.key));
    let duplicates: Vec<_> = all.chunk_by(|a, b| a.key == b.key).filter(|named| named.len() > 1).collect();
    let keys: HashSet<&str> = duplicates.iter().filter_map(|named| named.first()).map(|named| &*named.key).collect();
    // Instances of two functions with one name have the same names.
    let is_consequence = |named: &Named<'_>| {
        named.check.group.is_some_and(|group| group.name() != named.name && keys.contains(&*key(group.name())))
    };
    duplicates.into_iter().filter(|named| !named.iter().all(is_consequence)).map(describe).collect()
}

/// A check under its own name or under that of its function.
struct Named<'c> {
    key: Cow<'c, str>,
    name: &'c str,
    check: &'c RegisteredCheck,
}

fn describe(named: &[Named<'_>]) -> String {
    let checks: Vec<String> =
        named.iter().map(|Named { name, check, .. }| format!("health check `{name}` ({})", check.location)).collect();
    let has_linked = named.iter().any(|named| named.check.source.is_linked());
    let how = if has_linked { ", add `name = …` to the attribute" } else { "" };
    let remedy = if named.len() == 2 { "rename one" } else { "rename all but one" };
    format!("duplicate check name: {}; {remedy}{how}", checks.join(" and "))
}
