//! The order and the times of connection attempts.

use std::future::pending;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::checks::shared::connector::staggered::{connect_first, in_order};

/// What an address does with a connection attempt.
#[derive(Debug, Clone, Copy)]
enum Peer {
    AcceptsAfter(u64),
    FailsAfter(u64, ErrorKind),
    DropsPackets,
}
use Peer::{AcceptsAfter, DropsPackets, FailsAfter};

const REFUSED: ErrorKind = ErrorKind::ConnectionRefused;
const UNREACHABLE: ErrorKind = ErrorKind::HostUnreachable;

fn v4(last: usize) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, u8::try_from(last).unwrap())), 80)
}

fn v6(last: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last)), 80)
}

/// Connects to these peers and returns the index of the winner or the error, the time that it took, and when each attempt
/// started, in milliseconds.
async fn connect(peers: &[Peer]) -> (Result<usize, ErrorKind>, u128, Vec<u128>) {
    let began = Instant::now();
    let started = Arc::new(Mutex::new(Vec::new()));
    let table: Vec<_> = (0..).map(v4).zip(peers.iter().copied()).collect();
    let addresses = table.iter().map(|(address, _)| *address).collect();
    let attempt = |address| {
        started.lock().unwrap().push(began.elapsed().as_millis());
        let (_, peer) = *table.iter().find(|(at, _)| *at == address).unwrap();
        async move {
            match peer {
                AcceptsAfter(millis) => {
                    sleep(Duration::from_millis(millis)).await;
                    Ok(())
                }
                FailsAfter(millis, kind) => {
                    sleep(Duration::from_millis(millis)).await;
                    Err(io::Error::from(kind))
                }
                DropsPackets => pending().await,
            }
        }
    };
    let result = connect_first(addresses, attempt).await;
    let winner = result.map(|(address, ())| table.iter().position(|(at, _)| *at == address).unwrap());
    let started = started.lock().unwrap().clone();
    (winner.map_err(|error| error.kind()), began.elapsed().as_millis(), started)
}

#[tokio::test(start_paused = true)]
async fn attempts_start_250_ms_apart_or_after_a_failure() {
    let table: [(&[Peer], _, u128, &[u128]); 11] = [
        (&[AcceptsAfter(10)], Ok(0), 10, &[0]),
        (&[AcceptsAfter(10), AcceptsAfter(0)], Ok(0), 10, &[0]),
        (&[AcceptsAfter(249), AcceptsAfter(0)], Ok(0), 249, &[0]),
        (&[AcceptsAfter(300), AcceptsAfter(100)], Ok(0), 300, &[0, 250]),
        (&[AcceptsAfter(900), AcceptsAfter(100)], Ok(1), 350, &[0, 250]),
        (&[DropsPackets, AcceptsAfter(1)], Ok(1), 251, &[0, 250]),
        (&[DropsPackets, DropsPackets, AcceptsAfter(1)], Ok(2), 501, &[0, 250, 500]),
        (&[FailsAfter(5, REFUSED), AcceptsAfter(1)], Ok(1), 6, &[0, 5]),
        (&[DropsPackets, FailsAfter(5, REFUSED), AcceptsAfter(1)], Ok(2), 256, &[0, 250, 255]),
        (&[FailsAfter(5, REFUSED), FailsAfter(7, UNREACHABLE)], Err(UNREACHABLE), 12, &[0, 5]),
        (&[FailsAfter(400, REFUSED), FailsAfter(7, UNREACHABLE)], Err(REFUSED), 400, &[0, 250]),
    ];
    for (peers, winner, took, started) in table {
        assert_eq!(connect(peers).await, (winner, took, started.to_vec()), "{peers:?}");
    }
}

#[tokio::test]
async fn no_address_is_an_error() {
    let (result, _, started) = connect(&[]).await;
    assert_eq!((result, started.len()), (Err(ErrorKind::Other), 0));
}

#[test]
fn families_alternate_and_the_working_address_is_first() {
    let resolved = || vec![v6(1), v6(2), v6(3), v4(1), v4(2)];
    let alternating = [v6(1), v4(1), v6(2), v4(2), v6(3)];
    assert_eq!(in_order(resolved(), None), alternating);
    assert_eq!(in_order(resolved(), Some(v4(9))), alternating, "it no longer belongs to the name");
    assert_eq!(in_order(resolved(), Some(v4(2))), [v4(2), v6(1), v4(1), v6(2), v6(3)]);
    assert_eq!(in_order(vec![v4(2), v4(1), v6(1)], None), [v4(2), v6(1), v4(1)]);
    assert_eq!(in_order(vec![], Some(v4(1))), []);
}
