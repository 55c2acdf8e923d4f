//! Asks other instances, the peers, when a check of a shared dependency fails: if it fails there too, this instance stays in
//! rotation, degraded, because no other could serve in its place.
//!
//! A run that fails after a good one asks before its end is published, for as long as a probe may wait
//! (`CheckRunner::ask_before_end`). From then on a task for each such check (`watch`) looks the peers up, asks them and decides.
//! Both change only the `failure_cap` in the state of the check, under its lock; the task publishes that as every change of a state.
//! The lock of the directory is a leaf. No lock is held while they wait. A peer is asked for its own result, and asks
//! no other because of that; a liveness check never asks.

mod directory;
mod network;
pub(super) mod peer_watch;
mod policy;
mod votes;
mod watch;

pub(crate) use network::OWN_ID_HEADER;
#[cfg_attr(not(feature = "test-util"), expect(unreachable_pub, reason = "only simulations name them"))]
pub use network::{PeerAnswer, PeerFuture, PeerNetwork};
pub(crate) use policy::{PeerPolicy, QUESTION_TIMEOUT};
pub(super) use watch::watch;
