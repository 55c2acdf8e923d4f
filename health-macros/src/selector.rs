//! `#[named("…")]` and `#[each]` on an argument: which of several values of its type it takes.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitStr, Meta};

use crate::tokens::{error_at, flatten_none_groups};

/// Which of the values of its type an argument takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector {
    Unnamed,
    Named(String),
    Each,
}

const NAMED: &str = "#[named(\"replica\")]";

/// Names that the attributes do not have, and the attribute that they mean.
const SYNONYMS: [(&[&str], &str); 2] = [(&["name", "names"], NAMED), (&["every", "all", "for_each", "foreach"], "#[each]")];

/// Returns which value the argument with these attributes takes. After a mistake, that is what was probably intended.
pub(crate) fn parse(attributes: &[Attribute], errors: &mut Vec<Error>) -> Selector {
    let mut selector = Selector::Unnamed;
    for attribute in attributes {
        let Some(name) = name(attribute) else { continue };
        let parsed = match &*name {
            "each" => {
                errors.extend(value_of_each(&attribute.meta));
                Selector::Each
            }
            "named" => Selector::Named(parse_name(attribute).unwrap_or_else(|error| {
                errors.push(error);
                String::new()
            })),
            unknown => {
                let meant = SYNONYMS.into_iter().find(|(names, _)| names.contains(&unknown)).map_or(NAMED, |(_, meant)| meant);
                let message = format!("unknown attribute `{unknown}` on an argument; did you mean `{meant}`?");
                errors.push(Error::new(attribute.path().span(), message));
                if meant == NAMED { Selector::Named(String::new()) } else { Selector::Each }
            }
        };
        if selector == Selector::Unnamed {
            selector = parsed;
        } else {
            let message =
                format!("`#[{name}]` must be the only one of `#[each]` and `#[named(…)]` on an argument; drop this one");
            errors.push(Error::new_spanned(attribute, message));
        }
    }
    selector
}

/// Returns the name of an attribute that belongs to the check.
fn name(attribute: &Attribute) -> Option<String> {
    attribute.path().get_ident().map(ToString::to_string).filter(|name| is_known(name))
}

fn is_known(name: &str) -> bool {
    matches!(name, "each" | "named") || SYNONYMS.iter().any(|(names, _)| names.contains(&name))
}

fn value_of_each(meta: &Meta) -> Option<Error> {
    let tokens: Vec<TokenTree> = match meta {
        Meta::Path(_) => return None,
        Meta::List(list) if list.tokens.is_empty() => {
            return Some(Error::new_spanned(list, "`each` takes no value; write `#[each]`"));
        }
        Meta::List(list) => list.tokens.clone().into_iter().collect(),
        Meta::NameValue(pair) => return Some(Error::new_spanned(&pair.value, "`each` takes no value; write `#[each]`")),
    };
    Some(error_at(&tokens, "`each` takes no value; write `#[each]`".to_owned()))
}

fn parse_name(attribute: &Attribute) -> Result<String, Error> {
    let (tokens, remedy) = match &attribute.meta {
        Meta::Path(path) => {
            return Err(Error::new_spanned(path, format!("`named` must have the name of a value; write `{NAMED}`")));
        }
        Meta::NameValue(pair) => {
            let value = quote::ToTokens::to_token_stream(&pair.value);
            let written = syn::parse2::<LitStr>(value.clone()).map(|name| name.value());
            let remedy = written.map_or_else(|_| NAMED.to_owned(), |name| format!("#[named({name:?})]"));
            return Err(Error::new_spanned(value, format!("`named` must have its name in parentheses; write `{remedy}`")));
        }
        Meta::List(list) if list.tokens.is_empty() => {
            return Err(Error::new_spanned(list, format!("`named` must have the name of a value; write `{NAMED}`")));
        }
        Meta::List(list) => {
            let tokens = flatten_none_groups(list.tokens.clone());
            let remedy = match tokens.as_slice() {
                [TokenTree::Ident(unquoted)] => format!("#[named(\"{unquoted}\")]"),
                _ => NAMED.to_owned(),
            };
            (tokens, remedy)
        }
    };
    let name = syn::parse2::<LitStr>(tokens.iter().cloned().collect()).map(|name| name.value());
    match name {
        Ok(name) if name.is_empty() => Err(error_at(&tokens, format!("`named` must not be empty; write `{NAMED}`"))),
        Ok(name) => Ok(name),
        Err(_) => Err(error_at(&tokens, format!("`named` must be one string literal; write `{remedy}`"))),
    }
}

/// Returns the item without the attributes of arguments that belong to the check: the compiler does not know them.
pub(crate) fn strip(item: TokenStream) -> TokenStream {
    let mut after_fn = false;
    let strip_group = |token| match token {
        TokenTree::Group(group) if after_fn && group.delimiter() == Delimiter::Parenthesis => strip_arguments(&group).into(),
        TokenTree::Ident(ident) if ident == "fn" => {
            after_fn = true;
            ident.into()
        }
        token => token,
    };
    item.into_iter().map(strip_group).collect()
}

fn strip_arguments(group: &Group) -> Group {
    let mut kept = Vec::new();
    let mut rest = group.stream().into_iter().peekable();
    while let Some(token) = rest.next() {
        let is_pound = matches!(&token, TokenTree::Punct(pound) if pound.as_char() == '#');
        if rest.next_if(|next| is_pound && is_attribute_of_check(next)).is_none() {
            kept.push(token);
        }
    }
    if kept.len() == group.stream().into_iter().count() {
        return group.clone();
    }
    let mut stripped = Group::new(Delimiter::Parenthesis, kept.into_iter().collect());
    stripped.set_span(group.span());
    stripped
}

fn is_attribute_of_check(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let tokens = flatten_none_groups(group.stream());
    match tokens.as_slice() {
        // Already an error, since the condition is unknown here.
        [TokenTree::Ident(name), TokenTree::Group(list)] if name == "cfg_attr" => {
            list.stream().into_iter().any(|token| matches!(&token, TokenTree::Ident(name) if is_known(&name.to_string())))
        }
        // A path such as `named::x` is another attribute.
        [TokenTree::Ident(_), TokenTree::Punct(colon), ..] if colon.as_char() == ':' => false,
        [TokenTree::Ident(name), ..] => group.delimiter() == Delimiter::Bracket && is_known(&name.to_string()),
        _ => false,
    }
}

/// Returns the attribute `#[each]`.
pub(crate) fn each(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| attribute.path().is_ident("each"))
}
