//! Where a value is: what the text before it decides.

use super::keys::{Key, KeyKind};
use super::pair::Separator;

/// What is known about a value from the text before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) separator: Separator,
    /// White space is before the separator, and so can be before the next.
    pub(super) has_spaces: bool,
    /// The value can have white space, although it has no quotes: its key begins a line, or follows another pair.
    pub(super) is_long: bool,
    /// The key begins a line, as in YAML.
    pub(super) begins_line: bool,
    pub(super) key: Key,
    /// The sign that separates pairs, if one is before the key: `;` of a connection string, `&` of a query.
    pub(super) between_pairs: Option<u8>,
    /// The quote around the pair.
    pub(super) quote: Option<u8>,
    /// The indentation of the line.
    pub(super) indent: usize,
}

impl Place {
    pub(super) fn is_header(&self) -> bool {
        self.key.kind == KeyKind::Header
    }

    pub(super) fn is_in_connection_string(&self) -> bool {
        self.separator == Separator::Equals && self.between_pairs == Some(b';')
    }
}
