//! Where an attribute is: on a function, or on a method.

use proc_macro2::{Span, TokenStream};

pub(crate) struct Place<'b> {
    /// Where a missing argument is reported.
    pub(crate) attribute: Span,
    /// The `impl` with `#[health_checks]` that the function is a method of.
    pub(crate) block: Option<&'b ImplBlock>,
}

/// What the checks of an `impl` share.
pub(crate) struct ImplBlock {
    /// The type that the methods call `Self`.
    pub(crate) self_type: TokenStream,
    /// The attributes that also apply to the generated items.
    pub(crate) attributes: Vec<TokenStream>,
}
