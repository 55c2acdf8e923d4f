//! `web::Data<T>` as an argument of a check.

use std::sync::Arc;

use actix_web::web::Data;

use crate::core::registry::state::{FromContext, Values};

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Send + Sync + 'static> FromContext<'_> for Data<T> {
    type State = T;

    fn from_context(context: &Values) -> Option<Self> {
        context.0.find::<T>().map(|value| Self::from(Arc::clone(value)))
    }
}
