//! Contains the panics of foreign code: subscribers of `tracing`, metrics recorders, wakers, and what the application drops.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls code of the application. Returns the payload of its panic as an error; [`drop_payload`] drops it.
pub(crate) fn catch_panic<R>(call: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(call))
}

/// Calls code of the application. Returns `None` if it panics.
pub(crate) fn contain_panic<R>(call: impl FnOnce() -> R) -> Option<R> {
    catch_panic(call).map_err(drop_payload).ok()
}

/// Drops the payload of a panic. A panic of that drop is contained as well.
pub(crate) fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_panic(move || drop(payload)) {
        std::mem::forget(second);
    }
}
