//! The glue for server frameworks.

pub(crate) mod actix;
