//! The annotated item → the tokens to emit and the function in it. A body is never parsed, so that an incomplete one still
//! expands.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, FnArg, LitStr, Macro, MacroDelimiter, PatType, Signature, Token, Visibility};

use crate::selector;

pub(crate) struct Item {
    /// The item as written, without further `#[health_check]` attributes, which would expand again, and without the attributes of
    /// its arguments that belong to the check.
    pub(crate) tokens: TokenStream,
    /// `None` if the item is not a function or `syn` rejects it.
    pub(crate) function: Option<Function>,
    /// The name of the item for messages.
    pub(crate) name: String,
}

pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
    /// The `;` of a function without a body.
    pub(crate) semicolon: Option<Token![;]>,
}

impl Function {
    /// Returns the arguments except `self`.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &PatType> {
        self.signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
    }
}

/// Returns the attributes of an argument.
pub(crate) fn attributes(argument: &FnArg) -> &[Attribute] {
    match argument {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(argument) => &argument.attrs,
    }
}

pub(crate) fn parse(item: TokenStream, errors: &mut Vec<Error>) -> Item {
    let (tokens, repeated) = split_repeated_attributes(item);
    let (name, function) = match syn::parse2(tokens.clone()) {
        Ok(ParsedItem::Function(function)) => (function.signature.ident.unraw().to_string(), Some(*function)),
        Ok(ParsedItem::Statement) => (String::new(), None),
        Ok(ParsedItem::OtherItem { keyword, name }) => {
            errors.push(not_a_function(&keyword, name.as_ref()));
            (name.unwrap_or(keyword).unraw().to_string(), None)
        }
        Err(error) => {
            errors.push(error);
            (String::new(), None)
        }
    };
    let tokens = if function.is_some() { selector::strip(tokens) } else { tokens };
    for attribute in repeated {
        let message = format!(
            "health check `{name}` must have one `#[health_check]`; list its kinds in one, as in `#[health_check(liveness, readiness)]`"
        );
        errors.push(Error::new_spanned(attribute, message));
    }
    Item { tokens, function, name }
}

/// Returns the keyword and the name of an item, or nothing for a statement or an invalid item.
pub(crate) fn describe(item: TokenStream) -> Option<(Ident, Option<Ident>)> {
    match syn::parse2(item).ok()? {
        ParsedItem::Function(function) => {
            Some((Ident::new("fn", function.signature.fn_token.span), Some(function.signature.ident)))
        }
        ParsedItem::OtherItem { keyword, name } => Some((keyword, name)),
        ParsedItem::Statement => None,
    }
}

enum ParsedItem {
    Function(Box<Function>),
    OtherItem {
        keyword: Ident,
        name: Option<Ident>,
    },
    /// A statement or an expression, where the compiler itself rejects the attribute.
    Statement,
}

impl Parse for ParsedItem {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if input.peek(Token![safe]) && (input.peek2(Token![fn]) || input.peek2(Token![static])) {
            input.parse::<Token![safe]>()?;
        }
        if !is_function(input) {
            let item = parse_other(input);
            input.parse::<TokenStream>()?;
            return Ok(item);
        }
        let signature = input.parse()?;
        let semicolon = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self::Function(Box::new(Function { attributes, signature, semicolon })))
    }
}

fn parse_other(input: ParseStream) -> ParsedItem {
    if let Some(name) = item_macro(&input.fork()) {
        return ParsedItem::OtherItem { keyword: name, name: None };
    }
    let keyword = match input.call(Ident::parse_any) {
        Ok(ident) if ident == "unsafe" || ident == "auto" => input.call(Ident::parse_any),
        other => other,
    };
    let Ok(keyword) = keyword else {
        return ParsedItem::Statement;
    };
    match keyword.to_string().as_str() {
        "struct" | "enum" | "union" | "trait" | "mod" | "type" | "const" | "static" => {
            let name = input.parse::<Option<Token![mut]>>().and_then(|_| input.call(Ident::parse_any));
            match name {
                Ok(name) => ParsedItem::OtherItem { keyword, name: Some(name) },
                Err(_) => ParsedItem::Statement,
            }
        }
        "impl" | "use" | "extern" | "macro" => ParsedItem::OtherItem { keyword, name: None },
        "macro_rules" if input.peek(Token![!]) => ParsedItem::OtherItem { keyword, name: None },
        _ => ParsedItem::Statement,
    }
}

/// Returns the name of the macro in `a::b! { … }` or `a::b!(…);`. A longer input is a statement or an expression.
fn item_macro(input: ParseStream) -> Option<Ident> {
    let call = input.parse::<Macro>().ok()?;
    let is_item = match call.delimiter {
        MacroDelimiter::Brace(_) => input.is_empty(),
        MacroDelimiter::Paren(_) | MacroDelimiter::Bracket(_) => input.peek(Token![;]),
    };
    call.path.segments.last().filter(|_| is_item).map(|name| name.ident.clone())
}

fn is_function(input: ParseStream) -> bool {
    let ahead = input.fork();
    let is_qualifier =
        || ahead.peek(Token![const]) || ahead.peek(Token![async]) || ahead.peek(Token![unsafe]) || ahead.peek(Token![extern]);
    while is_qualifier() && ahead.call(Ident::parse_any).is_ok() && ahead.parse::<Option<LitStr>>().is_ok() {}
    ahead.peek(Token![fn])
}

fn not_a_function(keyword: &Ident, name: Option<&Ident>) -> Error {
    let remedy = if keyword == "impl" {
        "put the attribute on a method, and `#[health_checks]` on the `impl`"
    } else {
        "put the attribute on the `fn` or `async fn` that does the check"
    };
    let message = match name {
        Some(name) => {
            format!("health check `{name}` must be a function, not `{keyword} {name}`; {remedy}")
        }
        None => format!("health check must be a function, not `{keyword}`; {remedy}"),
    };
    Error::new(keyword.span(), message)
}

/// Separates the leading `#[health_check]` attributes from the item. The last segment of a path identifies them.
fn split_repeated_attributes(item: TokenStream) -> (TokenStream, Vec<TokenStream>) {
    let mut remaining = TokenStream::new();
    let mut repeated = Vec::new();
    let mut rest = item.into_iter().peekable();
    while let Some(TokenTree::Punct(pound)) = rest.peek()
        && pound.as_char() == '#'
    {
        let attribute: TokenStream = rest.by_ref().take(2).collect();
        if is_health_check(&attribute) { repeated.push(attribute) } else { remaining.extend(attribute) }
    }
    remaining.extend(rest);
    (remaining, repeated)
}

fn is_health_check(attribute: &TokenStream) -> bool {
    let Some(TokenTree::Group(group)) = attribute.clone().into_iter().nth(1) else {
        return false;
    };
    let path = group.stream().into_iter().take_while(|token| matches!(token, TokenTree::Ident(_) | TokenTree::Punct(_)));
    group.delimiter() == Delimiter::Bracket && matches!(path.last(), Some(TokenTree::Ident(last)) if last == "health_check")
}
