//! The members of an `impl`, as tokens: a body that does not compile is still passed on.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Error, Meta, Path};

use crate::tokens::{flatten_none_groups, split_on_commas};

/// A method, or a part of another member.
pub(crate) struct Member {
    /// Its first `#[health_check]`.
    pub(crate) attribute: Option<CheckAttribute>,
    /// The names of its other attributes.
    pub(crate) others: Vec<String>,
    /// All tokens but the attribute.
    pub(crate) tokens: TokenStream,
}

pub(crate) struct CheckAttribute {
    pub(crate) path: Path,
    pub(crate) arguments: Result<TokenStream, Error>,
    pub(crate) span: Span,
    /// The place of its name, where it is the argument of a `cfg_attr`.
    pub(crate) in_cfg_attr: Option<Span>,
}

/// Splits after each body and each semicolon.
pub(crate) fn split(tokens: TokenStream) -> Vec<Member> {
    let mut members = Vec::new();
    let mut member = Vec::new();
    let mut rest = tokens.into_iter().flat_map(unwrap_member).peekable();
    while let Some(token) = rest.next() {
        let is_end = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            // `Foo<{ N }>` has a block in a signature.
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                !matches!(rest.peek(), Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','))
            }
            _ => false,
        };
        member.push(token);
        if is_end {
            members.push(parse(std::mem::take(&mut member)));
        }
    }
    if !member.is_empty() {
        members.push(parse(member));
    }
    members
}

/// Replaces the invisible group around a method that is a fragment of a `macro_rules!`.
fn unwrap_member(token: TokenTree) -> Vec<TokenTree> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_member = tokens.iter().any(|token| matches!(token, TokenTree::Ident(keyword) if keyword == "fn"));
            if is_member { tokens.into_iter().flat_map(unwrap_member).collect() } else { vec![group.into()] }
        }
        token => vec![token],
    }
}

fn parse(tokens: Vec<TokenTree>) -> Member {
    let mut member = Member { attribute: None, others: Vec::new(), tokens: TokenStream::new() };
    let mut rest = tokens.into_iter().peekable();
    while let Some(TokenTree::Punct(pound)) =
        rest.next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#'))
    {
        let Some(TokenTree::Group(group)) = rest.next_if(|token| matches!(token, TokenTree::Group(_))) else {
            member.tokens.extend([TokenTree::from(pound)]);
            break;
        };
        match check_attribute(&group) {
            Some(found) if member.attribute.is_none() => member.attribute = Some(found),
            _ => {
                member.others.extend(name(&group));
                member.tokens.extend([TokenTree::from(pound), group.into()]);
            }
        }
    }
    member.tokens.extend(rest);
    member
}

fn name(group: &Group) -> Option<String> {
    match flatten_none_groups(group.stream()).first() {
        Some(TokenTree::Ident(name)) => Some(name.to_string()),
        _ => None,
    }
}

fn is_health_check(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident == "health_check")
}

fn check_attribute(group: &Group) -> Option<CheckAttribute> {
    let path: Path = Path::parse_mod_style.parse2(path_tokens(group)).ok()?;
    let span = group.span();
    if path.is_ident("cfg_attr") {
        let Ok(Meta::List(list)) = syn::parse2(group.stream()) else {
            return None;
        };
        let path = conditional(&list.tokens)?;
        return Some(CheckAttribute { in_cfg_attr: Some(path.span()), path, arguments: Ok(TokenStream::new()), span });
    }
    let arguments = match syn::parse2::<Meta>(group.stream()) {
        _ if !is_health_check(&path) => return None,
        Ok(Meta::Path(_)) => Ok(TokenStream::new()),
        Ok(Meta::List(list)) => Ok(list.tokens),
        Ok(Meta::NameValue(pair)) => {
            let message = "`health_check` must have its arguments in parentheses; write `#[health_check(readiness)]`";
            Err(Error::new_spanned(&pair.value, message))
        }
        Err(error) => Err(error),
    };
    Some(CheckAttribute { path, arguments, span, in_cfg_attr: None })
}

/// Returns the tokens of the path at the start of an attribute.
fn path_tokens(group: &Group) -> TokenStream {
    let is_path = |token: &TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    };
    flatten_none_groups(group.stream()).into_iter().take_while(is_path).collect()
}

/// Returns the path of `health_check` in the attributes of a `cfg_attr`.
fn conditional(arguments: &TokenStream) -> Option<Path> {
    let group = |tokens: Vec<TokenTree>| Group::new(Delimiter::Bracket, tokens.into_iter().collect());
    let attributes = split_on_commas(arguments.clone()).into_iter().skip(1);
    attributes.map(|(tokens, _)| group(tokens)).find_map(|attribute| check_attribute(&attribute)).map(|found| found.path)
}
