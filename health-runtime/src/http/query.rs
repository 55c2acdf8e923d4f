//! The query of a probe.

use std::borrow::Cow;

use crate::core::model::sort::sort_and_dedup;
use crate::http::format::Format;

/// The parameters that a probe can have. All others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    pub(super) verbose: bool,
    /// Sorted, each once, so that looking up a check is cheap however many there are.
    pub(super) excluded: Vec<String>,
    /// Sorted, each once.
    pub(super) tags: Vec<String>,
    /// The first `format` with a known name.
    pub(super) format: Option<Format>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (key, value) in pairs(text) {
            match &*key {
                "verbose" => query.verbose = true,
                "exclude" => query.excluded.push(value.into_owned()),
                "tag" => query.tags.push(value.into_owned()),
                // A `+` in a query means a space, so `health+json` arrives as `health json`.
                "format" => {
                    let is_named = |format: &Format| format.name() == value || format.name().replace('+', " ") == value;
                    query.format = query.format.or_else(|| Format::ALL.into_iter().find(is_named));
                }
                _ => {}
            }
        }
        for names in [&mut query.excluded, &mut query.tags] {
            sort_and_dedup(names);
        }
        query
    }
}

/// Returns the pairs of a query. Decoding each of thousands of names would cost more than all else.
fn pairs(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    text.split('&').filter_map(|pair| {
        if pair.contains(['%', '+']) {
            return form_urlencoded::parse(pair.as_bytes()).next();
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (!pair.is_empty()).then_some((Cow::Borrowed(key), Cow::Borrowed(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_parameters_are_parsed_and_others_ignored() {
        let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let none = Query::default();
        for (query, expected) in [
            ("", none.clone()),
            ("x=1&y", none.clone()),
            ("verbose", Query { verbose: true, ..none.clone() }),
            ("verbose=false", Query { verbose: true, ..none.clone() }),
            ("exclude=b%2Fc&exclude=a&exclude=a", Query { excluded: named(&["a", "b/c"]), ..none.clone() }),
            ("tag=db&tag=&tag=db", Query { tags: named(&["", "db"]), ..none.clone() }),
            ("format=html", Query { format: Some(Format::Html), ..none.clone() }),
            ("format=text", Query { format: Some(Format::Text), ..none.clone() }),
            ("format=health+json", Query { format: Some(Format::HealthJson), ..none.clone() }),
            ("format=health%2Bjson", Query { format: Some(Format::HealthJson), ..none.clone() }),
            ("format=microprofile", Query { format: Some(Format::MicroProfile), ..none.clone() }),
            ("format=spring", Query { format: Some(Format::Spring), ..none.clone() }),
            ("format=xml&format=json", Query { format: Some(Format::Json), ..none.clone() }),
            ("format=TEXT", none.clone()),
            ("%ff=%ff&&=&exclude", Query { excluded: named(&[""]), ..none.clone() }),
        ] {
            assert_eq!(Query::parse(query), expected, "{query}");
        }
    }

    proptest::proptest! {
        #[test]
        fn pairs_are_those_of_the_standard(query in "[a%+=&0-9é]{0,60}") {
            let expected: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
            proptest::prop_assert_eq!(pairs(&query).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn any_query_is_parsed(query in ".{0,200}") {
            let parsed = Query::parse(&query);
            proptest::prop_assert!(parsed.excluded.len() + parsed.tags.len() <= query.len());
        }

        #[test]
        fn encoded_parameters_are_decoded(name in ".{0,40}", tag in ".{0,40}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("exclude", &name)
                .append_pair("tag", &tag)
                .append_key_only("verbose")
                .finish();
            let expected = Query { verbose: true, excluded: vec![name], tags: vec![tag], format: None };
            proptest::prop_assert_eq!(Query::parse(&query), expected);
        }
    }
}
