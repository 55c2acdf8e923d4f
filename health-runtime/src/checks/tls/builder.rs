//! The builder of the check, and the validation of its settings.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::ServerName;

use super::Tls;
use super::handshake::Host;
use super::source::Source;
use crate::checks::build_error::{BuildError, build_if_valid};
use crate::checks::shared::connector::Connector;
use crate::checks::shared::{HostPort, SingleFlight, crypto_provider, partial_debug};

const DEFAULT_WARN_DAYS: u32 = 14;

/// Ten years.
const MAX_WARN_DAYS: u32 = 3650;

/// Configures and builds a [`Tls`]. Created by [`Tls::host`] and [`Tls::pem_file`].
#[must_use = "no check is created until `build`"]
pub struct TlsBuilder {
    target: Target,
    server_name: Option<String>,
    warn_days: u32,
}

enum Target {
    Host(String),
    File(PathBuf),
}

impl Tls {
    /// Creates a builder for the certificates that a server at `host:port` presents. An IPv6 address must be in brackets.
    pub fn host(address: impl Into<String>) -> TlsBuilder {
        TlsBuilder::new(Target::Host(address.into()))
    }

    /// Creates a builder for the certificates in a PEM file, such as the certificate of the service itself. A private key in it is
    /// ignored.
    pub fn pem_file(path: impl Into<PathBuf>) -> TlsBuilder {
        TlsBuilder::new(Target::File(path.into()))
    }
}

impl TlsBuilder {
    fn new(target: Target) -> Self {
        Self { target, server_name: None, warn_days: DEFAULT_WARN_DAYS }
    }

    /// Sets the number of days before the end of a certificate from which the check is degraded: 14 by default, at most 3650. 0
    /// disables the warning.
    pub fn warn_days(mut self, days: u32) -> Self {
        self.warn_days = days;
        self
    }

    /// Sets the server name (SNI), by default the host. A server with several certificates selects one by this name.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Creates the check. It connects or reads the file at its first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not `host:port`, the path is empty, the server name is invalid or set for a file,
    /// `warn_days` is above its maximum, or the program has no TLS provider to connect to a host.
    pub fn build(self) -> Result<Tls, BuildError> {
        let Self { target, server_name, warn_days } = self;
        let mut problems = Vec::new();
        let source = match target {
            Target::Host(address) => {
                let address = HostPort::parse_into(&address, &mut problems);
                let name = parse_server_name(server_name.as_deref(), &address, &mut problems);
                let provider = crypto_provider().map_err(|problem| problems.push(problem)).ok();
                let host = |provider| Host { connector: Connector::new(address), name, provider };
                provider.map(|provider| Source::Host(SingleFlight::new(host(provider))))
            }
            Target::File(path) => {
                if path.as_os_str().is_empty() {
                    problems.push("`pem_file` is empty; use the path of a file".to_owned());
                }
                if server_name.is_some() {
                    problems.push("`server_name` has no effect on a file; remove it".to_owned());
                }
                Some(Source::File(SingleFlight::without_abandoning(path)))
            }
        };
        if warn_days > MAX_WARN_DAYS {
            problems.push(format!("`warn_days` is {warn_days}; the maximum is {MAX_WARN_DAYS}"));
        }
        let Some(source) = source else { return Err(BuildError::new("Tls", problems)) };
        build_if_valid("Tls", problems, || Tls { source: Arc::new(source), warn_days })
    }
}

/// Parses the server name, by default the host. On an error it adds a problem and returns a placeholder.
fn parse_server_name(server_name: Option<&str>, address: &HostPort, problems: &mut Vec<String>) -> ServerName<'static> {
    let host = address.host.trim_end_matches('.');
    ServerName::try_from(server_name.unwrap_or(host).to_owned()).unwrap_or_else(|_| {
        if let Some(name) = server_name {
            problems
                .push(format!("`server_name` `{}` is not a server name; use a name such as `shop.example`", name.escape_debug()));
        } else if problems.is_empty() {
            problems.push(format!("`address` `{address}` has a host that is not a server name; set `server_name`"));
        }
        IpAddr::from(Ipv4Addr::LOCALHOST).into()
    })
}

partial_debug!(TlsBuilder, |builder| warn_days: &builder.warn_days);
