//! `tests/CASES.md` and the names of the tests agree.

use std::collections::BTreeSet;
use std::fs;

use health_tests::workspace;

/// Returns `K9` for `- K9 Degraded and up …`.
fn listed(line: &str) -> Option<String> {
    let id = line.strip_prefix("- ")?.split(' ').next()?;
    is_id(id).then(|| id.to_owned())
}

/// Returns `K9` for `async fn k9_degraded_is_200() {`.
fn tested(line: &str) -> Option<String> {
    let (_, name) = line.split_once("fn ")?;
    let id = name.split_once('_')?.0.to_uppercase();
    is_id(&id).then_some(id)
}

fn is_id(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_uppercase())
        && text.len() > 1
        && characters.all(|other| other.is_ascii_digit())
}

fn sorted(ids: impl Iterator<Item = String>) -> BTreeSet<String> {
    ids.collect()
}

#[test]
fn every_case_has_a_test_and_every_id_is_a_case() {
    let list = fs::read_to_string(workspace::root().join("tests/CASES.md")).unwrap();
    let cases = sorted(list.lines().filter_map(listed));
    assert!(cases.len() > 60, "{cases:?}");
    let sources: Vec<String> =
        workspace::files(workspace::root(), "rs").iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let tests = sorted(sources.iter().flat_map(|source| source.lines()).filter_map(tested));
    let unknown: Vec<_> = tests.difference(&cases).collect();
    let untested: Vec<_> = cases.difference(&tests).collect();
    assert!(
        unknown.is_empty() && untested.is_empty(),
        "test names have ids that are missing in tests/CASES.md: {unknown:?}; cases there have no test: {untested:?}"
    );
}

#[test]
fn ids_are_found_in_the_list_and_in_test_names() {
    assert_eq!(listed("- K9 Degraded and up are 200."), Some("K9".to_owned()));
    assert_eq!(listed("- Kinds and aggregation"), None);
    assert_eq!(tested("    async fn k12_one_name_twice() {"), Some("K12".to_owned()));
    assert_eq!(tested("fn kinds_are_listed() {"), None);
    assert_eq!(tested("fn k_9_degraded() {"), None);
}
