//! Staggered connection attempts: "Happy Eyeballs", RFC 8305.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

/// The time after which the next attempt starts, while the earlier ones go on: the Connection Attempt Delay of the RFC.
pub(super) const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Sorts addresses as the RFC recommends: the order of the resolver with alternating address families, so that a family that
/// does not work costs one delay. The address that worked last comes first.
pub(super) fn in_order(addresses: Vec<SocketAddr>, working: Option<SocketAddr>) -> Vec<SocketAddr> {
    let starts_with_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == starts_with_v6);
    let longest = first.len().max(second.len());
    let mut sorted: Vec<_> = (0..longest).flat_map(|index| [first.get(index), second.get(index)]).flatten().copied().collect();
    // The sort is stable.
    sorted.sort_by_key(|address| Some(*address) != working);
    sorted
}

/// Connects to the first address that accepts. The next attempt starts when an earlier one fails, or after
/// [`ATTEMPT_DELAY`]. The attempts that lose are cancelled. If all fail, returns the error of the one that failed last.
pub(super) async fn connect_first<C: Send + 'static, F>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<(SocketAddr, C)>
where
    F: Future<Output = io::Result<C>> + Send + 'static,
{
    // Dropping the set cancels its tasks.
    let mut attempts = JoinSet::new();
    let mut last_error = None;
    let mut addresses = addresses.into_iter();
    loop {
        let next = addresses.next();
        let is_last = next.is_none();
        if let Some(address) = next {
            let attempt = connect(address);
            attempts.spawn(async move { attempt.await.map(|connection| (address, connection)) });
        }
        let patience = if is_last { Duration::MAX } else { ATTEMPT_DELAY };
        match timeout(patience, attempts.join_next()).await {
            Err(_elapsed) => {}
            Ok(Some(Ok(Ok(connected)))) => return Ok(connected),
            Ok(Some(Ok(Err(error)))) => last_error = Some(error),
            Ok(Some(Err(error))) => last_error = Some(io::Error::other(error)),
            Ok(None) => return Err(last_error.unwrap_or_else(|| io::Error::other("no address to connect to"))),
        }
    }
}
