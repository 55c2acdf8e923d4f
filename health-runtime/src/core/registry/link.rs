//! Links crates that no other line of the program names.

/// Links the checks of crates that no other line of the program names.
///
/// rustc omits a crate that no source line names, and its checks with it, even if `Cargo.toml` lists it. Call this macro once, in
/// the crate of the binary or in a crate that the binary uses:
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
                use ::$krate as _;
            )+
        };
    };
}
