//! How the replicas of a simulated fleet find and ask each other.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use health_runtime::{Kind, PeerAnswer, PeerFuture, PeerNetwork, Peers};
use tokio::time::sleep;

use super::fleet::Fleet;

/// The time of one lookup or question in the network.
const LATENCY: Duration = Duration::from_millis(2);
const PORT: u16 = 8080;

/// The other replicas, as the replica `own` finds them.
struct FleetNetwork {
    fleet: Weak<Fleet>,
    own: usize,
}

/// Returns the peers of a replica.
pub(crate) fn peers(fleet: Weak<Fleet>, own: usize) -> Peers {
    Peers::simulated(FleetNetwork { fleet, own })
}

impl FleetNetwork {
    fn fleet(&self) -> io::Result<Arc<Fleet>> {
        self.fleet.upgrade().ok_or_else(|| io::Error::other("the simulation has ended"))
    }
}

impl PeerNetwork for FleetNetwork {
    fn look_up(&self) -> PeerFuture<'_, io::Result<Vec<SocketAddr>>> {
        Box::pin(async {
            sleep(LATENCY).await;
            Ok(self.fleet()?.resolve().into_iter().map(address).collect())
        })
    }

    fn ask<'n>(&'n self, peer: SocketAddr, check: &'n str) -> PeerFuture<'n, Option<PeerAnswer>> {
        Box::pin(async move {
            let index = index(peer)?;
            if index == self.own {
                return None;
            }
            sleep(LATENCY).await;
            let health = self.fleet().ok()?.replica(index).health()?;
            let report = health.report(Kind::Readiness).await;
            let check = report.check(check)?;
            Some(PeerAnswer { status: check.status(), age: check.age()? })
        })
    }

    fn random(&self) -> u64 {
        self.fleet().map_or(0, |fleet| fleet.random().next())
    }
}

/// Returns the address of a replica: its index, in the network 10.0.0.0/8.
fn address(index: usize) -> SocketAddr {
    let index = u32::try_from(index).expect("a small fleet");
    (Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 0)) + index), PORT).into()
}

fn index(address: SocketAddr) -> Option<usize> {
    let SocketAddr::V4(address) = address else { return None };
    let index = u32::from(*address.ip()).checked_sub(u32::from(Ipv4Addr::new(10, 0, 0, 0)))?;
    usize::try_from(index).ok()
}
