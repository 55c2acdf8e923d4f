//! What stands behind the `?`.

use actix_web::dev::ServiceRequest;

use crate::http::format::Format;

/// The arguments that we hear. All others are somebody else's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Query {
    pub(crate) verbose: bool,
    pub(crate) excluded: Vec<String>,
    pub(crate) tags: Vec<String>,
    /// The first that is known.
    pub(crate) format: Option<Format>,
}

impl Query {
    pub(crate) fn of(req: &ServiceRequest) -> Self {
        Self::read(req.query_string())
    }

    fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "verbose" => read.verbose = true,
                "exclude" => read.excluded.push(value.into_owned()),
                "tag" => read.tags.push(value.into_owned()),
                // In a query a `+` stands for a space, so this is `health+json` as people write it.
                "format" => {
                    let named = |format: &Format| format.name() == value || format.name().replace('+', " ") == value;
                    read.format = read.format.or_else(|| Format::ALL.into_iter().find(named));
                }
                _ => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_heard_and_others_passed_over() {
        let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let none = Query::default();
        for (query, expected) in [
            ("", none.clone()),
            ("x=1&y", none.clone()),
            ("verbose", Query { verbose: true, ..none.clone() }),
            ("verbose=false", Query { verbose: true, ..none.clone() }),
            ("exclude=a&exclude=b%2Fc", Query { excluded: named(&["a", "b/c"]), ..none.clone() }),
            ("tag=db&tag=", Query { tags: named(&["db", ""]), ..none.clone() }),
            ("format=html", Query { format: cfg!(feature = "page").then_some(Format::Html), ..none.clone() }),
            ("format=text", Query { format: Some(Format::Text), ..none.clone() }),
            ("format=health+json", Query { format: Some(Format::HealthJson), ..none.clone() }),
            ("format=health%2Bjson", Query { format: Some(Format::HealthJson), ..none.clone() }),
            ("format=microprofile", Query { format: Some(Format::MicroProfile), ..none.clone() }),
            ("format=spring", Query { format: Some(Format::Spring), ..none.clone() }),
            ("format=xml&format=json", Query { format: Some(Format::Json), ..none.clone() }),
            ("format=TEXT", none.clone()),
            ("%ff=%ff&&=&exclude", Query { excluded: named(&[""]), ..none.clone() }),
        ] {
            assert_eq!(Query::read(query), expected, "{query}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_read(query in ".{0,200}") {
            let read = Query::read(&query);
            proptest::prop_assert!(read.excluded.len() + read.tags.len() <= query.len());
        }

        #[test]
        fn what_is_encoded_comes_back(name in ".{0,40}", tag in ".{0,40}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("exclude", &name)
                .append_pair("tag", &tag)
                .append_key_only("verbose")
                .finish();
            let expected = Query { verbose: true, excluded: vec![name], tags: vec![tag], format: None };
            proptest::prop_assert_eq!(Query::read(&query), expected);
        }
    }
}
