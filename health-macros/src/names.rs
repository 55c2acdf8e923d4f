//! The value of `tags`: an array of names.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Error, Lit};

use crate::args::{Given, separated, without_groups};
use crate::name;
use crate::value::{literal, wrong};

/// An array of names, none twice. Every mistake in it is reported.
pub(crate) fn read(given: &Given, errors: &mut Vec<Error>) -> Vec<String> {
    let tokens = without_groups(given.value.clone());
    let [TokenTree::Group(array)] = tokens.as_slice() else {
        let remedy = match literal(given) {
            Some(Lit::Str(text)) if name::mistake(&text.value()).is_none() => format!("{} = [\"{}\"]", given.word, text.value()),
            _ => given.example(),
        };
        errors.push(wrong(given, &format!("must be an array of string literals; write `{remedy}`")));
        return Vec::new();
    };
    if array.delimiter() != Delimiter::Bracket {
        errors.push(wrong(given, &format!("must stand in brackets; write `{}`", given.example())));
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for (element, comma) in separated(array.stream()) {
        match (element.as_slice(), comma) {
            ([], None) => {}
            ([], Some(comma)) => {
                let message = format!("`{}` must have a string literal before each comma; drop this one", given.word);
                errors.push(Error::new(comma.span(), message));
            }
            ([TokenTree::Literal(literal)], _) => match Lit::new(literal.clone()) {
                Lit::Str(text) => match one_name(&text.value(), &names) {
                    Ok(()) => names.push(text.value()),
                    Err(mistake) => errors.push(Error::new(literal.span(), format!("`{}` {mistake}", given.word))),
                },
                _ => errors.push(Error::new(literal.span(), not_names(given))),
            },
            (other, _) => {
                errors.push(Error::new_spanned(other.iter().cloned().collect::<TokenStream>(), not_names(given)));
            }
        }
    }
    names
}

fn not_names(given: &Given) -> String {
    format!("`{}` must hold string literals, with commas between them; write `{}`", given.word, given.example())
}

fn one_name(text: &str, before: &[String]) -> Result<(), String> {
    if let Some(mistake) = name::mistake(text) {
        return Err(format!("must hold names, and each must {mistake}; write `\"{}\"`", name::near(text, "storage")));
    }
    if before.iter().any(|name| name == text) {
        return Err(format!("must hold `\"{text}\"` once; drop this one"));
    }
    Ok(())
}
