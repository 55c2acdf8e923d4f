//! Used memory and its limit.

use std::io;

/// Both in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) used: u64,
    pub(super) limit: u64,
}

/// A number as the kernel writes it.
pub(super) fn number(text: &str) -> io::Result<u64> {
    let text = text.trim();
    text.parse().map_err(|_| invalid(format!("`{text}` is no number")))
}

pub(super) fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
