//! The annotated item: the tokens to hand back, and the function in it. A body is never parsed, so that a half-typed one
//! still expands.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Macro, MacroDelimiter, Signature, Token, Visibility};

pub(crate) struct Item {
    /// To be emitted: as written, except that a further `#[health_check]` is gone, which would expand again.
    pub(crate) tokens: TokenStream,
    /// Empty when the item is no function, or one that `syn` can't read; an error says so then.
    pub(crate) function: Option<Function>,
    /// The name for messages.
    pub(crate) name: String,
}

pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
    /// The `;` of a function without a body.
    pub(crate) semicolon: Option<Token![;]>,
}

pub(crate) fn parse(item: TokenStream, errors: &mut Vec<Error>) -> Item {
    let (tokens, repeated) = without_repeated_attributes(item);
    let read = syn::parse2::<Read>(tokens.clone());
    let (name, function) = match read {
        Ok(Read::Function(function)) => (function.signature.ident.unraw().to_string(), Some(*function)),
        Ok(Read::Statement) => (String::new(), None),
        Ok(Read::Item { keyword, name }) => {
            errors.push(no_function(&keyword, name.as_ref()));
            (name.unwrap_or(keyword).unraw().to_string(), None)
        }
        Err(error) => {
            errors.push(error);
            (String::new(), None)
        }
    };
    for attribute in repeated {
        let message = format!(
            "health check `{name}` must have one `#[health_check]`; list its kinds in one, as in `#[health_check(liveness, readiness)]`"
        );
        errors.push(Error::new_spanned(attribute, message));
    }
    Item { tokens, function, name }
}

enum Read {
    Function(Box<Function>),
    Item {
        keyword: Ident,
        name: Option<Ident>,
    },
    /// A statement or an expression. The compiler refuses attributes like this one there, and says so itself.
    Statement,
}

impl Parse for Read {
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

fn parse_other(input: ParseStream) -> Read {
    if let Some(name) = item_macro(&input.fork()) {
        return Read::Item { keyword: name, name: None };
    }
    let first = input.call(Ident::parse_any);
    let keyword = match first {
        Ok(word) if word == "unsafe" || word == "auto" => input.call(Ident::parse_any),
        other => other,
    };
    let Ok(keyword) = keyword else {
        return Read::Statement;
    };
    match keyword.to_string().as_str() {
        "struct" | "enum" | "union" | "trait" | "mod" | "type" | "const" | "static" => {
            let name = input.parse::<Option<Token![mut]>>().and_then(|_| input.call(Ident::parse_any));
            match name {
                Ok(name) => Read::Item { keyword, name: Some(name) },
                Err(_) => Read::Statement,
            }
        }
        "impl" | "use" | "extern" | "macro" => Read::Item { keyword, name: None },
        "macro_rules" if input.peek(Token![!]) => Read::Item { keyword, name: None },
        _ => Read::Statement,
    }
}

/// The name of the macro in `a::b! { … }` or `a::b!(…);`. Whatever else starts like that is a statement or an expression.
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
    loop {
        if ahead.peek(Token![fn]) {
            return true;
        }
        let qualifier =
            ahead.peek(Token![const]) || ahead.peek(Token![async]) || ahead.peek(Token![unsafe]) || ahead.peek(Token![extern]);
        if !qualifier || ahead.call(Ident::parse_any).is_err() {
            return false;
        }
        if ahead.peek(syn::LitStr) && ahead.parse::<syn::LitStr>().is_err() {
            return false;
        }
    }
}

fn no_function(keyword: &Ident, name: Option<&Ident>) -> Error {
    let remedy = "put the attribute on the `fn` or `async fn` that does the check";
    let message = match name {
        Some(name) => format!("health check `{name}` must be a function, not `{keyword} {name}`; {remedy}"),
        None => format!("health check must be a function, not `{keyword}`; {remedy}"),
    };
    Error::new(keyword.span(), message)
}

/// Looks at the attributes in front only. The last segment of a path decides, since that is the name in every spelling.
fn without_repeated_attributes(item: TokenStream) -> (TokenStream, Vec<TokenStream>) {
    let mut kept = TokenStream::new();
    let mut repeated = Vec::new();
    let mut rest = item.into_iter().peekable();
    while let Some(TokenTree::Punct(pound)) = rest.peek()
        && pound.as_char() == '#'
    {
        let attribute: TokenStream = rest.by_ref().take(2).collect();
        if is_health_check(&attribute) { repeated.push(attribute) } else { kept.extend(attribute) }
    }
    kept.extend(rest);
    (kept, repeated)
}

fn is_health_check(attribute: &TokenStream) -> bool {
    let Some(TokenTree::Group(inside)) = attribute.clone().into_iter().nth(1) else {
        return false;
    };
    let path = inside.stream().into_iter().take_while(|token| matches!(token, TokenTree::Ident(_) | TokenTree::Punct(_)));
    inside.delimiter() == Delimiter::Bracket && matches!(path.last(), Some(TokenTree::Ident(last)) if last == "health_check")
}
