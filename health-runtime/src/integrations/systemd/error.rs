//! The error of `Health::notify_systemd`.

use std::io;

use crate::text::problems::text_error;

text_error! {
    /// The error of [`Health::notify_systemd`](crate::Health::notify_systemd): an invalid environment variable, or a resource
    /// that the operating system did not provide.
    #[derive(Clone, PartialEq, Eq)]
    pub struct NotifyError(String);
}

impl NotifyError {
    pub(super) fn invalid_variable(name: &str, value: &str, problem: &str) -> Self {
        Self(format!("`{name}` is {value:?}, {problem}; leave it as systemd sets it, or unset it"))
    }

    pub(super) fn no_socket(error: &io::Error) -> Self {
        Self(format!("cannot open a socket for systemd notifications: {error}"))
    }

    pub(super) fn no_thread(error: &io::Error) -> Self {
        Self(format!("cannot start a thread for systemd notifications: {error}"))
    }
}
