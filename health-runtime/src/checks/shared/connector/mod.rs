//! Connections to a server by its name, as all networked checks make them.
//!
//! A name may have several addresses, of which some drop every packet, and its addresses change: after a fail-over or a new
//! release the name leads to another server, while an open connection still leads to the old one. So:
//!
//! - Attempts to the addresses are staggered, and the first that connects wins ([`connect_first`]). The address of the last
//!   successful exchange comes first ([`Connector`]).
//! - A kept connection has a maximum age. One that breaks, or whose server responds with something unexpected, is dropped, and
//!   the query is repeated over a new connection, for which the name is resolved again ([`KeptConnection`]).

mod kept_connection;
mod staggered;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use tokio::net::TcpStream;

pub(in crate::checks) use self::kept_connection::KeptConnection;
use self::staggered::{connect_first, in_order};
use super::{HostPort, resolve};

/// Connects to one server.
#[derive(Debug)]
pub(in crate::checks) struct Connector {
    target: HostPort,
    /// The address of the last exchange, if that was successful.
    working: Mutex<Option<SocketAddr>>,
}

/// A new connection.
#[derive(Debug)]
pub(in crate::checks) struct Connected {
    pub(in crate::checks) stream: TcpStream,
    pub(in crate::checks) address: SocketAddr,
    /// The number of addresses that the name has.
    pub(in crate::checks) addresses: usize,
}

impl Connector {
    pub(in crate::checks) fn new(target: HostPort) -> Self {
        Self { target, working: Mutex::new(None) }
    }

    pub(in crate::checks) fn target(&self) -> &HostPort {
        &self.target
    }

    /// Resolves the name and connects to the first of its addresses that accepts the connection. If none does, returns the
    /// error of the last one.
    pub(in crate::checks) async fn connect(&self) -> io::Result<Connected> {
        let resolved = resolve(&self.target.host, self.target.port).await?;
        let addresses = resolved.len();
        let working = *self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let (address, stream) = connect_first(in_order(resolved, working), TcpStream::connect).await?;
        Ok(Connected { stream, address, addresses })
    }

    /// Runs an exchange with the server at this address, which is remembered if the exchange is successful, and forgotten if it
    /// fails or is abandoned.
    pub(in crate::checks) async fn track<T, E>(
        &self,
        address: SocketAddr,
        exchange: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.set_working(None);
        let result = exchange.await;
        if result.is_ok() {
            self.set_working(Some(address));
        }
        result
    }

    fn set_working(&self, address: Option<SocketAddr>) {
        *self.working.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }
}
