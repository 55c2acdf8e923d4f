//! State that checks borrow, found by its type and its name.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::core::model::sort::sort_and_dedup;

/// The name of a value that is registered by its type alone. `start` rejects a named value with it.
const UNNAMED: &str = "";

/// Every registered value, by its type and its name. It does not change once `start` has returned.
#[derive(Default)]
pub(crate) struct StateMap {
    /// The key `TypeId::of::<T>()` has an `Arc<T>` for each name. `T` may be unsized; its `Arc` is sized.
    values: HashMap<TypeId, HashMap<String, Box<dyn Any + Send + Sync>>>,
    /// The names of the values of each type in lower case: they are part of names of checks, which ignore ASCII case.
    keys: HashSet<(TypeId, String)>,
}

impl StateMap {
    /// Registers a value, with a name or with [`UNNAMED`]. Returns `false` when one of that type and name was registered before.
    pub(crate) fn insert<T: ?Sized + Send + Sync + 'static>(&mut self, name: String, value: Arc<T>) -> bool {
        self.insert_any(TypeId::of::<T>(), name, Box::new(value))
    }

    fn insert_any(&mut self, id: TypeId, name: String, value: Box<dyn Any + Send + Sync>) -> bool {
        let is_new = self.keys.insert((id, name.to_ascii_lowercase()));
        self.values.entry(id).or_default().insert(name, value);
        is_new
    }

    /// Registers a value by its type alone. Returns `false` when one of that type was registered before.
    pub(crate) fn insert_unnamed<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) -> bool {
        self.insert(UNNAMED.to_owned(), value)
    }

    /// Returns the registered value of a type and name, also if it was registered in a `web::Data`.
    pub(crate) fn find<T: ?Sized + Send + Sync + 'static>(&self, name: &str) -> Option<&Arc<T>> {
        self.get::<T>(name).or_else(|| self.in_web_data::<T>(name))
    }

    fn availability<T: ?Sized + Send + Sync + 'static>(&self, name: &str) -> Availability {
        match (self.get::<T>(name).is_some(), self.in_web_data::<T>(name).is_some()) {
            (true, true) => Availability::Twice,
            (true, false) | (false, true) => Availability::Once,
            (false, false) if self.get::<Arc<T>>(name).is_some() => Availability::InArc,
            (false, false) if self.get::<Box<T>>(name).is_some() => Availability::InBox,
            (false, false) => Availability::Missing,
        }
    }

    /// Returns the names of the values of a type, sorted.
    pub(crate) fn names<T: ?Sized + Send + Sync + 'static>(&self) -> Vec<String> {
        self.names_of(&[
            TypeId::of::<T>(),
            #[cfg(feature = "actix")]
            TypeId::of::<actix_web::web::Data<T>>(),
        ])
    }

    fn names_of(&self, ids: &[TypeId]) -> Vec<String> {
        let values = ids.iter().filter_map(|id| self.values.get(id));
        let mut names = values.flat_map(HashMap::keys).filter(|name| *name != UNNAMED).cloned().collect();
        sort_and_dedup(&mut names);
        names
    }

    /// Returns the value inside a registered `web::Data<T>`. `.state(data)` registers it under the type `web::Data<T>`, because
    /// the method is generic and does not know the type inside.
    #[cfg_attr(not(feature = "actix"), expect(clippy::unused_self, unused_variables, reason = "only actix-web has `web::Data`"))]
    fn in_web_data<T: ?Sized + Send + Sync + 'static>(&self, name: &str) -> Option<&Arc<T>> {
        #[cfg(feature = "actix")]
        if let Some(data) = self.get::<actix_web::web::Data<T>>(name) {
            return Some(data);
        }
        None
    }

    fn get<T: ?Sized + Send + Sync + 'static>(&self, name: &str) -> Option<&Arc<T>> {
        self.values.get(&TypeId::of::<T>())?.get(name)?.downcast_ref::<Arc<T>>()
    }
}

/// Which values of the type and name of an argument are registered.
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

impl Availability {
    /// Whether the value was registered in a way that cannot be used.
    pub(crate) fn is_wrong(self) -> bool {
        matches!(self, Self::Twice | Self::InArc | Self::InBox)
    }
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
    fn from_state(values: &'c StateValues, name: &str) -> Option<Self>;

    #[doc(hidden)]
    fn availability(values: &StateValues, name: &str) -> Availability {
        values.0.availability::<Self::State>(name)
    }

    #[doc(hidden)]
    fn names(values: &StateValues) -> Vec<String> {
        values.0.names::<Self::State>()
    }
}

/// Keeps [`StateMap`] out of the signature of the hidden trait.
pub struct StateValues(pub(crate) StateMap);

#[diagnostic::do_not_recommend]
impl<'c, T: ?Sized + Send + Sync + 'static> FromState<'c> for &'c T {
    type State = T;

    fn from_state(values: &'c StateValues, name: &str) -> Option<Self> {
        values.0.find::<T>(name).map(|value| &**value)
    }
}

#[diagnostic::do_not_recommend]
impl<'c, T: ?Sized + Send + Sync + 'static> FromState<'c> for Option<&'c T> {
    type State = T;

    fn from_state(values: &'c StateValues, name: &str) -> Option<Self> {
        Some(values.0.find::<T>(name).map(|value| &**value))
    }
}
