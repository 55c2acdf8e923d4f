//! The value of an option, read as the type that the option has. Each error points at the value and says what to write.

use std::time::Duration;

use proc_macro2::TokenTree;
use syn::parse::Parser;
use syn::{Error, Lit, Path};

use crate::args::{Given, without_groups};
use crate::{duration, name};

pub(crate) fn flag(given: &Given) -> Result<bool, Error> {
    let tokens = without_groups(given.value.clone());
    let written = match tokens.as_slice() {
        [TokenTree::Ident(word)] if word == "true" => return Ok(true),
        [TokenTree::Ident(word)] if word == "false" => return Ok(false),
        [TokenTree::Literal(literal)] => literal.to_string(),
        _ => String::new(),
    };
    let remedy = match written.trim_matches('"') {
        word @ ("true" | "false") => format!("{} = {word}", given.word),
        _ => given.example(),
    };
    Err(wrong(given, &format!("must be `true` or `false`; write `{remedy}`")))
}

pub(crate) fn count(given: &Given) -> Result<u32, Error> {
    let at_least_one = || wrong(given, &format!("must be at least 1; write `{}`", given.example()));
    let tokens = without_groups(given.value.clone());
    if let [TokenTree::Punct(minus), TokenTree::Literal(literal)] = tokens.as_slice()
        && minus.as_char() == '-'
        && let Lit::Int(_) = Lit::new(literal.clone())
    {
        return Err(at_least_one());
    }
    match literal(given) {
        Some(Lit::Int(number)) if matches!(number.suffix(), "" | "u32") => match number.base10_parse::<u32>() {
            Ok(0) => Err(at_least_one()),
            Ok(count) => Ok(count),
            Err(_) => Err(wrong(given, &format!("must be at most {}; write `{}`", u32::MAX, given.example()))),
        },
        Some(Lit::Str(text)) if text.value().parse::<u32>().is_ok_and(|count| count > 0) => {
            Err(wrong(given, &format!("must be an integer; write `{} = {}`", given.word, text.value())))
        }
        _ => Err(wrong(given, &format!("must be an integer; write `{}`", given.example()))),
    }
}

pub(crate) fn string(given: &Given) -> Result<String, Error> {
    match literal(given) {
        Some(Lit::Str(text)) if text.suffix().is_empty() => Ok(text.value()),
        _ => {
            let tokens = without_groups(given.value.clone());
            let remedy = match tokens.as_slice() {
                [TokenTree::Ident(word)] => format!("{} = \"{word}\"", given.word),
                _ => given.example(),
            };
            Err(wrong(given, &format!("must be a string literal; write `{remedy}`")))
        }
    }
}

pub(crate) fn a_name(given: &Given) -> Result<String, Error> {
    let text = string(given)?;
    match name::mistake(&text) {
        None => Ok(text),
        Some(mistake) => {
            let near = name::near(&text, "orders-db");
            Err(wrong(given, &format!("must {mistake}; write `{} = \"{near}\"`", given.word)))
        }
    }
}

pub(crate) fn a_description(given: &Given) -> Result<String, Error> {
    let text = string(given)?;
    if text.trim().is_empty() {
        return Err(wrong(given, &format!("must not be empty; write `{}`, or drop it", given.example())));
    }
    Ok(text)
}

/// A duration between two limits, each of which belongs to the allowed ones.
pub(crate) fn time(given: &Given, least: Duration, most: Duration) -> Result<Duration, Error> {
    let read = match literal(given) {
        Some(Lit::Str(text)) if text.suffix().is_empty() => duration::parse(&text.value()),
        Some(Lit::Int(number)) if number.suffix().is_empty() => Err(format!(
            "must be a string with a unit; write `{0} = \"{1}ms\"` or `{0} = \"{1}s\"`",
            given.word,
            number.base10_digits()
        )),
        _ => Err(format!("must be a string literal with a unit; write `{}`", given.example())),
    };
    let limit = |text: &str, limit| {
        let limit = duration::written(limit);
        format!("must be {text} {limit}; write `{} = \"{limit}\"` or choose another", given.word)
    };
    match read {
        Ok(time) if time < least => Err(wrong(given, &limit("at least", least))),
        Ok(time) if time > most => Err(wrong(given, &limit("at most", most))),
        Ok(time) => Ok(time),
        Err(mistake) => Err(wrong(given, &mistake)),
    }
}

pub(crate) fn path(given: &Given) -> Result<Path, Error> {
    let tokens = without_groups(given.value.clone()).into_iter().collect();
    if let Some(Lit::Str(text)) = literal(given) {
        let remedy = match text.parse_with(Path::parse_mod_style) {
            Ok(_) => format!("{} = {}", given.word, text.value()),
            Err(_) => given.example(),
        };
        return Err(wrong(given, &format!("must be a path without quotes; write `{remedy}`")));
    }
    Path::parse_mod_style.parse2(tokens).map_err(|_| wrong(given, &format!("must be a path; write `{}`", given.example())))
}

pub(crate) fn literal(given: &Given) -> Option<Lit> {
    match without_groups(given.value.clone()).as_slice() {
        [TokenTree::Literal(literal)] => Some(Lit::new(literal.clone())),
        _ => None,
    }
}

pub(crate) fn wrong(given: &Given, mistake: &str) -> Error {
    Error::new_spanned(&given.value, format!("`{}` {mistake}", given.word))
}
