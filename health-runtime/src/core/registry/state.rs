//! State that checks borrow, found by type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

use crate::core::registry::liveness::LivenessSafe;

/// Every registered value, by its type. Nothing is added once `start` has returned.
#[derive(Default)]
pub(crate) struct Context {
    /// Under `TypeId::of::<T>()` stands an `Arc<T>`; `T` may be unsized, its `Arc` never is.
    values: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Context {
    /// Registers a value. `Err` holds the name of its type when one of that type was given before.
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

    fn given<T: ?Sized + Send + Sync + 'static>(&self) -> Given {
        match (self.get::<T>().is_some(), self.in_web_data::<T>().is_some()) {
            (true, true) => Given::Twice,
            (true, false) | (false, true) => Given::Once,
            (false, false) if self.get::<Arc<T>>().is_some() => Given::InArc,
            (false, false) if self.get::<Box<T>>().is_some() => Given::InBox,
            (false, false) => Given::Not,
        }
    }

    /// Returns the value inside a registered `web::Data<T>`. `.state(data)` registers it by the type `web::Data<T>`, because
    /// the method is generic and cannot know what is inside.
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

/// What there is of the state that an argument asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    Not,
    Once,
    /// By itself and in a `web::Data`.
    Twice,
    /// `state` took the `Arc` itself for the state.
    InArc,
    InBox,
}

/// What stands in a check's parentheses: `&T`, `Option<&T>` or `web::Data<T>`.
#[diagnostic::on_unimplemented(
    message = "health check argument must be `&T`, `Option<&T>` or `web::Data<T>`, not `{Self}`; borrow the state that the builder was given",
    label = "this is not borrowed state",
    note = "`.state(v)` and `.shared_state(arc)` on the builder answer `&T`, `Option<&T>` (for state that may be missing) and `web::Data<T>`",
    note = "`T` must be `Send + Sync + 'static`; for `&dyn Repo` write `trait Repo: Send + Sync`, or `&(dyn Repo + Send + Sync)`"
)]
pub trait FromContext<'c>: Sized {
    /// The type under which the value is registered.
    type State: ?Sized + Send + Sync + 'static;

    #[doc(hidden)]
    fn from_context(context: &'c Values) -> Option<Self>;

    #[doc(hidden)]
    fn given(context: &Values) -> Given {
        context.0.given::<Self::State>()
    }
}

/// Keeps [`Context`] out of the hidden trait's signature.
pub struct Values(pub(crate) Context);

#[diagnostic::do_not_recommend]
impl<'c, T: ?Sized + Send + Sync + 'static> FromContext<'c> for &'c T {
    type State = T;

    fn from_context(context: &'c Values) -> Option<Self> {
        context.0.find::<T>().map(|value| &**value)
    }
}

#[diagnostic::do_not_recommend]
impl<'c, T: ?Sized + Send + Sync + 'static> FromContext<'c> for Option<&'c T> {
    type State = T;

    fn from_context(context: &'c Values) -> Option<Self> {
        Some(context.0.find::<T>().map(|value| &**value))
    }
}

/// One pass through a check's arguments: to see what is missing, or to call the function with them.
pub struct Call<'c> {
    context: &'c Values,
    purpose: Purpose,
}

/// An argument that cannot be told from what was registered.
pub(crate) struct Wrong {
    /// Its type as the user wrote it.
    pub(crate) written: &'static str,
    /// Only `shared` takes a value of it.
    pub(crate) is_unsized: bool,
    pub(crate) given: Given,
}

enum Purpose {
    Plan(Vec<Wrong>),
    Run,
}

impl<'c> Call<'c> {
    pub(crate) fn plan(context: &'c Values) -> Self {
        Self { context, purpose: Purpose::Plan(Vec::new()) }
    }

    pub(crate) fn run(context: &'c Values) -> Self {
        Self { context, purpose: Purpose::Run }
    }

    /// The arguments that cannot be told from what was registered.
    pub(crate) fn wrong(self) -> Vec<Wrong> {
        match self.purpose {
            Purpose::Plan(wrong) => wrong,
            Purpose::Run => Vec::new(),
        }
    }

    /// One argument of a check that is not liveness.
    pub fn argument<A: FromContext<'c>>(&mut self, written: &'static str) -> Option<A> {
        let argument = A::from_context(self.context);
        if let Purpose::Plan(wrong) = &mut self.purpose {
            let given = A::given(self.context);
            // An `Option` is answered with nothing as well, which would hide that something was given and not found.
            if argument.is_none() || matches!(given, Given::Twice | Given::InArc | Given::InBox) {
                // A reference to an unsized type is wider than one to a sized type.
                let is_unsized = size_of::<&A::State>() > size_of::<&()>();
                wrong.push(Wrong { written, is_unsized, given });
            }
        }
        argument
    }

    /// One argument of a check that is liveness.
    pub fn liveness_argument<A>(&mut self, written: &'static str) -> Option<A>
    where
        A: FromContext<'c>,
        A::State: LivenessSafe,
    {
        self.argument(written)
    }

    /// `None` in a pass that only plans: the function must not be called then.
    pub fn ready(&self) -> Option<()> {
        matches!(self.purpose, Purpose::Run).then_some(())
    }
}
