//! memcached.

use std::fs;

use rustix::process::Signal;

use super::daemon::Ready;
use super::{Daemon, PASSWORD, USER, free_port};
use crate::folder::Folder;
use crate::installed;

/// A memcached.
#[derive(Debug)]
pub struct Memcached(pub(super) Daemon);

impl Memcached {
    /// Starts one without passwords.
    #[must_use]
    pub fn start() -> Self {
        Self::with(false)
    }

    /// Starts one that requires [`USER`] and [`PASSWORD`].
    #[must_use]
    pub fn with_password() -> Self {
        Self::with(true)
    }

    fn with(password: bool) -> Self {
        let folder = Folder::new();
        let port = free_port();
        let mut command = installed::program("memcached", "memcached", "memcached");
        // As root it requires this option; otherwise it ignores it.
        command.args(["-l", "127.0.0.1", "-U", "0", "-u", "root", "-p"]).arg(port.to_string());
        if password {
            let file = folder.path().join("users");
            fs::write(&file, format!("{USER}:{PASSWORD}\n")).expect("a file in the folder");
            command.arg("-Y").arg(file);
        }
        let ready = Ready { request: b"version\r\n", response: |bytes| bytes.starts_with(b"VERSION ") || is_refusal(bytes) };
        Self(Daemon::start(command, port, folder, ready, Signal::KILL))
    }
}

fn is_refusal(bytes: &[u8]) -> bool {
    bytes.starts_with(b"CLIENT_ERROR unauthenticated")
}
