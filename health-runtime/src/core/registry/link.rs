//! Keeps crates in the program that nothing else names.

/// Keeps the checks of crates that no other line of the program names.
///
/// rustc leaves a crate out of the program when no source line names it, whatever `Cargo.toml` says, and its checks
/// with it. Write this once, in the crate that has the binary or in any that the binary uses:
///
/// ```
/// // health_runtime::link!(cache, billing);
/// health_runtime::link!(serde_json);
/// ```
#[macro_export]
macro_rules! link {
    ($($krate:ident),+ $(,)?) => {
        const _: () = {
            $(
                #[allow(unused_imports, reason = "to name the crate is all that is wanted")]
                use ::$krate as _;
            )+
        };
    };
}
