//! Invalid tokens never cause a panic, and each message contains a remedy.

use proc_macro2::TokenStream;

use super::expand;

const REPLACEMENTS: [&str; 18] = [
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

/// Returns variants of `valid` in which one token is removed, replaced or followed by another token.
fn mutations(valid: &str) -> Vec<String> {
    let tokens: Vec<String> = valid.parse::<TokenStream>().unwrap().into_iter().map(|token| token.to_string()).collect();
    let mut mutations = Vec::new();
    for index in 0..tokens.len() {
        for (replacement, kept) in REPLACEMENTS.into_iter().flat_map(|replacement| [(replacement, 0), (replacement, 1)]) {
            mutations.push(format!("{} {replacement} {}", tokens[..index + kept].join(" "), tokens[index + 1..].join(" ")));
        }
    }
    mutations.retain(|text| text.parse::<TokenStream>().is_ok());
    mutations
}

#[test]
fn mutated_arguments() {
    let valid = "readiness, name = \"a\", timeout = \"1s\", critical = false, failure_threshold = -3, tags = [\"a\", \"b\"], crate = ::a::b";
    for arguments in mutations(valid) {
        for message in expand(&arguments, "fn db() {}").1 {
            assert!(message.contains(';'), "{arguments}: {message}");
        }
    }
}

#[test]
fn mutated_items() {
    let valid = "/** a */ #[cfg(unix)] pub(crate) const async unsafe extern \"C\" fn db<'a, T>(a: &'a A, b: Option<&mut B>) -> Result<(), E> where T: A { body }";
    for item in mutations(valid) {
        let (tokens, errors) = expand("readiness", &item);
        assert!(!tokens.is_empty(), "{item}");
        assert!(errors.iter().all(|error| !error.is_empty()), "{item}");
    }
}
