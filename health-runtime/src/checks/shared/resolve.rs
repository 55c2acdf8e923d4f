//! Name resolution.

use std::error::Error;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::{fmt, io};

use super::spawn_blocking_thread;
use crate::core::model::error_class::chain;
use crate::core::model::outcome::Outcome;

/// The system's resolver returns no address for a name. Its own error has no kind for that.
#[derive(Debug)]
struct ResolveError {
    host: String,
    source: Option<io::Error>,
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not resolve", self.host)
    }
}

impl Error for ResolveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// Returns the addresses of `host`, a name or an address, from the system's resolver: at least one.
pub(in crate::checks) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let target = (host.to_owned(), port);
    let lookup = move || target.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    let addresses = spawn_blocking_thread("health:lookup", lookup)?;
    let error = |source| io::Error::other(ResolveError { host: host.to_owned(), source });
    match addresses.await {
        Ok(addresses) if addresses.is_empty() => Err(error(None)),
        Ok(addresses) => Ok(addresses),
        Err(source) => Err(error(Some(source))),
    }
}

/// Returns a `Down` outcome for an error. The reason for a name that does not resolve is fixed.
pub(in crate::checks) fn outcome_from_error(error: &(dyn Error + 'static)) -> Outcome {
    if chain(error).any(<dyn Error>::is::<ResolveError>) {
        Outcome::failed_as("name does not resolve", error)
    } else {
        Outcome::failed(error)
    }
}
