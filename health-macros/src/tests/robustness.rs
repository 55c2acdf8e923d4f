//! Tokens that nobody meant: right or wrong, they are answered in words.

use proc_macro2::TokenStream;

use super::expand;

const OTHERS: [&str; 18] = [
    "",
    ",",
    "=",
    ": :",
    "-",
    "->",
    "liveness",
    "cache",
    "\"\"",
    "b'x'",
    "1.5",
    "()",
    "[,]",
    "[[]]",
    "{ = }",
    "'a",
    "r#type",
    "#[health_check]",
];

/// Each token of a good text left out, replaced by another, and followed by another.
fn mutations(good: &str) -> Vec<String> {
    let tokens: Vec<String> = good.parse::<TokenStream>().unwrap().into_iter().map(|token| token.to_string()).collect();
    let mut mutations = Vec::new();
    for index in 0..tokens.len() {
        for (other, kept) in OTHERS.into_iter().flat_map(|other| [(other, 0), (other, 1)]) {
            mutations.push(format!("{} {other} {}", tokens[..index + kept].join(" "), tokens[index + 1..].join(" ")));
        }
    }
    mutations.retain(|text| text.parse::<TokenStream>().is_ok());
    mutations
}

#[test]
fn arguments() {
    let good = "readiness, name = \"a\", timeout = \"1s\", critical = false, failure_threshold = -3, tags = [\"a\", \"b\"], crate = ::a::b";
    for arguments in mutations(good) {
        for message in expand(&arguments, "fn db() {}").1 {
            assert!(message.contains(';'), "{arguments}: {message}");
        }
    }
}

#[test]
fn items() {
    let good = "/** a */ #[cfg(unix)] pub(crate) const async unsafe extern \"C\" fn db<'a, T>(a: &'a A, b: Option<&mut B>) -> Result<(), E> where T: A { body }";
    for item in mutations(good) {
        let (tokens, errors) = expand("readiness", &item);
        assert!(!tokens.is_empty(), "{item}");
        assert!(errors.iter().all(|error| !error.is_empty()), "{item}");
    }
}
