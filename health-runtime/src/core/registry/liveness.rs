//! The state that a liveness check may borrow.

use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize,
};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::time::{Duration, Instant};

/// Marks state that a liveness check may borrow, because it describes this process and depends on nothing outside it.
///
/// A failed liveness check restarts the process, and a restart does not repair a database. A liveness check therefore takes only
/// arguments whose type implements this trait. Implement it for your types that are updated within the process, such as a
/// heartbeat. The orphan rule rejects an implementation for a foreign type, such as a connection pool.
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use health_runtime::{LivenessSafe, health_check};
///
/// struct Heartbeat(AtomicU64);
/// impl LivenessSafe for Heartbeat {}
///
/// #[health_check(liveness)]
/// async fn consumer(heartbeat: &Heartbeat) -> Result<(), &'static str> {
///     if heartbeat.0.load(Ordering::Relaxed) > 0 { Ok(()) } else { Err("consumer made no progress") }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "health check must not reach `{Self}` in a liveness check, a restart would not repair it; make the check `readiness`, or implement `LivenessSafe` for a type of your own",
    label = "this is not `LivenessSafe`",
    note = "a liveness check that fails restarts the process, so it must not touch an outside dependency"
)]
pub trait LivenessSafe {}

macro_rules! safe {
    ($($ty:ty),* $(,)?) => { $(impl LivenessSafe for $ty {})* };
}

safe!(bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, str, String, Duration, Instant);
safe!(AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize);

impl<T> LivenessSafe for AtomicPtr<T> {}

#[diagnostic::do_not_recommend]
impl<T: LivenessSafe + ?Sized> LivenessSafe for Arc<T> {}
#[diagnostic::do_not_recommend]
impl<T: LivenessSafe> LivenessSafe for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T: LivenessSafe + ?Sized> LivenessSafe for Mutex<T> {}
#[diagnostic::do_not_recommend]
impl<T: LivenessSafe + ?Sized> LivenessSafe for RwLock<T> {}
#[diagnostic::do_not_recommend]
impl<T: LivenessSafe> LivenessSafe for OnceLock<T> {}
#[diagnostic::do_not_recommend]
impl<T: LivenessSafe, const N: usize> LivenessSafe for [T; N] {}

macro_rules! tuples {
    ($(($($name:ident),*))*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($name: LivenessSafe),*> LivenessSafe for ($($name,)*) {}
        )*
    };
}

tuples! {
    () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
    (A, B, C, D, E, F, G, H, I) (A, B, C, D, E, F, G, H, I, J) (A, B, C, D, E, F, G, H, I, J, K)
    (A, B, C, D, E, F, G, H, I, J, K, L)
}
