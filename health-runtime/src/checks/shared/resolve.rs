//! The addresses behind a name, and a connection to one of them.

use std::error::Error;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::{fmt, io};

#[cfg(any(feature = "memcached", feature = "tls"))]
use tokio::net::TcpStream;

use crate::core::engine::dedicated_thread::{DedicatedThread, spawn};
use crate::core::{model::error_class::chain, model::outcome::Outcome};

/// The system's resolver knows no address for a name. Its own error has no kind that says so.
#[derive(Debug)]
struct Unresolved {
    host: String,
    source: Option<io::Error>,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not resolve", self.host)
    }
}

impl Error for Unresolved {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// The addresses that the system's resolver knows for `host`, which may be an address itself: one at least.
///
/// The resolver blocks.
pub(in crate::checks) async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let asked = (host.to_owned(), port);
    let resolve = move || asked.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    let DedicatedThread { result, exit } = spawn("health:lookup".to_owned(), resolve)?;
    exit.wait().await;
    let unresolved = |source| io::Error::other(Unresolved { host: host.to_owned(), source });
    match result.await.unwrap_or_else(|gone| Err(io::Error::other(gone))) {
        Ok(addresses) if addresses.is_empty() => Err(unresolved(None)),
        Ok(addresses) => Ok(addresses),
        Err(error) => Err(unresolved(Some(error))),
    }
}

/// A connection to the first of the addresses that takes one; else the error of the last.
#[cfg(any(feature = "memcached", feature = "tls"))]
pub(in crate::checks) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    TcpStream::connect(&*addresses(host, port).await?).await
}

/// Down for this error, which says so where a name does not resolve.
pub(in crate::checks) fn failed(error: &(dyn Error + 'static)) -> Outcome {
    if chain(error).any(<dyn Error>::is::<Unresolved>) {
        Outcome::failed_as("name does not resolve", error)
    } else {
        Outcome::failed(error)
    }
}
