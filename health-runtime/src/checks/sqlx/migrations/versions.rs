//! Compares the migrations of a database with those of the program.

use crate::core::model::outcome::Outcome;

/// How many versions a reason names.
const MAX_NAMED: usize = 5;

/// One migration.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) number: i64,
    pub(super) checksum: Vec<u8>,
}

/// Compares the applied migrations with the expected ones, both sorted by version.
pub(super) fn outcome(dirty: Option<i64>, applied: &[Version], expected: &[Version]) -> Outcome {
    let find = |number: i64| applied.binary_search_by_key(&number, |version| version.number).ok().and_then(|at| applied.get(at));
    let pending = numbers(expected.iter().filter(|version| find(version.number).is_none()));
    let has_changed = |version: &&Version| find(version.number).is_some_and(|applied| applied.checksum != version.checksum);
    let changed = numbers(expected.iter().filter(has_changed));
    let [newest_applied, newest_expected] = [applied, expected].map(|versions| versions.last().map(|version| version.number));
    let outcome = match (dirty, newest_applied, newest_expected) {
        (Some(dirty), ..) => Outcome::down(format!("dirty: version {dirty} failed")),
        (None, None, Some(newest)) => Outcome::down(format!("no migrations: version {newest} is expected")),
        _ if !pending.is_empty() => {
            Outcome::down(format!("behind: {}", sentence(&pending, ["is not applied", "are not applied"])))
        }
        _ if !changed.is_empty() => Outcome::degraded(format!("changed: {}", sentence(&changed, ["differs", "differ"]))),
        _ => Outcome::up(),
    };
    let details = [("applied", newest_applied), ("expected", newest_expected)];
    details.into_iter().fold(outcome, |outcome, (key, newest)| match newest {
        Some(newest) => outcome.with(key, newest),
        None => outcome,
    })
}

fn numbers<'v>(versions: impl Iterator<Item = &'v Version>) -> Vec<i64> {
    versions.map(|version| version.number).collect()
}

/// Returns a sentence such as `version 3 is not applied` or `versions 3, 4 and 8 more are not applied`.
fn sentence(versions: &[i64], [singular, plural]: [&str; 2]) -> String {
    let named: Vec<String> = versions.iter().take(MAX_NAMED).map(i64::to_string).collect();
    match (versions.len(), named.join(", ")) {
        (1, version) => format!("version {version} {singular}"),
        (count, list) if count > MAX_NAMED => format!("versions {list} and {} more {plural}", count - MAX_NAMED),
        (_, list) => format!("versions {list} {plural}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::status::Status;

    fn versions(numbers: &[i64]) -> Vec<Version> {
        numbers.iter().map(|number| Version { number: *number, checksum: vec![1] }).collect()
    }

    #[test]
    fn b9_the_outcome_depends_on_the_versions() {
        for (dirty, applied, expected, status, reason) in [
            (None, &[][..], &[][..], Status::Up, None),
            (None, &[1, 2], &[1, 2], Status::Up, None),
            (None, &[1, 2, 3], &[1, 2], Status::Up, None),
            (None, &[1, 2, 3], &[], Status::Up, None),
            (None, &[1], &[1, 2], Status::Down, Some("behind: version 2 is not applied")),
            (None, &[1, 3], &[1, 2, 3], Status::Down, Some("behind: version 2 is not applied")),
            (None, &[9], &[1, 2], Status::Down, Some("behind: versions 1, 2 are not applied")),
            (
                None,
                &[1],
                &[1, 2, 3, 4, 5, 6, 7, 8],
                Status::Down,
                Some("behind: versions 2, 3, 4, 5, 6 and 2 more are not applied"),
            ),
            (None, &[], &[1, 2], Status::Down, Some("no migrations: version 2 is expected")),
            (Some(2), &[1, 2], &[1, 2, 3], Status::Down, Some("dirty: version 2 failed")),
            (Some(4), &[1, 2, 4], &[1, 2], Status::Down, Some("dirty: version 4 failed")),
        ] {
            let outcome = outcome(dirty, &versions(applied), &versions(expected));
            assert_eq!((outcome.status(), outcome.reason()), (status, reason), "{applied:?} {expected:?}");
            for (key, newest) in [("applied", applied.last()), ("expected", expected.last())] {
                assert_eq!(outcome.detail(key).and_then(|value| value.as_i64()), newest.copied(), "{key}");
            }
        }
        let mut changed = versions(&[1, 2]);
        changed[1].checksum = vec![2];
        let outcome = outcome(None, &versions(&[1, 2, 3]), &changed);
        assert_eq!((outcome.status(), outcome.reason()), (Status::Degraded, Some("changed: version 2 differs")));
    }
}
