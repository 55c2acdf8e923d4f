//! "did you mean": the known word that is nearest to a misspelt one.

/// The word of `known` that was probably meant, if any comes near enough.
pub(crate) fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let written = written.trim_start_matches("r#").to_lowercase();
    let near = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(&written, word), word))
        .filter(|&(distance, word)| distance <= near || common_prefix(&written, word) >= 4)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

/// How many characters must be put in, taken out, replaced or swapped with their neighbour (Levenshtein, with swaps).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut left_of_row = None;
    for (row, here) in from.chars().enumerate() {
        let mut line = Vec::with_capacity(last.len());
        let mut left = row + 1;
        line.push(left);
        for (column, (&there, (&above_left, &above))) in to.iter().zip(last.iter().zip(last.iter().skip(1))).enumerate() {
            let mut best = (above + 1).min(left + 1).min(above_left + usize::from(here != there));
            if left_of_row == Some(there)
                && let Some(previous) = column.checked_sub(1)
                && to.get(previous) == Some(&here)
                && let Some(&two_back) = before_last.get(previous)
            {
                best = best.min(two_back + 1);
            }
            line.push(best);
            left = best;
        }
        left_of_row = Some(here);
        before_last = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}

fn common_prefix(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 7] = ["liveness", "readiness", "startup", "timeout", "failure_threshold", "success_threshold", "tags"];

    #[test]
    fn misspelt_words_find_the_one_that_was_meant() {
        for (written, meant) in [
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
            assert_eq!(nearest(written, WORDS), Some(meant), "{written}");
        }
    }

    #[test]
    fn far_words_find_none() {
        for written in ["foo", "x", "", "deadline", "grüße"] {
            assert_eq!(nearest(written, WORDS), None, "{written}");
        }
    }

    #[test]
    fn distances() {
        for (from, to, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("acb", "abc", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
