//! The "did you mean" of messages: finds the known name that is nearest to a misspelt one.

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
    fn a_dissimilar_name_finds_none() {
        for dissimilar in ["foo", "x", "", "deadline", "grüße"] {
            assert_eq!(nearest(dissimilar, NAMES), None, "{dissimilar}");
        }
    }
}
