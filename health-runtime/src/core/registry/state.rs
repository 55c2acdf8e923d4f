//! State that checks borrow, found by its type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

use super::liveness::LivenessSafe;

/// Every registered value, by its type. It does not change once `start` has returned.
#[derive(Default)]
pub(crate) struct StateMap {
    /// The key `TypeId::of::<T>()` has an `Arc<T>` as its value. `T` may be unsized; its `Arc` is sized.
    values: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl StateMap {
    /// Registers a value. Returns the name of its type as an error when a value of that type was registered before.
    pub(crate) fn insert<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) -> Result<(), &'static str> {
        match self.values.insert(TypeId::of::<T>(), Box::new(value)) {
            None => Ok(()),
            Some(_) => Err(type_name::<T>()),
        }
    }

    /// Returns the registered value of a type, also if it was registered in a `web::Data`.
    pub(crate) fn find<T: ?Sized + Send + Sync + 'static>(&self) -> Option<&Arc<T>> {
        self.get::<T>().or_else(|| self.in_web_data::<T>())
    }

    fn availability<T: ?Sized + Send + Sync + 'static>(&self) -> Availability {
        match (self.get::<T>().is_some(), self.in_web_data::<T>().is_some()) {
            (true, true) => Availability::Twice,
            (true, false) | (false, true) => Availability::Once,
            (false, false) if self.get::<Arc<T>>().is_some() => Availability::InArc,
            (false, false) if self.get::<Box<T>>().is_some() => Availability::InBox,
            (false, false) => Availability::Missing,
        }
    }

    /// Returns the value inside a registered `web::Data<T>`. `.state(data)` registers it under the type `web::Data<T>`, because
    /// the method is generic and does not know the type inside.
    #[cfg_attr(not(feature = "actix"), expect(clippy::unused_self, reason = "only actix-web has `web::Data`"))]
    fn in_web_data<T: ?Sized + Send + Sync + 'static>(&self) -> Option<&Arc<T>> {
        #[cfg(feature = "actix")]
        if let Some(data) = self.get::<actix_web::web::Data<T>>() {
            return Some(data);
        }
        None
    }

    fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Option<&Arc<T>> {
        self.values.get(&TypeId::of::<T>())?.downcast_ref::<Arc<T>>()
    }
}

/// Which values of the type of an argument are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    Missing,
    Once,
    /// As a value and in a `web::Data`.
    Twice,
    /// `state` was called with an `Arc`.
    InArc,
    /// `state` was called with a `Box`.
    InBox,
}

/// A type of a check's argument: `&T`, `Option<&T>` or `web::Data<T>`.
#[diagnostic::on_unimplemented(
    message = "health check argument must be `&T`, `Option<&T>` or `web::Data<T>`, not `{Self}`; borrow the state that the builder was given",
    label = "this is not borrowed state",
    note = "`.state(v)` and `.shared_state(arc)` on the builder serve `&T`, `Option<&T>` (for optional state) and `web::Data<T>`",
    note = "`T` must be `Send + Sync + 'static`; for `&dyn Repo` write `trait Repo: Send + Sync`, or `&(dyn Repo + Send + Sync)`"
)]
pub trait FromState<'c>: Sized {
    /// The type under which the value is registered.
    type State: ?Sized + Send + Sync + 'static;

    #[doc(hidden)]
    fn from_state(values: &'c StateValues) -> Option<Self>;

    #[doc(hidden)]
    fn availability(values: &StateValues) -> Availability {
        values.0.availability::<Self::State>()
    }
}

/// Keeps [`StateMap`] out of the signature of the hidden trait.
pub struct StateValues(pub(crate) StateMap);

#[diagnostic::do_not_recommend]
impl<'c, T: ?Sized + Send + Sync + 'static> FromState<'c> for &'c T {
    type State = T;

    fn from_state(values: &'c StateValues) -> Option<Self> {
        values.0.find::<T>().map(|value| &**value)
    }
}

#[diagnostic::do_not_recommend]
impl<'c, T: ?Sized + Send + Sync + 'static> FromState<'c> for Option<&'c T> {
    type State = T;

    fn from_state(values: &'c StateValues) -> Option<Self> {
        Some(values.0.find::<T>().map(|value| &**value))
    }
}

/// Resolves the arguments of a check: to find what is missing, or to call the function.
pub struct ArgumentResolver<'c> {
    values: &'c StateValues,
    mode: Mode,
}

/// An argument that the registered state cannot provide.
pub(crate) struct ArgumentProblem {
    /// The type of the argument as the user wrote it.
    pub(crate) type_text: &'static str,
    /// Only `shared_state` registers a value of an unsized type.
    pub(crate) is_unsized: bool,
    pub(crate) availability: Availability,
}

enum Mode {
    Validate(Vec<ArgumentProblem>),
    Run,
}

impl<'c> ArgumentResolver<'c> {
    pub(crate) fn validate(values: &'c StateValues) -> Self {
        Self { values, mode: Mode::Validate(Vec::new()) }
    }

    pub(crate) fn run(values: &'c StateValues) -> Self {
        Self { values, mode: Mode::Run }
    }

    pub(crate) fn into_problems(self) -> Vec<ArgumentProblem> {
        match self.mode {
            Mode::Validate(problems) => problems,
            Mode::Run => Vec::new(),
        }
    }

    /// Resolves an argument of a check that is not a liveness check.
    pub fn argument<A: FromState<'c>>(&mut self, type_text: &'static str) -> Option<A> {
        let argument = A::from_state(self.values);
        if let Mode::Validate(problems) = &mut self.mode {
            let availability = A::availability(self.values);
            // An `Option` resolves to `None` as well, which would hide a value that was registered in the wrong way.
            let is_wrong = matches!(availability, Availability::Twice | Availability::InArc | Availability::InBox);
            if argument.is_none() || is_wrong {
                // A reference to an unsized type is wider than one to a sized type.
                let is_unsized = size_of::<&A::State>() > size_of::<&()>();
                problems.push(ArgumentProblem { type_text, is_unsized, availability });
            }
        }
        argument
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
        matches!(self.mode, Mode::Run).then_some(())
    }
}
