//! A constant instead of a literal, as in `timeout = DB_TIMEOUT`. The compiler evaluates it, so the generated code checks its type
//! and its value.

use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::TokenStream;
use syn::ExprPath;
use syn::parse::Parser;

use crate::args::OptionArg;
use crate::type_printer::print_type;

/// The value of an option.
#[derive(Debug, Clone)]
pub(crate) enum Value<T> {
    Literal(T),
    Constant(Constant),
}

#[derive(Debug, Clone)]
pub(crate) struct Constant {
    pub(crate) path: TokenStream,
    pub(crate) rule: Rule,
    /// The message of the compile error for a value that violates the rule.
    pub(crate) problem: String,
}

/// What the value of a constant must fulfil.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    Any,
    IsTrue,
    AtLeastOne,
    Within(RangeInclusive<Duration>),
    /// Above the first, at most the second.
    Above(Duration, Duration),
    /// Above zero, below the value of `timeout`.
    Below(Box<Value<Duration>>),
}

/// Returns the constant if the value is a path. `must` is the rule as text, to follow "must" in a message.
pub(crate) fn parse<T>(option: &OptionArg, rule: Rule, must: &str) -> Option<Value<T>> {
    let path: TokenStream = option.value.iter().cloned().collect();
    let is_path = |path: &ExprPath| path.attrs.is_empty();
    let parse = |input: syn::parse::ParseStream| input.parse::<ExprPath>();
    parse.parse2(path.clone()).ok().filter(is_path)?;
    let problem = format!("`{}` must {must}; change `{}`", option.name, print_type(path.clone()));
    Some(Value::Constant(Constant { path, rule, problem }))
}
