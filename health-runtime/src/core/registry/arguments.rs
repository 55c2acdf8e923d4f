//! The arguments of annotated functions that the registered state cannot provide.

use super::RegisteredCheck;
use super::descriptor::{CheckFn, Descriptor};
use super::state::{ArgumentProblem, ArgumentResolver, Availability, StateValues};

/// Returns the arguments that the registered state cannot provide. Does not call the function.
pub(super) fn problems(descriptor: &Descriptor, values: &StateValues) -> Vec<ArgumentProblem> {
    let mut resolver = ArgumentResolver::validate(values);
    match descriptor.run {
        CheckFn::Async(run) => drop(run(&mut resolver)),
        CheckFn::Blocking(run) => drop(run(&mut resolver)),
    }
    resolver.into_problems()
}

pub(super) fn describe(check: &RegisteredCheck, problem: &ArgumentProblem) -> String {
    let ArgumentProblem { type_text, is_unsized, availability } = problem;
    let takes = format!("{check} takes `{type_text}`, but");
    match availability {
        Availability::InArc => format!("{takes} only an `Arc` of that type is given; give it with `.shared_state(…)`"),
        Availability::InBox => {
            format!("{takes} only a `Box` of that type is given; give it with `.shared_state(Arc::from(…))`")
        }
        Availability::Twice => format!("{takes} it is given twice, as a value and in a `web::Data`; remove one"),
        Availability::Once | Availability::Missing => {
            let method = if *is_unsized { "shared_state" } else { "state" };
            format!("{takes} no value of that type is given; add `.{method}(…)` to the builder")
        }
    }
}
