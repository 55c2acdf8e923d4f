//! The used memory and its limit.

use std::io;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MemoryUsage {
    pub(super) used_bytes: u64,
    pub(super) limit_bytes: u64,
}

/// Parses a number in a file of the kernel.
pub(super) fn parse_number(text: &str) -> io::Result<u64> {
    let text = text.trim();
    text.parse().map_err(|_| invalid_data(format!("`{text}` is not a number")))
}

pub(super) fn invalid_data(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
