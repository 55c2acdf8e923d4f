//! The implementation of `Run` that all built-in checks share.

/// Implements [`Run`](crate::Run) for a built-in check through its method `run`.
///
/// A blanket implementation for a trait of built-in checks would overlap with the one for closures.
macro_rules! builtin_check {
    ($check:ident, external: $external:literal) => {
        $crate::checks::shared::builtin_check::builtin_check!([] $check, external: $external, where);
    };
    ([$($generics:tt)*] $check:ty, external: $external:literal, where $($bounds:tt)*) => {
        impl<$($generics)*> $crate::Run for $check
        where
            $($bounds)*
        {
            fn start(&self) -> $crate::core::registry::descriptor::CheckFuture<'static> {
                let check = self.clone();
                Box::pin(async move { check.run().await })
            }

            fn is_external(&self) -> bool {
                $external
            }
        }
    };
}

pub(in crate::checks) use builtin_check;
