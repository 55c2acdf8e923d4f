//! `web::Data<T>` as an argument of a check.

use std::sync::Arc;

use actix_web::web::Data;

use crate::core::registry::state::{FromState, StateValues};

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + Sync + 'static> FromState<'_> for Data<T> {
    type State = T;

    fn from_state(values: &StateValues, name: &str) -> Option<Self> {
        values.0.find::<T>(name).map(|value| Self::from(Arc::clone(value)))
    }
}
