//! The implementations of `Run` and `Debug` that the built-in checks share.

/// Implements [`Run`](crate::Run) for a built-in check through its method `run`.
///
/// A blanket implementation for a trait of built-in checks would overlap with the one for closures.
macro_rules! builtin_check {
    ($check:ident $(<$generic:ident>)?, external: $external:literal $(, where $($bounds:tt)*)?) => {
        impl $(<$generic>)? $crate::Run for $check $(<$generic>)?
        $(where $($bounds)*)?
        {
            fn start(&self) -> $crate::core::registry::descriptor::CheckFuture<'static> {
                let check = self.clone();
                Box::pin(async move { check.run().await })
            }

            fn is_external(&self) -> bool {
                $external
            }

            fn description(&self) -> Option<&'static str> {
                $crate::checks::descriptions::describe(stringify!($check))
            }
        }
    };
}

/// Implements `Debug` for a type through some values of it. The others may contain secrets: in a builder they are not
/// validated yet, so that even an address may be a URL with a password.
macro_rules! partial_debug {
    ($type:ident $(<$generic:ident: $bound:path>)?, |$this:pat_param| $($name:ident: $value:expr),*) => {
        impl $(<$generic: $bound>)? std::fmt::Debug for $type $(<$generic>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $this = self;
                f.debug_struct(stringify!($type))$(.field(stringify!($name), $value))*.finish_non_exhaustive()
            }
        }
    };
}

pub(in crate::checks) use {builtin_check, partial_debug};
