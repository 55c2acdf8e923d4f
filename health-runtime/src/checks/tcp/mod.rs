//! A check that a server accepts TCP connections.

use std::io;
use std::sync::Arc;

use super::build_error::{BuildError, build_if_valid};
use super::shared::connector::{Connected, Connector};
use super::shared::{HostPort, SingleFlight, builtin_check, outcome_from_error, partial_debug};
use crate::core::model::outcome::Outcome;

/// Checks that a TCP connection to a host and port can be established.
///
/// This shows only that the kernel of the host accepts connections, which it also does for a server that hangs. Prefer a check
/// of the server's protocol, if there is one.
///
/// All addresses of the host are tried, in the order of the system's resolver with alternating families, until one accepts the
/// connection. The next attempt starts after 250 ms, or at once after one that fails. Detail: `addresses`, the number of
/// addresses.
///
/// Each run opens one connection and sends nothing before it closes it, which a server may log.
///
/// ```
/// use health_runtime::{Check, checks::Tcp};
///
/// let smtp = Check::readiness("smtp", Tcp::builder("mail.internal:25").build()?);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Tcp {
    flight: Arc<SingleFlight<Connector, usize, io::Error>>,
}

/// Configures and builds a [`Tcp`]. Created by [`Tcp::builder`].
#[must_use = "no check is created until `build`"]
pub struct TcpBuilder {
    address: String,
}

impl Tcp {
    /// Creates a builder for a server at `host:port`. An IPv6 address must be in brackets.
    pub fn builder(address: impl Into<String>) -> TcpBuilder {
        TcpBuilder { address: address.into() }
    }

    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let connected = self.flight.join_or_start(|connector| async move {
            let Connected { address, addresses, .. } = connector.connect().await?;
            connector.track(address, async { Ok(addresses) }).await
        });
        match connected.await {
            Ok(count) => Outcome::up().with("addresses", count),
            Err(error) => outcome_from_error(&error),
        }
    }
}

impl TcpBuilder {
    /// Creates the check. It connects at its first run.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is not `host:port`.
    pub fn build(self) -> Result<Tcp, BuildError> {
        let mut problems = Vec::new();
        let address = HostPort::parse_into(&self.address, &mut problems);
        build_if_valid("Tcp", problems, || Tcp { flight: Arc::new(SingleFlight::new(Connector::new(address))) })
    }
}

builtin_check!(Tcp, external: true);
partial_debug!(Tcp, |tcp| address: tcp.flight.target().target());
partial_debug!(TcpBuilder, |_| );

#[cfg(test)]
mod tests;
