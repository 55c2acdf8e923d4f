//! Resolves the arguments of an annotated function from the registered state.

use std::sync::Arc;

use super::liveness::LivenessSafe;
use super::state::{Availability, FromState, StateValues};

/// Resolves the arguments of a check: to find what is missing, or to call the function.
pub struct ArgumentResolver<'c> {
    values: &'c StateValues,
    /// Which value the next argument takes.
    next: Selector,
    mode: Mode<'c>,
}

/// Which of the values of its type an argument takes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Selector {
    /// The one without a name.
    #[default]
    Unnamed,
    /// `#[named("…")]`
    Named(&'static str),
    /// `#[each]`: the one whose name the instance of the check has.
    Each,
}

/// An argument that the registered state cannot provide.
pub(crate) struct ArgumentProblem {
    /// The type of the argument as the user wrote it.
    pub(crate) type_text: &'static str,
    pub(crate) selector: Selector,
    /// Only `shared_state` registers a value of an unsized type.
    pub(crate) is_unsized: bool,
    pub(crate) availability: Availability,
    /// The names of the values of the type.
    pub(crate) names: Vec<String>,
}

/// What a validation found.
#[derive(Default)]
pub(crate) struct Validation {
    pub(crate) problems: Vec<ArgumentProblem>,
    /// The names of the values that an argument with `#[each]` takes one after the other.
    pub(crate) instances: Option<Vec<String>>,
}

enum Mode<'c> {
    Validate(Validation),
    Run { instance: &'c str },
}

impl<'c> ArgumentResolver<'c> {
    pub(crate) fn validate(values: &'c StateValues) -> Self {
        Self { values, next: Selector::Unnamed, mode: Mode::Validate(Validation::default()) }
    }

    /// Creates a resolver for one run. `instance` is the name of the value that an argument with `#[each]` takes.
    pub(crate) fn run(values: &'c StateValues, instance: Option<&'c str>) -> Self {
        Self { values, next: Selector::Unnamed, mode: Mode::Run { instance: instance.unwrap_or_default() } }
    }

    pub(crate) fn into_validation(self) -> Validation {
        match self.mode {
            Mode::Validate(validation) => validation,
            Mode::Run { .. } => Validation::default(),
        }
    }

    /// Makes the next argument take the value with this name.
    pub fn named(&mut self, name: &'static str) -> &mut Self {
        self.next = Selector::Named(name);
        self
    }

    /// Makes the next argument take one named value after the other.
    pub fn each(&mut self) -> &mut Self {
        self.next = Selector::Each;
        self
    }

    /// Resolves an argument of a check that is not a liveness check.
    pub fn argument<A: FromState<'c>>(&mut self, type_text: &'static str) -> Option<A> {
        let selector = std::mem::take(&mut self.next);
        match (&mut self.mode, selector) {
            (Mode::Run { instance }, Selector::Each) => A::from_state(self.values, instance),
            (Mode::Validate(validation), Selector::Each) => {
                validate_each::<A>(self.values, type_text, validation);
                None
            }
            (mode, Selector::Unnamed) => resolve(self.values, mode, type_text, selector, ""),
            (mode, Selector::Named(name)) => resolve(self.values, mode, type_text, selector, name),
        }
    }

    /// Resolves an argument of a liveness check.
    pub fn liveness_argument<A>(&mut self, type_text: &'static str) -> Option<A>
    where
        A: FromState<'c>,
        A::State: LivenessSafe,
    {
        self.argument(type_text)
    }

    /// Returns `None` when the resolver only validates: the function must not be called then.
    pub fn proceed(&self) -> Option<()> {
        matches!(self.mode, Mode::Run { .. }).then_some(())
    }
}

fn resolve<'c, A: FromState<'c>>(
    values: &'c StateValues,
    mode: &mut Mode<'_>,
    type_text: &'static str,
    selector: Selector,
    name: &str,
) -> Option<A> {
    let argument = A::from_state(values, name);
    if let Mode::Validate(validation) = mode {
        let availability = A::availability(values, name);
        // An `Option` resolves to `None` as well, which would hide a value that was registered in the wrong way.
        if argument.is_none() || availability.is_wrong() {
            validation.problems.push(problem::<A>(values, type_text, selector, availability));
        }
    }
    argument
}

fn validate_each<'c, A: FromState<'c>>(values: &'c StateValues, type_text: &'static str, validation: &mut Validation) {
    let names = A::names(values);
    let wrong = if !names.is_empty() {
        names.iter().map(|name| A::availability(values, name)).find(|availability| availability.is_wrong())
    } else if values.0.names::<Arc<A::State>>().is_empty() {
        Some(Availability::Missing)
    } else {
        Some(Availability::InArc)
    };
    validation.problems.extend(wrong.map(|wrong| problem::<A>(values, type_text, Selector::Each, wrong)));
    validation.instances = Some(names);
}

fn problem<'c, A: FromState<'c>>(
    values: &StateValues,
    type_text: &'static str,
    selector: Selector,
    availability: Availability,
) -> ArgumentProblem {
    // A reference to an unsized type is wider than one to a sized type.
    let is_unsized = size_of::<&A::State>() > size_of::<&()>();
    ArgumentProblem { type_text, selector, is_unsized, availability, names: A::names(values) }
}
