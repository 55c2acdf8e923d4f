//! A web server: HAProxy without a backend, which responds by itself and keeps connections.

use std::fs;

use rustix::process::Signal;

use super::daemon::Ready;
use super::{Certificate, Daemon, free_port};
use crate::folder::Folder;
use crate::installed;

const CONFIG: &str = "haproxy.cfg";

/// `/` is 200, `/sick` is 503, `/moved` redirects to `/`, and other paths are 404.
const PAGES: &str = r#"
defaults
    mode http
    timeout client 60s
    timeout http-keep-alive 60s

frontend website
    http-request return status 200 content-type text/plain string "all well" if { path / }
    http-request return status 503 content-type text/plain string "the database is away" if { path /sick }
    http-request redirect location / code 302 if { path /moved }
    http-request return status 404
"#;

/// A website at `localhost` and 127.0.0.1.
#[derive(Debug)]
pub struct Website(pub(super) Daemon);

impl Website {
    /// Starts one without TLS.
    #[must_use]
    pub fn start() -> Self {
        Self::with(None)
    }

    /// Starts one with TLS only.
    #[must_use]
    pub fn secure(certificate: &Certificate) -> Self {
        Self::with(Some(certificate))
    }

    fn with(certificate: Option<&Certificate>) -> Self {
        let folder = Folder::new();
        let port = free_port();
        let mut options = String::new();
        let mut ready = Ready { request: b"GET / HTTP/1.0\r\n\r\n", response: |bytes| bytes.starts_with(b"HTTP/1.1 200 OK\r\n") };
        if let Some(Certificate { leaf, key, intermediate, .. }) = certificate {
            let pem = folder.path().join("website.pem");
            fs::write(&pem, [leaf, intermediate.as_deref().unwrap_or_default(), key].concat()).expect("a file in the folder");
            options = format!("ssl crt {}", pem.display());
            // Clients without TLS are rejected.
            ready.response = |_| true;
        }
        let config = format!("{PAGES}    bind 127.0.0.1:{port} {options}\n");
        fs::write(folder.path().join(CONFIG), config).expect("a file in the folder");
        let mut command = installed::program("haproxy", "HAProxy", "haproxy");
        command.arg("-db").arg("-f").arg(folder.path().join(CONFIG));
        Self(Daemon::start(command, port, folder, ready, Signal::KILL))
    }
}
