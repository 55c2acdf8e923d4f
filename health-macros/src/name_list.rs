//! The value of `tags` and `after`: an array of names.

use proc_macro2::{Delimiter, TokenTree};
use syn::{Error, Lit};

use crate::args::OptionArg;
use crate::{name, tokens};

/// Parses an array of distinct names and reports every mistake in it.
pub(crate) fn parse(option: &OptionArg, errors: &mut Vec<Error>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let [TokenTree::Group(array)] = option.value.as_slice() else {
        let remedy = match option.literal() {
            Some(Lit::Str(text)) if name::validate(&text.value()).is_ok() => format!("{} = [\"{}\"]", option.name, text.value()),
            _ => option.example(),
        };
        errors.push(option.reject("be an array of string literals", &remedy));
        return names;
    };
    if array.delimiter() != Delimiter::Bracket {
        errors.push(option.reject("be in brackets", &option.example()));
        return names;
    }
    for (element, comma) in tokens::split_on_commas(array.stream()) {
        match (element.as_slice(), comma) {
            ([], None) => {}
            ([], Some(comma)) => {
                let message = format!("`{}` must have a string literal before each comma; drop this one", option.name);
                errors.push(Error::new(comma.span(), message));
            }
            (element, _) => match parse_name(element, &names, &option.example()) {
                Ok(name) => names.push(name),
                Err(problem) => errors.push(tokens::error_at(element, format!("`{}` must hold {problem}", option.name))),
            },
        }
    }
    names
}

fn parse_name(element: &[TokenTree], previous: &[String], example: &str) -> Result<String, String> {
    let Some(Lit::Str(text)) = tokens::literal(element) else {
        return Err(format!("string literals, with commas between them; write `{example}`"));
    };
    let text = text.value();
    if let Err(rule) = name::validate(&text) {
        return Err(format!("names, and each must {rule}; write `\"{}\"`", name::suggest_valid(&text, "database")));
    }
    if previous.contains(&text) {
        return Err(format!("`\"{text}\"` once; drop this one"));
    }
    Ok(text)
}
