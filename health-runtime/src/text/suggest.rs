//! The "did you mean" of messages.

/// Returns the name in `known` that was probably intended, if one differs by a slip of the keyboard. Ignores ASCII case.
pub(crate) fn nearest<'k>(misspelt: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let max_distance = (misspelt.chars().count() / 3).min(2);
    let misspelt = misspelt.to_ascii_lowercase();
    let distances = known.into_iter().map(|name| (strsim::osa_distance(&misspelt, &name.to_ascii_lowercase()), name));
    distances.filter(|(distance, _)| *distance <= max_distance).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_the_nearest_one() {
        let known = ["database", "orders-db", "cache", "x"];
        for (misspelt, intended) in [
            ("databse", Some("database")),
            ("Database", Some("database")),
            ("orders_db", Some("orders-db")),
            ("cahce", Some("cache")),
            ("X", Some("x")),
            ("y", None),
            ("redis", None),
            ("data-bases", Some("database")),
            ("my-databases", None),
            ("", None),
        ] {
            assert_eq!(nearest(misspelt, known), intended, "{misspelt}");
        }
    }
}
