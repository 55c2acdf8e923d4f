//! The settings of a check of certificates, and every mistake in them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::ServerName;

use super::Tls;
use super::source::{Host, Source};
use crate::checks::build_error::BuildError;
use crate::checks::shared::aside::Aside;
use crate::checks::shared::host_port::Address;
use crate::checks::shared::single_flight::Question;

const WARN_DAYS: u32 = 14;

/// Ten years.
const MOST_WARN_DAYS: u32 = 3650;

/// The settings of a [`Tls`]. Made by [`Tls::host`] and [`Tls::pem_file`].
#[must_use = "no check is made until `build`"]
pub struct TlsBuilder {
    place: Place,
    server_name: Option<String>,
    warn_days: u32,
}

enum Place {
    Host(String),
    File(PathBuf),
}

impl Tls {
    /// Begins with the certificates that a server presents at `host:port`, where an IPv6 address stands in brackets.
    pub fn host(address: impl Into<String>) -> TlsBuilder {
        TlsBuilder::new(Place::Host(address.into()))
    }

    /// Begins with the certificates in a PEM file, and so with a certificate of one's own. A private key in it is not looked at.
    pub fn pem_file(path: impl Into<PathBuf>) -> TlsBuilder {
        TlsBuilder::new(Place::File(path.into()))
    }
}

impl TlsBuilder {
    fn new(place: Place) -> Self {
        Self { place, server_name: None, warn_days: WARN_DAYS }
    }

    /// Degraded when the certificate ends in less than so many days, in place of 14; 0 for never, 3650 at most.
    pub fn warn_days(mut self, days: u32) -> Self {
        self.warn_days = days;
        self
    }

    /// Asks for the certificate of this name, in place of the host's. Servers that serve several choose by it.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Makes the check. Nothing is connected and no file is read yet.
    ///
    /// # Errors
    ///
    /// When the address is not `host:port`, the path is empty, the name is none or is given for a file, or the days are too many.
    pub fn build(self) -> Result<Tls, BuildError> {
        let Self { place, server_name, warn_days } = self;
        let mut mistakes = Vec::new();
        let source = match place {
            Place::Host(address) => {
                let address = Address::read(&address, &mut mistakes);
                let name = read_name(server_name.as_deref(), &address, &mut mistakes);
                Source::Host(Arc::new(Host { address, name }), Question::default())
            }
            Place::File(path) => {
                if path.as_os_str().is_empty() {
                    mistakes.push("`pem_file` is empty; give the path of a file".to_owned());
                }
                if server_name.is_some() {
                    mistakes.push("`server_name` is given for a file, which is asked for no name; leave it out".to_owned());
                }
                Source::File(path, Aside::default())
            }
        };
        if warn_days > MOST_WARN_DAYS {
            mistakes.push(format!("`warn_days` is {warn_days}; give at most {MOST_WARN_DAYS}"));
        }
        BuildError::unless("Tls", mistakes, || Tls::new(source, warn_days))
    }
}

/// The name to ask for. A mistake joins the others, and some name stands for the one that there is not.
fn read_name(given: Option<&str>, address: &Address, mistakes: &mut Vec<String>) -> ServerName<'static> {
    let host = address.host.trim_end_matches('.');
    ServerName::try_from(given.unwrap_or(host).to_owned()).unwrap_or_else(|_| {
        if let Some(given) = given {
            mistakes
                .push(format!("`server_name` `{}` is no name of a server; write it as in `shop.example`", given.escape_debug()));
        } else if mistakes.is_empty() {
            mistakes.push(format!("`address` `{address}` has a host that no certificate names; give a `server_name`"));
        }
        IpAddr::from(Ipv4Addr::LOCALHOST).into()
    })
}

// What was not read yet may be a URL with a password.
impl fmt::Debug for TlsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsBuilder").field("warn_days", &self.warn_days).finish_non_exhaustive()
    }
}
