//! Why systemd cannot be told.

use std::error::Error;
use std::fmt;
use std::io;

/// Why [`Health::notify_systemd`](crate::Health::notify_systemd) refused: what is wrong with the environment, or what the
/// operating system did not give.
///
/// `Debug` prints the same text as `Display`, so a `main` that returns it shows it readable.
#[derive(Clone, PartialEq, Eq)]
pub struct NotifyError {
    problem: String,
}

impl NotifyError {
    pub(super) fn variable(name: &str, value: &str, problem: &str) -> Self {
        Self { problem: format!("`{name}` is {value:?}, {problem}; leave it as systemd sets it, or unset it") }
    }

    pub(super) fn no_socket(error: &io::Error) -> Self {
        Self { problem: format!("health cannot open a socket to tell systemd: {error}") }
    }

    pub(super) fn no_thread(error: &io::Error) -> Self {
        Self { problem: format!("health cannot start a thread to tell systemd: {error}") }
    }
}

impl fmt::Display for NotifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl fmt::Debug for NotifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for NotifyError {}
