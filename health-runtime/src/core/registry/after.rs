//! The checks that a check runs after, its parents: from names to positions, and the problems with them.

use std::collections::HashSet;

use super::names::Names;
use super::{Kind, RegisteredCheck};
use crate::core::model::name::same_name;

/// Sets the parents of each check, and its depth. Returns every problem, once for all instances of a function.
pub(super) fn resolve(checks: &mut [RegisteredCheck], names: &Names) -> Vec<String> {
    if checks.iter().all(|check| check.dependencies.is_none()) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let mut functions = HashSet::new();
    for index in 0..checks.len() {
        let Some(check) = checks.get(index) else { continue };
        let is_first = check.group.is_none_or(|group| functions.insert(group.index));
        let mut found = Vec::new();
        let parents = parents(check, checks, names, &mut found);
        problems.extend(found.into_iter().filter(|_| is_first));
        if let Some(dependencies) = checks.get_mut(index).and_then(|check| check.dependencies.as_mut()) {
            (dependencies.parents, dependencies.parent_groups) = parents;
        }
    }
    while let Some(cycle) = set_depths(checks) {
        problems.push(describe_cycle(&cycle, checks));
        // Without this edge the other cycles are found.
        if let [first, ..] = cycle.as_slice()
            && let Some(dependencies) = checks.get_mut(*first).and_then(|check| check.dependencies.as_mut())
        {
            dependencies.parents.clear();
        }
    }
    problems
}

/// Returns the positions of the parents that take part, and the numbers of the functions that are named, and not one instance.
fn parents(
    check: &RegisteredCheck,
    checks: &[RegisteredCheck],
    names: &Names,
    problems: &mut Vec<String>,
) -> (Vec<usize>, Vec<usize>) {
    let (mut parents, mut groups) = (Vec::new(), Vec::new());
    // The names of a check without runs have no effect, which is a problem of its own.
    let after = if check.source.is_executable() { check.dependencies().after.as_slice() } else { &[] };
    for name in after {
        let Some(found) = names.indexes_of(name) else {
            problems.push(format!("{check} {}", names.unknown_parent(name)));
            continue;
        };
        if found.iter().any(|parent| parents.contains(parent)) {
            problems.push(format!("{check} names `{name}` twice in `after`; remove one"));
            continue;
        }
        let found_checks = || found.iter().filter_map(|parent| checks.get(*parent));
        if check.kinds.has(Kind::Liveness) && found_checks().any(|parent| !parent.kinds.has(Kind::Liveness)) {
            problems.push(format!(
                "{check} is a liveness check and runs after `{name}`, which is not; remove it from `after`, or give both one kind"
            ));
        }
        let group = found_checks().find_map(|parent| parent.group.filter(|group| same_name(group.name(), name)));
        groups.extend(group.map(|group| group.index));
        parents.extend(found);
    }
    (parents, groups)
}

/// Sets the depth of each check: 0 without parents, else one more than the deepest parent. Returns the first cycle instead.
fn set_depths(checks: &mut [RegisteredCheck]) -> Option<Vec<usize>> {
    let mut waiting: Vec<usize> = checks.iter().map(|check| check.dependencies().parents.len()).collect();
    let mut children: Vec<Vec<usize>> = checks.iter().map(|_| Vec::new()).collect();
    for (index, check) in checks.iter().enumerate() {
        for parent in &check.dependencies().parents {
            if let Some(children) = children.get_mut(*parent) {
                children.push(index);
            }
        }
    }
    let mut ready: Vec<(usize, usize)> =
        waiting.iter().enumerate().filter(|(_, waiting)| **waiting == 0).map(|(index, _)| (index, 0)).collect();
    let mut next = 0;
    while let Some((index, depth)) = ready.get(next).copied() {
        next += 1;
        if let Some(dependencies) = checks.get_mut(index).and_then(|check| check.dependencies.as_mut()) {
            dependencies.depth = depth;
        }
        for child in children.get(index).into_iter().flatten() {
            if let Some(waiting) = waiting.get_mut(*child) {
                *waiting -= 1;
                if *waiting == 0 {
                    // Breadth first: the parent that was waited for last is the deepest.
                    ready.push((*child, depth + 1));
                }
            }
        }
    }
    let start = waiting.iter().position(|waiting| *waiting > 0)?;
    Some(cycle_from(start, checks, &waiting))
}

/// Follows parents that wait themselves until one comes a second time.
fn cycle_from(start: usize, checks: &[RegisteredCheck], waiting: &[usize]) -> Vec<usize> {
    let is_waiting = |index: &usize| waiting.get(*index).is_some_and(|waiting| *waiting > 0);
    let mut path = vec![start];
    while let Some(parent) =
        path.last().and_then(|last| checks.get(*last)?.dependencies().parents.iter().copied().find(is_waiting))
    {
        if let Some(begin) = path.iter().position(|index| *index == parent) {
            return path.split_off(begin);
        }
        path.push(parent);
    }
    path
}

fn describe_cycle(cycle: &[usize], checks: &[RegisteredCheck]) -> String {
    let members: Vec<&RegisteredCheck> = cycle.iter().filter_map(|index| checks.get(*index)).collect();
    let Some(first) = members.iter().min_by_key(|check| &check.name) else { return String::new() };
    let begin = members.iter().position(|check| check.name == first.name).unwrap_or_default();
    let path = members.iter().cycle().skip(begin).take(members.len() + 1).map(|check| format!("`{}`", check.name));
    format!("{first} runs after itself: {}; remove one `after`", path.collect::<Vec<_>>().join(" after "))
}
