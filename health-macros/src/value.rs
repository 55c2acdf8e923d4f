//! Parses the value of an option as the type of the option. Each error is at the value and contains a remedy.

use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::TokenTree;
use syn::parse::Parser;
use syn::{Error, Lit, Path};

use crate::args::OptionArg;
use crate::constant::{self, Rule, Value};
use crate::{duration, name};

pub(crate) fn parse_bool(option: &OptionArg) -> Result<Value<bool>, Error> {
    let text = match option.value.as_slice() {
        [TokenTree::Ident(value)] => value.to_string().to_lowercase(),
        [TokenTree::Literal(literal)] => literal.to_string(),
        _ => String::new(),
    };
    let remedy = match (option.value.as_slice(), text.trim_matches('"')) {
        ([TokenTree::Ident(value)], "true" | "false") if value == &text => return Ok(Value::Literal(text == "true")),
        (_, value @ ("true" | "false")) => format!("{} = {value}", option.name),
        (_, "yes" | "on") => format!("{} = true", option.name),
        (_, "no" | "off") => format!("{} = false", option.name),
        _ => match constant::parse(option, Rule::Any, "") {
            Some(constant) => return Ok(constant),
            None => option.example(),
        },
    };
    Err(option.reject("be `true` or `false`", &remedy))
}

pub(crate) fn parse_count(option: &OptionArg) -> Result<Value<u32>, Error> {
    if let Some(constant) = constant::parse(option, Rule::AtLeastOne, "be at least 1") {
        return Ok(constant);
    }
    let (rule, remedy) = match option.literal() {
        Some(Lit::Int(number)) if matches!(number.suffix(), "" | "u32") => match number.base10_parse::<u32>() {
            Ok(0) => ("be at least 1", option.example()),
            Ok(count) => return Ok(Value::Literal(count)),
            Err(_) => ("be at most 4294967295", option.example()),
        },
        Some(Lit::Str(text)) if text.value().parse::<u32>().is_ok_and(|count| count > 0) => {
            ("be an integer", format!("{} = {}", option.name, text.value()))
        }
        None if is_negative_integer(&option.value) => ("be at least 1", option.example()),
        _ => ("be an integer", option.example()),
    };
    Err(option.reject(rule, &remedy))
}

fn is_negative_integer(value: &[TokenTree]) -> bool {
    matches!(value, [TokenTree::Punct(minus), TokenTree::Literal(literal)]
        if minus.as_char() == '-' && matches!(Lit::new(literal.clone()), Lit::Int(_)))
}

fn parse_string(option: &OptionArg) -> Result<String, Error> {
    let remedy = match (option.literal(), option.value.as_slice()) {
        (Some(Lit::Str(text)), _) if text.suffix().is_empty() => return Ok(text.value()),
        (_, [TokenTree::Ident(unquoted)]) => format!("{} = \"{unquoted}\"", option.name),
        _ => option.example(),
    };
    Err(option.reject("be a string literal", &remedy))
}

pub(crate) fn parse_name(option: &OptionArg) -> Result<String, Error> {
    let text = parse_string(option)?;
    match name::validate(&text) {
        Ok(()) => Ok(text),
        Err(rule) => Err(option.reject(&rule, &format!("{} = \"{}\"", option.name, name::suggest_valid(&text, "orders-db")))),
    }
}

pub(crate) fn parse_description(option: &OptionArg) -> Result<String, Error> {
    let text = parse_string(option)?;
    if text.trim().is_empty() {
        return Err(option.error_at_value(&format!("must not be empty; write `{}`, or drop it", option.example())));
    }
    Ok(text)
}

/// Parses a duration in `range`.
pub(crate) fn parse_duration(option: &OptionArg, range: &RangeInclusive<Duration>) -> Result<Value<Duration>, Error> {
    let name = &option.name;
    let (min, max) = (duration::format(*range.start()), duration::format(*range.end()));
    let rule = if range.start().is_zero() { format!("be at most {max}") } else { format!("be from {min} to {max}") };
    if let Some(constant) = constant::parse(option, Rule::Within(range.clone()), &rule) {
        return Ok(constant);
    }
    let duration = match option.literal() {
        Some(Lit::Str(text)) if text.suffix().is_empty() => duration::parse(&text.value()),
        Some(Lit::Int(number)) if number.suffix().is_empty() => Err(format!(
            "must be a string with a unit; write `{name} = \"{0}ms\"` or `{name} = \"{0}s\"`",
            number.base10_digits()
        )),
        Some(_) => Err(format!("must be a string literal with a unit; write `{}`", option.example())),
        None => Err(format!("must be a string literal with a unit, or the path of a `const`; write `{}`", option.example())),
    }
    .map_err(|problem| option.error_at_value(&problem))?;
    let (bound, limit) = match duration {
        _ if duration < *range.start() => ("at least", min),
        _ if duration > *range.end() => ("at most", max),
        _ => return Ok(Value::Literal(duration)),
    };
    Err(option.error_at_value(&format!("must be {bound} {limit}; write `{name} = \"{limit}\"` or choose another")))
}

pub(crate) fn parse_path(option: &OptionArg) -> Result<Path, Error> {
    if let Some(Lit::Str(text)) = option.literal() {
        let remedy = match text.parse_with(Path::parse_mod_style) {
            Ok(_) => format!("{} = {}", option.name, text.value()),
            Err(_) => option.example(),
        };
        return Err(option.reject("be a path without quotes", &remedy));
    }
    let tokens = option.value.iter().cloned().collect();
    Path::parse_mod_style.parse2(tokens).map_err(|_| option.reject("be a path", &option.example()))
}
