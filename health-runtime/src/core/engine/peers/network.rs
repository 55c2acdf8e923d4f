//! How peers are found and asked, without the transport.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use crate::core::model::status::Status;

/// The header in which an instance sends its id with a question.
pub(crate) const OWN_ID_HEADER: &str = "x-health-peer";

/// A future of a [`PeerNetwork`].
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub type PeerFuture<'n, T> = Pin<Box<dyn Future<Output = T> + Send + 'n>>;

/// The result of a check at a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub struct PeerAnswer {
    /// The status of the check.
    pub status: Status,
    /// The time since its last run finished.
    pub age: Duration,
}

/// How peers are found and asked.
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name it"))]
pub trait PeerNetwork: Send + Sync + 'static {
    /// Returns the addresses of the instances in rotation, this one included. An error keeps the last ones.
    fn look_up(&self) -> PeerFuture<'_, io::Result<Vec<SocketAddr>>>;

    /// Returns the result of a check at a peer. `None` does not count: there is no response, or the check is not in it.
    fn ask<'n>(&'n self, peer: SocketAddr, check: &'n str) -> PeerFuture<'n, Option<PeerAnswer>>;

    /// Returns what this instance puts into its questions, so that it does not answer its own.
    fn own_id(&self) -> Option<&str> {
        None
    }

    /// Returns a random number, for choices and delays.
    fn random(&self) -> u64 {
        RandomState::new().hash_one(0)
    }
}
