//! The arguments of annotated functions that the registered state cannot provide.

use super::descriptor::{CheckFn, Descriptor};
use super::resolver::{ArgumentProblem, ArgumentResolver, Selector, Validation};
use super::state::{Availability, StateValues};
use crate::text::suggest;

/// The maximum number of names in a problem.
const MAX_LISTED: usize = 10;

/// Validates the arguments against the registered state. Does not call the function.
pub(super) fn validate(descriptor: &Descriptor, values: &StateValues) -> Validation {
    let mut resolver = ArgumentResolver::validate(values);
    match descriptor.run {
        CheckFn::Async(run) => drop(run(&mut resolver)),
        CheckFn::Blocking(run) => drop(run(&mut resolver)),
    }
    resolver.into_validation()
}

/// Returns a problem as the rest of a sentence that starts with the check.
pub(super) fn describe(check: &str, problem: &ArgumentProblem) -> String {
    let ArgumentProblem { type_text, selector, is_unsized, availability, names } = problem;
    let (attribute, method) = match selector {
        Selector::Unnamed => (String::new(), if *is_unsized { "shared_state" } else { "state" }),
        Selector::Named(name) => (format!("#[named({name:?})] "), if *is_unsized { "named_shared_state" } else { "named_state" }),
        Selector::Each => ("#[each] ".to_owned(), if *is_unsized { "named_shared_state" } else { "named_state" }),
    };
    let shared = if matches!(selector, Selector::Unnamed) { "shared_state" } else { "named_shared_state" };
    let found = match (availability, selector) {
        (Availability::InArc, _) => format!("only an `Arc` of that type is given; give it with `.{shared}(…)`"),
        (Availability::InBox, _) => format!("only a `Box` of that type is given; give it with `.{shared}(Arc::from(…))`"),
        (Availability::Twice, _) => "it is given twice, as a value and in a `web::Data`; remove one".to_owned(),
        (Availability::Once | Availability::Missing, Selector::Unnamed) if !names.is_empty() => {
            let names = list(names);
            format!("every value of that type has a name, {names}; add `#[named(\"…\")]` or `#[each]` to the argument")
        }
        (Availability::Once | Availability::Missing, Selector::Unnamed) => {
            format!("no value of that type is given; add `.{method}(…)` to the builder")
        }
        (Availability::Once | Availability::Missing, Selector::Named(name)) => {
            let remedy = match suggest::nearest(name, names.iter().map(|name| &**name)) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None if names.is_empty() => format!("add `.{method}({name:?}, …)` to the builder"),
                None => format!("there are {}", list(names)),
            };
            format!("no value of that type has that name; {remedy}")
        }
        (Availability::Once | Availability::Missing, Selector::Each) => {
            let without = format!("leave the check out with `.without({check:?})`");
            format!("no named value of that type is given; add `.{method}(\"…\", …)` to the builder, or {without}")
        }
    };
    format!("takes `{attribute}{type_text}`, but {found}")
}

fn list(names: &[String]) -> String {
    let listed: Vec<String> = names.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
    let more = names.len() - listed.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", listed.join(", "))
}
