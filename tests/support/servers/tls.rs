//! A TLS server: `openssl s_server`.

use std::fs;

use rustix::process::Signal;

use super::daemon::Ready;
use super::{Certificate, Daemon, free_port};
use crate::folder::Folder;
use crate::installed;

/// A truncated TLS greeting. The response is an alert.
const CUT_SHORT: &[u8] = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00";

/// A server of one page over TLS, for `localhost` and 127.0.0.1. It serves one connection after the other: a silent client
/// delays all others.
#[derive(Debug)]
pub struct TlsServer(pub(super) Daemon);

impl TlsServer {
    /// Starts one with this certificate.
    #[must_use]
    pub fn start(certificate: &Certificate) -> Self {
        Self::on(free_port(), certificate)
    }

    /// Restarts it with another certificate.
    pub fn renew(&mut self, certificate: &Certificate) {
        self.stop();
        *self = Self::on(self.port(), certificate);
    }

    /// Returns the URL of its page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}/", self.port())
    }

    fn on(port: u16, certificate: &Certificate) -> Self {
        let folder = Folder::new();
        let mut command = installed::program("openssl", "OpenSSL", "openssl");
        command.args(["s_server", "-www", "-accept"]).arg(format!("127.0.0.1:{port}"));
        let files = [
            ("-cert", Some(&certificate.leaf)),
            ("-key", Some(&certificate.key)),
            ("-cert_chain", certificate.intermediate.as_ref()),
        ];
        for (option, text) in files {
            if let Some(text) = text {
                let file = folder.path().join(format!("{}.pem", &option[1..]));
                fs::write(&file, text).expect("a file in the folder");
                command.arg(option).arg(file);
            }
        }
        let ready = Ready { request: CUT_SHORT, response: |bytes| bytes.starts_with(b"\x15\x03") };
        Self(Daemon::start(command, port, folder, ready, Signal::KILL))
    }
}
